"""Two versions of w2v on one text: how fast the new one trains beside the old one.

    git worktree add ../old main~100
    python benchmarks/compare_versions.py ../old . wiki8.xz
    python benchmarks/compare_versions.py ../old . wiki8.xz --beside

OLD and NEW are folders with the sources of w2v, as a clone has them. The versions take turns of
half a second (turns.py), and in every second run the new one begins. With --beside both train at
the same time, each with one worker on one core of its own, and change cores from run to run. Each
training is a process of its own; both versions have compiled before anything is timed. Printed is
old ÷ new of the seconds of the epochs that both have trained, without the first: the median of all
runs, and their range.
"""

import argparse
import itertools
import os
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from processes import child_command, run_command
from selection import VARIANT_NAMES
from settings import VARIANTS
from tables import markdown
from turns import Player, play

VERSIONS = ("old", "new")
_TRAINING = str(Path(__file__).with_name("train_version.py"))
Seconds = dict[str, list[float]]


def main() -> None:
    """Compile both versions, train with each, and print the table."""
    arguments = parse_arguments()
    train_both = beside if arguments.beside else in_turn
    order: list[Any] = two_cores() if arguments.beside else list(VERSIONS)
    rows = []
    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as caches:
        for variant in arguments.variant:
            asked = {**vars(arguments), "variant": variant, "caches": caches}
            for version in VERSIONS:
                measured({**asked, "epochs": 1, "workers": 1}, version)  # compiles
            runs = []
            for _ in range(arguments.runs):
                runs.append(train_both(asked, order))
                order = order[::-1]
            rows.append(row(variant, runs))
    print(markdown(["", "old ÷ new", "range"], rows))


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", help="a folder with the sources of the old version")
    parser.add_argument("new", help="the same of the new version")
    parser.add_argument("corpus", help="a path or a known name, as for `w2v train`")
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--runs", type=int, default=2, help="of both versions")
    parser.add_argument("--epochs", type=int, default=6, help="of a run; the first is not timed")
    parser.add_argument("--workers", type=int, default=2, help="of each version in turns")
    parser.add_argument("--window", type=int, default=5)
    parser.add_argument("--beside", action="store_true", help="both at the same time")
    arguments = parser.parse_args(given)
    if arguments.epochs < 2:
        parser.error("--epochs must be at least 2: the first epoch is not timed.")
    return arguments


def two_cores() -> list[int]:
    """Return two cores that processes can be bound to; end with a sentence where there are none."""
    cores = sorted(os.sched_getaffinity(0))[:2] if hasattr(os, "sched_getaffinity") else []
    if len(cores) < 2:
        sys.exit("--beside needs two cores that processes can be bound to; leave it out.")
    return cores


def in_turn(asked: dict[str, Any], versions: list[str]) -> Seconds:
    """Train with both versions in turns; return the seconds of their epochs by version.

    Epochs should be longer than a turn: what is trained before turns begin is trained alone.
    """
    players = []
    for version in versions:
        request, environment = training(asked, version)
        players.append(Player(child_command(_TRAINING, request), **environment))
    seconds = play(players, asked["epochs"])
    shortest = min(map(len, seconds))
    return {version: each[:shortest] for version, each in zip(versions, seconds, strict=True)}


def beside(asked: dict[str, Any], cores: list[int]) -> Seconds:
    """Train with both versions at the same time, one worker on one core each.

    cores: the core of the old version and that of the new one.
    """
    with ThreadPoolExecutor(2) as pool:
        single = {**asked, "workers": 1}
        runs = {
            version: pool.submit(measured, {**single, "core": core}, version)
            for version, core in zip(VERSIONS, cores, strict=True)
        }
        return {version: run.result() for version, run in runs.items()}


def measured(asked: dict[str, Any], version: str) -> list[float]:
    """Train once in a process of its own; return the seconds of its epochs but the first."""
    request, environment = training(asked, version)
    output, _ = run_command(child_command(_TRAINING, request), **environment)
    return [after - before for before, after in itertools.pairwise(map(float, output.split()))]


def training(asked: dict[str, Any], version: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what to ask of the process that trains with a version, and its environment."""
    folder = Path(asked[version]).resolve()
    caches = str(Path(asked["caches"]) / version)
    environment = {"PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": caches}
    return {**asked, "folder": str(folder)}, environment


def row(variant: str, runs: list[Seconds]) -> list[str]:
    """Return a row of the table: how many times as fast the new version is."""
    ratios = [sum(run["old"]) / sum(run["new"]) for run in runs]
    return [
        VARIANT_NAMES[variant],
        f"{statistics.median(ratios):.3f}",
        f"{min(ratios):.3f} to {max(ratios):.3f}",
    ]


if __name__ == "__main__":
    main()
