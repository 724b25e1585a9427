"""Reads the log of a training: lines of JSON in, events out, with notes on what is damaged."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from w2v.errors import FormatError
from w2v.opening import damage, open_up_to_damage

_LONGEST = 64 << 20  # bytes of a line; a longer one is not an event
_MOST_NAMED = 5  # damaged lines that a note names

Record = dict[str, Any]


def read_log(path: Path) -> tuple[list[Record], list[str]]:
    """Read the events in a log, which may be compressed.

    Parameters
    ----------
    path : Path
        The file; `w2v train --log` writes it.

    Returns
    -------
    events : list of dict
        The events, in order.
    notes : list of str
        Sentences about lines that could not be read.

    Raises
    ------
    FormatError
        The file cannot be read, is empty, or holds no event of a training.
    """
    events, damaged, number = [], [], 0
    with open_up_to_damage(path, "log") as stream:
        for number, line in enumerate(_lines(stream), start=1):
            event = _event(line)
            if event is not None:
                events.append(event)
            elif line.strip():
                damaged.append(number)
        is_cut = damage(stream) is not None
    if not events:
        raise FormatError(_about_none(path, number))
    notes = [_about_damaged(damaged, number)] if damaged else []
    if is_cut:
        notes.append(f"The file cannot be decompressed beyond line {number:,}.")
    return events, notes


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    while line := stream.readline(_LONGEST):
        yield line


def _event(line: bytes) -> Record | None:
    """Return the event in a line, or None for anything else."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    is_event = isinstance(found, dict) and isinstance(found.get("event"), str)
    return found if is_event else None


def _about_none(path: Path, lines: int) -> str:
    advice = "give a file that 'w2v train --log FILE' wrote."
    if lines == 0:
        return f"{path} is empty, without any event of a training; {advice}"
    return f"{path} is not a log of w2v: no line of it is an event; {advice}"


def _about_damaged(damaged: list[int], lines: int) -> str:
    if damaged == [lines]:
        return f"The last line, {lines:,}, is cut off; the report ends before it."
    named = ", ".join(f"{number:,}" for number in damaged[:_MOST_NAMED])
    more = f" and {len(damaged) - _MOST_NAMED:,} more" if len(damaged) > _MOST_NAMED else ""
    word = "Line" if len(damaged) == 1 else "Lines"
    verb = "is not an event and was" if len(damaged) == 1 else "are not events and were"
    return f"{word} {named}{more} {verb} passed over."
