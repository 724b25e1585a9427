"""What the shards of a round changed, as compact arrays that can travel between machines.

The entries of one matrix are `rows` and `sizes`, int32 (n,), and `values`, float32 (n, width), as
the matrices are padded and aligned. `sizes` says of how many shards each entry is. An entry of one
holds the row as that shard left it, an entry of several the change that theirs come to (adasum.py).
Until `put_rows` the shared rows stay as the round began, so that a round can be done again.

A machine's own shards have no entries: their copies are joined where they lie, behind the rows of
the matrix, and only what they come to is written out. `list_copies` lists them like entries, with
the row of the copy in place of the values.

Entries are joined in the tree of adasum.py, ((0, 1), (2, 3)) for four shards. An entry that stands
for the shards 2 and 3 is as good as both of theirs, so whoever has both may join them first. The
result is that of `merge_round`, to the last bit.
"""

from typing import NamedTuple

import numpy as np

from w2v.kernels.adasum import add_scaled, join_changes, row_difference
from w2v.kernels.copies import HotBounds, MergeBuffers, is_hot
from w2v.kernels.jit import Floats, Int32s, jit
from w2v.kernels.own_rows import COPIED
from w2v.kernels.rows import copy_row, prefetch, prefetch_unchanged
from w2v.kernels.state import OwnRows

ROWS_AHEAD = 8  # rows that are prefetched before they are joined or written


class Listed(NamedTuple):
    """What is joined in one matrix: first copies that lie there, then entries that came."""

    rows: Int32s  # (n,)
    shards: Int32s  # (n,): the first shard that each of them stands for
    sizes: Int32s  # (n,): of how many shards it is
    places: Int32s  # (c,): the rows of the copies
    values: Floats  # (n − c, width): those of the entries that came


class Chains(NamedTuple):
    """The entries of each row, one after another, in their order."""

    heads: Int32s  # (V,): the first entry of each row; −1 for none
    following: Int32s  # (n,): the next entry of the same row; −1 for none


class Shared(NamedTuple):
    """The rows that all shards share."""

    matrix: Floats  # (V or more, width): as the round began; the copies lie behind them
    distances: Floats  # (V,): see ShardCopies


class Result(NamedTuple):
    """The entries that several come to, one for each row."""

    rows: Int32s  # (m,)
    sizes: Int32s  # (m,)
    values: Floats  # (m, width)


@jit
def list_copies(own: OwnRows, wanted: HotBounds, rows: Int32s, places: Int32s) -> int:
    """List a shard's copies of those rows that are wanted, and return how many there are.

    Parameters
    ----------
    own : OwnRows
    wanted : HotBounds
    rows, places : int32
        The row, and the row of its copy, are written.
    """
    count = 0
    for k in range(own.counts[COPIED]):
        row = own.copied[k]
        if is_hot(row, wanted):
            rows[count] = row
            places[count] = own.places[row]
            count += 1
    return count


@jit
def chain_entries(part: int, parts: int, rows: Int32s, chains: Chains) -> int:
    """Chain the entries of each row of a part, in their order; return how many rows there are.

    Row r is in part r mod `parts`. Different parts may be chained at the same time. Writes
    `chains`, whose heads of the part must be −1.
    """
    count = 0
    for entry in range(len(rows) - 1, -1, -1):
        row = rows[entry]
        if row % parts == part:
            count += chains.heads[row] < 0
            chains.following[entry] = chains.heads[row]
            chains.heads[row] = entry
    return count


@jit
def join_entries(
    part: int,
    parts: int,
    rate: float,
    listed: Listed,
    chains: Chains,
    shared: Shared,
    buffers: MergeBuffers,
    result: Result,
) -> None:
    """Join the entries of each row of a part, after `chain_entries`.

    Writes `result`, which has an entry for each row of the part, and `buffers`. The heads of the
    part become −1 again.

    Parameters
    ----------
    part, parts : int
    rate : float
        The learning rate of the round.
    listed : Listed
    chains : Chains
    shared : Shared
    buffers : MergeBuffers
        The padding of `changes` is 0.
    result : Result
    """
    count = 0
    for entry in range(len(listed.rows)):
        _prefetch_chain(entry + ROWS_AHEAD, part, parts, listed, chains, shared.matrix)
        if not _begins_chain(entry, part, parts, listed, chains):
            continue
        _take_entry(entry, listed, chains, shared.matrix, result, count)
        if chains.following[entry] >= 0:
            total = _joined_chain(entry, rate, listed, chains, shared, buffers)
            copy_row(buffers.changes, total, result.values, count)
            result.sizes[count] = buffers.sizes[total]
        count += 1


