"""Approximate indexes beside exact search: their speed, size and recall.

    python benchmarks/compare_indexes.py wiki8.bin
    python benchmarks/compare_indexes.py vectors.bin --library usearch --storage int8-row

The queries are words drawn at random, from all and from the commonest. An index gives `ef`
candidates, and the ten best of them by their exact similarities are compared with those of exact
search: recall@10. Each index is a line of JSON on standard error, built in a process of its own,
and a table comes out on standard output. "w2v" is w2v.build_index, asked through most_similar.
"""

import argparse
import importlib.util
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index_libraries import LIBRARIES, Matrix, Rows, W2v, storages
from processes import child_request, memory_now, run_child
from tables import markdown

Run = dict[str, Any]
TOP = 10


def main() -> None:
    """Measure exact search and every index, and print the table."""
    if (request := child_request()) is not None:
        print(json.dumps(measure(request)))
        return
    asked = parse_arguments()
    cases = [("exact", ""), *storages(asked.library, asked.storage)]
    if "usearch" in asked.library:
        cases.append(("w2v", "int8-row"))
    runs = []
    for library, storage in cases:
        case = {**vars(asked), "library": library, "storage": storage}
        runs.append(run_child(__file__, case))
    print(table(runs))


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    there = [name for name in LIBRARIES if importlib.util.find_spec(name)]
    ways = list(dict.fromkeys(way for kind in LIBRARIES.values() for way in kind.STORAGES))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", help="word vectors, in any format")
    parser.add_argument("--library", nargs="*", choices=there, default=there)
    parser.add_argument("--storage", nargs="+", choices=ways, help="default: all of a library")
    parser.add_argument("--connectivity", type=int, default=32)
    parser.add_argument("--ef-construction", type=int, default=256)
    parser.add_argument("--ef", nargs="+", type=int, default=[128, 256, 512])
    parser.add_argument("--queries", type=int, default=1000, help="of each kind")
    parser.add_argument("--common", type=int, default=30_000, help="the commonest words")
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args(arguments)


def measure(asked: Run) -> Run:
    """Build one index, and ask it."""
    import w2v  # noqa: PLC0415

    vectors = w2v.load(asked["file"])
    unit = vectors.get_normed_vectors()
    draw = np.random.default_rng(1)
    pools = {"all": len(unit), "common": min(asked["common"], len(unit))}
    words = {
        name: draw.choice(pool, min(asked["queries"], pool), replace=False)
        for name, pool in pools.items()
    }
    run: Run = {name: asked[name] for name in ("library", "storage")}
    if asked["library"] == "exact":
        return {**run, "searches": [_speeds(Exact(vectors), words["all"], 0)]}
    right = {name: _exact(vectors, queries) for name, queries in words.items()}
    index, facts = _built(vectors, unit, asked)
    kind: Any = Own if asked["library"] == "w2v" else Library
    searcher = kind(vectors, unit, index)
    searches = [
        {
            "ef": ef,
            **{name: _recall(searcher.best(words[name], ef), right[name]) for name in words},
            **_speeds(searcher, words["all"], ef),
        }
        for ef in asked["ef"]
    ]
    return {**run, **facts, "searches": searches}


def _built(vectors: Any, unit: Matrix, asked: Run) -> tuple[Any, Run]:
    """Build an index, save it and load it again."""
    before = memory_now()
    index = {"w2v": W2v, **LIBRARIES}[asked["library"]](vectors, asked)
    built = timed(lambda: index.add(unit))
    memory = memory_now() - before
    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as directory:
        path = str(Path(directory) / "index")
        index.save(path)
        loaded = timed(lambda: index.load(path))
        size = Path(path).stat().st_size / 1e6
    return index, {"built": built, "size": size, "memory": memory, "loaded": loaded}


