"""The texts of the picture: its head, the results, the neighbours of words and the tables."""

from collections.abc import Sequence

from w2v.reports.charts import Neighbours, Row
from w2v.reports.colours import CHANGE, LINE, SOFT, TINT, colour_of
from w2v.reports.contents import Contents
from w2v.reports.picture_sheet import Sheet, Style, width_of
from w2v.reports.runs import Training
from w2v.reports.tables import about_marks

WIDTH, EDGE = 12.0, 0.25  # inches of the picture, and of its margins
_INNER = WIDTH - 2 * EDGE
_TITLE, _HEADING = Style(17, weight="bold"), Style(13, weight="bold")
_STRONG, _PLAIN, _NOTE = Style(9, weight="bold"), Style(9), Style(8, SOFT)
_VALUE = Style(13, weight="bold")
_PAD = 0.055  # above and below the text of a row
_APART = 0.2  # between two columns
_CARDS = 5  # results in a row
_LISTS = 6  # lists of neighbours in a row
_COLUMNS = 6  # trainings side by side in a table
_NAME = 2.3  # inches of a row's name, at most
_VALUES = (1.0, 2.6)  # inches of a value: at least, and at most
_MEANING = 3.2  # inches of what a row means, at least


def head(contents: Contents) -> Sheet:
    """Return the title, with a line or more about each training."""
    sheet = Sheet(WIDTH)
    y = sheet.text(contents.title, EDGE, EDGE, _TITLE, _INNER) + 0.08
    for run, training in enumerate(contents.trainings):
        y = _about(sheet, y, run, training) + 0.09
    return sheet


def _about(sheet: Sheet, top: float, run: int, training: Training) -> float:
    corpus = training.about.text("corpus")
    rest = f"{f'on {corpus}. ' if corpus else ''}{training.state}"
    x, room = EDGE + 0.14, _INNER - 0.14
    after = width_of(training.name, _STRONG) + 0.07
    y = sheet.text(training.name, x, top, _STRONG, room)
    if after + width_of(rest, _PLAIN) < room:
        sheet.text(rest, x + after, top, _PLAIN, room)
    else:
        y = sheet.text(rest, x, y, _PLAIN, room)
    for note in training.notes:
        y = sheet.text(note, x, y, _NOTE, room)
    sheet.area(EDGE, top - 0.02, 0.05, y - top + 0.03, colour_of(run))
    return y


def foot(contents: Contents) -> Sheet:
    """Return the last line."""
    sheet = Sheet(WIDTH)
    sheet.text(f"Written by w2v {contents.version}.", EDGE, 0.25, _NOTE, _INNER)
    sheet.reach(sheet.height + 0.15)
    return sheet


def heading(title: str) -> Sheet:
    """Return the heading of a section."""
    sheet = Sheet(WIDTH)
    foot = sheet.text(title, EDGE, 0.28, _HEADING, _INNER) + 0.02
    sheet.line((EDGE, WIDTH - EDGE), foot, color=LINE, linewidth=1)
    sheet.reach(foot + 0.1)
    return sheet


def result_cards(rows: Sequence[Row]) -> Sheet:
    """Return the results of a single training as cards."""
    sheet = Sheet(WIDTH)
    width = (_INNER + _APART) / _CARDS
    room = width - _APART - 0.24
    for first in range(0, len(rows), _CARDS):
        some, top = rows[first : first + _CARDS], sheet.height + (0.12 if first else 0.02)
        for place, row in enumerate(some):
            x = EDGE + place * width + 0.12
            y = sheet.text(row.name, x, top + 0.1, _NOTE, room)
            y = sheet.text(row.values[0], x, y + 0.02, _VALUE, room)
            sheet.text(row.meaning, x, y, _NOTE._replace(size=7.5), room)
        height = sheet.height - top + 0.08
        for place in range(len(some)):
            sheet.area(EDGE + place * width, top, width - _APART, height, TINT)
    return sheet


def table(trainings: Sequence[Training], rows: Sequence[Row]) -> Sheet:
    """Return a table with a column for each training, in several parts if there are many."""
    sheet = Sheet(WIDTH)
    if not rows:
        return sheet
    if any(row.is_different for row in rows):
        sheet.text(about_marks(trainings), EDGE, 0, _NOTE, _INNER)
    for first in range(0, len(trainings), _COLUMNS):
        runs = list(range(first, min(first + _COLUMNS, len(trainings))))
        _Table(trainings, rows, runs).draw(sheet)
    return sheet


