"""Building an approximate index, and measuring how many candidates a search has to look at."""

from collections.abc import Callable

import numpy as np

from w2v.arguments import not_allowed
from w2v.errors import ConfigError
from w2v.machine import available_cores
from w2v.vectors import hnsw
from w2v.vectors.index import SMALLEST_EF, VectorIndex, checked_whole_number
from w2v.vectors.index_fingerprint import fingerprint
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.types import Neighbours
from w2v.vectors.vectors_like import check_vectors

# Numbers of candidates that are tried, until they hold enough of the ten nearest. That is
# measured on so many words out of all, and out of the commonest, whose neighbours are the hardest
# to find.
_TRIED_EF = (SMALLEST_EF, 32, 64, 128, 256, 512, 1024, 2048)
_ENOUGH, _NEAREST = 0.95, 10
_WORDS_TRIED, _COMMONEST = 500, 30_000
_EQUAL = 1e-6  # rounding in another order changes a similarity by less


def build_index(
    vectors: KeyedVectors,
    *,
    connectivity: int = 32,
    ef_construction: int = 256,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> VectorIndex:
    """Build an approximate index of vectors, which takes minutes for hundreds of thousands.

    Parameters
    ----------
    vectors : KeyedVectors
        The vectors to index, which must not change afterwards.
    connectivity : int, 2 to 512
        How many neighbours each word is linked with (M of HNSW). More find more, and take more
        memory and time.
    ef_construction : int, 1 or more
        How many candidates are looked at for each word. More find more, and take longer.
    workers : int, 1 or more, optional
        Threads; None takes all cores that this process may use. One worker builds the same index
        every time.
    progress : function of (int, int), optional
        Called now and then with the number of words done, and of all words.

    Returns
    -------
    VectorIndex
        The index, with the smallest `ef` that finds 95 % of the ten nearest.

    Raises
    ------
    W2VError
        The extra `ann` is not installed.
    ConfigError
        A number is out of range, or there are no vectors.
    """
    check_vectors(vectors)
    ef_construction = checked_whole_number("ef_construction", ef_construction, 1)
    if progress is not None and not callable(progress):
        raise not_allowed("progress", "a function", progress)
    workers = available_cores() if workers is None else workers
    threads = checked_whole_number("workers", workers, 1)
    connectivity = checked_whole_number("connectivity", connectivity, 2, 512)
    graph = hnsw.new_graph(vectors.vector_size, connectivity, ef_construction)
    hnsw.add_rows(graph, vectors.vectors, threads, progress)
    if not len(graph):
        raise ConfigError("There are no vectors to index: none of them points anywhere.")
    ef, recall = _smallest_ef(VectorIndex(vectors, graph, {}))
    settings = {"connectivity": connectivity, "ef_construction": ef_construction}
    measured = {"ef": ef, "recall": round(recall, 4)}
    return VectorIndex(vectors, graph, {**fingerprint(vectors), **settings, **measured})


def _smallest_ef(index: VectorIndex) -> tuple[int, float]:
    """Return the least `ef` that finds enough of the nearest, and the share that it finds."""
    vectors = index.vectors
    groups = [_sample(vectors, among) for among in (len(vectors), _COMMONEST)]
    nearest = [vectors.most_similar_batch(words, _NEAREST) for words in groups]
    recall = 0.0
    for index.ef in _TRIED_EF:
        found = [vectors.most_similar_batch(words, _NEAREST, indexer=index) for words in groups]
        recall = min(map(_recall, found, nearest))
        if recall >= _ENOUGH:
            break
    return index.ef, recall


def _sample(vectors: KeyedVectors, among: int) -> list[int]:
    """Return some of the first rows, at equal distances, without those of zeros."""
    among = min(among, len(vectors))
    rows = np.linspace(0, among - 1, min(_WORDS_TRIED, among)).astype(int)
    found: list[int] = rows[vectors.vectors[rows].any(axis=1)].tolist()
    return found


def _recall(found: list[Neighbours], nearest: list[Neighbours]) -> float:
    """Return the share of the nearest words that were found, or others as near; 1 of none.

    Vectors of zeros, whose similarity is 0, are in no graph and do not count.
    """
    hits = total = 0
    for row, right in zip(found, nearest, strict=True):
        least = [near for _, near in right if near][-1:]
        count = sum(near != 0 for _, near in right)
        hits += min(count, sum(near >= least[0] - _EQUAL for _, near in row if least))
        total += count
    return hits / total if total else 1.0
