"""Vectors that are mapped: no copy, the same answers, and clear errors where a file cannot be."""

from pathlib import Path

import numpy as np
import pytest
from vector_files import CHOICES, ROWS, WIDTH, WORDS, check, write_all

import w2v
from w2v.formats import full_model


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_all(tmp_path_factory.mktemp("files"))


class TestMapping:
    @pytest.fixture
    def path(self, directory: Path, tmp_path: Path) -> Path:
        path = tmp_path / "a.safetensors"
        path.write_bytes((directory / path.name).read_bytes())
        return path

    def test_it_is_a_view_into_the_file(self, path: Path) -> None:
        found = w2v.load(path, mmap=True)
        check(found, "a.safetensors", None, None)
        assert not found.vectors.flags.owndata
        assert not found.vectors.flags.writeable
        mapped = Path("/proc/self/maps")
        assert not mapped.exists() or str(path) in mapped.read_text()
        plain = w2v.load(path)
        assert found.most_similar("京都", topn=9) == plain.most_similar("京都", topn=9)
        assert found.distances("京都").tolist() == plain.distances("京都").tolist()

    @pytest.mark.parametrize("limit", [None, 8, 1700])
    @pytest.mark.parametrize("words", [None, CHOICES[2]], ids=["all", "some"])
    def test_words_and_limit(self, path: Path, words, limit) -> None:
        check(w2v.load(path, words=words, limit=limit, mmap=True), "a.safetensors", limit, words)

    def test_the_file_may_be_replaced_or_removed(self, path: Path) -> None:
        found = w2v.load(path, mmap=True)
        model = full_model.FullModel(["a"], np.ones(1, np.int64), ROWS[:1], ROWS[:1], {})
        full_model.write(path, model)
        check(found, "a.safetensors", None, None)
        assert len(w2v.load(path, mmap=True)) == 1
        path.unlink()
        check(found, "a.safetensors", None, None)

    @pytest.mark.parametrize("mmap", [False, True])
    def test_a_damaged_file(self, path: Path, mmap: bool) -> None:
        content = path.read_bytes()
        header = int.from_bytes(content[:8], "little")
        for end in (9, 40, header, header + 8, header + 900, len(content) // 2, len(content) - 1):
            path.write_bytes(content[:end])
            with pytest.raises(w2v.FormatError) as caught:
                w2v.load(path, mmap=mmap)
            assert str(path) in str(caught.value)
            assert str(caught.value).endswith(".")
        for old, new in [
            (b'"F32"', b'"F64"'), (b'"shape":[3000,20]', b'"shape":[3000,21]'),
            (b'"shape":[3000,20]', b'"shape":[3000,-2]'),
            (b'"shape":[3000,20]', b'"shape":[3000   ]'),
            (b'"dtype"', b'"dtipe"'), (b"w2v-model", b"w2v-muddl"), (b'"counts"', b'"count2"'),
            ("京都".encode(), b"\xff" * 6), ("京都".encode(), b"w\xc3\xb6rd2"[:6]),
        ]:  # fmt: skip
            path.write_bytes(content.replace(old, new))
            with pytest.raises(w2v.FormatError) as caught:
                w2v.load(path, mmap=mmap)
            assert str(path) in str(caught.value)

    def test_numbers_are_not_checked(self, path: Path) -> None:
        content = path.read_bytes()
        assert content.count(ROWS[11].tobytes()) == 1
        bad = np.full(WIDTH, np.nan, np.float32).tobytes()
        path.write_bytes(content.replace(ROWS[11].tobytes(), bad))
        assert np.isnan(w2v.load(path, mmap=True)[WORDS[11]]).all()
        with pytest.raises(w2v.FormatError, match="not finite"):
            w2v.load(path)

    @pytest.mark.parametrize("name", ["a.bin", "a.txt", "a.bin.gz"])
    def test_formats_that_cannot_be_mapped(self, directory: Path, name: str) -> None:
        path = directory / name
        said = rf"cannot be mapped; convert it .* 'w2v convert {path} a\.safetensors'\."
        with pytest.raises(w2v.ConfigError, match=said):
            w2v.load(path, mmap=True)

    def test_options_for_words_hold_for_a_mapped_matrix(self, tmp_path: Path) -> None:
        np.save(tmp_path / "m.npy", ROWS[:3])
        (tmp_path / "m.vocab").write_bytes(b"a\nb\xff\na\n")
        with pytest.raises(w2v.FormatError, match="use invalid_utf8='replace'"):
            w2v.load(tmp_path / "m.npy", mmap=True)
        with pytest.warns(UserWarning, match="1 duplicate words"):
            found = w2v.load(
                tmp_path / "m.npy", mmap=True, invalid_utf8="replace", on_defect="skip"
            )
        assert found.index_to_key == ["a", "b\ufffd"]
        np.testing.assert_array_equal(found.vectors, ROWS[:2])

    def test_a_compressed_model(self, directory: Path) -> None:
        with pytest.raises(w2v.ConfigError, match="compressed and cannot be mapped; decompress"):
            w2v.load(directory / "a.safetensors.gz", mmap=True)
        with pytest.raises(w2v.FormatError, match="compressed full model; decompress"):
            w2v.load(directory / "a.safetensors.gz")

    def test_another_dtype(self, path: Path) -> None:
        with pytest.raises(w2v.ConfigError, match="float32; to hold them as int8, load it without"):
            w2v.load(path, mmap=True, dtype="int8")
