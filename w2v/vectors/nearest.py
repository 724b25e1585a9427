"""The arithmetic of similarity on plain arrays: unit vectors, nearest rows, analogies."""

import itertools

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Rows = NDArray[np.intp]

_TILE = 4096  # vocabulary rows at once: the scores of one test section then stay in the cache
_GROUP = 64  # questions at once
_NORM_BLOCK = 4096


def unit_vector(vector: Floats) -> Floats:
    """Return a vector (d,) scaled to length 1, in its own precision; a zero vector as it is."""
    wide = vector.astype(np.float64)
    length = np.linalg.norm(wide)
    if length == 0:
        return vector
    scaled: Floats = (wide * (1.0 / length)).astype(vector.dtype)
    return scaled


def row_norms(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the lengths of the rows of (V, d) as float32 (V,), with 1 for a zero row.

    So a zero row, when divided by its norm, stays zero and is similar to nothing.
    """
    norms = np.empty(len(matrix), dtype=np.float32)
    for start in range(0, len(matrix), _NORM_BLOCK):
        block = matrix[start : start + _NORM_BLOCK]
        norms[start : start + _NORM_BLOCK] = np.linalg.norm(block, axis=1)
    norms[norms == 0] = 1
    return norms


def largest(values: Floats, count: int) -> Rows:
    """Return where the `count` largest of the values (V,) are, the largest first."""
    falling = -values
    if count >= len(values):
        return np.argsort(falling)[:count]
    # The same two steps as gensim, so that equal values come out in the same order.
    top = np.argpartition(falling, count)[:count]
    return top[np.argsort(falling[top])]


def answer_analogies(
    unit: NDArray[np.float32], questions: Rows, spelling: Rows
) -> tuple[Rows, NDArray[np.float32], NDArray[np.float32]]:
    """Answer many questions "a is to b as c is to ?" by the row nearest to b - a + c.

    unit: float32 (V, d), rows of length 1. questions: (n, 3), the rows of a, b and c.
    spelling: (V,), for each row the first row that is the same word in another spelling, itself
    where there is none; questions hold first rows only.

    Returns (best, score, runner_up): the best row for each question, not one of a, b and c in any
    spelling; its score, the sum of three cosines; and the score of the second best. A score is
    -inf where no row is left. Scores differ from those of separate products by a few 1e-7.
    """
    # Scores are linear in the words of a question, so the products are needed only once a word,
    # and questions that share a and b (most test sets go that way) share half of the sum.
    order = np.lexsort((questions[:, 2], questions[:, 1], questions[:, 0]))
    words, places = np.unique(questions[order], return_inverse=True)
    places = places.reshape(questions.shape)
    best = np.zeros(len(questions), dtype=np.intp)
    score = np.full(len(questions), -np.inf, dtype=np.float32)
    runner_up = score.copy()
    groups = _equal_pairs(places)
    for start in range(0, len(unit), _TILE):
        tile = unit[start : start + _TILE]
        products = unit[words] @ tile.T
        _exclude(products, words, spelling[start : start + _TILE])
        _merge(_best_in_tile(products, places, groups), start, best, score, runner_up)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return best[back], score[back], runner_up[back]


def _exclude(products: NDArray[np.float32], words: Rows, spelling: Rows) -> None:
    """Set the product of each word with its own spellings to -inf: they are no answers."""
    nearest = np.minimum(np.searchsorted(words, spelling), len(words) - 1)
    columns = np.flatnonzero(words[nearest] == spelling)
    products[nearest[columns], columns] = -np.inf


def _equal_pairs(places: Rows) -> list[tuple[int, int]]:
    """Return the ranges of sorted questions that share their first two words, cut to _GROUP."""
    changes = np.flatnonzero((places[1:, :2] != places[:-1, :2]).any(axis=1)) + 1
    edges = [0, *changes.tolist(), len(places)]
    return [
        (start, min(start + _GROUP, end))
        for first, end in itertools.pairwise(edges)
        for start in range(first, end, _GROUP)
    ]


_Found = tuple[Rows, NDArray[np.float32], NDArray[np.float32]]


def _best_in_tile(
    products: NDArray[np.float32], places: Rows, groups: list[tuple[int, int]]
) -> _Found:
    """Return (column, score, runner-up's score) for each question within one tile.

    products: (words, tile), -inf where a word meets itself. places: (n, 3), rows of products.
    """
    column = np.zeros(len(places), dtype=np.intp)
    score = np.empty(len(places), dtype=np.float32)
    runner_up = np.empty(len(places), dtype=np.float32)
    for start, end in groups:
        a, b = places[start, :2]
        with np.errstate(invalid="ignore"):  # where a and b are the same word
            difference = products[b] - products[a]
        difference[~(difference < np.inf)] = -np.inf  # where a meets itself
        scores = products[places[start:end, 2]]
        scores += difference
        top = scores.argmax(axis=1)
        numbers = np.arange(end - start)
        column[start:end] = top
        score[start:end] = scores[numbers, top]
        scores[numbers, top] = -np.inf
        runner_up[start:end] = scores.max(axis=1)
    return column, score, runner_up


def _merge(
    found: _Found,
    start: int,
    best: Rows,
    score: NDArray[np.float32],
    runner_up: NDArray[np.float32],
) -> None:
    """Update the best of the tiles so far, in place, by what a tile from row `start` on has."""
    column, tile_score, tile_runner_up = found
    better = tile_score > score
    loser = np.where(better, score, tile_score)
    np.maximum(runner_up, np.maximum(loser, tile_runner_up), out=runner_up)
    best[better] = column[better] + start
    score[better] = tile_score[better]
