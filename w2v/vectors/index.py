"""An approximate index of vectors: neighbours without a look at every word."""

from __future__ import annotations

import hashlib
import operator
import os
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from w2v.arguments import checked_path, checked_paths, not_allowed, numbers, whole_number
from w2v.errors import ConfigError, FormatError
from w2v.files import try_writing
from w2v.formats import index_file
from w2v.formats.npy_words import files_read
from w2v.matrices import CompactMatrix
from w2v.places import NamedFile, check_apart
from w2v.vectors import graph
from w2v.vectors.keys import check_count
from w2v.vectors.lookup import check_vectors
from w2v.vectors.nearest import largest

if TYPE_CHECKING:
    from usearch.index import Index as Graph

    from w2v.vectors.keyed_vectors import KeyedVectors

Matrix = NDArray[np.float32]
Answers = list[tuple[str, float]]

# How many candidates are tried, until the share of the ten nearest that they hold is enough; of
# so many words from all, and from the commonest, whose neighbours are the hardest to find.
_TRIED_EF = (16, 32, 64, 128, 256, 512, 1024, 2048)
_ENOUGH, _NEAREST = 0.95, 10
_WORDS_TRIED, _COMMONEST = 500, 30_000
_AS_NEAR = 1e-6  # rounding in another order moves a similarity by less
_MOST = 2**31 - 1  # what usearch takes
_DIGEST_BLOCK = 1024  # rows summed at once, which stay in the cache


class VectorIndex:
    """An approximate index of V vectors, made by build_index or load_index.

    Give it to most_similar as `indexer`. It finds most of the nearest words, not surely all; the
    similarities it comes with are exact. gensim's most_similar takes it as `indexer` too.

    vectors: what it is an index of. ef: how many candidates a search looks at, 1 or more; more
    find more of the nearest words, and take longer. It begins as the least power of two that
    finds 95 % of the ten nearest, as measured when the index was built. recall: the share that
    was found then, from 0 to 1.
    """

    def __init__(self, vectors: KeyedVectors, graph: Graph, facts: dict[str, Any]) -> None:
        """Take the vectors, the graph of them, and what is known of how it was built."""
        self.vectors = vectors
        self.ef: int = facts.get("ef", _TRIED_EF[0])
        self.recall: float = facts.get("recall", 0.0)
        self._graph = graph
        self._facts = facts
        self._lock = threading.Lock()  # ef is the graph's, and so are the places it searches in

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.vectors)} words, ef={self.ef})"

    def __reduce__(self) -> tuple[Any, ...]:
        facts = {**self._facts, "ef": self.ef}
        return _restored, (type(self), self.vectors, graph.as_bytes(self._graph), facts)

    def nearest(
        self, queries: Matrix, topn: int, own: Sequence[Collection[int]] | None = None
    ) -> list[Answers]:
        """Return for each of many vectors the words nearest by cosine, the nearest first.

        queries: (m, d), of length 1. topn: how many words, 0 or more. own: for each of the
        queries the rows that are no answer.

        Raises ConfigError where topn or `ef` is out of range or the queries have another shape.
        """
        queries = numbers("queries", queries, np.float32)
        check_count(topn)
        ef = _checked_number("ef", self.ef, 1)
        if queries.ndim != 2 or queries.shape[1] != self.vectors.vector_size:
            raise ConfigError(
                f"Queries need {self.vectors.vector_size} numbers each, not shape {queries.shape}."
            )
        excluded = [()] * len(queries) if own is None else _checked_own(own, len(queries))
        wanted = topn + max(map(len, excluded), default=0)
        looked_at = min(max(ef, 2 * wanted), len(self.vectors))
        with self._lock:
            found = graph.candidates(self._graph, queries, looked_at)
        return [
            self._best(query, rows, topn, without)
            for query, rows, without in zip(queries, found, excluded, strict=True)
        ]

    def _best(
        self, query: Matrix, rows: graph.Rows, topn: int, without: Collection[int]
    ) -> Answers:
        """Return the best of the candidates by their exact similarity."""
        similarities = np.dot(self.vectors.vectors[rows], query) / self.vectors.norms[rows]
        best = largest(similarities, topn + len(without))
        found = zip(rows[best].tolist(), similarities[best].tolist(), strict=True)
        words = self.vectors.index_to_key
        return [(words[row], near) for row, near in found if row not in without][:topn]

    def most_similar(self, vector: ArrayLike, topn: int = 10) -> Answers:
        """Return the words nearest to a vector (d,) of length 1, as gensim asks an indexer.

        Like gensim's own indexers this knows of no words given, so they are among the result.
        """
        return self.nearest(numbers("vector", vector, np.float32)[np.newaxis], topn)[0]

    def save(self, path: str | PathLike[str]) -> None:
        """Write the index, atomically; `index_path` says where it is looked for.

        Raises W2VError where the file cannot be written, or is no index.
        """
        facts = {**self._facts, "ef": self.ef}
        index_file.write(checked_path("path", path), facts, graph.as_bytes(self._graph))


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
    kind: type[VectorIndex], vectors: KeyedVectors, content: bytes, facts: dict[str, Any]
) -> VectorIndex:
    """Return an index that was pickled or copied."""
    found = graph.from_bytes(memoryview(content), len(vectors), vectors.vector_size)
    return kind(vectors, found, facts)


