"""Comparisons of named words: similarities, distances, ranks, the odd one out."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.arguments import truth
from w2v.errors import ConfigError
from w2v.vectors.key_vectors import row_of, vector_of, weighted_mean
from w2v.vectors.norms import row_lengths, row_norms, unit_vector, without_overflow
from w2v.vectors.query_arguments import as_filled_list, as_list
from w2v.vectors.types import Key, Word, WordVectors

_ONE = np.float32(1)


def similarity(vectors: WordVectors, w1: Word, w2: Word) -> float:
    """Return the cosine similarity of two words, from -1 to 1.

    Raises
    ------
    MissingWordError
        A word is missing.
    """
    return float(np.dot(unit_vector(vectors.get_vector(w1)), unit_vector(vectors.get_vector(w2))))


def distance(vectors: WordVectors, w1: Word, w2: Word) -> float:
    """Return the cosine distance of two words: 1 - similarity, from 0 to 2.

    Raises
    ------
    MissingWordError
        A word is missing.
    """
    return 1.0 - similarity(vectors, w1, w2)


def euclidean_distance(vectors: WordVectors, w1: Word, w2: Word) -> float:
    """Return the Euclidean distance of two words' vectors as they are, not scaled; 0 or more.

    Raises
    ------
    MissingWordError
        A word is missing.
    """
    first, second = (vectors.get_vector(word).astype(np.float64) for word in (w1, w2))
    return float(np.linalg.norm(first - second))


def cosine_similarities(vector_1: ArrayLike, vectors_all: ArrayLike) -> NDArray[Any]:
    """Return the cosine similarities of a vector with the rows of a matrix.

    Parameters
    ----------
    vector_1 : array-like (d,)
        The vector.
    vectors_all : array-like (n, d)
        The matrix.

    Returns
    -------
    array (n,)
        The similarities, from -1 to 1. Those with a zero vector are 0.

    Raises
    ------
    ConfigError
        The shapes do not fit.
    """
    vector, rows = np.asarray(vector_1), np.asarray(vectors_all)
    if vector.ndim != 1 or rows.ndim != 2 or rows.shape[1] != len(vector):
        raise ConfigError(
            "This takes a vector (d,) and a matrix of as many columns (n, d), but the shapes"
            f" are {vector.shape} and {rows.shape}."
        )
    norms = row_lengths(rows)
    vector = without_overflow(vector, norms)
    lengths = np.linalg.norm(vector) * norms
    cosines: NDArray[Any] = np.dot(rows, vector) / np.where(lengths == 0, 1, lengths)
    return cosines


def distances(
    vectors: WordVectors, word_or_vector: Key, other_words: Iterable[Word] | None = ()
) -> NDArray[Any]:
    """Return the cosine distances of a word or vector to other words.

    Parameters
    ----------
    word_or_vector : word or array (d,)
        What the distances are measured from.
    other_words : iterable of words, optional
        The words to measure to; none means all V words.

    Returns
    -------
    array (n,)
        The distances, from 0 to 2: float32, or float64 from a vector of float64 or integers, as
        in gensim.

    Raises
    ------
    MissingWordError
        A word is missing.
    ConfigError
        The vector has another shape, or `other_words` is a single word.
    """
    others = as_list(() if other_words is None else other_words)
    named = vectors[others]
    norms = row_norms(named) if others else vectors.norms
    vector = without_overflow(vector_of(vectors, word_or_vector), norms)
    products = np.dot(named, vector) if others else vectors.products(vector)
    length = np.linalg.norm(vector) or 1
    found: NDArray[Any] = np.asarray(1 - products / (length * norms))
    return found


def closer_than(vectors: WordVectors, key1: Word, key2: Word) -> list[str]:
    """Return the words that are nearer to `key1` than `key2` is, the commonest first.

    Raises
    ------
    MissingWordError
        A word is missing.
    """
    from_first = distances(vectors, key1)
    nearer = np.flatnonzero(from_first < from_first[vectors.get_index(key2)])
    row = row_of(vectors, key1)
    return [vectors.index_to_key[index] for index in nearer if index != row]


def rank(vectors: WordVectors, key1: Word, key2: Word) -> int:
    """Return the rank of `key2` among the neighbours of `key1`; 1 is the nearest.

    Raises
    ------
    MissingWordError
        A word is missing.
    """
    return len(closer_than(vectors, key1, key2)) + 1


def n_similarity(vectors: WordVectors, ws1: Sequence[Word], ws2: Sequence[Word]) -> float:
    """Return the cosine similarity of the means of two lists of words, from -1 to 1.

    Raises
    ------
    ConfigError
        A list is empty.
    MissingWordError
        A word is missing.
    """
    first, second = (_mean(vectors, as_filled_list(words)) for words in (ws1, ws2))
    return float(np.dot(unit_vector(first), unit_vector(second)))


def _mean(vectors: WordVectors, keys: Iterable[Key]) -> NDArray[Any]:
    return weighted_mean(vectors, [(key, _ONE) for key in keys])


def most_similar_to_given(vectors: WordVectors, key1: Word, keys_list: Sequence[Word]) -> Word:
    """Return the one of several words that is nearest to `key1`.

    Raises
    ------
    ConfigError
        The list is empty.
    MissingWordError
        A word is missing.
    """
    others: list[Word] = as_filled_list(keys_list)
    return others[int(np.argmax([similarity(vectors, key1, other) for other in others]))]


def rank_by_centrality(
    vectors: WordVectors, words: Sequence[Word], use_norm: bool = True
) -> list[tuple[float, Word]]:
    """Rank words by their similarity with the mean of all of them.

    Parameters
    ----------
    words : sequence of words
        One or more words.
    use_norm : bool
        Scale the vectors to length 1 first. Otherwise they are taken as they are, and each
        similarity is the product with the direction of the mean, which is not a cosine.

    Returns
    -------
    list of (float, word)
        The similarities and words, the most similar first.

    Raises
    ------
    ConfigError
        The list is empty.
    MissingWordError
        A word is missing.
    """
    asked: list[Word] = as_filled_list(words)
    use_norm = truth("use_norm", use_norm)
    rows = [vectors.get_vector(word, norm=use_norm) for word in asked]
    mean = unit_vector(_mean(vectors, rows)).astype(np.float32)
    similarities = np.dot(np.vstack(rows), mean).tolist()
    ranked = zip(similarities, asked, strict=True)
    return sorted(ranked, key=lambda pair: (pair[0], str(pair[1])), reverse=True)


def doesnt_match(vectors: WordVectors, words: Sequence[Word]) -> Word:
    """Return the word farthest from the mean of the (unit) vectors of all the words.

    Raises
    ------
    ConfigError
        The list is empty.
    MissingWordError
        A word is missing.
    """
    return rank_by_centrality(vectors, words)[-1][1]
