"""Large vocabularies: every stage from a text to its first step, and of the files of its vectors.

    python benchmarks/large_vocabulary.py --words 3M --vector-size 300

It makes a text in which so many distinct words all occur five times or more, and vectors for them.
Each stage is measured in a process of its own: its seconds, those of the processor, how much it
does a second, and its memory, before and at its peak. Let nothing else run meanwhile.
The stages build_index and similar_index run only if they are named: an index of so many words takes
an hour to build.
"""

import argparse
import json
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from large_stages import READS, STAGES, WRITES
from processes import run_script
from settings import whole
from tables import markdown

_SLOW = ("build_index", "similar_index")  # left out unless they are asked for
Run = dict[str, Any]


def main() -> None:
    """Make the files, measure stage by stage, and print the table."""
    arguments = parse_arguments()
    temporary = tempfile.TemporaryDirectory(prefix="w2v-benchmark-")
    with temporary if arguments.directory is None else nullcontext(arguments.directory) as place:
        Path(place).mkdir(exist_ok=True)
        asked = {**vars(arguments), "directory": str(place)}
        runs = {name: measured(name, asked) for name in stages_of(arguments, Path(place))}
    print(table(runs), end="")


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--words", type=whole, default=3_000_000, help="distinct words, as in 3M")
    parser.add_argument("--vector-size", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    usual = [name for name in STAGES if name not in _SLOW]
    parser.add_argument("--stage", nargs="+", choices=STAGES, default=usual, metavar="STAGE")
    parser.add_argument("--directory", help="where to keep the files; default: a temporary one")
    return parser.parse_args(given)


def stages_of(arguments: argparse.Namespace, directory: Path) -> list[str]:
    """Return the stages to run: those asked for, after those whose files are missing."""
    chosen: dict[str, None] = {}

    def choose(name: str) -> None:
        for writer, files in WRITES.items():
            missing = [file for file in files if not (directory / file).exists()]
            if writer not in chosen and not {*missing}.isdisjoint(READS[name]):
                choose(writer)
        chosen[name] = None

    for name in arguments.stage:
        choose(name)
    return [*chosen]


def measured(name: str, asked: Run) -> Run:
    """Run a stage in a process of its own."""
    run = run_script("large_stages.py", {**asked, "stage": name})
    print(f"{name}: {json.dumps(run)}", file=sys.stderr, flush=True)
    return run


def table(runs: dict[str, Run]) -> str:
    """Return the table of the stages."""
    head = ["stage", "seconds", "of the processor", "a second", "memory before", "at its peak"]
    rows = []
    for name, run in runs.items():
        speed = run["amount"] / run["seconds"]
        rows.append([
            (STAGES[name].__doc__ or name).rstrip("."),
            f"{run['seconds']:.2f} s",
            f"{run['processor_seconds']:.2f} s",
            f"{speed:,.0f} MB" if run["unit"] == "MB" else f"{speed / 1e6:.2f} M words",
            f"{run['before'] / 1000:.2f} GB",
            f"{run['peak'] / 1000:.2f} GB",
        ])  # fmt: skip
    return markdown(head, rows)


if __name__ == "__main__":
    main()
