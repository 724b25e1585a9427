"""Tables and columns in memory are read as the same text in a plain file."""

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from column_files import LISTS, NUMBERS, TEXTS, table, text_of
from corpus_texts import read

import w2v
from w2v.errors import ConfigError, CorpusError
from w2v.text.corpus import open_corpus

Values = list[Any]


def of_arrow(values: Values) -> Any:
    return table(values)


def of_batch(values: Values) -> Any:
    return table(values).to_batches()[0]


def of_reader(values: Values) -> Any:
    return table(values).to_reader()


def of_dataset(values: Values) -> Any:
    given = table(values)
    from pyarrow import dataset

    return dataset.dataset(given)


def of_scanner(values: Values) -> Any:
    return of_dataset(values).scanner()


def of_polars(values: Values) -> Any:
    frame = pytest.importorskip("polars").DataFrame
    return frame({"id": range(len(values)), "body": values})


def of_polars_lazy(values: Values) -> Any:
    return of_polars(values).lazy()


def of_pandas(values: Values) -> Any:
    frame = pytest.importorskip("pandas").DataFrame
    return frame({"id": range(len(values)), "body": values})


def of_pandas_objects(values: Values) -> Any:
    return of_pandas(values).astype({"body": object})


def of_pandas_arrow(values: Values) -> Any:
    pandas, given = pytest.importorskip("pandas"), table(values)
    return given.to_pandas(types_mapper=pandas.ArrowDtype)


def of_duckdb(values: Values) -> Any:
    duckdb, given = pytest.importorskip("duckdb"), table(values)
    return duckdb.from_arrow(given)


def of_protocol(values: Values) -> Any:
    """What gives Arrow's data, and names its columns, without being of a known library."""

    class Table:
        columns = ("id", "body")

        def __init__(self, given: Any) -> None:
            self.given = given

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return self.given.__arrow_c_stream__(requested_schema)

    return Table(table(values))


def of_rows(values: Values) -> Any:
    return [{"id": number, "body": value} for number, value in enumerate(values)]


TABLES: list[Callable[[Values], Any]] = [
    of_arrow, of_batch, of_reader, of_dataset, of_scanner, of_polars, of_polars_lazy, of_pandas,
    of_pandas_objects, of_pandas_arrow, of_duckdb, of_protocol, of_rows,
]  # fmt: skip
ONCE = (of_reader,)


@pytest.mark.parametrize("make", TABLES)
@pytest.mark.parametrize("values", [TEXTS, LISTS, NUMBERS], ids=["texts", "words", "numbers"])
def test_a_table_is_read_as_the_same_text(make: Callable[[Values], Any], values: Values) -> None:
    corpus = open_corpus(make(values), column="body")
    assert read(corpus) == text_of(values)
    assert (corpus.name, corpus.paths, corpus.origin, corpus.nulls) == (None, [], None, 0)
    if make not in ONCE:
        assert read(corpus, 1 << 20) == text_of(values)


@pytest.mark.parametrize("make", TABLES)
def test_nulls_are_skipped_and_counted(make: Callable[[Values], Any]) -> None:
    for values in (["the cat", None, "sat"], [["the", "cat"], None, ["sat"]]):
        corpus = open_corpus(make(values), column="body")
        assert (read(corpus), corpus.nulls) == ("the cat\nsat\n", 1)


@pytest.mark.parametrize("make", TABLES)
def test_a_wrong_column_is_an_error_that_lists_all(make: Callable[[Values], Any]) -> None:
    with pytest.raises(CorpusError, match=r"no column 'bodi'; it has .*'id', 'body'; did you mean"):
        read(open_corpus(make(TEXTS), column="bodi"))
    with pytest.raises(CorpusError, match=r"which is neither"):
        read(open_corpus(make(TEXTS), column="id"))
    if make is not of_rows:
        with pytest.raises(CorpusError, match=r"columns 'id', 'body'; choose .* column='id'"):
            open_corpus(make(TEXTS))


def test_a_name_of_two_columns_is_an_error() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame([["one", "two"]], columns=["text", "text"])
    with pytest.raises(CorpusError, match="DataFrame has 2 columns with the name 'text'"):
        open_corpus(frame)


def columns() -> list[Any]:
    """Single columns of every library that is installed."""
    found = [table(TEXTS)["body"], table(TEXTS)["body"].combine_chunks()]
    for make in (of_polars, of_pandas, of_pandas_objects, of_pandas_arrow):
        try:
            found.append(make(TEXTS)["body"])
        except pytest.skip.Exception:
            continue
    return found


def test_a_single_column_needs_no_name() -> None:
    for column in columns():
        assert read(open_corpus(column)) == text_of(TEXTS)
        with pytest.raises(ConfigError, match="column has no effect on a single column"):
            open_corpus(column, column="body")


