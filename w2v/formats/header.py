"""The header of a word2vec file: how many words there are, and how long a vector is."""

import codecs
import re
from pathlib import Path

from w2v.errors import FormatError

BOM = codecs.BOM_UTF8  # which some editors put before a text
# Eighteen digits at most: more would not fit the sizes that NumPy calculates with.
_HEADER = re.compile(rb"[ \t]*(\d{1,18})[ \t]+(\d{1,18})[ \t]*\r?\n?")
WHOLE_NUMBERS = re.compile(rb"\s*[+-]?\d+\s+[+-]?\d+\s*")


def parse_header(line: bytes) -> tuple[int, int] | None:
    """Return (number of words, vector size) from the first line of a file, or None."""
    match = _HEADER.fullmatch(line.removeprefix(BOM))
    return (int(match[1]), int(match[2])) if match and int(match[2]) else None


def refuse_bad_header(path: Path, line: bytes) -> None:
    """Raise FormatError for two whole numbers that cannot be those of a header."""
    if parse_header(line) is None and WHOLE_NUMBERS.fullmatch(line.removeprefix(BOM)):
        raise FormatError(
            f"{path} starts with {line.rstrip()[:64]!r}, but a header holds the number of words, 0 "
            "or more, and the vector size, 1 or more, of 18 digits at most; correct it, or fetch "
            "the file again."
        )
