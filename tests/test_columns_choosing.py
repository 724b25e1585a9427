"""The column that is read of a file or a table, and how it is chosen."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from column_files import (
    EXTRA,
    OF_LISTS,
    TEXTS,
    WRITERS,
    json_lines,
    text_of,
)
from corpus_texts import lines, read, write

import w2v
from w2v.errors import ConfigError, CorpusError
from w2v.text.corpus import open_corpus


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
