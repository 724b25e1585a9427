"""Draws a chart of curves as SVG."""

from collections.abc import Sequence

from w2v.reports.charts import Chart, Curve, Points
from w2v.reports.colours import run_class
from w2v.reports.elements import Element, element
from w2v.reports.scales import Scale, exact_text, labels, scales_of

WIDTH, HEIGHT = 440, 272
TOP, _RIGHT, _BOTTOM = 26, 16, 42  # the margins around the curves
_LETTER = 7.0  # width of a figure in a label
_MOST_POINTS = 300  # of a curve that are drawn
_MOST_NAMED = 60  # of a curve that show their numbers


def thinned(points: Points, most: int) -> Points:
    """Return at most so many of the points, evenly chosen, with the first and the last."""
    if len(points) <= most:
        return points
    step = (len(points) - 1) / (most - 1)
    return [points[round(place * step)] for place in range(most)]


def chart_svg(chart: Chart, name: str) -> Element:
    """Return the drawing of a chart; `name` is unique on the page."""
    across, upwards = scales_of(chart)
    frame = _Frame(across, upwards, _left_margin(chart, upwards))
    svg = element(
        "svg",
        element("title", chart.title, id=f"{name}-title"),
        element("desc", described(chart), id=f"{name}-desc"),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        class_="chart",
    )
    svg.extend(_axes(chart, frame))
    svg.extend(_marks(chart, frame))
    for curve in sorted(chart.curves, key=lambda curve: not curve.is_faint):
        svg.append(_curve(curve, frame))
    for curve in chart.curves:
        svg.append(_numbers(chart, curve, frame))
    return svg


def described(chart: Chart) -> str:
    """Return a chart in a sentence for each curve, for who cannot see it."""
    sentences = [chart.about]
    for curve in chart.curves:
        (_, first), (_, last) = curve.points[0], curve.points[-1]
        start, end = (exact_text(value, chart.as_percent) for value in (first, last))
        name = curve.name or chart.title
        sentences.append(
            f"{name}: {end}." if len(curve.points) == 1 else f"{name}: from {start} to {end}."
        )
    return " ".join(sentences)


class _Frame:
    """Places of values in the drawing."""

    def __init__(self, across: Scale, upwards: Scale, left: float) -> None:
        self.across, self.upwards, self.left = across, upwards, left
        self.width, self.height = WIDTH - left - _RIGHT, HEIGHT - TOP - _BOTTOM
        self.right, self.bottom = left + self.width, TOP + self.height

    def x(self, value: float) -> float:
        return round(self.left + self.width * self.across.at(value), 1)

    def y(self, value: float) -> float:
        return round(self.bottom - self.height * self.upwards.at(value), 1)


def _left_margin(chart: Chart, upwards: Scale) -> float:
    longest = max((len(text) for text in labels(upwards, chart.as_percent)), default=1)
    return 14 + _LETTER * longest


def _axes(chart: Chart, frame: _Frame) -> list[Element]:
    parts = [element("text", chart.y_name, x=2, y=12, class_="axis")]
    named = zip(frame.upwards.ticks, labels(frame.upwards, chart.as_percent), strict=True)
    for value, label in named:
        y = frame.y(value)
        parts.append(element("line", x1=frame.left, x2=frame.right, y1=y, y2=y, class_="grid"))
        parts.append(
            element("text", label, x=frame.left - 7, y=y + 4, text_anchor="end", class_="tick")
        )
    for value, label in zip(frame.across.ticks, labels(frame.across), strict=True):
        x, y = frame.x(value), frame.bottom
        anchor = "end" if x > frame.right - 12 else "middle"
        parts.append(element("line", x1=x, x2=x, y1=y, y2=y + 4, class_="base"))
        parts.append(
            element("text", label, x=min(x, WIDTH - 2) if anchor == "middle" else WIDTH - 2,
                    y=y + 17, text_anchor=anchor, class_="tick")
        )  # fmt: skip
    y = frame.bottom
    parts.append(element("line", x1=frame.left, x2=frame.right, y1=y, y2=y, class_="base"))
    middle = frame.left + frame.width / 2
    parts.append(
        element("text", chart.x_name, x=middle, y=HEIGHT - 6, text_anchor="middle", class_="axis")
    )
    return parts


def _marks(chart: Chart, frame: _Frame) -> list[Element]:
    parts = []
    for place, mark in enumerate(chart.marks):
        x, y = frame.x(mark.x), TOP + 12 + 15 * place
        before = x > frame.left + frame.width * 0.6
        parts.append(
            element(
                "g",
                element("line", x1=x, x2=x, y1=TOP, y2=frame.bottom),
                element("text", mark.label, x=x - 6 if before else x + 6, y=y,
                        text_anchor="end" if before else "start"),
                class_=f"mark {run_class(mark.run)}",
            )
        )  # fmt: skip
    return parts


def _curve(curve: Curve, frame: _Frame) -> Element:
    points = thinned(curve.points, _MOST_POINTS)
    places = [(frame.x(x), frame.y(y)) for x, y in points]
    kinds = (("dashed", curve.is_dashed), ("faint", curve.is_faint))
    names = " ".join([run_class(curve.run), *(name for name, is_so in kinds if is_so)])
    group = element("g", class_=f"curve {names}")
    if len(places) > 1:
        group.append(element("polyline", points=" ".join(f"{x:g},{y:g}" for x, y in places)))
    marked = places if curve.is_marked or len(places) == 1 else places[-1:]
    if not curve.is_faint:
        for x, y in thinned(marked, _MOST_NAMED):
            group.append(symbol(curve.run, x, y))
    return group


def symbol(run: int, x: float, y: float, size: float = 3.4) -> Element:
    """Return the sign of a training, by which curves differ without colour too."""
    corners = _SYMBOLS[run % len(_SYMBOLS)]
    if not corners:
        return element("circle", cx=x, cy=y, r=size)
    places = (f"{x + size * across:.1f},{y + size * down:.1f}" for across, down in corners)
    return element("polygon", points=" ".join(places))


_SYMBOLS: Sequence[Sequence[tuple[float, float]]] = (
    (),  # a circle
    ((-0.95, -0.95), (0.95, -0.95), (0.95, 0.95), (-0.95, 0.95)),
    ((0, -1.2), (1.15, 0.95), (-1.15, 0.95)),
    ((0, -1.35), (1.35, 0), (0, 1.35), (-1.35, 0)),
)


def _numbers(chart: Chart, curve: Curve, frame: _Frame) -> Element:
    """Return invisible circles over a curve, which show the numbers under the pointer."""
    group = element("g", class_=f"numbers {run_class(curve.run)}")
    unit = "" if chart.as_percent else f" {chart.y_name}"
    for x, y in thinned(curve.points, _MOST_NAMED):
        number = f"{exact_text(y, chart.as_percent)}{unit}"
        title = element("title", f"{curve.name}: {number}; {exact_text(x)} {chart.x_name}")
        group.append(element("circle", title, cx=frame.x(x), cy=frame.y(y), r=_reach(curve, frame)))
    return group


def _reach(curve: Curve, frame: _Frame) -> float:
    """Return the radius within which the pointer meets a point, so that few overlap."""
    number = min(len(curve.points), _MOST_NAMED)
    return round(max(3.0, min(9.0, frame.width / number / 2)), 1)
