"""Files with columns are read as the same text in a plain file."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from column_files import (
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
from corpus_texts import COMPRESSORS, lines, read, write

import w2v
from w2v.errors import CorpusError
from w2v.text.corpus import open_corpus


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
