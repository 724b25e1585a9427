"""NumPy's matrix and the vocabulary file beside it: round trips, other writers, every damage."""

import gzip
import io
import pickle
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from test_word2vec_binary_any import tables

import w2v
from w2v.errors import ConfigError, FormatError, W2VError
from w2v.formats import npy, npy_rows, vocabulary_file

WORDS = ["the", "né", "\xa0half", "北京"]
ROWS = np.arange(8, dtype=np.float32).reshape(4, 2) / 7
COUNTS = np.array([9, 5, 5, 1])


def npy_bytes(array: np.ndarray, **options) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def pair(directory: Path, matrix: bytes, vocabulary: bytes = b"a\nb\nc\n") -> Path:
    (directory / "x.vocab").write_bytes(vocabulary)
    (directory / "x.npy").write_bytes(matrix)
    return directory / "x.npy"


@pytest.mark.parametrize("counts", [None, COUNTS])
def test_numpy_reads_the_matrix_and_the_eye_the_words(tmp_path: Path, counts) -> None:
    path = tmp_path / "x.npy"
    npy.write(path, WORDS, ROWS, counts)
    assert np.load(path, allow_pickle=False).tobytes() == ROWS.tobytes()
    # But for the white space that ends the header, the bytes are NumPy's.
    assert len(path.read_bytes()) == len(npy_bytes(ROWS))
    assert path.read_bytes().replace(b"\t", b" ") == npy_bytes(ROWS)
    ends = [""] * 4 if counts is None else [f" {count}" for count in counts]
    lines = [word + end + "\n" for word, end in zip(WORDS, ends, strict=True)]
    assert (tmp_path / "x.vocab").read_bytes().decode() == "".join(lines)
    found = w2v.load(path)
    assert found.index_to_key == WORDS
    assert found.vectors.tobytes() == ROWS.tobytes()
    assert (found.counts is None) if counts is None else found.counts.tolist() == COUNTS.tolist()


@examples(60)
@given(tables())
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, table) -> None:
    words = [re.sub("[ \t\n\v\f\r]", "", word) + "." for word in table[0]]
    words = [f"{number}{word}" for number, word in enumerate(words)]
    path = tmp_path_factory.mktemp("npy") / "x.npy"
    npy.write(path, words, table[1])
    found = npy.read(path)
    assert found.words == words
    assert found.matrix.tobytes() == table[1].tobytes()


@pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8", ">f4", ">f8"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_matrices_that_numpy_wrote(tmp_path: Path, dtype: str, order: str, pack) -> None:
    rows = np.random.default_rng(5).standard_normal((3, 400)).astype(dtype)
    path = pair(tmp_path, pack(npy_bytes(np.asarray(rows, order=order))))
    np.testing.assert_array_equal(w2v.load(path).vectors, rows.astype(np.float32), strict=True)
    assert w2v.load(path, limit=2).index_to_key == ["a", "b"]
    assert len(w2v.load(path, limit=0)) == 0
    assert w2v.describe_file(path).dtype == np.dtype(dtype).name
    assert list(w2v.check_file(path)) == []


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_both_versions_of_the_header(tmp_path: Path, version: tuple[int, int]) -> None:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, ROWS[:3], version=version)
    assert w2v.load(pair(tmp_path, stream.getvalue())).vectors.tobytes() == ROWS[:3].tobytes()


@pytest.mark.parametrize("block", [1, 9, 100])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_blocks_of_any_size(tmp_path: Path, block: int, pack, monkeypatch) -> None:
    monkeypatch.setattr(npy_rows, "_BLOCK", block)
    rows = np.arange(200, dtype=np.float32).reshape(50, 4)
    words = [f"w{number}" for number in range(50)]
    path = pair(tmp_path, pack(npy_bytes(rows)), "\n".join(words).encode())
    assert w2v.load(path).vectors.tobytes() == rows.tobytes()
    found = list(npy.blocks(path))
    assert b"".join(part.matrix.tobytes() for part in found) == rows.tobytes()
    places = [part.place(row) for part in found for row in range(len(part.words))]
    assert places == [(row + 1, 128 + 16 * row) for row in range(50)]


