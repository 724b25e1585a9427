"""Small files that expand to huge ones: reading up to a delimiter has a limit."""

import gzip
import json
import struct
from pathlib import Path

import numpy as np
import pytest

import w2v
from w2v.errors import FormatError, W2VError
from w2v.formats import npy, word2vec_binary, word2vec_text
from w2v.formats.usearch_graph import check_graph
from w2v.limits import LARGEST_EVALUATION_SET, LARGEST_VECTOR, LONGEST_WORD

ROWS = np.array([[1, 2], [3, 4]], dtype=np.float32)
LONGEST = "a" * LONGEST_WORD


def written(directory: Path, content: bytes, name: str = "file") -> Path:
    path = directory / name
    path.write_bytes(content)
    return path


def safetensors(header: object, body: bytes = b"") -> bytes:
    text = header.encode() if isinstance(header, str) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


# --- safetensors -------------------------------------------------------------------------------

_TENSOR = {"dtype": "F32", "shape": [1, 1], "data_offsets": [0, 4]}
_BAD_HEADERS = [
    [],
    {"vectors": None},
    {"vectors": [1]},
    {"vectors": {}},
    {"vectors": {**_TENSOR, "dtype": ["F32"]}},
    {"vectors": {"dtype": "F99"}},  # a type that is not known, and no offsets
    {"vectors": {"dtype": "F99", "shape": [1]}},
    {"vectors": {**_TENSOR, "data_offsets": ["0", "4"]}},
    {"vectors": {**_TENSOR, "data_offsets": []}},
    {"vectors": {**_TENSOR, "data_offsets": [0, 4, 4]}},
    {"vectors": {**_TENSOR, "data_offsets": [4, 0]}},
    {"vectors": {**_TENSOR, "data_offsets": {"0": 4}}},
    {"vectors": {**_TENSOR, "data_offsets": [False, 4]}},
    {"vectors": {**_TENSOR, "data_offsets": [-4, 0]}},
    {"vectors": {**_TENSOR, "shape": "11"}},
    {"vectors": {**_TENSOR, "shape": [1.0, 1]}},
    {"vectors": {**_TENSOR, "shape": [0, 2**64], "data_offsets": [0, 0]}},
    {"vectors": {**_TENSOR, "shape": [1] * 100}},
    {"vectors": _TENSOR, "__metadata__": []},
    {"vectors": _TENSOR, "__metadata__": "w2v-model"},
    {"vectors": _TENSOR, "__metadata__": {"format": ["w2v-model"]}},
    {"vectors": _TENSOR, "__metadata__": {"format": {"w2v-model": 1}, "version": "1"}},
    {"vectors": _TENSOR, "__metadata__": {"format": "w2v-model", "version": 1}},
]


@pytest.mark.parametrize("header", _BAD_HEADERS, ids=json.dumps)
def test_headers_of_safetensors_that_are_none(tmp_path: Path, header: object) -> None:
    path = written(tmp_path, safetensors(header, bytes(4)))
    for read in (
        w2v.load,
        w2v.load_model,
        w2v.describe_file,
        lambda path: w2v.load(path, mmap=True),
    ):
        with pytest.raises(FormatError) as caught:
            read(path)
        assert str(path) in str(caught.value)
    try:  # a file that cannot be read is a defect, unless it is not even known for one of vectors
        assert [defect.kind for defect in w2v.check_file(path)] == ["unreadable files"]
    except FormatError as error:
        assert str(path) in str(error)


def test_tensors_larger_than_the_words_need_are_not_read(tmp_path: Path) -> None:
    """A sparse file takes no room on the disk, but all of its size in memory."""
    size = 1 << 40
    kinds = {
        "vectors": ("F32", [1, 1], 4), "output": ("F32", [1, 1], 4), "counts": ("I64", [1], 8),
        "vocab_offsets": ("I64", [2], 16), "vocab_utf8": ("U8", [size], size),
    }  # fmt: skip
    header: dict[str, object] = {"__metadata__": {"format": "w2v-model", "version": "1"}}
    used = 0
    for name, (dtype, shape, bytes_) in kinds.items():
        place = [used, used + bytes_]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": place}
        used += bytes_
    path = written(tmp_path, safetensors(header))
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size + used)
    for read in (w2v.load, w2v.load_model, w2v.describe_file):
        with pytest.raises(FormatError, match="is damaged: its tensors do not have one row"):
            read(path)


def test_an_index_whose_first_numbers_are_extreme() -> None:
    for start in (b"\xff" * 8, b"\2\0\0\0\xff\xff\xff\xff", b"\xff\xff\xff\xff\2\0\0\0"):
        with pytest.raises(FormatError, match="not a valid graph"):
            check_graph(memoryview(start + bytes(200)), 2, 2)


# --- words and lines ---------------------------------------------------------------------------


