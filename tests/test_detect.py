"""Formats are recognised by content; `load` reads each, or reports the problem in one sentence."""

import bz2
import gzip
import json
import lzma
import os
import pickle
import re
import struct
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from examples import examples
from hypothesis import assume, example, given
from hypothesis import strategies as st
from test_word2vec_binary_any import finite, tables

import w2v
from w2v.compression import zstd
from w2v.errors import ConfigError, FormatError, W2VError
from w2v.formats import word2vec_binary, word2vec_text
from w2v.formats.detect import detect
from w2v.vectors import load

BINARY = b"2 2\na " + struct.pack("<2f", 1.5, -2) + b"b " + struct.pack("<2f", 3, 4)
TEXT = b"2 2\na 1.5 -2\nb 3 4\n"
HEADERLESS = TEXT[4:]
BOTH_ROWS = [[1.5, -2], [3, 4]]


def written(directory: Path, content: bytes, name: str = "vectors") -> Path:
    path = directory / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("googlenews/google_news_30.bin.gz", "word2vec"),
        ("googlenews/google_news_30.txt", "text"),
        ("gensim/euclidean_vectors.bin", "word2vec"),
        ("gensim/high_precision.kv.bin", "word2vec"),
        ("gensim/lee_fasttext.vec", "text"),
        ("gensim/pang_lee_polarity_fasttext.vec", "text"),
        ("gensim/test_glove.txt", "text"),
        ("gensim/EN.1-10.txt", "text"),
        ("bnosac/example.bin", "word2vec"),
        ("bnosac/example.txt", "text"),
        ("finalfusion/embeddings.w2v", "word2vec"),
        ("finalfusion/utf8-incomplete.bin", "word2vec"),
        ("finalfusion/utf8-incomplete.dims", "text"),
        ("finalfusion/utf8-incomplete.txt", "text"),
        ("gensim/crime-and-punishment.bin", "fasttext"),
        ("gensim/lee_fasttext.bin", "fasttext"),
        ("gensim/lee_fasttext_new.bin", "fasttext"),
        ("gensim/toy-model.bin", "fasttext"),
        ("finalfusion/fasttext.bin", "fasttext"),
    ],
)
def test_files_of_other_tools(test_data: Path, name: str, expected: str) -> None:
    assert detect(test_data / "vectors" / name).name == expected


@pytest.mark.parametrize("content", [BINARY, TEXT, HEADERLESS], ids=["binary", "text", "glove"])
@pytest.mark.parametrize("name", ["a.bin", "a.txt", "a.gz", "a"])
def test_the_name_does_not_matter(tmp_path: Path, content: bytes, name: str) -> None:
    found = load(written(tmp_path, content, name))
    assert found.index_to_key == ["a", "b"]
    assert found.vectors.tolist() == BOTH_ROWS


