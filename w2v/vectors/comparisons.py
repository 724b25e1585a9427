"""How near words are to each other: similarities, distances, ranks, the odd one out."""

from collections.abc import Iterable, Sequence

import numpy as np

from w2v.vectors.keys import Key, Word
from w2v.vectors.lookup import Lookup, Vector
from w2v.vectors.nearest import unit_vector

_ONE = np.float32(1)


class Comparisons(Lookup):
    """Comparisons of words that are named, by the cosine where nothing else is said."""

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
