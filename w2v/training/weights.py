"""The input and output matrices: rows padded to whole vectors, aligned to cache lines, seeded."""

import contextlib
import mmap
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.vector_ir import LANES


def padded_width(vector_size: int) -> int:
    """Return `vector_size` rounded up to whole vectors of floats."""
    return -(-vector_size // LANES) * LANES


def aligned_zeros(rows: int, width: int) -> NDArray[np.float32]:
    """Return a float32 (rows, width) matrix of zeros whose first byte begins a cache line.

    In huge pages, where the system has them: with small ones the processor spent a quarter of the
    time on looking up the addresses of the rows.
    """
    size = rows * width * 4
    memory = mmap.mmap(-1, max(size, 1))  # of zeros, from a page's start
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # a kernel without them
            memory.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(memory, dtype=np.float32, count=rows * width).reshape(rows, width)


@dataclass(frozen=True)
class Weights:
    """What training changes; the columns beyond `vector_size` stay zero.

    `input`: float32 (V, width), the word vectors. `output`: float32 (V + 1, width), the output
    vectors of words or inner nodes, with a spare row of zeros at the end.
    """

    input: NDArray[np.float32]
    output: NDArray[np.float32]

    @classmethod
    def fresh(cls, vocabulary_size: int, vector_size: int, seed: int) -> "Weights":
        """Return weights as word2vec.c starts them: input uniform in ±0.5/d, output zero."""
        width = padded_width(vector_size)
        weights = cls(
            aligned_zeros(vocabulary_size, width), aligned_zeros(vocabulary_size + 1, width)
        )
        generator = np.random.default_rng(seed)
        for start in range(0, vocabulary_size, 4096):  # in slices, to need no second matrix
            rows = weights.input[start : start + 4096, :vector_size]
            rows[:] = (generator.random(rows.shape, dtype=np.float32) - 0.5) / vector_size
        return weights
