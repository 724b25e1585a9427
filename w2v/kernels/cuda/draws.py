"""The random numbers of w2v/kernels/rng.py, compiled for the card: draw for draw the same."""

import numpy as np

from w2v.kernels import rng
from w2v.kernels.cuda.compiler import SIMULATED, shared

draw = shared(rng.draw)
high_bits = shared(rng.high_bits)
low_bits = shared(rng.low_bits)
below = shared(rng.below)

if SIMULATED:  # plain NumPy warns when an unsigned product wraps around, as it must here
    _wrapping_draw = draw

    def draw(key: np.uint64, index: int) -> np.uint64:
        with np.errstate(over="ignore"):
            return np.uint64(_wrapping_draw(key, index))
