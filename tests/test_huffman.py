"""Huffman paths: the naive twin's, as short as gensim's, free of prefixes, and one tree."""

import itertools

import naive
import numpy as np
import pytest
from examples import examples
from gensim.models import Word2Vec
from hypothesis import given
from hypothesis import strategies as st

from w2v.training.huffman import huffman_paths, node_children, sums_below


def fibonacci(size):
    numbers = [1, 1]
    while len(numbers) < size:
        numbers.append(numbers[-1] + numbers[-2])
    return numbers[::-1]


COUNTS = {
    "all equal": [5] * 37,
    "power of two": [1] * 64,
    "two": [9, 1],
    "three": [2, 1, 1],
    "deep": fibonacci(60),
    "zipf": [1_000_000 // k for k in range(1, 3001)],
    "random": sorted(np.random.default_rng(3).integers(1, 50, 999).tolist(), reverse=True),
}
# Sums beyond 64 bits, which no text has and gensim cannot add up.
HUGE = {
    "huge": [2**63 - 1, *[2**62] * 5, 2**62 - 1, 3, 1],
    "huge and equal": [2**63 - 1] * 50,
}
every_count = pytest.mark.parametrize("counts", (COUNTS | HUGE).values(), ids=COUNTS | HUGE)


def paths_of(counts):
    """(points, codes) of each word."""
    paths = huffman_paths(np.array(counts, dtype=np.int64))
    assert (paths.offsets.dtype, paths.points.dtype, paths.codes.dtype) == (
        np.int64, np.int32, np.uint8,
    )  # fmt: skip
    bounds = paths.offsets.tolist()
    assert bounds[0] == 0
    assert bounds[-1] == len(paths.points) == len(paths.codes)
    return [
        (paths.points[start:end].tolist(), paths.codes[start:end].tolist())
        for start, end in itertools.pairwise(bounds)
    ]


def total_length(counts, paths):
    return sum(count * len(codes) for count, (_, codes) in zip(counts, paths, strict=True))


def assert_one_binary_tree(paths):
    """Walk every path: a branch of a node leads to one child, and every node is reached once."""
    size = len(paths)
    children = {}
    for word, (points, codes) in enumerate(paths):
        assert points[0] == size - 2  # the root
        assert set(codes) <= {0, 1}
        for step, branch in enumerate(zip(points, codes, strict=True)):
            last = step + 1 == len(points)
            child = ("word", word) if last else ("inner", points[step + 1])
            assert children.setdefault(branch, child) == child
    reached = set(children.values())
    assert len(reached) == len(children) == 2 * size - 2
    assert reached == {("word", k) for k in range(size)} | {("inner", k) for k in range(size - 2)}


@every_count
def test_paths_are_the_twins(counts):
    assert paths_of(counts) == naive.huffman_paths(counts)


@pytest.mark.parametrize("counts", COUNTS.values(), ids=COUNTS)
def test_total_length_is_gensims_and_the_twins(counts):
    ours = total_length(counts, paths_of(counts))
    theirs = Word2Vec(hs=1, negative=0, min_count=1)
    theirs.build_vocab_from_freq({str(k): count for k, count in enumerate(counts)})
    assert ours == naive.huffman_code_length(counts)
    assert ours == sum(
        count * len(theirs.wv.get_vecattr(str(k), "code")) for k, count in enumerate(counts)
    )


@every_count
def test_paths_are_one_binary_tree(counts):
    assert_one_binary_tree(paths_of(counts))


@every_count
def test_no_code_begins_another(counts):
    codes = sorted(codes for _, codes in paths_of(counts))
    for code, following in itertools.pairwise(codes):
        assert following[: len(code)] != code


def test_commoner_words_have_shorter_codes():
    paths = paths_of(COUNTS["deep"])
    assert [len(codes) for _, codes in paths] == [*range(1, 60), 59]


def test_one_word_has_an_empty_path():
    assert paths_of([4]) == [([], [])] == naive.huffman_paths([4])


@every_count
def test_children_and_sums_are_those_of_the_paths(counts):
    size = len(counts)
    values = np.random.default_rng(7).integers(0, 1000, size)  # whose sums are exact
    children, sums = {}, np.zeros(size - 1)
    for word, (points, codes) in enumerate(paths_of(counts)):
        sums[points] += values[word]
        nodes = [size + point for point in points[1:]] + [word]
        children.update(zip(zip(points, codes, strict=True), nodes, strict=True))
    counts = np.array(counts, dtype=np.int64)
    found = node_children(counts)
    assert found.dtype == np.int64
    assert found.tolist() == [[children[node, code] for code in (0, 1)] for node in range(size - 1)]
    np.testing.assert_array_equal(sums_below(counts, values.astype(np.float64)), sums)


@examples(100, derandomize=True)
@given(st.lists(st.integers(1, 1000) | st.integers(2**61, 2**63 - 1), min_size=2, max_size=60))
def test_random_counts(counts):
    counts = sorted(counts, reverse=True)
    paths = paths_of(counts)
    assert paths == naive.huffman_paths(counts)
    assert_one_binary_tree(paths)
    assert total_length(counts, paths) == naive.huffman_code_length(counts)
