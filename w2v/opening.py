"""Opens files, compressed or not, for reading and writing; any failure is one clear sentence."""

import contextlib
import io
import os
import stat
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from w2v.compression import DECOMPRESSION_ERRORS, compressed, open_members
from w2v.errors import Argument, FormatError
from w2v.files import atomic_path, atomic_paths
from w2v.places import missing_file

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
        _check_one_member(path)
        members = cast(Generator[tuple[str, IO[bytes]], None, None], open_members(path))
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


def beginning(path: Path, size: int) -> bytes:
    """Return the first `size` bytes of a file, decompressed, or as many as can be read."""
    with open_up_to_damage(path) as stream:
        return stream.read(size)


def _check_one_member(path: Path) -> None:
    names = [name for name, _ in open_members(path)]
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
