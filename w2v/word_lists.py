"""Reads lists of words from users: a file with one word on each line, or a stream of words."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from w2v.errors import ConfigError, FormatError
from w2v.limits import LONGEST_WORD, read_line
from w2v.places import missing_file


def read_word_list(path: Path) -> list[str]:
    """Read a file with one word on each line; a word may hold spaces.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    list of str
        The words, at least one.

    Raises
    ------
    FormatError
        The file is missing, cannot be read, is not UTF-8 text or is empty, or a line is too long.
    """
    try:
        words = [word for line in _lines(path) if (word := line.strip(" \t\r\n"))]
    except FileNotFoundError:
        raise FormatError(missing_file("list of words", path)) from None
    except OSError as error:
        raise FormatError(f"Cannot read the list of words {path}: {error.strerror}.") from error
    if not words:
        raise FormatError(f"{path} holds no words; write one on each line.")
    return words


def _lines(path: Path) -> Iterator[str]:
    offset = 0
    with path.open("rb") as stream:
        while line := read_line(stream, LONGEST_WORD):
            start = line.removeprefix(codecs.BOM_UTF8) if not offset else line
            try:
                yield start.decode("utf-8")
            except UnicodeDecodeError as error:
                place = offset + len(line) - len(start) + error.start
                raise FormatError(
                    f"{path} is not a list of words: it is not UTF-8"
                    f" ({error.reason} at byte {place})."
                ) from error
            offset += len(line)
        if line is None:
            raise FormatError(
                f"{path} is not a list of words: the line at byte {offset} has more than"
                f" {LONGEST_WORD:,} bytes."
            )


def read_words(stream: IO[str], name: str) -> list[str]:
    """Read words that are separated by white space.

    Parameters
    ----------
    stream : text stream
        The words.
    name : str
        The name of the stream in messages.

    Returns
    -------
    list of str
        The words.

    Raises
    ------
    ConfigError
        A word is too long.
    """
    words: list[str] = []
    rest = ""
    while chunk := stream.read(LONGEST_WORD):
        # The mark shows whether white space ends the chunk.
        *whole, rest = (rest + chunk + "|").split()
        words += whole
        rest = rest[:-1]
        if overlong := [word for word in [*whole, rest] if len(word) > LONGEST_WORD]:
            raise ConfigError(
                f"{name} holds a word of more than {LONGEST_WORD:,} letters, which starts with"
                f" {overlong[0][:40]!r}; write words, separated by white space."
            )
    return [*words, rest] if rest else words
