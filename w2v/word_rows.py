"""Finds words among others and picks some of many; a vocabulary may have millions of words.

No Python statement runs once for each word, so that looking up costs little more than hashing.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import repeat

import numpy as np
from numpy.typing import NDArray


def rows_by_word(words: Sequence[str]) -> dict[str, int]:
    """Return the row of each word; of a word that is there twice, the last."""
    return dict(zip(words, range(len(words)), strict=True))


def rows_of(words: Sequence[str], rows: Mapping[str, int]) -> NDArray[np.intp]:
    """Return the row of each word, or −1, as intp (V,).

    Parameters
    ----------
    words : sequence of str (V,)
        The words to look up.
    rows : mapping of str to int
        The rows, as `rows_by_word` returns them.
    """
    return np.fromiter(map(rows.get, words, repeat(-1)), np.intp, len(words))


def searched_row(words: Sequence[str], word: str) -> int:
    """Return the row of a word, or −1, by a search through the words."""
    try:
        return words.index(word)
    except ValueError:
        return -1


def are_among(words: Sequence[str], others: Collection[str]) -> NDArray[np.bool_]:
    """Return which words are among others, as bool (V,)."""
    return np.fromiter(map(others.__contains__, words), np.bool_, len(words))


def words_at(words: Sequence[str], rows: NDArray[np.integer]) -> list[str]:
    """Return the words of some rows, in the order of `rows`."""
    return list(map(words.__getitem__, rows.tolist()))
