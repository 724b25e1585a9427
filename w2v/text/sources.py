"""The parts of a corpus: files and text in memory, each read as blocks of text."""

import codecs
import contextlib
import io
import sys
import tempfile
import weakref
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from w2v.compression import DECOMPRESSION_ERRORS, members_of
from w2v.errors import Argument, CorpusError
from w2v.opening import ChangedError, CountedFile, stored_size, unchanged
from w2v.remote.reading import RemoteReader
from w2v.temporaries import Temporary
from w2v.text.cutting import NulError, Overlong, cut, without_overlong

InvalidUtf8: TypeAlias = Literal["error", "replace"]

# zipfile raises RuntimeError for archives with a password or an unknown method.
_READ_ERRORS: tuple[type[Exception], ...] = (*DECOMPRESSION_ERRORS, OSError, RuntimeError)
_BUFFER = 1 << 17  # bytes
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class Block(NamedTuple):
    """A piece of text: valid UTF-8 without NUL that ends at white space, never inside a word.

    A file's last block ends with a newline, so that no sentence continues in the next file.

    Attributes
    ----------
    source : str
        The name of the file, for messages.
    offset : int
        The byte of the decompressed file where the block begins.
    data : bytes
        The text.
    replaced : int
        Invalid UTF-8 sequences in it that were replaced by U+FFFD.
    left_out : tuple of Overlong
        Words that were left out of it because they are too long.
    """

    source: str
    offset: int
    data: bytes
    replaced: int = 0
    left_out: tuple[Overlong, ...] = ()


# A generator, because closing it closes its file.
Blocks: TypeAlias = Generator[Block, None, None]


class Source(Protocol):
    """One part of a corpus: `label` names it in messages, `path` is its file if it has one."""

    label: str
    path: Path | None

    def blocks(self, block_size: int) -> Blocks:
        """Yield the text in blocks of about `block_size` bytes, from the start at each call."""


@runtime_checkable
class MeasuredSource(Protocol):
    """A source of known size.

    Attributes
    ----------
    size : int or None
        Its bytes as they are stored, compressed or not; None where they are not known.
    bytes_read : int
        How many of them the last reading has read.
    """

    @property
    def size(self) -> int | None: ...

    @property
    def bytes_read(self) -> int: ...


class Numbers(NamedTuple):
    """A piece of text whose words are numbers.

    Attributes
    ----------
    entries : int32 (n,)
        The number of each word; the reader may write to it.
    ends : int64 (s,)
        How many words come before each end of a sentence; the last is n.
    """

    entries: NDArray[np.int32]
    ends: NDArray[np.int64]


@runtime_checkable
class NumberedSource(Protocol):
    """A source whose words are numbers already; it needs no text.

    Attributes
    ----------
    names : list of str
        The word of each number; all are different. They may be known only after `numbers`.
    is_text : bool
        Whether the words were read in a text, so that their appearance counts.
    """

    names: list[str]
    is_text: bool

    def numbers(
        self, workers: int, memory_limit: int, watch: Callable[[], object]
    ) -> Iterator[Numbers]:
        """Yield the text in order, as several threads make it.

        Parameters
        ----------
        workers : int
            The number of threads.
        memory_limit : int
            Bytes above which numbers go to unnamed temporary files.
        watch : callable
            Called twice a second while the text is made.
        """


class TextSource:
    """Text in memory."""

    path: Path | None = None

    def __init__(self, label: str, data: bytes) -> None:
        self.label = label
        self._data = data
        self._stream = io.BytesIO()
        self.size = len(data)

    @property
    def bytes_read(self) -> int:
        """Bytes of the text that the last reading has read."""
        return self._stream.tell()

    def blocks(self, block_size: int) -> Blocks:
        self._stream = io.BytesIO(self._data)
        return _clean_blocks(self.label, self._stream, block_size, "error")


class FileSource:
    """A file, perhaps compressed, perhaps a zip archive of several."""

    path: Path | None

    def __init__(self, path: Path, invalid_utf8: InvalidUtf8, label: str | None = None) -> None:
        self.path = self._file = path
        self.label = label or str(path)
        self._invalid_utf8 = invalid_utf8
        self._counted: CountedFile | RemoteReader | None = None

    @property
    def size(self) -> int | None:
        """Bytes of the file as it is stored; 0 where it no longer exists, None if unknown."""
        try:
            return stored_size(self._file)
        except OSError:
            return 0

    @property
    def bytes_read(self) -> int:
        """Bytes of the file that the last reading has read."""
        return 0 if self._counted is None else self._counted.bytes_read

    def blocks(self, block_size: int) -> Blocks:
        self._counted = None
        return _read_ahead(self._read(block_size))

    def _read(self, block_size: int) -> Blocks:
        try:
            with (
                unchanged(self._file) as self._counted,
                io.BufferedReader(self._counted, _BUFFER) as raw,
            ):
                for name, stream in members_of(self._file, raw):
                    label = name.replace(str(self._file), self.label, 1)
                    yield from _clean_blocks(label, stream, block_size, self._invalid_utf8)
        except ChangedError as error:
            raise CorpusError(
                f"{self.label} was changed or replaced while it was read; leave it alone and start"
                " again."
            ) from error
        except _READ_ERRORS as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise CorpusError(f"Cannot read {self.label}: {error.strerror}.") from error
            raise CorpusError(
                f"Cannot decompress {self.label}: it is damaged or cut off ({error});"
                " copy or download it again."
            ) from error


