"""Words of UTF-8 text, on bytes: counted in a hash table, looked up, and written as ids.

Words are what Python's `str.split()` gives on the decoded text; a line feed or a carriage return
ends a sentence. No Python object is made per word. The tables have a fixed size: a function that
finds no room returns early, and its caller grows them.
"""

from typing import NamedTuple

import numpy as np

from w2v.kernels.jit import JIT_ENABLED, Bytes, Int32s, Int64s, UInt64s, jit

_FNV_OFFSET = np.uint64(0xCBF29CE484222325)  # FNV-1a, 64 bits
_FNV_PRIME = np.uint64(0x100000001B3)
_FOLD = np.uint64(32)
_LINE_FEED, _CARRIAGE_RETURN = 10, 13


class Table(NamedTuple):
    """A hash table of words: open addressing with linear probing, and a column an attribute."""

    slots: Int32s  # entry + 1, or 0 for an empty slot; the length is a power of two
    hashes: UInt64s  # (entries,)
    starts: Int64s  # (entries + 1,), where each word starts in `letters`; it ends at the next
    letters: Bytes  # all words, end to end
    counts: Int64s  # (entries,)
    first_seen: Int64s  # (entries,), the position of the first byte of the first one
    sizes: Int64s  # (1,), how many entries are used


@jit
def white_space_length(data: Bytes, position: int) -> int:
    """Return how many bytes the white space character at `position` takes; 0 if it is none.

    `data`: uint8, valid UTF-8, `position` at the first byte of a character.
    """
    byte = data[position]
    if 32 < byte < 0xC2:
        return 0
    if byte <= 32:
        return 1 if byte == 32 or 9 <= byte <= 13 or 28 <= byte <= 31 else 0
    if byte > 0xE3:
        return 0
    second = data[position + 1]
    if byte == 0xC2:  # U+0085 next line, U+00A0 no-break space
        return 2 if second in (0x85, 0xA0) else 0
    if byte < 0xE1:
        return 0
    third = data[position + 2]
    if byte == 0xE1:  # U+1680 ogham space
        return 3 if second == 0x9A and third == 0x80 else 0
    if byte == 0xE2:  # U+2000–200A, 2028, 2029, 202F; U+205F
        general = second == 0x80 and (0x80 <= third <= 0x8A or third in (0xA8, 0xA9, 0xAF))
        return 3 if general or (second == 0x81 and third == 0x9F) else 0
    return 3 if second == 0x80 and third == 0x80 else 0  # U+3000 ideographic space


@jit
def _next_word(data: Bytes, position: int) -> tuple[int, int, np.uint64, bool]:
    """Return (start, end, hash, sentence ends before it) of the next word from `position` on.

    At the end of the data `start` equals the length of the data.
    """
    size = len(data)
    line_ends = False
    while position < size:
        space = white_space_length(data, position)
        if space == 0:
            break
        line_ends |= data[position] in (_LINE_FEED, _CARRIAGE_RETURN)
        position += space
    start = position
    code = _FNV_OFFSET
    while position < size:
        byte = data[position]
        # White space begins with a byte up to 32 or with one of C2, E1, E2, E3.
        if (byte <= 32 or 0xC2 <= byte <= 0xE3) and white_space_length(data, position) > 0:
            break
        code = np.uint64((code ^ np.uint64(byte)) * _FNV_PRIME)
        position += 1
    return start, position, code, line_ends


@jit
def _find_slot(data: Bytes, start: int, end: int, code: np.uint64, table: Table) -> int:
    """Return the slot that holds the word data[start:end], or the empty one where it belongs."""
    mask = len(table.slots) - 1
    slot = np.int64(code ^ (code >> _FOLD)) & mask
    while table.slots[slot] != 0:
        entry = table.slots[slot] - 1
        first = table.starts[entry]
        if table.hashes[entry] == code and table.starts[entry + 1] - first == end - start:
            position = start
            while position < end and table.letters[first + position - start] == data[position]:
                position += 1
            if position == end:
                return slot
        slot = (slot + 1) & mask
    return slot


@jit
def _add_word(
    data: Bytes, start: int, end: int, code: np.uint64, count: int, seen: int, table: Table
) -> bool:
    """Add `count` to the word data[start:end]; return False if there is no room for a new one."""
    slot = _find_slot(data, start, end, code, table)
    if table.slots[slot] == 0:
        entry = table.sizes[0]
        used = table.starts[entry]
        if entry == len(table.hashes) or used + end - start > len(table.letters):
            return False
        for k in range(end - start):
            table.letters[used + k] = data[start + k]
        table.slots[slot] = entry + 1
        table.hashes[entry] = code
        table.starts[entry + 1] = used + end - start
        table.counts[entry] = 0
        table.first_seen[entry] = seen
        table.sizes[0] = entry + 1
    entry = table.slots[slot] - 1
    table.counts[entry] += count
    table.first_seen[entry] = min(table.first_seen[entry], seen)
    return True


@jit
def count_words(data: Bytes, position: int, seen: int, table: Table) -> int:
    """Count the words of data[position:]; return the position where it stopped for lack of room.

    `seen` is the position of the first byte of the data in the whole text.
    """
    while True:
        start, end, code, _ = _next_word(data, position)
        if start == end:
            return end
        if not _add_word(data, start, end, code, 1, seen + start, table):
            return start
        position = end


@jit
def merge_counts(entry: int, other: Table, table: Table) -> int:
    """Add another table's entries from `entry` on; return the entry where it stopped."""
    while entry < other.sizes[0] and _add_word(
        other.letters,
        other.starts[entry],
        other.starts[entry + 1],
        other.hashes[entry],
        other.counts[entry],
        other.first_seen[entry],
        table,
    ):
        entry += 1
    return entry


@jit
def rebuild_slots(table: Table) -> None:
    """Fill the empty slots with the entries, all of them distinct words."""
    mask = len(table.slots) - 1
    for entry in range(table.sizes[0]):
        code = table.hashes[entry]
        slot = np.int64(code ^ (code >> _FOLD)) & mask
        while table.slots[slot] != 0:
            slot = (slot + 1) & mask
        table.slots[slot] = entry + 1


@jit
def encode_words(
    data: Bytes, table: Table, ids: Int32s, sentence_ends: Int64s
) -> tuple[int, int, int]:
    """Write the ids of the known words of `data`; entry e of the table has the id e.

    `ids`: room for half the bytes and one more. `sentence_ends`: as much; filled with the number
    of ids before each end of a sentence; rising, but the first one may be 0, where a sentence of
    the text before ends here. Returns (ids, sentence ends, all words), the numbers of each.
    """
    id_count = sentence_count = word_count = position = 0
    while True:
        start, end, code, line_ends = _next_word(data, position)
        if line_ends and (sentence_count == 0 or id_count > sentence_ends[sentence_count - 1]):
            sentence_ends[sentence_count] = id_count
            sentence_count += 1
        if start == end:
            return id_count, sentence_count, word_count
        word_count += 1
        slot = _find_slot(data, start, end, code, table)
        if table.slots[slot] != 0:
            ids[id_count] = table.slots[slot] - 1
            id_count += 1
        position = end


if not JIT_ENABLED:  # plain NumPy warns when an unsigned product wraps around, as it must here
    _wrapping_next_word = _next_word

    def _next_word(data: Bytes, position: int) -> tuple[int, int, np.uint64, bool]:
        with np.errstate(over="ignore"):
            return _wrapping_next_word(data, position)
