"""Files of Parquet and Arrow (Feather, IPC) in, lines of text out, by pyarrow."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterable, Iterator
from typing import IO, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from w2v.errors import CorpusError
from w2v.text.columns.arrow_text import array_pages, check_type
from w2v.text.columns.naming import choose_column, missing_column, the_only
from w2v.text.columns.values import Account
from w2v.text.sentences import capitalized
from w2v.text.sources import InvalidUtf8

if TYPE_CHECKING:
    import pyarrow as pa

# First bytes, with one that is in no text. Those of a stream may also begin a damaged text.
ARROW_FILE, PARQUET, ARROW_STREAM = b"ARROW1\0\0", b"PAR1\x15", b"\xff\xff\xff\xff"
_BATCH = 1 << 22  # bytes of text in a batch, about
_MOST_ROWS = 1 << 16
_BUFFER = 1 << 20  # bytes of a column that are read at once
_PIECE = 1 << 22  # bytes


class _InPieces(io.BufferedIOBase):
    """A stream that is read in pieces, so that a damaged size takes no memory.

    Python's own streams allocate all that is asked for, even if the file has a few bytes.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:
            return self._stream.read()
        pieces, left = [], size
        while left and (piece := self._stream.read(min(left, _PIECE))):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)


def arrow_pages(
    stream: IO[bytes], label: str, column: str | None, account: Account, invalid_utf8: InvalidUtf8
) -> Generator[bytes | NDArray[np.uint8], None, None]:
    """Yield the text of a column, one value a line; only this column is read.

    Parameters
    ----------
    stream : binary stream
        The file; one of Parquet or of Arrow's file format has to be seekable.
    label : str
        Its name, for messages.
    column : str or None
        The column, with dots for one inside another.
    account : Account
        Where nulls are counted, and how far reading is.
    invalid_utf8 : {"error", "replace"}
        What to do about text that is not UTF-8.

    Raises
    ------
    CorpusError
        pyarrow is missing, the file is damaged, or there is no such column of text.
    """
    check_installed(label)
    import pyarrow as pa  # noqa: PLC0415  (an extra)

    try:
        arrays = _arrays(stream, label, column, account)
        yield from array_pages(arrays, label, account, invalid_utf8)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise CorpusError(
            f"{label} cannot be read as Parquet or Arrow: it is damaged or something else"
            f" ({reason}); copy or write it again."
        ) from error


def check_installed(label: str) -> None:
    """Raise CorpusError where pyarrow is missing."""
    try:
        import pyarrow  # noqa: F401, PLC0415
    except ImportError as error:
        raise CorpusError(
            f"{capitalized(label)} is read by pyarrow, which is not installed: pip install"
            " 'w2v[parquet]'."
        ) from error


def _arrays(
    stream: IO[bytes], label: str, column: str | None, account: Account
) -> Iterator[pa.Array]:
    start = stream.peek(len(ARROW_FILE))  # type: ignore[attr-defined]
    if start.startswith(ARROW_STREAM):
        return _of_stream(stream, label, column)
    if start.startswith(ARROW_FILE):
        return _of_file(stream, label, column, account)
    return _of_parquet(stream, label, column, account)


def _of_parquet(
    stream: IO[bytes], label: str, column: str | None, account: Account
) -> Iterator[pa.Array]:
    from pyarrow import parquet  # noqa: PLC0415

    # Otherwise a whole row group of the column would be read ahead.
    file = parquet.ParquetFile(stream, pre_buffer=False, buffer_size=_BUFFER)
    path = path_to(file.schema_arrow, column, label)
    name, rows = ".".join(path), file.metadata.num_rows
    batches = file.iter_batches(
        batch_size=_rows_of_a_batch(file.metadata, name), columns=[name], use_threads=False
    )
    done = 0
    for batch in batches:
        yield leaf(batch.column(0), path[1:])
        done += batch.num_rows
        account.done = done / rows


def _rows_of_a_batch(metadata: pa.parquet.FileMetaData, name: str) -> int:
    """Return how many rows have about _BATCH bytes of text."""
    size = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        columns = map(group.column, range(group.num_columns))
        size += sum(
            each.total_uncompressed_size
            for each in columns
            if f"{each.path_in_schema}.".startswith(f"{name}.")
        )
    rows: int = metadata.num_rows
    return max(1, min(_MOST_ROWS, rows * _BATCH // max(1, size)))


def _of_file(
    stream: IO[bytes], label: str, column: str | None, account: Account
) -> Iterator[pa.Array]:
    from pyarrow import ipc  # noqa: PLC0415

    schema = ipc.open_file(stream).schema
    path = path_to(schema, column, label)
    stream.seek(0)
    only = ipc.IpcReadOptions(included_fields=[schema.get_field_index(path[0])])
    reader = ipc.open_file(stream, options=only)
    for number in range(reader.num_record_batches):
        yield _sound(leaf(reader.get_batch(number).column(0), path[1:]))
        account.done = (number + 1) / reader.num_record_batches


def _of_stream(stream: IO[bytes], label: str, column: str | None) -> Iterator[pa.Array]:
    from pyarrow import ipc  # noqa: PLC0415

    reader = ipc.open_stream(_InPieces(stream))
    path = path_to(reader.schema, column, label)
    yield from map(_sound, leaves(reader, path))


def _sound(array: pa.Array) -> pa.Array:
    """Return an array as a file has it; raise ArrowInvalid where it leads out of its memory."""
    array.validate(full=True)
    return array


def path_to(schema: pa.Schema, column: str | None, label: str) -> list[str]:
    """Return the names that lead to a column, which may lie inside another.

    Raises CorpusError where there is none, or it holds no texts and no lists of words.
    """
    names = [name for field in schema for name in _names(field)]
    if column is None:
        column = choose_column(names, None, label)
    path = [column] if column in schema.names else column.split(".")
    if path[0] not in schema.names:
        raise missing_column(names, column, label)
    the_only(path[0], schema.names, label)
    first = f"the column {path[0]!r} of {label}"
    kind = type_inside(schema.field(path[0]).type, path[1:], first)
    check_type(kind, f"the column {column!r} of {label}")
    return path


def _names(field: pa.Field) -> list[str]:
    """Return the name of a column, or those of the columns inside it, with a dot before each."""
    from pyarrow import types  # noqa: PLC0415

    if not types.is_struct(field.type):
        return [field.name]
    return [f"{field.name}.{name}" for inner in field.type for name in _names(inner)]


def type_inside(kind: pa.DataType, inner: list[str], label: str) -> pa.DataType:
    """Return the type of a column that lies inside one of this type; CorpusError if none does."""
    from pyarrow import types  # noqa: PLC0415

    for name in inner:
        names = [field.name for field in kind] if types.is_struct(kind) else []
        if name not in names:
            raise missing_column(names, name, label)
        kind = kind.field(the_only(name, names, label)).type
    return kind


def leaves(batches: Iterable[pa.RecordBatch], path: list[str]) -> Iterator[pa.Array]:
    """Yield the column at the end of a path in each batch."""
    for batch in batches:
        yield leaf(batch.column(path[0]), path[1:])


def leaf(array: pa.Array, inner: list[str]) -> pa.Array:
    """Return what these names lead to inside an array of records; without names the array."""
    from pyarrow import compute  # noqa: PLC0415

    for name in inner:
        array = compute.struct_field(array, name)
    return array
