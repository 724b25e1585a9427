"""Files with columns: what they are, and how they become text."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import IO, Any, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from w2v.compression import SUFFIXES as COMPRESSED
from w2v.errors import CorpusError
from w2v.text.columns.arrow_files import ARROW_FILE, ARROW_STREAM, PARQUET, arrow_pages
from w2v.text.columns.json_lines import json_pages
from w2v.text.columns.separated import separated_pages
from w2v.text.columns.values import Account
from w2v.text.sources import Block, Blocks, InvalidUtf8

# Given a stream, its label, the column, an account and what to do about invalid UTF-8.
Pages: TypeAlias = Callable[
    [IO[bytes], str, str | None, Account, InvalidUtf8],
    Generator[bytes | NDArray[np.uint8], None, None],
]

_tab_separated: Pages = partial(separated_pages, separators="\t")
_BY_SUFFIX: dict[str, Pages] = {
    ".jsonl": json_pages, ".ndjson": json_pages, ".json": json_pages,
    ".csv": separated_pages, ".tsv": _tab_separated, ".tab": _tab_separated,
    ".parquet": arrow_pages, ".pq": arrow_pages,
    ".arrow": arrow_pages, ".arrows": arrow_pages, ".feather": arrow_pages, ".ipc": arrow_pages,
}  # fmt: skip
SUFFIXES = frozenset(_BY_SUFFIX)
_BINARY = (PARQUET, ARROW_FILE)


class Reading(NamedTuple):
    """How the files of a corpus are read.

    Attributes
    ----------
    invalid_utf8 : {"error", "replace"}
        What to do about bytes that are not UTF-8.
    column : str or None
        The column that holds the text, in files that have columns; None for the usual one.
    """

    invalid_utf8: InvalidUtf8 = "error"
    column: str | None = None


def has_columns(name: str, column: str | None = None) -> bool:
    """Return whether a file of this name has columns, compressed or not.

    Where a column is named, so has one without a suffix.
    """
    suffix = _suffix(name)
    return suffix in _BY_SUFFIX or (column is not None and not suffix)


def begins_with_columns(start: bytes) -> bool:
    """Return whether the first bytes are those of Parquet or Arrow, whatever the name is."""
    return start.startswith(_BINARY)


@contextlib.contextmanager
def as_text(
    stream: IO[bytes], name: str, label: str, reading: Reading, account: Account, is_plain: bool
) -> Iterator[tuple[IO[bytes], str]]:
    """Yield a stream of text, and its name for messages.

    A file without columns is yielded as it is. From one with columns the stream has the values of
    the column, one a line.

    Parameters
    ----------
    stream : binary stream
        The file, decompressed.
    name : str
        Its name, whose suffix says what it is. Parquet and Arrow show by their first bytes. With a
        column named, a file without a suffix is JSON Lines or, where it does not begin with a
        brace, has columns with separators.
    label : str
        Its name for messages.
    reading : Reading
        How it is read.
    account : Account
        What reading the column reports.
    is_plain : bool
        Whether the file was not compressed; then it may be seekable.
    """
    start = stream.peek(len(ARROW_FILE))  # type: ignore[attr-defined]
    pages = _pages_of(name, start, reading.column)
    if pages is None:
        yield stream, label
        return
    with contextlib.ExitStack() as stack:
        needs_seek = pages is arrow_pages and not start.startswith(ARROW_STREAM)
        if needs_seek and not (is_plain and stream.seekable()):
            stream = stack.enter_context(_copied(stream, label))
        found = pages(stream, label, reading.column, account, reading.invalid_utf8)
        stack.enter_context(contextlib.closing(found))
        yield cast(IO[bytes], PageStream(found)), f"the text of {label}"


def _pages_of(name: str, start: bytes, column: str | None) -> Pages | None:
    """Return what reads a file with columns; None for plain text."""
    if begins_with_columns(start):
        return arrow_pages
    suffix = _suffix(name)
    if suffix or column is None:
        return _BY_SUFFIX.get(suffix)
    if start.startswith(ARROW_STREAM):
        return arrow_pages
    return json_pages if start.lstrip()[:1] in (b"{", b"[") else separated_pages


def _suffix(name: str) -> str:
    stem, suffix = os.path.splitext(name)  # noqa: PTH122  (a Path takes longer, of a million names)
    if suffix.lower() in COMPRESSED:
        suffix = os.path.splitext(stem)[1]  # noqa: PTH122
    return suffix.lower()


def _copied(stream: IO[bytes], label: str) -> IO[bytes]:
    """Copy a stream to an unnamed temporary file, in which one can go back and forth."""
    try:
        copy = tempfile.TemporaryFile()  # noqa: SIM115  (the reader closes it)
    except OSError as error:
        raise _no_room(label, error) from error
    while data := stream.read(1 << 20):
        try:
            copy.write(data)
        except OSError as error:
            raise _no_room(label, error) from error
    copy.seek(0)
    return cast(IO[bytes], copy)


def _no_room(label: str, error: OSError) -> CorpusError:
    return CorpusError(
        f"Cannot copy {label} to a temporary file, which its format needs: {error.strerror}; name a"
        " directory with room in TMPDIR."
    )


class PageStream:
    """Pages of text as a stream that is read in pieces of any size."""

    def __init__(self, pages: Iterator[bytes | NDArray[np.uint8]]) -> None:
        self._pages = pages
        self._rest = memoryview(b"")

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer only at the end."""
        parts: list[Any] = []
        left = size
        while left > 0:
            if not self._rest:
                page = next(self._pages, None)
                if page is None:
                    break
                self._rest = memoryview(cast(bytes, page))
                continue
            parts.append(self._rest[:left])
            self._rest = self._rest[left:]
            left -= len(parts[-1])
        return b"".join(parts)


def with_nulls(blocks: Blocks, account: Account, label: str) -> Blocks:
    """Yield the blocks of a column, each with the nulls that were skipped since the last one."""
    reported = 0
    for block in blocks:
        nulls, reported = account.nulls - reported, account.nulls
        yield block._replace(nulls=nulls) if nulls else block
    if account.nulls > reported:
        yield Block(label, 0, b"\n", nulls=account.nulls - reported)
