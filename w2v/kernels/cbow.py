"""CBOW: the mean, or the sum, of the context words' input rows predicts the centre word."""

import numpy as np

from w2v.kernels.jit import Float64s, Floats, Int32s, jit
from w2v.kernels.outputs import add_loss, train_against
from w2v.kernels.rows import add_to_rows, gather_sum
from w2v.kernels.state import Matrices, StepBuffers


@jit
def train_window(
    count: int,
    output_rows: Int32s,
    words: int,
    labels: Floats,
    rate: np.float32,
    mean: bool,
    with_loss: bool,
    matrices: Matrices,
    buffers: StepBuffers,
    totals: Float64s,
) -> None:
    """Train the listed context words, as one vector, against the output rows.

    The input rows are gathered into one vector. The step writes the output rows, and returns the
    error of the vector. One call adds that to the input rows, by their numbers. With the mean,
    every context row gets the undivided error, as in word2vec.c. With the sum, each gets its part
    of the error, as in gensim. Writes both matrices, `totals`, and `buffers`.

    Parameters
    ----------
    count : int
        Context words listed in `buffers.input_rows`, 1 or more.
    output_rows : int32 (outputs,)
        The rows of the output matrix to train against.
    words : int
        How many of the rows, the first ones, are words'; the others are nodes'.
    labels : float32, room for 8 more than `outputs`
        1 or 0 for each output row.
    rate : float32
        The learning rate.
    mean : bool
        Whether the mean is trained, else the sum.
    with_loss : bool
        Whether the loss is added to `totals`.
    matrices : Matrices
    buffers : StepBuffers
    totals : float64 (TOTALS_SIZE,)
    """
    one = np.float32(1)
    share = one / np.float32(count)
    input_rows = buffers.input_rows
    gather_sum(matrices.input, input_rows, count, share if mean else one, buffers.query)
    train_against(buffers.query, 0, output_rows, words, labels, rate, matrices.output, buffers)
    add_to_rows(buffers.error, one if mean else share, matrices.input, input_rows, count)
    if with_loss:
        add_loss(buffers.scores[0], labels, len(output_rows), 1, totals)
