"""The indexes that are compared: one class each, with the same four methods.

All of them find candidates by the cosine. Rows are given as they are, (n, d) float32; `search`
returns for each query the numbers of `count` rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Rows = NDArray[np.intp]

_BLOCK = 4096


class Usearch:
    """usearch; int8-row are vectors of bytes that w2v cuts, each with a scale of its own."""

    STORAGES = ("float32", "float16", "bfloat16", "int8", "int8-row")
    _NAMES: ClassVar = {"float32": "f32", "float16": "f16", "bfloat16": "bf16", "int8": "i8"}

    def __init__(self, vectors: Any, asked: dict[str, Any]) -> None:
        """Make an empty index for the vectors."""
        from usearch.index import Index  # noqa: PLC0415

        self._workers = asked["workers"]
        self._by_row = asked["storage"] == "int8-row"
        self._index: Any = Index(
            ndim=vectors.vector_size,
            metric="cos",
            dtype=self._NAMES[asked["storage"].removesuffix("-row")],
            connectivity=asked["connectivity"],
            expansion_add=asked["ef_construction"],
        )

    def add(self, matrix: Matrix) -> None:
        """Add all rows."""
        for start, block in _blocks(matrix):
            rows = np.arange(start, start + len(block), dtype=np.uint64)
            self._index.add(rows, self._codes(block), threads=self._workers)

    def search(self, queries: Matrix, count: int) -> Rows:
        """Return for each of the queries (m, d) `count` candidates."""
        self._index.expansion_search = count
        found = self._index.search(self._codes(queries), count, threads=self._workers)
        return np.atleast_2d(found.keys).astype(np.intp)

    def save(self, path: str) -> None:
        """Write it."""
        self._index.save(path)

    def load(self, path: str) -> None:
        """Read it."""
        self._index.load(path)

    def _codes(self, matrix: Matrix) -> NDArray[Any]:
        from w2v.vectors.hnsw import byte_codes  # noqa: PLC0415

        return byte_codes(matrix) if self._by_row else matrix


class Voyager:
    """Spotify's voyager."""

    STORAGES = ("float32", "int8", "e4m3")
    _NAMES: ClassVar = {"float32": "Float32", "int8": "Float8", "e4m3": "E4M3"}

    def __init__(self, vectors: Any, asked: dict[str, Any]) -> None:
        """Make an empty index for the vectors."""
        import voyager  # noqa: PLC0415

        self._workers = asked["workers"]
        self._index: Any = voyager.Index(
            voyager.Space.Cosine,
            vectors.vector_size,
            M=asked["connectivity"],
            ef_construction=asked["ef_construction"],
            max_elements=len(vectors),
            storage_data_type=getattr(voyager.StorageDataType, self._NAMES[asked["storage"]]),
        )

    def add(self, matrix: Matrix) -> None:
        """Add all rows."""
        for start, block in _blocks(matrix):
            rows = list(range(start, start + len(block)))
            self._index.add_items(block, ids=rows, num_threads=self._workers)

    def search(self, queries: Matrix, count: int) -> Rows:
        """Return for each of the queries (m, d) `count` candidates."""
        found, _ = self._index.query(queries, k=count, query_ef=count, num_threads=self._workers)
        return np.asarray(found, dtype=np.intp)

    def save(self, path: str) -> None:
        """Write it."""
        self._index.save(path)

    def load(self, path: str) -> None:
        """Read it."""
        self._index = type(self._index).load(path)


class W2v:
    """w2v, with usearch in it."""

    def __init__(self, vectors: Any, asked: dict[str, Any]) -> None:
        """Take the vectors."""
        self._vectors, self._asked = vectors, asked
        self.index: Any = None

    def add(self, _: Matrix) -> None:
        """Build the index."""
        import w2v  # noqa: PLC0415

        names = ("connectivity", "ef_construction", "workers")
        self.index = w2v.build_index(self._vectors, **{name: self._asked[name] for name in names})

    def save(self, path: str) -> None:
        """Write it."""
        self.index.save(path)

    def load(self, path: str) -> None:
        """Read it."""
        import w2v  # noqa: PLC0415

        self.index = w2v.load_index(path, self._vectors)


LIBRARIES: dict[str, Any] = {"usearch": Usearch, "voyager": Voyager}


def storages(libraries: list[str], chosen: list[str] | None) -> Iterator[tuple[str, str]]:
    """Yield each library with each of its ways to store numbers, or with the chosen ones."""
    for library in libraries:
        for storage in LIBRARIES[library].STORAGES:
            if chosen is None or storage in chosen:
                yield library, storage


def _blocks(matrix: Matrix) -> Iterator[tuple[int, Matrix]]:
    for start in range(0, len(matrix), _BLOCK):
        yield start, matrix[start : start + _BLOCK]
