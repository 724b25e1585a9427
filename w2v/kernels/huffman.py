"""The Huffman tree of a vocabulary, from the counts of its words (word2vec.c, CreateBinaryTree).

Words are nodes 0 … V − 1. Inner nodes are numbered from 0 in the order in which they are made, so
that the root is V − 2; inner node n is node V + n of the tree.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.jit import Bytes, Int32s, Int64s, UInt64s, jit

Number = TypeVar("Number", np.float64, np.uint64)
_LARGEST = np.uint64(2**64 - 1)


@jit
def join_nodes(counts: Int64s, sums: UInt64s, parents: Int32s, codes: Bytes) -> None:
    """Join the two rarest nodes until one is left.

    Writes `sums`, `parents` and `codes`. Words, from the last on, and inner nodes, from the first
    on, are both sorted by count: the rarest node is the first of one of two queues.

    Parameters
    ----------
    counts : int64 (V,)
        Descending, each 1 or more.
    sums : uint64 (V − 1,)
        The counts of the words below each inner node.
    parents : int32 (2V − 2,)
        The inner node above each node but the root.
    codes : uint8 (2V − 2,)
        The branch from there to the node: 0 to the rarer of the two, 1 to the other.
    """
    size = len(counts)
    next_word, next_inner = size - 1, 0
    for inner in range(size - 1):
        total = np.uint64(0)
        for code in range(2):
            # At equal counts the inner node is taken, as in word2vec.c. Ties matter: with the word
            # first, CBOW on 4 M words of wiki8 had 0.52 on WordSim-353 in place of 0.55.
            if next_word >= 0 and (
                next_inner >= inner or np.uint64(counts[next_word]) < sums[next_inner]
            ):
                child, count = next_word, np.uint64(counts[next_word])
                next_word -= 1
            else:
                child, count = size + next_inner, sums[next_inner]
                next_inner += 1
            # A sum beyond 64 bits stays at the largest number. It exceeds any word's count either
            # way, and inner nodes are never compared with each other: the tree is the same.
            total += min(count, np.uint64(_LARGEST - total))
            parents[child] = inner
            codes[child] = code
        sums[inner] = total


@jit
def sum_below(parents: Int32s, values: NDArray[Number], sums: NDArray[Number]) -> None:
    """Add the values of the words below each inner node to `sums`, which is written.

    Parameters
    ----------
    parents : int32 (2V − 2,)
        As `join_nodes` writes them.
    values : float64 or uint64 (V,)
        One for each word.
    sums : of the same type, (V − 1,)
    """
    for word in range(len(values)):
        sums[parents[word]] += values[word]
    for inner in range(len(sums) - 1):
        sums[parents[len(values) + inner]] += sums[inner]


@jit
def write_depths(parents: Int32s, depths: Int32s) -> None:
    """Write how many nodes lie above each node of the tree to `depths`.

    Parameters
    ----------
    parents : int32 (2V − 2,)
        As `join_nodes` writes them.
    depths : int32 (2V − 1,)
    """
    root = len(parents)
    first_inner = root // 2 + 1
    depths[root] = 0
    for node in range(root - 1, -1, -1):
        depths[node] = depths[first_inner + parents[node]] + 1


@jit
def write_paths(
    parents: Int32s, codes: Bytes, offsets: Int64s, points: Int32s, path_codes: Bytes
) -> None:
    """Write the path from the root to each word to `points` and `path_codes`.

    Parameters
    ----------
    parents, codes : int32 (2V − 2,), uint8 (2V − 2,)
        As `join_nodes` writes them.
    offsets : int64 (V + 1,)
        Entries offsets[w] to offsets[w + 1] − 1 are word w's.
    points : int32 (offsets[V],)
        The inner nodes passed, the root first.
    path_codes : uint8 (offsets[V],)
        The branch taken at each of them.
    """
    root = len(parents)
    first_inner = root // 2 + 1
    for word in range(first_inner):
        node = word
        for place in range(offsets[word + 1] - 1, offsets[word] - 1, -1):
            points[place] = parents[node]
            path_codes[place] = codes[node]
            node = first_inner + parents[node]
