"""Compressed files. The first bytes decide how a file is read, its suffix how it is written."""

import bz2
import contextlib
import gzip
import io
import lzma
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd  # the same module for older versions of Python


# The exceptions that the libraries below raise while they read a damaged archive.
DECOMPRESSION_ERRORS: tuple[type[Exception], ...] = (
    EOFError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zlib.error,
    zstd.ZstdError,
)

_GZIP, _XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
_BZIP2 = re.compile(rb"BZh[1-9](1AY&SY|\x17\x72\x45\x38\x50\x90)")  # BZh alone may begin a text
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_ZIP_BLOCK = 1 << 12  # bytes decompressed at once where zipfile does not limit this itself
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the second one begins an empty archive


def compression_of(path: Path) -> str | None:
    """Return how a file is compressed according to its first bytes; None if it is not."""
    with path.open("rb") as raw:
        return compression_in(raw.read(10))


def compression_in(content: bytes) -> str | None:
    """Return how content is compressed according to its first ten bytes; None if it is not."""
    kinds: dict[str, bytes | tuple[bytes, ...]]
    kinds = {"gzip": _GZIP, "xz": _XZ, "Zstandard": _ZSTANDARD, "zip": _ZIP}
    kind = next((name for name, start in kinds.items() if content.startswith(start)), None)
    return "bzip2" if _BZIP2.match(content) else kind


def open_members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Open a file, compressed or not, and yield its members.

    A zip archive has several members, which are yielded in the order of their names. Any other file
    is one member: gzip, bzip2, xz, Zstandard or uncompressed. The first bytes decide, not the name.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    name : str
        The path, followed in a zip archive by a colon and the member's name.
    stream : binary stream
        The decompressed bytes. Reading a damaged archive raises one of DECOMPRESSION_ERRORS.

    Raises
    ------
    OSError
        The file cannot be opened.
    """
    with path.open("rb") as raw:
        yield from members_of(path, raw)


def member_names(path: Path, raw: IO[bytes]) -> list[str]:
    """Return the names of the members that `members_of` yields; `raw` is at its start again."""
    magic = raw.read(10)
    raw.seek(0)
    if not magic.startswith(_ZIP):
        return [str(path)]
    names = [name for name, _ in members_of(path, raw)]
    raw.seek(0)
    return names


def members_of(path: Path, raw: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield members as `open_members` does, from the file `raw` that is already open."""
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
        size = raw.seek(0, 2)
        for member in sorted(archive.namelist()):
            if not member.endswith("/") and not member.startswith("__MACOSX/"):
                with _as_bad_zip():
                    _check_size(archive.getinfo(member), size)
                    stream = archive.open(member)
                    if archive.getinfo(member).compress_type not in _ZIP_IN_PARTS:
                        stream = io.BufferedReader(_InParts(stream), 1 << 16)
                with stream:
                    yield f"{path}:{member}", stream


_ZIP_IN_PARTS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class _InParts(io.RawIOBase):
    """A member of a zip archive that is decompressed in small blocks."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(min(len(buffer), _ZIP_BLOCK))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _check_size(member: zipfile.ZipInfo, available: int) -> None:
    """Raise BadZipFile if a member claims to be larger than the whole archive.

    zipfile would allocate the claimed size before it reads.
    """
    if member.compress_size > available:
        raise zipfile.BadZipFile(
            f"{member.filename} claims to take {member.compress_size:,} bytes, but the archive has"
            f" {available:,}"
        )


@contextlib.contextmanager
def _as_bad_zip() -> Iterator[None]:
    """Turn the other exceptions that zipfile raises for damaged archives into BadZipFile."""
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
        return cast(IO[bytes], zstd.open(raw, "rb"))
    return raw


SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zip")
_GZIP_LEVEL = 6  # gzip's own default; level 9 takes twice the time and saves one percent


def split_suffix(path: Path) -> tuple[Path, str]:
    """Return a path without its compression suffix, and this suffix in lower case, or ""."""
    suffix = path.suffix.lower()
    return (path.with_suffix(""), suffix) if suffix in SUFFIXES else (path, "")


@contextlib.contextmanager
def compressed(raw: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
    """Yield a stream that compresses into `raw` as the suffix of `path` implies, or `raw` itself.

    The same content always gives the same bytes: they hold neither the time nor a temporary name.
    """
    plain, suffix = split_suffix(path)
    if suffix == ".zip":
        with zipfile.ZipFile(raw, "w") as archive:
            member = zipfile.ZipInfo(plain.name)  # its date is fixed: 1980
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            with archive.open(member, "w", force_zip64=True) as stream:
                yield stream
    elif suffix:
        with _compressor(raw, suffix) as stream:
            yield stream
    else:
        yield raw


def _compressor(raw: IO[bytes], suffix: str) -> contextlib.AbstractContextManager[IO[bytes]]:
    if suffix == ".gz":
        gzipped = gzip.GzipFile("", "wb", _GZIP_LEVEL, raw, mtime=0)
        return cast(contextlib.AbstractContextManager[IO[bytes]], gzipped)
    if suffix == ".bz2":
        return cast(contextlib.AbstractContextManager[IO[bytes]], bz2.open(raw, "wb"))
    if suffix == ".xz":
        return cast(contextlib.AbstractContextManager[IO[bytes]], lzma.open(raw, "wb"))
    options: dict[int, int] = {zstd.CompressionParameter.checksum_flag: 1}
    return cast(contextlib.AbstractContextManager[IO[bytes]], zstd.open(raw, "wb", options=options))
