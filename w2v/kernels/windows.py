"""From token ids to centre words with their windows: subsampling, window sizes, noise, paths.

Every draw is a function of the token's position in the corpus (see rng.py), so that a window sees
the same neighbours across the border of a chunk, whichever worker trains which side.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.jit import Floats, Int32s, Int64s, UInt64s, jit
from w2v.kernels.rng import below, draw, high_bits, low_bits
from w2v.kernels.simd import prefetch

BLOCK = 4096  # tokens whose kept ones are listed at a time: the lists stay in the L1 cache
AHEAD = 2  # centre words whose output rows are drawn and prefetched before they are needed
RING = 4  # a power of two above AHEAD
LOSS_SHARE = 32  # the loss is taken on one centre word in so many, chosen by position


class Text(NamedTuple):
    """The encoded corpus."""

    tokens: Int32s  # (T,)
    sentence_offsets: Int64s  # (S + 1,), from 0 to T
    keep_thresholds: UInt64s  # (V,): a token is kept if 32 random bits lie below


class Outputs(NamedTuple):
    """The output rows a word is scored against: noise (alias table), or its Huffman path."""

    negative: int  # noise words a centre word; 0 for hierarchical softmax
    noise_table: UInt64s  # (V,), an alias table, see draw_noise
    path_offsets: Int64s  # (V + 1,)
    path_rows: Int32s  # inner nodes from the root down
    path_labels: Floats  # 1 − code
    spare_row: int  # an output row of zeros that fills up an odd number of rows


class Schedule(NamedTuple):
    """The learning rate: alpha at the first position of the first epoch, falling linearly."""

    alpha: float
    fall: float  # a token
    min_alpha: float
    position: int  # tokens before this epoch
    key: np.uint64  # of this epoch's random stream
    window: int


class Scratch(NamedTuple):
    """One worker's own memory; rows are padded and aligned as the matrices' are."""

    words: Int32s  # (BLOCK + 2 · window,): the kept tokens
    positions: Int64s  # as many
    sentences: Int64s  # as many
    input_rows: Int32s  # (2 · window,)
    output_counts: Int64s  # (RING,)
    output_rows: Int32s  # (RING, outputs)
    labels: Floats  # (RING, outputs)
    rates: Floats  # (RING, outputs)
    input_block: Floats  # (2 · window + 1, width)
    output_block: Floats  # (outputs, width)
    output_before: Floats  # (outputs, width): the block before a window's groups changed it
    output_places: Int32s  # (outputs,): the rows of the block, 0, 1, …
    error: Floats  # (1, width): what a CBOW window gets back; zero between steps
    error_rows: Int32s  # (1,): the row of `error`
    scores: Floats  # (2 · window + 1, outputs)
    gradients: Floats  # (2 · window + 1, outputs)
    totals: NDArray[np.float64]  # (3,): loss, pairs it was taken on, centre words


@jit
def select_tokens(
    text: Text, start: int, stop: int, window: int, key: np.uint64, scratch: Scratch
) -> tuple[int, int, int]:
    """List the tokens of start…stop that subsampling keeps, with `window` more on either side.

    The neighbours outside start…stop lie in the same sentence. Fills `words`, `positions` and
    `sentences` of the scratch; returns (first, last, total): those from first to last − 1 are
    the centre words, and total is the number listed.
    """
    sentence = np.searchsorted(text.sentence_offsets, start, side="right") - 1
    low = start
    missing = window
    while missing > 0 and low > text.sentence_offsets[sentence]:
        low -= 1
        missing -= _is_kept(text, low, key)
    first = last = total = 0
    position = low
    missing = window
    while position < len(text.tokens) and missing > 0:
        if position == text.sentence_offsets[sentence + 1]:
            if position >= stop:
                break
            sentence += 1
            continue
        if _is_kept(text, position, key):
            scratch.words[total] = text.tokens[position]
            scratch.positions[total] = position
            scratch.sentences[total] = sentence
            total += 1
            first += position < start
            last += position < stop
            missing -= position >= stop
        position += 1
    return first, last, total


@jit
def _is_kept(text: Text, position: int, key: np.uint64) -> bool:
    return high_bits(draw(key, position)) < text.keep_thresholds[text.tokens[position]]


@jit
def list_window(index: int, total: int, schedule: Schedule, scratch: Scratch) -> int:
    """List the context words of kept token `index` as `input_rows`; return their number.

    The reduced window is drawn uniformly from 1 … window and ends with the sentence.
    """
    bits = low_bits(draw(schedule.key, scratch.positions[index]))
    reach = 1 + below(bits, schedule.window)
    count = 0
    for neighbour in range(max(0, index - reach), min(total, index + reach + 1)):
        if neighbour != index and scratch.sentences[neighbour] == scratch.sentences[index]:
            scratch.input_rows[count] = scratch.words[neighbour]
            count += 1
    return count


@jit
def takes_loss(position: int, key: np.uint64) -> bool:
    """Say whether the loss is taken on the centre word at `position`: one in LOSS_SHARE."""
    return draw(key, position) & np.uint64(LOSS_SHARE - 1) == np.uint64(0)


@jit
def prepare_outputs(
    index: int, schedule: Schedule, outputs: Outputs, scratch: Scratch, output_matrix: Floats
) -> None:
    """List the output rows of kept token `index` in its ring slot, and prefetch them.

    The labels are 1 for the centre word and 0 for noise, or 1 − code along its Huffman path; the
    rates are the learning rate, but 0 for noise equal to the centre word, and for the spare row.
    """
    slot = index & (RING - 1)
    center = scratch.words[index]
    position = scratch.positions[index]
    rows, labels, rates = scratch.output_rows[slot], scratch.labels[slot], scratch.rates[slot]
    rate = schedule.alpha - schedule.fall * (schedule.position + position)
    rate = np.float32(max(rate, schedule.min_alpha))
    if outputs.negative > 0:
        count = outputs.negative + 1
        rows[0], labels[0], rates[0] = center, 1, rate
        noise_key = draw(schedule.key, position)
        for k in range(1, count):
            word = draw_noise(draw(noise_key, k), outputs.noise_table)
            rows[k], labels[k] = word, 0
            rates[k] = 0 if word == center else rate
    else:
        offset = outputs.path_offsets[center]
        count = outputs.path_offsets[center + 1] - offset
        for k in range(count):
            rows[k], labels[k] = outputs.path_rows[offset + k], outputs.path_labels[offset + k]
            rates[k] = rate
    if count & 1:
        rows[count], labels[count], rates[count] = outputs.spare_row, 0, 0
        count += 1
    scratch.output_counts[slot] = count
    for k in range(count):
        prefetch(output_matrix, rows[k])


@jit
def draw_noise(bits: np.uint64, table: UInt64s) -> int:
    """Return a word drawn from the alias table (Walker, 1977) with 64 random bits.

    The upper bits choose a column, the lower ones between the column itself and its alias. An
    entry holds the threshold in its upper half and the alias in its lower: one load, no branch.
    """
    column = below(high_bits(bits), len(table))
    entry = table[column]
    alias = np.int64(low_bits(entry))
    return column if low_bits(bits) < high_bits(entry) else alias


@jit
def log_loss(input_count: int, slot: int, scratch: Scratch) -> float:
    """Return −Σ log σ(± score) over the step's pairs that have a rate, exact in float64."""
    total = 0.0
    for i in range(input_count):
        for j in range(scratch.output_counts[slot]):
            if scratch.rates[slot, j] > 0:
                score = np.float64(scratch.scores[i, j])
                margin = score if scratch.labels[slot, j] > 0 else -score
                total += np.log1p(np.exp(-abs(margin))) + max(-margin, 0.0)
    return total
