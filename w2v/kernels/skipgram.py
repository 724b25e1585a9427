"""Skip-gram: the input rows of the context words, each on its own, predict the centre word."""

import numpy as np

from w2v.kernels.jit import Floats, Int32s, jit
from w2v.kernels.outputs import add_loss, draw_from_pool, log_loss
from w2v.kernels.rows import add_to_rows, gather
from w2v.kernels.scratch import BLOCK, CENTERS, LOSS, MAX_LOGIT, PAIRS, SATURATED, SCORES, Scratch
from w2v.kernels.simd import noise_gradients, noise_updates, train_row
from w2v.kernels.vector_ir import OUTPUT_TILE
from w2v.kernels.windows import find_window, list_window


@jit
def train_group(
    first: int,
    last: int,
    total: int,
    window: int,
    rate: np.float32,
    noise_key: np.uint64,
    group: int,
    negative: int,
    batch: int,
    with_loss: bool,
    input_matrix: Floats,
    output_matrix: Floats,
    scratch: Scratch,
) -> None:
    """Train the centre words `first` to `last` − 1 of group `group`, which share their noise words.

    First all context words against the noise, eight noise words at once: a context word that
    stands in the windows of two centre words is scored once and counts twice. Then the centre
    words one after another against their own windows. Both `batch` context words at a time: all
    at once move a row as far as the vectors before the step tell, which is too far where they are
    many (on text8's prefix windows of 20 lost half of the quality, and of 40 all). Each such batch
    has `negative` noise words of its own, since those that many neighbours share teach less
    (windows of 50: benchmarks/NOTES.md).
    """
    base = max(0, first - window)
    pairs = _count_windows(first, last, base, min(total, last + window), total, scratch)
    if pairs == 0:
        return
    count = 0
    for place in range(min(total, last + window) - base):
        scratch.input_rows[count] = scratch.words[base + place]
        scratch.repeats[count] = scratch.repeats[place]
        count += scratch.repeats[place] > 0
    noise_rows = scratch.noise_rows[group]
    for start in range(0, count, batch):
        if start > 0:
            index = start // batch * BLOCK + group  # a block has fewer groups than BLOCK
            draw_from_pool(noise_key, index, negative, noise_rows, scratch.pool)
        _set_noise_rates(first, last, pairs, rate, noise_rows, negative, scratch)
        for k in range(0, negative, OUTPUT_TILE):
            _train_noise(
                scratch.input_rows[start:], scratch.repeats[start:], min(batch, count - start),
                noise_rows[k:], min(OUTPUT_TILE, negative - k), scratch.rates[k:],
                scratch.shares[k:], with_loss, input_matrix, output_matrix, scratch,
            )  # fmt: skip
    scratch.totals[PAIRS] += pairs * with_loss
    for center in range(first, last):
        low, high = scratch.window_lows[center - first], scratch.window_highs[center - first]
        count = list_window(center, low, high, scratch)
        word = scratch.words[center : center + 1]
        for start in range(0, count, batch):
            size = min(batch, count - start)
            train_row(
                output_matrix, word, input_matrix, scratch.input_rows[start:], size, scratch.ones,
                rate, False, scratch.scores, scratch.gradients, scratch.error,
            )  # fmt: skip
            add_to_rows(scratch.error, output_matrix, word, 1)
            if with_loss:
                add_loss(scratch.scores[0], scratch.ones, size, 0, scratch)
        scratch.totals[CENTERS] += count > 0


@jit
def _count_windows(
    first: int, last: int, base: int, stop: int, total: int, scratch: Scratch
) -> int:
    """Find the group's windows, count in `repeats` how many hold each token; return all pairs."""
    pairs = 0
    scratch.repeats[: stop - base] = 0
    for center in range(first, last):
        low, high = find_window(center, total, scratch)
        scratch.window_lows[center - first], scratch.window_highs[center - first] = low, high
        for neighbour in range(low, high + 1):
            scratch.repeats[neighbour - base] += 1
        scratch.repeats[center - base] -= 1
        pairs += high - low
    return pairs


@jit
def _set_noise_rates(
    first: int,
    last: int,
    pairs: int,
    rate: np.float32,
    noise_rows: Int32s,
    negative: int,
    scratch: Scratch,
) -> None:
    """Set the share of pairs that each noise word is noise to, and its rate by this share."""
    for k in range(negative):
        others = pairs
        for center in range(first, last):
            if scratch.words[center] == noise_rows[k]:
                others -= scratch.window_highs[center - first] - scratch.window_lows[center - first]
        scratch.shares[k] = np.float32(others / pairs)
        scratch.rates[k] = rate * scratch.shares[k]


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
    input_matrix: Floats,
    output_matrix: Floats,
    scratch: Scratch,
) -> None:
    """Train `count` context words against up to eight noise words."""
    gather(input_matrix, input_rows, count, scratch.input_block)
    gather(output_matrix, noise_rows, noise_count, scratch.output_block)
    noise_gradients(
        scratch.input_block, count, scratch.output_block, noise_count, scratch.places,
        rates, repeats, scratch.scores, scratch.gradients,
    )  # fmt: skip
    noise_updates(
        scratch.input_block, count, scratch.output_block, noise_count, scratch.gradients,
        input_matrix, input_rows, output_matrix, noise_rows,
    )  # fmt: skip
    if with_loss:
        for i in range(count):
            for k in range(noise_count):
                score, weight = scratch.scores[i, k], repeats[i] * shares[k]
                scratch.totals[LOSS] += weight * log_loss(-score)
                scratch.totals[SATURATED] += weight * (abs(score) > MAX_LOGIT)
                scratch.totals[SCORES] += weight


@jit
def train_path(
    count: int,
    output_rows: Int32s,
    labels: Floats,
    output_count: int,
    rate: np.float32,
    with_loss: bool,
    input_matrix: Floats,
    output_matrix: Floats,
    scratch: Scratch,
) -> None:
    """Train the `count` listed context words, one after another, along the centre word's path.

    Not all at once: they pull the same nodes in the same direction, and too far together (16.5
    against 18.0 % of analogies on 4 M words of wiki8).
    """
    for k in range(count):
        word = scratch.input_rows[k : k + 1]
        train_row(
            input_matrix, word, output_matrix, output_rows, output_count, labels, rate,
            True, scratch.scores, scratch.gradients, scratch.error,
        )  # fmt: skip
        add_to_rows(scratch.error, input_matrix, word, 1)
        if with_loss:
            add_loss(scratch.scores[0], labels, output_count, 1, scratch)
