"""Words of UTF-8 text, on bytes: counted in a hash table, looked up, and written as ids.

Words are what Python's `str.split()` gives on the decoded text; a line feed or a carriage return
ends a sentence. No Python object is made per word.

The table is open addressing with linear probing over `slots` (entry number + 1, 0 for an empty
slot; its length is a power of two). The entries' columns are `hashes`, `starts` (into the
`letters` of all words, end to end; entry e ends where e + 1 starts), `counts` and `first_seen`.
`sizes` holds how many entries there are. The tables have a fixed size; a function that finds no
room returns early and its caller grows them.
"""

import numpy as np

from w2v.kernels.jit import jit

_FNV_OFFSET = np.uint64(0xCBF29CE484222325)  # FNV-1a, 64 bits
_FNV_PRIME = np.uint64(0x100000001B3)
_FOLD = np.uint64(32)
_LINE_FEED, _CARRIAGE_RETURN = 10, 13


@jit
def white_space_length(data, position):
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
def _next_word(data, position):
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
def _find_slot(data, start, end, code, slots, hashes, starts, letters):
    """Return the slot that holds the word data[start:end], or the empty one where it belongs."""
    mask = len(slots) - 1
    slot = np.int64(code ^ (code >> _FOLD)) & mask
    while slots[slot] != 0:
        entry = slots[slot] - 1
        if hashes[entry] == code and starts[entry + 1] - starts[entry] == end - start:
            offset = starts[entry] - start
            position = start
            while position < end and letters[offset + position] == data[position]:
                position += 1
            if position == end:
                return slot
        slot = (slot + 1) & mask
    return slot


@jit
def _add_word(
    data, start, end, code, count, seen, slots, hashes, starts, letters, counts, first_seen, sizes
):
    """Add `count` to the word data[start:end]; return False if there is no room for a new one."""
    slot = _find_slot(data, start, end, code, slots, hashes, starts, letters)
    if slots[slot] == 0:
        entry = sizes[0]
        used = starts[entry]
        if entry == len(hashes) or used + end - start > len(letters):
            return False
        for k in range(end - start):
            letters[used + k] = data[start + k]
        slots[slot] = entry + 1
        hashes[entry] = code
        starts[entry + 1] = used + end - start
        counts[entry] = 0
        first_seen[entry] = seen
        sizes[0] = entry + 1
    entry = slots[slot] - 1
    counts[entry] += count
    first_seen[entry] = min(first_seen[entry], seen)
    return True


@jit
def count_words(data, position, seen, slots, hashes, starts, letters, counts, first_seen, sizes):
    """Count the words of data[position:]; return the position where it stopped for lack of room.

    `seen` plus the position of a word in the data says when it was first seen.
    """
    while True:
        start, end, code, _ = _next_word(data, position)
        if start == end:
            return end
        if not _add_word(
            data,
            start,
            end,
            code,
            1,
            seen + start,
            slots,
            hashes,
            starts,
            letters,
            counts,
            first_seen,
            sizes,
        ):
            return start
        position = end


@jit
def merge_counts(
    entry,
    other_hashes,
    other_starts,
    other_letters,
    other_counts,
    other_first_seen,
    other_size,
    slots,
    hashes,
    starts,
    letters,
    counts,
    first_seen,
    sizes,
):
    """Add another table's entries from `entry` on; return the entry where it stopped."""
    while entry < other_size and _add_word(
        other_letters,
        other_starts[entry],
        other_starts[entry + 1],
        other_hashes[entry],
        other_counts[entry],
        other_first_seen[entry],
        slots,
        hashes,
        starts,
        letters,
        counts,
        first_seen,
        sizes,
    ):
        entry += 1
    return entry


@jit
def rebuild_slots(slots, hashes, size):
    """Fill the empty `slots` with the first `size` entries, all of them distinct words."""
    mask = len(slots) - 1
    for entry in range(size):
        slot = np.int64(hashes[entry] ^ (hashes[entry] >> _FOLD)) & mask
        while slots[slot] != 0:
            slot = (slot + 1) & mask
        slots[slot] = entry + 1


@jit
def encode_words(data, slots, hashes, starts, letters, ids, sentence_ends):
    """Write the ids of the known words of `data`; entry e of the table has the id e.

    `ids`: int32, room for half the bytes and one more. `sentence_ends`: int64, as many; filled
    with the number of ids before each end of a sentence; rising, but the first one may be 0,
    where a sentence of the text before ends here. Returns (ids, sentence ends, all words), the numbers of each.
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
        slot = _find_slot(data, start, end, code, slots, hashes, starts, letters)
        if slots[slot] != 0:
            ids[id_count] = slots[slot] - 1
            id_count += 1
        position = end
