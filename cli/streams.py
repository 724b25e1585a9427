"""The standard streams as every command needs them: always open, with their errors kept apart.

Messages that cannot be written are dropped, and the work goes on. Results that cannot be written
are an error.
"""

import errno
import io
import os
import select
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_STANDARD_INPUT, _STANDARD_OUTPUT, _STANDARD_ERROR = range(3)


class ResultsLostError(OSError):
    """Standard output cannot be written."""

    def __str__(self) -> str:
        return f"Cannot write the results to standard output: {self.strerror}."


class _Stream(io.RawIOBase):
    """A standard stream that passes its first error to `fault` and drops all later output."""

    def __init__(self, stream: io.RawIOBase | None) -> None:
        self._stream = stream
        self._failed = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        if self._stream is None:
            raise io.UnsupportedOperation("the stream is closed")
        return self._stream.fileno()

    def isatty(self) -> bool:
        return self._stream is not None and self._stream.isatty()

    def write(self, data: Any) -> int:
        """Write all of `data`; pass the first error to `fault`, and drop all later data."""
        if not self._failed:
            try:
                self._write(memoryview(data))
            except OSError as error:
                self._failed = True
                self.fault(error)
        return len(data)

    def fault(self, error: OSError) -> None:
        """Handle the first error: here, ignore it."""

    def _write(self, data: memoryview) -> None:
        if self._stream is None:
            raise OSError(errno.EBADF, "it is closed")
        while data:
            written = self._stream.write(data)
            if written is None:  # another program has made it non-blocking
                select.select([], [self._stream], [])
            else:
                data = data[written:]


class _Results(_Stream):
    """Standard output."""

    def fault(self, error: OSError) -> None:
        raise ResultsLostError(error.errno, error.strerror)


class _Messages(_Stream):
    """Standard error."""


def install() -> None:
    """Take over standard output and standard error, and open the null device for closed streams.

    Without that, the next file that is opened would get the descriptor of a closed stream, and
    messages would be written into it. sys.stdin stays None if it is closed.
    """
    for place in (_STANDARD_INPUT, _STANDARD_OUTPUT, _STANDARD_ERROR):
        _fill(place)
    sys.stdout = _text(_Results, sys.stdout)
    sys.stderr = _text(_Messages, sys.stderr)


def standard_input(corpus: Sequence[str]) -> list[Path]:
    """Return the file that standard input may come from, if a corpus is read from there."""
    return [Path("/dev/stdin")] if "-" in corpus else []


def _fill(place: int) -> None:
    try:
        os.fstat(place)
    except OSError:
        opened = os.open(os.devnull, os.O_RDWR)
        if opened != place:
            os.dup2(opened, place)
            os.close(opened)


def _text(kind: type[_Stream], old: Any) -> io.TextIOWrapper:
    """Return a text stream that writes to a standard stream, which may be closed."""
    raw = None if old is None else getattr(old.buffer, "raw", old.buffer)
    stream = kind(raw)
    return io.TextIOWrapper(
        io.BufferedWriter(stream),
        encoding="utf-8" if old is None else old.encoding,
        errors="backslashreplace",  # a terminal may lack a letter
        line_buffering=kind is _Messages or stream.isatty(),
    )
