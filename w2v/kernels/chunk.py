"""One worker's walk over one chunk of the corpus: the loop that every variant shares."""

import numpy as np

from w2v.kernels.cbow import train_mean
from w2v.kernels.frozen_rows import put_back
from w2v.kernels.hot_rows import merge_all, merge_due, take_copies
from w2v.kernels.jit import Floats, jit
from w2v.kernels.outputs import draw_noise_pool, draw_noise_rows, list_paths, list_with_noise
from w2v.kernels.own_rows import name_copies, take_own_rows
from w2v.kernels.rng import draw
from w2v.kernels.rows import prefetch
from w2v.kernels.scratch import (
    BLOCK,
    CENTERS,
    DROPPED,
    KEPT,
    Outputs,
    Schedule,
    Scratch,
    Text,
)
from w2v.kernels.skipgram import train_group, train_path
from w2v.kernels.windows import (
    end_of_group,
    find_window,
    learning_rate,
    list_window,
    select_tokens,
    takes_loss,
)

AHEAD = 2  # centre words whose rows are prefetched before they are needed
TOP = 8  # nodes of a path, from the root, whose rows are always in the L2 cache


@jit
def train_chunk(
    text: Text,
    start: int,
    stop: int,
    schedule: Schedule,
    outputs: Outputs,
    cbow: bool,
    input_matrix: Floats,
    output_matrix: Floats,
    scratch: Scratch,
) -> None:
    """Train on the tokens from `start` to `stop` − 1 as centre words; without locks.

    `start`: a multiple of BLOCK. `cbow`: CBOW, else skip-gram. Matrices: (V + all workers' hot
    rows, width), rows padded to whole vectors and aligned to 64 bytes; other workers may share
    them, but where the scratch has own rows nobody writes the rows that this call writes, and the
    whole call is for what `list_rows` has listed. `scratch`: this worker's own; what was done is
    added to its `totals`. A pair is a centre word with one context word, in CBOW with its whole
    window. At a learning rate of 0 the matrices stay as they are, and the totals tell the loss.
    """
    take_copies(scratch.hot, input_matrix, output_matrix)
    if len(scratch.own_inputs.places) > 0:
        take_own_rows(outputs.negative == 0, input_matrix, output_matrix, scratch)
    for block in range(start, stop, BLOCK):
        first, last, total = list_block(
            text, block, min(stop, block + BLOCK), schedule, outputs, cbow, scratch
        )
        train_listed(
            block, first, last, total, schedule, outputs, cbow,
            input_matrix, output_matrix, scratch,
        )  # fmt: skip
    rate = learning_rate(max(start, stop - 1), schedule)
    merge_all(rate, scratch.hot, input_matrix, output_matrix)


@jit
def list_block(
    text: Text,
    block: int,
    block_stop: int,
    schedule: Schedule,
    outputs: Outputs,
    cbow: bool,
    scratch: Scratch,
) -> tuple[int, int, int]:
    """List the kept tokens of a block, and the output rows of each; return `select_tokens`'."""
    hierarchical = outputs.negative == 0
    has_own_rows = len(scratch.own_inputs.places) > 0
    first, last, total = select_tokens(
        text, block, block_stop, schedule.window, schedule.key, scratch
    )
    scratch.totals[KEPT] += last - first
    scratch.totals[DROPPED] += block_stop - block - (last - first)
    if hierarchical:
        list_paths(first, last, outputs, scratch)
        if has_own_rows:
            entries = scratch.output_starts[last]
            name_copies(scratch.words, total, scratch.own_inputs)
            name_copies(scratch.output_rows, entries, scratch.own_outputs)
    else:
        draw_noise_pool(block, schedule, outputs, scratch)
        if has_own_rows:
            name_copies(scratch.words, total, scratch.own_outputs)
            name_copies(scratch.pool, len(scratch.pool), scratch.own_outputs)
        draw_noise_rows(block, block_stop, schedule, outputs, scratch)
        if cbow:
            list_with_noise(block, first, last, outputs, scratch)
    return first, last, total


