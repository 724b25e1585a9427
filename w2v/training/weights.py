"""The input and output matrices: rows padded to whole vectors, aligned to cache lines, seeded."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.vector_ir import LANES
from w2v.machine import available_cores
from w2v.training.shapes import Shape, Shapes, allocated

_ROWS_AT_ONCE = 1024
_ROWS_A_THREAD = 1 << 16  # fewer are drawn sooner than a thread starts


def padded_width(vector_size: int) -> int:
    """Return `vector_size` rounded up to whole vectors of floats."""
    return -(-vector_size // LANES) * LANES


def weights_shapes(
    vocabulary_size: int,
    vector_size: int,
    copies: tuple[int, int] = (0, 0),
    outputs_per_word: int = 1,
) -> Shapes:
    """Return the shapes of the two matrices. For the parameters see `Weights.fresh`."""
    width = padded_width(vector_size)
    inputs, outputs = vocabulary_size + copies[0], vocabulary_size * outputs_per_word + copies[1]
    return {
        "input_rows": Shape((inputs, width), np.float32),
        "output_rows": Shape((outputs, width), np.float32),
    }


@dataclass(frozen=True)
class Weights:
    """The two matrices that training changes.

    The columns beyond `vector_size` stay zero until `released`.

    Attributes
    ----------
    size : int
        V, the size of the vocabulary.
    output_size : int
        The rows of `output`: V, or 2 V where words and Huffman nodes are trained at once.
    input_rows, output_rows : float32 (V + copies, width), (output_size + copies, width)
        The rows of `input` and `output`, and behind them the workers' private copies of rows.
    """

    size: int
    output_size: int
    input_rows: NDArray[np.float32]
    output_rows: NDArray[np.float32]

    @property
    def input(self) -> NDArray[np.float32]:
        """The word vectors, float32 (V, width)."""
        return self.input_rows[: self.size]

    @property
    def output(self) -> NDArray[np.float32]:
        """The output vectors, float32 (output_size, width).

        They are those of words or, in hierarchical softmax, of the V − 1 inner nodes, before one
        unused row. With both losses, the words come first.
        """
        return self.output_rows[: self.output_size]

    @classmethod
    def fresh(
        cls,
        vocabulary_size: int,
        vector_size: int,
        seed: int,
        copies: tuple[int, int] = (0, 0),
        outputs_per_word: int = 1,
    ) -> "Weights":
        """Return initial weights like gensim's: input uniform in ±1/d, output zero.

        word2vec.c starts with ±0.5/d, from which short texts learn less (benchmarks/NOTES.md).

        Parameters
        ----------
        vocabulary_size : int
            V, 1 or more.
        vector_size : int
            d, 1 or more.
        seed : int
            0 or more.
        copies : (int, int)
            Rows behind those of the input and of the output matrix, for the workers.
        outputs_per_word : int
            Rows of the output matrix for each word, 1 or 2.
        """
        matrices = allocated(weights_shapes(vocabulary_size, vector_size, copies, outputs_per_word))
        weights = cls(vocabulary_size, vocabulary_size * outputs_per_word, **matrices)
        _draw_uniform(weights.input[:, :vector_size], seed)
        return weights

    def take(self, other: "Weights") -> None:
        """Take over the values of other weights of the same shape, but not their copies."""
        if other is not self:
            self.input[:] = other.input
            self.output[:] = other.output

    def released(self, vector_size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return input and output without padding, in the same memory.

        Training cannot go on afterwards. Copies would add 85 MB to wiki8's peak at d=300.

        Returns
        -------
        input, output : float32 (V, vector_size), (output_size, vector_size)
        """
        return _close_up(self.input, vector_size), _close_up(self.output, vector_size)


def _draw_uniform(matrix: NDArray[np.float32], seed: int) -> None:
    """Fill a matrix (V, d) with numbers uniform in ±1/d, the same with any number of threads."""
    threads = min(available_cores(), 1 + len(matrix) // _ROWS_A_THREAD)
    each = -(-len(matrix) // (threads * _ROWS_AT_ONCE)) * _ROWS_AT_ONCE
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda k: _draw_rows(matrix, seed, k * each, (k + 1) * each), range(threads)))


def _draw_rows(matrix: NDArray[np.float32], seed: int, first: int, stop: int) -> None:
    """Fill the rows from `first`, a multiple of an even number, up to `stop`."""
    vector_size = matrix.shape[1]
    bits = np.random.PCG64(seed)
    bits.advance(first * vector_size // 2)  # each step of the generator gives two numbers
    generator = np.random.Generator(bits)
    drawn = np.empty((_ROWS_AT_ONCE, vector_size), dtype=np.float32)
    for start in range(first, min(stop, len(matrix)), _ROWS_AT_ONCE):
        block = matrix[start : start + _ROWS_AT_ONCE]
        rows = drawn[: len(block)]
        generator.random(out=rows, dtype=np.float32)
        rows -= 0.5
        np.multiply(rows, 2 / vector_size, out=block)


def _close_up(matrix: NDArray[np.float32], columns: int) -> NDArray[np.float32]:
    """Move the first `columns` of each row to the front of the matrix's memory, row after row."""
    rows = len(matrix)
    closed = matrix.reshape(-1)[: rows * columns].reshape(rows, columns)
    for start in range(0, rows, _ROWS_AT_ONCE):  # forwards: no row is written before it is moved
        part = slice(start, start + _ROWS_AT_ONCE)
        closed[part] = matrix[part, :columns]
    return closed
