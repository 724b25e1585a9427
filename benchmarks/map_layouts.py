"""How well each layout of a map keeps neighbours together, and how long it takes.

    python benchmarks/map_layouts.py wiki8.bin
    python benchmarks/map_layouts.py wiki8.bin --top 5000 --method pca tsne --json layouts.jsonl

Neighbour preservation is the share of a word's k nearest words by cosine that are among its k
nearest on the plane. The second score, global order, is Spearman's rank correlation of distances
between the words' pairs, before and after, for pairs drawn at random. Both are means over words
drawn at random. Each method runs in this process once to compile, on few words, and then once on
all; only the second run is timed. PaCMAP, which no map uses, is measured where it is installed.
"""

import argparse
import json
import time
from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

import w2v
from tables import markdown
from w2v.maps.layout import METHODS, lay_out

_ASKED = 2000  # words whose neighbours are compared
_WARM_UP = 1000  # words of the run that compiles
_SIZES = (10, 30, 100)


def main() -> None:
    """Lay the words out by every method that is installed, and print the table."""
    asked = parse_arguments()
    vectors = w2v.load(asked.file, limit=asked.top)
    units = vectors.get_normed_vectors()
    runs = []
    for method in asked.method:
        place = pacmap if method == "pacmap" else partial(lay_out, method=method, seed=1)
        place(units[:_WARM_UP])
        started = time.perf_counter()
        positions = place(units)
        runs.append({"method": method, "seconds": time.perf_counter() - started})
        runs[-1] |= scores(units, positions)
        if asked.json:
            with asked.json.open("a") as stream:
                print(json.dumps({"words": len(vectors), **runs[-1]}), file=stream)
    print(table(runs))


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    modules = {name: method.module for name, method in METHODS.items()} | {"pacmap": "pacmap"}
    there = [name for name, module in modules.items() if not module or find_spec(module)]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", help="word vectors, in any format")
    parser.add_argument("--top", type=int, default=20_000, help="lay out this many words")
    parser.add_argument("--method", nargs="+", choices=there, default=there)
    parser.add_argument("--json", type=Path, help="append a line for each method to this file")
    return parser.parse_args(arguments)


def pacmap(units: Any) -> Any:
    """Lay words out by PaCMAP (Wang et al., 2021)."""
    from pacmap import PaCMAP  # noqa: PLC0415

    return PaCMAP(n_components=2, random_state=1).fit_transform(units, init="pca")


def scores(units: Any, positions: Any) -> dict[str, float]:
    """Return the neighbour preservation for each size, and the global order."""
    generator = np.random.default_rng(1)
    words = generator.choice(len(units), min(_ASKED, len(units)), replace=False)
    apart = 1 - units[words] @ units.T
    on_plane = ((positions[words, None] - positions) ** 2).sum(axis=2)
    for distances in (apart, on_plane):
        distances[np.arange(len(words)), words] = np.inf  # a word is not its own neighbour
    found = {f"of {size}": overlap(apart, on_plane, size) for size in _SIZES if size < len(units)}
    others = generator.integers(len(units), size=len(words))
    pairs = (np.arange(len(words))[others != words], others[others != words])
    return {**found, "global": float(spearmanr(apart[pairs], on_plane[pairs]).statistic)}


def overlap(apart: Any, on_plane: Any, size: int) -> float:
    """Return the share of the `size` nearest by one distance that are so by the other."""
    kept = [
        len(np.intersect1d(first, second))
        for first, second in zip(
            np.argpartition(apart, size)[:, :size],
            np.argpartition(on_plane, size)[:, :size],
            strict=True,
        )
    ]
    return float(np.mean(kept)) / size


def table(runs: list[dict[str, Any]]) -> str:
    """Return the runs as a table in Markdown."""
    names = [name for name in runs[0] if name not in ("method", "seconds")]
    head = ["method", "seconds", *(f"kept {name}" if "of" in name else name for name in names)]
    rows = [
        [run["method"], f"{run['seconds']:.1f}", *(f"{run[name]:.3f}" for name in names)]
        for run in runs
    ]
    return markdown(head, rows)


if __name__ == "__main__":
    main()
