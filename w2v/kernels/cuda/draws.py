"""The random numbers of w2v/kernels/rng.py, compiled for the card: draw for draw the same."""

from typing import Any

import numpy as np

from w2v.kernels import rng
from w2v.kernels.cuda.compiler import SIMULATED, device


def _source(function: Any) -> Any:
    """Return a function as it was before it was compiled for the CPU."""
    return getattr(function, "py_func", function)


draw = device(_source(rng.draw))
high_bits = device(_source(rng.high_bits))
low_bits = device(_source(rng.low_bits))
below = device(_source(rng.below))

if SIMULATED:  # plain NumPy warns when an unsigned product wraps around, as it must here
    _wrapping_draw = draw

    def draw(key: np.uint64, index: int) -> np.uint64:
        with np.errstate(over="ignore"):
            return np.uint64(_wrapping_draw(key, index))
