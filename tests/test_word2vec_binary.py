"""The word2vec binary format: both ways with gensim, foreign files, and every kind of damage."""

import gzip
import struct
import tempfile
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors as GensimVectors
from hypothesis import given
from hypothesis import strategies as st

from w2v.errors import ConfigError, FormatError
from w2v.formats import binary_entries, word2vec_binary, word2vec_text

WORDS = ["the", "né", "\xa0half", "北京", "e\u0301"]
ROWS = np.array([[1, -2.5], [1e-45, 3e38], [0, -0.0], [np.pi, 1e-8], [7, 8]], dtype=np.float32)


def entry(word: bytes, *numbers: float) -> bytes:
    return word + b" " + struct.pack(f"<{len(numbers)}f", *numbers)


def written(directory: Path, content: bytes) -> Path:
    path = directory / "vectors.bin"
    path.write_bytes(content)
    return path


def gensim_vectors(words: list[str], rows: np.ndarray) -> GensimVectors:
    vectors = GensimVectors(rows.shape[1])
    vectors.add_vectors(words, rows)
    return vectors


def test_written_bytes_are_gensims(tmp_path: Path) -> None:
    word2vec_binary.write(tmp_path / "ours.bin", WORDS, ROWS)
    gensim_vectors(WORDS, ROWS).save_word2vec_format(str(tmp_path / "theirs.bin"), binary=True)
    assert (tmp_path / "ours.bin").read_bytes() == (tmp_path / "theirs.bin").read_bytes()


