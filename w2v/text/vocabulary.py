"""Counting: a corpus in, a frozen vocabulary out."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from w2v.errors import CorpusError
from w2v.text.corpus import Corpus
from w2v.text.tokenising import Draft, tokenise


@dataclass(frozen=True)
class Vocabulary:
    """The words that get vectors, commonest first; of equal counts the first seen comes first.

    words: V distinct words; a word's place is its id.
    counts: int64 (V,), descending.
    corpus_words: number of all words of the corpus, those outside the vocabulary too.
    distinct_words: how many different words the corpus holds.
    drafts: the corpus as it was read for counting, until `encode_corpus` takes it.
    """

    words: list[str]
    counts: NDArray[np.int64]
    corpus_words: int
    distinct_words: int
    drafts: list[Draft] = field(default_factory=list, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def index(self) -> dict[str, int]:
        """From a word to its id."""
        return {word: k for k, word in enumerate(self.words)}

    @property
    def tokens(self) -> int:
        """Number of words of the corpus that are in the vocabulary."""
        return int(self.counts.sum())


def count_vocabulary(
    corpus: Corpus,
    min_count: int = 5,
    max_vocabulary: int | None = None,
    workers: int = 1,
    memory_limit: int | None = None,
) -> Vocabulary:
    """Read a corpus, count its words and keep the common ones.

    Parameters:
        corpus: from `open_corpus`.
        min_count: leave out words seen less often.
        max_vocabulary: keep at most so many; None keeps all.
        workers: threads that count.
        memory_limit: bytes of words' numbers, kept for encoding, above which they go to unnamed
            temporary files (in $TMPDIR); None is a quarter of the machine's memory.

    Raises CorpusError where the corpus has no words, or none is left.
    """
    text = tokenise(corpus, workers, memory_limit)
    table, size = text.table, len(text.table)
    if size == 0:
        raise CorpusError(f"The corpus {corpus} holds no words; give a text with words in it.")
    counts = table.counts()
    kept = np.flatnonzero(counts >= min_count)
    if len(kept) == 0:
        raise CorpusError(
            f"No word of {corpus} is left with min_count {min_count}: the commonest of its "
            f"{size:,} words is seen {counts.max():,} times; lower min_count or give more text."
        )
    order = np.lexsort((table.first_seen[kept], -counts[kept]))
    kept = kept[order][:max_vocabulary]
    words = table.words(kept)
    if len(words) == 1:
        raise CorpusError(
            f"The vocabulary of {corpus} has one word only, {shown(words[0])}: "
            "there is nothing to tell it from; lower min_count or give more text."
        )
    ids = np.full(size, -1, dtype=np.int32)
    ids[kept] = np.arange(len(kept))
    return Vocabulary(words, counts[kept], int(counts.sum()), size, drafts=[text.draft(ids)])


def shown(word: str) -> str:
    """Return a word in quotes for a message, cut where it is very long."""
    return repr(word if len(word) <= 40 else word[:40] + "…")
