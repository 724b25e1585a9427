"""Candidates for phrases in a text of ids, counted by their fingerprints.

A candidate is a word and the next one that is not a connector, with the connectors between. As in
gensim, candidates and words are counted together by what they spell: "new york" in a text that also
has the word new_york adds to its count. What is spelled is known by a fingerprint of 88 bits.
"""

from typing import NamedTuple

import numpy as np

from w2v.kernels.bits import prefetch_record
from w2v.kernels.jit import Bytes, Int32s, Int64s, UInt64s, jit
from w2v.kernels.prints import (
    Print,
    PrintTable,
    add_value,
    find_slot,
    followed,
    home_slot,
    key_of,
    value_of,
)

_ZERO, _ONE = np.uint64(0), np.uint64(1)
_MARK = np.uint64(1 << 39)  # the highest bit of a value
BATCH = 256  # candidates whose records are fetched together


class Words(NamedTuple):
    """What is known of each word."""

    prints: UInt64s  # (words, 2), the factor and the sum of its fingerprint
    is_connector: Bytes  # (words,), 1 for a word that may only stand inside a phrase


class Sentences(NamedTuple):
    """A text of ids."""

    tokens: Int32s  # (T,)
    offsets: Int64s  # (S + 1,): sentence s is tokens[offsets[s] : offsets[s + 1]]; none is empty


class Share(NamedTuple):
    """The keys that a call counts: those of one of `parts` parts."""

    part: int
    parts: int


class Batch(NamedTuple):
    """One worker's memory for candidates whose records are fetched together."""

    low: UInt64s  # (BATCH,), keys
    high: UInt64s  # (BATCH,), the rest of the keys
    places: Int64s  # (2 · BATCH,), where each begins and ends in the text


@jit
def spelled(tokens: Int32s, begin: int, end: int, words: Words, between: UInt64s) -> Print:
    """Return the fingerprint of the words tokens[begin : end + 1], joined."""
    word = tokens[begin]
    factor, total = words.prints[word, 0], words.prints[word, 1]
    for place in range(begin + 1, end + 1):
        word = tokens[place]
        factor, total = followed(factor, total, between[0], between[1])
        factor, total = followed(factor, total, words.prints[word, 0], words.prints[word, 1])
    return factor, total


@jit
def add_words(
    words: Words, counts: Int64s, first: int, stop: int, share: Share, table: PrintTable
) -> None:
    """Add the counts of words from `first` up to `stop`, connectors apart, to values in `table`.

    Only words whose keys belong to the share. The table has room for stop − first more records.
    """
    for word in range(first, stop):
        low, high = key_of(words.prints[word, 0], words.prints[word, 1])
        if _is_in(high, share) and counts[word] > 0 and not words.is_connector[word]:
            slot = find_slot(table.records, low, high)
            add_value(table, slot, low, high, np.uint64(counts[word]))


@jit
def read_words(words: Words, share: Share, table: PrintTable, counts: Int64s) -> None:
    """Write to `counts` the value of each word that belongs to the share; 0 for a connector."""
    for word in range(len(counts)):
        low, high = key_of(words.prints[word, 0], words.prints[word, 1])
        if _is_in(high, share):
            counts[word] = value_of(table.records, low, high)


@jit
def count_candidates(
    sentences: Sentences, first: int, stop: int, words: Words, delimiter: UInt64s, share: Share,
    batch: Batch, table: PrintTable,
) -> None:  # fmt: skip
    """Add 1 to the value of each candidate that ends in tokens[first:stop].

    Parameters
    ----------
    sentences : Sentences
        The text.
    first, stop : int
        The part of the text; candidates may begin before it.
    words : Words
    delimiter : uint64 (2,)
        The fingerprint of what joins the words of a phrase.
    share : Share
        The keys to count.
    batch : Batch
        Memory.
    table : PrintTable
        Has room for stop − first more records; written.
    """
    sentence = np.searchsorted(sentences.offsets, first, side="right") - 1
    position = first
    while position < stop:
        position, sentence, found = _find(
            sentences, position, stop, sentence, words, delimiter, share, batch, table.records
        )  # fmt: skip
        for k in range(found):
            low, high = batch.low[k], batch.high[k]
            slot = find_slot(table.records, low, high)
            add_value(table, slot, low, high, _ONE)


