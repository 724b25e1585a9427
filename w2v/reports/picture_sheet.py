"""A sheet of the picture: texts, areas and lines at places in inches, each text as wide as fits."""

import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, NamedTuple

from w2v.characters import printable
from w2v.reports.colours import INK

DPI = 150
_POINTS = 72  # in an inch
_LEADING = 1.32  # from one line of text to the next, in sizes of the letters
_JOINTS = "_-/."  # signs after which a word may be broken
_LONGEST = 2000  # characters of a text that are looked at


# Draws on axes of which the given place, in inches, is the upper left corner of the sheet.
_Draw = Callable[[Any, float, float], None]


class Style(NamedTuple):
    """How a text looks: the size of its letters in points, its colour and its weight."""

    size: float
    colour: str = INK
    weight: str = "normal"

    @property
    def leading(self) -> float:
        """The distance of two lines, in inches."""
        return _LEADING * self.size / _POINTS


class Sheet:
    """A part of the picture of a given width, filled from the top.

    Places are inches from the upper left corner.

    Parameters
    ----------
    width : float
        Its width in inches.

    Attributes
    ----------
    height : float
        Its height in inches, which grows with what is put on it.
    """

    def __init__(self, width: float) -> None:
        self.width, self.height = width, 0.0
        self._drawn: list[_Draw] = []

    def text(
        self, text: str, x: float, y: float, style: Style, room: float, most: int = 3
    ) -> float:
        """Put a text on the sheet, on as many lines as it needs, and return the foot of the last.

        Parameters
        ----------
        text : str
            The text.
        x, y : float
            Its upper left corner.
        style : Style
            How it looks.
        room : float
            The width of a line.
        most : int
            The most lines; what does not fit them is left out, and an ellipsis says so.
        """
        for line in fitted(text, room, style, most):
            self._write(line, x, y + style.size / _POINTS, style)
            y += style.leading
        self.reach(y)
        return y

    def _write(self, line: str, x: float, foot: float, style: Style) -> None:
        looks = {"fontsize": style.size, "color": style.colour, "fontweight": style.weight}
        self._drawn.append(
            lambda axes, left, top: axes.text(left + x, top + foot, line, va="baseline", **looks)
        )

    def area(
        self, x: float, y: float, width: float, height: float, colour: str, edge: str = "none"
    ) -> None:
        """Put a rectangle below all texts and lines, and above the rectangles put before it."""
        from matplotlib.patches import Rectangle  # noqa: PLC0415  (an extra, and slow to import)

        looks: Any = {"facecolor": colour, "edgecolor": edge, "linewidth": 0.8}
        self._drawn.append(
            lambda axes, left, top: axes.add_patch(
                Rectangle((left + x, top + y), width, height, **looks)
            )
        )
        self.reach(y + height)

    def line(self, x: tuple[float, ...], y: float, **looks: Any) -> None:
        """Put a level line through some places on the sheet, as `Axes.plot` draws it."""
        self._drawn.append(
            lambda axes, left, top: axes.plot(
                [left + place for place in x], [top + y] * len(x), **looks
            )
        )

    def add(self, other: "Sheet", x: float, y: float) -> None:
        """Put another sheet on this one, its upper left corner at a place."""
        self._drawn.append(lambda axes, left, top: other.draw_on(axes, left + x, top + y))
        self.reach(y + other.height)

    def reach(self, foot: float) -> None:
        """Make the sheet at least so high."""
        self.height = max(self.height, foot)

    def draw(self, figure: Any, left: float, top: float) -> None:
        """Draw the sheet on a figure, its upper left corner at a place."""
        axes = axes_at(figure, left, top, self.width, self.height)
        axes.set_axis_off()
        axes.set_xlim(0, self.width)
        axes.set_ylim(self.height, 0)
        self.draw_on(axes, 0.0, 0.0)

    def draw_on(self, axes: Any, left: float, top: float) -> None:
        """Draw the sheet on axes in inches, its upper left corner at a place."""
        for draw in self._drawn:
            draw(axes, left, top)


def axes_at(figure: Any, left: float, top: float, width: float, height: float) -> Any:
    """Return new axes on a figure; the place of their upper left corner is in inches, as theirs."""
    across, along = figure.get_size_inches()
    return figure.add_axes(
        (left / across, 1 - (top + height) / along, width / across, height / along)
    )


def fitted(text: str, room: float, style: Style, most: int) -> list[str]:
    """Return the lines of a text, none of them wider than there is room.

    A line ends at a space where it can, else after a sign such as "_", else anywhere.
    """
    rest = printable(text[:_LONGEST]).strip()
    lines: list[str] = []
    while rest and len(lines) < most:
        end = _end(rest, room, style)
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    if rest and lines:
        cut = lines[-1]
        while cut and width_of(f"{cut}…", style) > room:
            cut = cut[:-1]
        lines[-1] = f"{cut}…"
    return lines


def _end(text: str, room: float, style: Style) -> int:
    """Return how many of the characters stand on the first line: at least one."""
    if width_of(text, style) <= room:
        return len(text)
    least, most = 1, len(text)  # the first fits, or has to
    while most - least > 1:
        middle = (least + most) // 2
        if width_of(text[:middle], style) <= room:
            least = middle
        else:
            most = middle
    space = text.rfind(" ", 0, least + 1)
    if space > 0:
        return space
    joint = max(text.rfind(sign, 0, least) for sign in _JOINTS) + 1
    if joint > least / 2:
        return joint
    while least > 1 and unicodedata.combining(text[least]):
        least -= 1  # an accent stays with its letter
    return least


@lru_cache(10_000)
def width_of(text: str, style: Style) -> float:
    """Return the width of a line of text, in inches."""
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415

    font = FontProperties(size=style.size, weight=style.weight)
    width, _, _ = _renderer().get_text_width_height_descent(text, font, ismath=False)
    return float(width) / DPI


@cache
def _renderer() -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    canvas: Any = FigureCanvasAgg(Figure(dpi=DPI))
    return canvas.get_renderer()