class SpooledSource(FileSource):
    """A stream that can be read only once, in a temporary file that is removed with the object.

    Raises CorpusError where the stream cannot be read or the disk is full.
    """

    def __init__(self, label: str, stream: IO[bytes], invalid_utf8: InvalidUtf8) -> None:
        try:
            directory = tempfile.gettempdir()
            spool = Temporary(Path(directory), "w2v-", ".spool")
        except OSError as error:  # gettempdir has tried all directories
            raise CorpusError(
                f"Cannot make a temporary file to copy {label} to: {error.strerror};"
                " name a directory with room in TMPDIR."
            ) from error
        weakref.finalize(self, spool.remove)
        super().__init__(spool.path, invalid_utf8, label)
        self.path = None
        try:
            with spool.path.open("wb") as copy:
                while data := _read(stream, label):
                    copy.write(data)
        except OSError as error:
            raise CorpusError(
                f"Cannot copy {label} to {directory}: {error.strerror};"
                " name a directory with more room in TMPDIR."
            ) from error


def open_standard_input(invalid_utf8: InvalidUtf8) -> SpooledSource:
    """Return standard input as a source, copied to a temporary file."""
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise CorpusError("There is no standard input to read the corpus '-' from.")
    return SpooledSource("standard input", stream, invalid_utf8)


def _read(stream: IO[bytes], label: str) -> bytes:
    try:
        return stream.read(1 << 20)
    except OSError as error:
        raise CorpusError(f"Cannot read {label}: {error.strerror or error}.") from error


def shorten(value: object, length: int = 60) -> str:
    """Return repr(value) for a message, cut to about `length` characters."""
    shown = repr(value)
    return shown if len(shown) <= length else f"{shown[:length]}…"


def _clean_blocks(
    label: str, stream: IO[bytes], block_size: int, invalid_utf8: InvalidUtf8
) -> Blocks:
    try:
        for offset, data, overlong in cut(stream, block_size):
            left_out = overlong
            starts_marked = not offset and data.startswith(codecs.BOM_UTF8)
            mark = len(codecs.BOM_UTF8) if starts_marked else 0
            block = _validated(Block(label, offset + mark, data[mark:]), invalid_utf8)
            if block.replaced:  # U+FFFD makes words longer
                shorter, more = without_overlong(block.offset, block.data)
                block, left_out = block._replace(data=shorter), (*overlong, *more)
            yield block._replace(left_out=left_out) if left_out else block
    except NulError as error:
        raise _holds_nul(label, error.args[0]) from error


def _validated(block: Block, invalid_utf8: InvalidUtf8) -> Block:
    """Return the block, with invalid UTF-8 replaced if that is allowed; else raise CorpusError."""
    source, offset, data = block[:3]
    zero = data.find(b"\0")
    if zero >= 0:
        raise _holds_nul(source, offset + zero)
    if data.isascii():
        return block
    try:
        data.decode()
    except UnicodeDecodeError as error:
        if invalid_utf8 == "error":
            raise CorpusError(
                f"{source} is not valid UTF-8 at byte {offset + error.start}"
                f" (0x{data[error.start]:02x}, {error.reason}); convert it, or let it pass with ",
                Argument("invalid_utf8", "replace"),
                ".",
            ) from error
        text = data.decode(errors="replace")
        replaced = text.count(_REPLACEMENT) - data.count(_REPLACEMENT.encode())
        return Block(source, offset, text.encode(), replaced)
    return block


def _holds_nul(source: str, offset: int) -> CorpusError:
    return CorpusError(
        f"{source} holds a NUL byte at byte {offset}, so it is not UTF-8 text (a binary file, or"
        " UTF-16?); convert it to UTF-8."
    )


def _read_ahead(blocks: Blocks) -> Blocks:
    """Read each next block in a thread, so that decompression overlaps with the use of blocks."""
    # An early exit waits for the block that is being read; then the file is closed.
    with contextlib.closing(blocks), ThreadPoolExecutor(1, "w2v-reader") as reader:
        pending = reader.submit(next, blocks, None)
        while (block := pending.result()) is not None:
            pending = reader.submit(next, blocks, None)
            yield block
