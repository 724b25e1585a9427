"""What rows.py, simd.py and others do, in NumPy, for NUMBA_DISABLE_JIT=1.

Intrinsics cannot run there. The names and arguments are the same, and the results agree to 1e-5.
"""

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.jit import Floats, Int32s, Int64s
from w2v.kernels.state import MAX_LOGIT

_COUNTING = threading.Lock()


def copy_row(source: Floats, row: int, target: Floats, target_row: int) -> None:
    """Write target[target_row] = source[row]."""
    target[target_row] = source[row]


def gather_sum(matrix: Floats, rows: Int32s, count: int, factor: np.float32, block: Floats) -> None:
    """Write `factor` times the sum of `count` rows of `matrix` to block[0]."""
    block[0] = factor * matrix[rows[:count]].sum(axis=0)


def add_to_rows(
    error: Floats, factor: np.float32, matrix: Floats, rows: Int32s, count: int
) -> None:
    """Add `factor` times error[0] to `count` rows of `matrix` in turn, and clear error[0]."""
    np.add.at(matrix, rows[:count], factor * error[0])
    error[0] = 0


def merge_row(
    matrix: Floats,
    private_row: int,
    before: Floats,
    before_row: int,
    shared_row: int,
    overlap: float,
) -> None:
    """Add what changed in a private row to the shared one; set both, and `before`, to the sum."""
    own = matrix[private_row] - before[before_row]
    others = matrix[shared_row] - before[before_row]
    both = own @ others
    common = min(both / (others @ others), 1.0) if both > 0 else 0.0
    matrix[shared_row] += own - np.float32(overlap * common) * others
    matrix[private_row] = before[before_row] = matrix[shared_row]


def scale_change(
    matrix: Floats, row: int, before: Floats, before_row: int, factor: np.float32
) -> None:
    """Multiply by `factor` what has changed in matrix[row] since it was before[before_row]."""
    matrix[row] = before[before_row] + factor * (matrix[row] - before[before_row])


def prefetch(matrix: Floats, row: int) -> None:
    """Do nothing: there is no cache to warm."""


def prefetch_unchanged(matrix: Floats, row: int) -> None:
    """Do nothing: there is no cache to warm."""


def prefetch_entry(array: NDArray[Any], index: int) -> None:
    """Do nothing: there is no cache to warm."""


def row_gradients(
    query: Floats,
    query_row: int,
    matrix: Floats,
    rows: Int32s,
    first: int,
    stop: int,
    labels: Floats,
    rate: np.float32,
    skips_saturated: bool,
    scores: Floats,
    gradients: Floats,
) -> None:
    """Write the scores and gradients of query[query_row] with rows[first:stop] of a matrix."""
    logits = matrix[rows[first:stop]] @ query[query_row]
    scores[0, first:stop] = logits
    updates = (labels[first:stop] - _sigmoid(logits)) * rate
    if skips_saturated:
        updates[np.abs(logits) > MAX_LOGIT] = 0
    gradients[0, first:stop] = updates


def row_updates(
    query: Floats,
    query_row: int,
    matrix: Floats,
    rows: Int32s,
    count: int,
    gradients: Floats,
    error: Floats,
) -> None:
    """Add the updates to `count` rows of a matrix, and the query's own update to error[0]."""
    for row, gradient in zip(rows[:count], gradients[0], strict=False):
        error[0] += gradient * matrix[row]
        matrix[row] += gradient * query[query_row]


def pair_gradients(
    inputs: Floats,
    input_rows: Int32s,
    input_count: int,
    outputs: Floats,
    output_rows: Int32s,
    output_count: int,
    labels: Floats,
    rate: np.float32,
    scores: Floats,
    gradients: Floats,
) -> None:
    """Write the scores and gradients of some input rows, each with some output rows."""
    logits = inputs[input_rows[:input_count]] @ outputs[output_rows[:output_count]].T
    scores[:input_count, :output_count] = logits
    gradients[:input_count, :output_count] = (labels[:output_count] - _sigmoid(logits)) * rate


def pair_updates(
    inputs: Floats,
    input_rows: Int32s,
    input_count: int,
    outputs: Floats,
    output_rows: Int32s,
    output_count: int,
    gradients: Floats,
) -> None:
    """Add the updates of a step to its rows of both matrices."""
    rows = output_rows[:output_count]
    before, deltas = outputs[rows], np.zeros((output_count, outputs.shape[1]), np.float32)
    for row, weights in zip(input_rows[:input_count], gradients[:, :output_count], strict=False):
        deltas += weights[:, np.newaxis] * inputs[row]
        inputs[row] += weights @ before
    np.add.at(outputs, rows, deltas)


def row_difference(
    first: Floats, first_row: int, second: Floats, second_row: int, target: Floats, target_row: int
) -> None:
    """Write target[target_row] = first[first_row] − second[second_row]."""
    target[target_row] = first[first_row] - second[second_row]


def row_products(matrix: Floats, first: int, second: int) -> tuple[float, float, float]:
    """Return the dot products of two rows: first · first, first · second, second · second."""
    one, other = matrix[first], matrix[second]
    return one @ one, one @ other, other @ other


def add_scaled(
    source: Floats, row: int, factor: float, target: Floats, target_row: int, target_factor: float
) -> None:
    """Write target[target_row] = factor · source[row] + target_factor · target[target_row]."""
    scaled = np.float32(target_factor) * target[target_row]
    target[target_row] = np.float32(factor) * source[row] + scaled


def claim(flags: Int64s, index: int) -> bool:
    """Set a flag that is 0 to 1; return whether this call has done it, and no other thread."""
    with _COUNTING:
        is_free = bool(flags[index] == 0)
        flags[index] = 1
    return is_free


def add_one(counters: Int64s, index: int) -> None:
    """Add 1 to a counter."""
    with _COUNTING:
        counters[index] += 1


def wait_for(counters: Int64s, index: int, least: int, looks: int) -> bool:
    """Return whether a counter has reached `least`; Python has other threads run meanwhile."""
    return looks > 0 and bool(counters[index] >= least)


def _sigmoid(logits: Floats) -> Floats:
    clamped: Floats = np.clip(logits, -87, 87)  # exp(87) still fits in a float32
    result: Floats = (1 / (1 + np.exp(-clamped))).astype(np.float32)
    return result
