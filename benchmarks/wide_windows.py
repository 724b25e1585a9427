"""Wide windows: skip-gram with negative sampling, w2v's scores beside gensim's at each window.

    python benchmarks/wide_windows.py windows.jsonl wiki8.xz@1M wiki8.xz@4M \
        --sets questions-words.txt wordsim353.tsv --window 1 5 10 20 50 100 --alpha 0.05 0.025

A text is CORPUS or CORPUS@WORDS, its first so many words; w2v reads it as it is, gensim in lines
of 1,000 words. gensim's time grows with the window. Each run is a line of the file; a run
in the file is not repeated. Run n has seed n. The scores of a training that diverged are null.
"""

import argparse
import json
import statistics
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from inputs import Inputs, prepared
from libraries import TRAIN
from one_run import score_trained
from settings import Settings, whole
from short_texts import read_runs
from tables import markdown

LIBRARIES = ("w2v", "gensim")
_KEY = ("text", "vector_size", "window", "epochs", "library", "alpha", "workers", "seed")
Run = dict[str, Any]


def main() -> None:
    """Train the runs that are missing, and print the table of all runs in the file."""
    arguments = parse_arguments()
    known = [key(run) for run in read_runs(arguments.output)]
    for text in arguments.text:
        wanted = [run for run in asked_for(text, arguments) if key(run) not in known]
        corpus, _, words = text.partition("@")
        if not wanted:
            continue
        with prepared(corpus, whole(words) if words else None) as inputs:
            for run in wanted:
                done = json.dumps({**run, **train(run, inputs, arguments.sets)})
                with arguments.output.open("a", encoding="utf-8") as file:
                    file.write(done + "\n")
                print(done, flush=True)
    print(table(read_runs(arguments.output)))


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("output", type=Path, help="the file of JSON lines")
    parser.add_argument("text", nargs="*", help="CORPUS or CORPUS@WORDS, as in wiki8.xz@4M")
    parser.add_argument("--sets", nargs="+", default=[], help="evaluation sets")
    parser.add_argument("--library", nargs="+", choices=LIBRARIES, default=list(LIBRARIES))
    parser.add_argument("--window", nargs="+", type=int, default=[1, 5, 10, 20, 50, 100])
    parser.add_argument("--vector-size", nargs="+", type=int, default=[100])
    parser.add_argument("--alpha", nargs="+", type=float, default=[0.05])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--workers", nargs="+", type=int, default=[1])
    parser.add_argument("--runs", type=int, default=1)
    return parser.parse_args(given)


def asked_for(text: str, arguments: argparse.Namespace) -> Iterator[Run]:
    """Yield the settings of every run on a text."""
    for vector_size, window, library, alpha, workers, seed in product(
        arguments.vector_size, arguments.window, arguments.library, arguments.alpha,
        arguments.workers, range(1, arguments.runs + 1),
    ):  # fmt: skip
        yield {
            "text": Path(text).name, "vector_size": vector_size, "window": window,
            "epochs": arguments.epochs, "library": library, "alpha": alpha, "workers": workers,
            "seed": seed,
        }  # fmt: skip


def key(run: Run) -> tuple[Any, ...]:
    """Return the settings that identify a run."""
    return tuple(run[name] for name in _KEY)


def train(run: Run, inputs: Inputs, sets: list[str]) -> Run:
    """Train once; return the seconds and the scores."""
    from w2v import DivergedError  # noqa: PLC0415

    numbers = {name: run[name] for name in _KEY[1:]}
    reader = "lines" if run["library"] == "gensim" else "text"
    settings = Settings(**numbers, reader=reader)
    try:
        trained = TRAIN[run["library"]](settings, inputs.text, inputs.lines)
    except DivergedError:
        return {"seconds": None, "loss": None, "scores": None}
    return {
        "seconds": round(trained.figures["train_seconds"], 2),
        "loss": trained.figures.get("loss"),
        "scores": score_trained(trained, inputs.text, settings.min_count, sets),
    }


def table(runs: list[Run]) -> str:
    """Return the mean scores of every text, size and window, the libraries side by side."""
    columns = sorted(
        {(run["library"], run["alpha"], run["workers"]) for run in runs},
        key=lambda column: (LIBRARIES.index(column[0]), -column[1], column[2]),
    )
    heads = [
        f"{library}, {alpha:g}, " + ("one worker" if workers == 1 else f"{workers} workers")
        for library, alpha, workers in columns
    ]
    names = ("text", "vector_size", "window", "epochs")
    rows = []
    for case in sorted({tuple(run[name] for name in names) for run in runs}):
        chosen = [run for run in runs if tuple(run[name] for name in names) == case]
        rows.append([*map(str, case), *(cell(chosen, column) for column in columns)])
    return markdown(["text", "d", "window", "epochs", *heads], rows)


def cell(runs: list[Run], column: tuple[str, float, int]) -> str:
    """Return the mean scores of one column, or that a training diverged."""
    chosen = [run for run in runs if (run["library"], run["alpha"], run["workers"]) == column]
    if not chosen:
        return ""
    if any(run["scores"] is None for run in chosen):
        return "diverged"
    found = []
    for name, first in chosen[0]["scores"].items():
        mean = statistics.mean(run["scores"][name]["score"] for run in chosen)
        found.append(f"{100 * mean:.1f} %" if first["kind"] == "analogies" else f"{mean:.3f}")
    return " / ".join(found)


if __name__ == "__main__":
    main()
