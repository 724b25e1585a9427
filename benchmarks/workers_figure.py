"""The figure of words a second by workers, from the runs that many_workers.py kept.

    python benchmarks/workers_figure.py many_workers.jsonl workers.svg

The runs are those of one machine, corpus and size at w2v's own learning rates. In a file with the
runs of several machines each line needs "machine", which is shown below the figure.
"""

import argparse
import statistics
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figure import FAINT, STYLE
from search_tables import read_lines
from selection import VARIANT_NAMES
from w2v.training.config import DEFAULT_ALPHA

COLORS = ("#0b6e99", "#e08e45", "#5b8c5a", "#8c5b86")
Run = dict[str, Any]


def main() -> None:
    """Draw the figure."""
    arguments = parse_arguments()
    runs = read_lines(arguments.runs)
    machine = arguments.machine or runs[0].get("machine")
    wanted = (machine, arguments.corpus, arguments.vector_size)
    draw(
        [run for run in runs if (run.get("machine"), run["corpus"], run["vector_size"]) == wanted],
        arguments.figure,
    )


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("runs", type=Path, help="the file of many_workers.py --json")
    parser.add_argument("figure", type=Path, help="a name that ends in .svg or .png")
    parser.add_argument("--corpus", default="wiki8")
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--machine", help="default: that of the first run")
    return parser.parse_args(given)


def draw(runs: list[Run], path: Path) -> None:
    """Draw one line a variant, over one that grows as the number of workers does."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(6.4, 4.2), layout="constrained")
        axes = figure.add_subplot()
        for place, ((kind, loss), color) in enumerate(zip(DEFAULT_ALPHA, COLORS, strict=True)):
            variant, alpha = f"{kind}-{loss}", DEFAULT_ALPHA[kind, loss]
            chosen = [run for run in runs if (run["variant"], run["alpha"]) == (variant, alpha)]
            if chosen:
                draw_variant(axes, points(chosen), VARIANT_NAMES[variant], color, place % 2 > 0)
        finish(axes, runs)
        metadata = {"Date": None} if path.suffix == ".svg" else None  # the same bytes each time
        figure.savefig(path, dpi=150, facecolor="white", metadata=metadata)


def points(runs: list[Run]) -> list[tuple[int, float]]:
    """Return (workers, median million words a second) for each number of workers."""
    speeds: dict[int, list[float]] = {}
    for run in runs:
        speeds.setdefault(run["workers"], []).append(run["words_per_second"] / 1e6)
    return sorted((workers, statistics.median(found)) for workers, found in speeds.items())


def draw_variant(
    axes: Axes, found: list[tuple[int, float]], label: str, color: str, below: bool
) -> None:
    """Draw the measured line, and faintly that of as many times the first point's speed.

    below: whether the highest speed is written below its point.
    """
    workers, speeds = zip(*found, strict=True)
    ideal = [speeds[0] * number / workers[0] for number in workers]
    axes.plot(workers, ideal, color=color, linewidth=0.8, linestyle=(0, (2, 3)), zorder=1)
    axes.plot(workers, speeds, "o-", color=color, linewidth=1.6, markersize=5, label=label)
    most, best = max(found, key=lambda point: point[1])
    axes.annotate(
        f"{best:.1f}", (most, best), (0, -15 if below else 7), textcoords="offset points",
        ha="center", fontsize=9, color=color,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
    )  # fmt: skip


def finish(axes: Axes, runs: list[Run]) -> None:
    """Set scales, labels and legend."""
    numbers = sorted({run["workers"] for run in runs})
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_xticks(numbers, [str(number) for number in numbers])
    axes.set_yticks([1, 2, 4, 8, 16, 32, 64], ["1", "2", "4", "8", "16", "32", "64"])
    axes.set_ylim(1, 70)
    axes.minorticks_off()
    axes.grid(color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    machines = sorted({run["machine"] for run in runs if "machine" in run})
    axes.set_xlabel("workers" + "".join(f", on {machine}" for machine in machines))
    axes.set_ylabel("million words a second")
    axes.set_title("Speed by the number of workers")
    axes.legend(frameon=False, loc="upper left", fontsize=9)


if __name__ == "__main__":
    main()
