"""One worker's walk over one chunk of the corpus: the loop that every variant shares."""

from collections.abc import Callable
from functools import cache

import numpy as np

from w2v.kernels.cbow import train_window
from w2v.kernels.frozen_rows import keep_rows, put_back, scale_changes
from w2v.kernels.hot_rows import count_center, merge_all, merge_due, plan_merges, take_copies
from w2v.kernels.jit import inlined, jit
from w2v.kernels.outputs import draw_noise_pool, list_targets
from w2v.kernels.own_rows import copy_block, name_copies, name_node_copies
from w2v.kernels.prefetching import prefetch_center
from w2v.kernels.rng import draw
from w2v.kernels.skipgram import train_pairs, train_path
from w2v.kernels.state import (
    BLOCK,
    CENTERS,
    DROPPED,
    KEPT,
    Matrices,
    OutputTables,
    Schedule,
    Targets,
    Text,
    Variant,
    WorkerState,
)
from w2v.kernels.windows import (
    find_window,
    learning_rate,
    list_window,
    select_tokens,
    takes_loss,
)

CENTERS_AHEAD = 2  # centre words whose rows are prefetched before they are needed


def train_chunk(
    text: Text,
    start: int,
    stop: int,
    schedule: Schedule,
    variant: Variant,
    outputs: OutputTables,
    matrices: Matrices,
    state: WorkerState,
) -> None:
    """Train on the tokens from `start` to `stop` − 1 as centre words, without locks.

    Writes both matrices and all of the worker's `state`; the sums of this call are added to
    `state.totals`. Other workers may write to the matrices meanwhile. Where the state has own rows,
    nobody else writes the rows that this call writes; `list_rows`, `place_copies` and
    `copy_hot_rows` must have run for a round, and each call goes on where the last one stopped. A
    pair is a centre word with one context word or, in CBOW, with its whole window. At a learning
    rate of 0 the matrices do not change, and the totals get the loss.

    Parameters
    ----------
    text : Text
    start, stop : int
        Positions in the corpus; `start` is a multiple of BLOCK.
    schedule : Schedule
    variant : Variant
    outputs : OutputTables
    matrices : Matrices
    state : WorkerState
    """
    has_own_rows = len(state.own.input.places) > 0
    walk = chunk_kernel(variant.cbow, variant.noise, variant.paths, has_own_rows)
    walk(text, start, stop, schedule, variant, outputs, matrices, state)


@cache
def chunk_kernel(cbow: bool, noise: bool, paths: bool, has_own_rows: bool) -> Callable[..., None]:
    """Return the loop of `train_chunk`, compiled for one architecture and its losses.

    The arguments are constants in it, so that the compiler leaves out the code of other variants
    and keeps more in registers. For the first three see Variant; `has_own_rows` says whether
    the state has own rows.
    """

    def walk(
        text: Text,
        start: int,
        stop: int,
        schedule: Schedule,
        choices: Variant,
        outputs: OutputTables,
        matrices: Matrices,
        state: WorkerState,
    ) -> None:
        variant = Variant(cbow, noise, paths, choices.mean, choices.shrinks_windows)
        train_blocks(text, start, stop, schedule, variant, outputs, has_own_rows, matrices, state)

    # Compiled functions of one name and signature may be taken for each other: those of different
    # processes have the same symbols, and lie in the same files of the cache.
    walk.__qualname__ = f"walk_{cbow:d}{noise:d}{paths:d}{has_own_rows:d}"
    return jit(walk)


@inlined
def train_blocks(
    text: Text,
    start: int,
    stop: int,
    schedule: Schedule,
    variant: Variant,
    outputs: OutputTables,
    has_own_rows: bool,
    matrices: Matrices,
    state: WorkerState,
) -> None:
    """Train on the tokens from `start` to `stop` − 1, block by block, as `train_chunk` does.

    The first fields of `variant`, and `has_own_rows`, are constants where it is called from.
    """
    take_copies(state.hot, matrices)
    plan_merges(text, start, stop, variant, outputs, state.hot)
    for block in range(start, stop, BLOCK):
        first, last, total = list_block(
            text, block, min(stop, block + BLOCK), schedule, variant, outputs, has_own_rows, state
        )
        if has_own_rows:
            copy_block(state.own.input, matrices.input)
            copy_block(state.own.output, matrices.output)
        train_listed(
            block, first, last, total, schedule, variant, outputs.negative, matrices, state
        )
    rate = learning_rate(max(start, stop - 1), schedule)
    merge_all(rate, state.hot, matrices)


