"""The values of a column as lines of text: a string is a text, a list the words of a sentence."""

import math
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from w2v.errors import Argument, CorpusError
from w2v.text.sentences import capitalized, plain_words, word_refusal
from w2v.text.sources import InvalidUtf8, shorten

_PAGE = 1 << 16  # bytes of text that are handed on together
_MISSING = ("NAType", "NaTType")  # of pandas


@dataclass
class Account:
    """What reading a column reports.

    Attributes
    ----------
    nulls : int
        Values, or words in lists, that were skipped because they are null.
    done : float or None
        The share of the file that was read, where its bytes do not show it.
    """

    nulls: int = 0
    done: float | None = None


def value_pages(
    values: Iterable[tuple[str, object]], account: Account, invalid_utf8: InvalidUtf8
) -> Generator[bytes, None, None]:
    """Yield values as lines of text, in pages.

    Parameters
    ----------
    values : iterable of (str, object)
        Each with its place, for messages, such as "line 7 of a.jsonl".
    account : Account
        Counts the nulls, which are skipped.
    invalid_utf8 : {"error", "replace"}
        Whether what is not UTF-8 is an error; if not, it passes as it is.

    Raises
    ------
    CorpusError
        A value is neither a text nor a list of words.
    """
    page, size = [], 0
    for place, value in values:
        line = _line(value, place, account, invalid_utf8)
        if line is None:
            account.nulls += 1
            continue
        page.append(line)
        size += len(line)
        if size >= _PAGE:
            yield b"".join(page)
            page, size = [], 0
    if page:
        yield b"".join(page)


def _line(value: object, place: str, account: Account, invalid_utf8: InvalidUtf8) -> bytes | None:
    """Return a value as a line of text; None for a null."""
    if not isinstance(value, str):
        if is_null(value):
            return None
        value = _joined(_words(value, place), place, account)
    if "\0" in value:
        raise CorpusError(
            f"{capitalized(place)} has a NUL character in it, so it is not text; take it out."
        )
    try:
        return value.encode() + b"\n"
    except UnicodeEncodeError as error:
        if invalid_utf8 == "error":
            raise CorpusError(
                f"{capitalized(place)} is not valid UTF-8, or has a lone surrogate in it; convert"
                " it, or let it pass with ",
                Argument("invalid_utf8", "replace"),
                ".",
            ) from error
    try:  # bytes that were not UTF-8 return as they were
        return value.encode(errors="surrogateescape") + b"\n"
    except UnicodeEncodeError:
        return value.encode(errors="surrogatepass") + b"\n"


def is_null(value: object) -> bool:
    """Return whether a value is None, or what pandas has in its place."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return type(value).__name__ in _MISSING


def _words(value: object, place: str) -> Sequence[object]:
    """Return the words of a value that is not a string; raise CorpusError where it has none."""
    for method in ("tolist", "to_list"):  # of NumPy, of Polars
        if getattr(value, "ndim", 1) == 1 and hasattr(value, method):
            value = getattr(value, method)()
    if isinstance(value, (list, tuple)):
        return value
    raise CorpusError(
        f"{capitalized(place)} is {shorten(value)}, which is neither a text nor a list of words;"
        " name another column with ",
        Argument("column", "..."),
        ", or leave it out.",
    )


def _joined(values: Sequence[object], place: str, account: Account) -> str:
    """Return words with a space between them; raise CorpusError where one is not a word."""
    words = [word for word in values if word is not None]
    account.nulls += len(values) - len(words)
    are_strings = all(isinstance(word, str) for word in words)
    strings = cast(list[str], words) if are_strings else plain_words(words, place)
    line = " ".join(strings)
    if line.split() != strings:
        raise word_refusal(strings, place)
    return line
