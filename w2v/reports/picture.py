"""The picture: the curves, flows and bars of a report, drawn by Matplotlib."""

import io
from collections.abc import Callable
from functools import partial
from typing import Any

from w2v.characters import printable
from w2v.reports.charts import Bars, Chart, Flow
from w2v.reports.colours import FATES, TRAININGS
from w2v.reports.contents import Contents
from w2v.reports.ribbons import ribbons
from w2v.reports.scales import Scale, labels, scales_of
from w2v.reports.tables import SCORE

_WIDTH, _HEIGHT, _HEAD = 6.0, 3.6, 0.75  # inches of a chart, and of the heading
_BAR = 0.14  # inches of a bar
_DPI = 150
_SYMBOLS = "os^D"
_SOFT, _LINE = "#566170", "#dfe4ea"
_STYLE: Any = {
    "font.size": 9.5, "axes.edgecolor": "#8a94a1", "axes.labelcolor": _SOFT,
    "text.color": "#1b2430", "xtick.color": _SOFT, "ytick.color": _SOFT, "axes.spines.top": False,
    "axes.spines.right": False, "axes.spines.left": False, "axes.titlelocation": "left",
    "axes.titleweight": "bold", "axes.titlesize": 11, "figure.facecolor": "white",
    "ytick.left": False, "text.parse_math": False, "text.usetex": False,
}  # fmt: skip


def picture(contents: Contents) -> bytes:
    """Return the picture of a report as PNG."""
    import matplotlib as mpl  # noqa: PLC0415  (an extra, and slow to import)
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    parts = _parts(contents)
    pairs = [parts[place : place + 2] for place in range(0, len(parts), 2)]
    heights = [max(height for height, _ in pair) for pair in pairs] or [1.0]
    columns = min(2, max(1, len(parts)))
    with mpl.rc_context(_STYLE):
        figure: Any = Figure(figsize=(_WIDTH * columns, sum(heights) + _HEAD), layout="constrained")
        FigureCanvasAgg(figure)
        figure.get_layout_engine().set(w_pad=0.14, h_pad=0.14)
        top, *rows = figure.subfigures(1 + len(heights), height_ratios=[_HEAD, *heights])
        _head(top, contents)
        for row, pair in zip(rows, pairs, strict=False):
            cells = row.subfigures(1, columns, squeeze=False)[0]
            for cell, (_, draw) in zip(cells, pair, strict=False):
                draw(cell.subplots())
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=_DPI, metadata={"Software": "w2v"})
    return stream.getvalue()


def _head(figure: Any, contents: Contents) -> None:
    """Write the title, the first results and the first scores."""
    names = ", ".join(training.name for training in contents.trainings)
    title = f"{contents.title}: {names}"
    figure.text(0.012, 0.76, printable(title), fontsize=14, fontweight="bold", va="center")
    most = 5 if len(contents.trainings) == 1 else 2
    scores = [row for row in contents.results if row.meaning == SCORE]
    others = [row for row in contents.results if row.meaning != SCORE]
    for y, rows in ((0.36, others[:most]), (0.07, scores[:most])):
        shown = "      ".join(f"{row.name}  {' / '.join(row.values)}" for row in rows)
        figure.text(0.012, y, printable(shown), color=_SOFT, va="center")


def _parts(contents: Contents) -> list[tuple[float, Callable[[Any], None]]]:
    """Return the height of each part, and a function that draws it on axes of its own."""

    def charts(several: list[Chart]) -> list[tuple[float, Callable[[Any], None]]]:
        return [(_HEIGHT, partial(_draw_chart, chart=chart)) for chart in several]

    return [
        *charts([*contents.learning, *contents.frequencies, *contents.pace]),
        *((_HEIGHT, partial(_draw_flow, flow=flow)) for flow in contents.flows),
        *((_height(bars), partial(_draw_bars, bars=bars)) for bars in contents.sections),
    ]


def _height(bars: Bars) -> float:
    number = sum(1 + len(each) for _, each in bars.groups)
    return max(2.0, 0.6 + _BAR * number)


