"""From counts to Huffman paths: the tree of hierarchical softmax (word2vec.c, CreateBinaryTree)."""

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.huffman import join_nodes, sum_below, write_depths, write_paths

Number = TypeVar("Number", np.float64, np.uint64)


class HuffmanPaths(NamedTuple):
    """The path from the root to each word.

    Entries offsets[w] to offsets[w + 1] − 1 belong to word w.

    Attributes
    ----------
    offsets : int64 (V + 1,)
    points : int32 (offsets[V],)
        The inner nodes passed, numbered from 0; the root, V − 2, comes first.
    codes : uint8 (offsets[V],)
        The branch taken at each of them, 0 or 1.
    """

    offsets: NDArray[np.int64]
    points: NDArray[np.int32]
    codes: NDArray[np.uint8]


def huffman_paths(counts: NDArray[np.int64]) -> HuffmanPaths:
    """Return the Huffman path of every word.

    Parameters
    ----------
    counts : int64 (V,)
        Descending, each 1 or more.

    Returns
    -------
    HuffmanPaths
        A single word has an empty path.
    """
    size = len(counts)
    parents, codes = _joined_nodes(counts)
    depths = np.zeros(2 * size - 1, dtype=np.int32)
    write_depths(parents, depths)
    offsets = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(depths[:size], out=offsets[1:])
    del depths
    points = np.zeros(offsets[-1], dtype=np.int32)
    path_codes = np.zeros(offsets[-1], dtype=np.uint8)
    write_paths(parents, codes, offsets, points, path_codes)
    return HuffmanPaths(offsets, points, path_codes)


def node_children(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the two children of each inner node.

    Parameters
    ----------
    counts : int64 (V,)
        Descending, each 1 or more.

    Returns
    -------
    int64 (V − 1, 2)
        By code. Words are 0 … V − 1, and inner node n is V + n; children come before their
        parents.
    """
    parents, codes = _joined_nodes(counts)
    children = np.zeros((len(counts) - 1, 2), dtype=np.int64)
    children[parents, codes] = np.arange(len(parents))
    return children


def sums_below(counts: NDArray[np.int64], values: NDArray[Number]) -> NDArray[Number]:
    """Return the sum of the values of the words below each inner node.

    Parameters
    ----------
    counts : int64 (V,)
        Descending, each 1 or more; two words at least.
    values : float64 or uint64 (V,)
        Sums of uint64 are those modulo 2**64.

    Returns
    -------
    float64 or uint64 (V − 1,)
        The root's is last.
    """
    parents, _ = _joined_nodes(counts)
    sums = np.zeros(len(counts) - 1, dtype=values.dtype)
    sum_below(parents, values, sums)
    return sums


def _joined_nodes(counts: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return the parent, an inner node, and the code of each node except the root."""
    nodes = 2 * len(counts) - 2
    parents = np.zeros(nodes, dtype=np.int32)
    codes = np.zeros(nodes, dtype=np.uint8)
    sums = np.zeros(len(counts) - 1, dtype=np.uint64)
    join_nodes(np.ascontiguousarray(counts, dtype=np.int64), sums, parents, codes)
    return parents, codes
