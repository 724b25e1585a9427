"""Results as tables: their numbers as text, and their rows as HTML, which notebooks show."""

import math
from collections.abc import Iterable, Sequence

from w2v.characters import printable

NOT_KNOWN = "–"
_LEFT = ' style="text-align:left"'  # notebooks align cells right


def number(value: float | None, decimals: int = 4) -> str:
    """Return a number for a table; a dash where it is None or not finite."""
    return NOT_KNOWN if value is None or not math.isfinite(value) else f"{value:.{decimals}f}"


def html_table(
    caption: str,
    rows: Iterable[Sequence[str]],
    header: Sequence[str] = (),
    flush_left: int = 1,
) -> str:
    """Return a table in HTML, without scripts and styles of its own.

    All text is escaped: words and names of files may hold anything.

    Parameters
    ----------
    caption : str
        The line above the table.
    rows : iterable of sequence of str
        The cells.
    header : sequence of str
        The names of the columns; none where it is empty.
    flush_left : int
        The first columns, which are aligned left; the others are aligned right.
    """
    lines = ["<table>", f'<caption style="text-align:left">{escaped(caption)}</caption>']
    if header:
        lines.append(f"<thead>{_row('th', header, flush_left)}</thead>")
    lines += ["<tbody>", *(_row("td", row, flush_left) for row in rows), "</tbody>", "</table>"]
    return "\n".join(lines)


def _row(tag: str, cells: Sequence[str], flush_left: int) -> str:
    shown = (
        f"<{tag}{_LEFT if place < flush_left else ''}>{escaped(cell)}</{tag}>"
        for place, cell in enumerate(cells)
    )
    return f"<tr>{''.join(shown)}</tr>"


def escaped(text: str) -> str:
    """Return a text that HTML shows as it is; what would change how a line reads is escaped."""
    from html import escape  # noqa: PLC0415  (a query never needs it)

    return escape(printable(text))
