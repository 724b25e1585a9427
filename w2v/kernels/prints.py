"""Fingerprints of texts, in letters or in ids, and a hash table by fingerprint.

The fingerprint of a letter is a map x ↦ factor · x + sum modulo the prime 2^61 − 1, and that of a
text is the composition of its letters' maps. Composing is associative, so the fingerprint of what
words spell together is made from those of the words.

A text's sum is a polynomial in the factors and sums of its letters. Its degree is the number n of
letters, and different texts have different polynomials. The factors and sums are drawn at random,
so any two texts, however alike, have the same sum with a chance of n / 2^61 at most (Schwartz and
Zippel).
Modulo 2^64 that would not hold: there all factors are odd, anagrams differ in fewer bits, and words
that are built like the Thue–Morse sequence collide whatever the factors are. A key is 88 bits of
factor and sum: among 10^9 different texts, the chance that any two share one is 2 in a billion.

All ids have one factor, so that a text of ids is a polynomial in it (Rabin, 1981), and its factor
is that of its length.
"""

from typing import NamedTuple

import numpy as np

from w2v.kernels.bits import bit_count, high_product
from w2v.kernels.jit import JIT_ENABLED, Bytes, Int32s, Int64s, UInt64s, jit

_MULTIPLIER_1 = np.uint64(0x9E3779B97F4A7C15)  # odd, with bits set at random
_MULTIPLIER_2 = np.uint64(0xBF58476D1CE4E5B9)
_MULTIPLIER_3 = np.uint64(0x94D049BB133111EB)
_ZERO, _ONE, _32, _40 = np.uint64(0), np.uint64(1), np.uint64(32), np.uint64(40)
PRIME = np.uint64((1 << 61) - 1)
_3, _61 = np.uint64(3), np.uint64(61)
VALUE = np.uint64((1 << 40) - 1)  # the bits of a record's value
ID_FACTOR = np.uint64(0x16FE368A236067F6)  # drawn at random below PRIME

Print = tuple[np.uint64, np.uint64]  # factor and sum; or a key


class PrintTable(NamedTuple):
    """A hash table by fingerprint: open addressing with linear probing, never full.

    A record is a key of 64 bits, which is not 0 in a slot that is used, and 24 more bits of the key
    above a value of 40 bits.
    """

    records: UInt64s  # (slots, 2), a power of two
    sizes: Int64s  # (1,), the number of slots used


@jit
def print_words(letters: Bytes, starts: Int64s, first: int, maps: UInt64s, prints: UInt64s) -> None:
    """Write the fingerprint of each word from `first` on.

    Parameters
    ----------
    letters, starts : uint8, int64 (words + 1,)
        All words end to end, and where each starts.
    maps : uint64 (256, 2)
        The factor, which is not 0, and the sum of each letter, below PRIME.
    prints : uint64 (words, 2)
        Written.
    """
    for word in range(first, len(starts) - 1):
        factor, total = _ONE, _ZERO
        for place in range(starts[word], starts[word + 1]):
            letter = letters[place]
            factor, total = followed(factor, total, maps[letter, 0], maps[letter, 1])
        prints[word, 0], prints[word, 1] = factor, total


@jit
def print_ids(ids: Int32s, factor: np.uint64, total: np.uint64) -> Print:
    """Return the fingerprint of a text that some ids follow, each with the sum id + 1."""
    for k in range(len(ids)):
        factor, total = followed(factor, total, ID_FACTOR, np.uint64(ids[k] + 1))
    return factor, total


@jit
def add_prints(prints: UInt64s, table: PrintTable) -> None:
    """Add a record for each fingerprint, all of them different, with its number as the value."""
    for number in range(len(prints)):
        low, high = key_of(prints[number, 0], prints[number, 1])
        slot = find_slot(table.records, low, high)
        if table.records[slot, 0] == _ZERO:
            add_value(table, slot, low, high, np.uint64(number))


