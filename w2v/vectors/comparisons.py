"""How near words are to each other: similarities, distances, ranks, the odd one out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.arguments import truth
from w2v.errors import ConfigError
from w2v.vectors.keys import Key, Word, at_least_one, several
from w2v.vectors.lookup import Lookup
from w2v.vectors.nearest import comparable, lengths_of, row_norms, unit_vector
from w2v.vectors.transport import transport_cost, unshared

_ONE = np.float32(1)


class Comparisons(Lookup):
    """Comparisons of words that are named, by the cosine where nothing else is said."""

    def similarity(self, w1: Word, w2: Word) -> float:
        """Return the cosine of the angle between two words' vectors, from -1 to 1."""
        return float(np.dot(unit_vector(self.get_vector(w1)), unit_vector(self.get_vector(w2))))

    def distance(self, w1: Word, w2: Word) -> float:
        """Return the cosine distance of two words, 1 - similarity, from 0 to 2."""
        return 1.0 - self.similarity(w1, w2)

    def euclidean_distance(self, w1: Word, w2: Word) -> float:
        """Return the Euclidean distance between two words' vectors as they are, not scaled."""
        first, second = (self.get_vector(word).astype(np.float64) for word in (w1, w2))
        return float(np.linalg.norm(first - second))

    @staticmethod
    def cosine_similarities(vector_1: ArrayLike, vectors_all: ArrayLike) -> NDArray[Any]:
        """Return the cosines (n,) of a vector (d,) with the rows of a matrix (n, d).

        A zero vector is similar to nothing: its cosines are 0. Raises ConfigError where the
        shapes do not fit.
        """
        vector, rows = np.asarray(vector_1), np.asarray(vectors_all)
        if vector.ndim != 1 or rows.ndim != 2 or rows.shape[1] != len(vector):
            raise ConfigError(
                "This takes a vector (d,) and a matrix of as many columns (n, d), but the shapes"
                f" are {vector.shape} and {rows.shape}."
            )
        norms = lengths_of(rows)
        vector = comparable(vector, norms)
        lengths = np.linalg.norm(vector) * norms
        cosines: NDArray[Any] = np.dot(rows, vector) / np.where(lengths == 0, 1, lengths)
        return cosines

    def distances(
        self, word_or_vector: Key, other_words: Iterable[Word] | None = ()
    ) -> NDArray[Any]:
        """Return the cosine distances of a word or vector to other words, or to all (V,).

        They are float32; to a vector of float64 or of integers they are float64, as in gensim.
        """
        others = several(() if other_words is None else other_words)
        named = self[others]
        norms = row_norms(named) if others else self.norms
        vector = comparable(self._vector(word_or_vector), norms)
        products = np.dot(named, vector) if others else self.products(vector)
        length = np.linalg.norm(vector) or 1
        distances: NDArray[Any] = np.asarray(1 - products / (length * norms))
        return distances

    def closer_than(self, key1: Word, key2: Word) -> list[str]:
        """Return the words that are nearer to `key1` than `key2` is."""
        distances = self.distances(key1)
        nearer = np.flatnonzero(distances < distances[self.get_index(key2)])
        row = self._row(key1)
        return [self.index_to_key[index] for index in nearer if index != row]

    words_closer_than = closer_than

    def rank(self, key1: Word, key2: Word) -> int:
        """Return the place of `key2` among the neighbours of `key1`, from 1 for the nearest."""
        return len(self.closer_than(key1, key2)) + 1

    def n_similarity(self, ws1: Sequence[Word], ws2: Sequence[Word]) -> float:
        """Return the cosine between the means of two lists of words."""
        means = [self._mean([(key, _ONE) for key in at_least_one(words)]) for words in (ws1, ws2)]
        return float(np.dot(unit_vector(means[0]), unit_vector(means[1])))

    def most_similar_to_given(self, key1: Word, keys_list: Sequence[Word]) -> Word:
        """Return the one of several words that is nearest to `key1`."""
        others: list[Word] = at_least_one(keys_list)
        return others[int(np.argmax([self.similarity(key1, other) for other in others]))]

    def rank_by_centrality(
        self, words: Sequence[Word], use_norm: bool = True
    ) -> list[tuple[float, Word]]:
        """Return (similarity with the mean of all the words, word), the most similar first.

        use_norm: scale the vectors to length 1 before the mean; else take them as they are, also
            for the similarity, which then is no cosine but a product with the mean's direction.
        """
        asked: list[Word] = at_least_one(words)
        use_norm = truth("use_norm", use_norm)
        vectors = [self.get_vector(word, norm=use_norm) for word in asked]
        mean = unit_vector(self._mean([(vector, _ONE) for vector in vectors])).astype(np.float32)
        similarities = np.dot(np.vstack(vectors), mean).tolist()
        ranked = zip(similarities, asked, strict=True)
        return sorted(ranked, key=lambda pair: (pair[0], str(pair[1])), reverse=True)

    def doesnt_match(self, words: Sequence[Word]) -> Word:
        """Return the word farthest from the mean of the (unit) vectors of all the words."""
        return self.rank_by_centrality(words)[-1][1]

    def wmdistance(
        self, document1: Iterable[Word], document2: Iterable[Word], norm: bool = True
    ) -> float:
        """Return the Word Mover's Distance of two documents, lists of words, 0 or more.

        It is the least cost of turning one document into the other, where each word is a share
        of its document, and moving a share costs the Euclidean distance between the two words'
        vectors. Words that are not there are left out; where none is left, it is infinite.

        norm: scale the vectors to length 1 first.

        Source: Kusner et al., From Word Embeddings To Document Distances, ICML 2015.
        """
        first, second = (
            Counter(word for word in several(document) if word in self)
            for document in (document1, document2)
        )
        if not first or not second:
            return float("inf")
        surplus, lack = unshared(first, second)
        if not surplus:
            return 0.0
        places = [
            np.stack([self.get_vector(word, norm=norm) for word in words])
            for words in (surplus, lack)
        ]
        shares = [np.array(list(words.values())) for words in (surplus, lack)]
        return transport_cost(places[0], shares[0], places[1], shares[1])
