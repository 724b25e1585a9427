"""word2vec's files as gensim reads and writes them: any encoding, any type of number, appended."""

import codecs
import logging
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from numpy.typing import NDArray

from w2v.arguments import not_allowed
from w2v.errors import FormatError
from w2v.formats import vocabulary_file, word2vec_binary, word2vec_text
from w2v.formats.checks import check_word2vec_words
from w2v.formats.defects import Defect
from w2v.formats.word_matrix import EntryBlock
from w2v.matrices import joined
from w2v.opening import open_single, written

_logger = logging.getLogger(__name__)

_ROWS_AT_ONCE = 1024
_CUT_OFF = ("missing entries", "truncated entries", "unreadable files")


class CutOffError(FormatError, EOFError):
    """A file ends before its last entry; gensim raises an EOFError here."""


@dataclass(frozen=True)
class FileOptions:
    """How the words of a file are read.

    Attributes
    ----------
    binary : bool
        Whether it is the binary format; else it is text.
    encoding : str
        The encoding of the words, by Python's name.
    errors : {"strict", "replace", "ignore", ...}
        What to do with bytes that are invalid in it, by Python's name.
    """

    binary: bool
    encoding: str = "utf8"
    errors: str = "strict"

    def __post_init__(self) -> None:
        try:
            codecs.lookup(self.encoding)
        except (LookupError, TypeError):
            allowed = "the name of an encoding, such as 'utf8'"
            raise not_allowed("encoding", allowed, self.encoding) from None
        try:
            codecs.lookup_error(self.errors)
        except (LookupError, TypeError):
            allowed = "'strict', 'replace' or 'ignore'"
            raise not_allowed("unicode_errors", allowed, self.errors) from None

    def words(self, raw_words: Iterable[bytes]) -> list[str]:
        """Return the words of a file as text; UnicodeDecodeError for one that is not valid."""
        return [word.decode(self.encoding, self.errors) for word in raw_words]


def read_vectors(
    path: Path, options: FileOptions, limit: int | None, dtype: Any
) -> tuple[list[str], NDArray[Any]]:
    """Read a word2vec file; of words that appear twice, the first is kept.

    Parameters
    ----------
    path : Path
        The file, compressed or not; text may lack the header.
    options : FileOptions
        How it is read.
    limit : int, 1 or more, or None
        Read this many entries from the start.
    dtype : type
        The type of the numbers.

    Returns
    -------
    words : list of str
        V words.
    matrix : ndarray (V, d)
        Their vectors.

    Raises
    ------
    CutOffError
        The file ends too early.
    FormatError
        It is missing, or an entry is malformed.
    UnicodeDecodeError
        A word is invalid in the encoding.
    """
    known: dict[str, None] = {}
    parts: list[NDArray[Any]] = []
    for block in _blocks(path, options.binary, limit):
        words, rows = options.words(block.words), block.matrix
        fresh = dict.fromkeys(words)
        if len(fresh) < len(words) or not known.keys().isdisjoint(fresh):
            new = _places_of_new(words, known)
            repeated = len(words) - len(new)
            _logger.warning("%s: left out %d words that came before", path, repeated)
            rows = rows[new]
        known.update(fresh)
        parts.append(rows.astype(dtype, copy=False))
    return list(known), joined(parts)


def _places_of_new(words: Sequence[str], known: Mapping[str, None]) -> list[int]:
    """Return the places of those words that are not known, each the first time that it comes."""
    first = {word: place for place, word in reversed(list(enumerate(words)))}
    return sorted(place for word, place in first.items() if word not in known)


def _blocks(path: Path, binary: bool, limit: int | None) -> Iterator[EntryBlock]:
    """Yield the first entries of a file; CutOffError or FormatError at an entry that is bad."""
    left = limit
    for block in (word2vec_binary if binary else word2vec_text).blocks(path):
        if left is not None and len(block.words) >= left:
            yield EntryBlock(block.words[:left], block.matrix[:left], block.place)
            return
        for defect in block.malformed:
            _report(path, defect)
        yield block
        left = None if left is None else left - len(block.words)


def _report(path: Path, defect: Defect) -> None:
    """Raise the error for a defect, or log it where gensim reads on."""
    if defect.kind.startswith("extra"):
        _logger.warning("%s: %s; it is left out", path, defect)
        return
    kind = CutOffError if defect.kind in _CUT_OFF else FormatError
    raise kind(f"{path}: {defect}; fetch it again, or load the entries before with a limit.")


def read_counts(path: Path, options: FileOptions) -> dict[str, int]:
    """Read a vocabulary file as a dict of word to count; FormatError where it has no counts."""
    lines = vocabulary_file.read(path)
    if lines.counts is None:
        raise FormatError(f"{path} holds no counts; each line has to be a word and its count.")
    return dict(zip(options.words(lines.words), lines.counts.tolist(), strict=True))


def write_vectors(
    path: Path,
    words: Sequence[str],
    matrix: NDArray[Any],
    *,
    binary: bool,
    header: int | None,
    append: bool,
) -> None:
    """Write a word2vec file atomically.

    Parameters
    ----------
    path : Path
        The file; a suffix such as .gz compresses it.
    words : sequence of str
        V distinct words without spaces and line breaks.
    matrix : ndarray (V, d)
        Their vectors; text holds them in their own type, the binary format as float32.
    binary : bool
        Whether to write the binary format; else text.
    header : int or None
        The number of words that the first line names; None writes no first line.
    append : bool
        Keep what the file holds already, and write behind it.

    Raises
    ------
    FormatError
        The format cannot hold a word or a number.
    W2VError
        The file cannot be written; an old one then stays as it was.
    """
    check_word2vec_words(path, words, matrix)
    with _continued(path, append) as stream:
        if header is not None:
            stream.write(b"%d %d\n" % (header, matrix.shape[1]))
        for start in range(0, len(words), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            rows = _binary_rows(matrix[part]) if binary else _text_rows(matrix[part])
            some = zip(words[part], rows, strict=True)
            stream.writelines(word.encode() + b" " + row for word, row in some)


def _binary_rows(rows: NDArray[Any]) -> Iterator[bytes]:
    """Yield each row as float32."""
    data, size = rows.astype("<f4").tobytes(), 4 * rows.shape[1]
    return (data[start : start + size] for start in range(0, len(data), size))


def _text_rows(rows: NDArray[Any]) -> Iterator[bytes]:
    """Yield each row as the shortest decimals that give its numbers again, and a line break."""
    return (f"{' '.join(map(str, row))}\n".encode() for row in rows)


def write_counts(path: Path, words: Sequence[str], counts: NDArray[Any], *, append: bool) -> None:
    """Write a vocabulary file, a word and a number on each line, atomically; as write_vectors."""
    vocabulary_file.check_words(path, words)
    with _continued(path, append) as stream:
        for word, count in zip(words, counts.tolist(), strict=True):
            stream.write(f"{word} {count}\n".encode())


@contextmanager
def _continued(path: Path, append: bool) -> Iterator[IO[bytes]]:
    """Open a file for writing, atomically, behind what it holds where `append` is true."""
    with written(path) as stream:
        if append and path.exists():
            with open_single(path) as old:
                shutil.copyfileobj(old, stream)
        yield stream