@jit
def train_listed(
    block: int,
    first: int,
    last: int,
    total: int,
    schedule: Schedule,
    outputs: Outputs,
    cbow: bool,
    input_matrix: Floats,
    output_matrix: Floats,
    scratch: Scratch,
) -> None:
    """Train the listed tokens `first` to `last` − 1 of a block as centre words, in turn."""
    hierarchical = outputs.negative == 0
    together = not (cbow or hierarchical)
    has_frozen_rows = len(scratch.frozen.places) > 0
    index = first
    while index < last:
        position = scratch.positions[index]
        rate = learning_rate(position, schedule)
        with_loss = takes_loss(position, schedule)
        if together:
            end = end_of_group(index, last, schedule.group_bits, scratch)
            group = (position - block) >> schedule.group_bits
            _prefetch_group(
                index + AHEAD, end + AHEAD, group + 1, total, schedule.window,
                outputs.negative, input_matrix, output_matrix, scratch,
            )  # fmt: skip
            train_group(
                index, end, total, schedule.window, rate, draw(schedule.key, block), group,
                outputs.negative, schedule.batch, with_loss,
                input_matrix, output_matrix, scratch,
            )  # fmt: skip
        else:
            end = index + 1
            _prefetch_center(
                index + AHEAD, last, total, schedule.window, TOP if hierarchical else 0,
                input_matrix, output_matrix, scratch,
            )  # fmt: skip
            _train_center(
                index, total, rate, cbow, hierarchical, with_loss,
                input_matrix, output_matrix, scratch,
            )  # fmt: skip
        if has_frozen_rows:
            put_back(index, end, total, schedule.window, input_matrix, scratch)
        merge_due(end - index, rate, scratch.hot, input_matrix, output_matrix)
        index = end


@jit
def _train_center(
    index: int,
    total: int,
    rate: np.float32,
    cbow: bool,
    hierarchical: bool,
    with_loss: bool,
    input_matrix: Floats,
    output_matrix: Floats,
    scratch: Scratch,
) -> None:
    """Train one centre word against its own output rows."""
    low, high = find_window(index, total, scratch)
    if low == high:
        return
    scratch.totals[CENTERS] += 1
    count = list_window(index, low, high, scratch)
    start, stop = scratch.output_starts[index], scratch.output_starts[index + 1]
    rows, labels = scratch.output_rows[start:stop], scratch.output_labels[start:]
    if cbow:
        train_mean(
            count, rows, labels, stop - start, rate, hierarchical, with_loss,
            input_matrix, output_matrix, scratch,
        )  # fmt: skip
    else:
        train_path(
            count, rows, labels, stop - start, rate, with_loss,
            input_matrix, output_matrix, scratch,
        )  # fmt: skip


@jit
def _prefetch_center(
    index: int,
    last: int,
    total: int,
    window: int,
    skipped: int,
    input_matrix: Floats,
    output_matrix: Floats,
    scratch: Scratch,
) -> None:
    """Ask for the rows that centre word `index` brings in, but its first `skipped` output rows."""
    if index + window < total:
        prefetch(input_matrix, scratch.words[index + window])
    if index < last:
        for k in range(scratch.output_starts[index] + skipped, scratch.output_starts[index + 1]):
            prefetch(output_matrix, scratch.output_rows[k])


@jit
def _prefetch_group(
    first: int,
    last: int,
    group: int,
    total: int,
    window: int,
    negative: int,
    input_matrix: Floats,
    output_matrix: Floats,
    scratch: Scratch,
) -> None:
    """Ask for the rows that centre words `first` to `last` − 1 and the noise of `group` bring in.

    Beyond the block's end these are rows that were listed before, which does no harm.
    """
    for index in range(first, min(last, total - window)):
        prefetch(input_matrix, scratch.words[index + window])
        prefetch(output_matrix, scratch.words[index])
    for k in range(negative):
        prefetch(output_matrix, scratch.noise_rows[group, k])