def test_gensim_reads_what_we_write(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    words = [f"word{number}" for number in range(3000)]
    rows = rng.standard_normal((3000, 17), dtype=np.float32)
    word2vec_binary.write(tmp_path / "a.bin", words, rows)
    theirs = GensimVectors.load_word2vec_format(str(tmp_path / "a.bin"), binary=True)
    assert theirs.index_to_key == words
    assert theirs.vectors.tobytes() == rows.tobytes()
    ours = word2vec_binary.read(tmp_path / "a.bin")
    assert ours.words == words
    assert ours.matrix.tobytes() == rows.tobytes()
    assert ours.matrix.dtype == np.float32
    assert ours.matrix.flags.c_contiguous


def byte_by_byte(content: bytes, row_size: int) -> list[tuple[int, bytes, bytes]]:
    """Return (offset, word, numbers as bytes) of all entries, the slow way."""
    entries, position = [], content.index(b"\n") + 1
    while position < len(content):
        while content[position : position + 1] == b"\n":
            position += 1
        space = content.index(b" ", position)
        numbers = content[space + 1 : space + 1 + row_size]
        entries.append((position, content[position:space], numbers))
        position = space + 1 + row_size
    return entries


# Numbers whose bytes look like separators and words; all of them are finite.
confusing = st.lists(st.sampled_from(b" \na"), min_size=8, max_size=8).map(bytes)


@given(
    table=st.lists(st.tuples(st.sampled_from(["", "a", "bb", "\nc", "é" * 30]), confusing)),
    block=st.integers(1, 100),
    threads=st.integers(1, 4),
)
def test_as_read_byte_by_byte(table: list[tuple[str, bytes]], block: int, threads: int) -> None:
    words = [f"{word}{number}" * bool(word) for number, (word, _) in enumerate(table)]
    content = b"%d 2\n" % len(table) + b"".join(
        word.encode() + b" " + numbers for word, (_, numbers) in zip(words, table, strict=True)
    )
    expected = byte_by_byte(content, 8)
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as directory:
        patch.setattr(binary_entries, "_BLOCK", block)
        patch.setattr(binary_entries, "_THREADS", threads)
        found = word2vec_binary.read(written(Path(directory), content), on_defect="skip")
    whole = [entry for entry in expected if entry[1]]
    assert found.words == [word.decode() for _, word, _ in whole]
    assert found.matrix.tobytes() == b"".join(numbers for _, _, numbers in whole)
    assert [defect.offset for defect in found.defects] == [
        offset for offset, word, _ in expected if not word
    ]


@pytest.mark.parametrize("line_ends", [b"", b"\n", b"\n\n"])
@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("block", [1, 50, 4000, 1 << 20])
def test_line_ends_and_blocks(
    tmp_path: Path,
    line_ends: bytes,
    compress: bool,
    block: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(binary_entries, "_BLOCK", block)
    words = [f"{number}x" for number in range(400)]  # first letters that a fixed skip would eat
    rows = np.random.default_rng(2).standard_normal((400, 20), dtype=np.float32)
    content = b"400 20\n" + b"".join(
        word.encode() + b" " + row.tobytes() + line_ends
        for word, row in zip(words, rows, strict=True)
    )
    found = word2vec_binary.read(written(tmp_path, gzip.compress(content) if compress else content))
    assert found.words == words
    assert found.matrix.tobytes() == rows.tobytes()


@pytest.mark.parametrize("limit", [0, 1, 3, 5, 9])
def test_limit(tmp_path: Path, limit: int) -> None:
    word2vec_binary.write(tmp_path / "a.bin", WORDS, ROWS)
    found = word2vec_binary.read(tmp_path / "a.bin", limit=limit)
    assert found.words == WORDS[:limit]
    assert found.matrix.tobytes() == ROWS[:limit].tobytes()
    assert found.matrix.shape == (min(limit, 5), 2)


def test_limit_reads_the_start_of_a_file_that_is_cut_off(tmp_path: Path) -> None:
    path = written(tmp_path, b"3 1\n" + entry(b"a", 1) + entry(b"b", 2) + b"c \0")
    with pytest.raises(FormatError, match=r"entry 3 of 3 \('c', byte offset 16\).*limit=2"):
        word2vec_binary.read(path)
    assert word2vec_binary.read(path, limit=2).words == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"2 1\n" + entry(b"a", 1), r"entry 2 of 2 \(byte offset 10\).*nothing"),
        (b"2 1\n" + entry(b"a", 1) + b"bc", r"entry 2 of 2 \(byte offset 10\).*no word"),
        (b"2 1\n" + entry(b"a", 1) + b"\nb \0\0", r"'b', byte offset 11\).*2 of the 4 bytes"),
        (
            b"1 1\n" + entry(b"a", 1) + b"\n\nmore",
            r"entry 2 \(byte offset 12\) .* extra bytes",
        ),
        (b"9999999999 300\n" + entry(b"a", 1), "entry 1 of 9999999999"),
        (b"1 1048576\n" + entry(b"a", 1), "entry 1 of 1"),
        (b"1 1048577\n" + entry(b"a", 1), "says that its vectors have 1,048,577 numbers each"),
        (b"1 999999999999999999\n" + entry(b"a", 1), "but they can have 1,048,576 at most"),
        (
            b"2 1\n" + entry(b"a", 1) + entry(b"a", 2),
            r"entry 2 \('a', byte offset 10\) repeats.* 1",
        ),
        (b"1 2\n" + entry(b"a", 1, float("nan")), r"entry 1 \('a', byte offset 4\).*not finite"),
        (b"1 2\n" + entry(b"a", float("-inf"), 1), "not finite"),
        (b"2 1\n" + entry(b"a", 1) + b"\n" + entry(b"b\xff", 1), r"entry 2 .*offset 11\).*UTF-8"),
        (b"1 1\n" + entry(b"", 1), r"entry 1 \(byte offset 4\) has an empty word"),
        (b"1 0\na ", "two numbers"),
        (b"-1 5\n", "two numbers"),
        (b"one two\n", "two numbers"),
        (b"", "two numbers"),
    ],
)
def test_damage_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        word2vec_binary.read(written(tmp_path, content))
    with pytest.raises(FormatError, match=message):
        word2vec_binary.read(written(tmp_path, gzip.compress(content)))


def test_skip_keeps_the_first_and_drops_bad_rows(tmp_path: Path) -> None:
    entries = [(b"a", 1), (b"b", float("nan")), (b"a", 3), (b"\xff", 4), (b"b", 5), (b"", 6)]
    content = b"6 1\n" + b"".join(entry(word, number) for word, number in entries)
    found = word2vec_binary.read(written(tmp_path, content), on_defect="skip")
    assert found.words == ["a", "b"]
    assert found.matrix.tolist() == [[1], [5]]  # the b that is finite
    assert [(defect.entry, defect.kind) for defect in found.defects] == [
        (2, "non-finite rows"),
        (3, "duplicate words"),
        (4, "words of invalid UTF-8"),
        (6, "empty words"),
    ]


