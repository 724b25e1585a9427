"""Answers to many analogy questions at once, on plain arrays: one matrix product serves all."""

import itertools
from typing import TypeAlias

import numpy as np

from w2v.matrices import Matrix
from w2v.vectors.types import Rows, Vector

_PRODUCTS = 1 << 24  # cosines held at once: of the words in questions with a tile of all words
_MIN_TILE, _MAX_TILE = 4096, 32768  # rows of the vocabulary in a tile
_RUN = 8  # questions answered at once: their scores stay in the cache

# For a question and one tile: the best column, its score, and the score of the second best.
_TileAnswers: TypeAlias = tuple[Rows, Vector, Vector]


def answer_analogies(unit: Matrix, questions: Rows, spelling: Rows) -> tuple[Rows, Vector, Vector]:
    """Answer many questions "a is to b as c is to ?" by the row nearest to b - a + c.

    Parameters
    ----------
    unit : float32 (V, d)
        The vectors, each of length 1.
    questions : intp (n, 3)
        The rows of a, b and c.
    spelling : intp (V,)
        For each row the first row that is the same word in another spelling, or the row itself.
        Questions hold first rows only.

    Returns
    -------
    best : intp (n,)
        The best row for each question, never one of a, b and c in any spelling.
    score : float32 (n,)
        The score of the best row, the sum of three cosines; -inf where no row is left. It differs
        from that of separate products by a few 1e-7.
    runner_up : float32 (n,)
        The score of the second best row.
    """
    # Scores are linear in the words of a question, so each word needs its products only once.
    words, places = _number_words(questions)
    runs = _runs(places)
    asked = unit[words]
    best = np.zeros(len(questions), dtype=np.intp)
    score = np.full(len(questions), -np.inf, dtype=np.float32)
    runner_up = score.copy()
    width = min(_MAX_TILE, max(_MIN_TILE, _PRODUCTS // max(len(words), 1)))
    memory = np.empty(len(words) * min(width, len(unit)), dtype=np.float32)
    for start in range(0, len(unit), width):
        tile = unit[start : start + width]
        products = memory[: len(words) * len(tile)].reshape(len(words), len(tile))
        np.matmul(asked, tile.T, out=products)
        own = _exclude(products, words, spelling[start : start + width], len(unit))
        _merge(_best_in_tile(products, places, runs, own), start, best, score, runner_up)
    return best, score, runner_up


def _exclude(products: Matrix, words: Rows, spelling: Rows, size: int) -> list[Rows]:
    """Set the products of each word with its own spellings, which are not answers, to -inf.

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
    """Return the distinct words of questions (n, 3), as rows, and the place of each among them.

    The third words of the questions come first, in their order, then the others: in most test
    sets successive questions then have the same a and b, and successive numbers for c.
    """
    order = questions[:, ::-1].T.ravel()
    words, first, places = np.unique(order, return_index=True, return_inverse=True)
    by_appearance = np.argsort(first)
    rank = np.empty_like(by_appearance)
    rank[by_appearance] = np.arange(len(words))
    return words[by_appearance], rank[places].reshape(3, -1)[::-1].T


def _runs(places: Rows) -> list[tuple[int, int]]:
    """Return ranges of at most _RUN questions with the same a and b and successive c."""
    steps = np.diff(places, axis=0)
    edges = [0, *(np.flatnonzero((steps != (0, 0, 1)).any(axis=1)) + 1).tolist(), len(places)]
    return [
        (start, min(start + _RUN, end))
        for first, end in itertools.pairwise(edges)
        for start in range(first, end, _RUN)
    ]


def _best_in_tile(
    products: Matrix, places: Rows, runs: list[tuple[int, int]], own: list[Rows]
) -> _TileAnswers:
    """Return (column, score, runner-up's score) for each question within one tile.

    products: float32 (words, tile), -inf where a word meets itself. places: (n, 3), the rows of
    products. own: for each word the columns where it meets itself.
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


def _merge(found: _TileAnswers, start: int, best: Rows, score: Vector, runner_up: Vector) -> None:
    """Update the best answers so far, in place, with those of the tile from row `start` on."""
    column, tile_score, tile_runner_up = found
    better = tile_score > score
    loser = np.where(better, score, tile_score)
    np.maximum(runner_up, np.maximum(loser, tile_runner_up), out=runner_up)
    best[better] = column[better] + start
    score[better] = tile_score[better]
