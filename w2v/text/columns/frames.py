"""Tables and columns in memory: from Arrow, Polars, pandas, and whatever gives Arrow's data."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, ConfigError, CorpusError
from w2v.text.cleaning import clean_blocks
from w2v.text.columns.arrow_files import check_installed, leaf, leaves, path_to, type_inside
from w2v.text.columns.arrow_text import array_pages, check_type
from w2v.text.columns.formats import PageStream, with_nulls
from w2v.text.columns.naming import Field, choose_column
from w2v.text.columns.values import Account, value_pages
from w2v.text.sentences import capitalized
from w2v.text.sources import Blocks

if TYPE_CHECKING:
    pass

Pages = Iterator[bytes | NDArray[np.uint8]]

_BATCH_ROWS = 1 << 12  # of a dataset


class Table(Protocol):
    """Whatever gives its data as Arrow's, by the protocol that its libraries share."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


class ColumnSource:
    """A column in memory.

    Parameters
    ----------
    label : str
        Its name for messages.
    pages : callable
        Given an account, yields its text from the start.
    is_once : bool
        Whether it can be read only once.
    """

    path: Path | None = None

    def __init__(self, label: str, pages: Callable[[Account], Pages], is_once: bool) -> None:
        self.label = label
        self._pages = pages
        self._is_once = is_once
        self._is_spent = False

    def blocks(self, block_size: int) -> Blocks:
        if self._is_spent:
            raise CorpusError(
                f"The corpus, {self.label}, can be read only once, and has been; give a table."
            )
        self._is_spent = self._is_once
        account = Account()
        text = cast(IO[bytes], PageStream(self._pages(account)))
        yield from with_nulls(
            clean_blocks(self.label, text, block_size, "error"), account, self.label
        )


def column_source(data: Any, column: str | None) -> ColumnSource | None:
    """Return a column in memory as a source; None for data that has none.

    Parameters
    ----------
    data : object
        A table, a column of one, or with `column` an iterable of mappings.
    column : str or None
        The column of the table to read.

    Raises
    ------
    CorpusError
        There is no such column, or it holds neither texts nor lists of words.
    ConfigError
        A column was named, but the data is a single column already.
    """
    if isinstance(data, (str, bytes, Mapping)):
        return None
    if _is_frame(data):
        return _of_frame(data, column)
    if _is_table(data):
        return _of_table(data, column)
    if _is_column(data):
        if column is not None:
            raise ConfigError(
                Argument("column"), " has no effect on a single column; leave it out."
            )
        return _of_column(data, "the column", [])
    if column is None or not isinstance(data, Iterable):
        return None
    return ColumnSource("the rows", partial(_of_rows, data, column), is_once=iter(data) is data)


def is_columns(data: Any) -> bool:
    """Return whether data is a table, or a column of one."""
    if isinstance(data, (str, bytes, Mapping)):
        return False
    return _is_frame(data) or _is_table(data) or _is_column(data)


def _is_frame(data: Any) -> bool:
    """Return whether data is a table of Polars or pandas, or like them."""
    if _library(data) in ("polars", "pandas"):
        return hasattr(data, "select_dtypes") or hasattr(data, "collect_schema")
    return all(hasattr(data, each) for each in ("columns", "shape")) and not _gives_arrow(data)


def _library(data: Any) -> str:
    return type(data).__module__.partition(".")[0]


def _gives_arrow(data: Any) -> bool:
    return hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__")


def _is_table(data: Any) -> bool:
    """Return whether data gives Arrow's record batches."""
    if _library(data) == "pyarrow":
        return hasattr(data, "schema") or hasattr(data, "projected_schema")
    gives_names = hasattr(data, "columns") or hasattr(data, "schema")
    return gives_names and hasattr(data, "__arrow_c_stream__")


def _is_column(data: Any) -> bool:
    is_series = all(hasattr(data, name) for name in ("array", "dtype", "index"))  # of pandas
    return is_series or _gives_arrow(data)


