"""The functions of simd.py in plain NumPy, for NUMBA_DISABLE_JIT=1, where intrinsics cannot run.

Same names, same arguments, same results to 1e-5.
"""

# mypy: disable-error-code="no-untyped-def"

import numpy as np

MAX_LOGIT = 6.0


def gather(matrix, rows, count, block):
    """Copy `count` rows of `matrix` to the first rows of `block`."""
    block[:count] = matrix[rows[:count]]


def gather_mean(matrix, rows, count, block):
    """Write the mean of `count` rows of `matrix` to block[0]."""
    block[0] = matrix[rows[:count]].mean(axis=0)


def scatter(error, matrix, rows, count):
    """Add error[0] to `count` rows of `matrix`, one after another, and set it to zero."""
    np.add.at(matrix, rows[:count], error[0])
    error[0] = 0


def prefetch(matrix, row):
    """Do nothing: there is no cache to warm."""


def compute_gradients(inputs, input_count, outputs, output_count, labels, rates, scores, gradients):
    """Fill the scores and gradients of every input row of a block with every output row."""
    logits = inputs[:input_count] @ outputs[:output_count].T
    sigmoid = 1 / (1 + np.exp(-np.clip(logits, -MAX_LOGIT, MAX_LOGIT)))
    scores[:input_count, :output_count] = logits
    gradients[:input_count, :output_count] = (labels[:output_count] - sigmoid) * rates[
        :output_count
    ]


def apply_updates(
    inputs, input_count, outputs, output_count, gradients,
    input_matrix, input_rows, output_matrix, output_rows,
):  # fmt: skip
    """Add both updates of a step to the rows of the two matrices."""
    weights = gradients[:input_count, :output_count]
    np.add.at(input_matrix, input_rows[:input_count], weights @ outputs[:output_count])
    np.add.at(output_matrix, output_rows[:output_count], weights.T @ inputs[:input_count])
