"""Training on the card: each warp takes centre words and trains them, one after another.

The warps share the matrices without locks. A warp loads output rows into registers, a tile of up to
eight at a time, trains them there, and adds what changed to the matrix. A kernel is made for each
variant and width of rows: registers have no index, so their number must be known.
"""

from typing import Any

import numpy as np
from numba import cuda

from w2v.kernels.cuda.cbow import train_mean
from w2v.kernels.cuda.centers import LISTED, RUN, SIDE, TILES, find_centers, list_outputs
from w2v.kernels.cuda.compiler import device, kernel
from w2v.kernels.cuda.lanes import FOUR, LANES, TILE, floats_of_a_lane, from_first_lane
from w2v.kernels.cuda.selection import SIDE_BITS
from w2v.kernels.cuda.skipgram import train_contexts
from w2v.kernels.cuda.state import Center, Epoch, Layout, Outputs, Selected, Tile, Warp, Weights
from w2v.kernels.jit import Float64s, Int32s, Int64s
from w2v.kernels.state import CENTERS, DROPPED, KEPT, LOSS, PAIRS, SATURATED, SCORES

TEAMS = 1 if LANES == 1 else 4  # warps of a block
_ROOM = LISTED + TILE  # of lists; a lane may look up a row behind the last
# Rows of up to 128 floats leave so many registers to each of 16 warps of a multiprocessor.
_REGISTERS = 128
# Floats of output rows that a lane has room for in registers, twice: as they were and as they are.
_TILE_FLOATS = 96


def tile_size(width: int, outputs: int) -> tuple[int, bool]:
    """Return the output rows of a tile, and whether they are all that any centre word has.

    Parameters
    ----------
    width : int
        Floats of a row.
    outputs : int
        The most output rows of a centre word.
    """
    size = TILE
    while size > 2 and size * floats_of_a_lane(width) > _TILE_FLOATS:
        size //= 2
    return (max(1, outputs), True) if outputs <= size else (size, False)


def training_kernel(cbow: bool, mean: bool, width: int, size: int, single: bool) -> Any:
    """Return the kernel that trains the centre words of a stretch.

    Parameters
    ----------
    cbow : bool
        Else skip-gram.
    mean : bool
        Whether CBOW trains the mean of a window, else the sum.
    width : int
        Floats of a row.
    size : int
        Output rows of a tile, which are trained at once, 1 to TILE.
    single : bool
        Whether a tile holds all output rows of any centre word; if not, `size` divides LISTED.
    """
    # Closures hold numbers alone: the cache on disk knows a kernel by their values.
    floats = floats_of_a_lane(width)
    tile_floats = size * floats

    def train_centers(
        offset: int,
        first_block: int,
        last_block: int,
        tokens: int,
        epoch: Epoch,
        selected: Selected,
        outputs: Outputs,
        weights: Weights,
    ) -> None:
        """Train the kept tokens of some blocks of a stretch, which holds `tokens` tokens there.

        Writes the weights, their totals, and `taken`.
        """
        words = cuda.shared.array((TEAMS, RUN), np.int32)
        windows = cuda.shared.array((TEAMS, RUN), np.int32)
        rates = cuda.shared.array((TEAMS, RUN), np.float32)
        losses = cuda.shared.array((TEAMS, RUN), np.int32)
        keys = cuda.shared.array((TEAMS, RUN), np.uint64)
        rows = cuda.shared.array((TEAMS, _ROOM), np.int32)
        flags = cuda.shared.array((TEAMS, _ROOM), np.int32)
        tile = Tile(
            cuda.local.array(tile_floats, np.float32),
            cuda.local.array(tile_floats, np.float32),
            cuda.local.array(floats, np.float32),
            cuda.local.array(floats, np.float32),
            cuda.local.array(floats, np.float32),
            cuda.local.array(TILE, np.float32),
        )
        layout = Layout(width, floats, size, single)
        sums = cuda.local.array(3, np.float64)
        counts = cuda.local.array(2, np.int64)
        sums[0] = sums[1] = sums[2] = 0.0
        counts[0] = counts[1] = 0
        lane, team = cuda.threadIdx.x % LANES, cuda.threadIdx.x // LANES
        noise_words = outputs.negative + 1 if len(outputs.noise_table) > 0 else 0
        warp = Warp(team, lane, words, windows, rates, losses, keys, rows, flags, noise_words)
        first, last = selected.starts[first_block], selected.starts[last_block]
        while True:
            run = first + RUN * from_first_lane(_take_run(selected.taken, lane))
            if run >= last:
                break
            stop = min(run + RUN, last)
            find_centers(offset, run, stop, cbow, epoch, selected, warp, counts)
            for number in range(stop - run):
                if single and number % TILES == 0:
                    list_outputs(
                        single, number, stop - run, 0, outputs, weights.output_pull, warp
                    )  # fmt: skip
                left = windows[team, number] & SIDE
                count = left + (windows[team, number] >> SIDE_BITS)
                center = Center(number, stop - run, run + number, left, count)
                if count > 0 and cbow:
                    train_mean(center, mean, layout, selected, outputs, weights, warp, tile, sums)
                elif count > 0:
                    train_contexts(center, layout, selected, outputs, weights, warp, tile, sums)
        _add_totals(sums, counts, weights.totals)
        if cuda.blockIdx.x == 0 and cuda.threadIdx.x == 0:
            cuda.atomic.add(weights.totals, KEPT, np.float64(last - first))
            cuda.atomic.add(weights.totals, DROPPED, np.float64(tokens - (last - first)))

    return kernel(train_centers, _REGISTERS if width <= FOUR * LANES else None)


@device
def _take_run(taken: Int32s, lane: int) -> int:
    """Return the number of the next run of centre words, which no other warp has, in lane 0."""
    return cuda.atomic.add(taken, 0, 1) if lane == 0 else 0


@device
def _add_totals(sums: Float64s, counts: Int64s, totals: Float64s) -> None:
    """Add a lane's sums to the totals."""
    if sums[2] > 0:
        cuda.atomic.add(totals, LOSS, sums[0])
        cuda.atomic.add(totals, SATURATED, sums[1])
        cuda.atomic.add(totals, SCORES, sums[2])
    if counts[1] > 0:
        cuda.atomic.add(totals, PAIRS, np.float64(counts[0]))
        cuda.atomic.add(totals, CENTERS, np.float64(counts[1]))
