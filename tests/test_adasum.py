"""The copies of a row by several shards are merged as plain NumPy does it, by Adasum or less."""

import numpy as np
import pytest
from test_kernels import TOLERANCE

from w2v.kernels import copies as kernels
from w2v.training.shapes import aligned_zeros


def combined(changes, ways):
    """Two changes of a row, each of which brings it 1 − e^−way of its way."""
    first, second = changes
    product = first @ second
    if not first.any() or not second.any():
        return first + second
    weights = (
        1 + np.expm1(-way) * product / (2 * change @ change)
        for change, way in zip(changes, ways, strict=True)
    )
    return sum(weight * change for weight, change in zip(weights, changes, strict=True))


def all_combined(changes, ways):
    """The first half and the second half of the changes, whose own are found so too."""
    if len(changes) == 1:
        return changes[0]
    half = len(changes) // 2
    halves = slice(None, half), slice(half, None)
    both = [all_combined(changes[some], ways[some]) for some in halves]
    return combined(both, [sum(ways[some]) for some in halves])


RATE = 0.5


def merged(shared, copies, parts=1, ways=np.inf):
    """Merge copies (row by shard; None where a shard has none) of rows with the kernel.

    `ways` is a number, or has one for each row and shard.
    """
    size, capacity, shards = len(shared), len(shared), len(copies[0])
    matrix = aligned_zeros(size + shards * capacity, 16)
    matrix[:size, : shared.shape[1]] = shared
    copied = np.zeros((shards, capacity), np.int32)
    counts = np.zeros((shards, 2), np.int64)
    places = np.tile(np.arange(size, dtype=np.int32), (shards, 1))
    holders = np.zeros(size, np.int32)
    of_copies = np.zeros((shards, capacity), np.float32)
    ways = np.broadcast_to(ways, (size, shards))
    for row, values in enumerate(copies):
        for shard, value in enumerate(values):
            if value is not None:
                count = counts[shard, 1]
                places[shard, row] = size + shard * capacity + count
                matrix[places[shard, row], : len(value)] = value
                copied[shard, count] = row
                of_copies[shard, count] = ways[row, shard] / RATE
                counts[shard, 1] += 1
                holders[row] |= 1 << shard
    buffers = kernels.MergeBuffers(
        aligned_zeros(shards, 16), np.zeros(shards, np.int64), np.zeros(shards, np.float32)
    )
    shard_copies = kernels.ShardCopies(matrix, copied, counts, places, holders, of_copies)
    for part in range(parts):
        kernels.merge_rows(part, parts, RATE, shard_copies, buffers)
    return matrix[:size, : shared.shape[1]]


@pytest.mark.parametrize("shards", [2, 4, 8, 16])
@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("farthest", [0.0, 3.0, np.inf])
def test_it_equals_plain_numpy(farthest, parts, shards):
    generator = np.random.default_rng(1)
    # Of up to 8 shards every choice of those that have a copy, of 16 some.
    choices = generator.permutation(2**shards)[:400] if shards > 8 else range(2**shards)
    shared = generator.normal(size=(len(choices), 10)).astype(np.float32)
    ways = np.full((len(choices), shards), farthest)
    if np.isfinite(farthest):
        ways *= generator.random(ways.shape)
    expected = shared.astype(np.float64)
    copies = []
    for row, choice in enumerate(choices):
        values = [
            shared[row] + generator.normal(size=10).astype(np.float32)
            if choice >> shard & 1
            else None
            for shard in range(shards)
        ]
        copies.append(values)
        changes = [0 * expected[row] if v is None else v - expected[row] for v in values]
        ways[row, [v is None for v in values]] = 0
        expected[row] += all_combined(changes, ways[row])
    found = merged(shared, copies, parts, ways)
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)


def test_the_copy_of_one_shard_is_taken_as_it_is():
    generator = np.random.default_rng(2)
    shared, copy = generator.normal(size=(2, 2, 10)).astype(np.float32)
    found = merged(shared, [[None] * 4, [None, None, copy[1], None]])
    np.testing.assert_array_equal(found, [shared[0], copy[1]])


def test_changes_in_one_direction_are_averaged_and_others_summed():
    shared = np.zeros((2, 4), np.float32)
    one, other = np.array([1, 0, 0, 0]), np.array([0, 2, 0, 0])
    found = merged(shared, [[one, one, one, one], [one, None, None, other]])
    np.testing.assert_allclose(found, [one, one + other])


@pytest.mark.parametrize("distance", [0.01, 1.0, 20.0])
def test_changes_in_one_direction_go_as_far_as_shards_in_turn_would(distance):
    """Each goes 1 − e^−x of the way; 3 of 4 shards, in turn, go 1 − e^−3x."""
    shared = np.zeros((1, 4), np.float32)
    change = np.array([-np.expm1(-distance), 0, 0, 0])
    found = merged(shared, [[change, None, change, change]], ways=distance)
    np.testing.assert_allclose(found[0, 0], -np.expm1(-3 * distance), rtol=1e-5)
    orthogonal = [[change, None, change[[1, 0, 2, 3]], None]]
    np.testing.assert_allclose(
        merged(shared, orthogonal, ways=distance)[0, :2], change[0], rtol=1e-6
    )


def test_one_who_comes_all_the_way_leaves_nothing_to_the_others():
    """A word that is everywhere in one stretch of the text, and nearly nowhere in another."""
    shared, change = np.zeros((1, 4), np.float32), np.array([1, 0, 0, 0])
    found = merged(shared, [[change, 0.01 * change, None, None]], ways=[[20, 0.01, 0, 0]])
    np.testing.assert_allclose(found[0, 0], 1.0, rtol=0.01)


def test_no_change_takes_nothing_away():
    shared = np.ones((1, 4), np.float32)
    found = merged(shared, [[shared[0], shared[0], 3 * shared[0], shared[0]]])
    np.testing.assert_allclose(found, 3 * shared)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_stays_visible(bad):
    shared = np.ones((1, 4), np.float32)
    wrong = np.array([1, bad, 1, 1])
    found = merged(shared, [[None, 2 * shared[0], wrong, None]])
    assert not np.isfinite(found).all()