def _draw_chart(axes: Any, chart: Chart) -> None:
    across, upwards = scales_of(chart)
    axes.set_title(printable(chart.title))
    axes.set_xlabel(chart.x_name)
    axes.set_ylabel(chart.y_name)
    if chart.is_logarithmic:
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.minorticks_off()
    _label(axes.xaxis, across, False)
    _label(axes.yaxis, upwards, chart.as_percent)
    axes.set_xlim(across.low, across.high)
    axes.set_ylim(upwards.low, upwards.high)
    axes.grid(axis="y", color=_LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    for mark in chart.marks:
        colour = TRAININGS[mark.run % len(TRAININGS)]
        axes.axvline(mark.x, color=colour, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.annotate(
            mark.label, (mark.x, 0.97), xycoords=("data", "axes fraction"), color=colour,
            xytext=(-4, 0), textcoords="offset points", ha="right", va="top", fontsize=8,
        )  # fmt: skip
    lines = []
    for curve in chart.curves:
        colour = TRAININGS[curve.run % len(TRAININGS)]
        marker = _SYMBOLS[curve.run % len(_SYMBOLS)]
        is_marked = curve.is_marked or len(curve.points) == 1
        lines += axes.plot(
            *zip(*curve.points, strict=True), color=colour, clip_on=False,
            linewidth=1.0 if curve.is_faint else 1.8, alpha=0.6 if curve.is_faint else 1.0,
            linestyle=(0, (1.2, 1.8)) if curve.is_dashed else "-",
            marker=marker if is_marked else None, markersize=4,
            markerfacecolor="white" if curve.is_dashed else colour,
        )  # fmt: skip
    if len(chart.curves) > 1:
        # Given with the lines, as Matplotlib drops the label of a line that begins with "_".
        names = [printable(curve.name) for curve in chart.curves]
        axes.legend(lines, names, fontsize=8.5, edgecolor="none", framealpha=0.85)


def _label(axis: Any, scale: Scale, as_percent: bool) -> None:
    axis.set_ticks(scale.ticks, labels(scale, as_percent))


def _draw_flow(axes: Any, flow: Flow) -> None:
    from matplotlib.patches import PathPatch, Rectangle  # noqa: PLC0415
    from matplotlib.path import Path  # noqa: PLC0415

    axes.set_title(f"{printable(flow.title)}: {flow.total:,} words read")
    axes.add_patch(Rectangle((0, 0), 0.03, 1, color="#8a94a1"))
    for ribbon in ribbons(flow):
        colour, (left_top, left_low), (top, low) = FATES[ribbon.name], ribbon.left, ribbon.right
        places = [
            (0.03, left_top), (0.32, left_top), (0.32, top), (0.6, top), (0.6, low), (0.32, low),
            (0.32, left_low), (0.03, left_low), (0.03, left_top),
        ]  # fmt: skip
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
        axes.add_patch(PathPatch(Path(places, codes), facecolor=colour, alpha=0.32, linewidth=0))
        axes.add_patch(Rectangle((0.6, top), 0.03, max(low - top, 0.004), color=colour))
        text = f"{100 * ribbon.share:.1f} %  ·  {ribbon.words:,}"
        axes.text(0.65, ribbon.label - 0.005, ribbon.name, fontweight="bold", va="bottom")
        axes.text(0.65, ribbon.label + 0.005, text, color=_SOFT, va="top")
    axes.set_xlim(-0.02, 1)
    axes.set_ylim(1, -0.02)  # from the top
    axes.set_axis_off()


def _draw_bars(axes: Any, bars: Bars) -> None:
    axes.set_title(f"{printable(bars.title)}, by section")
    runs = max((len(each) for _, each in bars.groups), default=1)
    thick = 0.8 / runs
    for place, (_, each) in enumerate(bars.groups):
        for row, bar in enumerate(each):
            y = place - 0.4 + thick * (row + 0.5)
            colour = TRAININGS[bar.run % len(TRAININGS)]
            axes.barh(y, bar.share, height=0.85 * thick, color=colour)
            axes.text(bar.share + 0.01, y, f"{100 * bar.share:.1f} %", va="center", fontsize=7,
                      color=_SOFT)  # fmt: skip
    names = [printable(name) for name, _ in bars.groups]
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylim(len(names) - 0.3, -0.7)  # from the top
    axes.set_xlim(0, 1.08)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
