"""What is missing or wrong in files with columns is counted, or has a place."""

import sys
import tracemalloc
from pathlib import Path

import pytest
from column_files import (
    EXTRA,
    OF_LISTS,
    TEXTS,
    WRITERS,
    json_lines,
)
from corpus_texts import lines, read, write

import w2v
from w2v.errors import CorpusError
from w2v.text.corpus import open_corpus


class TestNulls:
    @pytest.mark.parametrize("suffix", OF_LISTS)
    def test_are_skipped_and_counted(self, tmp_path: Path, suffix: str) -> None:
        values = [None, "the cat", None, "sat", None]
        path = write(tmp_path / f"x{suffix}", WRITERS[suffix](values))
        corpus = open_corpus(path, path, column="body")
        assert read(corpus) == 2 * "the cat\nsat\n" or read(corpus).split() == 2 * [
            "the",
            "cat",
            "sat",
        ]
        assert corpus.nulls == 6
        assert corpus.about_left_out() == "Skipped 6 values of null."

    def test_are_reported_by_training(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.jsonl", json_lines([*200 * ["the cat sat"], None]))
        with pytest.warns(UserWarning, match=r"Skipped 1 value of null\."):
            w2v.count_words(path, column="body")

    def test_lines_without_the_field_count_if_others_have_it(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.jsonl", '{"id": 1}\n{"id": 2, "text": "cat"}\n{"id": 3}\n')
        corpus = open_corpus(path, column="text")
        assert (lines(corpus), corpus.nulls) == (["cat"], 2)
        path = write(tmp_path / "x.jsonl", 1500 * '{"id": 1, "txt": ""}\n' + '{"text": "cat"}')
        with pytest.raises(
            CorpusError, match=r"no column 'text'; .*'id', 'txt'; did you mean 'txt'"
        ):
            read(open_corpus(path, column="text"))

    def test_a_column_of_nothing_else_has_no_text(self) -> None:
        pa = pytest.importorskip("pyarrow")
        corpus = open_corpus(pa.nulls(5))
        assert (read(corpus).strip(), corpus.nulls) == ("", 5)


class TestBrokenFiles:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ('{"text": "a"}\n{"text": "b"\n', r"Line 2 of .*x\.jsonl is not JSON: Expecting ',' "),
            ('{"text": "a"}\n\n{"text": "a\n', "Line 3 of .* Invalid control character at char"),
            ('[{"text": "a"},\n', "one array; write each of its elements on a line"),
            ('{"text": "a"}\n7\n', "Line 2 of .* is 7, not an object with named values"),
            ('{"text": "a"}\n{"text": 7}\n', "Line 2 of .* is 7, which is neither a text nor"),
            ('{"text": ["a", "b c"]}', r"Word 2 of line 1 of .* is 'b c', with white space in it"),
            ('{"text": ["a", 1.5]}', r"Word 2 of line 1 of .* is 1\.5, of type float"),
            ('{"text": "a\\u0000b"}', "Line 1 of .* has a NUL character"),
            ('{"text": "a\\ud800b"}', "Line 1 of .* not valid UTF-8, or has a lone surrogate"),
            ('{"text": ' + 3_000 * "[", "Line 1 of .* (cannot be read as|is not) JSON"),
            ('{"text": ' + 5_000 * "9" + "}", "Line 1 of .* cannot be read as JSON: Exceeds"),
        ],
    )  # fmt: skip
    def test_of_json(self, tmp_path: Path, content: str, message: str) -> None:
        path = write(tmp_path / "x.jsonl", content)
        with pytest.raises(CorpusError, match=message):
            read(open_corpus(path, column="text"))

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("id,text\n1,a\n2\n", "Line 3 of .* ends a row of 1 values, but the header has 2"),
            ("id,text\n1,a,b\n", "Line 2 of .* ends a row of 3 values"),
            ('id,text\n1,"a" b\n', "Line 2 of .* cannot be read: .*',' expected after '\"'"),
            ('id,text\n1,"a\n2,b\n', "Line 3 of .* cannot be read: unexpected end of data"),
            ("id,text\n1,a\0b\n", "Line 2 of .* NUL"),
        ],
    )  # fmt: skip
    def test_of_csv(self, tmp_path: Path, content: str, message: str) -> None:
        path = write(tmp_path / "x.csv", content)
        with pytest.raises(CorpusError, match=message):
            read(open_corpus(path, column="text"))

    @pytest.mark.parametrize("suffix", EXTRA)
    def test_of_arrow(self, tmp_path: Path, suffix: str) -> None:
        data = WRITERS[suffix]([*TEXTS, *TEXTS])
        for cut in (0, 10, len(data) // 2, len(data) - 9):
            path = write(tmp_path / f"x{suffix}", data[:cut])
            if cut == 0 and suffix != ".parquet":
                continue
            if suffix == ".arrow" and cut == len(data) - 9:
                continue  # only the mark of its end is lost
            with pytest.raises(CorpusError, match=f"x{suffix} cannot be read as Parquet or Arrow"):
                read(open_corpus(path, column="body"))
        path = write(tmp_path / f"x{suffix}", "the cat sat")
        with pytest.raises(CorpusError, match="damaged or something else"):
            read(open_corpus(path, column="body"))

    def test_invalid_utf8_is_an_error_or_replaced(self, tmp_path: Path) -> None:
        for suffix, data in {
            ".jsonl": b'{"text": "caf\xe9 noir", "id": "\xff"}\n',
            ".csv": b"text,id\ncaf\xe9 noir,\xff\n",
        }.items():
            path = write(tmp_path / f"x{suffix}", data)
            with pytest.raises(CorpusError, match=f"ine . of .*x{suffix} is not valid UTF-8"):
                read(open_corpus(path))
            corpus = open_corpus(path, invalid_utf8="replace")
            assert (read(corpus), corpus.replaced) == ("caf\N{REPLACEMENT CHARACTER} noir\n", 1)

    def test_words_that_are_too_long_are_left_out(self, tmp_path: Path) -> None:
        long = "x" * 70_000
        path = write(tmp_path / "x.jsonl", json_lines([f"the {long} cat", ["a", long, "b"]]))
        corpus = open_corpus(path, column="body")
        assert read(corpus).split() == ["the", "cat", "a", "b"]
        assert "Left out 2 words" in corpus.about_left_out()

    def test_a_missing_library_is_a_sentence(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        path = write(tmp_path / "x.parquet", b"PAR1")
        with pytest.raises(
            CorpusError, match=r"x\.parquet is read by pyarrow, .*pip install 'w2v\["
        ):
            read(open_corpus(path))


def test_a_damaged_size_in_a_stream_of_arrow_takes_no_memory(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "a.arrow"
    path.write_bytes(b"\xff\xff\xff\xff" + (750 << 20).to_bytes(4, "little") + bytes(200))
    tracemalloc.start()
    try:
        with pytest.raises(CorpusError, match="cannot be read as Parquet or Arrow"):
            w2v.count_words(path, column="text")
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()
