"""The arithmetic of similarity on plain arrays: unit vectors, nearest rows, analogies."""

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Rows = NDArray[np.intp]

_PRODUCTS = 1 << 24  # cosines held at once: of the words in questions with a tile of all words
_NARROWEST, _WIDEST = 4096, 32768  # rows of the vocabulary in a tile
_RUN = 8  # questions at once: their scores stay in the cache
_NORM_BLOCK = 4096
_SAFE = (1e-15, 1e15)  # lengths whose squares, and those of their parts, float32 can hold
_SQUARED = (1e-150, 1e150)  # numbers whose squares float64 can hold
_LARGEST = np.finfo(np.float32).max


def unit_vector(vector: NDArray[Any]) -> Floats:
    """Return a vector (d,) scaled to length 1, in its own precision; a zero vector as it is.

    One of integers becomes float64.
    """
    wide = vector.astype(np.float64)
    largest = np.abs(wide).max(initial=0)
    if largest == 0:
        return vector
    if not _SQUARED[0] < largest < _SQUARED[1]:
        wide /= largest
    length = np.linalg.norm(wide)
    scaled: Floats = (wide * (1.0 / length)).astype(np.result_type(vector.dtype, np.float32))
    return scaled


def row_norms(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the lengths of the rows of (V, d) as float32 (V,), with 1 for a zero row.

    So a zero row, when divided by its norm, stays zero and is similar to nothing.
    """
    norms = np.empty(len(matrix), dtype=np.float32)
    for start in range(0, len(matrix), _NORM_BLOCK):
        block = matrix[start : start + _NORM_BLOCK]
        norms[start : start + _NORM_BLOCK] = np.minimum(lengths_of(block), _LARGEST)
    norms[norms == 0] = 1
    return norms


def lengths_of(rows: NDArray[Any]) -> NDArray[Any]:
    """Return the lengths of rows (n, d): in their own precision where that can hold the squares."""
    with np.errstate(over="ignore", under="ignore"):
        lengths: NDArray[Any] = np.linalg.norm(rows, axis=1)
    outside = np.flatnonzero(~_are_safe(lengths))
    if not len(outside):
        return lengths
    wide: NDArray[np.float64] = lengths.astype(np.float64)
    with np.errstate(over="ignore", under="ignore"):
        wide[outside] = np.linalg.norm(rows[outside].astype(np.float64), axis=1)
    return wide


def comparable(vector: NDArray[Any], lengths: NDArray[Any]) -> NDArray[Any]:
    """Return a vector (d,) as it is, or scaled to length 1 where a product with it may overflow.

    lengths: (n,), of the rows that it is multiplied with, and its length with theirs.
    """
    all_lengths = np.append(lengths[lengths != 0], lengths_of(vector[np.newaxis]))
    return vector if _are_safe(all_lengths).all() else unit_vector(vector)


def _are_safe(lengths: NDArray[Any]) -> NDArray[np.bool_]:
    return (lengths > _SAFE[0]) & (lengths < _SAFE[1])


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
    # Scores are linear in the words of a question, so the products are needed only once a word.
    words, places = _number_words(questions)
    runs = _runs(places)
    asked = unit[words]
    best = np.zeros(len(questions), dtype=np.intp)
    score = np.full(len(questions), -np.inf, dtype=np.float32)
    runner_up = score.copy()
    width = min(_WIDEST, max(_NARROWEST, _PRODUCTS // max(len(words), 1)))
    memory = np.empty(len(words) * min(width, len(unit)), dtype=np.float32)
    for start in range(0, len(unit), width):
        tile = unit[start : start + width]
        products = memory[: len(words) * len(tile)].reshape(len(words), len(tile))
        np.matmul(asked, tile.T, out=products)
        own = _exclude(products, words, spelling[start : start + width], len(unit))
        _merge(_best_in_tile(products, places, runs, own), start, best, score, runner_up)
    return best, score, runner_up


def _exclude(products: NDArray[np.float32], words: Rows, spelling: Rows, size: int) -> list[Rows]:
    """Set the product of each word with its own spellings to -inf: they are no answers.

    Returns for each word the columns of its spellings.
    """
    place_of = np.full(size, -1)
    place_of[words] = np.arange(len(words))
    places = place_of[spelling]
    columns = np.argsort(places, kind="stable")
    columns = columns[np.count_nonzero(places < 0) :]
    products[places[columns], columns] = -np.inf
    ends = np.cumsum(np.bincount(places[columns], minlength=len(words)))
    return np.split(columns, ends[:-1])


def _number_words(questions: Rows) -> tuple[Rows, Rows]:
    """Return the distinct words of questions (n, 3), as rows, and where among them each one is.

    The words come in the order of the questions' third words, then the others: in most test sets
    successive questions then have the same a and b, and successive numbers for c.
    """
    order = questions[:, ::-1].T.ravel()
    words, first, places = np.unique(order, return_index=True, return_inverse=True)
    by_appearance = np.argsort(first)
    rank = np.empty_like(by_appearance)
    rank[by_appearance] = np.arange(len(words))
    return words[by_appearance], rank[places].reshape(3, -1)[::-1].T


def _runs(places: Rows) -> list[tuple[int, int]]:
    """Return the ranges of questions with the same a and b and successive c, cut to _RUN."""
    steps = np.diff(places, axis=0)
    edges = [0, *(np.flatnonzero((steps != (0, 0, 1)).any(axis=1)) + 1).tolist(), len(places)]
    return [
        (start, min(start + _RUN, end))
        for first, end in itertools.pairwise(edges)
        for start in range(first, end, _RUN)
    ]


_Found = tuple[Rows, NDArray[np.float32], NDArray[np.float32]]


def _best_in_tile(
    products: NDArray[np.float32], places: Rows, runs: list[tuple[int, int]], own: list[Rows]
) -> _Found:
    """Return (column, score, runner-up's score) for each question within one tile.

    products: (words, tile), -inf where a word meets itself. places: (n, 3), rows of products.
    own: for each word the columns where it meets itself.
    """
    column = np.zeros(len(places), dtype=np.intp)
    score, runner_up = np.empty((2, len(places)), dtype=np.float32)
    sums = np.empty((_RUN, products.shape[1]), dtype=np.float32)
    difference = np.empty(products.shape[1], dtype=np.float32)
    numbers = np.arange(_RUN)
    last = None
    for start, end in runs:
        a, b, c = places[start].tolist()
        count = end - start
        if (a, b) != last:
            last = a, b
            with np.errstate(invalid="ignore"):  # where a and b are the same word
                np.subtract(products[b], products[a], out=difference)
            difference[own[a]] = -np.inf
        scores = np.add(products[c : c + count], difference, out=sums[:count])
        top = column[start:end] = scores.argmax(axis=1)
        score[start:end] = scores[numbers[:count], top]
        scores[numbers[:count], top] = -np.inf
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
