"""What the shards of a round changed, as compact arrays that can travel between machines.

The entries of one matrix are `rows`, int32 (n,), and `values`, float32 (n, vector_size). An entry
of a single shard holds the row as that shard left it. An entry joined from several shards holds the
change by Adasum (adasum.py), and its row number is written as ~row, which is negative. Until
`put_rows` the shared rows stay as the round began, so that a round can be done again.

Entries are joined in the tree of adasum.py, ((0, 1), (2, 3)) for four shards. An entry that stands
for the shards 2 and 3 is as good as both of theirs, so whoever has both may join them first. The
result is that of `merge_round`, to the last bit.
"""

import numpy as np

from w2v.kernels.adasum import join_changes
from w2v.kernels.jit import Floats, Int32s, Int64s, jit
from w2v.kernels.own_rows import COPIED
from w2v.kernels.state import OwnRows


@jit
def take_rows(matrix: Floats, own: OwnRows, rows: Int32s, values: Floats) -> None:
    """Write the copies of one shard as entries, in the order in which they were listed.

    Writes `rows` and `values`, which have an entry for each copied row.
    """
    for k in range(own.counts[COPIED]):
        row = own.copied[k]
        rows[k] = row
        _copy(matrix, own.places[row], values, k)


@jit
def chain_entries(part: int, parts: int, rows: Int32s, heads: Int32s, following: Int32s) -> int:
    """Chain the entries of each row of a part, in their order; return how many rows there are.

    Row r is in part r mod `parts`. Different parts may be chained at the same time.

    Parameters
    ----------
    part, parts : int
    rows : int32 (n,)
        Of all entries.
    heads : int32 (V,)
        −1 for every row of the part; the first entry of each row is written.
    following : int32 (n,)
        The next entry of the same row, or −1, is written.
    """
    count = 0
    for entry in range(len(rows) - 1, -1, -1):
        row = _row_of(rows[entry])
        if row % parts == part:
            count += heads[row] < 0
            following[entry] = heads[row]
            heads[row] = entry
    return count


@jit
def join_entries(
    part: int,
    parts: int,
    rows: Int32s,
    values: Floats,
    shards: Int32s,
    matrix: Floats,
    heads: Int32s,
    following: Int32s,
    changes: Floats,
    joined: Int64s,
    joined_rows: Int32s,
    joined_values: Floats,
) -> None:
    """Join the entries of each row of a part, after `chain_entries`.

    Parameters
    ----------
    part, parts : int
    rows : int32 (n,)
    values : float32 (n, vector_size)
        All entries; those of a row in the order of their shards.
    shards : int32 (n,)
        The first shard that each entry stands for.
    matrix : float32 (V or more, width)
        The shared rows as the round began.
    heads, following : int32 (V,), (n,)
        The chains. The heads of the part become −1 again.
    changes, joined : float32 (shards, width), int64 (shards,)
        Overwritten. The padding of `changes` is 0.
    joined_rows, joined_values : int32 (m,), float32 (m, vector_size)
        An entry for each row of the part is written.
    """
    count = 0
    for entry in range(len(rows)):
        row = _row_of(rows[entry])
        if row % parts != part or heads[row] != entry:
            continue
        heads[row] = -1
        if following[entry] < 0:
            joined_rows[count] = rows[entry]
            _copy(values, entry, joined_values, count)
        else:
            for each in range(len(joined)):
                joined[each] = -1
            each = entry
            while each >= 0:
                shard = shards[each]
                joined[shard] = shard
                if rows[each] < 0:
                    _copy(values, each, changes, shard)
                else:
                    for column in range(values.shape[1]):
                        changes[shard, column] = values[each, column] - matrix[row, column]
                each = following[each]
            joined_rows[count] = ~row
            _copy(changes, join_changes(joined, changes), joined_values, count)
        count += 1


@jit
def add_changes(rows: Int32s, values: Floats, matrix: Floats) -> None:
    """Turn entries that hold changes into entries that hold rows: add the shared rows.

    Writes `rows` and `values`. `matrix` has the shared rows as the round began.
    """
    for entry in range(len(rows)):
        if rows[entry] < 0:
            row = ~rows[entry]
            rows[entry] = row
            for column in range(values.shape[1]):
                values[entry, column] += matrix[row, column]


@jit
def put_rows(rows: Int32s, values: Floats, matrix: Floats) -> None:
    """Write entries that hold rows into a matrix."""
    for entry in range(len(rows)):
        _copy(values, entry, matrix, rows[entry])


@jit
def _copy(source: Floats, row: int, target: Floats, target_row: int) -> None:
    """Copy a row; the narrower of the two matrices has no padding."""
    for column in range(min(source.shape[1], target.shape[1])):
        target[target_row, column] = source[row, column]


@jit
def _row_of(number: int) -> int:
    return np.int64(number) if number >= 0 else ~np.int64(number)