@pytest.mark.parametrize("form", [word2vec_binary, word2vec_text, npy])
def test_the_longest_word_is_kept_and_a_longer_one_refused(tmp_path: Path, form) -> None:
    path = tmp_path / "file.npy"
    form.write(path, [LONGEST, "b"], ROWS)
    assert w2v.load(path).index_to_key == [LONGEST, "b"]
    assert list(w2v.check_file(path)) == []
    with pytest.raises(FormatError, match="has more than 65,536 bytes; shorten it"):
        form.write(path, ["ü" * (LONGEST_WORD // 2) + "a", "b"], ROWS)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(
    "content",
    [
        b"3 2\na \0\0\0\0\0\0\x80\x3f" + b"b" * (LONGEST_WORD + 1) + b" \0\0\0\0\0\0\x80\x3f",
        b"3 2\na \0\0\0\0\0\0\x80\x3f" + b"\1" * (8 << 20),
        b"3 2\na 1 2\n" + b"b" * (LONGEST_WORD + 1) + b" 1 2\n",
        b"3 2\na 1 2\n" + b"1 " * (4 << 20),
        b"a 1 2\n" + bytes(4 << 20),
    ],
    ids=["binary", "binary without end", "text", "text without end", "zeros"],
)
def test_words_and_lines_that_are_too_long(tmp_path: Path, content: bytes, pack) -> None:
    path = written(tmp_path, pack(content))
    with pytest.raises(FormatError, match=r"entry 2 .* more than 65,\d\d\d bytes"):
        w2v.load(path)
    assert w2v.load(path, limit=1).index_to_key == ["a"]
    with pytest.warns(UserWarning, match="left out"):
        assert w2v.load(path, on_defect="skip").index_to_key == ["a"]
    kinds = [defect.kind for defect in w2v.check_file(path)]
    assert {"overlong lines", "overlong words"} & {*kinds}
    assert w2v.describe_file(path).words in (1, 2)


def test_a_first_line_without_end(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(b"a" + b" 1" * (9 << 20), 1))
    for read in (w2v.load, w2v.describe_file):
        with pytest.raises(FormatError, match="first line has more than 16,777,216 bytes"):
            read(path)
    path.write_bytes(gzip.compress(b"a" + b" 1" * (LARGEST_VECTOR + 1) + b"\n", 1))
    with pytest.raises(FormatError, match="numbers each, but they can have 1,048,576 at most"):
        w2v.load(path)


def test_an_evaluation_set_that_unfolds(tmp_path: Path) -> None:
    vectors = w2v.KeyedVectors(["a", "b"], ROWS)
    for line in (b": a\n", b"a b c d\n", b"a"):
        content = line * (LARGEST_EVALUATION_SET // len(line) + 1)
        with pytest.raises(
            W2VError, match="more than 16,777,216 bytes of text, more than any evaluation set"
        ):
            w2v.evaluate(vectors, written(tmp_path, gzip.compress(content, 1)))


# --- what to do about damage -------------------------------------------------------------------


@pytest.mark.parametrize("lost", [9, 14, 30, 40])
@pytest.mark.parametrize("place", [0, 2, 7])
def test_the_advice_about_a_damaged_row_is_true(tmp_path: Path, lost: int, place: int) -> None:
    """Bytes that are lost in one entry shift all that follow, but not those before."""
    words = [f"word{number}" for number in range(50)]
    rows = np.random.default_rng(1).normal(size=(50, 4)).astype(np.float32)
    path = tmp_path / "file.bin"
    word2vec_binary.write(path, words, rows)
    sound = path.read_bytes()
    at = sound.index(b"word22") + place
    path.write_bytes(sound[:at] + sound[at + lost :])
    with pytest.raises(FormatError) as caught:
        w2v.load(path)
    advised = int(str(caught.value).rpartition("limit=")[2].rstrip("."))
    found = w2v.load(path, limit=advised)
    assert 18 <= len(found) <= 22
    assert found.vectors.tolist() == rows[:advised].tolist()


def test_an_earlier_defect_comes_first(tmp_path: Path) -> None:
    path = written(tmp_path, b"4 1\na 1\nb 2\na 3\n")
    with pytest.raises(FormatError, match=r"entry 3 .* repeats the word of entry 1"):
        w2v.load(path)
    assert w2v.load(path, limit=2).index_to_key == ["a", "b"]


# --- the words beside a matrix -----------------------------------------------------------------


@pytest.mark.parametrize(
    "first", ["\ufeff", "\ufeffa", "PK\3\4", "PK\5\6b", "BZh91AY&SY", "PK", "BZh9"]
)
@pytest.mark.parametrize("counts", [None, np.array([3, 2])])
def test_a_first_word_like_a_mark_survives(tmp_path: Path, first: str, counts) -> None:
    path = tmp_path / "file.npy"
    npy.write(path, [first, "b"], ROWS, counts)
    assert w2v.load(path).index_to_key == [first, "b"]
    assert w2v.load(path, words=[first]).vectors.tolist() == [[1, 2]]


def test_words_that_splitting_would_part_are_listed(tmp_path: Path) -> None:
    spaces = [chr(number) for number in range(0x110000) if chr(number).isspace()]
    words = ["a", *(f"a{space}b" for space in spaces if space not in " \n"), "c\u200bd"]
    path = tmp_path / "file.txt"
    word2vec_text.write(path, words, np.ones((len(words), 2), np.float32))
    found = [defect.word for defect in w2v.check_file(path) if defect.kind == "words with spaces"]
    assert found == [word for word in words if word.split() != [word]]
    assert len(found) > 20