def _of_frame(frame: Any, column: str | None) -> ColumnSource:
    label = f"the {type(frame).__name__}"
    is_lazy = hasattr(frame, "collect")
    labels = frame.collect_schema().names() if is_lazy else list(frame.columns)
    names = [str(each) for each in labels]
    path = [] if column is None or column in names else column.split(".")
    if not path or path[0] not in names:
        path = [choose_column(names, column, label)]
    if is_lazy:
        frame = frame.select(path[0]).collect()
    return _of_column(frame[labels[names.index(path[0])]], f"the column {path[0]!r}", path[1:])


def _of_column(values: Any, label: str, inner: list[str]) -> ColumnSource:
    """Return a column as a source; `inner` leads to the one inside it that is read."""
    if not _is_read_as_arrow(values):
        if inner:
            raise CorpusError(
                f"{capitalized(label)} can only be looked into by pyarrow: pip install"
                " 'w2v[parquet]', or give its values."
            )
        return ColumnSource(label, partial(_of_values, values, label), is_once=False)
    import pyarrow as pa  # noqa: PLC0415  (an extra)

    has_stream = hasattr(values, "__arrow_c_stream__")
    array = pa.chunked_array(values if has_stream else [pa.array(values)])
    check_type(type_inside(array.type, inner, label), ".".join([label, *inner]))

    def pages(account: Account) -> Pages:
        arrays = (leaf(chunk, inner) for chunk in array.chunks)
        return array_pages(arrays, label, account, "error")

    return ColumnSource(label, pages, is_once=False)


def _is_read_as_arrow(values: Any) -> bool:
    """Return whether a column's data is Arrow's, or like it, so that it need not be copied first.

    pandas may hold Python's own strings; as Arrow's data, all of them would be there twice.
    """
    if importlib.util.find_spec("pyarrow") is None and _library(values) != "pyarrow":
        return False
    if hasattr(values, "array"):  # of pandas
        return type(values.array).__name__.startswith("Arrow")
    return str(getattr(values, "dtype", "")) != "Object"  # of Polars


def _of_values(values: Iterable[object], label: str, account: Account) -> Pages:
    places = ((f"row {number} of {label}", value) for number, value in enumerate(values, start=1))
    return value_pages(places, account, "error")


def _of_table(table: Any, column: str | None) -> ColumnSource:
    label = f"the {type(table).__name__}"
    check_installed(label)
    import pyarrow as pa  # noqa: PLC0415

    if _library(table) != "pyarrow":
        schema = pa.RecordBatchReader.from_stream(table).schema
    else:
        schema = table.projected_schema if hasattr(table, "projected_schema") else table.schema
    path = path_to(schema, column, label)

    def pages(account: Account) -> Pages:
        return array_pages(leaves(_batches(table, path[0]), path), label, account, "error")

    return ColumnSource(label, pages, is_once=isinstance(table, pa.RecordBatchReader))


def _batches(table: Any, column: str) -> Any:
    """Return an iterable of the record batches of a table."""
    import pyarrow as pa  # noqa: PLC0415

    if isinstance(table, pa.RecordBatch):
        return [table]
    if isinstance(table, pa.RecordBatchReader):
        return table
    if isinstance(table, pa.Table):
        return table.select([column]).to_batches()
    if hasattr(table, "scanner"):  # a dataset, of which little is read ahead
        return table.to_batches(
            columns=[column], batch_size=_BATCH_ROWS, batch_readahead=1, fragment_readahead=1
        )
    if hasattr(table, "to_reader"):  # a scanner
        return table.to_reader()
    return pa.RecordBatchReader.from_stream(table)


def _of_rows(rows: Iterable[object], column: str, account: Account) -> Pages:
    field = Field("the rows", column)

    def values() -> Iterator[tuple[str, object]]:
        for number, row in enumerate(rows, start=1):
            yield f"row {number}", field.value(row, f"row {number}")
        field.end()

    return value_pages(values(), account, "error")
