"""Entries of the rows of a matrix, grouped: those of each row lie one after another.

Whoever joins them reads a list from its start to its end. With chains from entry to entry each step
waited for memory: joining took a fifth to a third longer (benchmarks/NOTES.md).
"""

from typing import NamedTuple

import numpy as np

from w2v.kernels.jit import Floats, Int32s, jit

_SCATTER, _ALL_BITS = 0x9E3779B1, 0xFFFFFFFF


class Listed(NamedTuple):
    """What is joined in one matrix, in any order: copies of rows, and entries that came."""

    rows: Int32s  # (n,)
    shards: Int32s  # (n,): the first shard that each of them stands for
    places: Int32s  # (n,): the row of a copy in Shared.copies, or −1 − k for entry k that came
    ways: Floats  # (n,): how far each brings its row
    sizes: Int32s  # (e,): of how many shards each entry is that came; a copy is of one
    values: Floats  # (e, width): their values


class Groups(NamedTuple):
    """The entries of each row, one after another."""

    numbers: Int32s  # (V,): −1 except while entries are grouped
    found: Int32s  # (n,): the entries of the part
    rows: Int32s  # (n,): the row of each group
    starts: Int32s  # (n + 2,): where a group begins, and the last one ends
    shards: Int32s  # (n,): the shard of each entry in the order of the groups
    places: Int32s  # (n,): its place
    ways: Floats  # (n,): how far it brings the row


@jit
def part_of(row: int, parts: int) -> int:
    """Return to which of at most 65,536 parts a row belongs, which all have about as many.

    Rows that follow each other are scattered, as by Fibonacci hashing (Knuth, The Art of Computer
    Programming, volume 3, 6.4), which takes less time than a remainder.
    """
    return ((np.int64(row) * _SCATTER & _ALL_BITS) >> 16) * parts >> 16


@jit
def group_entries(part: int, parts: int, listed: Listed, groups: Groups) -> int:
    """Group the entries of a part by their rows; return how many groups there are.

    Groups are in the order of their first entries, and the entries of a group stay in theirs.
    Writes `groups`. Different parts may be grouped at the same time, with the same `numbers`, if
    the other arrays are different ones.
    """
    found = 0
    for entry in range(len(listed.rows)):  # a branch could not be predicted
        groups.found[found] = entry
        found += part_of(listed.rows[entry], parts) == part
    count = 0
    groups.starts[0] = groups.starts[1] = 0
    for k in range(found):
        row = listed.rows[groups.found[k]]
        if groups.numbers[row] < 0:
            groups.numbers[row] = count
            groups.rows[count] = row
            groups.starts[count + 2] = 0
            count += 1
        groups.starts[groups.numbers[row] + 2] += 1
    for group in range(count):
        groups.starts[group + 2] += groups.starts[group + 1]
    # starts[group + 1] is the place of its next entry; in the end, that of the next group.
    for k in range(found):
        entry = groups.found[k]
        group = groups.numbers[listed.rows[entry]]
        place = groups.starts[group + 1]
        groups.starts[group + 1] = place + 1
        groups.shards[place] = listed.shards[entry]
        groups.places[place] = listed.places[entry]
        groups.ways[place] = listed.ways[entry]
    for group in range(count):
        groups.numbers[groups.rows[group]] = -1
    return count
