"""The key of a word, two machine words by which a hash table finds it, and the slot it begins at.

The key is the word itself up to 16 letters, filled up with zeros. For a longer word it is a hash,
and a length that begins with the byte FF.
"""

import numpy as np

from w2v.kernels.bits import bit_count, load_letters
from w2v.kernels.jit import JIT_ENABLED, Bytes, UInt64s, jit

_MULTIPLIER_1 = np.uint64(0x9E3779B97F4A7C15)  # odd, with bits set at random
_MULTIPLIER_2 = np.uint64(0xBF58476D1CE4E5B9)
_MULTIPLIER_3 = np.uint64(0x94D049BB133111EB)
_ZERO, _ONE, _32 = np.uint64(0), np.uint64(1), np.uint64(32)
_EIGHT = 8  # letters in a machine word
# Entry k keeps the first k − 8 letters of a machine word. (A branch on the length of a word costs
# more than a table, since it cannot be predicted.)
_MASKS = np.array([(1 << 8 * min(max(k - 8, 0), 8)) - 1 for k in range(25)], dtype=np.uint64)
LONG = np.uint64(0xFF00000000000000)  # the upper half of a long word's key; no UTF-8 has FF


@jit
def key_of(data: Bytes, start: int, end: int) -> tuple[np.uint64, np.uint64]:
    """Return the key of the word data[start:end], as two machine words."""
    length = end - start
    if length > 2 * _EIGHT or start + 2 * _EIGHT > len(data):
        return _rare_key(data, start, end)
    low, high = load_letters(data, start), load_letters(data, start + _EIGHT)
    return low & _MASKS[length + _EIGHT], high & _MASKS[length]


@jit
def _rare_key(data: Bytes, start: int, end: int) -> tuple[np.uint64, np.uint64]:
    """Return the key of a long word, or of one at the end of the data."""
    if end - start > 2 * _EIGHT:
        return _long_key(data, start, end)
    middle = min(start + _EIGHT, end)
    return _short_key(data, start, middle), _short_key(data, middle, end)


@jit
def _short_key(data: Bytes, start: int, end: int) -> np.uint64:
    """Return up to eight letters as a machine word, read one by one."""
    key = _ZERO
    for k in range(start, end):
        key |= np.uint64(data[k]) << np.uint64(8 * (k - start))
    return key


@jit
def _long_key(data: Bytes, start: int, end: int) -> tuple[np.uint64, np.uint64]:
    """Return a hash of more than 16 letters, which is not 0, and their number."""
    code = load_letters(data, end - _EIGHT)
    for k in range(start, end - _EIGHT, _EIGHT):
        code = _mixed(load_letters(data, k), code)
    return code | _ONE, LONG | np.uint64(end - start)


@jit
def home_of(low: np.uint64, high: np.uint64, records: UInt64s) -> int:
    """Return the slot where the search for a key begins: the upper bits of its hash."""
    bits = bit_count(np.uint64(len(records) - 1))
    return np.int64(_mixed(low, high) >> np.uint64(64 - bits))


@jit
def _mixed(low: np.uint64, high: np.uint64) -> np.uint64:
    code = np.uint64(low * _MULTIPLIER_1 + high * _MULTIPLIER_2)
    return np.uint64((code ^ (code >> _32)) * _MULTIPLIER_3)


if not JIT_ENABLED:  # plain NumPy warns when an unsigned product wraps around, as it must here
    _wrapping_mixed = _mixed

    def _mixed(low: np.uint64, high: np.uint64) -> np.uint64:
        with np.errstate(over="ignore"):
            return _wrapping_mixed(low, high)
