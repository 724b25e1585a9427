"""Compressed files are told by content, damage is noticed, and no file is ever half-written."""

import bz2
import errno
import functools
import gzip
import io
import lzma
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import w2v
from w2v import locks
from w2v.compression import DECOMPRESSION_ERRORS, open_members, zstd
from w2v.errors import FormatError, KeptError, W2VError
from w2v.files import atomic_write, try_writing
from w2v.locks import locked_directory
from w2v.opening import open_single, plain_size

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
    "zst": zstd.compress,
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
        options = {zstd.CompressionParameter.checksum_flag: 1}
        compress = functools.partial(zstd.compress, options=options)
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
    with pytest.raises(FormatError, match="an archive that holds no files"), open_single(path):
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


def refuse_to_rename(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let the system refuse to rename anything to these names, as a foreign file may."""
    replace = Path.replace

    def refused(self: Path, target: Path) -> Path:
        if Path(target).name in names:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refused)


class TestWhatCannotBeRenamed:
    def test_a_finished_file_is_kept_beside(self, tmp_path: Path, monkeypatch) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"old")
        refuse_to_rename(monkeypatch, "file")
        for number, kept in enumerate(("finished-file", "finished-2-file")):
            sentence = rf"^Cannot write .*: .* not permitted; the new content is in .*/{kept}\.$"
            with pytest.raises(KeptError, match=sentence), atomic_write(path) as stream:
                stream.write(b"new %d" % number)
            assert (tmp_path / kept).read_bytes() == b"new %d" % number
        assert path.read_bytes() == b"old"
        assert len(list(tmp_path.iterdir())) == 3

    @pytest.mark.parametrize("refused", ["x.npy", "x.vocab", "metadata.tsv"])
    @pytest.mark.parametrize("before", [True, False])
    def test_of_two_files_both(
        self, tmp_path: Path, monkeypatch, refused: str, before: bool
    ) -> None:
        path = tmp_path / ("vectors.tsv" if refused == "metadata.tsv" else "x.npy")
        if before:
            w2v.KeyedVectors(["old"], [[1.0]]).save(path)
        old = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
        refuse_to_rename(monkeypatch, refused)
        with pytest.raises(KeptError, match=r"is in .*finished-.* and .*finished-"):
            w2v.KeyedVectors(["new", "words"], np.eye(2)).save(path)
        monkeypatch.undo()
        found = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
        assert {name for name in found if "finished-" in name} == {
            f"finished-{name}"
            for name in (["x.npy", "x.vocab"] if refused[0] == "x" else [path.name, refused])
        }
        assert {name: data for name, data in found.items() if "finished-" not in name} == old
        if refused[0] == "x":
            assert w2v.load(tmp_path / "finished-x.npy").index_to_key == ["new", "words"]


class TestTryWriting:
    def test_it_changes_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        try_writing(path)
        assert list(tmp_path.iterdir()) == []
        path.write_bytes(b"old")
        before = path.stat()
        try_writing(path)
        assert list(tmp_path.iterdir()) == [path]
        assert path.stat() == before

    def test_a_file_that_may_not_be_replaced(self, tmp_path: Path, monkeypatch) -> None:
        """As the system refuses it; tests/test_faults.py has the real thing."""
        path = tmp_path / "file"
        path.write_bytes(b"old")
        rename = Path.rename

        def refused(self: Path, target: Path) -> Path:
            if Path(target) == path:
                raise OSError(errno.EPERM, os.strerror(errno.EPERM))
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", refused)
        with pytest.raises(W2VError, match=r"^Cannot write .*file: Operation not permitted\.$"):
            try_writing(path)
        assert list(tmp_path.iterdir()) == [path]


class TestLinks:
    @pytest.mark.parametrize("old", [b"old", None])
    def test_a_link_stays_one(self, tmp_path: Path, old: bytes | None) -> None:
        """Also one that leads to what is not there yet."""
        (tmp_path / "elsewhere").mkdir()
        target, link = tmp_path / "elsewhere" / "target", tmp_path / "link"
        if old is not None:
            target.write_bytes(old)
        link.symlink_to("elsewhere/target")
        try_writing(link)
        with atomic_write(link) as stream:
            stream.write(b"new")
            assert [path.name for path in tmp_path.iterdir() if path.name[0] == "."] == []
        assert link.is_symlink()
        assert target.read_bytes() == b"new"
        assert not target.is_symlink()

    @pytest.mark.parametrize(
        ("target", "sentence"),
        [
            ("missing/target", "the directory .*missing does not exist"),
            ("link", "it is a link that leads back to itself"),
            (".", "it is a directory"),
        ],
    )
    def test_a_link_that_leads_nowhere(self, tmp_path: Path, target: str, sentence: str) -> None:
        (tmp_path / "link").symlink_to(target)
        with pytest.raises(W2VError, match=f"^Cannot write .*link: {sentence}"):
            try_writing(tmp_path / "link")
        assert len(list(tmp_path.iterdir())) == 1


def test_the_lock_of_a_directory_is_waited_for_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_PATIENCE", 0.01)
    with locked_directory(tmp_path), locked_directory(tmp_path):
        w2v.KeyedVectors(["a"], [[1.0]]).save(tmp_path / "x.npy")
    assert w2v.load(tmp_path / "x.npy").index_to_key == ["a"]
