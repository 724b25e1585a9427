"""Counting the candidates for phrases, in parts that fit into memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.phrases import (
    BATCH,
    Batch,
    Sentences,
    Share,
    add_words,
    count_candidates,
    list_frequent,
    read_words,
)
from w2v.phrases.prints import SLOT_BYTES, SPACE, GrowingTable, fingerprints
from w2v.phrases.text import PhraseText

# Slots for each candidate at most: a table is half full before it doubles, and while it doubles the
# old one, half as large, is there too. (Most texts have far fewer different candidates than words.)
_MOST_SLOTS = 6


@dataclass(frozen=True)
class Candidates:
    """The candidates that are frequent, in the order of their first places.

    Attributes
    ----------
    places : int64 (n, 2)
        Where each begins and ends in the text for the first time.
    counts : int64 (n,)
        How often each is spelled in the text.
    word_counts : int64 (V,)
        How often each word is spelled, alone or by several words; 0 for connectors.
    distinct : int
        Different words and candidates, connectors apart.
    """

    places: NDArray[np.int64]
    counts: NDArray[np.int64]
    word_counts: NDArray[np.int64]
    distinct: int


def count_phrases(text: PhraseText, delimiter: str, least: int) -> Candidates:
    """Count all candidates of a text.

    Candidates are shared out by their fingerprints: each part reads the text and counts its own, so
    that the result is the same with any number of parts.

    Parameters
    ----------
    text : PhraseText
        The text.
    delimiter : str
        What stands between the words of a phrase.
    least : int
        The least count of the candidates that are listed.
    """
    counts = text.counts()
    bound = _MOST_SLOTS * SLOT_BYTES * (len(text.tokens) + len(counts))
    parts = text.workers * max(1, -(-bound // max(1, text.memory_limit)))
    word_counts = np.zeros_like(counts)
    counters = [_Part(text, delimiter, part, parts, counts) for part in range(parts)]
    text.work.begin_round(parts * (len(counts) + 2 * len(text.tokens)))
    found = text.work.results(text.workers, lambda part: part.count(least, word_counts), counters)
    rows = np.concatenate([rows for rows, _ in found])
    rows = rows[np.argsort(rows[:, 1])]
    return Candidates(rows[:, :2], rows[:, 2], word_counts, sum(size for _, size in found))


class _Part:
    """One part of all candidates."""

    def __init__(
        self, text: PhraseText, delimiter: str, part: int, parts: int, counts: NDArray[np.int64]
    ) -> None:
        self._text, self._share, self._counts = text, Share(part, parts), counts
        self._sentences = Sentences(text.tokens, text.offsets)
        self._delimiter, self._space = fingerprints([delimiter.encode(), SPACE])
        self._is_plain = not text.has_letters(delimiter)

    def count(self, least: int, word_counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
        """Return the frequent candidates, a row each, and the number of all; write the words'."""
        text, share = self._text, self._share
        batch = _new_batch()
        table = GrowingTable()
        for first, stop in text.work.steps(table.steps(len(self._counts))):
            add_words(text.words, self._counts, first, stop, share, table.columns)
        for first, stop in text.work.steps(table.steps(len(text.tokens))):
            count_candidates(
                self._sentences, first, stop, text.words, self._delimiter, share, batch,
                table.columns,
            )  # fmt: skip
        read_words(text.words, share, table.columns, word_counts)
        return self._frequent(table, least, batch), len(table)

    def _frequent(self, table: GrowingTable, least: int, batch: Batch) -> NDArray[np.int64]:
        text = self._text
        listed, rows = GrowingTable(), np.empty((0, 3), dtype=np.int64)
        for first, stop in text.work.steps(listed.steps(len(text.tokens))):
            missing = len(listed) + stop - first - len(rows)
            if missing > 0:
                more = np.empty((max(missing, len(rows) // 2), 3), dtype=np.int64)
                rows = np.concatenate((rows, more))
            list_frequent(
                self._sentences, first, stop, text.words, self._delimiter, self._space,
                self._share, batch, table.columns, least, self._is_plain, listed.columns, rows,
            )  # fmt: skip
        return rows[: len(listed)]


def _new_batch() -> Batch:
    low, high = np.zeros((2, BATCH), dtype=np.uint64)
    return Batch(low, high, places=np.zeros(2 * BATCH, dtype=np.int64))
