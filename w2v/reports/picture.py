"""The picture: all that a report shows, as one PNG drawn by Matplotlib."""

import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from w2v.drawing import drawing
from w2v.errors import W2VError
from w2v.reports import picture_tables as texts
from w2v.reports.colours import INK, SOFT
from w2v.reports.contents import Contents
from w2v.reports.picture_figures import Figure, bars_figure, chart_figure, flow_figure
from w2v.reports.picture_sheet import DPI, Sheet

_HALF = texts.WIDTH / 2  # inches of a figure
_HIGHEST = 200.0  # inches; 220 MB while it is drawn
_STYLE = {
    "font.size": 9.5, "axes.edgecolor": "#8a94a1", "axes.labelcolor": SOFT, "text.color": INK,
    "xtick.color": SOFT, "ytick.color": SOFT, "axes.spines.top": False, "ytick.left": False,
    "axes.spines.right": False, "axes.spines.left": False, "figure.facecolor": "white",
    "text.hinting": "none",  # it makes small digits look like another font
}  # fmt: skip


class _Band(NamedTuple):
    """A part of the picture that is as wide as it.

    Attributes
    ----------
    height : float
        Inches.
    draw : callable
        Takes Matplotlib's figure and how far from its top the part begins, in inches.
    """

    height: float
    draw: Callable[[Any, float], None]


def picture(contents: Contents) -> bytes:
    """Return the picture of a report as PNG.

    Raises
    ------
    W2VError
        It would be too high.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  (an extra)
    from matplotlib.figure import Figure as Canvas  # noqa: PLC0415

    with drawing(_STYLE):
        bands = _bands(contents)
        height = sum(band.height for band in bands)
        _check_height(height)
        figure: Any = Canvas(figsize=(texts.WIDTH, height), dpi=DPI)
        FigureCanvasAgg(figure)
        top = 0.0
        for band in bands:
            band.draw(figure, top)
            top += band.height
        stream = io.BytesIO()
        figure.savefig(stream, format="png", metadata={"Software": "w2v"})
    return stream.getvalue()


def _check_height(height: float) -> None:
    if height > _HIGHEST:
        raise W2VError(
            f"The picture would be {height * DPI:,.0f} pixels high, and at most"
            f" {_HIGHEST * DPI:,.0f} are allowed; report fewer trainings, words or neighbours, or"
            " write the report as .html."
        )


def _bands(contents: Contents) -> list[_Band]:
    """Return the parts of the picture, from the top, in the order of the page."""
    trainings = contents.trainings
    several = len(trainings) > 1

    def charts(which: Sequence[Any]) -> list[Figure]:
        return [chart_figure(chart, _HALF, several) for chart in which]

    results = [texts.table(trainings, contents.results)] if several else [
        texts.result_cards(contents.results)
    ]  # fmt: skip
    learning = [
        *charts(contents.learning),
        *(bars_figure(bars, _HALF, trainings) for bars in contents.sections),
    ]
    text = [*(flow_figure(flow, _HALF) for flow in contents.flows), *charts(contents.frequencies)]
    sections = [
        ("Results", _sheets(results if contents.results else [])),
        ("Learning", _pairs(learning)),
        ("Neighbours", _sheets([texts.neighbours(trainings, contents.neighbours)])),
        ("The text", _pairs(text)),
        ("Pace", _pairs(charts(contents.pace))),
        ("Settings", _sheets([texts.table(trainings, contents.settings)])),
        ("Versions", _sheets([texts.table(trainings, contents.versions)])),
    ]
    bands = _sheets([texts.head(contents)])
    for title, parts in sections:
        if parts:
            bands += [*_sheets([texts.heading(title)]), *parts]
    return bands + _sheets([texts.foot(contents)])


def _sheets(sheets: Sequence[Sheet]) -> list[_Band]:
    return [
        _Band(sheet.height, partial(_draw_sheet, sheet=sheet)) for sheet in sheets if sheet.height
    ]


def _draw_sheet(figure: Any, top: float, sheet: Sheet) -> None:
    sheet.draw(figure, 0.0, top)


def _pairs(figures: Sequence[Figure]) -> list[_Band]:
    """Return bands of two figures each, whose plots begin at the same height."""
    bands = []
    for first in range(0, len(figures), 2):
        pair = figures[first : first + 2]
        caption = max(figure.caption.height for figure in pair)
        for figure in pair:
            figure.caption.reach(caption)
        height = caption + max(figure.height for figure in pair)
        bands.append(_Band(height, partial(_draw_pair, pair=pair)))
    return bands


def _draw_pair(figure: Any, top: float, pair: Sequence[Figure]) -> None:
    for place, each in enumerate(pair):
        each.draw_at(figure, place * _HALF, top)
