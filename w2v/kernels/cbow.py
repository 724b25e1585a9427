"""CBOW: the mean, or the sum, of the context words' input rows predicts the centre word."""

import numpy as np

from w2v.kernels.jit import Float64s, Floats, Int32s, jit
from w2v.kernels.outputs import add_loss
from w2v.kernels.rows import add_to_rows, gather_sum
from w2v.kernels.simd import train_row
from w2v.kernels.state import Matrices, StepBuffers, Variant


@jit
def train_window(
    count: int,
    output_rows: Int32s,
    labels: Floats,
    rate: np.float32,
    variant: Variant,
    with_loss: bool,
    matrices: Matrices,
    buffers: StepBuffers,
    totals: Float64s,
) -> None:
    """Train the listed context words, as one row, against the output rows.

    With the mean, every context row gets the undivided error, as in word2vec.c. With the sum, each
    gets its part of the error, as in gensim. Writes both matrices, `totals`, and the blocks of
    `buffers`.

    Parameters
    ----------
    count : int
        Context words listed in `buffers.input_rows`, 1 or more.
    output_rows : int32 (outputs,)
        The rows of the output matrix to train against.
    labels : float32, room for a multiple of 8
        1 or 0 for each output row.
    rate : float32
        The learning rate.
    variant : Variant
        `mean` and `hierarchical` are read.
    with_loss : bool
        Whether the loss is added to `totals`.
    matrices : Matrices
    buffers : StepBuffers
    totals : float64 (TOTALS_SIZE,)
    """
    share = np.float32(1) / np.float32(count)
    one = np.float32(1)
    input_rows, block = buffers.input_rows, buffers.input_block
    gather_sum(matrices.input, input_rows, count, share if variant.mean else one, block)
    train_row(
        block, buffers.block_rows, matrices.output, output_rows, len(output_rows), labels,
        rate, variant.hierarchical, buffers.scores, buffers.gradients, buffers.error,
    )  # fmt: skip
    add_to_rows(buffers.error, one if variant.mean else share, matrices.input, input_rows, count)
    if with_loss:
        add_loss(buffers.scores[0], labels, len(output_rows), 1, totals)
