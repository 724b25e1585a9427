"""The text format of word2vec and GloVe: both ways with gensim, oddities, every kind of damage."""

import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
from examples import examples
from gensim.models import KeyedVectors as GensimVectors
from hypothesis import given
from hypothesis import strategies as st
from test_word2vec_binary import gensim_vectors
from test_word2vec_binary_any import tables

from w2v.errors import FormatError, W2VError
from w2v.formats import word2vec_text


def written(directory: Path, content: bytes | str) -> Path:
    path = directory / "vectors.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def loaded(directory: Path, content: bytes | str, **options) -> tuple[list[str], list[list[float]]]:
    found = word2vec_text.read(written(directory, content), **options)
    return found.words, found.matrix.tolist()


def awkward_floats() -> np.ndarray:
    """Every power of two, its neighbours, subnormals, limits, and random bit patterns."""
    powers = np.ldexp(np.float32(1), np.arange(-149, 128)).astype(np.float32)
    random = np.random.default_rng(3).integers(0, 2**32, 20000, dtype=np.uint32)
    bits = np.frombuffer(random.tobytes(), dtype=np.float32)
    values = np.concatenate([powers, np.nextafter(powers, 0), np.nextafter(powers, 9), bits])
    values = values[np.isfinite(values)].astype(np.float32)
    return values[: len(values) // 50 * 50].reshape(-1, 50)


def test_written_bytes_are_gensims_and_read_back_bit_for_bit(tmp_path: Path) -> None:
    rows = awkward_floats()
    words = [f"wö{number}" for number in range(len(rows))]
    word2vec_text.write(tmp_path / "ours.txt", words, rows)
    gensim_vectors(words, rows).save_word2vec_format(str(tmp_path / "theirs.txt"))
    assert (tmp_path / "ours.txt").read_bytes() == (tmp_path / "theirs.txt").read_bytes()
    found = word2vec_text.read(tmp_path / "ours.txt")
    assert found.words == words
    assert found.matrix.tobytes() == rows.tobytes()
    assert found.matrix.flags.c_contiguous


@pytest.mark.parametrize(
    "name",
    [
        "googlenews/google_news_30.txt",
        "gensim/EN.1-10.txt",
        "gensim/crime-and-punishment.vec",
        "gensim/lee_fasttext.vec",
        "gensim/toy-model.vec",
        "bnosac/example.txt",
        "finalfusion/embeddings.dims.txt",
    ],
)
def test_files_of_other_tools(test_data: Path, name: str) -> None:
    path = test_data / "vectors" / name
    ours = word2vec_text.read(path)
    theirs = GensimVectors.load_word2vec_format(str(path))
    assert ours.words == theirs.index_to_key
    assert ours.matrix.tobytes() == theirs.vectors.tobytes()


@pytest.mark.filterwarnings("ignore:.*:pytest.PytestUnraisableExceptionWarning")  # gensim's file
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("name", ["gensim/test_glove.txt", "finalfusion/embeddings.txt"])
def test_files_without_a_header(test_data: Path, name: str) -> None:
    path = test_data / "vectors" / name
    ours = word2vec_text.read(path)
    theirs = GensimVectors.load_word2vec_format(str(path), no_header=True)
    assert ours.words == theirs.index_to_key
    assert ours.matrix.tobytes() == theirs.vectors.tobytes()


def test_invalid_utf8_is_let_through_as_gensim_does(test_data: Path) -> None:
    path = test_data / "vectors/gensim/pang_lee_polarity_fasttext.vec"
    with pytest.raises(FormatError, match=r"entry 149 .*byte offset 155978.*UTF-8"):
        word2vec_text.read(path)
    dropped = word2vec_text.read(path, on_defect="skip")
    assert [defect.kind for defect in dropped.defects] == ["words of invalid UTF-8"] * 5
    theirs = GensimVectors.load_word2vec_format(str(path), unicode_errors="replace")
    ours = word2vec_text.read(path, invalid_utf8="replace", on_defect="skip")
    assert ours.words == theirs.index_to_key
    assert ours.matrix.tobytes() == theirs.vectors.tobytes()


@pytest.mark.parametrize("ending", ["", " ", " \r", "\t"])
@pytest.mark.parametrize("header", ["", "2 3\n", "2 3 \r\n"])
def test_line_ends_and_header(tmp_path: Path, header: str, ending: str) -> None:
    content = f"{header}a 1 2 3{ending}\nb -4.5 5e-1 .25{ending}\n"
    assert loaded(tmp_path, content) == (["a", "b"], [[1, 2, 3], [-4.5, 0.5, 0.25]])


@pytest.mark.parametrize(
    "word",
    [
        "new york",
        "a b c",
        "\xa0",
        "half\xa0space",
        "\u2028",
        "\x85x",
        "route 66",
        "\tx",
        " lead",
        "1",
    ],
)
def test_words_that_split_elsewhere(tmp_path: Path, word: str) -> None:
    content = f"2 2\n{word} 0.5 -1\nb 1 2\n"
    assert loaded(tmp_path, content) == ([word, "b"], [[0.5, -1], [1, 2]])


def test_tabs_between_the_numbers(tmp_path: Path) -> None:
    assert loaded(tmp_path, "a\t1\t2\nb\t3\t4\n") == (["a", "b"], [[1, 2], [3, 4]])


def test_empty_lines_mean_nothing(tmp_path: Path) -> None:
    assert loaded(tmp_path, "2 1\na 1\n\nb 2\n\n \n") == (["a", "b"], [[1], [2]])


@pytest.mark.parametrize("header", ["", "3 2\n"])
@pytest.mark.parametrize("limit", [0, 1, 2, 3, 4])
def test_limit(tmp_path: Path, header: str, limit: int) -> None:
    words, rows = loaded(tmp_path, f"{header}a 1 2\nb 3 4\nc 5 6\n", limit=limit)
    assert words == ["a", "b", "c"][:limit]
    assert rows == [[1, 2], [3, 4], [5, 6]][:limit]


def test_blocks_join_without_a_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "".join(f"w{number} {number}.5 -1\n" for number in range(200))
    expected = loaded(tmp_path, content)
    assert len(expected[0]) == 200
    for size in (1, 7, 64):
        monkeypatch.setattr(word2vec_text, "_BLOCK", size)
        assert loaded(tmp_path, content) == expected


def test_last_line_without_an_end(tmp_path: Path) -> None:
    # Complete by the header's count, the number is taken as whole; else it may be cut short.
    assert loaded(tmp_path, "2 1\na 1.25\nb 2.75") == (["a", "b"], [[1.25], [2.75]])
    with pytest.raises(FormatError, match=r"entry 2 \('b', byte offset 7\) is cut off"):
        loaded(tmp_path, "a 1.25\nb 2.75")
    with pytest.raises(FormatError, match=r"entry 2 .*is cut off"):
        loaded(tmp_path, "3 1\na 1.25\nb 2.75")
    assert loaded(tmp_path, "a 1.25\nb 2.75", on_defect="skip") == (["a"], [[1.25]])
    assert loaded(tmp_path, "a 1.25\nb 2.75", limit=1) == (["a"], [[1.25]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("3 1\na 1\nb 2\n", r"entry 3 of 3 \(byte offset 12\) is missing.*limit=2"),
        ("1 1\na 1\nb 2\n", r"entry 2 \(byte offset 8\) is not one .* extra lines follow entry 1"),
        ("0 1\na 1\n", r"entry 1 \(byte offset 4\) is not one .* extra lines follow entry 0"),
        ("2 3\na 1 2\nb 1 2\n", r"entry 1 \('a', byte offset 4\) has 2 numbers .* 3 are"),
        ("2 1\na 0.5 2\nb 1 2\n", r"entry 1 \('a', byte offset 4\) has 2 numbers .* 1 are"),
        ("2 1\na 1 2\nb 1 2\n", "has 2 numbers .* 1 are"),
        ("a 1 2\nb 1\n", r"entry 2 \('b', byte offset 6\) has 1 numbers .* 2 are"),
        ("a 1 2\nb 1 2 3\n", "entry 2 .* has 3 numbers"),
        ("a 1 2\nb 1 x\n", "entry 2 .* has 0 numbers"),
        ("a 1 2\nb 1_0 2\n", "entry 2 .* has 1 numbers"),
        ("a 1 2\n 3 4\n", "entry 2 .*empty word"),
        ("2 1\na 1\na 2\n", r"entry 2 \('a', byte offset 8\) repeats the word of entry 1"),
        ("a 1\nb nan\n", r"entry 2 \('b', byte offset 4\).*not finite"),
        ("a 1\nb 1e39\n", "not finite"),
        ("a 1\nb -Infinity\n", "not finite"),
        (b"a 1\nb\xff 2\n", r"entry 2 \('b\ufffd', byte offset 4\).*UTF-8"),
        ("5 0\na 1\n", "starts with b'5 0', but a header holds the number of words, 0 or more"),
        ("words only\n", "starts with a line"),
        ("", "starts with a line"),
        ("1 1048576\na 1\n", "1048576 are expected"),
        ("1 999999999999999999\na 1\n", "its vectors have 999,999,999,999,999,999 numbers each"),
        (
            "999999999999999999 1\na 1\n",
            "entry 2 of 999999999999999999",
        ),
    ],
)
def test_damage_is_named(tmp_path: Path, content: bytes | str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        loaded(tmp_path, content)


def test_skip_keeps_the_first_and_drops_bad_rows(tmp_path: Path) -> None:
    path = written(tmp_path, b"6 1\na 1\nb x\na 3\nc inf\n\xff 5\nd 6\n")
    found = word2vec_text.read(path, on_defect="skip")
    assert found.words == ["a", "d"]
    assert found.matrix.tolist() == [[1], [6]]
    assert [(defect.entry, defect.offset) for defect in found.defects] == [
        (2, 8), (3, 12), (4, 16), (5, 22),
    ]  # fmt: skip


@examples(150)
@given(tables())
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, table) -> None:
    words = [word.replace("\t", "").replace("\r", "") + "." for word in table[0]]
    words = [f"{number}{word}" for number, word in enumerate(words)]
    path = tmp_path_factory.mktemp("text") / "a.txt"
    word2vec_text.write(path, words, table[1])
    found = word2vec_text.read(path)
    assert found.words == words
    assert found.matrix.tobytes() == table[1].tobytes()


@examples(200)
@given(st.data())
def test_mutated_files_load_or_raise_our_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(b"3 2\na 1.5 -2\nb 1e-3 4\nnew york 5 6\n")
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        content += b"\n"
    path = written(tmp_path_factory.mktemp("mutated"), bytes(content))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = word2vec_text.read(
                path, on_defect=data.draw(st.sampled_from(["error", "skip"]))
            )
            assert len(found.words) == len(found.matrix)
        except W2VError as error:
            assert str(error)


def test_the_first_bad_line_is_the_error_whatever_is_wrong_with_it(tmp_path: Path) -> None:
    bad = [b"a 5\n", b"b inf\n", b"\xff 2\n", b" 3\n"]
    for first in range(len(bad)):
        content = b"a 1\n" + b"".join(bad[first:] + bad[:first])
        skipping = word2vec_text.read(written(tmp_path, content), on_defect="skip")
        assert [defect.entry for defect in skipping.defects] == [2, 3, 4, 5]
        with pytest.raises(FormatError) as caught:
            word2vec_text.read(written(tmp_path, content))
        sentence = skipping.defects[0].sentence(tmp_path / "vectors.txt")
        assert str(caught.value) == str(FormatError(sentence))


def test_many_bad_lines_take_no_memory_before_the_first_is_the_error(tmp_path: Path) -> None:
    path = written(tmp_path, b"a 1\n" * 200_000)
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=r"entry 2 .* repeats the word of entry 1"):
            word2vec_text.read(path)
        assert tracemalloc.get_traced_memory()[1] < 30 << 20
    finally:
        tracemalloc.stop()
