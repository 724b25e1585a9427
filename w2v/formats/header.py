"""The header of a word2vec file, and what is wrong where the entries are fewer or more."""

import codecs
import re
from pathlib import Path

from w2v.errors import FormatError
from w2v.formats.word_matrix import Defect

BOM = codecs.BOM_UTF8  # which some editors put before a text
# Eighteen digits at most: more would not fit the sizes that NumPy calculates with.
_HEADER = re.compile(rb"[ \t]*(\d{1,18})[ \t]+(\d{1,18})[ \t]*\r?\n?")
WHOLE_NUMBERS = re.compile(rb"\s*[+-]?\d+\s+[+-]?\d+\s*")


def parse_header(line: bytes) -> tuple[int, int] | None:
    """Return (number of words, vector size) from the first line of a file, or None."""
    match = _HEADER.fullmatch(line.removeprefix(BOM))
    return (int(match[1]), int(match[2])) if match and int(match[2]) else None


def refuse_bad_header(path: Path, line: bytes) -> None:
    """Raise FormatError for a line of two whole numbers that is no header all the same."""
    if parse_header(line) is None and WHOLE_NUMBERS.fullmatch(line.removeprefix(BOM)):
        raise FormatError(
            f"{path} starts with {line.rstrip()[:64]!r}, but a header holds the number of words, 0 "
            "or more, and the vector size, 1 or more, of 18 digits at most; correct it, or fetch "
            "the file again."
        )


def missing(entry: int, promised: int, offset: int) -> Defect:
    """Return the defect of a file that ends before an entry that its header promises."""
    rest = ", and so are all after it" if entry < promised else ""
    problem = f"is missing{rest}: the file ends here and has nothing of it"
    advice = advice_to_end_at(entry - 1)
    return Defect("missing entries", entry, offset, "", problem, advice, promised)


def extra(promised: int, offset: int, what: str) -> Defect:
    """Return the defect of a file that goes on after the last entry that its header promises."""
    problem = f"is none that the header promises: extra {what} follow entry {promised}, its last"
    advice = "the header is wrong or the file damaged; to load without them, use on_defect='skip'"
    return Defect(f"extra {what}", promised + 1, offset, "", problem, advice)


def advice_to_end_at(complete: int) -> str:
    """Return what to do about a file of which only the first entries are complete."""
    if not complete:
        return "fetch it again"
    return f"fetch it again, or load the entries before with limit={complete}"
