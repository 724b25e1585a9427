"""Compressed files are told by content, damage is noticed, and no file is ever half-written."""

import bz2
import gzip
import io
import lzma
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zstandard

from w2v.compression import DECOMPRESSION_ERRORS, open_members
from w2v.errors import FormatError, W2VError
from w2v.files import atomic_write
from w2v.formats.opening import open_single, plain_size

CONTENT = np.random.default_rng(4).integers(97, 107, 300_000, dtype=np.uint8).tobytes()


def zipped(content: bytes, *names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("inside.txt",):
            archive.writestr(name, content)
    return buffer.getvalue()


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.ZstdCompressor().compress,
    "zip": zipped,
}
compressions = pytest.mark.parametrize("compress", COMPRESSIONS.values(), ids=COMPRESSIONS.keys())


def members(path: Path) -> dict[str, bytes]:
    return {name: stream.read() for name, stream in open_members(path)}


def written(directory: Path, content: bytes) -> Path:
    path = directory / "no_suffix"
    path.write_bytes(content)
    return path


@compressions
def test_every_compression_is_told_by_content(tmp_path: Path, compress) -> None:
    path = written(tmp_path, compress(CONTENT))
    assert list(members(path).values()) == [CONTENT]
    with open_single(path) as stream:
        assert plain_size(stream) is None
        assert stream.readline(5) + stream.read() == CONTENT


def test_plain_file(tmp_path: Path) -> None:
    path = written(tmp_path, CONTENT)
    assert members(path) == {str(path): CONTENT}
    with open_single(path) as stream:
        assert plain_size(stream) == len(CONTENT)


@pytest.mark.parametrize("name", ["gz", "bz2", "xz", "zst"])
def test_members_that_follow_one_another(tmp_path: Path, name: str) -> None:
    compress = COMPRESSIONS[name]
    path = written(tmp_path, compress(CONTENT) + compress(b"the rest"))
    assert list(members(path).values()) == [CONTENT + b"the rest"]


@compressions
@pytest.mark.parametrize("share", [0.05, 0.5, 0.99])
def test_truncated_archives_are_noticed(tmp_path: Path, compress, share: float) -> None:
    whole = compress(CONTENT)
    path = written(tmp_path, whole[: int(len(whole) * share)])
    with pytest.raises(DECOMPRESSION_ERRORS):
        members(path)
    with pytest.raises(FormatError, match="is damaged"), open_single(path) as stream:
        stream.read()


@compressions
def test_flipped_bits_are_noticed(tmp_path: Path, compress) -> None:
    if compress is COMPRESSIONS["zst"]:
        compress = zstandard.ZstdCompressor(write_checksum=True).compress
    damaged = bytearray(compress(CONTENT))
    damaged[len(damaged) // 2] ^= 0xFF
    path = written(tmp_path, bytes(damaged))
    with pytest.raises((*DECOMPRESSION_ERRORS, OSError)):
        members(path)
    with pytest.raises(FormatError), open_single(path) as stream:
        stream.read()


def test_zip_members_come_by_name_without_directories(tmp_path: Path) -> None:
    path = written(tmp_path, zipped(b"x", "b.txt", "a.txt", "empty/"))
    assert list(members(path)) == [f"{path}:a.txt", f"{path}:b.txt"]
    with pytest.raises(FormatError, match=r"holds 2 files \(a.txt, b.txt\)"), open_single(path):
        pass


def test_zip_without_files(tmp_path: Path) -> None:
    path = written(tmp_path, zipped(b"", "only/"))
    with pytest.raises(FormatError, match="without files"), open_single(path):
        pass


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="There is no vector file"), open_single(tmp_path / "no"):
        pass
    with pytest.raises(FormatError, match="is a directory"), open_single(tmp_path):
        pass


def test_atomic_write_replaces_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with atomic_write(path) as stream:
        stream.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_atomic_write_keeps_the_old_file_on_failure(tmp_path: Path, error) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(error), atomic_write(path) as stream:
        stream.write(b"half of the new")
        raise error
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_atomic_write_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(W2VError, match="does not exist"), atomic_write(tmp_path / "no" / "file"):
        pass
    with pytest.raises(W2VError, match="is a directory"), atomic_write(tmp_path):
        pass
    with pytest.raises(W2VError, match="No space left"), atomic_write(tmp_path / "full"):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_begins_like_bzip2_is_a_text(tmp_path):
    path = tmp_path / "names.txt"
    path.write_bytes(b"BZhang wrote this\n")
    assert [stream.read() for _, stream in open_members(path)] == [b"BZhang wrote this\n"]


def test_an_empty_bzip2_file_is_empty(tmp_path):
    path = tmp_path / "empty.bz2"
    path.write_bytes(bz2.compress(b""))
    assert [stream.read() for _, stream in open_members(path)] == [b""]


def test_what_a_mac_adds_to_a_zip_is_left_out(tmp_path):
    path = tmp_path / "text.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("text.txt", "a b c")
        archive.writestr("__MACOSX/._text.txt", b"\x00\x05\x16\x07")
    assert [stream.read() for _, stream in open_members(path)] == [b"a b c"]
