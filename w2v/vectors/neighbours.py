"""Which words are nearest: neighbours of words, of vectors, of sums of both."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from w2v.vectors.comparisons import Comparisons
from w2v.vectors.keys import Keys, Word, check_restriction, weighted
from w2v.vectors.nearest import largest, unit_vector


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
        words = [key for key, _ in given if not isinstance(key, np.ndarray)]
        given_rows = [self.get_index(word) for word in words if self.has_index_for(word)]
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
