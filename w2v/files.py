"""Opening files that may be compressed, and writing files so that none is ever half-written."""

import bz2
import contextlib
import gzip
import io
import lzma
import os
import re
import secrets
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from w2v.errors import W2VError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def _zstandard_errors() -> tuple[type[Exception], ...]:
    """Return what Python's own reader of Zstandard raises; ours below raises EOFError."""
    if sys.version_info >= (3, 14):
        with contextlib.suppress(ImportError):  # a Python built without it
            from compression.zstd import ZstdError  # noqa: PLC0415

            return (ZstdError,)
    return ()


# What a damaged archive raises while it is read, by the libraries used below.
DECOMPRESSION_ERRORS: tuple[type[Exception], ...] = (
    *_zstandard_errors(),
    EOFError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zlib.error,
)

_GZIP, _XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
_BZIP2 = re.compile(rb"BZh[1-9](1AY&SY|\x17\x72\x45\x38\x50\x90)")  # a text may begin with BZh
_ZSTANDARD, _ZIP = b"\x28\xb5\x2f\xfd", b"PK\x03\x04"


def open_members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield (name, binary stream) for what the file holds, decompressed.

    The kind is told by the first bytes, not by the name: gzip, bzip2, xz, Zstandard, zip (each
    of its files in turn, by name), or plain. Every other kind holds one member, named as `path`.

    Raises OSError where the file cannot be opened; reading a damaged archive raises one of
    DECOMPRESSION_ERRORS.
    """
    with path.open("rb") as raw:
        magic = raw.read(10)
        raw.seek(0)
        if magic.startswith(_ZIP):
            yield from _open_zip(path, raw)
        else:
            with _decompress(raw, magic) as stream:
                yield str(path), stream


def _open_zip(path: Path, raw: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    with _as_bad_zip():
        archive = zipfile.ZipFile(raw)
    with archive:
        for member in sorted(archive.namelist()):
            if not member.endswith("/") and not member.startswith("__MACOSX/"):
                with _as_bad_zip():
                    stream = archive.open(member)
                with stream:
                    yield f"{path}:{member}", stream


@contextlib.contextmanager
def _as_bad_zip() -> Iterator[None]:
    """Raise BadZipFile for whatever else the zip library raises where an archive is damaged."""
    try:
        yield
    except (ValueError, struct.error, OverflowError) as error:
        raise zipfile.BadZipFile(str(error)) from error


def _decompress(raw: IO[bytes], magic: bytes) -> IO[bytes]:
    if magic.startswith(_GZIP):
        return cast(IO[bytes], gzip.open(raw, "rb"))
    if _BZIP2.match(magic):
        return cast(IO[bytes], bz2.open(raw, "rb"))
    if magic.startswith(_XZ):
        return cast(IO[bytes], lzma.open(raw, "rb"))
    if magic.startswith(_ZSTANDARD):
        return _open_zstandard(raw)
    return raw


def _open_zstandard(raw: IO[bytes]) -> IO[bytes]:
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415

        stream: IO[bytes] = zstd.open(raw, "rb")
        return stream
    return io.BufferedReader(_ZstandardReader(raw), 1 << 20)


class _ZstandardReader(io.RawIOBase):
    """Decompress Zstandard frames one after another.

    The package's own stream reader takes a file that was cut off for a complete one; here the
    end of the file inside a frame raises EOFError.
    """

    def __init__(self, raw: IO[bytes]) -> None:
        import zstandard  # noqa: PLC0415  (only where such a file is read)

        self._raw = raw
        self._new_frame = zstandard.ZstdDecompressor().decompressobj
        self._frame: Any = None
        self._damage = zstandard.ZstdError
        self._compressed = b""
        self._decompressed = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._decompressed:
            if not self._compressed:
                self._compressed = self._raw.read(1 << 17)
            if not self._compressed:
                if self._frame is not None:
                    raise EOFError("the compressed data ends before its end marker")
                return 0
            self._decompressed = memoryview(self._decompress_some())
        size = min(len(buffer), len(self._decompressed))
        buffer[:size] = self._decompressed[:size]
        self._decompressed = self._decompressed[size:]
        return size

    def _decompress_some(self) -> bytes:
        self._frame = self._frame or self._new_frame()
        try:
            data: bytes = self._frame.decompress(self._compressed)
        except self._damage as error:
            raise EOFError(str(error)) from error
        self._compressed = b""
        if self._frame.eof:
            self._compressed = self._frame.unused_data
            self._frame = None
        return data


# Files that must not outlive the process: unfinished output and copies of streams.
TEMPORARIES: set[Path] = set()
_ABANDONED_AFTER = 60.0  # seconds without a change


def remove_temporaries() -> None:
    """Remove all temporary files, in a process that is about to end without cleaning up."""
    for path in list(TEMPORARIES):
        with contextlib.suppress(OSError):
            path.unlink()


class Temporary:
    """A file that must not outlive the process, made where nobody else has one.

    It is noted before it is there, so that an interrupt at any moment leaves none behind. What a
    killed process could not remove, the next one does that makes a file of the same kind: its
    process holds a lock on it, which ends with the process.

    directory, prefix, suffix: the file is directory / (prefix + eight letters + suffix).

    Raises OSError where it cannot be made.
    """

    def __init__(self, directory: Path, prefix: str, suffix: str) -> None:
        _remove_abandoned(directory, re.escape(prefix) + r"\w{8}" + re.escape(suffix))
        self.path = directory / f"{prefix}{secrets.token_hex(4)}{suffix}"
        self._handle: int | None = None
        TEMPORARIES.add(self.path)
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:
            TEMPORARIES.discard(self.path)
            raise
        if fcntl is None:
            os.close(handle)
            return
        self._handle = handle
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def rename(self, path: Path) -> None:
        """Let it become a lasting file, in the place of what is there."""
        self.path.replace(path)
        self._forget()

    def remove(self) -> None:
        """Remove it, if it is still there."""
        self.path.unlink(missing_ok=True)
        self._forget()

    def _forget(self) -> None:
        TEMPORARIES.discard(self.path)
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _remove_abandoned(directory: Path, pattern: str) -> None:
    """Remove temporary files whose process was killed: a minute old, and locked by nobody."""
    if fcntl is None:
        return
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if re.fullmatch(pattern, entry.name) and entry.is_file(follow_symlinks=False):
                # A lock may not be seen from another machine, and comes a moment after the file.
                if time.time() - entry.stat().st_mtime < _ABANDONED_AFTER:
                    continue
                with contextlib.suppress(OSError):  # locked, or another user's
                    _remove_unlocked(entry.path)


def _remove_unlocked(path: str) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        Path(path).unlink()
    finally:
        os.close(handle)


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside `path` for binary writing; rename it over `path` at the end.

    The data is flushed and synced first, so `path` holds either its old content or all of the
    new one, whatever happens. On an exception the temporary file is removed.

    Raises W2VError with a sentence when the directory is missing or cannot be written, or when
    the disk is full.
    """
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        yield stream


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Like `atomic_write`, for a library that wants the name of a file and not a stream."""
    check_writable(path)
    temporary: Temporary | None = None
    try:
        temporary = temporary_beside(path)
        yield temporary.path
        with temporary.path.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.path.chmod(_default_mode(path))
        temporary.rename(path)
    except OSError as error:
        raise W2VError(f"Cannot write {path}: {error.strerror or error}.") from error
    finally:
        if temporary is not None:
            temporary.remove()


def temporary_beside(path: Path) -> Temporary:
    """Make a hidden file in the directory of `path`, where it can be renamed to it."""
    return Temporary(path.parent, f".{path.name}.", ".part")


def check_writable(path: Path) -> None:
    """Raise W2VError with a sentence where a file `path` could not be written."""
    try:
        _check_place(path)
    except OSError as error:  # the name is too long, for one
        raise W2VError(f"Cannot write {path}: {error.strerror or error}.") from error


def _check_place(path: Path) -> None:
    directory = path.parent
    if not directory.is_dir():
        raise W2VError(f"Cannot write {path}: the directory {directory} does not exist; create it.")
    if path.is_dir():
        raise W2VError(f"Cannot write {path}: it is a directory; name a file in it.")
    if path.exists() and not path.is_file():
        # Renaming over a device such as /dev/null would replace the device.
        raise W2VError(f"Cannot write {path}: it is a device or a pipe; name an ordinary file.")
    if not os.access(directory, os.W_OK | os.X_OK):
        raise W2VError(f"Cannot write {path}: no permission to write in {directory}.")
    if path.exists() and not os.access(path, os.W_OK):
        # Renaming over it would work, but is not what its owner wants.
        raise W2VError(f"Cannot write {path}: the file is protected from writing; name another.")


def is_same_file(first: Path, second: Path) -> bool:
    """Return whether two names lead to one file, which need not exist."""
    try:
        return first.samefile(second)
    except OSError:
        return first.resolve() == second.resolve()


def _default_mode(path: Path) -> int:
    """Return the mode that open() would have given: the old file's, or 0o666 less the umask."""
    with contextlib.suppress(OSError):
        return path.stat().st_mode & 0o7777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