def _speeds(searcher: Any, words: Rows, ef: int) -> dict[str, float]:
    """Return the queries a second, one by one (two hundred of them) and all together."""
    some = words[:200].tolist()
    searcher.one(some[0], ef)
    return {
        "single": len(some) / timed(lambda: [searcher.one(word, ef) for word in some]),
        "together": len(words) / timed(lambda: searcher.together(words, ef)),
    }


class Exact:
    """Search among all words."""

    def __init__(self, vectors: Any) -> None:
        """Take the vectors."""
        self._vectors = vectors

    def one(self, word: int, _: int) -> None:
        """Ask for one word."""
        self._vectors.most_similar(word, topn=TOP)

    def together(self, words: Rows, _: int) -> None:
        """Ask for many words."""
        self._vectors.most_similar_batch(words.tolist(), topn=TOP)


class Library:
    """The candidates of a library."""

    def __init__(self, _: Any, unit: Matrix, index: Any) -> None:
        """Take the vectors, of length 1, and the index."""
        self._unit, self._index = unit, index

    def one(self, word: int, ef: int) -> None:
        """Ask for one word."""
        self._index.search(self._unit[[word]], ef)

    def together(self, words: Rows, ef: int) -> Rows:
        """Ask for many words."""
        found: Rows = self._index.search(self._unit[words], ef)
        return found

    def best(self, words: Rows, ef: int) -> list[list[int]]:
        """Return the ten candidates most like each word, but for itself."""
        best = []
        for word, rows in zip(words, self.together(words, ef), strict=True):
            others = rows[rows != word]
            order = np.argsort(-(self._unit[others] @ self._unit[word]))
            best.append(others[order[:TOP]].tolist())
        return best


class Own:
    """The index of w2v as a user has it, with exact similarities and all that Python does."""

    def __init__(self, vectors: Any, _: Matrix, index: Any) -> None:
        """Take the vectors, and the index."""
        self._vectors, self._index = vectors, index.index

    def one(self, word: int, ef: int) -> Any:
        """Ask for one word."""
        self._index.ef = ef
        return self._vectors.most_similar(word, topn=TOP, indexer=self._index)

    def together(self, words: Rows, ef: int) -> Any:
        """Ask for many words."""
        self._index.ef = ef
        return self._vectors.most_similar_batch(words.tolist(), TOP, indexer=self._index)

    def best(self, words: Rows, ef: int) -> list[list[int]]:
        """Return the ten words found for each."""
        return _rows(self._vectors, self.together(words, ef))


def _exact(vectors: Any, words: Rows) -> list[list[int]]:
    """Return the rows nearest to each word, by search among all."""
    return _rows(vectors, vectors.most_similar_batch(words.tolist(), topn=TOP))


def _rows(vectors: Any, answers: Sequence[Sequence[tuple[str, float]]]) -> list[list[int]]:
    return [[vectors.key_to_index[word] for word, _ in near] for near in answers]


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _recall(found: list[list[int]], right: list[list[int]]) -> float:
    """Return the share of the right answers that were found."""
    hits = [len({*row} & {*answers}) for row, answers in zip(found, right, strict=True)]
    return sum(hits) / sum(map(len, right))


def table(runs: list[Run]) -> str:
    """Return a line for each way to search."""
    head = ["", "built", "file", "memory", "loaded", "ef", "recall@10, all", "common"]
    rows = [
        [
            " ".join(filter(None, (run["library"], run["storage"]))),
            *_shown(run),
            str(search.get("ef", "")),
            *(f"{search[name]:.3f}" if name in search else "1" for name in ("all", "common")),
            *(f"{search[name]:,.0f}" for name in ("single", "together")),
        ]
        for run in runs
        for search in run["searches"]
    ]
    return markdown([*head, "queries/s, one by one", "together"], rows)


def _shown(run: Run) -> list[str]:
    if "built" not in run:
        return [""] * 4
    return [
        f"{run['built']:.0f} s",
        f"{run['size']:.0f} MB",
        f"{run['memory']:.0f} MB",
        f"{run['loaded']:.2f} s",
    ]


if __name__ == "__main__":
    main()
