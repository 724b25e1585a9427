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
    block: int, schedule: Schedule, outputs: OutputTables, hot: HotRows, pool: Int32s
) -> None:
    """Draw the noise pool of the block that begins at position `block` from the noise distribution.

    The centre words of the block draw their noise words from the pool, uniformly: the expectation
    is the same, and the rows lie in the cache. Sharing noise among the neighbours of eight
    positions instead cost 3 points of analogy accuracy, since neighbours have the same context;
    among two it cost 0.8 points (benchmarks/NOTES.md). Writes `pool`, int32.
    """
    key = draw(schedule.key, block)
    for k in range(schedule.pool):
        word = draw_noise(draw(key, k), outputs.noise_table)
        pool[k] = row_of_word(word, hot.outputs)


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
    schedule: Schedule,
    variant: Variant,
    outputs: OutputTables,
    has_own_rows: bool,
    state: WorkerState,
) -> None:
    """List each centre word's output rows and labels: its noise, its path, or one after the other.

    Writes `state.targets`, for the listed tokens `first` to `last` − 1 of the block that begins at
    position `block`. The block's pool must have been drawn. For `has_own_rows` see `chunk_kernel`
    in chunk.py.
    """
    listed, targets, entry = state.listed, state.targets, 0
    key = draw(schedule.key, block)
    for index in range(first, last):
        targets.starts[index] = entry
        if variant.noise:
            center = _output_row(listed.ids[index], has_own_rows, state.hot, state.own)
            number = listed.positions[index] - block
            entry = list_noise(entry, center, key, number, outputs.negative, schedule.pool, targets)
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
def list_noise(
    entry: int,
    center: int,
    key: np.uint64,
    number: int,
    negative: int,
    pool_size: int,
    targets: Targets,
) -> int:
    """List a word with the label 1 and noise from the pool with 0; return the next entry.

    Noise equal to the centre word is left out, as in word2vec.c.

    Parameters
    ----------
    entry : int
        Where the list begins in the targets.
    center : int
        The word's output row.
    key : uint64
        The block's random stream.
    number : int
        0 or more; each names other draws of the stream.
    negative : int
        Noise words to draw.
    pool_size : int
        How many words of the pool are drawn from, the first ones; 1 or more.
    targets : Targets
        `negative` + 2 entries of `rows` and `labels` may be written, also for a shorter list.

    Returns
    -------
    int
        The entry behind the list.
    """
    targets.rows[entry], targets.labels[entry] = center, 1
    drawn = targets.rows[entry + 1 :]
    pairs = (negative + 1) >> 1
    for k in range(pairs):
        bits = draw(key, pool_size + number * pairs + k)
        drawn[2 * k] = targets.pool[below(low_bits(bits), pool_size)]
        drawn[2 * k + 1] = targets.pool[below(high_bits(bits), pool_size)]
    end = entry + 1
    for k in range(negative):
        row = drawn[k]
        targets.rows[end], targets.labels[end] = row, 0
        end += row != center
    return end


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
        loss, product = _add_margin(loss, product, margin)
        saturated += abs(margin) > MAX_LOGIT
    totals[LOSS] += loss + np.log(product)
    totals[SATURATED] += saturated
    totals[SCORES] += count
    totals[PAIRS] += pairs


@jit
def _add_margin(loss: float, product: float, margin: np.float64) -> tuple[float, float]:
    """Add −log σ(margin) to the loss, which is `loss` + log(`product`); return both.

    It is log(1 + exp(−|margin|)) + max(−margin, 0), to 1e-16 and without a cap; NaN stays NaN. The
    logarithms of many scores are that of one product: a logarithm of each took three times as long.
    """
    product *= 1.0 + np.exp(-abs(margin))
    loss += max(-margin, 0.0)
    if product > _LARGEST_PRODUCT:
        loss, product = loss + np.log(product), 1.0
    return loss, product
