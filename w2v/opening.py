"""Opens files, compressed or not, for reading and writing; any failure is one clear sentence."""

import contextlib
import io
import os
import stat
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from w2v.compression import DECOMPRESSION_ERRORS, compressed, member_names, members_of
from w2v.errors import Argument, FormatError
from w2v.files import atomic_path, atomic_paths
from w2v.places import missing_file
from w2v.remote.addresses import Address
from w2v.remote.reading import RemoteReader

_VECTORS = "vector file"
_BLOCK = 1 << 20  # bytes decompressed at once
# An encrypted zip raises RuntimeError, and a zip with an unknown method NotImplementedError.
_DAMAGED: tuple[type[Exception], ...] = (*DECOMPRESSION_ERRORS, RuntimeError, NotImplementedError)


@contextlib.contextmanager
def open_single(path: Path, kind: str = _VECTORS) -> Iterator[IO[bytes]]:
    """Open a file for reading, decompressed; an archive must hold exactly one file.

    Parameters
    ----------
    path : Path
        The file.
    kind : str
        The kind of file that the caller expects, for messages.

    Yields
    ------
    binary stream
        The decompressed bytes.

    Raises
    ------
    FormatError
        The file is missing, a directory, unreadable, a damaged archive, or an archive that does not
        hold exactly one file. Damage that shows while the block reads is reported in the same way.
    """
    try:
        _check_regular(path, kind)
        with path.open("rb") as raw:
            _check_one_member(path, raw)
            members = cast(Generator[tuple[str, IO[bytes]], None, None], members_of(path, raw))
            with contextlib.closing(members):
                yield next(members)[1]
    except FileNotFoundError:
        raise FormatError(missing_file(kind, path)) from None
    except _DAMAGED as error:
        # Only vectors are read by a command or function that can leave damage out.
        skip = (", or load what can be read with ", Argument("on_defect", "skip"))
        raise FormatError(
            f"{path} is damaged: it cannot be decompressed to its end ({error}); fetch it again",
            *(skip if kind == _VECTORS else ()),
            ".",
        ) from error
    except OSError as error:
        reason = error.strerror or error
        raise FormatError(f"Cannot read the {kind} {path}: {reason}.") from error


def _check_regular(path: Path, kind: str) -> None:
    if isinstance(path, Address):  # opening it shows the rest
        return
    if "\0" in str(path):
        raise FormatError(f"There is no {kind} {str(path)!r}: a name holds no NUL character.")
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise FormatError(f"{path} is a directory; name the {kind} in it.")
    if not stat.S_ISREG(mode):
        raise FormatError(f"{path} is a pipe or a device; write the {kind} to a file first.")


def open_for(path: Path, on_defect: str) -> contextlib.AbstractContextManager[IO[bytes]]:
    """Open with `open_single`, or with `open_up_to_damage` if on_defect is "skip"."""
    return open_single(path) if on_defect == "error" else open_up_to_damage(path)


class Damage(NamedTuple):
    """Where decompression failed: the offset in the decompressed bytes, and the reason."""

    offset: int
    reason: str


@contextlib.contextmanager
def open_up_to_damage(path: Path, kind: str = _VECTORS) -> Iterator[IO[bytes]]:
    """Open as `open_single` does, but let the stream end where decompression fails.

    `damage` then returns the place and the reason. Raises FormatError if nothing can be
    decompressed.
    """
    with open_single(path, kind) as stream:
        if plain_size(stream) is None:
            yield _UpToDamage(stream)
        else:
            yield stream


def damage(stream: IO[bytes]) -> Damage | None:
    """Return the damage, if any, that ended a stream of `open_up_to_damage` early."""
    return stream.source.damage if isinstance(stream, _UpToDamage) else None


class _UpToDamage(io.BufferedReader):
    """A stream that ends where its source cannot be decompressed any further."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.source = _Source(stream)
        super().__init__(self.source, _BLOCK)


class _Source(io.RawIOBase):
    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = cast(io.BufferedReader, stream)  # all decompressing streams have read1
        self._position = 0
        self.damage: Damage | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.damage:
            return 0
        try:
            data = self._stream.read1(len(buffer))
        except _DAMAGED as error:
            if not self._position:  # nothing has been read
                raise
            self.damage = Damage(self._position, str(error))
            return 0
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


class CountedFile(io.FileIO):
    """A file that counts the bytes that are read from it."""

    bytes_read = 0

    def readinto(self, buffer: Any) -> int | None:
        read = super().readinto(buffer)
        self.bytes_read += read or 0
        return read


def open_counted(path: Path) -> CountedFile | RemoteReader:
    """Open a file as it is stored, without a buffer; `bytes_read` counts what is read of it."""
    return path.open_raw() if isinstance(path, Address) else CountedFile(path)


def stored_size(path: Path) -> int | None:
    """Return the bytes of a file as it is stored; None where the server of an address is silent.

    Raises OSError where there is no file.
    """
    return path.size if isinstance(path, Address) else path.stat().st_size


@contextlib.contextmanager
def unchanged(path: Path) -> Iterator[CountedFile | RemoteReader]:
    """Open a file as `open_counted` does, and see at the end that it is what it was.

    At an address this is seen by its size and whatever else the server tells versions apart by,
    such as an ETag.

    Raises
    ------
    ChangedError
        The file was written to, cut or replaced.
    OSError
        It cannot be read.
    """
    before = _version(path)
    with open_counted(path) as raw:
        yield raw
    if _version(path) != before:
        raise ChangedError


class ChangedError(Exception):
    """A file changed while it was read."""


def _version(path: Path) -> tuple[object, ...]:
    if isinstance(path, Address):
        return (path.is_unchanged(),)
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def beginning(path: Path, size: int) -> bytes:
    """Return the first `size` bytes of a file, decompressed, or as many as can be read."""
    with open_up_to_damage(path) as stream:
        return stream.read(size)


def _check_one_member(path: Path, raw: IO[bytes]) -> None:
    names = member_names(path, raw)
    if not names:
        raise FormatError(f"{path} is an archive that holds no files.")
    if len(names) > 1:
        listed = ", ".join(name.removeprefix(f"{path}:") for name in names[:5])
        raise FormatError(
            f"{path} holds {len(names)} files ({listed}); extract one of them and name it."
        )


def plain_size(stream: IO[bytes]) -> int | None:
    """Return the size in bytes of an uncompressed file; None for a compressed one."""
    if not isinstance(stream, io.BufferedReader):
        return None
    if isinstance(stream.raw, RemoteReader):
        return stream.raw.size
    try:
        return os.fstat(stream.fileno()).st_size
    except OSError:
        return None


@contextlib.contextmanager
def written(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing, atomically, and compressed if its suffix implies it, such as .gz.

    Raises W2VError if it cannot be written; an old file at `path` then stays as it was.
    """
    with atomic_path(path) as temporary, _stream(path, temporary) as stream:
        yield stream


@contextlib.contextmanager
def written_together(first: Path, second: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Open two files that belong together for writing, as `written` does."""
    with (
        atomic_paths(first, second) as [one, other],
        _stream(first, one) as first_stream,
        _stream(second, other) as second_stream,
    ):
        yield first_stream, second_stream


@contextlib.contextmanager
def _stream(path: Path, temporary: Path) -> Iterator[IO[bytes]]:
    with temporary.open("wb") as raw, compressed(raw, path) as stream:
        yield stream
