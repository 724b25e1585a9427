"""What the kernels need beside text and weights: tables of outputs, and each worker's memory."""

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.scratch import (
    BLOCK,
    PLACES,
    POOL,
    FrozenRows,
    HotRows,
    Outputs,
    OwnRows,
    Scratch,
)
from w2v.kernels.vector_ir import OUTPUT_TILE
from w2v.training.config import TrainConfig
from w2v.training.huffman import huffman_paths
from w2v.training.merging import MergePlan
from w2v.training.sampling import alias_table, noise_probabilities
from w2v.training.weights import Weights, aligned_zeros

# The centre words of so many bits of positions share their noise in skip-gram. Pairs of positions
# cost no quality (on wiki8 40.4 % of analogies; alone 40.3).
GROUP_BITS = 1
# Context words that are trained at once, times the learning rate: at 0.05 the 12 of a pair of
# windows of 5 still are.
BATCH_RATE = 0.8
# The window that BATCH_RATE and a pool of POOL words are for, and narrower ones.
USUAL_WINDOW = 5
_RARE = 1e-3  # shares below do not count: no batch has more than 1,000 words


def batch_size(learning_rate: float, window: int, largest_share: float) -> int:
    """Return how many context words skip-gram may train at once against the same rows.

    So few that all their steps together are small, and that hardly any word stands among them
    twice; fewer in wide windows, 2 in those of 20 and 1 from 50 on (at 0.05; the power is what
    benchmarks/NOTES.md found). `largest_share`: of the commonest word, in the words that
    subsampling keeps.
    """
    steps: float = BATCH_RATE / learning_rate * min(1, USUAL_WINDOW / window) ** 1.5
    return max(1, round(min(steps, 1 / max(largest_share, _RARE))))


def pool_size(config: TrainConfig) -> int:
    """Return how many noise words a block draws from: more where each is drawn more often.

    A word that stands against one stretch of text all the time learns only what that is about.
    """
    if config.architecture != "skipgram":
        return POOL
    return POOL * max(1, config.window // USUAL_WINDOW)


def output_tables(
    counts: NDArray[np.int64], config: TrainConfig
) -> tuple[Outputs, NDArray[np.int32]]:
    """Return the tables of one kind of loss, the other's empty, and the steps of all paths.

    A step is 2 · row + label, label = 1 − code.
    """
    if config.loss == "negative":
        table = alias_table(noise_probabilities(counts))
        offsets = np.zeros(1, dtype=np.int64)
        return Outputs(config.negative, table, offsets), np.zeros(0, dtype=np.int32)
    paths = huffman_paths(counts)
    steps = paths.points  # changed in place: of a million words they take 89 MB
    steps *= 2
    steps += 1
    steps -= paths.codes
    return Outputs(0, np.zeros(0, dtype=np.uint64), paths.offsets), steps


def new_scratch(
    worker: int,
    weights: Weights,
    outputs: Outputs,
    path_steps: NDArray[np.int32],
    config: TrainConfig,
    plan: MergePlan,
) -> Scratch:
    """Allocate the memory of one worker (0, 1, …)."""
    width = weights.input.shape[1]
    listed = BLOCK + 2 * config.window
    inputs = (1 << GROUP_BITS) + 2 * config.window + 1
    batch = min(inputs, batch_size(config.learning_rate, config.window, 0.0))
    longest = _most_outputs(outputs)
    targets = -(-max(longest, inputs) // OUTPUT_TILE) * OUTPUT_TILE
    no_rows = _no_own_rows()
    return Scratch(
        ids=np.zeros(listed, dtype=np.int32),
        words=np.zeros(listed, dtype=np.int32),
        positions=np.zeros(listed, dtype=np.int64),
        sentences=np.zeros(listed, dtype=np.int64),
        reaches=np.zeros(listed, dtype=np.int64),
        pool=np.zeros(pool_size(config), dtype=np.int32),
        noise_rows=np.zeros((BLOCK + 1, outputs.negative + 1), dtype=np.int32),
        path_steps=path_steps,
        output_starts=np.zeros(listed + 1, dtype=np.int64),
        output_rows=np.zeros(BLOCK * longest + OUTPUT_TILE, dtype=np.int32),
        output_labels=np.zeros(BLOCK * longest + OUTPUT_TILE, dtype=np.float32),
        window_lows=np.zeros(1 << GROUP_BITS, dtype=np.int64),
        window_highs=np.zeros(1 << GROUP_BITS, dtype=np.int64),
        repeats=np.zeros(inputs + 2, dtype=np.float32),
        shares=np.zeros(targets + OUTPUT_TILE, dtype=np.float32),
        rates=np.zeros(targets + OUTPUT_TILE, dtype=np.float32),
        input_rows=np.zeros(targets, dtype=np.int32),
        places=np.arange(targets, dtype=np.int32),
        ones=np.ones(targets, dtype=np.float32),
        input_block=aligned_zeros(batch + 1, width),
        output_block=aligned_zeros(OUTPUT_TILE, width),
        error=aligned_zeros(1, width),
        scores=aligned_zeros(batch + 1, targets),
        gradients=aligned_zeros(batch + 1, targets),
        totals=np.zeros(PLACES),
        hot=_hot_rows(worker, weights, outputs, plan),
        own_inputs=no_rows,
        own_outputs=no_rows,
        frozen=frozen_rows(np.zeros(0, dtype=np.int64), weights),
    )


def _no_own_rows() -> OwnRows:
    rows = np.zeros(0, dtype=np.int32)
    marks = np.zeros((1, 0), dtype=np.uint8)
    return OwnRows(0, marks, rows, rows, rows, np.zeros(2, dtype=np.int64), rows, 0)


def frozen_rows(rows: NDArray[np.int64], weights: Weights) -> FrozenRows:
    """Return a copy of some input rows as they are now, to be put back; none take no memory."""
    places = np.full(weights.size if len(rows) else 0, -1, dtype=np.int32)
    kept = aligned_zeros(len(rows), weights.input.shape[1])
    if len(rows):
        places[rows] = np.arange(len(rows))
        kept[:] = weights.input[rows]
    return FrozenRows(places, kept)


def _hot_rows(worker: int, weights: Weights, outputs: Outputs, plan: MergePlan) -> HotRows:
    hierarchical = outputs.negative == 0
    width = weights.input.shape[1]
    return HotRows(
        size=plan.size,
        shift=weights.size + worker * plan.size,
        output_first=weights.size - 2 if hierarchical else 0,  # the root
        output_step=-1 if hierarchical else 1,
        merge_interval=plan.merge_interval,
        input_ends=plan.input_ends,
        output_ends=plan.output_ends,
        workers=plan.workers,
        input_distance=plan.input_distance,
        output_distance=plan.output_distance,
        input_before=aligned_zeros(plan.size, width),
        output_before=aligned_zeros(plan.size, width),
        progress=np.zeros(2, dtype=np.int64),
    )


def _most_outputs(outputs: Outputs) -> int:
    """Return the most output rows that one centre word is scored against."""
    if outputs.negative:
        return outputs.negative + 1
    return int(path_lengths(outputs).max())


def path_lengths(outputs: Outputs) -> NDArray[np.int64]:
    """Return the number of nodes on each word's path; empty in negative sampling."""
    return np.diff(outputs.path_offsets)
