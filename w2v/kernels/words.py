"""Where the words of UTF-8 text lie: 64 bytes at a time become masks, and masks become positions.

Words are what Python's `str.split()` gives on the decoded text; a line feed or a carriage return
ends a sentence.
"""

from typing import NamedTuple

import numpy as np

from w2v.kernels.bits import MASK_BYTES, bit_count, byte_masks, trailing_zeros
from w2v.kernels.jit import Bytes, Int32s, Int64s, UInt64s, jit

STRETCH_BYTES = 1024  # their words are found, then looked up: both find the bytes in the cache
MOST_WORDS = STRETCH_BYTES // 2 + MASK_BYTES  # in a stretch

_SPACE = 32
_ZERO, _ONE = np.uint64(0), np.uint64(1)
_LAST, _ALL = np.uint64(63), np.uint64(0xFFFFFFFFFFFFFFFF)


class WordBuffers(NamedTuple):
    """One worker's memory for one stretch of text."""

    tail: Bytes  # (MASK_BYTES,), the last bytes of the text, filled up with spaces
    edges: Int64s  # (2 · MOST_WORDS,), where words start and end, in turn
    slots: Int64s  # (MOST_WORDS,), where to look each word up
    low: UInt64s  # (MOST_WORDS,), the words' keys, lower half
    high: UInt64s  # (MOST_WORDS,), upper half


class Tokens(NamedTuple):
    """The words of a text as numbers, with its sentences."""

    entries: Int32s  # room for half the bytes and one more
    # The number of words before each end of a sentence, with as much room. The numbers rise; the
    # first may be 0, where a sentence of the text before ends here.
    ends: Int64s
    sizes: Int64s  # (2,), the numbers of entries and of ends used


def new_word_buffers() -> WordBuffers:
    """Allocate one worker's memory."""
    words = MOST_WORDS
    return WordBuffers(
        tail=np.zeros(MASK_BYTES, dtype=np.uint8),
        edges=np.zeros(2 * words, dtype=np.int64),
        slots=np.zeros(words, dtype=np.int64),
        low=np.zeros(words, dtype=np.uint64),
        high=np.zeros(words, dtype=np.uint64),
    )


@jit
def find_words(data: Bytes, position: int, buffers: WordBuffers, tokens: Tokens) -> tuple[int, int]:
    """Find the words of a stretch of text, and the sentences that end in it.

    Writes the start and end of each word to `buffers.edges`, and ends of sentences to `tokens`.

    Parameters
    ----------
    data : uint8
        Valid UTF-8 that ends in white space.
    position : int
        Outside of words.
    buffers : WordBuffers
    tokens : Tokens

    Returns
    -------
    words : int
        At least 1, unless the text ends.
    stop : int
        The position after them.
    """
    at, stop, edges = position, position + STRETCH_BYTES, 0
    in_word = rest = _ZERO
    while at < len(data) and (at < stop or edges < 2):
        space, line_ends, candidates = _masks_at(data, at, buffers.tail)
        if candidates != _ZERO or rest != _ZERO:
            space, rest = _with_wide_spaces(data, at, space | rest, candidates)
        changes = ~space ^ ((~space << _ONE) | in_word)
        in_word = ~space >> _LAST
        while line_ends != _ZERO:
            before = changes & (_ALL >> (_LAST - np.uint64(trailing_zeros(line_ends))))
            _end_sentence(tokens, tokens.sizes[0] + (edges + bit_count(before)) // 2)
            line_ends &= line_ends - _ONE
        while changes != _ZERO:
            buffers.edges[edges] = at + trailing_zeros(changes)
            edges += 1
            changes &= changes - _ONE
        at += MASK_BYTES
    if edges % 2 == 1:  # the last word goes on; the next stretch begins with it
        return edges // 2, buffers.edges[edges - 1]
    return edges // 2, min(at + bit_count(rest), len(data))


@jit
def _masks_at(data: Bytes, at: int, tail: Bytes) -> tuple[np.uint64, np.uint64, np.uint64]:
    """Return the masks of 64 bytes of text, filled up with spaces at the end of the text."""
    if at + MASK_BYTES <= len(data):
        return byte_masks(data, at)
    for k in range(MASK_BYTES):
        tail[k] = data[at + k] if at + k < len(data) else _SPACE
    return byte_masks(tail, 0)


@jit
def _with_wide_spaces(
    data: Bytes, at: int, space: np.uint64, candidates: np.uint64
) -> tuple[np.uint64, np.uint64]:
    """Add white space of two and three bytes to the mask.

    Returns the mask, and a mask of the bytes of the last such character that lie beyond the 64.
    """
    rest = _ZERO
    while candidates != _ZERO:
        place = trailing_zeros(candidates)
        candidates &= candidates - _ONE
        length = white_space_length(data, at + place)
        if length > 0:
            character = (_ONE << np.uint64(length)) - _ONE
            space |= character << np.uint64(place)
            if place + length > MASK_BYTES:
                rest = character >> np.uint64(MASK_BYTES - place)
    return space, rest


@jit
def white_space_length(data: Bytes, position: int) -> int:
    """Return the length in bytes of a white space character; 0 if another character is there.

    `data` is uint8, valid UTF-8; `position` is that of a byte C2, E1, E2 or E3.
    """
    byte, second = data[position], data[position + 1]
    if byte == 0xC2:  # U+0085 next line, U+00A0 no-break space
        return 2 if second in (0x85, 0xA0) else 0
    third = data[position + 2]
    if byte == 0xE1:  # U+1680 ogham space
        return 3 if second == 0x9A and third == 0x80 else 0
    if byte == 0xE2:  # U+2000–200A, 2028, 2029, 202F; U+205F
        general = second == 0x80 and (0x80 <= third <= 0x8A or third in (0xA8, 0xA9, 0xAF))
        return 3 if general or (second == 0x81 and third == 0x9F) else 0
    return 3 if second == 0x80 and third == 0x80 else 0  # U+3000 ideographic space


@jit
def _end_sentence(tokens: Tokens, words: int) -> None:
    """Record the end of a sentence after so many words, unless none came since the last end."""
    used = tokens.sizes[1]
    if used == 0 or words > tokens.ends[used - 1]:
        tokens.ends[used] = words
        tokens.sizes[1] = used + 1