@jit
def list_block(
    text: Text,
    block: int,
    block_stop: int,
    schedule: Schedule,
    variant: Variant,
    outputs: OutputTables,
    has_own_rows: bool,
    state: WorkerState,
) -> tuple[int, int, int]:
    """List the kept tokens of a block and the output rows of each.

    Writes `listed`, `targets` and `totals` of the state. `block` and `block_stop` are the bounds of
    the block's positions; for `has_own_rows` see `chunk_kernel`, for the other parameters
    `train_chunk`.

    Returns
    -------
    first, last, total : int
        See `select_tokens`.
    """
    hot, own, listed, pool = state.hot, state.own, state.listed, state.targets.pool
    first, last, total = select_tokens(
        text, block, block_stop, schedule, variant, hot.inputs, listed
    )
    state.totals[KEPT] += last - first
    state.totals[DROPPED] += block_stop - block - (last - first)
    if has_own_rows:
        name_copies(listed.words, total, own.input)
    if variant.noise:
        draw_noise_pool(block, schedule, outputs, hot, pool)
        if has_own_rows:
            name_copies(pool, schedule.pool, own.output)
    list_targets(block, first, last, schedule, variant, outputs, has_own_rows, state)
    if has_own_rows:
        name_node_copies(first, last, state.targets, own.output)
    return first, last, total


@jit
def train_listed(
    block: int,
    first: int,
    last: int,
    total: int,
    schedule: Schedule,
    variant: Variant,
    negative: int,
    matrices: Matrices,
    state: WorkerState,
) -> None:
    """Train the listed tokens `first` to `last` − 1 of a block as centre words, in turn.

    Writes both matrices, and `targets`, `buffers`, `hot`, `scaled` and `totals` of the state.
    `block` is the block's first position, `total` the number of listed tokens, `negative` the noise
    words of each centre word; for the other parameters see `train_chunk`.
    """
    listed, window = state.listed, schedule.window
    has_frozen_rows = len(state.frozen.places) > 0
    has_scaled_rows = len(state.scaled.factors) > 0
    for index in range(first, last):
        rate = learning_rate(listed.positions[index], schedule)
        if has_scaled_rows:
            keep_rows(index, total, listed, state.scaled, matrices.input)
        prefetch_center(index + CENTERS_AHEAD, last, total, window, listed, state.targets, matrices)
        _train_center(block, index, last, total, rate, schedule, variant, negative, matrices, state)
        if has_scaled_rows:
            scale_changes(state.scaled, matrices.input)
        if has_frozen_rows:
            put_back(index, total, window, listed, state.frozen, matrices.input)
        if count_center(state.hot.progress):
            merge_due(rate, state.hot, matrices)


@jit
def _train_center(
    block: int,
    index: int,
    last: int,
    total: int,
    rate: np.float32,
    schedule: Schedule,
    variant: Variant,
    negative: int,
    matrices: Matrices,
    state: WorkerState,
) -> None:
    """Train one centre word against its own output rows."""
    listed, targets, buffers = state.listed, state.targets, state.buffers
    low, high = find_window(index, total, listed)
    if low == high:
        return
    state.totals[CENTERS] += 1
    count = list_window(index, low, high, listed, buffers.input_rows)
    position = listed.positions[index]
    with_loss = takes_loss(position, schedule)
    start, stop = targets.starts[index], targets.starts[index + 1]
    rows, labels = targets.rows[start:stop], targets.labels[start:]
    words = _count_words(index, variant, targets)
    if variant.cbow:
        train_window(
            count, rows, words, labels, rate, variant.mean, with_loss, matrices, buffers,
            state.totals,
        )  # fmt: skip
    elif variant.paths:
        train_path(count, rows, words, labels, rate, with_loss, matrices, buffers, state.totals)
    else:
        train_pairs(
            index, last, count, rate, draw(schedule.key, block), position - block, negative,
            schedule, with_loss, matrices, state,
        )  # fmt: skip


@jit
def _count_words(index: int, variant: Variant, targets: Targets) -> int:
    """Return how many of a centre word's output rows are words'; the others are nodes'.

    Where the variant has one kind only, the compiler learns it here, and leaves out the step with
    the other (benchmarks/NOTES.md).
    """
    start, stop = targets.starts[index], targets.starts[index + 1]
    if not variant.paths:
        return stop - start
    return targets.paths[index] - start if variant.noise else 0
