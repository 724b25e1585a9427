"""What is written where: by the name or by the format that is named; other tools read it."""

import bz2
import gzip
import importlib.util
import lzma
import os
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors as GensimVectors

import w2v
from w2v.compression import zstd
from w2v.errors import ConfigError, FormatError, W2VError
from w2v.formats import full_model, glove, projector
from w2v.formats.writing import writable_formats, write

WORDS = ["the", "né", "\xa0half", "北京", "e\u0301"]
ROWS = np.array([[1, -2.5], [1e-45, 3e38], [0, -0.0], [np.pi, 1e-8], [7, 8]], dtype=np.float32)
COUNTS = np.array([50, 40, 3, 2, 1])
SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zip")
READ_BACK = ["word2vec", "text", "glove", "safetensors", "npy"]
TYPICAL = {
    "word2vec": ".bin", "text": ".vec", "glove": ".txt", "safetensors": ".safetensors",
    "npy": ".npy", "projector": ".tsv",
}  # fmt: skip


@pytest.fixture
def vectors() -> w2v.KeyedVectors:
    return w2v.KeyedVectors(WORDS, ROWS, COUNTS)


@pytest.mark.parametrize("name", READ_BACK)
@pytest.mark.parametrize("compression", ["", *SUFFIXES])
def test_every_format_comes_back(tmp_path: Path, name: str, compression: str) -> None:
    path = tmp_path / f"x{TYPICAL[name]}{compression}"
    if compression and not writable_formats()[name].compresses:
        with pytest.raises(
            ConfigError, match=r"not compressed.*save .*x\.safetensors in the place"
        ):
            w2v.KeyedVectors(WORDS, ROWS).save(path)
        return
    write(path, name, WORDS, ROWS, COUNTS)
    found = w2v.load(path)
    assert found.index_to_key == WORDS
    assert found.vectors.tobytes() == ROWS.tobytes()
    assert (found.counts is not None) == writable_formats()[name].keeps_counts
    if found.counts is not None:
        assert found.counts.tolist() == COUNTS.tolist()
    assert w2v.describe_file(path).counts == writable_formats()[name].keeps_counts


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x.bin", "word2vec binary"),
        ("x", "word2vec binary"),
        ("x.w2v", "word2vec binary"),
        ("x.txt", "word2vec text"),
        ("x.VEC", "word2vec text"),
        ("x.vec.gz", "word2vec text"),
        ("x.gz", "word2vec binary"),
        ("x.npy", "NumPy"),
        ("x.safetensors", "vectors as safetensors"),
    ],
)
def test_save_goes_by_the_name(
    tmp_path: Path, vectors: w2v.KeyedVectors, name: str, expected: str
) -> None:
    vectors.save(tmp_path / name)
    assert w2v.describe_file(tmp_path / name).format == expected
    for binary, kind in ((True, "word2vec binary"), (False, "word2vec text")):
        vectors.save(tmp_path / f"forced{name}", binary=binary)
        assert w2v.describe_file(tmp_path / f"forced{name}").format == kind


@pytest.mark.parametrize(
    ("suffix", "decompress"),
    [
        (".gz", gzip.decompress),
        (".bz2", bz2.decompress),
        (".xz", lzma.decompress),
        (".zst", zstd.decompress),
    ],
)
def test_compressed_files_are_those_of_others_and_the_same_each_time(
    tmp_path: Path, vectors: w2v.KeyedVectors, suffix: str, decompress, monkeypatch
) -> None:
    vectors.save(tmp_path / "x.bin")
    vectors.save(tmp_path / f"x.bin{suffix}")
    first = (tmp_path / f"x.bin{suffix}").read_bytes()
    assert decompress(first) == (tmp_path / "x.bin").read_bytes()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 1e6)
    vectors.save(tmp_path / f"x.bin{suffix}")
    assert (tmp_path / f"x.bin{suffix}").read_bytes() == first


@pytest.mark.parametrize("word", ["a b", "a\tb", "a\v", "\0a", "\x1ca"])
def test_words_that_a_file_without_a_header_cannot_hold(tmp_path: Path, word: str) -> None:
    orders = [[word, "b"], ["b", word]]
    for words in orders[: 1 + (word[0] == "a")]:  # only the first line tells the format
        with pytest.raises(w2v.FormatError, match=f"Cannot write .*{re.escape(repr(word))}"):
            glove.write(tmp_path / "x.txt", words, np.ones((2, 3), np.float32))
    assert list(tmp_path.iterdir()) == []


def test_a_zip_holds_the_file_by_its_name(tmp_path: Path, vectors: w2v.KeyedVectors) -> None:
    vectors.save(tmp_path / "x.vec.zip")
    vectors.save(tmp_path / "x.vec")
    with zipfile.ZipFile(tmp_path / "x.vec.zip") as archive:
        assert archive.namelist() == ["x.vec"]
        assert archive.testzip() is None
        assert archive.read("x.vec") == (tmp_path / "x.vec").read_bytes()
        assert archive.getinfo("x.vec").date_time == (1980, 1, 1, 0, 0, 0)


@pytest.mark.parametrize("suffix", ["", *SUFFIXES])
@pytest.mark.parametrize("name", ["x.bin", "x.npy", "x.tsv"])
def test_a_write_that_fails_leaves_the_old_files(
    tmp_path: Path, vectors: w2v.KeyedVectors, name: str, suffix: str, monkeypatch
) -> None:
    vectors.save(tmp_path / f"{name}{suffix}")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(W2VError, match=r"^Cannot write .*: No space left on device\.$"):
        w2v.KeyedVectors(["other"], ROWS[:1]).save(tmp_path / f"{name}{suffix}")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", ["x.npy", "x.tsv"])
