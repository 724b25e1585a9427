"""Training on the card: each warp takes centre words and trains them, one after another.

The warps share the matrices without locks. A warp loads output rows into registers, a tile of up to
eight at a time, trains them there, and adds what changed to the matrix. A kernel is made for each
variant and width of rows: registers have no index, so their number must be known.
"""

from typing import Any

import numpy as np
from numba import cuda

from w2v.kernels.cuda.centers import (
    LISTED,
    OF_INPUTS,
    RUN,
    SIDE,
    TILES,
    count_outputs,
    find_centers,
    list_outputs,
    neighbour,
    takes_change,
)
from w2v.kernels.cuda.compiler import device, kernel
from w2v.kernels.cuda.lanes import (
    CHANGES,
    FOUR,
    LANES,
    TILE,
    add_to_row,
    floats_of_a_lane,
    from_first_lane,
    load_row,
    own_flags,
    tile_gradients,
)
from w2v.kernels.cuda.selection import SIDE_BITS
from w2v.kernels.cuda.state import Epoch, Outputs, Selected, Tile, Warp, Weights
from w2v.kernels.jit import Float64s, Floats, Int32s, Int64s
from w2v.kernels.state import CENTERS, DROPPED, KEPT, LOSS, PAIRS, SATURATED, SCORES

TEAMS = 1 if LANES == 1 else 4  # warps of a block
_ROOM = LISTED + TILE  # of lists; a lane may look up a row behind the last
_ONE, _ZERO = np.float32(1), np.float32(0)
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
            for center in range(stop - run):
                if single and center % TILES == 0:
                    list_outputs(
                        single, center, stop - run, 0, outputs, weights.output_pull, warp
                    )  # fmt: skip
                left = windows[team, center] & SIDE
                count = left + (windows[team, center] >> SIDE_BITS)
                if count > 0 and cbow:
                    train_mean(
                        run, center, stop - run, left, count, mean, single, width, size, floats,
                        selected, outputs, weights, warp, tile, sums,
                    )  # fmt: skip
                elif count > 0:
                    train_contexts(
                        run, center, stop - run, left, count, single, width, size, floats,
                        selected, outputs, weights, warp, tile, sums,
                    )  # fmt: skip
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
    """Add what a lane has summed up to the totals."""
    if sums[2] > 0:
        cuda.atomic.add(totals, LOSS, sums[0])
        cuda.atomic.add(totals, SATURATED, sums[1])
        cuda.atomic.add(totals, SCORES, sums[2])
    if counts[1] > 0:
        cuda.atomic.add(totals, PAIRS, np.float64(counts[0]))
        cuda.atomic.add(totals, CENTERS, np.float64(counts[1]))


@device
def train_contexts(  # noqa: PLR0912  (it reads straight through)
    run: int, center: int, centers: int, left: int, count: int, single: bool, width: int, size: int,
    floats: int, selected: Selected, outputs: Outputs, weights: Weights, warp: Warp, tile: Tile,
    sums: Float64s,
) -> None:  # fmt: skip
    """Skip-gram: train each context word on its own against the centre word's output rows.

    Parameters
    ----------
    run, center, centers : int
        The kept token that the run begins at; the centre word's number in it, of so many.
    left, count : int
        The words on the left in its window, and those on both sides.
    single, width, size : bool, int, int
        See `training_kernel`.
    floats : int
        Of a row that a lane holds.
    selected, outputs, weights, warp, tile, sums
        The weights are written, and all of the last three.
    """
    team, lane, index = warp.team, warp.lane, run + center
    key, rate = warp.keys[team, center], warp.rates[team, center]
    with_loss = warp.losses[team, center] != 0
    before, now, context, ahead = tile.before, tile.now, tile.context, tile.ahead
    error, scores = tile.error, tile.scores
    listed = size if single else count_outputs(warp.words[team, center], outputs, warp)
    for place in range(0, listed, size):
        first = center % TILES * TILE if single else place % LISTED
        if not single and first == 0:
            list_outputs(single, center, centers, place, outputs, weights.output_pull, warp)
        own = own_flags(warp.flags, team, first, lane)
        next_word = selected.words[neighbour(index, left, 0)]
        for k in range(size):
            row = warp.rows[team, first + k]
            load_row(weights.output, row, width, lane, before, k * floats, floats)
        load_row(weights.input, next_word, width, lane, ahead, 0, floats)
        for k in range(size * floats):
            now[k] = before[k]
        for number in range(count):
            word = next_word
            for j in range(floats):
                context[j] = ahead[j]
            if number + 1 < count:  # the row is on its way while this one is trained
                next_word = selected.words[neighbour(index, left, number + 1)]
                load_row(weights.input, next_word, width, lane, ahead, 0, floats)
            score_tile(context, now, scores, floats, size)
            tile_gradients(scores, size, own, warp.flags, team, first, lane, rate, with_loss, sums)
            for j in range(floats):
                error[j] = _ZERO
            for k in range(size):
                for j in range(floats):
                    error[j] += scores[k] * now[k * floats + j]
                    now[k * floats + j] += scores[k] * context[j]
            number_of_draw = OF_INPUTS + (place << 12) + number
            if takes_change(weights.input_pull[word], rate, key, number_of_draw):
                factor = weights.factors[word]
                add_to_row(weights.input, word, width, lane, error, 0, floats, factor)
        for k in range(size):
            if warp.flags[team, first + k] & CHANGES:
                for j in range(floats):
                    now[k * floats + j] -= before[k * floats + j]
                row = warp.rows[team, first + k]
                add_to_row(weights.output, row, width, lane, now, k * floats, floats, _ONE)


