"""A row of a matrix over the lanes of a warp, and the sums over all lanes.

Lane k holds the floats 4 k to 4 k + 3 of a row, then those 128, 256, … further on. One instruction
moves four floats, and on cards of compute capability 9 one adds four.

In the simulator a team has one lane, which holds whole rows. No other module differs there.
"""

import math
from typing import Any

import numpy as np
from numba import cuda

from w2v.kernels.cuda.compiler import SIMULATED, device
from w2v.kernels.jit import Floats, Int32s
from w2v.kernels.state import MAX_LOGIT

LANES = 1 if SIMULATED else 32  # of a team: the threads that hold one row
FOUR = 4
TILE = 8  # output rows whose scores are summed over the lanes together
LABEL, USED, NODE, CHANGES = 1, 2, 4, 8  # bits of an output row's flags
_ALL = 0xFFFFFFFF
_ONE, _ZERO = np.float32(1), np.float32(0)


def floats_of_a_lane(width: int) -> int:
    """Return the floats of a row of `width` floats that a lane holds: a multiple of 4."""
    return -(-width // (FOUR * LANES)) * FOUR


@device
def load_row(
    matrix: Floats, row: int, width: int, lane: int, values: Floats, first: int, count: int
) -> None:
    """Write a lane's part of a row of `width` floats to values[first : first + count]."""
    for j in range(count // FOUR):
        column, at = FOUR * (lane + LANES * j), first + FOUR * j
        if column < width:
            values[at], values[at + 1], values[at + 2], values[at + 3] = load_four(
                matrix, row, width, column
            )
        else:
            values[at] = values[at + 1] = values[at + 2] = values[at + 3] = _ZERO


@device
def add_to_row(
    matrix: Floats, row: int, width: int, lane: int, values: Floats, first: int, count: int,
    factor: np.float32,
) -> None:  # fmt: skip
    """Add `factor` times values[first : first + count], a lane's part, to a row: atomically."""
    for j in range(count // FOUR):
        column, at = FOUR * (lane + LANES * j), first + FOUR * j
        if column < width:
            add_four(
                matrix, row, width, column, factor * values[at], factor * values[at + 1],
                factor * values[at + 2], factor * values[at + 3],
            )  # fmt: skip


@device
def score_tile(context: Floats, rows: Floats, scores: Floats, floats: int, size: int) -> None:
    """Write a lane's part of the score of each output row."""
    for k in range(size):
        scores[k] = _ZERO
        for j in range(floats):
            scores[k] += context[j] * rows[k * floats + j]


@device
def _gradient(score: np.float32, flags: int, rate: np.float32) -> np.float32:
    """Return the rate times label − σ(score); 0 for a row not used, or a saturated node."""
    label = _ONE if flags & LABEL else _ZERO
    gradient = (label - _sigmoid(score)) * rate
    skipped = flags & USED == 0 or (flags & NODE != 0 and abs(score) > np.float32(MAX_LOGIT))
    return _ZERO if skipped else gradient


if SIMULATED:

    def sync_team() -> None:
        """Do nothing: there is one lane."""

    def from_first_lane(value: int) -> int:
        """Return the first lane's value, in all lanes."""
        return value

    def load_four(matrix: Floats, row: int, width: int, column: int) -> Any:
        """Return four floats of a row."""
        return tuple(matrix[row, column + k] for k in range(FOUR))

    def add_four(matrix: Floats, row: int, width: int, column: int, *values: np.float32) -> None:
        """Add four floats to a row."""
        for k in range(FOUR):
            matrix[row, column + k] += values[k]

    def own_flags(flags: Int32s, team: int, first: int, lane: int) -> int:
        """Return nothing of use: the one lane has the flags of all rows."""
        return 0

    def tile_gradients(
        scores: Floats, size: int, own: int, flags: Int32s, team: int, first: int, lane: int,
        rate: np.float32, with_loss: bool, sums: Any,
    ) -> None:  # fmt: skip
        """Replace the score of each row of a tile by its gradient; `first` is the first row."""
        for k in range(size):
            flag = flags[team, first + k]
            if with_loss and flag & USED:
                _add_loss(scores[k], flag, sums)
            scores[k] = _gradient(scores[k], flag, rate)

    def _sigmoid(score: np.float32) -> np.float32:
        clamped = min(max(float(score), -87.0), 87.0)
        return np.float32(1 / (1 + math.exp(-clamped)))

else:
    from numba.cuda import libdevice

    from w2v.kernels.cuda.vectors import add_four, load_four

    @device
    def sync_team() -> None:
        """Wait for all lanes of the warp, and let them see what the others wrote."""
        cuda.syncwarp()

    @device
    def from_first_lane(value: int) -> int:
        """Return the first lane's value, in all lanes."""
        return cuda.shfl_sync(_ALL, value, 0)

    @device
    def own_flags(flags: Int32s, team: int, first: int, lane: int) -> int:
        """Return the flags of the row whose score this lane ends with, in a tile of eight."""
        return flags[team, first + (lane & (TILE - 1))]

    @device
    def tile_gradients(
        scores: Floats, size: int, own: int, flags: Int32s, team: int, first: int, lane: int,
        rate: np.float32, with_loss: bool, sums: Any,
    ) -> None:  # fmt: skip
        """Sum up to eight scores over all lanes and replace each by its gradient, in all lanes.

        Nine shuffles take eight sums, and not forty: after the first exchange a lane goes on with
        the four scores of its parity, after the second with two, then with one. Lane k ends with
        score k mod 8, and only there the sigmoid is computed.
        """
        score = _transposed_sum(scores, size, lane)
        if with_loss and lane < size and own & USED:
            _add_loss(score, own, sums)
        gradient = _gradient(score, own, rate)
        for k in range(size):
            scores[k] = cuda.shfl_sync(_ALL, gradient, k)

    @device
    def _transposed_sum(scores: Floats, size: int, lane: int) -> np.float32:
        one, two, four = lane & 1 != 0, lane & 2 != 0, lane & 4 != 0
        a = _exchange(scores[0], scores[1], one, 1)
        if size > 2:
            a = _exchange(a, _exchange(scores[2], scores[3], one, 1), two, 2)
        else:
            a += cuda.shfl_xor_sync(_ALL, a, 2)
        if size > 6:
            b = _exchange(scores[4], scores[5], one, 1)
            b = _exchange(b, _exchange(scores[6], scores[7], one, 1), two, 2)
        elif size > 4:
            b = _exchange(scores[4], scores[5], one, 1)
            b += cuda.shfl_xor_sync(_ALL, b, 2)
        else:
            b = a
        total = _exchange(a, b, four, 4)
        total += cuda.shfl_xor_sync(_ALL, total, 8)
        return total + cuda.shfl_xor_sync(_ALL, total, 16)

    @device
    def _exchange(even: np.float32, odd: np.float32, is_odd: bool, mask: int) -> np.float32:
        """Keep one of two sums, give the other to the lane that keeps it, and add what it gives."""
        kept, given = (odd, even) if is_odd else (even, odd)
        return kept + cuda.shfl_xor_sync(_ALL, given, mask)

    @device
    def _sigmoid(score: np.float32) -> np.float32:
        # exp overflows to infinity beyond 88, and 1 / infinity is the right 0.
        return libdevice.fast_fdividef(_ONE, _ONE + libdevice.fast_expf(-score))


@device
def _add_loss(score: np.float32, flags: int, sums: Any) -> None:
    """Add a score's loss to sums[0], and to sums[1] whether it is saturated, to sums[2] one."""
    margin = np.float64(score) if flags & LABEL else -np.float64(score)
    sums[0] += math.log1p(math.exp(-abs(margin))) + max(-margin, 0.0)  # exact, and without a cap
    sums[1] += np.float64(abs(score) > np.float32(MAX_LOGIT))
    sums[2] += 1.0
