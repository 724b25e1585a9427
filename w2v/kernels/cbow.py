"""CBOW: the mean, or the sum, of the context words' input rows predicts the centre word."""

import numpy as np

from w2v.kernels.jit import Float64s, Floats, Int32s, jit
from w2v.kernels.outputs import add_loss
from w2v.kernels.rows import add_to_rows, gather_sum
from w2v.kernels.simd import train_row
from w2v.kernels.state import Matrices, Step, Variant


@jit
def train_window(
    count: int,
    output_rows: Int32s,
    labels: Floats,
    rate: np.float32,
    variant: Variant,
    with_loss: bool,
    matrices: Matrices,
    step: Step,
    totals: Float64s,
) -> None:
    """Train the `count` ≥ 1 listed context words, as one, against the output rows.

    As in word2vec.c every context row gets the undivided error of the mean. Of a sum, as in
    gensim, each gets its part of the error. Writes both matrices and the totals.
    """
    share = np.float32(1) / np.float32(count)
    one = np.float32(1)
    gather_sum(
        matrices.input, step.input_rows, count, share if variant.mean else one, step.input_block
    )
    train_row(
        step.input_block, step.places, matrices.output, output_rows, len(output_rows), labels,
        rate, variant.hierarchical, step.scores, step.gradients, step.error,
    )  # fmt: skip
    add_to_rows(step.error, one if variant.mean else share, matrices.input, step.input_rows, count)
    if with_loss:
        add_loss(step.scores[0], labels, len(output_rows), 1, totals)
