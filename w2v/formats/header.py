"""The header of a word2vec file: the number of words and the vector size."""

import codecs
import re
from pathlib import Path

from w2v.errors import FormatError

BOM = codecs.BOM_UTF8  # some editors put it at the start of a text
# Eighteen digits at most: larger numbers may not fit the 64-bit sizes of NumPy.
_HEADER = re.compile(rb"[ \t]*(\d{1,18})[ \t]+(\d{1,18})[ \t]*\r?\n?")
WHOLE_NUMBERS = re.compile(rb"\s*[+-]?\d+\s+[+-]?\d+\s*")


def parse_header(line: bytes) -> tuple[int, int] | None:
    """Return (number of words, vector size) from the first line of a file; None if it has none."""
    match = _HEADER.fullmatch(line.removeprefix(BOM))
    return (int(match[1]), int(match[2])) if match and int(match[2]) else None


def refuse_bad_header(path: Path, line: bytes) -> None:
    """Raise FormatError if a line has two whole numbers that are not a valid header."""
    if parse_header(line) is None and WHOLE_NUMBERS.fullmatch(line.removeprefix(BOM)):
        raise FormatError(
            f"{path} starts with {line.rstrip()[:64]!r}, but a header holds the number of words, 0 "
            "or more, and the vector size, 1 or more, of 18 digits at most; correct it, or fetch "
            "the file again."
        )
