"""Counter-based random numbers: every draw is a function of (seed, epoch, position, index).

No generator carries state from one token to the next. So a draw does not depend on which worker
makes it, or where a chunk begins. The mixing function is the finaliser of SplitMix64 (Steele, Lea
and Flood, 2014, "Fast splittable pseudorandom number generators", fig. 13).
"""

import numpy as np

from w2v.kernels.jit import JIT_ENABLED, jit

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_30, _27, _31, _32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@jit
def draw(key: np.uint64, index: int) -> np.uint64:
    """Return draw number `index` (0, 1, …), 64 random bits, of the stream that `key` names."""
    bits = np.uint64(key + (np.uint64(index) + np.uint64(1)) * _GOLDEN)
    bits = np.uint64((bits ^ (bits >> _30)) * _MIX_1)
    bits = np.uint64((bits ^ (bits >> _27)) * _MIX_2)
    return np.uint64(bits ^ (bits >> _31))


@jit
def high_bits(bits: np.uint64) -> np.uint64:
    """Return the upper 32 of 64 random bits."""
    return np.uint64(bits >> _32)


@jit
def low_bits(bits: np.uint64) -> np.uint64:
    """Return the lower 32 of 64 random bits."""
    return np.uint64(bits & _LOW)


@jit
def below(bits: np.uint64, bound: int) -> int:
    """Return an integer from 0 to `bound` − 1, made of 32 random bits by multiply and shift."""
    return np.int64((bits * np.uint64(bound)) >> _32)


def stream_key(seed: int, epoch: int) -> np.uint64:
    """Return the key of one epoch's random stream.

    Parameters
    ----------
    seed : int
        0 to 2**63 − 1.
    epoch : int
        Counted from 0.

    Returns
    -------
    uint64
    """
    with np.errstate(over="ignore"):
        return np.uint64(draw(np.uint64(draw(np.uint64(seed), 0)), epoch))


if not JIT_ENABLED:  # plain NumPy warns when an unsigned product wraps around, as it must here
    _wrapping_draw = draw

    def draw(key: np.uint64, index: int) -> np.uint64:
        with np.errstate(over="ignore"):
            return _wrapping_draw(key, index)
