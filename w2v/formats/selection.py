"""Selects which words of a file are kept."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, ConfigError
from w2v.formats.checks import CODEC_ERRORS, is_encodable
from w2v.formats.word_matrix import WordMatrix
from w2v.matrices import compacted, selected
from w2v.word_rows import are_among, words_at

# Rows that are farther apart are read apart: passing over less costs more than reading it.
GAP = 1 << 18  # bytes


def check_words(words: Iterable[str] | None) -> frozenset[str] | None:
    """Check the option `words` of readers.

    Parameters
    ----------
    words : iterable of str, or None
        The words to load; None stands for all.

    Returns
    -------
    frozenset of str, or None
        The same words.

    Raises
    ------
    ConfigError
        The value is neither None nor an iterable of words, or holds no words.
    """
    if words is None:
        return None
    argument, wanted_is = Argument("words"), " is a list of words to load, but"
    if isinstance(words, (str, bytes)):
        raise ConfigError(argument, f"{wanted_is} is {words!r}; give [{words!r}].")
    try:
        wanted = frozenset(words)
    except TypeError as error:
        raise ConfigError(argument, f"{wanted_is} is {words!r}.") from error
    for word in wanted:
        if not isinstance(word, str):
            raise ConfigError(argument, f"{wanted_is} {word!r} in it is not a word.")
    if not wanted:
        raise ConfigError(argument, f"{wanted_is} it is empty; name some words, or leave it out.")
    return wanted


class Selection:
    """The words to keep of one file, and which of these have not been found yet.

    Parameters
    ----------
    words : iterable of str, or None
        The words to keep; None keeps all.
    invalid_utf8 : {"error", "replace", "ignore"}
        How words that are not UTF-8 are decoded before they are compared.
    on_defect : {"error", "skip"}
        "error" ends the search when all words have been found. "skip" searches the whole file,
        because the entry found first may be damaged.
    """

    def __init__(self, words: Iterable[str] | None, invalid_utf8: str, on_defect: str) -> None:
        self._errors = CODEC_ERRORS[invalid_utf8]
        self._keeps_all = words is None
        # With "error", different bytes are different words, so bytes can be compared directly.
        self._wanted: set[bytes | str] = {
            word.encode() if self._errors == "strict" else word
            for word in words or ()
            if is_encodable(word)
        }
        self._missing = set(self._wanted)
        self._may_end = words is not None and on_defect == "error"

    @property
    def size(self) -> int | None:
        """The number of words to keep, or None for all."""
        return None if self._keeps_all else len(self._wanted)

    @property
    def is_complete(self) -> bool:
        """Whether all words have been found, so that the rest of the file is not needed."""
        return self._may_end and not self._missing

    def first_fields(self) -> frozenset[bytes] | None:
        """Return the first fields of lines that may hold words to keep; None stands for all."""
        if self._keeps_all or self._errors != "strict":
            return None
        encoded = (cast(bytes, word).split(None, 1) for word in self._wanted)
        return frozenset(fields[0] for fields in encoded if fields)

    def choose(self, raw_words: Sequence[bytes]) -> NDArray[np.intp] | None:
        """Select words among some of the file, and note that they have been found.

        Parameters
        ----------
        raw_words : sequence of bytes
            Words of the file.

        Returns
        -------
        ndarray of intp, or None
            The places of the words to keep; None stands for all.
        """
        if self._keeps_all:
            return None
        names: Sequence[bytes | str] = raw_words
        if self._errors != "strict":
            names = [word.decode("utf-8", self._errors) for word in raw_words]
        is_wanted = np.fromiter(map(self._wanted.__contains__, names), np.bool_, len(names))
        places = np.flatnonzero(is_wanted)
        chosen: list[int] = []
        for place in places.tolist():
            if self.is_complete:
                break
            self._missing.discard(names[place])
            chosen.append(place)
        return np.array(chosen, dtype=np.intp)


def chosen_rows(
    words: Sequence[str], limit: int | None, wanted: Collection[str] | None
) -> NDArray[np.intp]:
    """Return the rows of the wanted words among the first `limit` words, in order."""
    first = words[:limit]
    if wanted is None:
        return np.arange(len(first))
    return np.flatnonzero(are_among(first, wanted))


def row_runs(rows: NDArray[np.intp], most: int, gap: int) -> Iterator[slice]:
    """Yield the parts of rising row numbers that are best read at once.

    Parameters
    ----------
    rows : ndarray of intp
        The rows to read.
    most : int
        The rows, wanted or not, that a part spans at most.
    gap : int
        What lies between two rows farther apart than this is not read.

    Yields
    ------
    slice
        The place of a part in `rows`.
    """
    start = 0
    for end in [*(np.flatnonzero(np.diff(rows) > gap) + 1).tolist(), len(rows)]:
        while start < end:
            count = int(np.searchsorted(rows[start:end], rows[start] + most))
            yield slice(start, start + count)
            start += count


def narrowed(
    found: WordMatrix, limit: int | None, words: Collection[str] | None, dtype: str = "float32"
) -> WordMatrix:
    """Apply options to a file that was read as a whole, or mapped.

    Parameters
    ----------
    found : WordMatrix
        All words of the file.
    limit : int or None
        Keep this many words from the start. The rows are then a view.
    words : collection of str, or None
        Keep only these words. The rows are then a copy.
    dtype : {"float32", "float16", "int8"}
        The type that holds the numbers.

    Returns
    -------
    WordMatrix
        The words that are left.
    """
    rows = slice(limit) if words is None else chosen_rows(found.words, limit, words)
    chosen = found.words[rows] if isinstance(rows, slice) else words_at(found.words, rows)
    matrix = compacted(selected(found.matrix, rows), dtype)
    counts = None if found.counts is None else found.counts[rows]
    ngrams = found.ngrams
    if ngrams is not None:
        ngrams = replace(ngrams, rows=compacted(ngrams.rows, dtype))
    return replace(found, words=chosen, matrix=matrix, counts=counts, ngrams=ngrams)