@jit
def finish_entries(
    part: int,
    parts: int,
    rate: float,
    listed: Listed,
    chains: Chains,
    shared: Shared,
    buffers: MergeBuffers,
    result: Result,
) -> None:
    """Write the new rows of a part, to which the entries of all shards come.

    For the parameters see `join_entries`.
    """
    count = 0
    for entry in range(len(listed.rows)):
        _prefetch_chain(entry + ROWS_AHEAD, part, parts, listed, chains, shared.matrix)
        if not _begins_chain(entry, part, parts, listed, chains):
            continue
        _take_entry(entry, listed, chains, shared.matrix, result, count)
        if listed.sizes[entry] > 1 or chains.following[entry] >= 0:
            total = _joined_chain(entry, rate, listed, chains, shared, buffers)
            copy_row(shared.matrix, listed.rows[entry], result.values, count)
            add_scaled(buffers.changes, total, 1.0, result.values, count, 1.0)
            result.sizes[count] = 1
        count += 1


@jit
def _begins_chain(entry: int, part: int, parts: int, listed: Listed, chains: Chains) -> bool:
    """Return whether an entry is the first of a row of the part."""
    row = listed.rows[entry]
    return row % parts == part and chains.heads[row] == entry


@jit
def _prefetch_chain(
    entry: int, part: int, parts: int, listed: Listed, chains: Chains, matrix: Floats
) -> None:
    """Prefetch a row and all copies of it, if an entry is the first of them."""
    if entry >= len(listed.places) or not _begins_chain(entry, part, parts, listed, chains):
        return
    prefetch_unchanged(matrix, listed.rows[entry])
    each = entry
    while 0 <= each < len(listed.places):
        prefetch_unchanged(matrix, listed.places[each])
        each = chains.following[each]


@jit
def _take_entry(
    entry: int, listed: Listed, chains: Chains, matrix: Floats, result: Result, place: int
) -> None:
    """Write an entry as it is, as if it were the only one of its row, and forget the chain."""
    row, copies = listed.rows[entry], len(listed.places)
    chains.heads[row] = -1
    result.rows[place] = row
    result.sizes[place] = listed.sizes[entry]
    if entry < copies:
        copy_row(matrix, listed.places[entry], result.values, place)
    else:
        copy_row(listed.values, entry - copies, result.values, place)


@jit
def _joined_chain(
    entry: int,
    rate: float,
    listed: Listed,
    chains: Chains,
    shared: Shared,
    buffers: MergeBuffers,
) -> int:
    """Join all entries of a row, of which this is the first; return the row of the change."""
    matrix, row, copies = shared.matrix, listed.rows[entry], len(listed.places)
    for each in range(len(buffers.joined)):
        buffers.joined[each] = -1
    each = entry
    while each >= 0:
        shard = listed.shards[each]
        buffers.joined[shard] = shard
        buffers.sizes[shard] = listed.sizes[each]
        if each < copies:
            row_difference(matrix, listed.places[each], matrix, row, buffers.changes, shard)
        elif listed.sizes[each] == 1:
            row_difference(listed.values, each - copies, matrix, row, buffers.changes, shard)
        else:
            copy_row(listed.values, each - copies, buffers.changes, shard)
        each = chains.following[each]
    distance = np.float64(shared.distances[row]) * rate
    return join_changes(buffers.joined, buffers.sizes, distance, buffers.changes)


@jit
def put_rows(rows: Int32s, values: Floats, matrix: Floats) -> None:
    """Write entries that hold rows into a matrix."""
    for entry in range(len(rows)):
        if entry + ROWS_AHEAD < len(rows):
            prefetch(matrix, rows[entry + ROWS_AHEAD])
        copy_row(values, entry, matrix, rows[entry])


@jit
def put_copies(rows: Int32s, values: Floats, own: OwnRows, matrix: Floats) -> None:
    """Write entries that hold rows into the copies that a shard has of them."""
    for entry in range(len(rows)):
        row = rows[entry]
        if own.places[row] != row:
            copy_row(values, entry, matrix, own.places[row])
