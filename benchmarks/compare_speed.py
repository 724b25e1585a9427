"""Compare training speed: the libraries in turn, several times, medians and their ratio.

    python benchmarks/compare_speed.py wiki8.xz                      all variants, w2v and gensim
    python benchmarks/compare_speed.py toy.txt --runs 1 --json out.json

Same settings for both, the same number of workers, vocabulary and compilation apart. Let nothing
else run meanwhile.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from one_run import LIBRARIES, add_settings

VARIANTS = [
    (architecture, loss)
    for architecture in ("skipgram", "cbow")
    for loss in ("negative", "hierarchical")
]


def run_once(
    library: str, variant: tuple[str, str], arguments: argparse.Namespace
) -> dict[str, Any]:
    """Train once in a process of its own."""
    architecture, loss = variant
    command = [sys.executable, str(Path(__file__).with_name("one_run.py")), library]
    command += [str(arguments.corpus), "--architecture", architecture, "--loss", loss]
    for name in (
        "vector_size", "window", "negative", "epochs", "min_count", "sample", "workers", "seed"
    ):  # fmt: skip
        command += [f"--{name.replace('_', '-')}", str(getattr(arguments, name))]
    if arguments.alpha is not None:
        command += ["--alpha", str(arguments.alpha)]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    result: dict[str, Any] = json.loads(output)
    return result


def compare(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Run every variant with every library in turn; print a line each."""
    rows = []
    for variant in VARIANTS:
        if "-".join(variant) not in arguments.variant:
            continue
        runs: dict[str, list[dict[str, Any]]] = {library: [] for library in arguments.library}
        for _ in range(arguments.runs):
            for library in arguments.library:
                runs[library].append(run_once(library, variant, arguments))
        rows.append({"variant": "-".join(variant), "runs": runs})
        print_row(rows[-1])
    return rows


def print_row(row: dict[str, Any]) -> None:
    """Print the medians of one variant, and how many times faster the first library is."""
    medians = {
        library: statistics.median(run["words_per_second"] for run in runs)
        for library, runs in row["runs"].items()
    }
    fastest = next(iter(medians.values()))
    for library, speed in medians.items():
        peak = max(run["peak_megabytes"] for run in row["runs"][library])
        print(
            f"{row['variant']:22} {library:8} {speed / 1e6:6.3f} M words/s  "
            f"{peak:6.0f} MB peak  {fastest / speed:5.1f}x",
            flush=True,
        )


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    names = ["-".join(variant) for variant in VARIANTS]
    parser.add_argument("--variant", nargs="+", choices=names, default=names)
    parser.add_argument(
        "--library", nargs="+", choices=sorted(LIBRARIES), default=["w2v", "gensim"]
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write every run to this file")
    add_settings(parser)
    return parser.parse_args()


def main() -> None:
    """Run, print, and write the JSON."""
    arguments = parse_arguments()
    rows = compare(arguments)
    if arguments.json:
        machine = {"processor": platform.processor(), "machine": platform.machine()}
        report = {"python": platform.python_version(), **machine, "rows": rows}
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