@device
def train_mean(
    run: int, center: int, centers: int, left: int, count: int, mean: bool, single: bool,
    width: int, size: int, floats: int, selected: Selected, outputs: Outputs, weights: Weights,
    warp: Warp, tile: Tile, sums: Float64s,
) -> None:  # fmt: skip
    """CBOW: train the mean of the context words, or their sum, against the output rows.

    With the mean every context word gets the undivided error, as in word2vec.c; with the sum its
    part, as in gensim. For the parameters see `train_contexts`.
    """
    team, lane, index = warp.team, warp.lane, run + center
    key, rate = warp.keys[team, center], warp.rates[team, center]
    with_loss = warp.losses[team, center] != 0
    now, context, error, scores = tile.now, tile.context, tile.error, tile.scores
    share = _ONE / np.float32(count)
    sum_window(
        index, left, count, selected, weights.input, width, lane, size, now, context, floats
    )  # fmt: skip
    for j in range(floats):
        error[j] = _ZERO
        context[j] *= share if mean else _ONE
    listed = size if single else count_outputs(warp.words[team, center], outputs, warp)
    for place in range(0, listed, size):
        first = center % TILES * TILE if single else place % LISTED
        if not single and first == 0:
            list_outputs(single, center, centers, place, outputs, weights.output_pull, warp)
        own = own_flags(warp.flags, team, first, lane)
        for k in range(size):
            row = warp.rows[team, first + k]
            load_row(weights.output, row, width, lane, now, k * floats, floats)
        score_tile(context, now, scores, floats, size)
        tile_gradients(scores, size, own, warp.flags, team, first, lane, rate, with_loss, sums)
        for k in range(size):
            for j in range(floats):
                error[j] += scores[k] * now[k * floats + j]
            if warp.flags[team, first + k] & CHANGES:
                row = warp.rows[team, first + k]
                add_to_row(weights.output, row, width, lane, context, 0, floats, scores[k])
    for number in range(count):
        word = selected.words[neighbour(index, left, number)]
        if takes_change(weights.input_pull[word], rate, key, OF_INPUTS + number):
            factor = weights.factors[word] if mean else share * weights.factors[word]
            add_to_row(weights.input, word, width, lane, error, 0, floats, factor)


@device
def sum_window(
    index: int, left: int, count: int, selected: Selected, matrix: Floats, width: int, lane: int,
    room: int, loaded: Floats, context: Floats, floats: int,
) -> None:  # fmt: skip
    """Write a lane's part of the sum of the rows of a window's words to `context`.

    `room` rows are loaded at once: none waits for another.
    """
    for j in range(floats):
        context[j] = _ZERO
    for start in range(0, count, room):
        for k in range(room):
            if start + k < count:
                word = selected.words[neighbour(index, left, start + k)]
                load_row(matrix, word, width, lane, loaded, k * floats, floats)
        for k in range(room):
            if start + k < count:
                for j in range(floats):
                    context[j] += loaded[k * floats + j]


@device
def score_tile(context: Floats, rows: Floats, scores: Floats, floats: int, size: int) -> None:
    """Write a lane's part of the score of each output row."""
    for k in range(size):
        scores[k] = _ZERO
        for j in range(floats):
            scores[k] += context[j] * rows[k * floats + j]
