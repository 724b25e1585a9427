"""Skip-gram: the input rows of the context words, each on its own, predict the centre word."""

import numpy as np

from w2v.kernels.jit import Float64s, Floats, Int32s, jit
from w2v.kernels.outputs import add_loss, draw_from_pool, log_loss
from w2v.kernels.rows import add_to_rows, gather
from w2v.kernels.simd import noise_gradients, noise_updates, train_row
from w2v.kernels.state import (
    BLOCK,
    CENTERS,
    LOSS,
    MAX_LOGIT,
    PAIRS,
    SATURATED,
    SCORES,
    Group,
    Listed,
    Matrices,
    Schedule,
    Step,
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
    """Train the centre words `first` to `last` − 1 of group `group`, which share their noise words.

    First all context words against the noise, eight noise words at once: a context word that
    stands in the windows of two centre words is scored once and counts twice. Then the centre
    words one after another against their own windows. Both `batch` context words at a time: all
    at once move a row as far as the vectors before the step say, which is too far where they are
    many (on text8's prefix windows of 20 lost half of the quality, and of 40 all). Each such batch
    has `negative` noise words of its own, since those that many neighbours share teach less
    (windows of 50: benchmarks/NOTES.md). Writes both matrices and the totals.
    """
    listed, step, windows, window = state.listed, state.step, state.group, schedule.window
    base, stop = max(0, first - window), min(total, last + window)
    pairs = _count_windows(first, last, base, stop, total, listed, windows)
    if pairs == 0:
        return
    count = _list_contexts(base, stop, listed, windows, step)
    noise_rows, batch = state.noise.rows[group], schedule.batch
    for start in range(0, count, batch):
        if start > 0:
            index = start // batch * BLOCK + group  # a block has fewer groups than BLOCK
            draw_from_pool(noise_key, index, negative, noise_rows, state.noise.pool)
        _set_noise_rates(first, last, pairs, rate, noise_rows, negative, listed, windows)
        for k in range(0, negative, OUTPUT_TILE):
            _train_noise(
                step.input_rows[start:], windows.repeats[start:], min(batch, count - start),
                noise_rows[k:], min(OUTPUT_TILE, negative - k), windows.rates[k:],
                windows.shares[k:], with_loss, matrices, step, state.totals,
            )  # fmt: skip
    state.totals[PAIRS] += pairs * with_loss
    for center in range(first, last):
        low, high = windows.lows[center - first], windows.highs[center - first]
        count = list_window(center, low, high, listed, step.input_rows)
        word = listed.words[center : center + 1]
        _train_contexts(count, word, rate, batch, with_loss, matrices, step, state.totals)
        state.totals[CENTERS] += count > 0


@jit
def _count_windows(
    first: int, last: int, base: int, stop: int, total: int, listed: Listed, windows: Group
) -> int:
    """Find the group's windows, count in `repeats` how many hold each token; return all pairs."""
    pairs = 0
    windows.repeats[: stop - base] = 0
    for center in range(first, last):
        low, high = find_window(center, total, listed)
        windows.lows[center - first], windows.highs[center - first] = low, high
        for neighbour in range(low, high + 1):
            windows.repeats[neighbour - base] += 1
        windows.repeats[center - base] -= 1
        pairs += high - low
    return pairs


@jit
def _list_contexts(base: int, stop: int, listed: Listed, windows: Group, step: Step) -> int:
    """List the tokens that stand in a window as input rows, with their repeats; return how many."""
    count = 0
    for place in range(stop - base):
        step.input_rows[count] = listed.words[base + place]
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
    windows: Group,
) -> None:
    """Set the share of pairs that each noise word is noise to, and its rate by this share."""
    for k in range(negative):
        others = pairs
        for center in range(first, last):
            if listed.words[center] == noise_rows[k]:
                others -= windows.highs[center - first] - windows.lows[center - first]
        windows.shares[k] = np.float32(others / pairs)
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
    step: Step,
    totals: Float64s,
) -> None:
    """Train `count` context words against up to eight noise words: gather, step, scatter.

    The step sees copies of the rows. Only the last call writes to rows of the matrices, and takes
    them by their numbers: inputs that are sums of several rows need another target there, and
    nothing else (w2v/kernels/simd.py).
    """
    gather(matrices.input, input_rows, count, step.input_block)
    gather(matrices.output, noise_rows, noise_count, step.output_block)
    noise_gradients(
        step.input_block, count, step.output_block, noise_count, step.places,
        rates, repeats, step.scores, step.gradients,
    )  # fmt: skip
    noise_updates(
        step.input_block, count, step.output_block, noise_count, step.gradients,
        matrices.input, input_rows, matrices.output, noise_rows,
    )  # fmt: skip
    if with_loss:
        for i in range(count):
            for k in range(noise_count):
                score, weight = step.scores[i, k], repeats[i] * shares[k]
                totals[LOSS] += weight * log_loss(-score)
                totals[SATURATED] += weight * (abs(score) > MAX_LOGIT)
                totals[SCORES] += weight


@jit
def _train_contexts(
    count: int,
    center: Int32s,
    rate: np.float32,
    batch: int,
    with_loss: bool,
    matrices: Matrices,
    step: Step,
    totals: Float64s,
) -> None:
    """Train the centre word's output row against the `count` listed context words."""
    for start in range(0, count, batch):
        size = min(batch, count - start)
        train_row(
            matrices.output, center, matrices.input, step.input_rows[start:], size, step.ones,
            rate, False, step.scores, step.gradients, step.error,
        )  # fmt: skip
        add_to_rows(step.error, np.float32(1), matrices.output, center, 1)
        if with_loss:
            add_loss(step.scores[0], step.ones, size, 0, totals)


@jit
def train_path(
    count: int,
    output_rows: Int32s,
    labels: Floats,
    rate: np.float32,
    with_loss: bool,
    matrices: Matrices,
    step: Step,
    totals: Float64s,
) -> None:
    """Train the `count` listed context words, one after another, along the centre word's path.

    Not all at once: they pull the same nodes in the same direction, and too far together (16.5
    against 18.0 % of analogies on 4 M words of wiki8). Writes both matrices and the totals.
    """
    for k in range(count):
        word = step.input_rows[k : k + 1]
        train_row(
            matrices.input, word, matrices.output, output_rows, len(output_rows), labels, rate,
            True, step.scores, step.gradients, step.error,
        )  # fmt: skip
        add_to_rows(step.error, np.float32(1), matrices.input, word, 1)
        if with_loss:
            add_loss(step.scores[0], labels, len(output_rows), 1, totals)
