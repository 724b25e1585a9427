"""Skip-gram: the input rows of the context words, each on its own, predict the centre word."""

import numpy as np

from w2v.kernels.jit import Float64s, Floats, Int32s, jit
from w2v.kernels.outputs import add_loss, list_noise, train_against
from w2v.kernels.prefetching import prefetch_words
from w2v.kernels.rows import add_to_rows
from w2v.kernels.simd import pair_gradients, pair_updates
from w2v.kernels.state import BLOCK, Matrices, Schedule, StepBuffers, WorkerState
from w2v.kernels.vector_ir import OUTPUT_TILE


@jit
def train_pairs(
    index: int,
    last: int,
    count: int,
    rate: np.float32,
    noise_key: np.uint64,
    number: int,
    negative: int,
    schedule: Schedule,
    with_loss: bool,
    matrices: Matrices,
    state: WorkerState,
) -> None:
    """Train the listed context words against a centre word and its noise, in negative sampling.

    `schedule.batch` context words are trained at once. A batch moves its rows as far as the
    vectors before it say, which is too far if there are many (on text8's prefix windows of 20 lost
    half of the quality, and windows of 40 all). Each batch has `negative` noise words of its own,
    since noise that many neighbours share teaches less (windows of 50: benchmarks/NOTES.md). They
    are drawn while the batch before is trained, and their rows are prefetched.

    Writes both matrices, and `buffers`, `totals` and the end of `targets` of the state.

    Parameters
    ----------
    index, last : int
        The centre word's index into `state.listed`, and that after the last centre word.
    count : int
        Context words listed in `buffers.input_rows`, 1 or more.
    rate : float32
        The learning rate.
    noise_key : uint64
        The random stream of the block's noise.
    number : int
        The centre word's place in the block, 0 to BLOCK − 1, which names its first draw.
    negative : int
        Noise words of a batch.
    schedule : Schedule
    with_loss : bool
        Whether the loss is added to the totals.
    matrices : Matrices
    state : WorkerState
    """
    targets, buffers, batch = state.targets, state.buffers, schedule.batch
    start, stop = targets.starts[index], targets.starts[index + 1]
    center, spare = targets.rows[start], targets.starts[last]
    other_spare = spare + negative + 2  # list_noise writes as many entries
    first = 0
    while first < count:  # a range with a variable step begins with a division
        next_start = next_stop = spare
        if first + batch < count:
            number += BLOCK  # the first batches have the numbers below
            next_stop = list_noise(
                spare, center, noise_key, number, negative, schedule.pool, targets
            )
            prefetch_words(next_start, next_stop, targets, matrices)
        _train_batch(
            buffers.input_rows[first:], min(batch, count - first), targets.rows[start:stop],
            targets.labels[start:], rate, with_loss, matrices, buffers, state.totals,
        )  # fmt: skip
        spare, other_spare = other_spare, spare
        first, start, stop = first + batch, next_start, next_stop


@jit
def _train_batch(
    input_rows: Int32s,
    count: int,
    output_rows: Int32s,
    labels: Floats,
    rate: np.float32,
    with_loss: bool,
    matrices: Matrices,
    buffers: StepBuffers,
    totals: Float64s,
) -> None:
    """Train `count` context words against the output rows, eight of these at once."""
    for k in range(0, len(output_rows), OUTPUT_TILE):
        rows, width = output_rows[k:], min(OUTPUT_TILE, len(output_rows) - k)
        pair_gradients(
            matrices.input, input_rows, count, matrices.output, rows, width, labels[k:], rate,
            buffers.scores, buffers.gradients,
        )  # fmt: skip
        pair_updates(
            matrices.input, input_rows, count, matrices.output, rows, width, buffers.gradients
        )
        if with_loss:
            for i in range(count):
                add_loss(buffers.scores[i], labels[k:], width, np.int64(k == 0), totals)


@jit
def train_path(
    count: int,
    output_rows: Int32s,
    words: int,
    labels: Floats,
    rate: np.float32,
    with_loss: bool,
    matrices: Matrices,
    buffers: StepBuffers,
    totals: Float64s,
) -> None:
    """Train the listed context words, one after another, along the centre word's path.

    They are not trained at once: they pull the same nodes in the same direction, too far together
    (16.5 against 18.0 % of analogies on 4 M words of wiki8). With both losses, the word and its
    noise come before the path. Writes both matrices, `buffers` and `totals`. For the parameters see
    `w2v.kernels.cbow.train_window`.
    """
    for k in range(count):
        word = buffers.input_rows[k : k + 1]
        train_against(
            matrices.input, np.int64(word[0]), output_rows, words, labels, rate, matrices.output,
            buffers,
        )  # fmt: skip
        add_to_rows(buffers.error, np.float32(1), matrices.input, word, 1)
        if with_loss:
            add_loss(buffers.scores[0], labels, len(output_rows), 1, totals)
