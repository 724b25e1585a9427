"""Entries of rows are grouped as a dictionary of lists would group them."""

import numpy as np
import pytest

from w2v.kernels.grouping import Groups, Listed, group_entries, part_of

ROWS = 500


def made_groups(size):
    """Return room for `size` entries, of which nothing is right but `numbers`."""
    numbers = np.full(ROWS, -1, dtype=np.int32)
    lengths = size, size, size + 2, size, size
    arrays = (np.full(each, -7, dtype=np.int32) for each in lengths)
    return Groups(numbers, *arrays, np.full(size, -7, dtype=np.float32))


def made_entries(size, rows=ROWS):
    random = np.random.default_rng(size)
    places = random.permutation(np.arange(-size, size, dtype=np.int32))[:size]
    return Listed(
        random.integers(rows, size=size, dtype=np.int32),
        random.integers(8, size=size, dtype=np.int32),
        places,
        random.random(size, dtype=np.float32),
        np.ones(size, dtype=np.int32),
        np.zeros((size, 16), dtype=np.float32),
    )


def grouped(part, parts, listed, groups):
    """Return the row of each group with the shards, places and ways of its entries."""
    count = group_entries(part, parts, listed, groups)
    found = []
    for group in range(count):
        some = slice(groups.starts[group], groups.starts[group + 1])
        of_group = groups.shards[some], groups.places[some], groups.ways[some]
        entries = list(zip(*of_group, strict=True))
        found.append((groups.rows[group], entries))
    return found


@pytest.mark.parametrize("parts", [1, 2, 3, 64])
@pytest.mark.parametrize(("size", "rows"), [(0, 1), (1, 1), (40, 1), (3000, ROWS), (100, ROWS)])
def test_entries_are_grouped_in_their_order(size, rows, parts):
    listed, groups = made_entries(size, rows), made_groups(size)
    expected = [{} for _ in range(parts)]
    for row, *entry in zip(*listed[:4], strict=True):
        expected[part_of(row, parts)].setdefault(row, []).append(tuple(entry))
    for part in range(parts):  # in the same room: nothing is left of the part before
        assert grouped(part, parts, listed, groups) == list(expected[part].items())
        assert (groups.numbers == -1).all()
