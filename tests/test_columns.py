"""Files with columns are read as the same text in a plain file; what is wrong has a place."""

import gzip
import io
import json
import sys
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from column_files import (
    EXTRA,
    LISTS,
    NUMBERS,
    OF_LISTS,
    TEXTS,
    WRITERS,
    json_lines,
    parquet,
    separated,
    text_of,
)
from corpus_texts import COMPRESSORS, read, write

import w2v
from w2v.errors import ConfigError, CorpusError
from w2v.text.corpus import open_corpus


def lines(corpus: w2v.Corpus, block_size: int = 16) -> list[str]:
    """The lines that have words."""
    return [line for line in read(corpus, block_size).split("\n") if line]


class TestTheSameText:
    @pytest.mark.parametrize("suffix", WRITERS)
    @pytest.mark.parametrize("block_size", [3, 1 << 20])
    def test_of_texts(self, tmp_path: Path, suffix: str, block_size: int) -> None:
        path = write(tmp_path / f"x{suffix}", WRITERS[suffix](TEXTS))
        corpus = open_corpus(path, column="body")
        assert read(corpus, block_size) == read(corpus, block_size) == text_of(TEXTS)
        assert (corpus.name, corpus.paths, corpus.nulls) == ("x", [path], 0)

    @pytest.mark.parametrize("suffix", OF_LISTS)
    @pytest.mark.parametrize("values", [LISTS, NUMBERS], ids=["words", "numbers"])
    def test_of_lists(self, tmp_path: Path, suffix: str, values: list[Any]) -> None:
        path = write(tmp_path / f"x{suffix}", WRITERS[suffix](values))
        assert read(open_corpus(path, column="body")) == text_of(values)

    @pytest.mark.parametrize("compression", [".gz", ".zst", ".xz"])
    @pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet", ".arrow"])
    def test_when_compressed(self, tmp_path: Path, suffix: str, compression: str) -> None:
        data = COMPRESSORS[compression](WRITERS[suffix](TEXTS))
        corpus = open_corpus(write(tmp_path / f"x{suffix}{compression}", data), column="body")
        assert read(corpus) == text_of(TEXTS)
        assert corpus.name == "x"

    @pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
    def test_from_a_pipe(
        self, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stdin = io.TextIOWrapper(io.BytesIO(WRITERS[suffix](TEXTS)))
        monkeypatch.setattr(sys, "stdin", stdin)
        assert read(open_corpus("-", column="body")) == text_of(TEXTS)

    def test_of_a_file_without_a_suffix(self, tmp_path: Path) -> None:
        for number, suffix in enumerate([".jsonl", ".csv", ".parquet"]):
            path = write(tmp_path / f"part-0000{number}", WRITERS[suffix](TEXTS))
            assert read(open_corpus(path, column="body")) == text_of(TEXTS)

    def test_of_several_formats_at_once(self, tmp_path: Path) -> None:
        plain = write(tmp_path / "a.txt", "plain text")
        paths = [plain]
        for suffix, written in WRITERS.items():
            paths.append(write(tmp_path / f"b{suffix}", written(TEXTS)))
        paths.append(write(tmp_path / "c.txt", "the end\n"))
        expected = "plain text\n" + len(WRITERS) * text_of(TEXTS) + "the end\n"
        for corpus in (open_corpus(paths, column="body"), open_corpus(*paths, column="body")):
            assert read(corpus) == expected
            assert corpus.paths == paths

    @pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
    @pytest.mark.parametrize("options", [{}, {"tokenizer": "words", "lower": True}])
    def test_trains_the_same_vectors(
        self, tmp_path: Path, suffix: str, options: dict[str, Any]
    ) -> None:
        texts = [f"The cat {k % 7} sat and the dog {k % 5} ran\nSo it was" for k in range(400)]
        plain = write(tmp_path / "x.txt", text_of(texts))
        columns = write(tmp_path / f"x{suffix}", WRITERS[suffix](texts))
        settings: dict[str, Any] = {"vector_size": 8, "epochs": 2, "workers": 1, **options}
        first = w2v.train(plain, **settings)
        second = w2v.train(columns, column="body", **settings)
        assert first.vectors.index_to_key == second.vectors.index_to_key
        assert first.vectors.vectors.tobytes() == second.vectors.vectors.tobytes()

    def test_of_many_large_row_groups(self, tmp_path: Path) -> None:
        texts = [f"word{k} " * (k % 40) for k in range(3000)]
        written = parquet(texts, row_group_size=700, use_dictionary=False)
        corpus = open_corpus(write(tmp_path / "x.parquet", written), column="body")
        assert read(corpus, 1 << 12) == text_of(texts)
        assert corpus.bytes_read == corpus.size


class TestTypes:
    """Every type of Arrow that holds texts or lists of words."""

    @pytest.mark.parametrize(
        "kind",
        ["string", "large_string", "string_view", "binary", "large_binary", "binary_view"],
    )
    def test_of_texts(self, kind: str) -> None:
        pa = pytest.importorskip("pyarrow")
        array = pa.array(TEXTS).cast(getattr(pa, kind)())
        assert read(open_corpus(array)) == text_of(TEXTS)
        assert read(open_corpus(array.slice(1, 3))) == text_of(TEXTS[1:4])

    @pytest.mark.parametrize("kind", ["string", "large_string", "string_view", "binary_view"])
    def test_of_dictionaries(self, kind: str) -> None:
        pa = pytest.importorskip("pyarrow")
        words = pa.array(["a dog", "the cat", "none of these"]).cast(getattr(pa, kind)())
        indices = pa.array([1, 1, 0, None, 1], pa.int32())
        array = pa.DictionaryArray.from_arrays(indices, words).slice(1)
        assert read(open_corpus(array)) == "the cat\na dog\nthe cat\n"

    @pytest.mark.parametrize("kind", ["list_", "large_list", "list_view", "large_list_view"])
    @pytest.mark.parametrize("inner", ["string", "large_string", "string_view", "dictionary"])
    def test_of_lists(self, kind: str, inner: str) -> None:
        pa = pytest.importorskip("pyarrow")
        of = (
            pa.dictionary(pa.int32(), pa.string())
            if inner == "dictionary"
            else getattr(pa, inner)()
        )
        values = [["a", "b"], None, [], ["c"], ["d", None, "e"], ["f"]]
        array = pa.array(values, getattr(pa, kind)(of))
        corpus = open_corpus(array)
        assert lines(corpus) == ["a b", "c", "d e", "f"]
        assert corpus.nulls == 2
        assert lines(open_corpus(array.slice(1, 3))) == ["c"]

    @pytest.mark.parametrize("inner", ["int8", "uint16", "int32", "int64", "uint64"])
    def test_of_numbers(self, inner: str) -> None:
        pa = pytest.importorskip("pyarrow")
        largest = {"int8": 127, "uint64": 2**64 - 1}.get(inner, 1000)
        array = pa.array([[1, largest], None, [], [7]], pa.list_(getattr(pa, inner)()))
        assert lines(open_corpus(array)) == [f"1 {largest}", "7"]

    def test_of_lists_of_one_size(self) -> None:
        pa = pytest.importorskip("pyarrow")
        array = pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int32(), 2))
        assert lines(open_corpus(array)) == ["1 2", "3 4"]


