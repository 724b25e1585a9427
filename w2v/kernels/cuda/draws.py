"""The random numbers of w2v/kernels/rng.py, compiled for the card: draw for draw the same."""

from w2v.kernels import rng
from w2v.kernels.cuda.compiler import shared

draw = shared(rng.draw)
low_bits = shared(rng.low_bits)
below = shared(rng.below)
