"""CSV and TSV: rows under a header in, lines of text out."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
from collections.abc import Generator, Iterator
from typing import IO, TYPE_CHECKING

from w2v.errors import CorpusError
from w2v.limits import LONGEST_DOCUMENT
from w2v.text.columns.naming import choose_column
from w2v.text.columns.values import Account, value_pages
from w2v.text.sources import InvalidUtf8

if TYPE_CHECKING:
    from _csv import Reader as Rows

_BLANK = ("\n", "\r\n", "\r")


def separated_pages(
    stream: IO[bytes], label: str, column: str | None, account: Account, invalid_utf8: InvalidUtf8,
    separators: str = ",;\t",
) -> Generator[bytes, None, None]:  # fmt: skip
    """Yield the text of a column, one value a line; a line end inside a value stays one.

    The first row that is not blank has the names of the columns. What it has most of, among
    `separators`, stands between values.
    """
    return value_pages(_values(stream, label, column, separators), account, invalid_utf8)


def _values(
    stream: IO[bytes], label: str, column: str | None, separators: str
) -> Iterator[tuple[str, object]]:
    # The limit belongs to the whole process, so it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_DOCUMENT))
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        first = [text.readline(LONGEST_DOCUMENT)]
        while first[-1] in _BLANK:
            first.append(text.readline(LONGEST_DOCUMENT))
        delimiter = max(separators, key=first[-1].count)
        rows = csv.reader(itertools.chain(first, text), delimiter=delimiter, strict=True)
        yield from _of_rows(rows, label, column)
    finally:
        with contextlib.suppress(ValueError):  # the stream was closed
            text.detach()  # or it would be closed with the text


def _of_rows(rows: Rows, label: str, column: str | None) -> Iterator[tuple[str, object]]:
    try:
        names = next(filter(None, rows), [])  # blank lines may come before
        if not names:
            return
        place = names.index(choose_column(names, column, label))
        for row in rows:
            if len(row) == len(names):
                yield f"line {rows.line_num} of {label}", row[place]
            elif row:
                raise CorpusError(
                    f"Line {rows.line_num} of {label} ends a row of {len(row)} values, but the"
                    f" header has {len(names)}; a value with a separator, a line end or a quotation"
                    ' mark in it stands in "quotation marks", and marks in it are doubled.'
                )
    except csv.Error as error:
        raise CorpusError(
            f"Line {rows.line_num} of {label} cannot be read: {error}; a quotation mark that begins"
            " a value needs another at its end, and marks in between are doubled."
        ) from error
