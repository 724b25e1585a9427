"""JSON Lines: a value or an object on each line in, lines of text out."""

import json
from collections.abc import Generator, Iterator
from typing import IO, Any

from w2v.errors import CorpusError
from w2v.limits import LONGEST_DOCUMENT, read_line
from w2v.text.columns.naming import Field
from w2v.text.columns.values import Account, value_pages
from w2v.text.sources import InvalidUtf8, shorten

_MARK = "\N{BYTE ORDER MARK}"
_BLANK = object()


def json_pages(
    stream: IO[bytes], label: str, column: str | None, account: Account, invalid_utf8: InvalidUtf8
) -> Generator[bytes, None, None]:
    """Yield the text of a field, one value a line; blank lines are passed over.

    Without a column, a line may also be the text or the list of words itself. A line without the
    field counts as a null, as long as others have it.
    """
    return value_pages(_values(stream, label, column), account, invalid_utf8)


def _values(stream: IO[bytes], label: str, column: str | None) -> Iterator[tuple[str, object]]:
    field = Field(label, column)
    number = 0
    while line := read_line(stream, LONGEST_DOCUMENT):
        number += 1
        record = _parsed(line, number, label)
        if record is not _BLANK:
            place = f"line {number} of {label}"
            yield place, field.value(record, place)
    if line is None:
        raise CorpusError(
            f"Line {number + 1} of {label} has more than {LONGEST_DOCUMENT:,} bytes, which no"
            " document has; JSON Lines have an object on each line."
        )
    field.end()


def _parsed(line: bytes, number: int, label: str) -> Any:
    """Return what a line holds; raise CorpusError where it is not JSON."""
    text = line.decode(errors="surrogateescape")
    if number == 1:
        text = text.removeprefix(_MARK)
    if not text or text.isspace():
        return _BLANK
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if number == 1 and text[0] == "[":
            cure = "the file looks like one array; write each of its elements on a line"
        else:
            cure = "mend or remove the line"
        what = error.msg.removesuffix(" at")
        near = shorten(text[max(0, error.pos - 20) : error.pos + 20])
        raise CorpusError(
            f"Line {number} of {label} is not JSON: {what} at character {error.colno}, in {near};"
            f" {cure}."
        ) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; deep nesting
        raise CorpusError(
            f"Line {number} of {label} cannot be read as JSON: {error}; mend or remove it."
        ) from error