def test_of_two_files_none_is_replaced_before_both_are_whole(
    tmp_path: Path, vectors: w2v.KeyedVectors, name: str, monkeypatch
) -> None:
    vectors.save(tmp_path / name)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    synced = []

    def full_at_the_second(handle: int) -> None:
        synced.append(handle)
        if len(synced) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_at_the_second)
    with pytest.raises(W2VError, match=r"Cannot write .* and .*: No space left"):
        w2v.KeyedVectors(["other"], ROWS[:1]).save(tmp_path / name)
    assert len(synced) == 2
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


class TestOthers:
    @pytest.mark.parametrize(
        ("name", "options"),
        [
            ("word2vec", {"binary": True}),
            ("text", {"binary": False}),
            ("glove", {"binary": False, "no_header": True}),
        ],
    )
    @pytest.mark.parametrize("suffix", ["", ".gz", ".bz2"])
    # Without a header gensim counts the lines first, in a file that it does not close.
    @pytest.mark.filterwarnings("ignore::ResourceWarning")
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    def test_gensim(self, tmp_path: Path, name: str, options, suffix: str) -> None:
        path = tmp_path / f"x{TYPICAL[name]}{suffix}"
        write(path, name, WORDS, ROWS, None)
        theirs = GensimVectors.load_word2vec_format(str(path), **options)
        assert theirs.index_to_key == WORDS
        assert theirs.vectors.tobytes() == ROWS.tobytes()

    def test_spacy(self, tmp_path: Path) -> None:
        if importlib.util.find_spec("spacy") is None:
            pytest.skip("spaCy is not installed")
        words = [f"word{number}" for number in range(20)]
        rows = np.random.default_rng(6).standard_normal((20, 5)).astype(np.float32)
        w2v.KeyedVectors(words, rows).save(tmp_path / "x.txt")
        command = [sys.executable, "-W", "ignore", "-m", "spacy", "init", "vectors", "en"]
        subprocess.run([*command, "x.txt", "made"], cwd=tmp_path, check=True, capture_output=True)
        compare = (
            "import spacy, w2v, numpy as np; theirs = spacy.load('made'); ours = w2v.load('x.txt');"
            "[np.testing.assert_array_equal(theirs.vocab.get_vector(w), ours[w])"
            " for w in ours.index_to_key]"
        )
        subprocess.run([sys.executable, "-W", "ignore", "-c", compare], cwd=tmp_path, check=True)

    @pytest.mark.parametrize(
        ("name", "metadata"),
        [("vectors.tsv", "metadata.tsv"), ("toy.tsv", "toy-metadata.tsv"),
         ("metadata.tsv", "metadata-metadata.tsv"), ("toy", "toy-metadata")],
    )  # fmt: skip
    def test_the_projector(self, tmp_path: Path, name: str, metadata: str) -> None:
        projector.write(tmp_path / name, WORDS, ROWS)
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, metadata])
        rows = np.loadtxt(tmp_path / name, delimiter="\t", dtype=np.float32)
        assert rows.tobytes() == ROWS.tobytes()
        text = (tmp_path / metadata).read_bytes().decode()
        assert text.split("\n") == [*WORDS, ""]

    @pytest.mark.parametrize("word", ["a\tb", "a\nb", "a\r"])
    def test_words_that_the_projector_cannot_hold(self, tmp_path: Path, word: str) -> None:
        with pytest.raises(FormatError, match="holds a tab or a line break"):
            projector.write(tmp_path / "x.tsv", ["fine", word], ROWS[:2])
        projector.write(tmp_path / "x.tsv", ["fine", "new york"], ROWS[:2])
        with pytest.raises(FormatError, match="separated by tabs and no words"):
            w2v.load(tmp_path / "x.tsv")


class TestVectorsAlone:
    """The safetensors file without output vectors and settings."""

    @pytest.mark.parametrize("counts", [None, COUNTS])
    def test_load_reads_it_and_load_model_says_what_it_is(self, tmp_path: Path, counts) -> None:
        path = tmp_path / "x.safetensors"
        words = [*WORDS[:4], "new york"]
        full_model.write_vectors(path, words, ROWS, counts)
        found = w2v.load(path)
        assert found.index_to_key == words
        assert found.vectors.tobytes() == ROWS.tobytes()
        assert (found.counts is None) == (counts is None)
        assert w2v.load(path, limit=2).index_to_key == words[:2]
        with pytest.raises(
            FormatError, match=r"holds word vectors alone, .* in Python use w2v\.load\."
        ):
            w2v.load_model(path)
        assert w2v.describe_file(path).format == "vectors as safetensors"

    def test_the_vectors_lie_in_one_piece(self, tmp_path: Path) -> None:
        """So that they can be mapped."""
        path = tmp_path / "x.safetensors"
        full_model.write_vectors(path, WORDS, ROWS, COUNTS)
        assert ROWS.tobytes() in path.read_bytes()

    def test_bad_tables_are_not_written(self, tmp_path: Path) -> None:
        for words, rows in ((["a", "a"], ROWS[:2]), (["", "a"], ROWS[:2]), (["a"], ROWS[:2])):
            with pytest.raises(FormatError, match="Cannot write"):
                full_model.write_vectors(tmp_path / "x.safetensors", words, rows)
        assert list(tmp_path.iterdir()) == []
