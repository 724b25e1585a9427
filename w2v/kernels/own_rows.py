"""Private copies of the rows that several shards of a round touch.

Before a round is trained, each shard lists the rows that it will touch (touched_rows.py). A row
that no other shard touches is trained where it is. The others get places for their copies, behind
the rows of the same matrix, as in hot_rows.py. Hot rows are copied as the round begins, every other
row just before the first block that touches it is trained. The lists of a block, which name rows,
are rewritten to name the copies, so that the arithmetic knows nothing of them. On wiki8 three
quarters of the rows need no copy, and no merge.

In negative sampling alone both matrices share their marks and places, which takes less memory. So
the copies of both rows of a word lie at the same row of the two matrices, and both matrices have
room for as many. But a word that is only noise has no copy of its input row. With Huffman nodes,
alone or beside noise, each matrix has copies of its own.
"""

from typing import NamedTuple

import numpy as np

from w2v.kernels.jit import Floats, Int32s, jit
from w2v.kernels.prefetching import prefetch, prefetch_unchanged
from w2v.kernels.rows import copy_row
from w2v.kernels.state import Matrices, OwnMatrices, OwnRows, Targets
from w2v.kernels.touched_rows import (
    BLOCKS,
    COPIED,
    HOT,
    OF_COPIED,
    OF_TOUCHED,
    OUTPUT,
    TOUCHED,
    WORD,
    way_of,
)

ROWS_AHEAD = 8  # rows that are prefetched before they are copied


class HotBounds(NamedTuple):
    """The hot rows of one matrix: the commonest words, and the nodes that are next to the root."""

    words: int  # rows before this one are hot
    nodes: int  # rows from this one on are hot


@jit
def is_hot(row: int, hot: HotBounds) -> bool:
    """Return whether a row is hot."""
    return row < hot.words or row >= hot.nodes


@jit
def place_copies(paths: bool, hot: tuple[HotBounds, HotBounds], own: OwnMatrices) -> None:
    """Assign places for the copies of those listed rows that other shards have listed too.

    All shards must have listed their rows. `paths` is that of the Variant, and `hot` are the hot
    rows of both matrices. Writes `places`, `copied`, `ways`, `counts`, `ends` and `holders` of
    `own`; the last if they are kept.
    """
    _forget_copies(own.input)
    _forget_copies(own.output)
    _place_rows(own.output, hot[1])
    if paths:
        _place_rows(own.input, hot[0])
    else:
        _place_like(own.output, own.input, hot[0])


@jit
def copy_hot_rows(own: OwnMatrices, copies: Matrices) -> None:
    """Copy the hot rows that have places for copies, as a round begins.

    `place_copies` must have run. Writes the places of the copies in both matrices of `copies`.
    """
    _copy_rows(0, own.input.counts[HOT], copies.input, own.input)
    _copy_rows(0, own.output.counts[HOT], copies.output, own.output)


@jit
def copy_block(own: OwnRows, copies: Floats) -> None:
    """Copy the rows that the next block of a round is the first to touch.

    They are then in the cache when the block is trained. `place_copies` must have run. Writes the
    places of the copies in `copies`, and `counts`.
    """
    block = own.counts[BLOCKS]
    start = own.ends[OF_COPIED, block - 1] if block > 0 else own.counts[HOT]
    _copy_rows(start, own.ends[OF_COPIED, block], copies, own)
    own.counts[BLOCKS] += 1


@jit
def _forget_copies(own: OwnRows) -> None:
    for k in range(own.counts[COPIED]):
        own.places[own.copied[k]] = own.copied[k]
    own.counts[COPIED] = 0


@jit
def _place_rows(own: OwnRows, hot: HotBounds) -> None:
    """Give each row that others touch a place for its copy."""
    count, start = 0, 0
    for k in range(own.counts[TOUCHED]):
        if is_hot(own.touched[k], hot):
            count += _place_row(own.touched[k], count, own)
    own.counts[HOT] = count
    for block in range(own.counts[BLOCKS]):
        stop = own.ends[OF_TOUCHED, block]
        for k in range(start, stop):
            if not is_hot(own.touched[k], hot):
                count += _place_row(own.touched[k], count, own)
        own.ends[OF_COPIED, block], start = count, stop
    own.counts[COPIED], own.counts[BLOCKS] = count, 0


