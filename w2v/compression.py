"""Compressed files: read by their first bytes, written by the end of their name."""

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
    from backports import zstd  # the same, for older versions


# What a damaged archive raises while it is read, by the libraries used below.
DECOMPRESSION_ERRORS: tuple[type[Exception], ...] = (
    EOFError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zlib.error,
    zstd.ZstdError,
)

_GZIP, _XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
_BZIP2 = re.compile(rb"BZh[1-9](1AY&SY|\x17\x72\x45\x38\x50\x90)")  # a text may begin with BZh
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_ZIP_BLOCK = 1 << 12  # of the zip methods that the library does not decompress in parts
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the second of one that holds nothing


def compression_of(path: Path) -> str | None:
    """Return how a file is compressed, by its first bytes, or None where it is not."""
    with path.open("rb") as raw:
        return compression_in(raw.read(10))


def compression_in(content: bytes) -> str | None:
    """Return how a content is compressed, by its first ten bytes, or None where it is not."""
    kinds: dict[str, bytes | tuple[bytes, ...]]
    kinds = {"gzip": _GZIP, "xz": _XZ, "Zstandard": _ZSTANDARD, "zip": _ZIP}
    kind = next((name for name, start in kinds.items() if content.startswith(start)), None)
    return "bzip2" if _BZIP2.match(content) else kind


def open_members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield (name, binary stream) for what the file holds, decompressed.

    The first bytes say how it is compressed, not the name: gzip, bzip2, xz, Zstandard, zip (each
    of its files in turn, by name), or plain. Every other kind holds one member, named as `path`.

    Raises OSError where the file cannot be opened; reading a damaged archive raises one of
    DECOMPRESSION_ERRORS.
    """
    with path.open("rb") as raw:
        yield from members_of(path, raw)


def members_of(path: Path, raw: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield what `open_members` does, from a file that is open already."""
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
                    _check_size(archive.getinfo(member), path.stat().st_size)
                    stream = archive.open(member)
                    if archive.getinfo(member).compress_type not in _ZIP_IN_PARTS:
                        stream = io.BufferedReader(_InParts(stream), 1 << 16)
                with stream:
                    yield f"{path}:{member}", stream


_ZIP_IN_PARTS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class _InParts(io.RawIOBase):
    """A member of a zip archive; few of its bytes are decompressed at once."""

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
    """Raise BadZipFile where a member is said to take more bytes than the whole archive has.

    The zip library would allocate so many before it reads them.
    """
    if member.compress_size > available:
        raise zipfile.BadZipFile(
            f"{member.filename} is said to take {member.compress_size:,} bytes, of an archive of"
            f" {available:,}"
        )


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
        return cast(IO[bytes], zstd.open(raw, "rb"))
    return raw


SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zip")
_GZIP_LEVEL = 6  # as the program's own: level 9 takes twice the time for a percent


def split_suffix(path: Path) -> tuple[Path, str]:
    """Return a path without the suffix of a compressed file, and this suffix, or ""."""
    suffix = path.suffix.lower()
    return (path.with_suffix(""), suffix) if suffix in SUFFIXES else (path, "")


@contextlib.contextmanager
def compressed(raw: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
    """Yield a stream that compresses into `raw` as the name of `path` says, or `raw` itself.

    The bytes are the same every time: neither a time nor the name of a temporary file is in them.
    """
    plain, suffix = split_suffix(path)
    if suffix == ".zip":
        with zipfile.ZipFile(raw, "w") as archive:
            member = zipfile.ZipInfo(plain.name)  # of 1980
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
