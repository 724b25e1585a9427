"""The vocabulary file: each line holds a word and its count, or a word alone."""

import io
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from w2v.compression import compression_in
from w2v.errors import FormatError
from w2v.formats.checks import ASCII_SPACES
from w2v.formats.header import BOM, WHOLE_NUMBERS
from w2v.formats.record import Format, Sample
from w2v.limits import LONGEST_WORD
from w2v.opening import open_single, written

_LONGEST = LONGEST_WORD + 32  # bytes of a line with its count
_MOST_DIGITS = 18  # of a count
_BLOCK = 1 << 20  # bytes read at once
_NEWLINE = 10
_IS_SPACE = np.isin(np.arange(256), [ord(space) for space in ASCII_SPACES])


@dataclass(frozen=True)
class VocabularyLines:
    """The content of a vocabulary file.

    Attributes
    ----------
    words : list of bytes
        V words.
    counts : ndarray of int64, shape (V,), or None
        How often each word was seen, if the file has counts.
    """

    words: list[bytes]
    counts: NDArray[np.int64] | None


def read(
    path: Path, limit: int | None = None, see: Callable[[bytes], object] | None = None
) -> VocabularyLines:
    """Read a vocabulary file, compressed or not.

    If the first line ends in a whole number, all lines must end in one. Otherwise each line is a
    word, which may hold spaces. The words are not checked: they may repeat, and need not be UTF-8.

    Parameters
    ----------
    path : Path
        The file.
    limit : int, 0 or more, or None
        Return this many lines from the start; None returns all.
    see : callable or None
        Called with all bytes of the file, piece by piece, including those beyond the limit.

    Returns
    -------
    VocabularyLines
        The words and counts.

    Raises
    ------
    FormatError
        The file cannot be read, or a line is not valid; the message names the line.
    """
    words: list[bytes] = []
    counts: array[int] | None = None
    with open_single(path, "vocabulary file") as stream:
        for number, read_lines in enumerate(_whole_lines(stream, see)):
            block = read_lines
            if number == 0:
                block = read_lines.removeprefix(BOM)
                is_counted = _parts(block.partition(b"\n")[0])[1] is not None
                counts = array("q") if is_counted else None
            if limit is None or len(words) < limit:
                _add_lines(path, block, words, counts, limit)
            elif see is None:
                break
    words = words[:limit]
    if counts is None or not words:
        return VocabularyLines(words, None)
    return VocabularyLines(words, np.array(counts[:limit], dtype=np.int64))


def _whole_lines(stream: IO[bytes], see: Callable[[bytes], object] | None) -> Iterator[bytes]:
    """Yield a file in blocks that end where a line does, or are longer than a line may be."""
    rest = b""
    while data := stream.read(_BLOCK):
        if see is not None:
            see(data)
        data = rest + data
        end = data.rfind(b"\n") + 1
        if not end and len(data) >= _LONGEST:
            end = len(data)
        if end:
            yield data[:end]
        rest = data[end:]
    if rest:
        yield rest


def _add_lines(
    path: Path, block: bytes, words: list[bytes], counts: "array[int] | None", limit: int | None
) -> None:
    """Add the words and counts of whole lines; with None for counts, each line is a word.

    Lines beyond the limit need not be valid, but some may be added.
    """
    simple = None if counts is None else _simple_lines(block)
    if counts is not None and simple is not None:
        words += simple[0]
        counts.extend(simple[1])
        return
    for line in io.BytesIO(block):
        if len(words) == limit:
            return
        if len(line) >= _LONGEST:
            raise _bad_line(path, len(words) + 1, line, "is longer than a word can be")
        word, count = _parts(line)
        if counts is None:
            words.append(line.rstrip(b"\r\n"))
            continue
        if count is None:
            problem = "is not a word and a whole number, as the lines before are"
            raise _bad_line(path, len(words) + 1, line, problem)
        words.append(word)
        counts.append(count)


def _simple_lines(block: bytes) -> tuple[list[bytes], list[int]] | None:
    """Return the words and counts of lines that hold no other white space than one space each.

    None if a line is another. A file may have millions of lines, so all are looked at together.
    """
    letters = np.frombuffer(block, dtype=np.uint8)
    spaces = np.flatnonzero(_IS_SPACE[letters])
    ends = np.flatnonzero(letters == _NEWLINE)
    fields = block.split()
    if not len(fields) == len(spaces) == 2 * len(ends) or (spaces[1::2] != ends).any():
        return None
    counts = fields[1::2]
    is_number = b"".join(counts).isdigit() and max(map(len, counts)) <= _MOST_DIGITS
    if not is_number or np.diff(ends, prepend=-1).max() >= _LONGEST:
        return None
    return fields[::2], list(map(int, counts))


def _parts(line: bytes) -> tuple[bytes, int | None]:
    """Return (word, count) of a line; the count is None if no whole number ends the line."""
    word, *ends = line.rsplit(None, 1) or [b""]
    if ends and ends[0].isdigit() and len(ends[0]) <= _MOST_DIGITS:
        return word, int(ends[0])
    return line.rstrip(b"\r\n"), None


def _bad_line(path: Path, number: int, line: bytes, problem: str) -> FormatError:
    text = line[:64].decode("utf-8", "replace").rstrip("\r\n")
    return FormatError(f"{path}, line {number}: {text!r} {problem}; correct the line.")


def check_words(path: Path, words: Sequence[str]) -> None:
    """Raise FormatError if a vocabulary file could not be read back as these words."""
    letters = "".join(words)
    if not any(space in letters for space in ASCII_SPACES):
        return
    for word in words:
        if not ASCII_SPACES.isdisjoint(word):
            raise FormatError(
                f"Cannot write {path}: {word!r} holds white space, which a vocabulary file cannot;"
                " replace it, for instance by '_'."
            )


def lines(words: Sequence[str], counts: NDArray[np.int64] | None) -> bytes:
    """Return the content of a vocabulary file, with counts int64 (V,) or without for None."""
    written: Iterable[str] = words
    if counts is not None:
        written = map(" ".join, zip(words, map(str, counts.tolist()), strict=True))
    content = "\n".join([*written, ""]).encode()
    # A leading BOM protects a first word that looks like a compressed file or like a BOM itself.
    return BOM + content if content.startswith(BOM) or compression_in(content) else content


def write(path: Path, words: Sequence[str], counts: NDArray[np.int64] | None = None) -> None:
    """Write a vocabulary file atomically.

    Parameters
    ----------
    path : Path
        The file to write; a suffix such as .gz compresses it.
    words : sequence of str
        V words without white space, the commonest first.
    counts : ndarray of int64, shape (V,), or None
        How often each word was seen, if known.

    Raises
    ------
    FormatError
        The format cannot hold a word.
    W2VError
        The file cannot be written.
    """
    check_words(path, words)
    with written(path) as stream:
        stream.write(lines(words, counts))


def _detect(sample: Sample) -> bool:
    """Return whether lines are words with counts; they would pass for vectors of one number."""
    lines = sample.start.splitlines()[:2]
    if WHOLE_NUMBERS.fullmatch(lines[0].removeprefix(BOM)):  # a header
        return False
    return all(re.fullmatch(rb"\S+ \d+", line) for line in lines)


FORMAT = Format(
    "vocabulary",
    detect=_detect,
    refusal=(
        "holds a word and a whole number on each line, as a vocabulary file does, and no vectors;"
        " name the .npy file that belongs to it."
    ),
)
