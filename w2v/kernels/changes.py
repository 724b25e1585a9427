"""What the shards of a round changed, as compact arrays that can travel between machines.

The entries of one matrix are `rows` and `sizes`, int32 (n,), and `values`, float32 (n, width), as
the matrices are padded and aligned. `sizes` says of how many shards each entry is. An entry of one
holds the row as that shard left it, an entry of several the change that theirs come to (adasum.py).
Until `put_rows` the shared rows stay as the round began, so that a round can be done again.

The shards of one machine need no entries: their copies are joined where they lie, in a matrix that
all its workers see, and only what they come to is written out. `list_copies` lists them like
entries, with the row of the copy in place of the values.

Entries are joined in the tree of adasum.py, ((0, 1), (2, 3)) for four shards. An entry that stands
for the shards 2 and 3 is as good as both of theirs, so whoever has both may join them first. The
result is that of `merge_round`, to the last bit.
"""

from typing import NamedTuple

import numpy as np

from w2v.kernels.adasum import add_scaled, join_changes, row_difference
from w2v.kernels.copies import MergeBuffers
from w2v.kernels.jit import Floats, Int32s, jit
from w2v.kernels.prefetching import prefetch, prefetch_unchanged
from w2v.kernels.rows import copy_row
from w2v.kernels.state import OwnRows

ROWS_AHEAD = 8  # rows that are prefetched before they are joined or written
_SCATTER, _ALL_BITS = 0x9E3779B1, 0xFFFFFFFF


class Listed(NamedTuple):
    """What is joined in one matrix: first copies that lie there, then entries that came."""

    rows: Int32s  # (n,)
    shards: Int32s  # (n,): the first shard that each of them stands for
    sizes: Int32s  # (n,): of how many shards it is
    places: Int32s  # (c,): the rows of the copies in Shared.copies
    values: Floats  # (n − c, width): those of the entries that came


class Chains(NamedTuple):
    """The entries of each row, one after another."""

    heads: Int32s  # (V,): −1 but while entries are chained
    firsts: Int32s  # (n,): the first entry of each row
    following: Int32s  # (n,): the next entry of the same row; −1 for none


class Shared(NamedTuple):
    """The rows that all shards share."""

    matrix: Floats  # (V, width): as the round began
    copies: Floats  # (n, width): the copies that shards of this machine have of them
    distances: Floats  # (V,): see ShardCopies


class Result(NamedTuple):
    """The entries that several come to, one for each row."""

    rows: Int32s  # (m,)
    sizes: Int32s  # (m,)
    values: Floats  # (m, width)


@jit
def list_copies(count: int, own: OwnRows, rows: Int32s, places: Int32s) -> None:
    """List the first `count` copies that a shard has.

    Parameters
    ----------
    count : int
    own : OwnRows
    rows, places : int32 (count,)
        The row, and the row of its copy, are written.
    """
    for k in range(count):
        rows[k] = own.copied[k]
        places[k] = own.places[own.copied[k]]


@jit
def part_of(row: int, parts: int) -> int:
    """Return to which of at most 65,536 parts a row belongs, which all have about as many.

    Rows that follow each other are scattered, as by Fibonacci hashing (Knuth, The Art of Computer
    Programming, volume 3, 6.4), which takes less time than a remainder.
    """
    return ((row * _SCATTER & _ALL_BITS) >> 16) * parts >> 16


@jit
def chain_entries(part: int, parts: int, rows: Int32s, chains: Chains) -> int:
    """Chain the entries of each row of a part; return how many rows there are.

    Different parts may be chained at the same time. Writes `firsts` and `following` of `chains`.
    """
    count = 0
    for entry in range(len(rows)):
        row = rows[entry]
        if part_of(row, parts) == part:
            first = chains.heads[row]
            if first < 0:
                chains.heads[row] = entry
                chains.following[entry] = -1
                chains.firsts[count] = entry
                count += 1
            else:
                chains.following[entry] = chains.following[first]
                chains.following[first] = entry
    for k in range(count):
        chains.heads[rows[chains.firsts[k]]] = -1
    return count


@jit
def join_entries(
    count: int,
    rate: float,
    listed: Listed,
    chains: Chains,
    shared: Shared,
    buffers: MergeBuffers,
    result: Result,
) -> None:
    """Join the entries of each row of a part, after `chain_entries`.

    Writes `result`, which has an entry for each row of the part, and `buffers`.

    Parameters
    ----------
    count : int
        The rows of the part.
    rate : float
        The learning rate of the round.
    listed : Listed
    chains : Chains
    shared : Shared
    buffers : MergeBuffers
        The padding of `changes` is 0.
    result : Result
    """
    for k in range(count):
        if k + ROWS_AHEAD < count:
            _prefetch_chain(chains.firsts[k + ROWS_AHEAD], listed, chains, shared)
        entry = chains.firsts[k]
        result.rows[k] = listed.rows[entry]
        if chains.following[entry] < 0:
            result.sizes[k] = listed.sizes[entry]
            _take_entry(entry, listed, shared.copies, result.values, k)
        else:
            total = _joined_chain(entry, rate, listed, chains, shared, buffers)
            result.sizes[k] = buffers.sizes[total]
            copy_row(buffers.changes, total, result.values, k)


@jit
def finish_entries(
    count: int,
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
    for k in range(count):
        if k + ROWS_AHEAD < count:
            _prefetch_chain(chains.firsts[k + ROWS_AHEAD], listed, chains, shared)
        entry = chains.firsts[k]
        row = listed.rows[entry]
        result.rows[k] = row
        result.sizes[k] = 1
        if chains.following[entry] < 0 and listed.sizes[entry] == 1:
            _take_entry(entry, listed, shared.copies, result.values, k)
        else:
            total = _joined_chain(entry, rate, listed, chains, shared, buffers)
            copy_row(shared.matrix, row, result.values, k)
            add_scaled(buffers.changes, total, 1.0, result.values, k, 1.0)


@jit
def _prefetch_chain(entry: int, listed: Listed, chains: Chains, shared: Shared) -> None:
    """Prefetch a row and all copies of it, of which this entry is the first."""
    if chains.following[entry] >= 0:
        prefetch_unchanged(shared.matrix, listed.rows[entry])
    while 0 <= entry < len(listed.places):
        prefetch_unchanged(shared.copies, listed.places[entry])
        entry = chains.following[entry]


@jit
def _take_entry(entry: int, listed: Listed, copies: Floats, values: Floats, place: int) -> None:
    """Write what an entry holds into a row of `values`."""
    count = len(listed.places)
    if entry < count:
        copy_row(copies, listed.places[entry], values, place)
    else:
        copy_row(listed.values, entry - count, values, place)


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
            row_difference(shared.copies, listed.places[each], matrix, row, buffers.changes, shard)
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
def put_copies(rows: Int32s, values: Floats, own: OwnRows, copies: Floats) -> None:
    """Write entries that hold rows into the copies that a shard has of them."""
    for entry in range(len(rows)):
        row = rows[entry]
        if own.places[row] != row:
            copy_row(values, entry, copies, own.places[row])