@jit
def copy_prints(records: UInt64s, target: UInt64s) -> None:
    """Write the records of one table to an empty larger one."""
    for old in range(len(records)):
        low, rest = records[old, 0], records[old, 1]
        if low != _ZERO:
            slot = find_slot(target, low, rest >> _40)
            target[slot, 0], target[slot, 1] = low, rest


@jit
def value_of(records: UInt64s, low: np.uint64, high: np.uint64) -> int:
    """Return the value of a key, 0 where there is none."""
    slot = find_slot(records, low, high)
    return np.int64(records[slot, 1] & VALUE)


@jit
def find_slot(records: UInt64s, low: np.uint64, high: np.uint64) -> int:
    """Return the slot of a key, or the empty one where it belongs."""
    slot, mask = home_slot(low, records), len(records) - 1
    while records[slot, 0] != _ZERO and (
        records[slot, 0] != low or records[slot, 1] >> _40 != high
    ):
        slot = (slot + 1) & mask
    return slot


@jit
def add_value(
    table: PrintTable, slot: int, low: np.uint64, high: np.uint64, value: np.uint64
) -> None:
    """Add to the value of a key whose slot was found, which may be new."""
    records = table.records
    if records[slot, 0] == _ZERO:
        records[slot, 0], records[slot, 1] = low, high << _40
        table.sizes[0] += 1
    records[slot, 1] += value


@jit
def home_slot(low: np.uint64, records: UInt64s) -> int:
    """Return the slot where the search for a key begins: its upper bits."""
    bits = bit_count(np.uint64(len(records) - 1))
    return np.int64(low >> np.uint64(64 - bits))


@jit
def followed(
    factor: np.uint64, total: np.uint64, next_factor: np.uint64, next_total: np.uint64
) -> Print:
    """Return the fingerprint of one text followed by another."""
    shifted = _product(total, next_factor) + next_total
    return _product(factor, next_factor), min(shifted, np.uint64(shifted - PRIME))


@jit
def _product(first: np.uint64, second: np.uint64) -> np.uint64:
    """Return the product of two numbers below PRIME modulo PRIME: 2^61 is 1 there."""
    low = np.uint64(first * second)
    folded = (low & PRIME) + ((low >> _61) | (high_product(first, second) << _3))
    return min(folded, np.uint64(folded - PRIME))  # what is below PRIME wraps around


@jit
def key_of(factor: np.uint64, total: np.uint64) -> Print:
    """Return the key of a fingerprint: 64 bits that are not all 0, and 24 bits."""
    low = np.uint64(factor * _MULTIPLIER_1 + total * _MULTIPLIER_2)
    low = np.uint64((low ^ (low >> _32)) * _MULTIPLIER_3)
    high = np.uint64((total ^ (total >> _32)) * _MULTIPLIER_1 + factor * _MULTIPLIER_3) >> _40
    return max(low ^ (low >> _32), _ONE), high


if not JIT_ENABLED:  # plain NumPy warns when an unsigned product wraps around, as it must here
    _wrapping_followed, _wrapping_key_of = followed, key_of

    def print_ids(ids: Int32s, factor: np.uint64, total: np.uint64) -> Print:
        scale, summed = int(factor), int(total)  # Python's own numbers are ten times as fast
        for each in ids.tolist():
            scale = scale * int(ID_FACTOR) % int(PRIME)
            summed = (summed * int(ID_FACTOR) + each + 1) % int(PRIME)
        return np.uint64(scale), np.uint64(summed)

    def followed(
        factor: np.uint64, total: np.uint64, next_factor: np.uint64, next_total: np.uint64
    ) -> Print:
        with np.errstate(over="ignore"):
            return _wrapping_followed(factor, total, next_factor, next_total)

    def key_of(factor: np.uint64, total: np.uint64) -> Print:
        with np.errstate(over="ignore"):
            return _wrapping_key_of(factor, total)
