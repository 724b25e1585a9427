"""The words that an evaluation may use: a part of the vocabulary, perhaps without case."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from w2v.arguments import truth
from w2v.vectors.query_arguments import check_restrict_vocab
from w2v.vectors.types import Rows, WordVectors
from w2v.word_rows import rows_of


@dataclass(frozen=True)
class EvaluationVocabulary:
    """The first V words, and the row of each as a test set may spell it.

    rows: the row of each word, in capitals where case does not count.
    spelling: intp (V,), for each row the first row of the same word in any spelling.
    """

    rows: Mapping[str, int]
    spelling: Rows
    case_insensitive: bool

    def row(self, word: str) -> int:
        """Return the row of a word of a test set, or -1."""
        return self.rows.get(word.upper() if self.case_insensitive else word, -1)


def evaluation_vocabulary(
    vectors: WordVectors, restrict_vocab: int | None, case_insensitive: bool
) -> EvaluationVocabulary:
    """Return the words that an evaluation may use; ConfigError for a value out of range."""
    case_insensitive = truth("case_insensitive", case_insensitive)
    if restrict_vocab is not None:
        check_restrict_vocab(restrict_vocab)
    words = vectors.index_to_key[:restrict_vocab]
    folded = list(map(str.upper, words)) if case_insensitive else words
    rows = dict(zip(reversed(folded), range(len(words) - 1, -1, -1), strict=True))
    is_plain = len(rows) == len(words)
    spelling = np.arange(len(words)) if is_plain else rows_of(folded, rows)
    return EvaluationVocabulary(rows, spelling, case_insensitive)
