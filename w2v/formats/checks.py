"""Checks that all vector formats share: valid, distinct words and finite numbers."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import checked_choice
from w2v.errors import Argument, ConfigError, FormatError, Part
from w2v.finite import finite_rows
from w2v.formats.defects import Defect, in_file_order
from w2v.formats.packed_words import decode
from w2v.formats.word_matrix import WordMatrix
from w2v.limits import LARGEST_VECTOR, LONGEST_WORD
from w2v.matrices import Matrix, selected

# The values of invalid_utf8, and Python's names for the same handling of bytes.
CODEC_ERRORS = {"error": "strict", "replace": "replace", "ignore": "ignore"}
ASCII_SPACES = frozenset(" \t\n\v\f\r")  # these separate words where the vector size is unknown


def check_options(limit: int | None, invalid_utf8: str, on_defect: str) -> None:
    """Check the options that all readers share.

    Parameters
    ----------
    limit : int, 0 or more, or None
        How many vectors to read.
    invalid_utf8 : {"error", "replace", "ignore"}
        How words that are not UTF-8 are handled.
    on_defect : {"error", "skip"}
        How bad entries are handled.

    Raises
    ------
    ConfigError
        An option has another value.
    """
    if limit is not None and not (is_whole(limit) and limit >= 0):
        problem = f" is the number of vectors to read, 0 or more, but is {limit!r}."
        raise ConfigError(Argument("limit"), problem)
    checked_choice("invalid_utf8", invalid_utf8, CODEC_ERRORS)
    checked_choice("on_defect", on_defect, ("error", "skip"))


def check_vector_size(path: Path, vector_size: int) -> None:
    """Raise FormatError if a file announces vectors that are longer than any real ones."""
    if vector_size > LARGEST_VECTOR:
        raise FormatError(
            f"{path} says that its vectors have {vector_size:,} numbers each, but they can have "
            f"{LARGEST_VECTOR:,} at most; it is damaged, or holds something else."
        )


def is_whole(number: object) -> bool:
    """Return whether this is a whole number; True and False do not count as numbers."""
    return isinstance(number, (int, np.integer)) and not isinstance(number, bool)


def checked_word_matrix(
    path: Path,
    raw_words: Sequence[bytes],
    matrix: Matrix,
    place: Callable[[int], tuple[int, int]],
    *,
    invalid_utf8: str,
    on_defect: str,
    known_finite: bool = False,
    malformed: Sequence[Defect] = (),
    counts: NDArray[np.int64] | None = None,
    advice: Callable[[int], Part] | None = None,
) -> WordMatrix:
    """Decode the words of a file, and check them and their vectors.

    Parameters
    ----------
    path : Path
        The file, for messages.
    raw_words : sequence of bytes
        V words.
    matrix : ndarray of float32, shape (V, d), or CompactMatrix
        Their vectors.
    place : callable
        Takes a row and returns its entry number and byte offset, for messages.
    invalid_utf8 : {"error", "replace", "ignore"}
        How words that are not UTF-8 are handled.
    on_defect : {"error", "skip"}
        "skip" leaves out bad entries and keeps the first of duplicates.
    known_finite : bool
        Whether the caller has already checked that all numbers are finite.
    malformed : sequence of Defect
        Defects that the caller has found already.
    counts : ndarray of int64, shape (V,), or None
        How often each word was seen, if the format records it.
    advice : callable or None
        Takes an entry number and returns the advice for a bad entry; None gives the usual advice.

    Returns
    -------
    WordMatrix
        The sound entries; its `defects` list the others.

    Raises
    ------
    FormatError
        An entry is bad and on_defect is "error". The message is about the first one.
    """
    only_first = on_defect == "error"
    words, problems = _decode(raw_words, CODEC_ERRORS[invalid_utf8], only_first)
    if not known_finite:
        rows = np.flatnonzero(~finite_rows(matrix)[: len(words)])
        for row in rows[: 1 if only_first else None].tolist():
            problems.setdefault(row, NON_FINITE)
    for row in overlong(raw_words[: len(words)]):
        problems.setdefault(row, OVERLONG)
    _find_bad_words(words, problems, lambda row: place(row)[0], only_first)
    if not problems and not malformed:
        return WordMatrix(words, matrix, counts=counts)
    found = []
    for row, (kind, problem, usual) in problems.items():
        entry, offset = place(row)
        cure = advice(entry) if advice else usual or Defect.advice
        found.append(Defect(kind, entry, offset, words[row][:100], problem, cure))
    defects = in_file_order([*malformed, *found])
    if only_first:
        raise FormatError(defects[0].sentence(path))
    keep = np.ones(len(words), dtype=np.bool_)
    keep[list(problems)] = False
    kept_words = [word for word, kept in zip(words, keep, strict=True) if kept]
    kept_counts = None if counts is None else counts[keep]
    return WordMatrix(kept_words, selected(matrix, keep), tuple(defects), kept_counts)


Problem = tuple[str, str, Part]  # as in Defect: kind, problem, advice
_Problems = dict[int, Problem]
NON_FINITE = ("non-finite rows", "holds a number that is not finite", "")
EMPTY = ("empty words", "has an empty word", "")
OVERLONG = ("overlong words", f"has a word of more than {LONGEST_WORD:,} bytes", "")


def overlong(words: Sequence[bytes]) -> list[int]:
    """Return the rows of words that are longer than LONGEST_WORD."""
    if max(map(len, words), default=0) <= LONGEST_WORD:
        return []
    return [row for row, word in enumerate(words) if len(word) > LONGEST_WORD]


def of_length(length: float) -> Problem:
    """Return the problem of an entry whose vector is longer or shorter than any training gives."""
    return "rows of senseless length", f"has a vector of the length {length:.3g}", ""


def repeats(first: int) -> Problem:
    """Return the problem of an entry that has the same word as the earlier entry `first`."""
    problem = f"repeats the word of entry {first}"
    return "duplicate words", problem, ("to keep the first, use ", Argument("on_defect", "skip"))


def invalid_utf8_problem(raw: bytes) -> Problem | None:
    """Return the problem of a word that is not UTF-8, or None if it is UTF-8."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return (
            "words of invalid UTF-8",
            f"has a word that is not UTF-8 ({raw[:100]!r}, from its byte {error.start} on)",
            ("to load it nevertheless, use ", Argument("invalid_utf8", "replace")),
        )
    return None


