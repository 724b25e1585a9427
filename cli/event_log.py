"""--log: every event of a training as one line of JSON, for programs to follow."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal

import w2v
from w2v.files import is_same_file
from w2v_cli.output import to_json

_PERIOD = 1.0  # seconds between two lines of progress


class EventLog:
    """Writes events as they come, progress about once a second."""

    def __init__(self, path: str, stream: IO[str]) -> None:
        self._path = path
        self._stream = stream
        self._last = -math.inf

    def write(self, event: w2v.Event) -> None:
        """Write an event; each line can be read as soon as it is there."""
        if isinstance(event, w2v.Progress):
            if event.seconds < self._last + _PERIOD:
                return
            self._last = event.seconds
        try:
            self._stream.write(to_json(event.as_dict()) + "\n")
            self._stream.flush()
        except OSError as error:
            raise _cannot_write(self._path, error) from error


@contextlib.contextmanager
def open_log(path: str, others: list[Path], mode: Literal["w", "a"]) -> Iterator[EventLog]:
    """Open a log.

    others: files that must not be overwritten: the corpus and the vectors.
    mode: "w" empties an old log, "a" goes on with it.

    Raises W2VError where it is one of them or cannot be written.
    """
    if any(is_same_file(Path(path), other) for other in others):
        raise w2v.W2VError(
            f"Cannot write the log {path}: it is the corpus or the file of vectors;"
            " name another file."
        )
    try:
        stream = Path(path).open(mode, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    except OSError as error:
        raise _cannot_write(path, error) from error
    try:
        yield EventLog(path, stream)
    finally:
        with contextlib.suppress(OSError):  # each line was flushed, so nothing is left to lose
            stream.close()


def _cannot_write(path: str, error: OSError) -> w2v.W2VError:
    return w2v.W2VError(
        f"Cannot write the log {path}: {error.strerror or error}; name another file with --log."
    )
