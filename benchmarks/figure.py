"""The figure: words a second by library and variant, and the time to gensim's accuracy."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from results import Run
from selection import (
    LIBRARY_NAMES,
    VARIANT_NAMES,
    accuracy,
    case_name,
    cases,
    fastest,
    mean,
    median,
    races,
    select,
    shortest,
    train_seconds,
    values,
    words_per_second,
)

COLORS = {"w2v": "#0b6e99", "gensim": "#e08e45", "fasttext": "#a9b4bd"}
INK, FAINT = "#30363d", "#d0d7de"
STYLE: Any = {
    "font.family": "DejaVu Sans", "font.size": 10, "svg.hashsalt": "w2v", "svg.fonttype": "path",
    "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.edgecolor": FAINT, "axes.spines.top": False, "axes.spines.right": False,
    "axes.titlesize": 11, "axes.titlelocation": "left", "axes.titleweight": "bold",
}  # fmt: skip


def draw(runs: list[Run], path: Path) -> None:
    """Draw all cases that have runs to a file, whose name ends in .svg or .png."""
    parts = [
        part
        for part, task in ((draw_speed, "speed"), (draw_race, "accuracy"))
        if select(runs, task, library="w2v")
    ]
    with mpl.rc_context(STYLE):
        figure = Figure(
            figsize=(5.4 * max(1, len(parts)), 4.0), layout=ConstrainedLayoutEngine(wspace=0.08)
        )
        for number, part in enumerate(parts):
            part(figure.add_subplot(1, len(parts), number + 1), runs)
        metadata = {"Date": None} if path.suffix == ".svg" else None  # the same bytes each time
        figure.savefig(path, dpi=150, facecolor="white", metadata=metadata)


def draw_speed(axes: Axes, runs: list[Run]) -> None:
    """Bars of words a second at 100 dimensions and the most workers, one group a variant."""
    trained = shortest(select(runs, "speed"))
    workers = max(values(trained, "workers"))
    size = min(values(trained, "vector_size"))
    chosen = select(trained, "speed", workers=workers, vector_size=size)
    libraries = [name for name in LIBRARY_NAMES if name in values(chosen, "library")]
    shown = [case["variant"] for case in cases(chosen)]
    height = 0.8 / len(libraries)
    longest = 0.0
    for place, library in enumerate(libraries):
        speeds = [_speed(chosen, library, variant) for variant in shown]
        longest = max(longest, *speeds)
        centers = [row + (place + 0.5) * height - 0.4 for row in range(len(shown))]
        label, color = LIBRARY_NAMES[library], COLORS[library]
        bars = axes.barh(centers, speeds, height * 0.9, label=label, color=color)
        weight = "bold" if library == "w2v" else "normal"
        texts = [f"{speed:.2f}" for speed in speeds]
        axes.bar_label(bars, texts, padding=4, fontsize=9, fontweight=weight)
    names = [VARIANT_NAMES[variant].replace(", ", ",\n") for variant in shown]
    axes.set_yticks(range(len(shown)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, longest * 1.13)
    axes.grid(axis="x", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    above: Any = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "ncols": len(libraries)}
    axes.legend(frameon=False, borderaxespad=0, columnspacing=1.2, handlelength=1.2, **above)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(f"million words a second, {workers} workers, {size} dimensions")
    axes.set_title("Speed of training")


def _speed(runs: list[Run], library: str, variant: str) -> float:
    chosen = select(runs, "speed", library=library, variant=variant)
    found = median(fastest(chosen, words_per_second), words_per_second) / 1e6
    return found if found > 0 else 0.0  # no such run: no bar


def draw_race(axes: Axes, runs: list[Run]) -> None:
    """The accuracy of w2v after 1, 2, 3 … epochs and with more dimensions, and gensim's own."""
    case, found = next(races(runs))
    mark, seconds = mean(found["gensim"], accuracy) * 100, median(found["gensim"], train_seconds)
    points = _points(runs, case)
    color = COLORS["gensim"]
    axes.axhline(mark, color=color, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    axes.plot(*zip(*points, strict=True), "-", color=COLORS["w2v"], linewidth=1.6, zorder=2)
    axes.plot(*zip(*points, strict=True), "o", color=COLORS["w2v"], markersize=5, zorder=3)
    axes.plot([seconds], [mark], "o", color=color, markersize=8, zorder=3)
    _note(axes, (seconds, mark), f"gensim: {mark:.1f} %\nin {seconds:.0f} s", color, (-4, -34))
    last = f"w2v: {points[-1][1]:.1f} % in {points[-1][0]:.0f} s"
    _note(axes, points[-1], last, COLORS["w2v"], (20, -14))
    if found["larger"]:
        size = values(found["larger"], "vector_size")[0]
        larger = median(found["larger"], train_seconds), mean(found["larger"], accuracy) * 100
        axes.plot(*larger, "D", color=COLORS["w2v"], markersize=5, zorder=3)
        label = f"{size} dimensions: {larger[1]:.1f} % in {larger[0]:.0f} s"
        _note(axes, larger, label, COLORS["w2v"], (14, 8))
        points.append(larger)
    if "reached" in found:
        reached = found["reached"]
        there = median(reached, train_seconds), mean(reached, accuracy) * 100
        epochs = reached[0]["result"]["epochs"]
        text = f"as accurate in {there[0]:.1f} s\n({epochs} {'epochs' if epochs > 1 else 'epoch'})"
        _note(axes, there, text, COLORS["w2v"], (30, -40))
    axes.set_xlim(0, max(seconds, *(point[0] for point in points)) * 1.1)
    axes.set_ylim(0, max(mark, *(point[1] for point in points)) * 1.12)
    axes.grid(color=FAINT, linewidth=0.6)
    axes.set_xlabel(f"seconds of training, {case_name(case)}")
    axes.set_ylabel("analogies answered, %")
    axes.set_title("Time to accuracy")


def _points(runs: list[Run], case: dict[str, Any]) -> list[tuple[float, float]]:
    """Return (seconds, per cent) of every number of epochs that w2v was trained with."""
    ours = select(runs, "accuracy", library="w2v", **case)
    by_epochs: dict[int, list[Run]] = {}
    for run in ours:
        by_epochs.setdefault(run["result"]["epochs"], []).append(run)
    return sorted(
        (median(chosen, train_seconds), mean(chosen, accuracy) * 100)
        for chosen in by_epochs.values()
    )


def _note(
    axes: Axes, point: tuple[float, float], text: str, color: str, offset: tuple[int, int]
) -> None:
    axes.annotate(
        text, point, offset, textcoords="offset points", color=color, fontsize=9,
        ha="right" if offset[0] < 0 else "left", va="center", zorder=4,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.8},
    )  # fmt: skip
