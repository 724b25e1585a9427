"""Parses rows of text: a word and its numbers."""

import re
from collections.abc import Sequence

import numpy as np

from w2v.limits import LARGEST_VECTOR
from w2v.matrices import Matrix

_NUMBER = re.compile(
    rb"[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|inf|infinity|nan)", re.IGNORECASE
)
_DECIMAL = re.compile(rb"[+-]?\d+,\d+(?:e[+-]?\d+)?", re.IGNORECASE)  # with a decimal comma
_FIELD = re.compile(rb"\S+")


def parse_quickly(rows: Sequence[bytes], vector_size: int) -> tuple[list[bytes], Matrix] | None:
    """Parse rows whose fields are all separated by single spaces.

    Parameters
    ----------
    rows : sequence of bytes
        n rows.
    vector_size : int
        The number of numbers d in a row.

    Returns
    -------
    tuple of list of bytes and ndarray of float32, shape (n, d), or None
        The words and numbers; None if a row is not of this simple form.
    """
    try:
        pairs = [row.split(b" ", 1) for row in rows]
        texts = [str(pair[1], "ascii") for pair in pairs]
        if not texts:
            return None
        with np.errstate(over="ignore"):
            numbers = np.loadtxt(texts, dtype=np.float32, delimiter=" ", comments=None, ndmin=2)
    except (ValueError, IndexError):
        return None
    if numbers.shape != (len(rows), vector_size):
        return None
    return [pair[0] for pair in pairs], numbers


def split_row(row: bytes, vector_size: int) -> tuple[bytes | None, list[bytes]]:
    """Split a row from the right into (word, numbers); the word is None if that fails."""
    for separator in (b" ", None):
        word, *numbers = row.rsplit(separator, vector_size) or [b""]
        if len(numbers) == vector_size and all(map(_NUMBER.fullmatch, numbers)):
            return (None, []) if _ends_in_number(word, numbers) else (word, numbers)
    return None, []


def _ends_in_number(word: bytes, numbers: list[bytes]) -> bool:
    """Return whether the supposed word ends in a number that belongs to the vector.

    "route 66" before 0.1 and 0.2 does not: 66 is a whole number, and the others are not.
    """
    parts = word.rsplit(None, 1)
    if len(parts) < 2 or not _NUMBER.fullmatch(parts[1]):
        return False
    return not parts[1].isdigit() or all(number.lstrip(b"+-").isdigit() for number in numbers)


def miscount(row: bytes, vector_size: int) -> tuple[str, str]:
    """Return (problem, advice) of a row of the wrong length; "" stands for the usual advice."""
    found = f"has {count_numbers(row)} numbers after its word where {vector_size} are expected"
    problem, advice = commas(row) or ("", "")
    return f"{found}: {problem}" if problem else found, advice


def commas(row: bytes) -> tuple[str, str] | None:
    """Return (problem, advice) if a row has commas in or between its numbers, else None."""
    word, _, rest = row.strip().replace(b"\t", b" ").partition(b" ")  # a word may hold a comma
    parted = word + b" " + rest.replace(b",", b" ") if rest else word.replace(b",", b" ")
    if count_numbers(parted) <= count_numbers(row):
        return None
    example = next(
        (field[0] for field in _FIELD.finditer(row) if _DECIMAL.fullmatch(field[0])), b""
    )
    if example and b"." not in row:
        right = example.replace(b",", b".").decode("ascii")
        written = f"its numbers have decimal commas, such as {example.decode('ascii')}"
        return written, f"write them with points, as in {right}"
    return "there are commas between its numbers", "put spaces in their place"


def count_numbers(row: bytes) -> int:
    """Return how many numbers end a row, without its first field; counting stops at a bound."""
    count = -1
    for field in _FIELD.finditer(row):  # without a list: there may be millions
        count = count + 1 if count < 0 or _NUMBER.fullmatch(field[0]) else 0
        if count > LARGEST_VECTOR:
            break
    return max(0, count)


def is_numbers(row: bytes) -> bool:
    """Return whether all fields of a row are numbers, including the first."""
    return all(_NUMBER.fullmatch(field[0]) for field in _FIELD.finditer(row))
