"""Sources that are bytes: text in memory, files, and streams that can be read only once."""

import contextlib
import io
import tempfile
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from w2v.compression import DECOMPRESSION_ERRORS, members_of
from w2v.errors import CorpusError
from w2v.opening import ChangedError, CountedFile, stored_size, unchanged
from w2v.remote.reading import RemoteReader
from w2v.temporaries import Temporary
from w2v.text.cleaning import clean_blocks
from w2v.text.columns.formats import Reading, as_text, with_nulls
from w2v.text.columns.values import Account
from w2v.text.sources import Blocks

# zipfile raises RuntimeError for archives with a password or an unknown method.
_READ_ERRORS: tuple[type[Exception], ...] = (*DECOMPRESSION_ERRORS, OSError, RuntimeError)
_BUFFER = 1 << 17  # bytes


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
        return clean_blocks(self.label, self._stream, block_size, "error")


class FileSource:
    """A file, perhaps compressed, perhaps a zip archive of several.

    Parameters
    ----------
    path : Path
        The file.
    reading : Reading
        How it is read.
    label : str, optional
        Its name for messages. Default: the path.
    """

    path: Path | None

    def __init__(self, path: Path, reading: Reading, label: str | None = None) -> None:
        self.path = self._file = path
        self.label = label or str(path)
        self.reading = reading
        self._counted: CountedFile | RemoteReader | None = None
        self._account = Account()  # of the columns in the part that is being read

    @property
    def size(self) -> int | None:
        """Bytes of the file as it is stored; 0 where it no longer exists, None if unknown."""
        try:
            return stored_size(self._file)
        except OSError:
            return 0

    @property
    def bytes_read(self) -> int:
        """Bytes of the file that the last reading has read, or the same share of its rows."""
        if self._account.done is not None:
            return int(self._account.done * (self.size or 0))
        return 0 if self._counted is None else self._counted.bytes_read

    def blocks(self, block_size: int) -> Blocks:
        self._counted = None
        return read_ahead(self.read(block_size))

    def read(self, block_size: int) -> Blocks:
        """Yield the text in blocks, without a thread of its own."""
        try:
            with (
                unchanged(self._file) as self._counted,
                io.BufferedReader(self._counted, _BUFFER) as raw,
            ):
                yield from self._read_raw(raw, block_size)
        except ChangedError as error:
            raise changed(self.label) from error
        except _READ_ERRORS as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise CorpusError(f"Cannot read {self.label}: {error.strerror}.") from error
            raise CorpusError(
                f"Cannot decompress {self.label}: it is damaged or cut off ({error});"
                " copy or download it again."
            ) from error

    def _read_raw(self, raw: IO[bytes], block_size: int) -> Blocks:
        for name, stream in members_of(self._file, raw):
            label = name.replace(str(self._file), self.label, 1)
            yield from self._read_member(stream, label, block_size, stream is raw)

    def _read_member(
        self, stream: IO[bytes], label: str, block_size: int, is_plain: bool
    ) -> Blocks:
        account = self._account = Account()
        with as_text(stream, label, label, self.reading, account, is_plain) as (text, name):
            blocks = clean_blocks(name, text, block_size, self.reading.invalid_utf8)
            yield from with_nulls(blocks, account, name)


class SpooledSource(FileSource):
    """A stream that can be read only once, in a temporary file that is removed with the object.

    Raises CorpusError where the stream cannot be read or the disk is full.
    """

    def __init__(self, label: str, stream: IO[bytes], reading: Reading) -> None:
        try:
            directory = tempfile.gettempdir()
            spool = Temporary(Path(directory), "w2v-", ".spool")
        except OSError as error:  # gettempdir has tried all directories
            raise CorpusError(
                f"Cannot make a temporary file to copy {label} to: {error.strerror};"
                " name a directory with room in TMPDIR."
            ) from error
        weakref.finalize(self, spool.remove)
        super().__init__(spool.path, reading, label)
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


def _read(stream: IO[bytes], label: str) -> bytes:
    try:
        return stream.read(1 << 20)
    except OSError as error:
        raise CorpusError(f"Cannot read {label}: {error.strerror or error}.") from error


def read_ahead(blocks: Blocks) -> Blocks:
    """Read each next block in a thread, so that decompression overlaps with the use of blocks."""
    # An early exit waits for the block that is being read; then the file is closed.
    with contextlib.closing(blocks), ThreadPoolExecutor(1, "w2v-reader") as reader:
        pending = reader.submit(next, blocks, None)
        while (block := pending.result()) is not None:
            pending = reader.submit(next, blocks, None)
            yield block


def changed(label: str) -> CorpusError:
    """Return the error for a file that was changed while it was read."""
    return CorpusError(
        f"{label} was changed or replaced while it was read; leave it alone and start again."
    )
