"""Arrow's arrays in, lines of text out, without a Python object for each word or text.

The letters of an array of strings lie end to end in one buffer, and another says where each string
begins. They are copied once, into pages with line feeds in between.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from w2v.characters import ASCII_WHITE_SPACE, WIDE_WHITE_SPACE
from w2v.errors import Argument, CorpusError
from w2v.text.columns.values import Account, value_pages
from w2v.text.sentences import capitalized, spelled
from w2v.text.sources import InvalidUtf8

if TYPE_CHECKING:
    import pyarrow as pa

_PAGE = 1 << 18  # bytes of text that are handed on together, about
_ROWS = 1 << 6, 1 << 14  # of the first page, and of any
_NOT_IN_WORDS = ASCII_WHITE_SPACE + b"\0"


def check_type(kind: pa.DataType, name: str) -> None:
    """Raise CorpusError unless a column of this type holds texts, or lists of words or numbers.

    Parameters
    ----------
    kind : pyarrow.DataType
        The type.
    name : str
        The column's name, such as "the column 'id' of a.parquet".
    """
    from pyarrow import types  # noqa: PLC0415  (an extra)

    inner = kind.value_type if _is_list(kind) else kind
    if types.is_dictionary(inner):
        inner = inner.value_type
    is_numbers = _is_list(kind) and types.is_integer(inner)
    if not (_is_text(inner) or is_numbers or types.is_null(inner)):
        raise CorpusError(
            f"{capitalized(name)} holds {kind}, which is neither texts nor lists of"
            " words; name another with ",
            Argument("column", "..."),
            ".",
        )


def array_pages(
    arrays: Iterable[pa.Array], label: str, account: Account, invalid_utf8: InvalidUtf8
) -> Generator[bytes | NDArray[np.uint8], None, None]:
    """Yield the values of arrays as lines of text, in pages.

    Parameters
    ----------
    arrays : iterable of pyarrow.Array
        Of a type that `check_type` accepts.
    label : str
        Their name, for messages.
    account : Account
        Counts the nulls, which are skipped.
    invalid_utf8 : {"error", "replace"}
        What to do about text that is not UTF-8, in values that are taken one by one.

    Raises
    ------
    CorpusError
        A value is not text, or an item of a list is not a word.
    """
    row, rows = 0, _ROWS[0]
    for array in arrays:
        first = 0
        while first < len(array):
            part = _plain(array.slice(first, rows))
            text = _text(part)
            if text is None:  # something is wrong, or rare
                yield from value_pages(_one_by_one(part, row, label), account, invalid_utf8)
            else:
                account.nulls += part.null_count
                yield text
            first, row = first + len(part), row + len(part)
            fit = len(part) * _PAGE // (_PAGE // 4 if text is None else len(text) or 1)
            rows = max(1, min(fit, 4 * rows, _ROWS[1]))


def _one_by_one(part: pa.Array, row: int, label: str) -> Iterator[tuple[str, object]]:
    """Yield each value with its place, for messages; `row` rows come before them."""
    for number, value in enumerate(part, start=row + 1):
        try:
            yield f"row {number} of {label}", value.as_py()
        except UnicodeDecodeError as error:
            raise CorpusError(
                f"Row {number} of {label} is not valid UTF-8 ({error.reason}); convert it."
            ) from error


def _plain(values: pa.Array) -> pa.Array:
    """Return values in a layout that is read here; most are returned as they are."""
    import pyarrow as pa  # noqa: PLC0415

    kind = values.type
    if pa.types.is_dictionary(kind):
        # Arrow decodes no dictionary of views, such as a Categorical of Polars.
        dictionary = _plain(values.dictionary)
        return pa.DictionaryArray.from_arrays(values.indices, dictionary).dictionary_decode()
    if kind == pa.string_view():
        return values.cast(pa.large_string())
    if kind == pa.binary_view():
        return values.cast(pa.large_binary())
    return values


def _text(values: pa.Array) -> NDArray[np.uint8] | None:
    """Return values as text, without nulls; None where one of them needs a closer look."""
    from pyarrow import types  # noqa: PLC0415

    if values.null_count == len(values):
        return np.empty(0, dtype=np.uint8)
    if _is_list(values.type):
        return _text_of_lists(values)
    if values.null_count:
        values = values.drop_null()
    text = _lines(values, np.arange(1, len(values) + 1))
    may_hold_nul = types.is_binary(values.type) or types.is_large_binary(values.type)
    return text if may_hold_nul or text.all() else None


def _text_of_lists(values: pa.Array) -> NDArray[np.uint8] | None:
    from pyarrow import compute, types  # noqa: PLC0415

    words = _plain(values.flatten())  # those of nulls are left out
    if words.null_count:
        return None
    lengths = compute.list_value_length(values).fill_null(0).to_numpy(zero_copy_only=False)
    ends = np.cumsum(lengths[lengths > 0], dtype=np.int64)  # an empty line says nothing
    if not len(ends):
        return np.empty(0, dtype=np.uint8)
    if types.is_uint64(words.type):  # int64 may not hold them
        return None
    if types.is_integer(words.type):
        return np.frombuffer(spelled(np.asarray(words).astype(np.int64), ends), dtype=np.uint8)
    text = _lines(words, ends)
    return text if _has_words(text, words) else None


def _has_words(text: NDArray[np.uint8], words: pa.Array) -> bool:
    """Return whether `str.split()` gets back these words from a text made of them."""
    if not np.diff(_starts(words)).all():  # one is empty
        return False
    data = text.tobytes()
    separators = len(data) - len(data.translate(None, _NOT_IN_WORDS))
    return separators == len(words) and (data.isascii() or not WIDE_WHITE_SPACE.search(data))


def _lines(strings: pa.Array, ends: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return strings with spaces between them, and line feeds at these ends."""
    # Numba takes 0.3 s to import.
    from w2v.kernels.spelling import spell  # noqa: PLC0415

    starts, data = _starts(strings), strings.buffers()[2]
    letters = np.empty(0, np.uint8) if data is None else np.frombuffer(data, dtype=np.uint8)
    # The kernel checks nothing.
    is_sound = starts[0] >= 0 and starts[-1] <= len(letters) and ends[-1] == len(strings)
    if not (is_sound and (starts[1:] >= starts[:-1]).all()):
        raise CorpusError("The data of Arrow is damaged: the places of its strings do not fit.")
    letters, starts = letters[starts[0] : starts[-1]], starts - starts[0]
    text = np.empty(len(letters) + len(strings), dtype=np.uint8)
    spell(np.arange(len(strings), dtype=np.int32), ends, letters, starts, text)
    return text


def _starts(strings: pa.Array) -> NDArray[np.int64]:
    """Return where each string begins in the buffer of letters; the last entry is the end."""
    width = np.int64 if _is_large(strings.type) else np.int32
    offsets = np.frombuffer(strings.buffers()[1], dtype=width)
    return offsets[strings.offset : strings.offset + len(strings) + 1].astype(np.int64)


def _is_large(kind: pa.DataType) -> bool:
    from pyarrow import types  # noqa: PLC0415

    return bool(types.is_large_string(kind) or types.is_large_binary(kind))


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa  # noqa: PLC0415

    return kind in (
        pa.string(), pa.large_string(), pa.string_view(),
        pa.binary(), pa.large_binary(), pa.binary_view(),
    )  # fmt: skip


def _is_list(kind: pa.DataType) -> bool:
    from pyarrow import types  # noqa: PLC0415

    tests: tuple[Any, ...] = (
        types.is_list, types.is_large_list, types.is_fixed_size_list, types.is_list_view,
        types.is_large_list_view,
    )  # fmt: skip
    return any(test(kind) for test in tests)
