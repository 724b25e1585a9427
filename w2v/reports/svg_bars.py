"""Draws shares in groups as SVG: horizontal bars."""

from w2v.reports.charts import Bar, Bars
from w2v.reports.colours import run_class
from w2v.reports.elements import Element, element

_WIDTH, _TOP = 440, 6
_LETTER, _THICK, _APART = 6.1, 13, 8
_VALUE = 52  # room for the number behind the longest bar


def bars_svg(bars: Bars, name: str) -> Element:
    """Return the drawing of bars; `name` is unique on the page."""
    left = min(190.0, 10 + _LETTER * max((len(group) for group, _ in bars.groups), default=0))
    svg = element(
        "svg",
        element("title", f"{bars.title}, by section", id=f"{name}-title"),
        element("desc", bars.about, id=f"{name}-desc"),
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        class_="bars",
    )
    y = float(_TOP)
    for group, each in bars.groups:
        middle = y + _THICK * len(each) / 2 + 4
        is_sum = "strong" if group == "all" else "tick"
        svg.append(
            element("text", _short(group), x=left - 7, y=middle, text_anchor="end", class_=is_sum)
        )
        for bar in each:
            svg.append(_bar(group, bar, left, y))
            y += _THICK
        y += _APART
    svg.set("viewBox", f"0 0 {_WIDTH} {y:g}")
    return svg


def _bar(group: str, bar: Bar, left: float, y: float) -> Element:
    length = round((_WIDTH - _VALUE - left) * bar.share, 1)
    share = f"{100 * bar.share:.1f} %"
    return element(
        "g",
        element("title", f"{group}: {bar.about}, {share}"),
        element("rect", x=left, y=y, width=max(length, 1), height=_THICK - 2, rx=2),
        element("text", share, x=left + length + 6, y=y + _THICK - 3, class_="tick"),
        class_=f"bar {run_class(bar.run)}",
    )


def _short(name: str) -> str:
    return name if len(name) <= 30 else f"{name[:29]}…"
