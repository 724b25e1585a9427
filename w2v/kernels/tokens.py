"""Words of UTF-8 text as numbers: each word is looked up in a hash table, and new ones are added.

No Python object is made for a word. The tables have a fixed size: a function that finds no room
returns early, and its caller enlarges them.
"""

from typing import NamedTuple

import numpy as np

from w2v.kernels.bits import prefetch_record
from w2v.kernels.jit import Bytes, Int32s, Int64s, UInt64s, jit
from w2v.kernels.word_keys import LONG, home_of, key_of
from w2v.kernels.words import MOST_WORDS, Tokens, WordBuffers, find_words

_ZERO, _ONE = np.uint64(0), np.uint64(1)

LOW, HIGH, COUNT, ENTRY = range(4)  # the fields of a record


class Table(NamedTuple):
    """A hash table of words: open addressing with linear probing, never full.

    A record holds all that a common word needs in half a cache line: its key (word_keys.py), its
    count, and its entry, which is the number of distinct words before it.
    """

    records: UInt64s  # (slots, 4), a power of two; a low key of 0 marks an empty slot
    starts: Int64s  # (entries + 1,), where each word starts in `letters`; it ends at the next start
    letters: Bytes  # all words, end to end
    first_seen: Int64s  # (entries,), the position of each word's first byte in the text
    missed: Int64s  # (entries,), how often at most a word had been seen and dropped before
    sizes: Int64s  # (2,), the number of entries used; the count up to which words were dropped


@jit
def tokenise(
    data: Bytes, position: int, seen: int, table: Table, buffers: WordBuffers, tokens: Tokens
) -> int:
    """Count the words of data[position:] and write their entries to `tokens`.

    Writes `table`, `buffers` and `tokens`. `seen` is the position of the first byte of the data in
    the whole text; it rises from call to call.

    Returns
    -------
    int
        Where it stopped: the end of the data, or earlier if `table` needs room for MOST_WORDS more
        entries, or for letters.
    """
    while position < len(data):
        words, stop = find_words(data, position, buffers, tokens)
        if not _has_room(table, stop - position):
            return position
        _prepare(data, words, table.records, buffers)
        used = tokens.sizes[0]
        for k in range(words):
            slot = _look_up(data, k, seen + buffers.edges[2 * k], table, buffers)
            table.records[slot, COUNT] += _ONE
            tokens.entries[used + k] = np.int32(table.records[slot, ENTRY])
        tokens.sizes[0] = used + words
        position = stop
    return position


@jit
def merge(
    first: int, other: Table, counts: Int64s, table: Table, buffers: WordBuffers, entries: Int32s
) -> int:
    """Add another table's words to `table`, from entry `first` on.

    Writes `table`, `buffers` and `entries`. Of a word's two first positions the earlier one counts.
    What the other table may have missed of a word is added less the most that it may have.

    Parameters
    ----------
    counts : int64 (entries of `other`,)
        The counts of the other table's words.
    entries : int32 (entries of `other`,)
        Written: each word's entry in `table`.

    Returns
    -------
    int
        The entry where it stopped: the last one's end, or earlier if `table` needs room.
    """
    while first < other.sizes[0]:
        words = min(MOST_WORDS, other.sizes[0] - first)
        if not _has_room(table, other.starts[first + words] - other.starts[first]):
            return first
        for k in range(words):
            buffers.edges[2 * k] = other.starts[first + k]
            buffers.edges[2 * k + 1] = other.starts[first + k + 1]
        _prepare(other.letters, words, table.records, buffers)
        for k in range(words):
            seen = other.first_seen[first + k]
            slot = _look_up(other.letters, k, seen, table, buffers)
            table.records[slot, COUNT] += np.uint64(counts[first + k])
            entry = np.int64(table.records[slot, ENTRY])
            table.first_seen[entry] = min(table.first_seen[entry], seen)
            table.missed[entry] += other.missed[first + k] - other.sizes[1]
            entries[first + k] = entry
        first += words
    return first


@jit
def find_entries(
    letters: Bytes, starts: Int64s, table: Table, buffers: WordBuffers, entries: Int32s
) -> None:
    """Write the entry of each of some words to `entries`, or −1 for a word that is not there.

    Writes `buffers` and `entries`. Word k is letters[starts[k] : starts[k + 1]].
    """
    for first in range(0, len(entries), MOST_WORDS):
        words = min(MOST_WORDS, len(entries) - first)
        for k in range(words):
            buffers.edges[2 * k] = starts[first + k]
            buffers.edges[2 * k + 1] = starts[first + k + 1]
        _prepare(letters, words, table.records, buffers)
        for k in range(words):
            entries[first + k] = _find(letters, k, table, buffers)