def test_non_finite_rows_are_found_in_any_block(tmp_path: Path) -> None:
    rows = np.full((2000, 3), 3e38, dtype=np.float32)  # the squares are not finite, the rows are
    words = [f"w{number}" for number in range(2000)]
    word2vec_binary.write(tmp_path / "a.bin", words, rows)
    content = bytearray((tmp_path / "a.bin").read_bytes())
    content[-4:] = struct.pack("<f", float("inf"))
    with pytest.raises(FormatError, match=r"entry 2000 \('w1999'"):
        word2vec_binary.read(written(tmp_path, bytes(content)))


def test_invalid_utf8_is_let_through_as_gensim_does(test_data: Path) -> None:
    path = test_data / "vectors/finalfusion/utf8-incomplete.bin"
    with pytest.raises(FormatError, match=r"entry 2 .*byte offset 23.*invalid_utf8='replace'"):
        word2vec_binary.read(path)
    for option in ("replace", "ignore"):
        theirs = GensimVectors.load_word2vec_format(str(path), binary=True, unicode_errors=option)
        ours = word2vec_binary.read(path, invalid_utf8=option)
        assert ours.words == theirs.index_to_key
        assert ours.matrix.tobytes() == theirs.vectors.tobytes()


@pytest.mark.parametrize(
    "name",
    [
        "googlenews/google_news_30.bin.gz",
        "gensim/euclidean_vectors.bin",
        "gensim/high_precision.kv.bin",
        "bnosac/example.bin",
        "finalfusion/embeddings.w2v",
    ],
)
def test_files_of_other_tools(test_data: Path, name: str) -> None:
    path = test_data / "vectors" / name
    ours = word2vec_binary.read(path)
    theirs = GensimVectors.load_word2vec_format(str(path), binary=True)
    assert ours.words == theirs.index_to_key
    assert ours.matrix.tobytes() == theirs.vectors.tobytes()


@pytest.mark.parametrize(
    ("binary", "text"),
    [
        ("googlenews/google_news_30.bin.gz", "googlenews/google_news_30.txt"),
        ("bnosac/example.bin", "bnosac/example.txt"),
        ("finalfusion/embeddings.w2v", "finalfusion/embeddings.txt"),
        ("finalfusion/embeddings.w2v", "finalfusion/embeddings.dims.txt"),
    ],
)
def test_twins_have_the_same_words_and_directions(test_data: Path, binary: str, text: str) -> None:
    first = word2vec_binary.read(test_data / "vectors" / binary)
    second = word2vec_text.read(test_data / "vectors" / text)
    assert first.words == second.words
    units = [
        found.matrix / np.linalg.norm(found.matrix, axis=1, keepdims=True)
        for found in (first, second)
    ]
    np.testing.assert_allclose(*units, atol=2e-5)


@pytest.mark.parametrize("word", ["", "new york", "line\nbreak", "\ud800"])
@pytest.mark.parametrize("module", [word2vec_binary, word2vec_text])
def test_words_that_the_formats_cannot_hold(tmp_path: Path, module, word: str) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(FormatError, match="Cannot write"):
        module.write(path, ["fine", word], ROWS[:2])
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("module", [word2vec_binary, word2vec_text])
def test_vectors_that_could_not_be_read_back(tmp_path: Path, module) -> None:
    path = tmp_path / "a.bin"
    with pytest.raises(FormatError, match="'b' holds a number that is not finite"):
        module.write(path, ["a", "b"], np.array([[1], [np.nan]], dtype=np.float32))
    with pytest.raises(FormatError, match="'a' appears twice"):
        module.write(path, ["a", "a"], ROWS[:2])
    with pytest.raises(FormatError, match="as many rows"):
        module.write(path, ["a"], ROWS[:2])
    assert not path.exists()


@pytest.mark.parametrize(
    "options", [{"limit": -1}, {"invalid_utf8": "strict"}, {"on_defect": "warn"}]
)
@pytest.mark.parametrize("module", [word2vec_binary, word2vec_text])
def test_options_out_of_range(tmp_path: Path, module, options) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        module.read(tmp_path / "any", **options)
