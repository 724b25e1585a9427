"""The graph that an approximate index walks: usearch's HNSW, on vectors of one byte a number.

Source: Malkov and Yashunin, Efficient and Robust Approximate Nearest Neighbor Search Using
Hierarchical Navigable Small World Graphs, 2018, arXiv 1603.09320.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import FormatError, W2VError
from w2v.formats.usearch_graph import check_graph
from w2v.machine import available_cores
from w2v.matrices import Matrix
from w2v.vectors.types import Rows

if TYPE_CHECKING:
    from usearch.index import Index

LIBRARY = "usearch"
_BLOCK = 4096  # rows added at once; Ctrl-C is handled between two blocks
_LARGEST_CODE = 127


def new_graph(vector_size: int, connectivity: int = 32, ef_construction: int = 256) -> "Index":
    """Return an empty graph.

    Parameters
    ----------
    vector_size : int
        The number of dimensions d.
    connectivity : int
        How many neighbours each node is linked with (M).
    ef_construction : int
        How many candidates are looked at when a node is added.

    Raises
    ------
    W2VError
        usearch is not installed.
    """
    try:
        from usearch.index import Index  # noqa: PLC0415  (an extra, and slow to import)
    except ImportError as error:
        raise W2VError(
            f"An approximate index needs {LIBRARY}, which is not installed; install it:"
            f" pip install {LIBRARY}."
        ) from error
    # Without its table of keys (enable_key_lookups=False), versions up to 2.26.0 spoil the heap.
    return Index(
        ndim=vector_size,
        metric="cos",
        dtype="i8",
        connectivity=connectivity,
        expansion_add=ef_construction,
    )


def add_rows(
    graph: "Index",
    matrix: Matrix,
    workers: int,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Add the rows of a matrix by their numbers, except those that point nowhere.

    Parameters
    ----------
    graph : usearch Index
        The graph to add to.
    matrix : float32 (V, d)
        The vectors.
    workers : int, 1 or more
        Threads.
    progress : function of (int, int), optional
        Called after each block with how many rows are done, and how many there are.
    """
    size = len(matrix)
    for start in range(0, size, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, size))
        codes = byte_codes(np.asarray(matrix[start : start + _BLOCK]))
        rows, codes = rows[codes.any(axis=1)], codes[codes.any(axis=1)]
        if len(rows):
            graph.add(rows.astype(np.uint64), codes, threads=workers)
        if progress is not None:
            progress(min(start + _BLOCK, size), size)


def byte_codes(matrix: Matrix) -> NDArray[np.int8]:
    """Return rows (n, d) as int8, each scaled so that its largest number becomes ±127.

    The cosine does not depend on the scale. usearch's own conversion scales vectors to the length
    127, which leaves only four bits for each of 300 numbers. A row that is zero or not finite
    becomes zero.
    """
    largest = np.abs(matrix).max(axis=1, keepdims=True, initial=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = matrix / largest
    scaled *= _LARGEST_CODE
    scaled[~np.isfinite(largest.ravel()) | (largest.ravel() == 0)] = 0
    codes: NDArray[np.int8] = np.rint(scaled, out=scaled).astype(np.int8)
    return codes


def candidates(graph: "Index", queries: Matrix, count: int) -> list[Rows]:
    """Return for each of the queries (m, d) up to `count` rows that are near to it."""
    if not len(queries):
        return []
    graph.expansion_search = count
    threads = 1 if len(queries) == 1 else available_cores()
    found: Any = graph.search(byte_codes(queries), count, threads=threads)
    if len(queries) == 1:
        return [found.keys.astype(np.intp)]
    return [
        keys[:number].astype(np.intp)
        for keys, number in zip(found.keys, found.counts.tolist(), strict=True)
    ]


def to_bytes(graph: "Index") -> bytes:
    """Return the graph as bytes, which `from_bytes` reads."""
    return bytes(graph.save())


def from_bytes(content: memoryview, size: int, vector_size: int) -> "Index":
    """Return the graph that `to_bytes` wrote; the bytes are copied.

    Parameters
    ----------
    content : memoryview
        The bytes, which are not trusted.
    size : int
        The number of vectors V.
    vector_size : int
        The number of dimensions d.

    Raises
    ------
    FormatError
        A number that usearch follows leads out of the bytes, or usearch does not read them.
    """
    check_graph(content, size, vector_size)
    graph = new_graph(vector_size)
    try:
        graph.load(content)
    except (RuntimeError, ValueError) as error:
        raise FormatError(f"usearch does not read it ({error})") from error
    return graph
