"""Words and their vectors: lookup, similarity, neighbours. Names and results follow gensim's."""

from collections.abc import Iterable
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from w2v.arguments import checked_flag, checked_path, truth
from w2v.formats.writing import format_by_name, write
from w2v.vectors.keys import Word, several
from w2v.vectors.neighbours import Neighbours

if TYPE_CHECKING:
    from w2v.vectors.evaluation import AnalogyScores, SimilarityScores


class KeyedVectors(Neighbours):
    """V distinct words, the commonest first, and a vector of d numbers for each.

    vectors: float32 (V, d), not to be changed once asked. index_to_key: the words.
    key_to_index: the row of each word. counts: int64 (V,), how often each word was seen, or None.
    defects: what `w2v.load` left out of a damaged file. subwords: of a fastText model, what the
    vectors of unseen words are made of; else None.

    Wherever a word is asked for, its row number does too. A word that is not there raises
    MissingWordError, a KeyError, which names it and near spellings; with subwords it has a vector.
    Iterating gives the V words. `==` is true of the same object alone: words and numbers are
    compared by `index_to_key` and `vectors`.
    """

    def vectors_for_all(self, keys: Iterable[Word], allow_inference: bool = True) -> "KeyedVectors":
        """Return new vectors of those words that are there, each once, in the order given.

        allow_inference: also of words whose vector can be made up, where these vectors can do so.
        Counts come along where they are known, 0 for a word that was not counted.
        """
        is_inferred = truth("allow_inference", allow_inference)
        is_there = self.__contains__ if is_inferred else self.has_index_for
        words = list(dict.fromkeys(self._spelled(key) for key in several(keys) if is_there(key)))
        found = [self.get_vector(word) for word in words]
        vectors = np.array(found, dtype=np.float32).reshape(len(words), self.vector_size)
        if self.counts is None:
            return KeyedVectors(words, vectors)
        rows = [self.get_index(word, -1) for word in words]
        counts = [int(self.counts[row]) if row >= 0 else 0 for row in rows]
        return KeyedVectors(words, vectors, counts)

    def _spelled(self, word: Word) -> str:
        return word if isinstance(word, str) else self.index_to_key[word]

    def evaluate_word_analogies(
        self,
        analogies: str | PathLike[str],
        restrict_vocab: int | None = 300_000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> "AnalogyScores":
        """Answer a file of analogy questions; see w2v.vectors.evaluation.evaluate_analogies.

        restrict_vocab: by default as many words as gensim takes; `w2v.evaluate` takes 30,000.
        """
        from w2v.vectors import evaluation  # noqa: PLC0415  (it is about this class)

        questions = evaluation.read_analogies(checked_path("analogies", analogies))
        return evaluation.evaluate_analogies(
            self, questions, restrict_vocab, case_insensitive, dummy4unknown
        )

    def evaluate_word_pairs(
        self,
        pairs: str | PathLike[str],
        *,
        restrict_vocab: int | None = 300_000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> "SimilarityScores":
        """Compare with human similarity scores; see w2v.vectors.evaluation.evaluate_pairs."""
        from w2v.vectors import evaluation  # noqa: PLC0415

        judged = evaluation.read_pairs(checked_path("pairs", pairs))
        return evaluation.evaluate_pairs(
            self, judged, restrict_vocab, case_insensitive, dummy4unknown
        )

    def save(self, path: str | PathLike[str], binary: bool | None = None) -> None:
        """Write the vectors in the format that the name tells, atomically.

        .bin, .w2v and names without an end are word2vec's binary format, .txt and .vec its text,
        .safetensors keeps the counts too, .npy is NumPy's with the words beside it in .vocab, .tsv
        the Embedding Projector's. A further .gz, .bz2, .xz, .zst or .zip compresses. `w2v.convert`
        does more.

        binary: True or False chooses between word2vec's formats, whatever the name.

        Raises ConfigError for a name with another end, FormatError for a word that the format
        cannot hold, W2VError where the file cannot be written; an old one then stays as it was.
        """
        target = checked_path("path", path)
        if binary is None:
            chosen = format_by_name(target, "binary=True")
        else:
            chosen = "word2vec" if checked_flag("binary", binary) else "text"
        write(target, chosen, self.index_to_key, self.vectors, self.counts)
