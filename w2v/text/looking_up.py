"""Looks up words in a vocabulary: in the table of bytes that counts words, not in a dict.

The table asks memory for many words at once, so this takes a quarter of the time of a dict.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.words import new_word_buffers
from w2v.text.counting import add_names
from w2v.text.word_table import WordTable
from w2v.word_rows import rows_by_word, rows_of


def look_up(words: Sequence[str], vocabulary: Sequence[str]) -> NDArray[np.intp]:
    """Return the place of each word in a vocabulary, or −1, as intp (n,).

    Parameters
    ----------
    words, vocabulary : sequence of str
        Each word once. Both may hold words that no text can have.
    """
    table = _table_of(words)
    if table is None:
        return rows_of(words, rows_by_word(vocabulary))
    return look_up_entries(table, vocabulary)


def look_up_entries(table: WordTable, vocabulary: Sequence[str]) -> NDArray[np.intp]:
    """Return the place in a vocabulary of each entry of a table, or −1, as intp (entries,)."""
    known = _table_of(vocabulary)
    if known is None:
        return rows_of(table.words(np.arange(len(table))), rows_by_word(vocabulary))
    entries = known.merge(table, new_word_buffers()).astype(np.intp)
    entries[entries >= len(vocabulary)] = -1
    return entries


def _table_of(words: Sequence[str]) -> WordTable | None:
    """Return a table with these entries; None if a word is there twice or has white space in it."""
    table = WordTable()
    try:
        entries = add_names(table, words)
    except UnicodeEncodeError:
        return None
    return table if np.array_equal(entries, np.arange(len(words))) else None