@pytest.mark.parametrize("content", [BINARY, TEXT, HEADERLESS], ids=["binary", "text", "glove"])
def test_every_compression(tmp_path: Path, content: bytes) -> None:
    with zipfile.ZipFile(tmp_path / "vectors.zip", "w") as archive:
        archive.writestr("inside", content)
    compressed = [
        gzip.compress(content),
        bz2.compress(content),
        lzma.compress(content),
        zstd.compress(content),
        (tmp_path / "vectors.zip").read_bytes(),
    ]
    for each in compressed:
        assert load(written(tmp_path, each)).vectors.tolist() == BOTH_ROWS
        with pytest.raises(FormatError):
            load(written(tmp_path, each[:-5]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"once upon a time there was\n", "no word vectors in a known format"),
        (b"\x00\x01\x02" * 40, "no word vectors in a known format"),
        (bytes(range(256)) * 300, "no word vectors in a known format"),
        (pickle.dumps({"vectors": [1]}), "pickle, which is never read"),
        (b"3 2\n", "entry 1 of 3"),
        (b"3 2\na 0.5 x\nb 1 2\nc 3 4\n", "entry 1 .* has 0 numbers"),  # text, though damaged
        (b"3 2\na 0.5\nb 1 2\nc 3 4\n", "entry 1 .* has 1 numbers"),
        (BINARY[:-1], "entry 2 of 2"),
        (BINARY + b"x", "extra bytes"),
        (b"-3 4\na 1\n", "starts with b'-3 4', but a header holds the number of words, 0 or more"),
        (b"9999999999999999999 3\na 1 2 3\n", "but a header holds .* of 18 digits at most"),
        (
            b"the 512\nof 80\n",
            "word and a whole number on each line, as a vocabulary file does, and no",
        ),
        (b"w2v-index 1\nand so on", "is an approximate index; name the file of vectors that"),
        (b"3 0\n", "but a header holds .* the vector size, 1 or more"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message) as caught:
        load(written(tmp_path, content))
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("header", [b"2 2\n", b""])
def test_a_byte_order_mark_is_no_part_of_a_word(tmp_path: Path, header: bytes) -> None:
    path = written(tmp_path, b"\xef\xbb\xbf" + header + b"a 0.5 1\nb 2 3\n")
    assert load(path).index_to_key == ["a", "b"]
    assert w2v.describe_file(path).words == 2
    assert list(w2v.check_file(path)) == []


def test_pipes_and_odd_names(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FormatError, match="is a pipe or a device; write the vector file to a file"):
        load(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="a file name cannot hold a NUL character"):
        load("a\0b")
    with pytest.raises(FormatError, match="File name too long"):
        load("x" * 5000)


def test_missing_file_and_directory(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"There is no vector file .*; check the name"):
        load(tmp_path / "nowhere.bin")
    with pytest.raises(FormatError, match="is a directory"):
        load(str(tmp_path))


def test_full_model_is_told_by_its_header(tmp_path: Path) -> None:
    header = json.dumps({"vectors": {}}).encode()
    path = written(tmp_path, struct.pack("<Q", len(header)) + header)
    assert detect(path).name == "safetensors"


def test_skipped_entries_are_reported(tmp_path: Path) -> None:
    path = written(tmp_path, b"a 1\nb nan\na 2\nb 3\na 4\n")
    with pytest.raises(FormatError, match="entry 2"):
        load(path)
    with pytest.warns(
        UserWarning, match="left out 3 damaged entries: 2 duplicate words, 1 non-fin"
    ):
        found = load(path, on_defect="skip")
    assert found.index_to_key == ["a", "b"]
    assert found.vectors.tolist() == [[1], [3]]
    assert [defect.entry for defect in found.defects] == [2, 3, 5]
    assert load(written(tmp_path, TEXT), on_defect="skip").defects == ()


def test_limit_and_invalid_utf8_reach_the_reader(tmp_path: Path) -> None:
    path = written(tmp_path, b"a 1.5\n\xff 2\nc 3\n")
    assert load(path, limit=1).index_to_key == ["a"]
    assert len(load(path, limit=0)) == 0
    assert load(path, invalid_utf8="replace").index_to_key == ["a", "\ufffd", "c"]


def spells_text(data: bytes) -> bool:
    try:
        return re.search("[\0-\b\x0e-\x1f]", data.decode()) is None
    except UnicodeDecodeError:
        return False


@examples(200)
@given(tables())
def test_written_files_are_told_apart(tmp_path_factory: pytest.TempPathFactory, table) -> None:
    directory = tmp_path_factory.mktemp("detect")
    assume(not spells_text(table[1].tobytes()))  # as the bytes of very few numbers may
    word2vec_binary.write(directory / "binary", *table)
    assert detect(directory / "binary").name == "word2vec"
    word2vec_text.write(directory / "text", *table)
    assert detect(directory / "text").name == "text"


def test_numbers_that_look_like_a_row_of_text(tmp_path: Path) -> None:
    number = np.frombuffer(b"0\n\1[", dtype=np.float32).reshape(1, 1)
    word2vec_binary.write(tmp_path / "binary", ["0"], number)
    assert detect(tmp_path / "binary").name == "word2vec"


@pytest.mark.parametrize(
    ("content", "message"),
    [  # each of these bodies has the length that so many binary entries have
        (b"2 3\nthe 0,1 0,2 0,3\nof  0,4 0,5 0,6\n",
         r"entry 1 \('the', byte offset 4\) .* decimal commas, such as 0,1; write them with po"),
        (b"2 3\n\xc3\xa9 0,1 0,2 0,3\nof  0,4 0,5 0,6\n", "entry 1 .* decimal commas, such as 0,1"),
        (b"1 3\nthe 0.1, 0.2, 0.3\n", "entry 1 .* commas between its numbers; put spaces"),
        (b"the 0.1, 0.2, 0.3\n", "starts with b'the 0.1, 0.2, 0.3', but there are commas between"),
        (b"the 0,1 0,2 0,3\n", "but its numbers have decimal commas, such as 0,1; write them with"),
        (b"the,0.1,0.2,0.3\n", "but there are commas between its numbers; put spaces in their"),
        (b"1 2\nabc defghijk\n", "entry 1 .* has 0 numbers after its word where 2 are expected"),
    ],
)  # fmt: skip
def test_text_is_never_taken_for_binary(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        load(written(tmp_path, content))


def test_empty_lines_are_passed_over(tmp_path: Path) -> None:
    found = load(written(tmp_path, b"2 2\n\na 1 2.\nb 3 4.\n"))
    assert found.index_to_key == ["a", "b"]
    assert found.vectors.tolist() == [[1, 2], [3, 4]]


def test_commas_in_words_are_letters(tmp_path: Path) -> None:
    content = b"6,000 1 2\n, 3 4\nroute,66 5 6\n"
    for header in (b"3 2\n", b""):
        found = load(written(tmp_path, header + content))
        assert found.index_to_key == ["6,000", ",", "route,66"]


def test_a_field_of_many_digits_is_read_once(tmp_path: Path) -> None:
    """The pattern of a number tried all ways to cut the digits in two, for 20 seconds."""
    with pytest.raises(FormatError):
        load(written(tmp_path, b"<<3v, " + b"0" * 130_000 + b"v, x\n"))


@examples(100)
@given(st.lists(finite, min_size=2, max_size=2))
def test_text_of_any_numbers_is_text(tmp_path_factory, numbers: list[float]) -> None:
    row = " ".join(map(str, np.array(numbers, dtype=np.float32)))
    content = f"1 2\nword {row}\n".encode()
    assert detect(written(tmp_path_factory.mktemp("text"), content)).name == "text"


@examples(400)
@given(
    st.sampled_from([BINARY, TEXT, HEADERLESS, gzip.compress(TEXT), zstd.compress(BINARY)]),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 4), st.binary(max_size=4)), max_size=4),
    st.sampled_from(["error", "skip"]),
)
@example(b"PK\x03\x04", [(4, 0, b"\x00" * 4)], "error")
def test_mutated_files_load_or_raise_our_error(
    tmp_path_factory: pytest.TempPathFactory, original: bytes, changes, on_defect: str
) -> None:
    content = bytearray(original)
    for place, length, replacement in changes:
        content[place : place + length] = replacement
    path = written(tmp_path_factory.mktemp("mutated"), bytes(content))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings(
            "ignore", "(?s).*(left out|the entries before it were read)", UserWarning
        )
        try:
            found = load(path, on_defect=on_defect)
            assert found.vectors.shape == (len(found), found.vector_size)
        except W2VError as error:
            assert str(error)


def test_a_zip_with_a_damaged_directory_is_one_sentence(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "vectors.zip", "w") as archive:
        archive.writestr("é", TEXT)  # a name in UTF-8
    content = (tmp_path / "vectors.zip").read_bytes().replace("é".encode(), b"\xff\xfe")
    with pytest.raises(FormatError, match="is damaged: it cannot be decompressed"):
        load(written(tmp_path, content))
