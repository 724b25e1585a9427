"""An approximate index of vectors: nearest neighbours without comparing with every word."""

from __future__ import annotations

import operator
import threading
from collections.abc import Collection, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from w2v.arguments import checked_path, not_allowed, numbers, whole_number
from w2v.errors import ConfigError
from w2v.formats import index_file
from w2v.matrices import Matrix
from w2v.vectors import hnsw
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.query_arguments import check_topn
from w2v.vectors.top_k import top_k
from w2v.vectors.types import Neighbours, Rows

if TYPE_CHECKING:
    from usearch.index import Index as Graph

SMALLEST_EF = 16
_MOST = 2**31 - 1  # the largest number that usearch takes


class VectorIndex:
    """An approximate index of V vectors, made by build_index or load_index.

    Give it to most_similar as `indexer`. It finds most of the nearest words, perhaps not all; the
    similarities it returns are exact. gensim's most_similar takes it as `indexer` too.

    Attributes
    ----------
    vectors : KeyedVectors
        The vectors that it is an index of.
    ef : int, 1 or more
        How many candidates a search looks at: more find more of the nearest words, and take
        longer. It begins as the least power of two that finds 95 % of the ten nearest, as
        measured when the index was built.
    recall : float
        The share of the ten nearest that was found then, from 0 to 1.
    """

    def __init__(self, vectors: KeyedVectors, graph: Graph, metadata: dict[str, Any]) -> None:
        """Take the vectors, their graph, and how it was built: settings, `ef` and `recall`."""
        self.vectors = vectors
        self.ef: int = metadata.get("ef", SMALLEST_EF)
        self.recall: float = metadata.get("recall", 0.0)
        self._graph = graph
        self._metadata = metadata
        self._lock = threading.Lock()  # the graph has one ef and one memory for searches

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.vectors)} words, ef={self.ef})"

    def __reduce__(self) -> tuple[Any, ...]:
        content = hnsw.to_bytes(self._graph)
        return _restored, (type(self), self.vectors, content, self._current_metadata())

    def _current_metadata(self) -> dict[str, Any]:
        return {**self._metadata, "ef": self.ef}

    def nearest(
        self, queries: Matrix, topn: int, own: Sequence[Collection[int]] | None = None
    ) -> list[Neighbours]:
        """Return for each of many vectors the words nearest by cosine.

        Parameters
        ----------
        queries : float32 (m, d)
            The vectors to search for, of length 1.
        topn : int, 0 or more
            How many words to return for each.
        own : sequence of collections of int (m,), optional
            For each query the rows that are not answers.

        Returns
        -------
        list of lists of (str, float)
            The words and their cosine similarities, the nearest first.

        Raises
        ------
        ConfigError
            `topn` or `ef` is out of range, or the queries have another shape.
        """
        queries = numbers("queries", queries, np.float32)
        check_topn(topn)
        ef = checked_whole_number("ef", self.ef, 1)
        if queries.ndim != 2 or queries.shape[1] != self.vectors.vector_size:
            raise ConfigError(
                f"Queries need {self.vectors.vector_size} numbers each, not shape {queries.shape}."
            )
        excluded = [()] * len(queries) if own is None else _checked_own(own, len(queries))
        wanted = topn + max(map(len, excluded), default=0)
        looked_at = min(max(ef, 2 * wanted), len(self.vectors))
        with self._lock:
            found = hnsw.candidates(self._graph, queries, looked_at)
        return [
            self._best(query, rows, topn, without)
            for query, rows, without in zip(queries, found, excluded, strict=True)
        ]

    def _best(self, query: Matrix, rows: Rows, topn: int, without: Collection[int]) -> Neighbours:
        """Return the best of the candidates by their exact similarity."""
        similarities = np.dot(self.vectors.vectors[rows], query) / self.vectors.norms[rows]
        best = top_k(similarities, topn + len(without))
        found = zip(rows[best].tolist(), similarities[best].tolist(), strict=True)
        words = self.vectors.index_to_key
        return [(words[row], near) for row, near in found if row not in without][:topn]

    def most_similar(self, vector: ArrayLike, topn: int = 10) -> Neighbours:
        """Return the words nearest to a vector, as gensim asks an indexer.

        Like gensim's own indexers this does not know which words were given, so the result
        includes them.

        Parameters
        ----------
        vector : array-like (d,)
            The vector to search for, of length 1.
        topn : int, 0 or more
            How many words to return.

        Raises
        ------
        ConfigError
            As for `nearest`.
        """
        return self.nearest(numbers("vector", vector, np.float32)[np.newaxis], topn)[0]

    def save(self, path: str | PathLike[str]) -> None:
        """Write the index atomically; `index_path` is where it is looked for.

        Raises
        ------
        W2VError
            The file cannot be written, or is there and is not an index.
        """
        content = hnsw.to_bytes(self._graph)
        index_file.write(checked_path("path", path), self._current_metadata(), content)


def _checked_own(own: Any, count: int) -> list[Collection[int]]:
    try:
        rows = [frozenset(map(operator.index, each)) for each in own]
    except TypeError:
        rows = []
    if len(rows) == count:
        return [*rows]
    allowed = f"a list of {count} lists of rows, one for each of the queries"
    raise not_allowed("own", allowed, own)


def _restored(
    kind: type[VectorIndex], vectors: KeyedVectors, content: bytes, metadata: dict[str, Any]
) -> VectorIndex:
    """Return an index that was pickled or copied."""
    graph = hnsw.from_bytes(memoryview(content), len(vectors), vectors.vector_size)
    return kind(vectors, graph, metadata)


def checked_whole_number(name: str, value: object, least: int, most: int = _MOST) -> int:
    """Return a whole number in its range as int; anything else is a ConfigError."""
    number = whole_number(value)
    if number is not None and least <= number <= most:
        return number
    allowed = f"{least} or more" if most == _MOST else f"from {least} to {most}"
    raise not_allowed(name, f"a whole number, {allowed}", value)