def _decode(
    raw_words: Sequence[bytes], errors: str, only_first: bool
) -> tuple[list[str], _Problems]:
    """Return the words, and the problem of each row that is not UTF-8.

    only_first: stop at the first row with a problem.
    """
    if errors != "strict":
        return [word.decode("utf-8", errors) for word in raw_words], {}
    try:
        return decode(raw_words), {}
    except UnicodeDecodeError:
        pass
    words: list[str] = []
    problems: _Problems = {}
    for row, raw in enumerate(raw_words):
        words.append(raw.decode("utf-8", "replace"))
        problem = invalid_utf8_problem(raw)
        if problem:
            problems[row] = problem
            if only_first:
                break
    return words, problems


def _find_bad_words(
    words: Sequence[str],
    problems: _Problems,
    entry_of: Callable[[int], int],
    only_first: bool,
) -> None:
    """Add empty and repeated words to `problems`. Rows that have a problem already are ignored.

    only_first: stop at the first row that has a problem of any kind.
    """
    distinct = set(words)
    if len(distinct) == len(words) and "" not in distinct:
        return
    first_row: dict[str, int] = {}
    for row, word in enumerate(words):
        if row not in problems and not word:
            problems[row] = EMPTY
        elif row not in problems and (first := first_row.setdefault(word, row)) != row:
            problems[row] = repeats(entry_of(first))
        if only_first and row in problems:
            return


def check_word2vec_words(path: Path, words: Sequence[str], matrix: Matrix) -> None:
    """Raise FormatError if a word2vec file could not be read back as these words and rows."""
    check_words_and_matrix(path, words, matrix)
    letters = "".join(words)
    if " " not in letters and "\n" not in letters:
        return
    for word in words:
        if " " in word or "\n" in word:
            raise FormatError(
                f"Cannot write {path}: {word!r} holds a space or a line break, which a word2vec "
                "file cannot; replace them, for instance by '_'."
            )


def check_words_and_matrix(path: Path, words: Sequence[str], matrix: Matrix) -> None:
    """Raise FormatError unless the words are distinct and each has a row of finite numbers."""
    if matrix.ndim != 2 or len(words) != len(matrix) or matrix.shape[1] < 1:
        raise FormatError(
            f"Cannot write {path}: {len(words)} words need a matrix with as many rows and at "
            f"least one column, not one of shape {matrix.shape}."
        )
    bad_rows = np.flatnonzero(~finite_rows(matrix))
    if len(bad_rows):
        raise FormatError(
            f"Cannot write {path}: the vector of {words[bad_rows[0]]!r} holds a number that is "
            "not finite."
        )
    if _are_writable(words):
        return
    seen: set[str] = set()
    for word in words:
        if not word or not is_encodable(word):
            raise FormatError(
                f"Cannot write {path}: {word!r} is empty or cannot be encoded as UTF-8; replace it."
            )
        if len(word) > LONGEST_WORD // 4 and len(word.encode()) > LONGEST_WORD:
            raise FormatError(
                f"Cannot write {path}: the word {word[:40]!r}… has more than"
                f" {LONGEST_WORD:,} bytes; shorten it."
            )
        if word in seen:
            raise FormatError(f"Cannot write {path}: the word {word!r} appears twice.")
        seen.add(word)


def _are_writable(words: Sequence[str]) -> bool:
    """Return whether words are distinct, none empty or long, and all can be encoded as UTF-8.

    Looking at each of three million words would take seconds, so they are looked at together.
    """
    distinct = set(words)
    is_short = max(map(len, words), default=0) <= LONGEST_WORD // 4
    return (
        len(distinct) == len(words) and "" not in distinct and is_short
        and is_encodable("".join(words))
    )  # fmt: skip


def is_encodable(word: str) -> bool:
    """Return whether a word can be encoded as UTF-8; half a surrogate pair cannot."""
    try:
        word.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
