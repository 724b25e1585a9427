"""Whole numbers as the text of a corpus."""

import numpy as np

from w2v.kernels.jit import Bytes, Int64s, UInt64s, jit

MOST_LETTERS = 21  # of a number: its sign, 19 digits, and the white space after it

_TEN = np.uint64(10)
_ZERO = np.uint8(ord("0"))
_MINUS, _SPACE, _NEWLINE = np.uint8(ord("-")), np.uint8(ord(" ")), np.uint8(ord("\n"))


@jit
def spell_numbers(numbers: Int64s, magnitudes: UInt64s, ends: Int64s, text: Bytes) -> int:
    """Write sentences of numbers in decimal digits, one a line; return the length of the text.

    Parameters
    ----------
    numbers : int64 (n,)
    magnitudes : uint64 (n,)
        Their absolute values.
    ends : int64 (sentences,)
        How many numbers come before the end of each sentence.
    text : uint8
        Room for the text: MOST_LETTERS for each number, and one for each sentence.
    """
    used = begin = 0
    for end in ends:
        for place in range(begin, end):
            if numbers[place] < 0:
                text[used] = _MINUS
                used += 1
            used = _write_digits(magnitudes[place], used, text)
            text[used] = _SPACE
            used += 1
        used -= end > begin  # the newline takes the place of the last space
        text[used] = _NEWLINE
        used += 1
        begin = end
    return used


@jit
def _write_digits(magnitude: np.uint64, start: int, text: Bytes) -> int:
    """Write a number's digits from `start` on; return where they end."""
    end, rest = start + 1, magnitude // _TEN
    while rest > 0:
        end, rest = end + 1, rest // _TEN
    rest = magnitude
    for place in range(end - 1, start - 1, -1):
        text[place] = _ZERO + np.uint8(rest % _TEN)
        rest //= _TEN
    return end
