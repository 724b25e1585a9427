"""What the shards of a round changed, as compact arrays that can travel between machines.

The entries of one matrix are `rows` and `sizes`, int32 (n,), `ways`, float32 (n,), and `values`,
float32 (n, width), as the matrices are padded and aligned. `sizes` says of how many shards each
entry is, and `ways` how far they bring the row. An entry of one shard holds the row as that shard
left it, an entry of several the change that theirs come to (adasum.py). Until `put_rows` the shared
rows stay as the round began, so that a round can be done again.

The shards of one machine need no entries: their copies are joined where they lie, in a matrix that
all its workers see, and only what they come to is written out. `list_copies` lists them like
entries, with the row of the copy in place of the values.

Entries are joined in the tree of adasum.py, ((0, 1), (2, 3)) for four shards. An entry that stands
for the shards 2 and 3 is as good as both of theirs, so whoever has both may join them first. The
result is that of `merge_round`, to the last bit.
"""

from typing import NamedTuple

from w2v.kernels.adasum import add_scaled, join_changes, row_difference
from w2v.kernels.copies import MergeBuffers
from w2v.kernels.grouping import Groups, Listed
from w2v.kernels.jit import Floats, Int32s, jit
from w2v.kernels.prefetching import prefetch, prefetch_unchanged
from w2v.kernels.rows import copy_row
from w2v.kernels.state import OwnRows

ROWS_AHEAD = 8  # rows that are prefetched before they are joined or written


class Shared(NamedTuple):
    """The rows that all shards share."""

    matrix: Floats  # (V, width): as the round began
    copies: Floats  # (n, width): the copies that shards of this machine have of them


class Result(NamedTuple):
    """The entries that several come to, one for each row."""

    rows: Int32s  # (m,)
    sizes: Int32s  # (m,)
    ways: Floats  # (m,)
    values: Floats  # (m, width)


@jit
def list_copies(
    count: int, rate: float, own: OwnRows, rows: Int32s, places: Int32s, ways: Floats
) -> None:
    """List the first `count` copies that a shard has.

    Parameters
    ----------
    count : int
    rate : float
        The learning rate of the round.
    own : OwnRows
    rows, places : int32 (count,)
        The row, and the row of its copy, are written.
    ways : float32 (count,)
        How far the shard brings it is written.
    """
    for k in range(count):
        rows[k] = own.copied[k]
        places[k] = own.places[own.copied[k]]
        ways[k] = rate * own.ways[places[k] - own.first]


@jit
def join_entries(
    count: int,
    listed: Listed,
    groups: Groups,
    shared: Shared,
    buffers: MergeBuffers,
    result: Result,
) -> None:
    """Join the entries of each row of a part, after `group_entries`.

    Writes `result`, which has an entry for each row of the part, and `buffers`.

    Parameters
    ----------
    count : int
        The rows of the part.
    listed : Listed
    groups : Groups
    shared : Shared
    buffers : MergeBuffers
        The padding of `changes` is 0.
    result : Result
    """
    for k in range(count):
        if k + ROWS_AHEAD < count:
            _prefetch_group(k + ROWS_AHEAD, groups, shared)
        first = groups.places[groups.starts[k]]
        result.rows[k], result.sizes[k] = groups.rows[k], 0
        for entry in range(groups.starts[k], groups.starts[k + 1]):
            result.sizes[k] += _size_of(groups.places[entry], listed)
        if groups.starts[k + 1] - groups.starts[k] == 1:
            result.ways[k] = groups.ways[groups.starts[k]]
            _take_entry(first, listed, shared.copies, result.values, k)
        else:
            total = _joined_group(k, listed, groups, shared, buffers)
            result.ways[k] = buffers.ways[total]
            copy_row(buffers.changes, total, result.values, k)


@jit
def finish_entries(
    count: int,
    listed: Listed,
    groups: Groups,
    shared: Shared,
    buffers: MergeBuffers,
    result: Result,
) -> None:
    """Write the new rows of a part, to which the entries of all shards come, but no `result.ways`.

    For the parameters see `join_entries`.
    """
    for k in range(count):
        if k + ROWS_AHEAD < count:
            _prefetch_group(k + ROWS_AHEAD, groups, shared)
        first = groups.places[groups.starts[k]]
        result.rows[k] = groups.rows[k]
        result.sizes[k] = 1
        if groups.starts[k + 1] - groups.starts[k] == 1 and _size_of(first, listed) == 1:
            _take_entry(first, listed, shared.copies, result.values, k)
        else:
            total = _joined_group(k, listed, groups, shared, buffers)
            copy_row(shared.matrix, groups.rows[k], result.values, k)
            add_scaled(buffers.changes, total, 1.0, result.values, k, 1.0)


@jit
def _prefetch_group(group: int, groups: Groups, shared: Shared) -> None:
    """Prefetch a row and all copies of it."""
    start, stop = groups.starts[group], groups.starts[group + 1]
    if stop - start > 1:
        prefetch_unchanged(shared.matrix, groups.rows[group])
    for entry in range(start, stop):
        if groups.places[entry] >= 0:
            prefetch_unchanged(shared.copies, groups.places[entry])


@jit
def _size_of(place: int, listed: Listed) -> int:
    """Return of how many shards an entry is."""
    return listed.sizes[-1 - place] if place < 0 else 1


@jit
def _take_entry(place: int, listed: Listed, copies: Floats, values: Floats, target: int) -> None:
    """Write what an entry holds into a row of `values`."""
    if place >= 0:
        copy_row(copies, place, values, target)
    else:
        copy_row(listed.values, -1 - place, values, target)


@jit
def _joined_group(
    group: int,
    listed: Listed,
    groups: Groups,
    shared: Shared,
    buffers: MergeBuffers,
) -> int:
    """Join all entries of a row; return the row of the change."""
    row = groups.rows[group]
    for each in range(len(buffers.joined)):
        buffers.joined[each] = -1
    for entry in range(groups.starts[group], groups.starts[group + 1]):
        shard, place = groups.shards[entry], groups.places[entry]
        size = _size_of(place, listed)
        buffers.joined[shard] = shard
        buffers.ways[shard] = groups.ways[entry]
        if place >= 0:
            row_difference(shared.copies, place, shared.matrix, row, buffers.changes, shard)
        elif size == 1:
            row_difference(listed.values, -1 - place, shared.matrix, row, buffers.changes, shard)
        else:
            copy_row(listed.values, -1 - place, buffers.changes, shard)
    return join_changes(buffers.joined, buffers.ways, buffers.changes)


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
