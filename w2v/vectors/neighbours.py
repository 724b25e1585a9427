"""Which words are nearest: neighbours of words, of vectors, of sums of both."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.errors import ConfigError
from w2v.vectors.batches import has_near_tie, nearest_to_each, unit_rows
from w2v.vectors.comparisons import Comparisons
from w2v.vectors.keys import (
    Key,
    Keys,
    Word,
    check_count,
    checked_vector,
    searched_rows,
    several,
    unweighted,
    weighted,
)
from w2v.vectors.nearest import largest, unit_vector

if TYPE_CHECKING:
    from w2v.vectors.index import VectorIndex

_TINY = 0.000001  # so that a likeness of 0 can be divided by


class Neighbours(Comparisons):
    """Searches among all words for those nearest by cosine."""

    def most_similar(
        self,
        positive: Keys = None,
        negative: Keys = None,
        topn: int | None = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: int | None = None,
        indexer: "VectorIndex | None" = None,
    ) -> Any:
        """Return the words nearest by cosine to the mean of `positive` less `negative`.

        positive, negative: words, vectors (d,), or (word or vector, weight) pairs, or one of them.
        Words count with length 1, vectors as they are; the words given are not among the result.
        topn: how many; None returns the similarities with all words as an array.
        restrict_vocab: search only the first so many words; clip_start, clip_end: only these rows.
        indexer: an approximate index of all words, from build_index or load_index. It may miss
            some of the nearest; with topn=None it is not used.

        Returns a list of (word, similarity), the nearest first.

        Raises ConfigError where nothing is given, a vector has the wrong shape, or a number is
        out of range.
        """
        rows = searched_rows(clip_start, clip_end, restrict_vocab)
        given = [*weighted(positive, 1.0), *weighted(negative, -1.0)]
        mean = unit_vector(self._mean(given, normalize=True)).astype(np.float32)
        own = self._own_rows(key for key, _ in given)
        if indexer is not None and topn is not None:
            return self._checked(indexer, rows).nearest(mean[np.newaxis], topn, [own])[0]
        similarities = self.products(mean, rows) / self.norms[rows]
        return self._best(similarities, rows, own, topn)

    def most_similar_cosmul(
        self,
        positive: Keys = None,
        negative: Keys = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
    ) -> Any:
        """Return the words that are like all of `positive` and unlike all of `negative`.

        The similarities, shifted to 0 … 1, are multiplied where most_similar adds them, so that
        no single one decides. The words given are not among the result.

        positive, negative: words or vectors (d,), which should have length 1, or one of them.
            Vectors of float64 or of integers give float64.
        topn, restrict_vocab: as for most_similar.

        Returns a list of (word, product of the likenesses over that of the others).

        Raises ConfigError as most_similar does, and for weights, which have no place here.
        Source: Levy and Goldberg, Linguistic Regularities in Sparse and Explicit Word
        Representations, CoNLL 2014, equation 4.
        """
        rows = searched_rows(0, None, restrict_vocab)
        wanted, unwanted = _unweighted(positive), _unweighted(negative)
        likenesses, unlikenesses = (
            [self._likeness(key, rows) for key in keys] for keys in (wanted, unwanted)
        )
        if not likenesses:
            raise ConfigError("This needs at least one word in `positive`.")
        scores = np.prod(likenesses, axis=0) / (np.prod(unlikenesses, axis=0) + _TINY)
        own = self._own_rows([*wanted, *unwanted])
        return self._best(scores, rows, set(own), topn)

    def _likeness(self, key: Key, rows: slice) -> NDArray[Any]:
        """Return the similarities of words with a word or a unit vector, shifted to 0 … 1."""
        vector = self._vector(key, normalize=True)
        shifted: NDArray[Any] = (1 + self.products(vector, rows) / self.norms[rows]) / 2
        return shifted

    def _own_rows(self, keys: Iterable[Key]) -> list[int]:
        """Return the rows of those keys that have one."""
        return [row for row in map(self._row, keys) if row >= 0]

    def _best(
        self, scores: NDArray[Any], rows: slice, own: Collection[int], topn: int | None
    ) -> Any:
        """Return the best of the words scored, but for rows `own`, or all scores for None."""
        if topn is None:
            return scores
        check_count(topn)
        best = largest(scores, topn + len(own)).tolist() if topn else []
        start = rows.indices(len(self))[0]
        found = [(start + row, float(scores[row])) for row in best]
        return [(self.index_to_key[row], score) for row, score in found if row not in own][:topn]

    def _checked(self, indexer: "VectorIndex", rows: slice) -> "VectorIndex":
        from w2v.vectors.index import checked  # noqa: PLC0415  (only where there is one)

        return checked(indexer, self, range(*rows.indices(len(self))))

    def most_similar_batch(
        self,
        keys: Iterable[Key],
        topn: int = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: int | None = None,
        indexer: "VectorIndex | None" = None,
    ) -> list[list[tuple[str, float]]]:
        """Return for each of many words or vectors what most_similar returns for it alone.

        keys: words, vectors (d,), or a matrix of vectors (m, d). Blocks of them take one product
        with the vectors, so thousands cost a fraction of as many calls, in bounded memory. The
        similarities differ from those of single calls by a few 1e-7; where words are as near to
        each other as that, it is asked as in a single call, so that their order is the same.
        topn, clip_start, clip_end, restrict_vocab, indexer: as for most_similar; topn may not be
            None.

        Raises MissingWordError, or ConfigError as most_similar does, before anything is searched.
        """
        check_count(topn)
        part = searched_rows(clip_start, clip_end, restrict_vocab)
        searched = range(*part.indices(len(self)))
        asked = unweighted(several(keys))
        if not asked or not topn or not searched:
            return [[] for _ in asked]
        vectors = np.stack([self._vector(key, normalize=True) for key in asked])
        own = list(map(self._row, asked))
        if indexer is not None:
            index = self._checked(indexer, part)
            return index.nearest(unit_rows(vectors), topn, [[row] for row in own])
        # One more than asked for, which may be as near as the last.
        blocks = nearest_to_each(
            self.products, self.norms, unit_rows(vectors), np.array(own), searched, topn + 1
        )
        nearest = (both for rows, scores in blocks for both in zip(rows, scores, strict=True))
        return [
            self.most_similar([key], None, topn, clip_start, clip_end, restrict_vocab)
            if has_near_tie(scores)
            else self._answers(rows, scores, topn)
            for key, (rows, scores) in zip(asked, nearest, strict=True)
        ]

    def _answers(
        self, rows: NDArray[np.intp], scores: NDArray[np.float32], topn: int
    ) -> list[tuple[str, float]]:
        found = zip(rows.tolist(), scores.tolist(), strict=True)
        return [(self.index_to_key[row], score) for row, score in found if score > -np.inf][:topn]

    def similar_by_key(
        self, key: Word, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """Return the nearest neighbours of a word, as most_similar does."""
        return self.most_similar([key], topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_word(
        self, word: Word, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """Return the nearest neighbours of a word, as most_similar does."""
        return self.similar_by_key(word, topn, restrict_vocab)

    def similar_by_vector(
        self, vector: ArrayLike, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> Any:
        """Return the words nearest to a vector (d,), as most_similar does."""
        array = checked_vector(vector, self.vector_size)
        return self.most_similar([array], topn=topn, restrict_vocab=restrict_vocab)

    def relative_cosine_similarity(self, wa: Word, wb: Word, topn: int = 10) -> float:
        """Return the similarity of two words over the sum of those of `wa`'s neighbours.

        topn: how many neighbours, 1 or more. With 10, more than 0.1 hints at a synonym.

        Source: Leeuwenberg et al., A Minimally Supervised Approach for Synonym Extraction with
        Word Embeddings, 2016, equation 1.
        """
        check_count(topn)
        neighbours = self.similar_by_word(wa, topn)
        total = float(sum(similarity for _, similarity in neighbours))
        if total == 0:
            raise ConfigError(
                "This divides by the similarities of the nearest words, which must not sum to 0:"
                f" {wa!r} has none such among its nearest {topn}."
            )
        return self.similarity(wa, wb) / total


def _unweighted(keys: Keys) -> list[Key]:
    """Return keys in any of the forms that most_similar allows, but for the weights."""
    if isinstance(keys, Iterable) and not isinstance(keys, (str, np.ndarray)):
        keys = unweighted(several(keys))
    return [key for key, _ in weighted(keys, 1.0)]