def build_index(
    vectors: KeyedVectors,
    *,
    connectivity: int = 32,
    ef_construction: int = 256,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> VectorIndex:
    """Build an approximate index of vectors, which takes minutes for hundreds of thousands.

    connectivity: neighbours that each word is linked with, 2 to 512 (M of HNSW): more find more
        and take more memory and time. ef_construction: candidates looked at for each word, 1 or
        more: more take longer and find more.
    workers: threads, 1 or more; None takes all cores. One gives the same index every time.
    progress: called now and then with the number of words done, and of all words.

    Raises W2VError where the extra `ann` is not installed, ConfigError for a number out of range
    or where there are no vectors.
    """
    check_vectors(vectors)
    ef_construction = _checked_number("ef_construction", ef_construction, 1)
    if progress is not None and not callable(progress):
        raise not_allowed("progress", "a function", progress)
    threads = (os.cpu_count() or 1) if workers is None else _checked_number("workers", workers, 1)
    connectivity = _checked_number("connectivity", connectivity, 2, 512)
    found = graph.new_graph(vectors.vector_size, connectivity, ef_construction)
    graph.add_rows(found, vectors.vectors, threads, progress)
    if not len(found):
        raise ConfigError("There are no vectors to index: none of them points anywhere.")
    ef, recall = _least_ef(VectorIndex(vectors, found, {}))
    settings = {"connectivity": connectivity, "ef_construction": ef_construction}
    facts = {**_facts(vectors), **settings, "ef": ef, "recall": round(recall, 4)}
    return VectorIndex(vectors, found, facts)


def _least_ef(index: VectorIndex) -> tuple[int, float]:
    """Return with how many candidates enough of the nearest are found, and what share."""
    vectors = index.vectors
    groups = [_some_rows(vectors, among) for among in (len(vectors), _COMMONEST)]
    nearest = [vectors.most_similar_batch(words, _NEAREST) for words in groups]
    recall = 0.0
    for index.ef in _TRIED_EF:
        found = [vectors.most_similar_batch(words, _NEAREST, indexer=index) for words in groups]
        recall = min(map(_recall, found, nearest))
        if recall >= _ENOUGH:
            break
    return index.ef, recall


def _some_rows(vectors: KeyedVectors, among: int) -> list[int]:
    """Return some of the first rows, at equal distances, but for those of zeros."""
    among = min(among, len(vectors))
    rows = np.linspace(0, among - 1, min(_WORDS_TRIED, among)).astype(int)
    found: list[int] = rows[vectors.vectors[rows].any(axis=1)].tolist()
    return found


def _recall(found: list[Answers], nearest: list[Answers]) -> float:
    """Return the share of the nearest words that were found, or others as near; 1 of none.

    Vectors of zeros, whose similarity is 0, are in no graph and do not count.
    """
    hits = total = 0
    for row, right in zip(found, nearest, strict=True):
        least = [near for _, near in right if near][-1:]
        count = sum(near != 0 for _, near in right)
        hits += min(count, sum(near >= least[0] - _AS_NEAR for _, near in row if least))
        total += count
    return hits / total if total else 1.0


def load_index(path: str | PathLike[str], vectors: KeyedVectors) -> VectorIndex:
    """Load the index of these vectors.

    Nothing in the file is trusted: a damaged one is refused, and one made to do harm.

    Raises FormatError with a sentence where the file is missing, damaged, no index or the index
    of other vectors; W2VError where the extra `ann` is not installed.
    """
    check_vectors(vectors)
    facts, content = index_file.read(checked_path("path", path))
    for name, value in _facts(vectors).items():
        if facts.get(name) != value:
            raise FormatError(
                f"{path} does not belong to these vectors: {_DIFFERENCES[name]}"
                f" ({facts.get(name)}, not {value}); {_ADVICE.get(name, 'build it again')}."
            )
    try:
        found = graph.from_bytes(content, len(vectors), vectors.vector_size)
    except FormatError as error:
        raise FormatError(f"{path} is damaged: {error} Build it again.") from error
    ef, recall = facts.get("ef"), facts.get("recall")
    if not isinstance(ef, int) or ef < 1 or not isinstance(recall, (int, float)):
        raise FormatError(f"{path} is damaged: its ef is {ef!r}. Build it again.")
    return VectorIndex(vectors, found, facts)


def check_index(path: str | PathLike[str], inputs: Iterable[str | PathLike[str]] = ()) -> None:
    """Raise W2VError where an index could not be saved as `path`; nothing is changed there.

    inputs: files that must not be overwritten, such as those of the vectors.
    """
    target = checked_path("path", path)
    read = [file for given in checked_paths("inputs", inputs) for file in files_read(given)]
    check_apart(
        [NamedFile(file, "read by this command") for file in read], [NamedFile(target, "the index")]
    )
    index_file.refuse_others(target)
    try_writing(target)


def index_path(path: str | PathLike[str]) -> Path:
    """Return where the index of a file of vectors lies: beside it, with .index after its name."""
    vectors = checked_path("path", path)
    if not vectors.name:
        raise not_allowed("path", "the name of a file of vectors", str(path))
    return vectors.with_name(f"{vectors.name}.index")


_DIFFERENCES = {
    "library": "it is of another library",
    "words": "it has another number of words",
    "vector_size": "its vectors have another size",
    "dtype": "its numbers are held in another way",
    "digest": "words or numbers were changed since it was built",
}
_ADVICE = {
    "words": "load the words that it was built of, with the same limit, or build it again",
    "dtype": "load them with the dtype that it was built of, or build it again",
}


def _facts(vectors: KeyedVectors) -> dict[str, Any]:
    """Return what an index has to agree on with its vectors."""
    return {
        "library": graph.LIBRARY,
        "words": len(vectors),
        "vector_size": vectors.vector_size,
        "dtype": _dtype(vectors),
        "digest": _digest(vectors),
    }


def _dtype(vectors: KeyedVectors) -> str:
    """Return how the numbers are held, as `load` names it."""
    matrix = vectors.vectors
    kind: np.dtype[Any]
    kind = matrix.codes.dtype if isinstance(matrix, CompactMatrix) else matrix.dtype
    return str(kind)


def _digest(vectors: KeyedVectors) -> str:
    """Return a digest (BLAKE2b) of the words, and of the sums of the bits of rows and columns.

    The sums change with any one number, and take a third of the time that hashing all would.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update("\n".join(vectors.index_to_key).encode("utf-8", "surrogatepass"))
    for start in range(0, len(vectors), _DIGEST_BLOCK):
        block = np.ascontiguousarray(vectors.vectors[start : start + _DIGEST_BLOCK])
        bits = block.view(np.uint32)
        for axis in (0, 1):
            digest.update(np.ascontiguousarray(bits.sum(axis=axis, dtype=np.uint64)).data)
    return digest.hexdigest()


def checked(indexer: object, vectors: object, searched: range) -> VectorIndex:
    """Return the indexer; raise ConfigError unless it can answer for these rows of the vectors."""
    if not isinstance(indexer, VectorIndex):
        raise ConfigError(
            f"An indexer is what build_index or load_index returns, not {type(indexer).__name__}."
        )
    if indexer.vectors is not vectors:
        raise ConfigError("The index is of other vectors; ask those, or build one of these.")
    if searched != range(len(indexer.vectors)):
        raise ConfigError(
            "An index searches all words; leave out restrict_vocab, clip_start and clip_end, or"
            " search without it."
        )
    return indexer


def _checked_number(name: str, value: object, least: int, most: int = _MOST) -> int:
    """Return a whole number in its range as int; ConfigError for anything else."""
    number = whole_number(value)
    if number is not None and least <= number <= most:
        return number
    allowed = f"{least} or more" if most == _MOST else f"from {least} to {most}"
    raise not_allowed(name, f"a whole number, {allowed}", value)