@jit
def list_frequent(
    sentences: Sentences, first: int, stop: int, words: Words, delimiter: UInt64s, space: UInt64s,
    share: Share, batch: Batch, counted: PrintTable, least: int, is_plain: bool,
    listed: PrintTable, rows: Int64s,
) -> None:  # fmt: skip
    """List the candidates of tokens[first:stop] that were counted `least` times or more, once each.

    Parameters
    ----------
    sentences, first, stop, words, delimiter, share, batch
        As in `count_candidates`.
    space : uint64 (2,)
        The fingerprint of a space, which no word holds: with it between the words, candidates that
        spell the same in other words differ.
    counted : PrintTable
        The counts, by what candidates spell; those that were listed are marked.
    least : int
        The least count.
    is_plain : bool
        Whether no two candidates spell the same, so that the marks suffice.
    listed : PrintTable
        What was listed before, by words; has room for stop − first more; written.
    rows : int64 (room, 3)
        Written, one row for each record of `listed`: where the candidate begins and ends when it is
        first seen, and its count.
    """
    sentence = np.searchsorted(sentences.offsets, first, side="right") - 1
    position = first
    while position < stop:
        position, sentence, found = _find(
            sentences, position, stop, sentence, words, delimiter, share, batch, counted.records
        )  # fmt: skip
        for k in range(found):
            low, high = batch.low[k], batch.high[k]
            slot = find_slot(counted.records, low, high)
            record, row = counted.records[slot, 1], listed.sizes[0]
            count = np.int64(record & (_MARK - _ONE))
            if count < least or (is_plain and record & _MARK != _ZERO):
                continue
            begin, end = batch.places[2 * k], batch.places[2 * k + 1]
            if is_plain:
                counted.records[slot, 1] = record | _MARK
                listed.sizes[0] += 1
            elif not _is_new(sentences.tokens, begin, end, words, space, listed):
                continue
            rows[row, 0], rows[row, 1], rows[row, 2] = begin, end, count


@jit
def _is_new(
    tokens: Int32s, begin: int, end: int, words: Words, space: UInt64s, listed: PrintTable
) -> bool:
    """Return whether a candidate was not listed yet, in these words; then it is added."""
    factor, total = spelled(tokens, begin, end, words, space)
    low, high = key_of(factor, total)
    slot = find_slot(listed.records, low, high)
    if listed.records[slot, 0] != _ZERO:
        return False
    add_value(listed, slot, low, high, _ZERO)
    return True


@jit
def _find(
    sentences: Sentences, position: int, stop: int, sentence: int, words: Words,
    delimiter: UInt64s, share: Share, batch: Batch, records: UInt64s,
) -> tuple[int, int, int]:  # fmt: skip
    """Write the next candidates of a share to `batch`, and prefetch their records.

    Returns the position and the sentence where to go on, and the number of candidates.
    """
    tokens, offsets = sentences
    found = 0
    while position < stop and found < BATCH:
        while position >= offsets[sentence + 1]:
            sentence += 1
        if not words.is_connector[tokens[position]]:
            begin = position - 1
            while begin >= offsets[sentence] and words.is_connector[tokens[begin]]:
                begin -= 1
            if begin >= offsets[sentence]:
                factor, total = spelled(tokens, begin, position, words, delimiter)
                low, high = key_of(factor, total)
                if _is_in(high, share):
                    prefetch_record(records, home_slot(low, records) >> 1)
                    batch.low[found], batch.high[found] = low, high
                    batch.places[2 * found], batch.places[2 * found + 1] = begin, position
                    found += 1
        position += 1
    return position, sentence, found


@jit
def _is_in(high: np.uint64, share: Share) -> bool:
    return np.int64(high) % share.parts == share.part