class _Table:
    """A table of some of the trainings.

    Parameters
    ----------
    trainings : sequence of Training
        All trainings.
    rows : sequence of Row
        The rows.
    runs : list of int
        The places of those that it shows.
    """

    def __init__(self, trainings: Sequence[Training], rows: Sequence[Row], runs: list[int]) -> None:
        self._names = {run: trainings[run].name for run in runs}
        self._rows, self._runs, self._sign = rows, runs, "•" if len(trainings) == 1 else "≠"
        self._name = min(_NAME, max(width_of(self._named(row), _STRONG) for row in rows) + _APART)
        room = _INNER - self._name
        texts = [*self._names.values(), *(row.values[run] for row in rows for run in runs)]
        widest = max(width_of(text, _PLAIN) for text in texts) + _APART
        self._value = min(max(_VALUES[0], min(widest, _VALUES[1])), room / len(runs))
        self._meaning = room - self._value * len(runs)
        has_meaning = self._meaning >= _MEANING and any(row.meaning for row in rows)
        if not has_meaning:
            self._value, self._meaning = min(widest, room / len(runs)), 0.0

    def _named(self, row: Row) -> str:
        return f"{row.name} {self._sign}" if row.is_different else row.name

    def _x(self, place: int) -> float:
        return EDGE + self._name + place * self._value

    def draw(self, sheet: Sheet) -> None:
        """Put the table below what is on the sheet."""
        top, room = sheet.height + 0.06, self._value - _APART
        for place, run in enumerate(self._runs):
            sheet.text(self._names[run], self._x(place), top, _STRONG, room)
        y = sheet.height + 0.04
        for place, run in enumerate(self._runs):
            ends = (self._x(place), self._x(place) + room)
            sheet.line(ends, y, color=colour_of(run), linewidth=2.5, solid_capstyle="butt")
        sheet.reach(y + 0.02)
        for row in self._rows:
            self._draw_row(sheet, row)

    def _draw_row(self, sheet: Sheet, row: Row) -> None:
        top = sheet.height
        y = top + _PAD
        sheet.text(self._named(row), EDGE + 0.04, y, _STRONG, self._name - 0.15)
        for place, run in enumerate(self._runs):
            sheet.text(row.values[run], self._x(place), y, _PLAIN, self._value - _APART, most=6)
        if self._meaning:
            x = self._x(len(self._runs))
            sheet.text(row.meaning, x, y + 0.01, _NOTE, self._meaning - 0.05)
        foot = sheet.height + _PAD
        if row.is_different:
            sheet.area(EDGE, top, _INNER, foot - top, CHANGE)
        sheet.line((EDGE, WIDTH - EDGE), foot, color=LINE, linewidth=0.6)
        sheet.reach(foot)


def neighbours(trainings: Sequence[Training], words: Sequence[Neighbours]) -> Sheet:
    """Return the neighbours of words: a card for each word, with a list for each training."""
    sheet = Sheet(WIDTH)
    lists = min(_LISTS, max((len(word.lists) for word in words), default=1))
    in_a_row = _LISTS // lists
    for first in range(0, len(words), in_a_row):
        top = sheet.height + (0.12 if first else 0.02)
        some, width = words[first : first + in_a_row], _INNER * lists / _LISTS
        cards = [_card(trainings, word, width) for word in some]
        height = max(card.height for card in cards)
        for place, card in enumerate(cards):
            x = EDGE + place * width
            sheet.area(x + 0.03, top, width - 0.06, height, "white", LINE)
            sheet.add(card, x, top)
    return sheet


def _card(trainings: Sequence[Training], word: Neighbours, width: float) -> Sheet:
    card = Sheet(width)
    card.text(word.word, 0.13, 0.1, Style(10.5, weight="bold"), width - 0.26)
    column = _INNER / _LISTS
    for first in range(0, len(word.lists), _LISTS):
        top = card.height + 0.05
        for place, (run, found) in enumerate(word.lists[first : first + _LISTS]):
            x, y = 0.13 + place * column, top
            if len(trainings) > 1:
                style = Style(8.5, colour_of(run))
                y = card.text(trainings[run].name, x, y, style, column - 0.2) + 0.02
            _list(card, x, y, column - 0.2, run, found)
    card.reach(card.height + 0.08)
    return card


def _list(
    card: Sheet, x: float, y: float, room: float, run: int,
    found: Sequence[tuple[str, float]] | None,
) -> None:  # fmt: skip
    """Put the neighbours below each other, each with a bar as long as it is near."""
    if found is None:
        card.text("Not in the vocabulary.", x, y, _NOTE, room)
        return
    style, number = Style(8.5), Style(7.5, SOFT)
    words, bar = 0.56 * room, 0.44 * room - 0.36
    for word, likeness in found:
        foot = card.text(word, x, y, style, words - 0.06)
        length = bar * max(0.0, min(likeness, 1.0))
        card.area(x + words, y + 0.03, length, 0.085, colour_of(run))
        card.text(f"{likeness:.3f}", x + words + length + 0.06, y + 0.013, number, 0.4)
        y = foot + 0.02
