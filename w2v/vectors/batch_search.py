"""The nearest neighbours of many words or vectors: one matrix product for a block of questions."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from w2v.matrices import Matrix
from w2v.vectors.key_vectors import row_of, vector_of
from w2v.vectors.neighbours import check_indexer, most_similar
from w2v.vectors.norms import unit_rows
from w2v.vectors.query_arguments import as_list, check_topn, searched_rows, without_weights
from w2v.vectors.top_k import top_k_columns
from w2v.vectors.types import Indexer, Key, Neighbours, Rows, Vector, WordVectors

# Questions by words whose cosines are held at once, 16 MB. Measured on 77,719 × 100: more leaves
# the cache, fewer make the products slow.
_QUESTIONS, _TILE = 256, 16384
_NEAR_TIE = 2e-6  # products in blocks round otherwise than single ones, by a few 1e-7


def most_similar_batch(
    vectors: WordVectors,
    keys: Iterable[Key],
    topn: int = 10,
    clip_start: int = 0,
    clip_end: int | None = None,
    restrict_vocab: int | None = None,
    indexer: Indexer | None = None,
) -> list[Neighbours]:
    """Return the result of most_similar for each of many words or vectors.

    Blocks of questions share one product with the vectors, so thousands of them cost a fraction
    of as many calls, in bounded memory. The similarities differ from those of single calls by a
    few 1e-7. Where words are as near to each other as that, the question is asked as in a single
    call, so that the order is the same.

    Parameters
    ----------
    keys : iterable of words or arrays (d,), or array (m, d)
        The questions.
    topn : int, 0 or more
        How many words to return for each; not None.
    clip_start, clip_end, restrict_vocab, indexer
        As for most_similar.

    Returns
    -------
    list of lists of (str, float)
        For each question the words and their cosine similarities, the nearest first.

    Raises
    ------
    ConfigError
        As for most_similar, before anything is searched.
    MissingWordError
        A word is missing; nothing is searched then.
    """
    check_topn(topn)
    part = searched_rows(clip_start, clip_end, restrict_vocab)
    searched = range(*part.indices(len(vectors)))
    asked = without_weights(as_list(keys))
    if not asked or not topn or not searched:
        return [[] for _ in asked]
    questions = unit_rows(np.stack([vector_of(vectors, key, norm=True) for key in asked]))
    own = [row_of(vectors, key) for key in asked]
    if indexer is not None:
        check_indexer(indexer, vectors, part)
        return indexer.nearest(questions, topn, [[row] for row in own])
    # One more than asked for, which may be as near as the last.
    blocks = nearest_to_each(
        vectors.products, vectors.norms, questions, np.array(own), searched, topn + 1
    )
    nearest = (both for rows, scores in blocks for both in zip(rows, scores, strict=True))
    return [
        most_similar(vectors, [key], None, topn, clip_start, clip_end, restrict_vocab)
        if _has_near_tie(scores)
        else _words_and_scores(vectors, rows, scores, topn)
        for key, (rows, scores) in zip(asked, nearest, strict=True)
    ]


def _words_and_scores(vectors: WordVectors, rows: Rows, scores: Vector, topn: int) -> Neighbours:
    found = zip(rows.tolist(), scores.tolist(), strict=True)
    return [(vectors.index_to_key[row], score) for row, score in found if score > -np.inf][:topn]


def nearest_to_each(
    products: Callable[[Matrix, slice], Matrix],
    norms: Vector,
    questions: Matrix,
    own: Rows,
    searched: range,
    count: int,
) -> Iterator[tuple[Rows, Matrix]]:
    """Yield for blocks of questions the rows nearest by cosine, and the cosines, nearest first.

    Parameters
    ----------
    products : function
        Returns the dot products (m, n) of vectors (m, d) with n of the V rows.
    norms : float32 (V,)
        The lengths of all rows.
    questions : float32 (m, d)
        The vectors to search for, of length 1.
    own : intp (m,)
        For each question the row that is not an answer, or -1.
    searched : range
        The rows to search.
    count : int, 1 or more
        How many rows to find.

    Yields
    ------
    rows, cosines : intp and float32, both (block, at most count)
        The answers to a block of questions; a cosine of -inf marks a row that is not an answer.
    """
    count = min(count, len(searched))
    size = max(1, min(_QUESTIONS, _QUESTIONS * _TILE // max(count, 1)))  # bounds the memory
    for first in range(0, len(questions), size):
        block = slice(first, first + size)
        asked = questions[block]
        rows = np.empty((len(asked), 0), dtype=np.intp)
        cosines = np.empty((len(asked), 0), dtype=np.float32)
        for start in range(searched.start, searched.stop, _TILE):
            tile = slice(start, min(start + _TILE, searched.stop))
            values = products(asked, tile)
            values /= norms[tile]
            _exclude(values, own[block], start)
            columns = top_k_columns(values, count)
            cosines = np.hstack([cosines, np.take_along_axis(values, columns, axis=1)])
            rows = np.hstack([rows, columns + start])
            best = top_k_columns(cosines, count)
            cosines = np.take_along_axis(cosines, best, axis=1)
            rows = np.take_along_axis(rows, best, axis=1)
        order = np.lexsort((rows, -cosines), axis=1)
        yield np.take_along_axis(rows, order, axis=1), np.take_along_axis(cosines, order, axis=1)


def _has_near_tie(cosines: Vector) -> bool:
    """Return whether two cosines, sorted from the largest, may be in the wrong order."""
    found = cosines[cosines > -np.inf]
    return bool((found[:-1] - found[1:] < _NEAR_TIE).any())


def _exclude(values: Matrix, own: Rows, start: int) -> None:
    """Set the cosine of each question with its own row to -inf, in place."""
    columns = own - start
    here = np.flatnonzero((own >= 0) & (columns >= 0) & (columns < values.shape[1]))
    values[here, columns[here]] = -np.inf
