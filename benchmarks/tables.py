"""The tables of the guide to speed, as Markdown, from the runs in a file of results."""

import math
import statistics
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from results import Run
from selection import (
    LIBRARY_NAMES,
    case_name,
    cases,
    clock_speed,
    fastest,
    median,
    races,
    select,
    shortest,
    train_seconds,
    values,
    words_per_second,
)  # fmt: skip


def speed_table(runs: list[Run]) -> str:
    """Words a second and peak memory of each case by library."""
    trained = select(runs, "speed")
    libraries = [name for name in LIBRARY_NAMES if name in values(trained, "library")]
    head = ["", *(f"{LIBRARY_NAMES[name]}, words/s" for name in libraries), "w2v ÷ gensim"]
    head += ["w2v by the clock", "peak memory, w2v", "above matrices and ids", "peak, gensim"]
    rows = []
    for case in cases(trained):
        by_library = {name: _base_runs(trained, library=name, **case) for name in libraries}
        speeds = {name: median(found, words_per_second) for name, found in by_library.items()}
        ours, theirs = by_library.get("w2v", []), by_library.get("gensim", [])
        rows.append(
            [
                case_name(case),
                *(_millions(speeds[name]) for name in libraries),
                _times(speeds.get("w2v"), speeds.get("gensim")),
                _millions(clock_speed(select(trained, "speed", library="w2v", **case))),
                _megabytes(median(ours, lambda run: run["result"]["memory"]["peak"])),
                _megabytes(median(ours, lambda run: run["result"]["memory"]["above"])),
                _megabytes(median(theirs, lambda run: run["result"]["memory"]["peak"])),
            ]
        )
    return markdown(head, rows)


def _base_runs(runs: list[Run], **settings: Any) -> list[Run]:
    """Return the runs that words a second are taken from: the fewest epochs, the best reader."""
    return fastest(shortest(select(runs, "speed", **settings)), words_per_second)


def task_table(runs: list[Run]) -> str:
    """The tasks around training, against gensim or another measure."""
    rows = [*_arithmetic_rows(runs), *_worker_rows(runs), *_seconds_rows(runs), *_start_rows(runs)]
    return markdown(["", "w2v", "against", ""], rows)


def _arithmetic_rows(runs: list[Run]) -> Iterator[list[str]]:
    measured = select(runs, "arithmetic")
    for size in values(measured, "vector_size"):
        chosen = select(measured, "arithmetic", vector_size=size)
        step = median(chosen, lambda run: run["result"]["gigaflops"]["step"])
        sgemm = median(chosen, lambda run: run["result"]["gigaflops"]["sgemm"])
        share = median(chosen, lambda run: run["result"]["share"])
        yield [
            f"arithmetic of the skip-gram step, d={size}, one core",
            f"{step:.0f} GFLOP/s", f"OpenBLAS sgemm {sgemm:.0f}", f"{100 * share:.0f} %",
        ]  # fmt: skip


def _worker_rows(runs: list[Run]) -> Iterator[list[str]]:
    trained = shortest(select(runs, "speed", library="w2v"))
    for case in cases(trained):
        speeds = [
            median(select(trained, "speed", **{**case, "workers": workers}), words_per_second)
            for workers in (2, 1)
        ]
        if case["workers"] == 2 and not math.isnan(speeds[1]):
            yield [
                f"two workers, {case_name(case)}",
                f"{_millions(speeds[0])} words/s",
                f"one worker {_millions(speeds[1])}",
                _times(*speeds),
            ]


def _seconds_rows(runs: list[Run]) -> Iterator[list[str]]:
    names: dict[str, Callable[[dict[str, Any]], str]] = {
        "counting": lambda run: f"counting and encoding {_million_words(run)}",
        "loading": lambda run: "loading {rows:,} × {vector_size} from `.bin`".format(**run),
        "cold_start": lambda run: "`w2v analogy`, cold start, whole process",
        "evaluation": lambda run: f"{run['set']} over 30,000 words",
    }
    for task, name in names.items():
        by_library = [
            fastest(select(runs, task, library=library), lambda run: -_seconds(run))
            for library in ("w2v", "gensim")
        ]
        if all(by_library):
            ours, theirs = (median(chosen, _seconds) for chosen in by_library)
            row = [name(by_library[0][0]["settings"]), f"{ours:.2f} s", f"gensim {theirs:.2f} s"]
            yield [*row, _times(theirs, ours)]


