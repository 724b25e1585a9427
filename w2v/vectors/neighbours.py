"""The nearest neighbours of words, of vectors, and of sums of both, by cosine."""

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.errors import ConfigError
from w2v.vectors.comparisons import similarity
from w2v.vectors.key_vectors import row_of, weighted_mean
from w2v.vectors.norms import unit_vector
from w2v.vectors.query_arguments import check_topn, checked_vector, searched_rows, weighted_keys
from w2v.vectors.top_k import top_k
from w2v.vectors.types import Indexer, Key, Keys, Word, WordVectors


def most_similar(
    vectors: WordVectors,
    positive: Keys = None,
    negative: Keys = None,
    topn: int | None = 10,
    clip_start: int = 0,
    clip_end: int | None = None,
    restrict_vocab: int | None = None,
    indexer: Indexer | None = None,
) -> Any:
    """Return the words nearest by cosine to the mean of `positive` minus `negative`.

    The vectors of words count with length 1, those given as arrays as they are. The words given
    are not among the result.

    Parameters
    ----------
    positive, negative : word, array (d,), array (m, d), or iterable, optional
        Words, vectors, or (word or vector, weight) pairs; at least one in all. A weight replaces
        the 1 of `positive` or the -1 of `negative`.
    topn : int, 0 or more, or None
        How many words to return; None returns the similarities with all words as an array.
    clip_start, clip_end : int, optional
        Search only these rows, as a slice would take them.
    restrict_vocab : int, 1 or more, optional
        Search only so many of the first words, whatever the clips.
    indexer : VectorIndex, optional
        An approximate index of all words, from build_index or load_index. It may miss some of
        the nearest. It is not used where `topn` is None.

    Returns
    -------
    list of (str, float)
        The words and their cosine similarities, the nearest first; or, where `topn` is None, an
        array of the similarities with the rows searched.

    Raises
    ------
    ConfigError
        Nothing is given, a vector has another shape, a number is out of range, or the indexer
        cannot answer.
    MissingWordError
        A word is missing.
    """
    rows = searched_rows(clip_start, clip_end, restrict_vocab)
    given = [*weighted_keys(positive, 1.0), *weighted_keys(negative, -1.0)]
    mean = unit_vector(weighted_mean(vectors, given, norm=True)).astype(np.float32)
    asked = asked_rows(vectors, (key for key, _ in given))
    if indexer is not None and topn is not None:
        check_indexer(indexer, vectors, rows)
        return indexer.nearest(mean[np.newaxis], topn, [asked])[0]
    similarities = vectors.products(mean, rows) / vectors.norms[rows]
    return best_words(vectors, similarities, rows, asked, topn)


def asked_rows(vectors: WordVectors, keys: Iterable[Key]) -> list[int]:
    """Return the rows of those keys that have one."""
    return [row for row in (row_of(vectors, key) for key in keys) if row >= 0]


def best_words(
    vectors: WordVectors,
    scores: NDArray[Any],
    rows: slice,
    asked: Collection[int],
    topn: int | None,
) -> Any:
    """Return the best words, except the rows `asked`; all scores where topn is None."""
    if topn is None:
        return scores
    check_topn(topn)
    best = top_k(scores, topn + len(asked)).tolist() if topn else []
    start = rows.indices(len(vectors))[0]
    found = [(start + row, float(scores[row])) for row in best]
    return [(vectors.index_to_key[row], score) for row, score in found if row not in asked][:topn]


def check_indexer(indexer: object, vectors: WordVectors, rows: slice) -> None:
    """Raise ConfigError unless an indexer can answer for these rows of the vectors."""
    if not isinstance(indexer, Indexer):
        raise ConfigError(
            f"An indexer is what build_index or load_index returns, not {type(indexer).__name__}."
        )
    if indexer.vectors is not vectors:
        raise ConfigError("The index is of other vectors; ask those, or build one of these.")
    size = len(vectors)
    if range(*rows.indices(size)) != range(size):
        raise ConfigError(
            "An index searches all words; leave out restrict_vocab, clip_start and clip_end, or"
            " search without it."
        )


def similar_by_key(
    vectors: WordVectors, key: Word, topn: int | None = 10, restrict_vocab: int | None = None
) -> Any:
    """Return the nearest neighbours of a word; arguments and result are most_similar's."""
    return most_similar(vectors, [key], topn=topn, restrict_vocab=restrict_vocab)


def similar_by_word(
    vectors: WordVectors, word: Word, topn: int | None = 10, restrict_vocab: int | None = None
) -> Any:
    """Return the nearest neighbours of a word; arguments and result are most_similar's."""
    return similar_by_key(vectors, word, topn, restrict_vocab)


def similar_by_vector(
    vectors: WordVectors,
    vector: ArrayLike,
    topn: int | None = 10,
    restrict_vocab: int | None = None,
) -> Any:
    """Return the words nearest to a vector (d,); arguments and result are most_similar's."""
    array = checked_vector(vector, vectors.vector_size)
    return most_similar(vectors, [array], topn=topn, restrict_vocab=restrict_vocab)


def relative_cosine_similarity(vectors: WordVectors, wa: Word, wb: Word, topn: int = 10) -> float:
    """Return the similarity of two words divided by the sum of those of the neighbours of `wa`.

    With 10 neighbours, more than 0.1 hints at a synonym.

    Parameters
    ----------
    wa, wb : word
        The words to compare.
    topn : int, 1 or more
        How many neighbours of `wa` to sum over.

    Raises
    ------
    ConfigError
        The similarities of the neighbours sum to 0, or `topn` is out of range.
    MissingWordError
        A word is missing.

    References
    ----------
    Leeuwenberg et al., A Minimally Supervised Approach for Synonym Extraction with Word
    Embeddings, 2016, equation 1.
    """
    check_topn(topn)
    neighbours = similar_by_word(vectors, wa, topn)
    total = float(sum(score for _, score in neighbours))
    if total == 0:
        raise ConfigError(
            "This divides by the similarities of the nearest words, which must not sum to 0, but"
            f" those of the {topn} words nearest to {wa!r} do."
        )
    return similarity(vectors, wa, wb) / total