@jit
def _place_row(row: int, count: int, own: OwnRows) -> bool:
    """Give a row a place for its copy, behind `count` others, if others touch it."""
    is_copied = _has_holder(row, OUTPUT, 0, own.shard, own) or _has_holder(
        row, OUTPUT, own.shard + 1, own.marks.shape[0], own
    )
    if is_copied:
        _write_holders(row, OUTPUT, own)
        own.places[row] = own.first + count
        own.copied[count] = row
        own.ways[count] = way_of(row, own)
    return is_copied


@jit
def _has_holder(row: int, least: int, first: int, last: int, own: OwnRows) -> bool:
    """Return whether a shard from `first` to `last` − 1 has marked a row with `least` or more."""
    shard = first
    while shard < last and own.marks[shard, row] < least:
        shard += 1
    return shard < last


@jit
def _write_holders(row: int, least: int, own: OwnRows) -> None:
    """Record which shards have copies of a row, if this shard is the first of them.

    The merge then looks in one place. Looking into the `places` of 16 shards took a fifth of its
    time.
    """
    if len(own.holders) == 0 or _has_holder(row, least, 0, own.shard, own):
        return
    holders = 0
    for shard in range(own.shard, own.marks.shape[0]):
        holders |= np.int64(own.marks[shard, row] >= least) << shard
    own.holders[row] = holders


@jit
def _place_like(own_outputs: OwnRows, own_inputs: OwnRows, hot: HotBounds) -> None:
    """List the input rows to copy; their copies lie at the same rows as those of the output."""
    count, start = 0, 0
    for k in range(own_inputs.counts[TOUCHED]):
        if is_hot(own_inputs.touched[k], hot):
            count += _list_like(own_inputs.touched[k], count, own_outputs, own_inputs)
    own_inputs.counts[HOT] = count
    for block in range(own_inputs.counts[BLOCKS]):
        stop = own_inputs.ends[OF_TOUCHED, block]
        for k in range(start, stop):
            if not is_hot(own_inputs.touched[k], hot):
                count += _list_like(own_inputs.touched[k], count, own_outputs, own_inputs)
        own_inputs.ends[OF_COPIED, block], start = count, stop
    own_inputs.counts[COPIED], own_inputs.counts[BLOCKS] = count, 0


@jit
def _list_like(row: int, count: int, own_outputs: OwnRows, own_inputs: OwnRows) -> bool:
    is_copied = own_outputs.places[row] != row
    if is_copied:
        _write_holders(row, WORD, own_inputs)
        own_inputs.copied[count] = row
        own_inputs.ways[own_inputs.places[row] - own_inputs.first] = way_of(row, own_inputs)
    return is_copied


@jit
def _copy_rows(start: int, stop: int, copies: Floats, own: OwnRows) -> None:
    for k in range(start, stop):
        if k + ROWS_AHEAD < stop:
            ahead = own.copied[k + ROWS_AHEAD]
            prefetch_unchanged(own.shared, ahead)
            prefetch(copies, own.places[ahead])
        row = own.copied[k]
        copy_row(own.shared, row, copies, own.places[row])


@jit
def name_copies(listed: Int32s, count: int, own: OwnRows) -> None:
    """Replace rows by their copies, where they have any, in the first `count` entries of a list.

    Writes `listed`, int32.
    """
    for k in range(count):
        listed[k] = own.places[listed[k]]


@jit
def name_node_copies(first: int, last: int, targets: Targets, own: OwnRows) -> None:
    """Replace nodes by their copies in the lists of the centre words `first` to `last` − 1.

    Writes `targets.rows`.
    """
    for index in range(first, last):
        start, stop = targets.paths[index], targets.starts[index + 1]
        name_copies(targets.rows[start:stop], stop - start, own)
