"""Draws a flow as SVG."""

from w2v.reports.charts import Flow
from w2v.reports.elements import Element, element
from w2v.reports.ribbons import Ribbon, ribbons

WIDTH, HEIGHT = 440, 272
_TOP, _LOW = 30, 262
_LEFT, _RIGHT, _THICK = 2, 268, 12


def flow_svg(flow: Flow, name: str) -> Element:
    """Return the drawing of a flow; `name` is unique on the page."""
    svg = element(
        "svg",
        element("title", flow.title, id=f"{name}-title"),
        element("desc", described(flow), id=f"{name}-desc"),
        element("text", "read", x=_LEFT, y=18, class_="strong"),
        element("rect", x=_LEFT, y=_TOP, width=_THICK, height=_LOW - _TOP, class_="all", rx=2),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        class_="flow",
    )
    for ribbon in ribbons(flow):
        svg.append(_part(ribbon))
    return svg


def described(flow: Flow) -> str:
    """Return a flow in sentences, for who cannot see it."""
    parts = ", ".join(f"{words:,} {name}" for name, words in flow.parts)
    return f"{flow.about} {parts}."


def _part(ribbon: Ribbon) -> Element:
    (left_top, left_low), (top, low) = (map(_y, ends) for ends in (ribbon.left, ribbon.right))
    start, end, middle = _LEFT + _THICK, _RIGHT, (_LEFT + _THICK + _RIGHT) / 2
    path = (
        f"M{start},{left_top} C{middle},{left_top} {middle},{top} {end},{top}"
        f" L{end},{low} C{middle},{low} {middle},{left_low} {start},{left_low} Z"
    )
    place = _y(ribbon.label)
    share = f"{100 * ribbon.share:.1f} %"
    return element(
        "g",
        element("title", f"{ribbon.name}: {ribbon.words:,} words, {share}"),
        element("path", d=path),
        element("rect", x=end, y=top, width=_THICK, height=max(1.0, round(low - top, 1))),
        element("text", ribbon.name, x=end + _THICK + 8, y=place - 2, class_="strong"),
        element("text", f"{share} · {ribbon.words:,}", x=end + _THICK + 8, y=place + 13,
                class_="tick"),
        class_=f"fate {ribbon.name.replace(' ', '-')}",
    )  # fmt: skip


def _y(place: float) -> float:
    return round(_TOP + (_LOW - _TOP) * place, 1)