def header(text: str, rest: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + rest


GOOD = npy_bytes(ROWS[:3])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (GOOD[:-3], r"entry 3 of 3 \(byte offset 144\) is cut off: the file has 5 of the 8 bytes"),
        (GOOD[:-8], r"entry 3 of 3 \(byte offset 144\) is missing: .*limit=2"),
        (GOOD[:-16], "is missing, and so are all after it"),
        (GOOD + b"x", r"entry 4 \(byte offset 152\) .* extra bytes"),
        (npy_bytes(ROWS[:2]), r"entry 3 \('c', byte offset 144\) is a word without a row"),
        (npy_bytes(ROWS), "entry 4 .* is a row without a word: there are 4 rows, but 3 words"),
        (npy_bytes(np.array([[1.0], [np.nan], [2]])), r"entry 2 \('b', byte offset 136\).*finite"),
        (npy_bytes(np.array([[1.0], [1e99], [2]])), "entry 2 .* not finite"),
        (npy_bytes(np.array([[1], [2]])), "array of int64 with 2 dimensions, not a matrix"),
        (npy_bytes(ROWS[0]), "1 dimensions, not a matrix"),
        (npy_bytes(np.zeros((3, 0))), "its shape is"),
        (npy_bytes(np.array([{}], dtype=object), allow_pickle=True), "never unpickled"),
        (npy_bytes(np.zeros(2, dtype=[("a", "f4")])), "not a matrix"),
        (header("{'descr': '<f4', 'shape': ("), "its header cannot be read"),
        (header("__import__('os').abort()"), "its header cannot be read"),
        (header("(" * 9000), "its header cannot be read"),
        (b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1), "its header is too long"),
        (b"\x93NUMPY\x03\x00", "its version is"),
        (b"\x93NUMPY", "its header cannot be read"),
        (header("{'descr':'<f4','fortran_order':True,'shape':(3,9)}", b"123"), "fewer numbers"),
        (header("{'descr':'<f4','fortran_order':True,'shape':(1,1)}", b"12345"), "more numbers"),
        (header("{'descr':'<f8','fortran_order':False,'shape':(3,10**17)}"), "header cannot be"),
        (header(f"{{'descr':'<f8','fortran_order':False,'shape':(3,{10**6})}}"), "1 of 3"),
        (header(f"{{'descr':'<f8','fortran_order':False,'shape':(3,{10**17})}}"), "can have 1,048"),
        (header(f"{{'descr':'<f8','fortran_order':False,'shape':({10**17},3)}}"), f"of {10**17}"),
        (header(f"{{'descr':'<f8','fortran_order':False,'shape':({10**30},3)}}"), "its shape is"),
        (header("{'descr':'<f8','fortran_order':False,'shape':(-1,3)}"), "its shape is"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_damage_is_one_sentence(tmp_path: Path, content: bytes, sentence: str, pack) -> None:
    with pytest.raises(FormatError, match=sentence) as caught:
        w2v.load(pair(tmp_path, pack(content)))
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_skip_loads_what_there_is(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="truncated entries"):
        found = w2v.load(pair(tmp_path, GOOD[:-3], b"a 3\nb 2\nc 1\n"), on_defect="skip")
    assert found.index_to_key == ["a", "b"]
    assert found.counts is not None
    assert found.counts.tolist() == [3, 2]
    with pytest.warns(UserWarning, match="duplicate words"):
        found = w2v.load(pair(tmp_path, GOOD, b"a 3\na 2\nc 1\n"), on_defect="skip")
    assert found.counts is not None
    assert (found.index_to_key, found.counts.tolist()) == (["a", "c"], [3, 1])


def test_a_matrix_without_words(tmp_path: Path) -> None:
    path = tmp_path / "alone.npy"
    path.write_bytes(GOOD)
    with pytest.raises(FormatError, match=r"there is no vocabulary file .*alone\.vocab beside it"):
        w2v.load(path)


@pytest.mark.parametrize("name", ["x.vocab", "x.vocab.gz"])
@pytest.mark.parametrize("matrix", ["x.npy", "x.npy.gz", "x"])
def test_the_vocabulary_is_found(tmp_path: Path, name: str, matrix: str) -> None:
    (tmp_path / name).write_bytes(b"a\nb\nc\n")
    (tmp_path / matrix).write_bytes(GOOD)
    assert w2v.load(tmp_path / matrix).index_to_key == ["a", "b", "c"]


class TestVocabulary:
    def written(self, directory: Path, content: bytes) -> Path:
        path = directory / "words.vocab"
        path.write_bytes(content)
        return path

    @pytest.mark.parametrize(
        ("content", "words", "counts"),
        [
            (b"a 5\nb 3\n", [b"a", b"b"], [5, 3]),
            (b"a 5\r\nb 3", [b"a", b"b"], [5, 3]),
            (b"a\t5\n\xc2\xa0b 03\n", [b"a", b"\xc2\xa0b"], [5, 3]),
            (b"new york 5\nb 3\n", [b"new york", b"b"], [5, 3]),
            (b"a\nnew york\nroute 66\n", [b"a", b"new york", b"route 66"], None),
            (b"\xef\xbb\xbfa 5\nb 3\n", [b"a", b"b"], [5, 3]),
            (b"", [], None),
            (b"7\n8\n", [b"7", b"8"], None),
        ],
    )
    def test_what_is_read(self, tmp_path: Path, content: bytes, words, counts) -> None:
        found = vocabulary_file.read(self.written(tmp_path, content))
        assert found.words == words
        assert (None if found.counts is None else found.counts.tolist()) == counts

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"a 5\nb\n", r"words\.vocab, line 2: 'b' is not a word and a whole number"),
            (b"a 5\nb -1\n", "line 2: 'b -1'"),
            (b"a 5\nb 1.5\n", "line 2"),
            (b"a 5\n\nb 1\n", "line 2: ''"),
            (b"a 5\nb 1" + b"0" * 30, "line 2"),
            (b"a 5\n" + b" " * (1 << 20), "line 2: .* is longer than a word can be"),
        ],
    )
    def test_a_bad_line_is_named(self, tmp_path: Path, content: bytes, sentence: str) -> None:
        with pytest.raises(FormatError, match=sentence):
            vocabulary_file.read(self.written(tmp_path, content))

    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(FormatError, match="There is no vocabulary file"):
            vocabulary_file.read(tmp_path / "none")

    def test_round_trip_in_the_order_given(self, tmp_path: Path) -> None:
        path = tmp_path / "x.vocab.xz"
        vocabulary_file.write(path, WORDS, COUNTS)
        found = vocabulary_file.read(path)
        assert [word.decode() for word in found.words] == WORDS
        assert found.counts is not None
        assert found.counts.tolist() == COUNTS.tolist()

    @pytest.mark.parametrize("word", ["new york", "a\tb", "a\nb", "a\r", "a\v5", "a\f"])
    def test_words_that_it_cannot_hold(self, tmp_path: Path, word: str) -> None:
        for write in (lambda p: vocabulary_file.write(p, [word]),
                      lambda p: npy.write(p, [word], ROWS[:1])):  # fmt: skip
            with pytest.raises(FormatError, match="holds white space"):
                write(tmp_path / "x.npy")
        assert list(tmp_path.iterdir()) == []


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    with pytest.raises(W2VError):
        w2v.load(pair(tmp_path, npy_bytes(np.array([pickle], dtype=str))))
    with pytest.raises(ConfigError):
        npy.read(tmp_path / "x.npy", on_defect="maybe")
