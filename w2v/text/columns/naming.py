"""Which column holds the text."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from w2v.errors import Argument, CorpusError, Part
from w2v.text.sentences import capitalized
from w2v.text.sources import shorten

_USUAL = "text"  # the column that is read unasked
_MOST_SHOWN = 20
_PATIENCE = 1000  # records without the column after which it is taken to be missing in all


def choose_column(names: Sequence[str], wanted: str | None, label: str) -> str:
    """Return the name of the column to read.

    Parameters
    ----------
    names : sequence of str
        The columns there are.
    wanted : str or None
        The column that the user named. None: "text" if there is one, else the only one.
    label : str
        What has the columns, for messages.

    Raises
    ------
    CorpusError
        There is no such column, or it is unclear which one to read.
    """
    if wanted is None:
        if _USUAL in names:
            return the_only(_USUAL, names, label)
        if len(names) == 1:
            return names[0]
        raise CorpusError(
            f"{capitalized(label)} has {listed(names)}; choose the one to read, as in ",
            Argument("column", names[0] if names else _USUAL),
            ".",
        )
    if wanted in names:
        return the_only(wanted, names, label)
    raise missing_column(names, wanted, label)


def the_only(name: str, names: Sequence[str], label: str) -> str:
    """Return the name of a column; raise CorpusError where several columns have it."""
    if (several := names.count(name)) > 1:
        raise CorpusError(
            f"{capitalized(label)} has {several} columns with the name {shorten(name)}, so it is"
            " unclear which one to read; give each a name of its own."
        )
    return name


def missing_column(names: Sequence[str], wanted: str, label: str) -> CorpusError:
    """Return the error for a column that is not there."""
    close = difflib.get_close_matches(wanted, names, n=1)
    cure: tuple[Part, ...] = (f"; did you mean {close[0]!r}?" if close else ".",)
    return CorpusError(
        f"{capitalized(label)} has no column {shorten(wanted)}; it has {listed(names)}", cure
    )


def listed(names: Sequence[str]) -> str:
    """Return the names of columns as a part of a sentence."""
    if not names:
        return "no columns"
    shown = ", ".join(shorten(name) for name in names[:_MOST_SHOWN])
    more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
    return f"the column{'s' if len(names) > 1 else ''} {shown}{more}"


class Field:
    """The column of records one after the other, each of which says by itself what it has.

    It is chosen at the first record. A record may lack it, as long as another has it.

    Parameters
    ----------
    label : str
        What has the records, for messages.
    column : str or None
        The column that the user named; with dots for one inside another.
    """

    def __init__(self, label: str, column: str | None) -> None:
        self._label, self._wanted = label, column
        self._name: str | None = column
        self._is_found = False
        self._records = 0
        self._names: dict[str, None] = {}  # of the records so far, in order

    def value(self, record: object, place: str) -> object:
        """Return the value in a record, or None where it lacks the column.

        Where no column was named, a record may be a text or a list of words itself. Raises
        CorpusError for anything else, and where a thousand records lack the column.
        """
        if not isinstance(record, Mapping):
            if self._wanted is None and isinstance(record, (str, list)):
                return record
            raise CorpusError(
                f"{capitalized(place)} is {shorten(record)}, not an object with named values."
            )
        if self._name is None:
            self._name = choose_column(_names(record), None, self._label)
        value = _found(record, self._name)
        if value is not _MISSING:
            self._is_found = True
            return value
        if not self._is_found:
            self._names.update(dict.fromkeys(_names(record)))
            self._records += 1
            if self._records == _PATIENCE:
                self.end()
        return None

    def end(self) -> None:
        """Raise CorpusError where there were records, and none had the column."""
        if self._records and not self._is_found:
            assert self._name is not None
            raise missing_column(list(self._names), self._name, self._label)


_MISSING = object()


def _names(record: Mapping[str, Any]) -> list[str]:
    """Return the names of the values in a record, with a dot before those inside another."""
    names: list[str] = []
    for name, value in record.items():
        inner = _names(value) if isinstance(value, Mapping) else []
        names += [f"{name}.{each}" for each in inner] or [str(name)]
    return names


def _found(record: Mapping[str, Any], name: str) -> object:
    """Return the value of this name, or along its dots; _MISSING where there is none."""
    if name in record:
        return record[name]
    inner: Any = record
    for part in name.split("."):
        if not isinstance(inner, Mapping) or part not in inner:
            return _MISSING
        inner = inner[part]
    return inner
