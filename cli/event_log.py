"""The option --log: every event of a training as one line of JSON, for programs to read.

An old log is emptied only when the corpus has been read; everything else is checked before that.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from pathlib import Path
from typing import IO, Literal

import w2v
from w2v.characters import printable
from w2v.files import temporary_beside
from w2v.places import followed
from w2v.remote.addresses import is_address, located
from w2v_cli import interrupt
from w2v_cli.output import to_json

_PERIOD = 1.0  # seconds between two lines of progress
_STEP = 0.01  # share of the work between two lines of progress, if that is sooner
_LONGEST = 1 << 20  # bytes of an old log's first line


class EventLog:
    """Writes events as they occur, progress after each second or hundredth of the work.

    Parameters
    ----------
    path : str
        The file.
    mode : {"w", "a"}
        "w" empties an old log, "a" appends to it.
    """

    def __init__(self, path: str, mode: Literal["w", "a"]) -> None:
        self._path, self._mode = path, mode
        self._stream: IO[str] | None = None
        self._last: dict[str, tuple[float, float]] = {}
        self._early: list[w2v.Event] = []

    def write(self, event: w2v.Event) -> None:
        """Write an event as one line, which programs can read at once.

        Raises W2VError where it cannot be written.
        """
        if isinstance(event, w2v.Progress | w2v.Counting | w2v.FindingPhrases) and not self._is_due(
            event
        ):
            return
        if isinstance(event, (w2v.Compiling, w2v.Counting)) and self._keeps_old():
            self._early.append(event)
            return
        early, self._early = self._early, []
        for each in (*early, event):
            self._write(each)

    def _is_due(self, event: w2v.Progress | w2v.Counting | w2v.FindingPhrases) -> bool:
        """Return whether enough has happened since the last line of this kind."""
        done = event.done if isinstance(event, w2v.Progress) else 0.0
        seconds, share = self._last.get(event.event, (-math.inf, -math.inf))
        is_last = share < done == 1.0
        is_due = is_last or event.seconds >= seconds + _PERIOD or done >= share + _STEP
        if is_due:
            self._last[event.event] = event.seconds, done
        return is_due

    def _keeps_old(self) -> bool:
        """Return whether there is an old log that must stay until the corpus has been read."""
        is_new = self._stream is None and self._mode == "w"
        return is_new and Path(self._path).exists() and Path(self._path).stat().st_size > 0

    def _write(self, event: w2v.Event) -> None:
        try:
            if self._stream is None:
                self._stream = Path(self._path).open(  # noqa: SIM115
                    self._mode, encoding="utf-8", errors="backslashreplace"
                )
                interrupt.state.outcome = printable(f"nothing was written but the log {self._path}")
            self._stream.write(to_json(event.as_dict()) + "\n")
            self._stream.flush()
        except OSError as error:
            raise _cannot_write(self._path, error) from error

    def close(self) -> None:
        """Close the file if it is open; every line has been flushed already."""
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._stream.close()


def check_log(path: str) -> None:
    """Raise W2VError where a log could not be written, or would replace a file of another kind."""
    if is_address(path):
        raise w2v.W2VError(
            f"Cannot write the log {located(path)}: it grows line by line, which takes a file of"
            " this machine; name one with --log, and upload it afterwards."
        )
    target = followed(Path(path))
    try:
        if target.is_file() or target.is_dir():
            os.close(os.open(target, os.O_WRONLY))
        elif not target.exists():
            temporary_beside(target).remove()
    except OSError as error:
        raise _cannot_write(path, error) from error
    if target.is_file() and not _is_log(target):
        raise w2v.W2VError(
            f"Cannot write the log {path}: the file exists and is not a log of w2v; name"
            " another file with --log."
        )


def _is_log(path: Path) -> bool:
    """Return whether a file is empty or begins with an event."""
    with path.open("rb") as stream:
        line = stream.readline(_LONGEST)
    try:
        found = json.loads(line or b'{"event": ""}')
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and isinstance(found.get("event"), str)


def _cannot_write(path: str, error: OSError) -> w2v.W2VError:
    return w2v.W2VError(
        f"Cannot write the log {path}: {error.strerror or error}; name another file with --log."
    )