@jit
def drop_entries(
    table: Table, places: Int32s, records: UInt64s, letters: Bytes, starts: Int64s
) -> None:
    """Drop the entries whose place is −1; the others get the numbers `places`, in their order.

    Writes `table` but for its records, which are written to the empty `records` of the same size,
    and the words that are dropped to `letters` and `starts`, which ends with the end of the last.
    """
    kept = dropped = filled = written = 0
    for entry in range(len(places)):
        start, end = table.starts[entry], table.starts[entry + 1]
        if places[entry] >= 0:
            for k in range(end - start):
                table.letters[filled + k] = table.letters[start + k]
            table.starts[kept] = filled
            table.first_seen[kept] = table.first_seen[entry]
            table.missed[kept] = table.missed[entry]
            filled += end - start
            kept += 1
        else:
            for k in range(end - start):
                letters[written + k] = table.letters[start + k]
            starts[dropped] = written
            written += end - start
            dropped += 1
    table.starts[kept] = filled
    starts[dropped] = written
    table.sizes[0] = kept
    mask = len(records) - 1
    for old in range(len(table.records)):
        if table.records[old, LOW] != _ZERO:
            place = places[np.int64(table.records[old, ENTRY])]
            if place >= 0:
                slot = home_of(table.records[old, LOW], table.records[old, HIGH], records)
                while records[slot, LOW] != _ZERO:
                    slot = (slot + 1) & mask
                for field in range(3):
                    records[slot, field] = table.records[old, field]
                records[slot, ENTRY] = np.uint64(place)


@jit
def list_counts(records: UInt64s, counts: Int64s) -> None:
    """Write the count of each entry of uint64 (slots, 4) records to `counts`."""
    for slot in range(len(records)):
        if records[slot, LOW] != _ZERO:
            counts[np.int64(records[slot, ENTRY])] = np.int64(records[slot, COUNT])


@jit
def copy_records(records: UInt64s, target: UInt64s) -> None:
    """Write the records of one table, all of them distinct words, to an empty larger one."""
    mask = len(target) - 1
    for old in range(len(records)):
        if records[old, LOW] != _ZERO:
            slot = home_of(records[old, LOW], records[old, HIGH], target)
            while target[slot, LOW] != _ZERO:
                slot = (slot + 1) & mask
            for field in range(4):
                target[slot, field] = records[old, field]


@jit
def _has_room(table: Table, letters: int) -> bool:
    entries = table.sizes[0]
    has_letters = table.starts[entries] + letters <= len(table.letters)
    return has_letters and entries + MOST_WORDS <= len(table.first_seen)


@jit
def _prepare(data: Bytes, words: int, records: UInt64s, buffers: WordBuffers) -> None:
    """Find the key and the home slot of each word, and prefetch the slot."""
    # Fetching slots while other keys are made is 1.4 times as fast as waiting for each slot.
    for k in range(words):
        low, high = key_of(data, buffers.edges[2 * k], buffers.edges[2 * k + 1])
        slot = home_of(low, high, records)
        prefetch_record(records, slot)
        buffers.low[k], buffers.high[k], buffers.slots[k] = low, high, slot


@jit
def _look_up(data: Bytes, word: int, seen: int, table: Table, buffers: WordBuffers) -> int:
    """Return the slot of a prepared word, which may be new."""
    low, high = buffers.low[word], buffers.high[word]
    slot = _probe(table.records, buffers.slots[word], low, high)
    if table.records[slot, LOW] == _ZERO or high >= LONG:
        start, end = buffers.edges[2 * word], buffers.edges[2 * word + 1]
        slot = _settle(data, start, end, low, high, slot, seen, table)
    return slot


@jit
def _find(data: Bytes, word: int, table: Table, buffers: WordBuffers) -> int:
    """Return the entry of a prepared word, or −1."""
    low, high = buffers.low[word], buffers.high[word]
    start, end = buffers.edges[2 * word], buffers.edges[2 * word + 1]
    slot = _probe(table.records, buffers.slots[word], low, high)
    while table.records[slot, LOW] != _ZERO:
        entry = np.int64(table.records[slot, ENTRY])
        if high < LONG or _has_letters(table, entry, data, start, end):
            return entry
        slot = _probe(table.records, (slot + 1) & (len(table.records) - 1), low, high)
    return -1


@jit
def _probe(records: UInt64s, slot: int, low: np.uint64, high: np.uint64) -> int:
    """Return the first slot from `slot` on that is empty or has this key."""
    mask = len(records) - 1
    while records[slot, LOW] != low or records[slot, HIGH] != high:
        if records[slot, LOW] == _ZERO:
            break
        slot = (slot + 1) & mask
    return slot


@jit
def _settle(
    data: Bytes, start: int, end: int, low: np.uint64, high: np.uint64, slot: int, seen: int,
    table: Table,
) -> int:  # fmt: skip
    """Return the slot of a word whose key led to `slot`; if that is empty, add the word there."""
    records, mask = table.records, len(table.records) - 1
    while records[slot, LOW] != _ZERO:
        if high < LONG or _has_letters(table, np.int64(records[slot, ENTRY]), data, start, end):
            return slot
        slot = _probe(records, (slot + 1) & mask, low, high)
    entry = table.sizes[0]
    first = table.starts[entry]
    for k in range(end - start):
        table.letters[first + k] = data[start + k]
    table.starts[entry + 1] = first + end - start
    table.first_seen[entry] = seen
    table.missed[entry] = table.sizes[1]
    table.sizes[0] = entry + 1
    records[slot, LOW], records[slot, HIGH], records[slot, ENTRY] = low, high, np.uint64(entry)
    return slot


@jit
def _has_letters(table: Table, entry: int, data: Bytes, start: int, end: int) -> bool:
    """Return whether an entry's word is data[start:end], which has the same length."""
    first = table.starts[entry]
    position = start
    while position < end and table.letters[first + position - start] == data[position]:
        position += 1
    return position == end