def test_a_reader_can_be_read_once() -> None:
    corpus = open_corpus(of_reader(TEXTS), column="body")
    assert read(corpus) == text_of(TEXTS)
    with pytest.raises(CorpusError, match="the RecordBatchReader, can be read only once"):
        read(corpus)
    rows = open_corpus(iter(of_rows(TEXTS)), column="body")
    assert read(rows) == text_of(TEXTS)
    with pytest.raises(CorpusError, match="the rows, can be read only once"):
        read(rows)


@pytest.mark.parametrize("make", [of_polars, of_pandas, of_pandas_objects])
def test_columns_are_read_without_pyarrow(
    make: Callable[[Values], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for values in (TEXTS, LISTS, NUMBERS):
        frame = make(values)
        with monkeypatch.context() as patch:
            patch.setattr("importlib.util.find_spec", lambda name: None)
            patch.setitem(sys.modules, "pyarrow", None)
            assert read(open_corpus(frame, column="body")) == text_of(values)


def test_a_table_of_arrow_without_pyarrow_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    given = of_protocol(TEXTS)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(CorpusError, match=r"^The Table is read by pyarrow, .*'w2v\[parquet\]'"):
        open_corpus(given, column="body")


def test_a_dot_leads_into_a_column() -> None:
    values = [{"text": "le chat"}, None, {"text": "la fin"}]
    for make in (of_arrow, of_polars, of_duckdb, of_rows):
        corpus = open_corpus(make(values), column="body.text")
        assert (read(corpus), corpus.nulls) == ("le chat\nla fin\n", 1)


def test_a_value_at_fault_is_named_by_its_row() -> None:
    cases: list[tuple[Values, str]] = [
        (["a", "b\0c"], r"Row 2 of .* has a NUL character"),
        ([["a"], ["b", "c d"]], r"Word 2 of row 2 of .* is 'c d', with white space"),
        ([["a"], [""]], r"Word 1 of row 2 of .* is '', empty"),
        ([["a"], ["b\N{NO-BREAK SPACE}c"]], r"Word 1 of row 2 of .* with white space"),
    ]
    for values, message in cases:
        for make in (of_arrow, of_polars, of_pandas):
            with pytest.raises(CorpusError, match=message):
                read(open_corpus(make(values), column="body"))


def test_damaged_arrays_do_not_read_beyond_their_memory() -> None:
    pa = pytest.importorskip("pyarrow")
    offsets, letters = pa.py_buffer(b"\0\0\0\0\xff\xff\0\0\3\0\0\0"), pa.py_buffer(b"abc")
    array = pa.Array.from_buffers(pa.string(), 2, [None, offsets, letters])
    with pytest.raises(CorpusError, match="The data of Arrow is damaged"):
        read(open_corpus(array))


def test_every_function_takes_a_column() -> None:
    texts = ["new york is a city", "the city of new york"] * 30
    given = table(texts)
    words = w2v.count_words(given, column="body")
    assert words["york"] == 60
    assert w2v.find_phrases(given, column="body", threshold=0.1)
    joined = w2v.join_phrases(given, column="body", threshold=0.1)
    assert "new_york" in read(joined)
    model = w2v.train(given, column="body", vector_size=4, epochs=2, workers=1)
    assert set(model.vectors.index_to_key) == set(words)
    with pytest.raises(ConfigError, match="column has no effect on a corpus that is open"):
        w2v.count_words(open_corpus(given, column="body"), column="body")


@pytest.mark.parametrize("make", [of_arrow, of_polars, of_pandas_objects, of_rows])
def test_a_table_trains_the_same_vectors(make: Callable[[Values], Any], tmp_path: Any) -> None:
    texts = [f"The cat, no. {k % 7}, sat.\nThe dog {k % 5}!" for k in range(400)]
    path = tmp_path / "x.txt"
    path.write_text(text_of(texts))
    settings: dict[str, Any] = {
        "vector_size": 8, "epochs": 2, "workers": 1, "tokenizer": "words", "lower": True,
    }  # fmt: skip
    first = w2v.train(path, **settings)
    second = w2v.train(make(texts), column="body", **settings)
    assert first.vectors.index_to_key == second.vectors.index_to_key
    assert first.vectors.vectors.tobytes() == second.vectors.vectors.tobytes()
    third = w2v.train(make(texts), column="body", continue_from=first)
    assert set(third.vectors.index_to_key) == set(first.vectors.index_to_key)


def test_texts_of_arrow_become_no_objects_of_python() -> None:
    """Reading takes a page or two beside the table, not another copy of the text."""
    import tracemalloc

    text = "some words of a text that is long " * 30
    given = table([text] * 20_000)  # 20 MB
    corpus = open_corpus(given, column="body")
    tracemalloc.start()
    size = sum(len(block.data) for block in corpus.blocks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == 20_000 * (len(text) + 1)
    assert peak < 10 << 20


def test_rows_may_lack_the_column() -> None:
    rows = [json.loads(line) for line in ('{"a": "x y"}', '{"b": "z"}')]
    corpus = open_corpus(rows, column="a")
    assert (read(corpus), corpus.nulls) == ("x y\n", 1)
