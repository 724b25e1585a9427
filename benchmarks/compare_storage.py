"""The cost of less memory: vectors held as float32, float16 and int8, and mapped.

    python benchmarks/compare_storage.py vectors.bin vectors.safetensors

Each way of loading is a process of its own, in turn, and so is reading the bytes alone. Recall@10
is the share of the ten nearest words by float32 that are found, over words drawn at random from
the commonest. Each run is a line of JSON on standard error, and a table of medians goes to
standard output. Let nothing else run meanwhile.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from processes import memory_peak, run_script
from tables import markdown

STORAGES = ("bytes", "float32", "float16", "int8", "mapped")
Run = dict[str, Any]

_BLOCK = 1 << 22  # bytes at once, of a file that is only read
_QUERIES_AT_ONCE = 50  # their products with all words are held at once
_NEIGHBOURS = 10
_COLUMNS = {  # head: measurement, and how it is shown
    "matrix": ("matrix_megabytes", "{:.0f} MB"),
    "peak": ("peak_megabytes", "{:.0f} MB"),
    "load": ("load_seconds", "{:.2f} s"),
    "import to first answer": ("first_seconds", "{:.2f} s"),
    "query": ("query_milliseconds", "{:.0f} ms"),
}


def main() -> None:
    """Load in every way, and print the table."""
    if sys.argv[1:2] and sys.argv[1].startswith("{"):
        print(json.dumps(measure(json.loads(sys.argv[1]))))
        return
    arguments = parse_arguments()
    runs = []
    for number in range(arguments.runs):
        for file in arguments.files:
            for storage in arguments.storage:
                if storage == "mapped" and not file.endswith((".safetensors", ".npy")):
                    continue
                asked = {**vars(arguments), "file": file, "storage": storage, "round": number}
                runs.append({**asked, **run_script(Path(__file__).name, asked)})
                shown = {name: value for name, value in runs[-1].items() if name != "neighbours"}
                print(json.dumps(shown), file=sys.stderr, flush=True)
    print(table(runs), end="")


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="+", help="vectors; .safetensors are mapped too")
    parser.add_argument("--storage", nargs="+", choices=STORAGES, default=list(STORAGES))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--queries", type=int, default=1000, help="words that recall is taken over")
    parser.add_argument("--among", type=int, default=50_000, help="the commonest, which have them")
    return parser.parse_args(given)


def measure(asked: Run) -> Run:
    """Load once, and ask; neighbours are only listed in the first round."""
    if asked["storage"] == "bytes":
        return {"load_seconds": _read_bytes(asked["file"])}
    began = time.perf_counter()
    import w2v  # noqa: PLC0415

    imported = time.perf_counter()
    mapped = asked["storage"] == "mapped"
    options = {"mmap": True} if mapped else {"dtype": asked["storage"]}
    vectors = w2v.load(asked["file"], **options)
    loaded = time.perf_counter()
    vectors.most_similar(vectors.index_to_key[0])
    answered = time.perf_counter()
    times = [_query_seconds(vectors, word) for word in vectors.index_to_key[1:30]]
    peak = memory_peak()
    rows = np.random.default_rng(1).permutation(min(asked["among"], len(vectors)))
    wanted = rows[: asked["queries"]] if asked["round"] == 0 else rows[:0]
    return {
        "load_seconds": loaded - imported,
        "first_seconds": answered - began,
        "query_milliseconds": 1000 * statistics.median(times or [answered - loaded]),
        "matrix_megabytes": 0.0 if mapped else vectors.vectors.nbytes / 1e6,
        "peak_megabytes": peak,
        "neighbours": _neighbours(vectors, wanted).tolist(),
    }


def _read_bytes(file: str) -> float:
    """Return the seconds that reading a file takes, into memory that is used again."""
    began = time.perf_counter()
    buffer = bytearray(_BLOCK)
    with Path(file).open("rb", buffering=0) as stream:
        while stream.readinto(buffer):
            pass
    return time.perf_counter() - began


def _query_seconds(vectors: Any, word: str) -> float:
    began = time.perf_counter()
    vectors.most_similar(word)
    return time.perf_counter() - began


def _neighbours(vectors: Any, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the rows (n, 10) of the words nearest to those of some rows, themselves left out."""
    found = np.empty((len(rows), min(_NEIGHBOURS, len(vectors) - 1)), dtype=np.intp)
    for start in range(0, len(rows), _QUERIES_AT_ONCE):
        some = rows[start : start + _QUERIES_AT_ONCE]
        similarities = vectors.products(vectors.vectors[some], slice(None)) / vectors.norms
        similarities[np.arange(len(some)), some] = -np.inf
        nearest = np.argpartition(-similarities, found.shape[1] - 1, axis=1)
        found[start : start + len(some)] = nearest[:, : found.shape[1]]
    return found


def table(runs: list[Run]) -> str:
    """Return the medians of each way of loading, and the recall of its neighbours."""
    rows = []
    for file, storage in dict.fromkeys((run["file"], run["storage"]) for run in runs):
        chosen = _of(runs, file, storage)
        row = [f"{Path(file).suffix}, {'its bytes read' if storage == 'bytes' else storage}"]
        row += [_shown(chosen, name, form) for name, form in _COLUMNS.values()]
        rows.append([*row, _recall(chosen, _of(runs, file, "float32"))])
    return markdown(["", *_COLUMNS, "recall@10"], rows)


def _of(runs: list[Run], file: str, storage: str) -> list[Run]:
    return [run for run in runs if (run["file"], run["storage"]) == (file, storage)]


def _shown(runs: list[Run], name: str, form: str) -> str:
    """Return the median of a measurement, or "" where there is none."""
    return form.format(statistics.median(run[name] for run in runs)) if name in runs[0] else ""


def _recall(runs: list[Run], exact: list[Run]) -> str:
    """Return how many of the exact neighbours are found, in per cent, or "" if none is known."""
    if not exact or not runs[0].get("neighbours"):
        return ""
    pairs = zip(runs[0]["neighbours"], exact[0]["neighbours"], strict=True)
    shares = [len(set(found) & set(right)) / len(right) for found, right in pairs]
    return f"{100 * statistics.mean(shares):.1f} %"


if __name__ == "__main__":
    main()
