"""CBOW: the mean of the context words' input rows predicts the centre word."""

import numpy as np

from w2v.kernels.jit import Floats, Int32s, jit
from w2v.kernels.outputs import add_loss
from w2v.kernels.rows import add_to_rows, gather_mean
from w2v.kernels.scratch import Scratch
from w2v.kernels.simd import train_row


@jit
def train_mean(
    count: int,
    output_rows: Int32s,
    labels: Floats,
    output_count: int,
    rate: np.float32,
    skips_saturated: bool,
    with_loss: bool,
    input_matrix: Floats,
    output_matrix: Floats,
    scratch: Scratch,
) -> None:
    """Train the mean of the `count` ≥ 1 listed context words against the output rows.

    As in word2vec.c every context row gets the undivided error of the mean.
    """
    gather_mean(input_matrix, scratch.input_rows, count, scratch.input_block)
    train_row(
        scratch.input_block, scratch.places, output_matrix, output_rows, output_count, labels,
        rate, skips_saturated, scratch.scores, scratch.gradients, scratch.error,
    )  # fmt: skip
    add_to_rows(scratch.error, input_matrix, scratch.input_rows, count)
    if with_loss:
        add_loss(scratch.scores[0], labels, output_count, 1, scratch)
