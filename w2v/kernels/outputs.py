"""The output rows of each centre word: noise words, or the nodes of its Huffman path.

They are listed for a whole block before its training begins. No draw or look-up waits for another
then, and the processor overlaps their cache misses.
"""

import numpy as np

from w2v.kernels.jit import Float64s, Floats, Int32s, UInt64s, jit
from w2v.kernels.rng import below, draw, high_bits, low_bits
from w2v.kernels.rows import prefetch_entry
from w2v.kernels.state import (
    LOSS,
    MAX_LOGIT,
    PAIRS,
    SATURATED,
    SCORES,
    HotRows,
    Listed,
    Noise,
    OutputTables,
    Schedule,
    Targets,
)
from w2v.kernels.windows import row_of_node, row_of_word

PATHS_AHEAD = 8  # words whose paths are looked up before they are needed


@jit
def draw_noise_pool(
    block: int, schedule: Schedule, outputs: OutputTables, hot: HotRows, noise: Noise
) -> None:
    """Draw the noise pool of the block that begins at position `block` from the noise distribution.

    The groups of the block draw their noise words from the pool, uniformly: the expectation is the
    same, and the rows lie in the cache. Sharing noise among the neighbours of eight positions
    instead cost 3 points of analogy accuracy, since neighbours have the same context
    (benchmarks/NOTES.md). Writes `noise.pool`.
    """
    key = draw(schedule.key, block)
    for k in range(len(noise.pool)):
        word = draw_noise(draw(key, k), outputs.noise_table)
        noise.pool[k] = row_of_word(word, hot)


@jit
def draw_noise_rows(
    block: int, stop: int, schedule: Schedule, outputs: OutputTables, noise: Noise
) -> None:
    """Draw the noise of every group of the positions `block` to `stop` − 1 from the pool.

    Writes `noise.rows`.
    """
    key = draw(schedule.key, block)
    for group in range(((stop - 1 - block) >> schedule.group_bits) + 1):
        draw_from_pool(key, group, outputs.negative, noise.rows[group], noise.pool)


@jit
def draw_from_pool(
    key: np.uint64, index: int, negative: int, noise_rows: Int32s, pool: Int32s
) -> None:
    """Draw noise words number `index` of a block from its pool.

    Parameters
    ----------
    key : uint64
        The block's random stream.
    index : int
        0 or more; each names other draws of the stream.
    negative : int
        Noise words to draw.
    noise_rows : int32, room for `negative` + 1
        Written.
    pool : int32
    """
    pairs, size = (negative + 1) >> 1, len(pool)
    for k in range(pairs):
        bits = draw(key, size + index * pairs + k)
        noise_rows[2 * k] = pool[below(low_bits(bits), size)]
        noise_rows[2 * k + 1] = pool[below(high_bits(bits), size)]


@jit
def draw_noise(bits: np.uint64, table: UInt64s) -> int:
    """Return a word drawn from the alias table (Walker, 1977) with 64 random bits.

    The upper bits choose a column, the lower ones between the column itself and its alias. An entry
    holds the threshold in its upper half and the alias in its lower half: one load, no branch.

    Parameters
    ----------
    bits : uint64
    table : uint64 (V,)
        See `w2v.training.sampling.alias_table`.

    Returns
    -------
    int
        0 to V − 1.
    """
    column = below(high_bits(bits), len(table))
    entry = table[column]
    alias = np.int64(low_bits(entry))
    return column if low_bits(bits) < high_bits(entry) else alias


@jit
def list_with_noise(
    block: int,
    first: int,
    last: int,
    outputs: OutputTables,
    listed: Listed,
    noise: Noise,
    targets: Targets,
) -> None:
    """List each centre word's output rows and labels: the word itself with 1, its noise with 0.

    Noise equal to the centre word is left out, as in word2vec.c. Every position is a group of its
    own. Writes `targets`, for the listed tokens `first` to `last` − 1 of the block.
    """
    entry = 0
    for index in range(first, last):
        targets.starts[index] = entry
        center = listed.words[index]
        targets.rows[entry], targets.labels[entry] = center, 1
        entry += 1
        noise_rows = noise.rows[listed.positions[index] - block]
        for k in range(outputs.negative):
            targets.rows[entry], targets.labels[entry] = noise_rows[k], 0
            entry += noise_rows[k] != center
    targets.starts[last] = entry


@jit
def list_paths(
    first: int, last: int, outputs: OutputTables, hot: HotRows, listed: Listed, targets: Targets
) -> None:
    """List each centre word's output rows and labels: the nodes of its path with 1 − code.

    Writes `targets`, for the listed tokens `first` to `last` − 1.
    """
    entry = 0
    for index in range(first, last):
        if index + 2 * PATHS_AHEAD < last:
            prefetch_entry(outputs.path_offsets, listed.ids[index + 2 * PATHS_AHEAD])
            next_word = listed.ids[index + PATHS_AHEAD]
            prefetch_entry(outputs.path_targets, outputs.path_offsets[next_word])
            prefetch_entry(outputs.path_targets, outputs.path_offsets[next_word + 1])
        targets.starts[index] = entry
        word = listed.ids[index]
        for place in range(outputs.path_offsets[word], outputs.path_offsets[word + 1]):
            packed = outputs.path_targets[place]
            targets.rows[entry] = row_of_node(packed >> 1, hot)
            targets.labels[entry] = np.float32(packed & 1)
            entry += 1
    targets.starts[last] = entry


@jit
def add_loss(scores: Floats, labels: Floats, count: int, pairs: int, totals: Float64s) -> None:
    """Add −Σ log σ(± score) to the totals, with + where the label is 1.

    Parameters
    ----------
    scores, labels : float32 (count or more,)
    count : int
        Scores to read.
    pairs : int
        The pairs that these scores belong to.
    totals : float64 (TOTALS_SIZE,)
        Written: LOSS, SATURATED, SCORES and PAIRS.
    """
    total, saturated = 0.0, 0
    for k in range(count):
        margin = scores[k] if labels[k] > 0 else -scores[k]
        total += log_loss(margin)
        saturated += abs(margin) > MAX_LOGIT
    totals[LOSS] += total
    totals[SATURATED] += saturated
    totals[SCORES] += count
    totals[PAIRS] += pairs


@jit
def log_loss(margin: np.float32) -> float:
    """Return −log σ(margin), exact in float64 and without a cap; NaN stays NaN."""
    exact = np.float64(margin)
    return np.log1p(np.exp(-abs(exact))) + max(-exact, 0.0)