class TestChoosingTheColumn:
    @pytest.mark.parametrize("suffix", WRITERS)
    def test_a_wrong_one_is_an_error_that_lists_all(self, tmp_path: Path, suffix: str) -> None:
        path = write(tmp_path / f"x{suffix}", WRITERS[suffix](TEXTS))
        with pytest.raises(
            CorpusError, match=r"no column 'bodi'; .*'id', 'body'; did you mean 'bo"
        ):
            read(open_corpus(path, column="bodi"))
        with pytest.raises(
            CorpusError, match=r"has the columns 'id', 'body'; choose .*column='id'"
        ):
            read(open_corpus(path))

    @pytest.mark.parametrize("suffix", OF_LISTS)
    def test_one_without_text_is_an_error(self, tmp_path: Path, suffix: str) -> None:
        path = write(tmp_path / f"x{suffix}", WRITERS[suffix](TEXTS))
        with pytest.raises(CorpusError, match=r"neither (a text|texts) nor"):
            read(open_corpus(path, column="id"))

    def test_the_usual_one_and_the_only_one_need_no_name(self, tmp_path: Path) -> None:
        usual = write(tmp_path / "a.jsonl", json_lines(TEXTS, "text"))
        only = write(tmp_path / "b.csv", "whatever\nthe cat\n")
        assert read(open_corpus(usual)) == text_of(TEXTS)
        assert read(open_corpus(only)) == "the cat\n"

    def test_lines_of_json_may_be_texts_and_lists_themselves(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.jsonl", '"the cat"\n\n["a", "dog"]\n')
        assert read(open_corpus(path)) == "the cat\na dog\n"

    @pytest.mark.parametrize("suffix", [".jsonl", ".parquet", ".feather"])
    def test_a_dot_leads_into_a_column(self, tmp_path: Path, suffix: str) -> None:
        values = [{"fr": {"text": "le chat"}}, {"fr": None}, None, {"fr": {"text": "la fin"}}]
        path = write(tmp_path / f"x{suffix}", WRITERS[suffix](values))
        corpus = open_corpus(path, column="body.fr.text")
        assert (read(corpus), corpus.nulls) == ("le chat\nla fin\n", 2)
        with pytest.raises(CorpusError, match=r"has no column '(body.fr.|)txt'"):
            read(open_corpus(path, column="body.fr.txt"))

    def test_a_name_with_a_dot_comes_first(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.jsonl", json.dumps({"a.b": "this", "a": {"b": "not this"}}))
        assert read(open_corpus(path, column="a.b")) == "this\n"

    @pytest.mark.parametrize("column", [None, "text"])
    @pytest.mark.parametrize("suffix", [".csv", ".parquet", ".arrow", ".arrows"])
    def test_a_name_of_two_columns_is_an_error(
        self, tmp_path: Path, suffix: str, column: str | None
    ) -> None:
        path = tmp_path / f"x{suffix}"
        if suffix == ".csv":
            path.write_text("text,text,other\none,two,three\n")
        else:
            pa = pytest.importorskip("pyarrow", reason=EXTRA)
            table = pa.table([["one"], ["two"], ["three"]], names=["text", "text", "other"])
            if suffix == ".parquet":
                pytest.importorskip("pyarrow.parquet").write_table(table, path)
            else:
                make = pa.ipc.new_file if suffix == ".arrow" else pa.ipc.new_stream
                with make(path, table.schema) as writer:
                    writer.write_table(table)
        message = r"has 2 columns with the name 'text', so it is unclear which one to read"
        with pytest.raises(CorpusError, match=message):
            lines(open_corpus(path, column=column))
        assert lines(open_corpus(path, column="other")) == ["three"]

    def test_a_name_of_two_columns_inside_another_is_an_error(self) -> None:
        pa = pytest.importorskip("pyarrow", reason=EXTRA)
        fields = [pa.field("t", pa.string()), pa.field("t", pa.string())]
        arrays = [pa.array(["one"]), pa.array(["two"])]
        table = pa.table({"s": pa.StructArray.from_arrays(arrays, fields=fields)})
        with pytest.raises(CorpusError, match="has 2 columns with the name 't'"):
            open_corpus(table, column="s.t")

    def test_one_for_plain_text_has_no_effect(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.txt", "the cat")
        with pytest.raises(ConfigError, match=r"column has no effect on .*x.txt"):
            open_corpus(path, column="body")
        with pytest.raises(ConfigError, match="column has no effect on toy"):
            open_corpus("toy", column="body")
        with pytest.raises(ConfigError, match="give it to open_corpus"):
            w2v.train(open_corpus(path), column="body")

    @pytest.mark.parametrize("column", ["", 3])
    def test_what_is_no_name_is_an_error(self, tmp_path: Path, column: Any) -> None:
        with pytest.raises(CorpusError, match="column must be the name of one"):
            open_corpus("toy", column=column)


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


class TestSeparators:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_are_those_of_the_header(self, tmp_path: Path, delimiter: str) -> None:
        path = write(tmp_path / "x.csv", b"\xef\xbb\xbf" + separated(TEXTS, delimiter))
        assert read(open_corpus(path, column="body")) == text_of(TEXTS)

    def test_an_empty_file_and_blank_lines_have_no_text(self, tmp_path: Path) -> None:
        assert read(open_corpus(write(tmp_path / "x.csv", ""), column="text")) == ""
        path = write(tmp_path / "x.csv", "text\n\na b\n\n")
        assert lines(open_corpus(path)) == ["a b"]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_are_those_of_the_header_after_blank_lines(self, tmp_path: Path, end: str) -> None:
        path = write(tmp_path / "x.csv", end.join(["", "", "id;text", "", "1;a, b", "2"]))
        corpus = open_corpus(path)
        with pytest.raises(CorpusError, match=r"Line 6 of .* ends a row of 1 values"):
            read(corpus)
        path = write(tmp_path / "x.csv", end.join(["", "", "id;text", "", "1;a, b", ""]))
        assert lines(open_corpus(path)) == ["a, b"]


class TestCheckpoints:
    def test_a_resumed_training_reads_the_same_column(self, tmp_path: Path) -> None:
        records = [{"a": f"the cat {k % 9} sat", "b": f"a dog {k % 9} ran"} for k in range(300)]
        path = tmp_path / "x.jsonl.gz"
        path.write_bytes(gzip.compress("\n".join(map(json.dumps, records)).encode()))
        settings: dict[str, Any] = {"vector_size": 4, "epochs": 2, "workers": 1}
        directory = tmp_path / "checkpoints"
        whole = w2v.train(path, column="b", checkpoint=directory, checkpoint_every=0, **settings)
        assert "dog" in whole.vectors
        found = w2v.read_checkpoint(directory)
        assert found.corpus is not None and found.corpus.column == "b"
        again = w2v.train(resume=directory)
        assert again.vectors.vectors.tobytes() == whole.vectors.vectors.tobytes()
        with pytest.raises(ConfigError, match="column was 'b' in the training"):
            w2v.train(resume=directory, column="a")


def test_importing_and_plain_text_load_no_library_for_columns(tmp_path: Path) -> None:
    code: Sequence[str] = [
        "import sys, w2v",
        f"list(w2v.open_corpus({str(write(tmp_path / 'x.txt', 'cat'))!r}).blocks())",
        f"list(w2v.open_corpus({str(write(tmp_path / 'x.jsonl', json_lines(TEXTS)))!r},"
        " column='body').blocks())",
        "print(*{'pyarrow', 'pandas', 'polars', 'numba'} & set(sys.modules))",
    ]
    import subprocess

    run = subprocess.run(
        [sys.executable, "-c", "\n".join(code)], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []


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
