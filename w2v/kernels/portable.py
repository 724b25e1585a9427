"""The functions of simd.py in plain NumPy, for NUMBA_DISABLE_JIT=1, where intrinsics cannot run.

Same names, same arguments, same results to 1e-5.
"""

import numpy as np

from w2v.kernels.jit import Floats, Int32s

MAX_LOGIT = 6.0


def gather(matrix: Floats, rows: Int32s, count: int, block: Floats) -> None:
    """Copy `count` rows of `matrix` to the first rows of `block`."""
    block[:count] = matrix[rows[:count]]


def gather_mean(matrix: Floats, rows: Int32s, count: int, block: Floats) -> None:
    """Write the mean of `count` rows of `matrix` to block[0]."""
    block[0] = matrix[rows[:count]].mean(axis=0)


def scatter(error: Floats, matrix: Floats, rows: Int32s, count: int) -> None:
    """Add error[0] to `count` rows of `matrix`, one after another, and set it to zero."""
    np.add.at(matrix, rows[:count], error[0])
    error[0] = 0


def scatter_changes(
    block: Floats, before: Floats, count: int, matrix: Floats, rows: Int32s
) -> None:
    """Add to `count` rows of `matrix` what changed in the block's rows."""
    np.add.at(matrix, rows[:count], block[:count] - before[:count])


def prefetch(matrix: Floats, row: int) -> None:
    """Do nothing: there is no cache to warm."""


def compute_gradients(
    inputs: Floats,
    input_count: int,
    outputs: Floats,
    output_count: int,
    labels: Floats,
    rates: Floats,
    scores: Floats,
    gradients: Floats,
    skips_saturated: bool,
) -> None:
    """Fill the scores and gradients of every input row of a block with every output row."""
    logits = inputs[:input_count] @ outputs[:output_count].T
    sigmoid = 1 / (1 + np.exp(-np.clip(logits, -MAX_LOGIT, MAX_LOGIT)))
    scores[:input_count, :output_count] = logits
    updates = (labels[:output_count] - sigmoid) * rates[:output_count]
    if skips_saturated:
        updates[np.abs(logits) > MAX_LOGIT] = 0
    gradients[:input_count, :output_count] = updates


def apply_updates(
    inputs: Floats,
    input_count: int,
    outputs: Floats,
    output_count: int,
    gradients: Floats,
    input_matrix: Floats,
    input_rows: Int32s,
    output_matrix: Floats,
    output_rows: Int32s,
) -> None:
    """Add both updates of a step to the rows of the two matrices."""
    weights = gradients[:input_count, :output_count]
    np.add.at(input_matrix, input_rows[:input_count], weights @ outputs[:output_count])
    np.add.at(output_matrix, output_rows[:output_count], weights.T @ inputs[:input_count])
