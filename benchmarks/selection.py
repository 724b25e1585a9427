"""The runs of a file of results, chosen and summed up for tables and figure."""

import statistics
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any

from results import Run, has

VARIANT_NAMES = {
    "skipgram-negative": "skip-gram, negative sampling",
    "cbow-negative": "CBOW, negative sampling",
    "skipgram-hierarchical": "skip-gram, hierarchical softmax",
    "cbow-hierarchical": "CBOW, hierarchical softmax",
}
LIBRARY_NAMES = {"w2v": "w2v", "gensim": "gensim", "fasttext": "fastText"}

Figure = Callable[[Run], float]


def select(runs: Iterable[Run], task: str, **settings: Any) -> list[Run]:
    """Return the runs of a task with these settings, on the largest corpus that it was done on."""
    chosen = [run for run in runs if run["task"] == task and has(run, settings)]
    largest = max((run["settings"].get("words", 0) for run in chosen), default=0)
    return [run for run in chosen if run["settings"].get("words", 0) == largest]


def values(runs: Iterable[Run], setting: str) -> list[Any]:
    """Return the different values of a setting, in the order of the runs."""
    return list(dict.fromkeys(run["settings"].get(setting) for run in runs))


def median(runs: Iterable[Run], figure: Figure) -> float:
    """Return the median of a figure over runs; NaN where there is none."""
    found = [figure(run) for run in runs]
    return statistics.median(found) if found else float("nan")


def words_per_second(run: Run) -> float:
    """Return the speed of training."""
    return float(run["result"]["words_per_second"])


def fastest(runs: list[Run], figure: Figure) -> list[Run]:
    """Return the runs with the reader whose median is the best: the highest `figure`."""
    readers = values(runs, "reader")
    by_reader = [[run for run in runs if has(run, {"reader": reader})] for reader in readers]
    return max(by_reader, key=lambda chosen: median(chosen, figure), default=[])


def cases(runs: list[Run]) -> Iterator[dict[str, Any]]:
    """Yield the combinations of variant, vector size and workers that there are runs of."""
    names = ("variant", "vector_size", "workers")
    known = [variant for variant in VARIANT_NAMES if variant in values(runs, "variant")]
    for case in product(known, *(sorted(values(runs, name)) for name in names[1:])):
        settings = dict(zip(names, case, strict=True))
        if any(has(run, settings) for run in runs):
            yield settings


def case_name(case: dict[str, Any]) -> str:
    """Name a case by its differences from 100 dimensions and two workers."""
    size = "" if case["vector_size"] == 100 else f", d={case['vector_size']}"
    workers = {1: ", one worker", 2: ""}.get(case["workers"], f", {case['workers']} workers")
    return VARIANT_NAMES[case["variant"]] + size + workers


def clock_speed(runs: list[Run]) -> float:
    """Return the words a second of "four epochs less one": whole processes, by the clock."""
    short = shortest(runs)
    long = [run for run in runs if run["settings"]["epochs"] > short[0]["settings"]["epochs"]]
    if not long:
        return float("nan")
    epochs = long[0]["settings"]["epochs"] - short[0]["settings"]["epochs"]
    seconds = [median(part, lambda run: run["result"]["process_seconds"]) for part in (short, long)]
    return float(long[0]["settings"]["words"] * epochs / (seconds[1] - seconds[0]))


def shortest(runs: list[Run]) -> list[Run]:
    """Return the runs of the fewest epochs."""
    fewest = min((run["settings"]["epochs"] for run in runs), default=0)
    return [run for run in runs if run["settings"]["epochs"] == fewest]


def accuracy(run: Run) -> float:
    """Return the score on the first set."""
    first = next(iter(run["result"]["scores"].values()))
    return float(first["score"])


def races(runs: list[Run]) -> Iterator[tuple[dict[str, Any], dict[str, list[Run]]]]:
    """Yield each case of time_to_accuracy.py with its outcome, by name.

    gensim: its own defaults. reached: w2v with the fewest epochs that are as accurate. own: w2v's
    own defaults. larger: the same with more dimensions, within gensim's time.
    """
    raced = select(runs, "accuracy")
    for case in cases(select(raced, "accuracy", library="gensim")):
        ours = select(raced, "accuracy", library="w2v", **case)
        found = {
            "gensim": select(raced, "accuracy", library="gensim", **case),
            "own": [run for run in ours if run["settings"]["epochs"] is None],
        }
        mark = mean(found["gensim"], accuracy)
        counted = [run for run in ours if run["settings"]["epochs"] is not None]
        for epochs in sorted(values(counted, "epochs")):
            reached = select(counted, "accuracy", epochs=epochs)
            if "reached" not in found and mean(reached, accuracy) >= mark:
                found["reached"] = reached
        found["larger"] = _larger(raced, case, median(found["gensim"], train_seconds))
        yield case, found


def _larger(raced: list[Run], case: dict[str, Any], limit: float) -> list[Run]:
    """Return w2v's runs with the most dimensions above the case's that ended within `limit`."""
    same = {"variant": case["variant"], "workers": case["workers"], "epochs": None}
    ours = select(raced, "accuracy", library="w2v", **same)
    for size in sorted(values(ours, "vector_size"), reverse=True):
        chosen = select(ours, "accuracy", vector_size=size)
        if size > case["vector_size"] and median(chosen, train_seconds) <= limit:
            return chosen
    return []


def mean(runs: list[Run], figure: Figure) -> float:
    """Return the mean of a figure over runs."""
    return statistics.mean(figure(run) for run in runs)


def train_seconds(run: Run) -> float:
    """Return the seconds of training alone."""
    return float(run["result"]["train_seconds"])