def _seconds(run: Run) -> float:
    return float(run["result"]["seconds"])


def _start_rows(runs: list[Run]) -> Iterator[list[str]]:
    measured = select(runs, "second_start")
    if measured:
        compiled = max(run["result"]["compiled"] for run in measured)
        note = f"{compiled} kernels compiled" if compiled else "nothing compiled"
        name = "second `w2v train`, start to first step, less reading the text"
        yield [name, f"{median(measured, _seconds):.2f} s", note, ""]


def quality_table(runs: list[Run]) -> str:
    """Scores of each case by library: means over the seeds, and the standard deviation."""
    scored = select(runs, "quality")
    libraries = [name for name in LIBRARY_NAMES if name in values(scored, "library")]
    sets = list(dict.fromkeys(name for run in scored for name in run["result"]["scores"]))
    head = ["", *(f"{name}, {LIBRARY_NAMES[library]}" for name in sets for library in libraries)]
    rows = [
        [
            case_name(case),
            *(
                mean_score(select(scored, "quality", library=library, **case), name)
                for name, library in product(sets, libraries)
            ),
        ]
        for case in cases(scored)
    ]
    return markdown(head, rows)


def mean_score(runs: list[Run], name: str) -> str:
    """Return mean ± standard deviation of the score on one set."""
    scores = [run["result"]["scores"][name] for run in runs]
    if not scores:
        return ""
    numbers = [score["score"] for score in scores]
    mean = statistics.mean(numbers)
    spread = statistics.stdev(numbers) if len(numbers) > 1 else math.nan
    if scores[0]["kind"] == "analogies":
        mean, spread = 100 * mean, 100 * spread
        return f"{mean:.1f} %" + ("" if math.isnan(spread) else f" ± {spread:.1f}")
    return f"{mean:.3f}" + ("" if math.isnan(spread) else f" ± {spread:.3f}")


def race_table(runs: list[Run]) -> str:
    """Accuracy and seconds of training: gensim's, and w2v's on the way and in gensim's time."""
    names = {
        "gensim": "gensim, its defaults",
        "reached": "w2v, as accurate as gensim",
        "own": "w2v, its defaults",
        "larger": "w2v, its defaults, larger vectors",
    }
    rows = []
    for case, found in races(runs):
        limit = median(found["gensim"], train_seconds)
        for key, name in names.items():
            chosen = found.get(key, [])
            if chosen:
                seconds = median(chosen, train_seconds)
                epochs = f"{chosen[0]['result']['epochs']}"
                scores = [mean_score(chosen, one) for one in chosen[0]["result"]["scores"]]
                named = case_name({**case, "vector_size": values(chosen, "vector_size")[0]})
                row = [f"{name}: {named}", epochs, f"{seconds:.1f} s"]
                rows.append([*row, f"{seconds / limit:.2f}", *scores])
    sets = next((list(run["result"]["scores"]) for run in select(runs, "accuracy")), [])
    return markdown(["", "epochs", "training", "of gensim's", *sets], rows)


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """Return a table, without the columns that are empty; nothing where it has no rows."""
    if not rows:
        return ""
    kept = [k for k in range(len(head)) if any(row[k] for row in rows)]
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(line[k] for k in kept) + " |\n" for line in lines)


def _millions(number: float) -> str:
    return "" if math.isnan(number) else f"{number / 1e6:.{2 if number >= 1e6 else 3}f} M"


def _million_words(settings: dict[str, Any]) -> str:
    return f"{settings['words'] / 1e6:.1f} M words"


def _megabytes(number: float) -> str:
    return "" if math.isnan(number) else f"{number:.0f} MB"


def _times(ours: float | None, theirs: float | None) -> str:
    ratio = (ours or math.nan) / (theirs or math.nan)
    return "" if math.isnan(ratio) else f"{ratio:.1f} ×"
