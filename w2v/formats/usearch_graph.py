"""Checks a graph that usearch 2 wrote before usearch loads it.

usearch follows the neighbours of a node without checking that they exist, so a malicious file could
make it read any address in memory.

A graph has five parts; all numbers are little-endian:

- the vectors: their number and the size of each in bytes, two uint32, then the vectors;
- the head, 64 bytes;
- five uint64: the number of nodes, the connectivity, the connectivity on level 0, the highest
  level, and the entry node;
- the level of each node, int16;
- the nodes. A node is its key, uint64, and its level, int16; then, for each level from 0 to its
  own, the number of its neighbours and the neighbours themselves, uint32. Each list has room for
  the largest number of neighbours.

Source: `index_gt::save_to_stream` and `index_dense_gt::save_to_stream` in
https://github.com/unum-cloud/usearch.
"""

import struct

import numpy as np
from numpy.typing import NDArray

from w2v.errors import FormatError

_SHAPE = struct.Struct("<2I")
_HEAD = struct.Struct("<7s3H4B3QB22x")
_FACTS = struct.Struct("<5Q")
_NAME, _VERSION = b"usearch", 2
_KINDS = (99, 23, 14, 15)  # cosine metric, int8 numbers, uint64 keys, uint32 neighbours
_MOST_NEIGHBOURS = 1 << 16
_NODE_HEAD = 10
_NUMBER = 4
_LISTS = 4096  # lists of neighbours that are checked at once

Integers = NDArray[np.int64]


def check_graph(content: memoryview, size: int, vector_size: int) -> None:
    """Check that usearch can load a graph safely.

    Parameters
    ----------
    content : memoryview
        The bytes of the graph.
    size : int
        The number of words V. Each key must be less than V.
    vector_size : int
        The size d of a vector, in bytes as in numbers.

    Raises
    ------
    FormatError
        The bytes are not a valid graph of at most V vectors of d bytes.
    """
    try:
        _check(content, size, vector_size)
    except (struct.error, ValueError) as error:  # it ends too early
        raise _unsound(str(error)) from error


def _check(content: memoryview, size: int, vector_size: int) -> None:
    nodes, width = _SHAPE.unpack_from(content)
    if width != vector_size or not 0 < nodes <= size:
        raise _unsound(f"it holds {nodes} vectors of {width} bytes")
    start = _SHAPE.size + nodes * width
    name, version, _, _, *kinds, present, deleted, numbers, several = _HEAD.unpack_from(
        content, start
    )
    if (name, version, tuple(kinds)) != (_NAME, _VERSION, _KINDS):
        raise _unsound(f"its version is {version}, its kinds are {kinds}")
    if (numbers, present, deleted, several) != (vector_size, nodes, 0, 0):
        raise _unsound("its head does not fit its vectors")
    start += _HEAD.size
    counted, connectivity, base, highest, entry = _FACTS.unpack_from(content, start)
    if counted != nodes or entry >= nodes:
        raise _unsound("its numbers of nodes do not agree")
    if not (0 < connectivity < _MOST_NEIGHBOURS and 0 < base < _MOST_NEIGHBOURS):
        raise _unsound("the numbers of neighbours are out of range")
    start += _FACTS.size
    levels = np.frombuffer(content, "<i2", nodes, start).astype(np.int64)
    if levels.min() < 0 or levels.max() != highest or levels[entry] != highest:
        raise _unsound("its levels do not agree")
    start += levels.size * 2
    _check_nodes(content[start:], size, levels, connectivity, base)


def _check_nodes(
    content: memoryview, size: int, levels: Integers, connectivity: int, base: int
) -> None:
    """Raise FormatError unless the nodes fill the bytes and each neighbour is on its level."""
    first, other = _NUMBER * (1 + base), _NUMBER * (1 + connectivity)
    lengths = _NODE_HEAD + first + levels * other
    starts = np.cumsum(lengths) - lengths
    if lengths.sum() != len(content):
        raise _unsound("its nodes do not fill it")
    heads = _records(content, starts, _NODE_HEAD)
    keys = np.ascontiguousarray(heads[:, :8]).view("<u8").ravel()
    if keys.max() >= size or np.bincount(keys.astype(np.int64)).max() > 1:
        raise _unsound("a key is out of range or appears twice")
    if (np.ascontiguousarray(heads[:, 8:]).view("<i2").ravel() != levels).any():
        raise _unsound("the level of a node differs from the list of levels")
    _check_neighbours(content, starts + _NODE_HEAD, first, levels, 0)
    for level in range(1, int(levels.max()) + 1):
        there = levels >= level
        places = starts[there] + _NODE_HEAD + first + (level - 1) * other
        _check_neighbours(content, places, other, levels, level)


def _check_neighbours(
    content: memoryview, places: Integers, width: int, levels: Integers, level: int
) -> None:
    """Raise FormatError unless the lists at these places hold only nodes of this level."""
    for start in range(0, len(places), _LISTS):
        lists = _records(content, places[start : start + _LISTS], width).view("<u4")
        counts, neighbours = lists[:, :1], lists[:, 1:]
        if counts.max() > neighbours.shape[1]:
            raise _unsound("a node has more neighbours than there is room for")
        if level == 0 and neighbours.max() < len(levels):  # even unused entries are in range
            continue
        used = neighbours[np.arange(neighbours.shape[1]) < counts]
        if used.max(initial=0) >= len(levels) or (levels[used] < level).any():
            raise _unsound("a neighbour does not exist on its level")


def _records(content: memoryview, places: Integers, width: int) -> NDArray[np.uint8]:
    """Return the `width` bytes that start at each of the places (n,), as (n, width)."""
    everywhere: NDArray[np.void] = np.ndarray(
        len(content) - width + 1, f"V{width}", content, strides=(1,)
    )
    return everywhere[places].view(np.uint8).reshape(len(places), width)


def _unsound(problem: str) -> FormatError:
    return FormatError(f"It is not a valid graph of usearch {_VERSION}: {problem}.")
