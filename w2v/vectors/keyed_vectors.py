"""Words and their vectors: lookup, similarity, neighbours. Names and results follow gensim's."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.errors import ConfigError, MissingWordError
from w2v.formats import word2vec_binary, word2vec_text
from w2v.formats.word_matrix import Defect
from w2v.vectors.keys import Key, Keys, Weight, Word, check_restriction, weighted
from w2v.vectors.missing import MissingWord
from w2v.vectors.nearest import largest, row_norms, unit_vector

if TYPE_CHECKING:
    from w2v.vectors.evaluation import AnalogyScores, SimilarityScores

Vector = NDArray[np.float32]
_ONE = np.float32(1)
_TEXT_SUFFIXES = (".txt", ".vec")
_COMPRESSED_SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zip")


class KeyedVectors:
    """V distinct words, the commonest first, and a vector of d numbers for each.

    vectors: float32 (V, d), not to be changed once asked. index_to_key: the words.
    key_to_index: the row of each word. counts: int64 (V,), how often each word was seen, or None.
    defects: what `w2v.load` left out of a damaged file.

    Wherever a word is asked for, its row number does too. A word that is not there raises
    MissingWordError, a KeyError, which names it and near spellings.
    """

    def __init__(
        self,
        words: Sequence[str],
        vectors: ArrayLike,
        counts: ArrayLike | None = None,
        defects: tuple[Defect, ...] = (),
        distinct: bool = False,
    ) -> None:
        """Take words (V,), vectors (V, d), and counts (V,) where known; arrays are not copied.

        distinct: whether the words are known to be distinct, which then is not checked.

        Raises ConfigError where the lengths differ or a word is there twice.
        """
        self.index_to_key = list(words)
        self.vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self.counts = None if counts is None else np.asarray(counts, dtype=np.int64)
        self.defects = defects
        size = len(self.index_to_key)
        if self.vectors.ndim != 2 or len(self.vectors) != size:
            raise ConfigError(f"{size} words need as many rows, not {self.vectors.shape}.")
        if self.counts is not None and self.counts.shape != (size,):
            raise ConfigError(f"{size} words need as many counts, not {self.counts.shape}.")
        if not distinct and len(self.key_to_index) < size:
            raise ConfigError(f"The {size} words are not distinct; give each word once.")
        self._norms: Vector | None = None

    @cached_property
    def key_to_index(self) -> dict[str, int]:
        """The row of each word; made when it is first asked for."""
        return dict(zip(self.index_to_key, range(len(self)), strict=True))

    @property
    def vector_size(self) -> int:
        """The number of dimensions d."""
        return int(self.vectors.shape[1])

    @property
    def norms(self) -> Vector:
        """The lengths of the vectors, float32 (V,), 1 for a zero vector; computed once."""
        if self._norms is None:
            self._norms = row_norms(self.vectors)
        return self._norms

    def __repr__(self) -> str:
        return f"KeyedVectors({len(self)} words, vector_size={self.vector_size})"

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __contains__(self, word: object) -> bool:
        if isinstance(word, (int, np.integer)):
            return bool(0 <= word < len(self))
        return word in self.key_to_index

    def __getitem__(self, word_or_words: Word | Iterable[Word]) -> Vector:
        """Return the vector (d,) of a word, or the vectors (n, d) of an iterable of words."""
        if isinstance(word_or_words, (str, int, np.integer)):
            return self.get_vector(word_or_words)
        return self.vectors[self._rows(word_or_words)]

    def get_index(self, word: Word) -> int:
        """Return the row of a word."""
        row = self.key_to_index.get(word, -1) if isinstance(word, str) else word
        if isinstance(row, (int, np.integer)) and 0 <= row < len(self):
            return int(row)
        raise MissingWordError(MissingWord(word, self.index_to_key, self.key_to_index))

    def _rows(self, words: Iterable[Word]) -> NDArray[np.intp]:
        return np.array([self.get_index(word) for word in words], dtype=np.intp)

    def get_vector(self, word: Word, norm: bool = False) -> Vector:
        """Return the vector of a word as a read-only view (d,), or scaled to length 1."""
        row = self.get_index(word)
        vector: Vector = self.vectors[row] / self.norms[row] if norm else self.vectors[row]
        vector.setflags(write=False)
        return vector

    def get_normed_vectors(self) -> Vector:
        """Return a copy of all vectors scaled to length 1, (V, d)."""
        normed: Vector = self.vectors / self.norms[:, np.newaxis]
        return normed

    def get_count(self, word: Word) -> int | None:
        """Return how often a word was seen in training, or None where the file did not say."""
        row = self.get_index(word)
        return None if self.counts is None else int(self.counts[row])

    def similarity(self, first: Word, second: Word) -> float:
        """Return the cosine of the angle between two words' vectors, from -1 to 1."""
        return float(np.dot(unit_vector(self[first]), unit_vector(self[second])))

    def distance(self, first: Word, second: Word) -> float:
        """Return the cosine distance of two words, 1 - similarity, from 0 to 2."""
        return 1.0 - self.similarity(first, second)

    def euclidean_distance(self, first: Word, second: Word) -> float:
        """Return the Euclidean distance between two words' vectors as they are, not scaled."""
        return float(np.linalg.norm(self[first] - self[second]))

    def distances(self, word_or_vector: Key, other_words: Iterable[Word] = ()) -> Vector:
        """Return the cosine distances of a word or vector to other words, or to all (V,)."""
        vector = self._vector(word_or_vector)
        others = list(other_words)
        rows = self._rows(others) if others else slice(None)
        length = np.linalg.norm(vector) or 1
        similarities = np.dot(self.vectors[rows], vector) / (length * self.norms[rows])
        return np.asarray(1 - similarities, dtype=np.float32)

    def closer_than(self, word: Word, other: Word) -> list[str]:
        """Return the words that are nearer to `word` than `other` is."""
        distances = self.distances(word)
        nearer = np.flatnonzero(distances < distances[self.get_index(other)])
        row = self.get_index(word)
        return [self.index_to_key[index] for index in nearer if index != row]

    def rank(self, word: Word, other: Word) -> int:
        """Return the place of `other` among the neighbours of `word`, from 1 for the nearest."""
        return len(self.closer_than(word, other)) + 1

    def n_similarity(self, first: Sequence[Word], second: Sequence[Word]) -> float:
        """Return the cosine between the means of two lists of words."""
        means = [self._mean([(key, _ONE) for key in words]) for words in (first, second)]
        return float(np.dot(unit_vector(means[0]), unit_vector(means[1])))

    def doesnt_match(self, words: Sequence[Word]) -> str:
        """Return the word farthest from the mean of the (unit) vectors of all the words."""
        rows = [self.get_index(word) for word in words]
        units = [self.get_vector(row, norm=True) for row in rows]
        mean = unit_vector(self._mean([(unit, _ONE) for unit in units])).astype(np.float32)
        similarities = np.dot(np.vstack(units), mean)
        return min(zip(similarities, (self.index_to_key[row] for row in rows), strict=True))[1]

    def most_similar(
        self,
        positive: Keys = None,
        negative: Keys = None,
        topn: int | None = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: int | None = None,
    ) -> Any:
        """Return the words nearest by cosine to the mean of `positive` less `negative`.

        positive, negative: words, vectors (d,), or (word or vector, weight) pairs, or one of them.
        Words count with length 1, vectors as they are; the words given are not among the result.
        topn: how many; None returns the similarities with all words as an array.
        restrict_vocab: search only the first so many words; clip_start, clip_end: only these rows.

        Returns a list of (word, similarity), the nearest first.

        Raises ConfigError where nothing is given, a vector has the wrong shape or
        restrict_vocab is less than 1.
        """
        if topn is not None and topn < 1:
            return []
        given = [*weighted(positive, 1.0), *weighted(negative, -1.0)]
        mean = unit_vector(self._mean(given, normalize=True)).astype(np.float32)
        rows = slice(clip_start, clip_end)
        if restrict_vocab is not None:
            check_restriction(restrict_vocab)
            rows = slice(0, restrict_vocab)
        similarities = np.dot(self.vectors[rows], mean) / self.norms[rows]
        if topn is None:
            return similarities
        given_rows = [self.get_index(key) for key, _ in given if not isinstance(key, np.ndarray)]
        best = largest(similarities, topn + len(given_rows)).tolist()
        start = rows.indices(len(self))[0]
        found = [(start + row, float(similarities[row])) for row in best]
        others = [(self.index_to_key[row], near) for row, near in found if row not in given_rows]
        return others[:topn]

    def similar_by_word(
        self, word: Word, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """Return the nearest neighbours of a word, as most_similar does."""
        return self.most_similar([word], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_vector(
        self, vector: ArrayLike, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """Return the words nearest to a vector (d,), as most_similar does."""
        array = np.asarray(vector, dtype=np.float32)
        return self.most_similar([array], topn=topn, restrict_vocab=restrict_vocab)

    def _vector(self, key: Key, normalize: bool = False) -> NDArray[Any]:
        if not isinstance(key, np.ndarray):
            return self.get_vector(key, norm=normalize)
        if key.shape != (self.vector_size,) or not np.isfinite(key).all():
            raise ConfigError(
                f"A vector has to hold {self.vector_size} finite numbers, not shape {key.shape}."
            )
        return key

    def _mean(self, given: Sequence[tuple[Key, Weight]], normalize: bool = False) -> NDArray[Any]:
        """Return the weighted mean of words and vectors, (d,)."""
        if not given:
            raise ConfigError("A mean needs at least one word; give some words or vectors.")
        mean = np.zeros(self.vector_size, dtype=np.float32)
        for key, weight in given:
            mean += weight * self._vector(key, normalize)
        total = sum(abs(weight) for _, weight in given)
        return mean / total if total else mean

    def evaluate_word_analogies(
        self,
        analogies: str | PathLike[str],
        restrict_vocab: int | None = 30_000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> "AnalogyScores":
        """Answer a file of analogy questions; see w2v.vectors.evaluation.evaluate_analogies."""
        from w2v.vectors import evaluation  # noqa: PLC0415  (it is about this class)

        questions = evaluation.read_analogies(Path(analogies))
        return evaluation.evaluate_analogies(
            self, questions, restrict_vocab, case_insensitive, dummy4unknown
        )

    def evaluate_word_pairs(
        self,
        pairs: str | PathLike[str],
        restrict_vocab: int | None = None,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> "SimilarityScores":
        """Compare with human similarity scores; see w2v.vectors.evaluation.evaluate_pairs."""
        from w2v.vectors import evaluation  # noqa: PLC0415

        judged = evaluation.read_pairs(Path(pairs))
        return evaluation.evaluate_pairs(
            self, judged, restrict_vocab, case_insensitive, dummy4unknown
        )

    def save(self, path: str | PathLike[str], binary: bool | None = None) -> None:
        """Write a word2vec file: text where the name ends in .txt or .vec, else binary.

        binary: True or False chooses whatever the name. Counts are not kept by either format.

        Raises FormatError where a word is empty or holds a space, ConfigError for the name of a
        compressed file, W2VError where the file cannot be written.
        """
        target = Path(path)
        check_uncompressed(target)
        as_text = target.suffix.lower() in _TEXT_SUFFIXES if binary is None else not binary
        write = word2vec_text.write if as_text else word2vec_binary.write
        write(target, self.index_to_key, self.vectors)


def check_uncompressed(path: Path) -> None:
    """Raise ConfigError for the name of a compressed file, which is not written here."""
    if path.suffix.lower() in _COMPRESSED_SUFFIXES:
        raise ConfigError(
            f"Vectors are written uncompressed; save {path.with_suffix('')} and compress it."
        )
