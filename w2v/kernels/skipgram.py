"""Skip-gram: the input rows of the context words, each on its own, predict the centre word."""

import numpy as np

from w2v.kernels.jit import Float64s, Floats, Int32s, jit
from w2v.kernels.outputs import add_loss, add_margin, draw_from_pool, train_against
from w2v.kernels.prefetching import prefetch_noise
from w2v.kernels.rows import add_to_rows, gather
from w2v.kernels.simd import noise_gradients, noise_updates, row_gradients, row_updates
from w2v.kernels.state import (
    BLOCK,
    CENTERS,
    LOSS,
    MAX_LOGIT,
    PAIRS,
    SATURATED,
    SCORES,
    Listed,
    Matrices,
    Schedule,
    StepBuffers,
    Windows,
    WorkerState,
)
from w2v.kernels.vector_ir import OUTPUT_TILE
from w2v.kernels.windows import find_window, list_window


@jit
def train_group(
    first: int,
    last: int,
    total: int,
    rate: np.float32,
    noise_key: np.uint64,
    group: int,
    negative: int,
    schedule: Schedule,
    with_loss: bool,
    matrices: Matrices,
    state: WorkerState,
) -> None:
    """Train a group: the centre words `first` to `last` − 1, which share their noise words.

    All context words are trained against the noise first, eight noise words at once. A context word
    that stands in the windows of two centre words is scored once and counts twice. Then each centre
    word is trained against its own window.

    Both train `schedule.batch` context words at a time. A batch moves its rows as far as the
    vectors before it say, which is too far if there are many (on text8's prefix windows of 20 lost
    half of the quality, and windows of 40 all). Each batch has `negative` noise words of its own,
    since noise that many neighbours share teaches less (windows of 50: benchmarks/NOTES.md). They
    are drawn while the batch before is trained, and their rows are prefetched.

    Writes both matrices, and `windows`, `buffers`, `noise.rows` and `totals` of the state.

    Parameters
    ----------
    first, last, total : int
        Indices into `state.listed`; `total` tokens are listed.
    rate : float32
        The learning rate.
    noise_key : uint64
        The random stream of the block's noise.
    group : int
        The group's number in its block.
    negative : int
        Noise words of a batch.
    schedule : Schedule
    with_loss : bool
        Whether the loss is added to the totals.
    matrices : Matrices
    state : WorkerState
    """
    listed, buffers, windows, window = state.listed, state.buffers, state.windows, schedule.window
    base, stop = max(0, first - window), min(total, last + window)
    pairs = _count_windows(first, last, base, stop, total, listed, windows)
    if pairs == 0:
        return
    count = _list_contexts(base, stop, listed, windows, buffers)
    noise, batch = state.noise, schedule.batch
    start, index, place = 0, group, group
    while start < count:  # a range with a variable step begins with a division
        noise_rows, next_place = noise.rows[place], group + BLOCK - place
        if start + batch < count:
            index += BLOCK  # a block has fewer groups
            draw_from_pool(
                noise_key, index, negative, noise.rows[next_place], noise.pool, schedule.pool
            )
            prefetch_noise(next_place, negative, noise, matrices)
        _set_noise_rates(first, last, pairs, rate, noise_rows, negative, listed, windows)
        for k in range(0, negative, OUTPUT_TILE):
            _train_noise(
                buffers.input_rows[start:], windows.repeats[start:], min(batch, count - start),
                noise_rows[k:], min(OUTPUT_TILE, negative - k), windows.rates[k:],
                windows.shares[k:], with_loss, matrices, buffers, state.totals,
            )  # fmt: skip
        start, place = start + batch, next_place
    state.totals[PAIRS] += pairs * with_loss
    for center in range(first, last):
        low, high = windows.lows[center - first], windows.highs[center - first]
        count = list_window(center, low, high, listed, buffers.input_rows)
        word = listed.words[center : center + 1]
        _train_contexts(count, word, rate, batch, with_loss, matrices, buffers, state.totals)
        state.totals[CENTERS] += count > 0


@jit
def _count_windows(
    first: int, last: int, base: int, stop: int, total: int, listed: Listed, windows: Windows
) -> int:
    """Find the group's windows and count how many hold each token; return the number of pairs."""
    pairs = 0
    for place in range(stop - base):
        windows.repeats[place] = 0
    for center in range(first, last):
        low, high = find_window(center, total, listed)
        windows.lows[center - first], windows.highs[center - first] = low, high
        for neighbour in range(low, high + 1):
            windows.repeats[neighbour - base] += 1
        windows.repeats[center - base] -= 1
        pairs += high - low
    return pairs


