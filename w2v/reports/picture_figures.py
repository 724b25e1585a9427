"""The figures of the picture: curves, flows and bars, each below its title and legend."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from w2v.characters import printable
from w2v.reports.charts import Bars, Chart, Curve, Flow
from w2v.reports.colours import ALL, FATES, LINE, SOFT, colour_of
from w2v.reports.picture_sheet import Sheet, Style, axes_at, fitted, width_of
from w2v.reports.ribbons import ribbons
from w2v.reports.runs import Training
from w2v.reports.scales import Scale, labels, scales_of

_HEIGHT = 3.2  # inches of a plot with its labels
_EDGE = 0.25
# Left, right, above and below.
_CHART_MARGINS, _FLOW_MARGINS = (0.95, 0.35, 0.12, 0.65), (_EDGE, 0.0, 0.05, 0.25)
_BAR, _BETWEEN = 0.16, 0.5  # inches of a bar, and bars between two groups
_LONGEST_NAME = 2.0  # inches of a section
_TITLE, _ABOUT, _ENTRY = Style(11, weight="bold"), Style(8.5, SOFT), Style(8.5)
_TICK, _STRONG_TICK = Style(8.5, SOFT), Style(8.5, SOFT, "bold")
_SIGN, _AFTER = 0.34, 0.22  # inches of a line's sign in a legend, and after its name
_SYMBOLS = "os^D"


class Figure(NamedTuple):
    """A figure.

    Attributes
    ----------
    caption : Sheet
        Its title and legend, as wide as the figure.
    height : float
        Inches below the caption.
    margins : (left, right, top, bottom)
        Inches around the axes, for labels.
    draw : callable
        Draws it on these axes.
    """

    caption: Sheet
    height: float
    margins: tuple[float, float, float, float]
    draw: Callable[[Any], None]

    def draw_at(self, figure: Any, left: float, top: float) -> None:
        """Draw it on Matplotlib's figure, its upper left corner at a place in inches."""
        self.caption.draw(figure, left, top)
        before, after, above, below = self.margins
        axes = axes_at(
            figure, left + before, top + self.caption.height + above,
            self.caption.width - before - after, self.height - above - below,
        )  # fmt: skip
        self.draw(axes)


def chart_figure(chart: Chart, width: float, has_several: bool) -> Figure:
    """Return a chart with its legend; `has_several` trainings need one even for a single curve."""
    legend = chart.curves if has_several or len(chart.curves) > 1 else []
    caption = _caption(chart.title, chart.about, legend, width)
    return Figure(caption, _HEIGHT, _CHART_MARGINS, partial(_draw_chart, chart=chart))


def flow_figure(flow: Flow, width: float) -> Figure:
    """Return a flow."""
    caption = _caption(flow.title, flow.about, [], width)
    return Figure(caption, _HEIGHT, _FLOW_MARGINS, partial(_draw_flow, flow=flow))


def bars_figure(bars: Bars, width: float, trainings: list[Training]) -> Figure:
    """Return bars, in the colours of the trainings."""
    curves = [Curve(run, training.name, []) for run, training in enumerate(trainings)]
    title = f"{bars.title}, by section"
    caption = _caption(title, bars.about, curves if len(curves) > 1 else [], width)
    number = sum(_BETWEEN + len(each) for _, each in bars.groups)
    names = ["".join(fitted(name, _LONGEST_NAME, _TICK, 1)) for name, _ in bars.groups]
    left = _EDGE + 0.1 + max((width_of(name, _STRONG_TICK) for name in names), default=0.0)
    draw = partial(_draw_bars, bars=bars, names=names)
    return Figure(caption, _BAR * number + 0.2, (left, _EDGE, 0.1, 0.1), draw)


def _caption(title: str, about: str, legend: Iterable[Curve], width: float) -> Sheet:
    sheet = Sheet(width)
    room = width - 2 * _EDGE
    y = sheet.text(title, _EDGE, 0.1, _TITLE, room)
    y = sheet.text(about, _EDGE, y, _ABOUT, room) + 0.04
    x = _EDGE
    for curve in legend:
        needed = _SIGN + min(width_of(printable(curve.name), _ENTRY), room - _SIGN)
        if x > _EDGE and x + needed > width - _EDGE:
            x, y = _EDGE, sheet.height + 0.02
        ends = (x, x + _SIGN / 2 - 0.04, x + _SIGN - 0.08)
        middle = y + _ENTRY.leading / 2 + 0.005
        sheet.line(ends, middle, **{**_looks(curve), "marker": None})
        if not curve.is_faint:
            sheet.line(ends[1:2], middle, **_looks(curve))
        sheet.text(curve.name, x + _SIGN, y, _ENTRY, room - _SIGN)
        x += needed + _AFTER
    sheet.reach(sheet.height + 0.04)
    return sheet


def _looks(curve: Curve) -> dict[str, Any]:
    """Return how a curve is drawn, with a marker at each point."""
    colour = colour_of(curve.run)
    return {
        "color": colour, "linewidth": 1.0 if curve.is_faint else 1.8,
        "alpha": 0.6 if curve.is_faint else 1.0, "markersize": 4,
        "linestyle": (0, (1.2, 1.8)) if curve.is_dashed else "-",
        "marker": _SYMBOLS[curve.run % len(_SYMBOLS)],
        "markerfacecolor": "white" if curve.is_dashed else colour,
    }  # fmt: skip


def _draw_chart(axes: Any, chart: Chart) -> None:
    across, upwards = scales_of(chart)
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
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    for mark in chart.marks:
        colour = colour_of(mark.run)
        axes.axvline(mark.x, color=colour, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.annotate(
            mark.label, (mark.x, 0.97), xycoords=("data", "axes fraction"), color=colour,
            xytext=(-4, 0), textcoords="offset points", ha="right", va="top", fontsize=8,
        )  # fmt: skip
    for curve in chart.curves:
        looks = _looks(curve)
        if not curve.is_marked and len(curve.points) > 1:
            looks["marker"] = None
        axes.plot(*zip(*curve.points, strict=True), clip_on=False, **looks)


def _label(axis: Any, scale: Scale, as_percent: bool) -> None:
    axis.set_ticks(scale.ticks, labels(scale, as_percent))


def _draw_flow(axes: Any, flow: Flow) -> None:
    from matplotlib.patches import PathPatch, Rectangle  # noqa: PLC0415
    from matplotlib.path import Path  # noqa: PLC0415

    axes.text(0, -0.02, "read", fontweight="bold", va="bottom")
    axes.add_patch(Rectangle((0, 0), 0.03, 1, color=ALL))
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
        axes.text(0.65, ribbon.label + 0.005, text, color=SOFT, va="top")
    axes.set_xlim(-0.02, 1)
    axes.set_ylim(1, -0.09)  # from the top
    axes.set_axis_off()


def _draw_bars(axes: Any, bars: Bars, names: list[str]) -> None:
    foot, places = 0.0, []
    for _, each in bars.groups:
        places.append(foot + (len(each) - 1) / 2)
        for bar in each:
            axes.barh(foot, bar.share, height=0.85, color=colour_of(bar.run))
            share = f"{100 * bar.share:.1f} %"
            axes.text(bar.share + 0.01, foot, share, va="center", fontsize=7.5, color=SOFT)
            foot += 1
        foot += _BETWEEN
    axes.set_yticks(places, names, fontsize=_TICK.size)
    axes.get_yticklabels()[-1].set_fontweight("bold")  # all of them
    axes.set_ylim(foot - 0.5, -0.5 - _BETWEEN / 2)  # from the top
    axes.set_xlim(0, 1.15)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
