"""Rows of the input matrix that never change, or change by a factor: their memory."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import FrozenRows, ScaledRows, WorkerState
from w2v.training.shapes import Shape, Shapes, allocated
from w2v.training.weights import Weights


def frozen_shapes(frozen: int, vocabulary_size: int, width: int) -> Shapes:
    """Return the shapes of the copy of `frozen` rows of the input matrix."""
    return {
        "places": Shape((vocabulary_size if frozen else 0,), np.int32),
        "rows": Shape((frozen, width), np.float32),
    }


def scaled_shapes(inputs: int, width: int, vocabulary_size: int) -> Shapes:
    """Return the shapes of a worker's own arrays for input rows whose changes are scaled.

    Parameters
    ----------
    inputs : int
        The most input rows that a step changes, or more; 0 where no row is scaled.
    width : int
        Floats of a row.
    vocabulary_size : int
    """
    return {
        "slots": Shape((vocabulary_size if inputs else 0,), np.int32),
        "words": Shape((inputs,), np.int32),
        "rows": Shape((inputs,), np.int32),
        "before": Shape((inputs, width), np.float32),
        "used": Shape((min(inputs, 1),), np.int64),
    }


def no_frozen_rows(width: int) -> FrozenRows:
    """Return the empty frozen rows of a worker whose rows all move, each of `width` floats."""
    return FrozenRows(**allocated(frozen_shapes(0, 0, width)))


def no_scaled_rows(width: int) -> ScaledRows:
    """Return the empty scaled rows of a worker whose rows all move as usual."""
    return _scaled_by(np.zeros(0, dtype=np.float32), 0, width)


def hold_rows(
    states: list[WorkerState],
    rows: NDArray[np.integer[Any]],
    factors: NDArray[np.float32] | None,
    weights: Weights,
) -> list[WorkerState]:
    """Return workers' states with input rows that never change, or change by a factor.

    For `rows` and `factors` see `Engine.freeze`. All other rows move as usual.
    """
    if factors is None:
        factors = np.zeros(len(rows), dtype=np.float32)
    frozen = _kept_rows(rows[factors == 0], weights)
    of_words = np.ones(weights.size, dtype=np.float32)
    of_words[rows] = np.where(factors == 0, 1, factors)
    if (of_words == 1).all():
        of_words = of_words[:0].copy()
    width = weights.input.shape[1]
    return [
        state._replace(
            frozen=frozen, scaled=_scaled_by(of_words, len(state.buffers.input_rows), width)
        )
        for state in states
    ]


def _kept_rows(rows: NDArray[np.integer[Any]], weights: Weights) -> FrozenRows:
    """Return a copy of some input rows as they are now; without rows it is empty."""
    kept = FrozenRows(**allocated(frozen_shapes(len(rows), weights.size, weights.input.shape[1])))
    kept.places[:] = -1
    kept.places[rows] = np.arange(len(rows))
    kept.rows[:] = weights.input[rows]
    return kept


def _scaled_by(factors: NDArray[np.float32], inputs: int, width: int) -> ScaledRows:
    """Return a worker's scaled rows; without factors they are empty."""
    shapes = scaled_shapes(inputs if len(factors) else 0, width, len(factors))
    scaled = ScaledRows(factors, **allocated(shapes))
    scaled.slots[:] = -1
    return scaled