@jit
def _list_contexts(
    base: int, stop: int, listed: Listed, windows: Windows, buffers: StepBuffers
) -> int:
    """List the tokens in any window as input rows, with their repeats; return their number."""
    count = 0
    for place in range(stop - base):
        buffers.input_rows[count] = listed.words[base + place]
        windows.repeats[count] = windows.repeats[place]
        count += windows.repeats[place] > 0
    return count


@jit
def _set_noise_rates(
    first: int,
    last: int,
    pairs: int,
    rate: np.float32,
    noise_rows: Int32s,
    negative: int,
    listed: Listed,
    windows: Windows,
) -> None:
    """Set each noise word's learning rate by the share of pairs to which it is noise."""
    part = 1.0 / pairs  # one division, not one for each noise word
    for k in range(negative):
        others = pairs
        for center in range(first, last):
            if listed.words[center] == noise_rows[k]:
                others -= windows.highs[center - first] - windows.lows[center - first]
        windows.shares[k] = np.float32(others * part)
        windows.rates[k] = rate * windows.shares[k]


@jit
def _train_noise(
    input_rows: Int32s,
    repeats: Floats,
    count: int,
    noise_rows: Int32s,
    noise_count: int,
    rates: Floats,
    shares: Floats,
    with_loss: bool,
    matrices: Matrices,
    buffers: StepBuffers,
    totals: Float64s,
) -> None:
    """Train `count` context words against up to eight noise words: gather, step, scatter.

    The step sees copies of the rows. Only the last call writes to the matrices, by row numbers:
    inputs that are sums of several rows would need another target there, and nothing else
    (simd.py).
    """
    gather(matrices.input, input_rows, count, buffers.input_block)
    gather(matrices.output, noise_rows, noise_count, buffers.output_block)
    noise_gradients(
        buffers.input_block, count, buffers.output_block, noise_count, buffers.block_rows,
        rates, repeats, buffers.scores, buffers.gradients,
    )  # fmt: skip
    noise_updates(
        buffers.input_block, count, buffers.output_block, noise_count, buffers.gradients,
        matrices.input, input_rows, matrices.output, noise_rows,
    )  # fmt: skip
    if with_loss:
        _add_noise_loss(count, noise_count, repeats, shares, buffers.scores, totals)


@jit
def _add_noise_loss(
    count: int, noise_count: int, repeats: Floats, shares: Floats, scores: Floats, totals: Float64s
) -> None:
    """Add the loss of `count` context words with up to eight noise words to the totals."""
    for k in range(noise_count):
        loss, product, saturated, scored = 0.0, 1.0, 0, 0
        for i in range(count):
            times, score = np.int64(repeats[i]), np.float64(scores[i, k])
            loss, product = add_margin(loss, product, -score, times)
            saturated += times * (abs(score) > MAX_LOGIT)
            scored += times
        totals[LOSS] += shares[k] * (loss + np.log(product))
        totals[SATURATED] += shares[k] * saturated
        totals[SCORES] += shares[k] * scored


@jit
def _train_contexts(
    count: int,
    center: Int32s,
    rate: np.float32,
    batch: int,
    with_loss: bool,
    matrices: Matrices,
    buffers: StepBuffers,
    totals: Float64s,
) -> None:
    """Train the centre word's output row against the `count` listed context words.

    The step reads the rows in place: with copies of either side the whole training took 4 % longer.
    For inputs that are sums of several rows, a block of the sums with `block_rows` takes the place
    of the input rows in `row_gradients`. The updates go to rows by their numbers in any case (see
    `row_updates`).
    """
    query_row = np.int64(center[0])
    start = 0
    while start < count:
        rows, size = buffers.input_rows[start:], min(batch, count - start)
        row_gradients(
            matrices.output, query_row, matrices.input, rows, 0, size, buffers.ones, rate, False,
            buffers.scores, buffers.gradients,
        )  # fmt: skip
        row_updates(
            matrices.output, query_row, matrices.input, rows, size, buffers.gradients, buffers.error
        )
        add_to_rows(buffers.error, np.float32(1), matrices.output, center, 1)
        if with_loss:
            add_loss(buffers.scores[0], buffers.ones, size, 0, totals)
        start += batch


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
