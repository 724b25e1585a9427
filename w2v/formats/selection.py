"""Which words of a file to keep, where not all of them are wanted."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, ConfigError
from w2v.formats.checks import CODEC_ERRORS, is_encodable
from w2v.formats.word_matrix import WordMatrix
from w2v.matrices import compacted, selected


def check_words(words: Iterable[str] | None) -> frozenset[str] | None:
    """Return the words to load as a set, or None for all; raise ConfigError for anything else."""
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
        raise ConfigError(argument, f"{wanted_is} it is empty; name some, or none.")
    return wanted


class Selection:
    """The words to keep of one file, and which of these have not been found yet.

    words: those to keep; None keeps all. invalid_utf8, on_defect: as for the readers. With
    "skip" the search goes on to the end of the file: what was found first may be damaged.
    """

    def __init__(self, words: Iterable[str] | None, invalid_utf8: str, on_defect: str) -> None:
        self._errors = CODEC_ERRORS[invalid_utf8]
        self._keeps_all = words is None
        # Bytes are compared as they are where no two spellings in bytes give the same word.
        self._wanted: set[bytes | str] = {
            word.encode() if self._errors == "strict" else word
            for word in words or ()
            if is_encodable(word)
        }
        self._missing = set(self._wanted)
        self._may_end = words is not None and on_defect == "error"

    @property
    def size(self) -> int | None:
        """How many words are wanted, or None for all of them."""
        return None if self._keeps_all else len(self._wanted)

    @property
    def is_complete(self) -> bool:
        """Whether all that is wanted has been found, so that the rest of the file is not needed."""
        return self._may_end and not self._missing

    def first_fields(self) -> frozenset[bytes] | None:
        """Return what lines of wanted words start with, up to white space; None for anything."""
        if self._keeps_all or self._errors != "strict":
            return None
        encoded = (cast(bytes, word).split(None, 1) for word in self._wanted)
        return frozenset(fields[0] for fields in encoded if fields)

    def choose(self, raw_words: Sequence[bytes]) -> NDArray[np.intp] | None:
        """Return which of some words of the file, as bytes, to keep; None for all of them."""
        if self._keeps_all:
            return None
        names: Sequence[bytes | str] = raw_words
        if self._errors != "strict":
            names = [word.decode("utf-8", self._errors) for word in raw_words]
        chosen: list[int] = []
        for place, name in enumerate(names):
            if self.is_complete:
                break
            if name in self._wanted:
                self._missing.discard(name)
                chosen.append(place)
        return np.array(chosen, dtype=np.intp)


def chosen_rows(
    words: Sequence[str], limit: int | None, wanted: Collection[str] | None
) -> NDArray[np.intp]:
    """Return the rows of the first `limit` words that are among the wanted ones, in order."""
    first = words[:limit]
    if wanted is None:
        return np.arange(len(first))
    return np.array([row for row, word in enumerate(first) if word in wanted], dtype=np.intp)


def narrowed(
    found: WordMatrix, limit: int | None, words: Collection[str] | None, dtype: str = "float32"
) -> WordMatrix:
    """Return what the options leave of a file that was read as a whole, or mapped.

    A `limit` alone gives views of the start; `words` give copies of their rows alone.
    """
    rows = slice(limit) if words is None else chosen_rows(found.words, limit, words)
    chosen = found.words[rows] if isinstance(rows, slice) else [found.words[row] for row in rows]
    matrix = compacted(selected(found.matrix, rows), dtype)
    counts = None if found.counts is None else found.counts[rows]
    ngrams = found.ngrams
    if ngrams is not None:
        ngrams = replace(ngrams, rows=compacted(ngrams.rows, dtype))
    return replace(found, words=chosen, matrix=matrix, counts=counts, ngrams=ngrams)
