"""The output rows of each centre word: its noise, the nodes of its Huffman path, or both.

They are listed for a whole block before its training begins. No draw or look-up waits for another
then, and the processor overlaps their cache misses.
"""

import numpy as np

from w2v.kernels.jit import Float64s, Floats, Int32s, UInt64s, jit
from w2v.kernels.prefetching import prefetch_entry
from w2v.kernels.rng import below, draw, high_bits, low_bits
from w2v.kernels.simd import row_gradients, row_updates
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
    OwnMatrices,
    Schedule,
    StepBuffers,
    Targets,
    Variant,
    WorkerState,
)
from w2v.kernels.windows import row_of_node, row_of_word

PATHS_AHEAD = 8  # words whose paths are looked up before they are needed
_LARGEST_PRODUCT = 1e200  # the factors of one more score leave it finite


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
    for k in range(schedule.pool):
        word = draw_noise(draw(key, k), outputs.noise_table)
        noise.pool[k] = row_of_word(word, hot.outputs)


@jit
def draw_noise_rows(
    block: int, stop: int, schedule: Schedule, variant: Variant, outputs: OutputTables, noise: Noise
) -> None:
    """Draw the noise of every group of the positions `block` to `stop` − 1 from the pool.

    Writes `noise.rows`.
    """
    key = draw(schedule.key, block)
    for group in range(((stop - 1 - block) >> variant.group_bits) + 1):
        draw_from_pool(key, group, outputs.negative, noise.rows[group], noise.pool, schedule.pool)


@jit
def draw_from_pool(
    key: np.uint64, index: int, negative: int, noise_rows: Int32s, pool: Int32s, size: int
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
    size : int
        How many words of the pool are drawn from, the first ones; 1 or more.
    """
    pairs = (negative + 1) >> 1
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
def list_targets(
    block: int,
    first: int,
    last: int,
    variant: Variant,
    outputs: OutputTables,
    has_own_rows: bool,
    state: WorkerState,
) -> None:
    """List each centre word's output rows and labels: its noise, its path, or one after the other.

    Writes `state.targets`, for the listed tokens `first` to `last` − 1 of the block that begins at
    position `block`. For `has_own_rows` see `chunk_kernel` in chunk.py.
    """
    listed, targets, entry = state.listed, state.targets, 0
    for index in range(first, last):
        targets.starts[index] = entry
        if variant.noise:
            group = (listed.positions[index] - block) >> variant.group_bits
            center = _output_row(listed.ids[index], has_own_rows, state.hot, state.own)
            entry = _list_noise(entry, center, state.noise.rows[group], outputs.negative, targets)
        targets.paths[index] = entry
        if variant.paths:
            _prefetch_path(index, last, outputs, listed)
            entry = _list_path(entry, listed.ids[index], outputs, state.hot, targets)
    targets.starts[last] = entry


@jit
def _output_row(word: int, has_own_rows: bool, hot: HotRows, own: OwnMatrices) -> int:
    """Return this worker's output row for a word, perhaps a private copy."""
    if has_own_rows:
        return np.int64(own.output.places[word])
    return row_of_word(word, hot.outputs)


@jit
def _list_noise(
    entry: int, center: int, noise_rows: Int32s, negative: int, targets: Targets
) -> int:
    """List a word with the label 1 and its noise with 0, from an entry on; return the next entry.

    Noise equal to the centre word is left out, as in word2vec.c.
    """
    targets.rows[entry], targets.labels[entry] = center, 1
    entry += 1
    for k in range(negative):
        targets.rows[entry], targets.labels[entry] = noise_rows[k], 0
        entry += noise_rows[k] != center
    return entry


@jit
def _list_path(entry: int, word: int, outputs: OutputTables, hot: HotRows, targets: Targets) -> int:
    """List the nodes of a word's path, each with 1 − code, from an entry on; return the next."""
    for place in range(outputs.path_offsets[word], outputs.path_offsets[word + 1]):
        packed = outputs.path_targets[place]
        targets.rows[entry] = row_of_node(packed >> 1, hot.nodes)
        targets.labels[entry] = np.float32(packed & 1)
        entry += 1
    return entry


@jit
def _prefetch_path(index: int, last: int, outputs: OutputTables, listed: Listed) -> None:
    """Prefetch where the path of a later centre word is found, and a nearer one's path."""
    if index + 2 * PATHS_AHEAD < last:
        prefetch_entry(outputs.path_offsets, listed.ids[index + 2 * PATHS_AHEAD])
        next_word = listed.ids[index + PATHS_AHEAD]
        prefetch_entry(outputs.path_targets, outputs.path_offsets[next_word])
        prefetch_entry(outputs.path_targets, outputs.path_offsets[next_word + 1])


@jit
def train_against(
    query: Floats,
    query_row: int,
    output_rows: Int32s,
    words: int,
    labels: Floats,
    rate: np.float32,
    output_matrix: Floats,
    buffers: StepBuffers,
) -> None:
    """Train query[query_row] against output rows: a step with all rows at once.

    As in word2vec.c, nodes whose scores lie beyond ±6 are left out, but words are not. Writes the
    output matrix, and `scores`, `gradients` and `error` of `buffers`.

    Parameters
    ----------
    query : float32 (n, width)
        A matrix or a block; not written.
    query_row : int
    output_rows : int32 (outputs,)
    words : int
        How many of the rows, the first ones, are words'; the others are nodes'.
    labels : float32, room for 8 more than `outputs`
        1 or 0 for each output row.
    rate : float32
        The learning rate.
    output_matrix : float32 (rows, width)
    buffers : StepBuffers
    """
    count = len(output_rows)
    row_gradients(
        query, query_row, output_matrix, output_rows, 0, words, labels, rate, False,
        buffers.scores, buffers.gradients,
    )  # fmt: skip
    row_gradients(
        query, query_row, output_matrix, output_rows, words, count, labels, rate, True,
        buffers.scores, buffers.gradients,
    )  # fmt: skip
    row_updates(
        query, query_row, output_matrix, output_rows, count, buffers.gradients, buffers.error
    )


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
    loss, product, saturated = 0.0, 1.0, 0
    for k in range(count):
        margin = np.float64(scores[k] if labels[k] > 0 else -scores[k])
        loss, product = add_margin(loss, product, margin, 1)
        saturated += abs(margin) > MAX_LOGIT
    totals[LOSS] += loss + np.log(product)
    totals[SATURATED] += saturated
    totals[SCORES] += count
    totals[PAIRS] += pairs


@jit
def add_margin(
    loss: float, product: float, margin: np.float64, repeats: int
) -> tuple[float, float]:
    """Add −log σ(margin), `repeats` times, to the loss, which is `loss` + log(`product`).

    It is log(1 + exp(−|margin|)) + max(−margin, 0), to 1e-16 and without a cap; NaN stays NaN. The
    logarithms of many scores are that of one product: a logarithm of each took three times as long.

    Parameters
    ----------
    loss, product : float
        The loss so far.
    margin : float64
        The score, or its negative where the label is 0.
    repeats : int
        1 or more, and few.

    Returns
    -------
    loss, product : float
        The loss with this score.
    """
    factor = 1.0 + np.exp(-abs(margin))
    for _ in range(repeats):
        product *= factor
    loss += repeats * max(-margin, 0.0)
    if product > _LARGEST_PRODUCT:
        loss, product = loss + np.log(product), 1.0
    return loss, product
