"""Skip-gram on the card: each context word, on its own, predicts the centre word."""

import numpy as np

from w2v.kernels.cuda.centers import (
    LISTED,
    OF_INPUTS,
    TILES,
    count_outputs,
    list_outputs,
    neighbour,
    takes_change,
)
from w2v.kernels.cuda.compiler import device
from w2v.kernels.cuda.lanes import (
    CHANGES,
    TILE,
    add_to_row,
    load_row,
    own_flags,
    score_tile,
    tile_gradients,
)
from w2v.kernels.cuda.state import Center, Layout, Outputs, Selected, Tile, Warp, Weights
from w2v.kernels.jit import Float64s

_ONE, _ZERO = np.float32(1), np.float32(0)


@device
def train_contexts(  # noqa: PLR0912  (it reads straight through)
    center: Center, layout: Layout, selected: Selected, outputs: Outputs, weights: Weights,
    warp: Warp, tile: Tile, sums: Float64s,
) -> None:  # fmt: skip
    """Skip-gram: train each context word on its own against the centre word's output rows.

    Writes the weights, `tile` and `sums`, and the lists of the warp.
    """
    width, floats, size, single = layout
    number, centers, index, left, count = center
    team, lane = warp.team, warp.lane
    key, rate = warp.keys[team, number], warp.rates[team, number]
    with_loss = warp.losses[team, number] != 0
    before, now, context, ahead = tile.before, tile.now, tile.context, tile.ahead
    error, scores = tile.error, tile.scores
    listed = size if single else count_outputs(warp.words[team, number], outputs, warp)
    for place in range(0, listed, size):
        first = number % TILES * TILE if single else place % LISTED
        if not single and first == 0:
            list_outputs(single, number, centers, place, outputs, weights.output_pull, warp)
        own = own_flags(warp.flags, team, first, lane)
        next_word = selected.words[neighbour(index, left, 0)]
        for k in range(size):
            row = warp.rows[team, first + k]
            load_row(weights.output, row, width, lane, before, k * floats, floats)
        load_row(weights.input, next_word, width, lane, ahead, 0, floats)
        for k in range(size * floats):
            now[k] = before[k]
        for context_word in range(count):
            word = next_word
            for j in range(floats):
                context[j] = ahead[j]
            if context_word + 1 < count:  # the row is on its way while this one is trained
                next_word = selected.words[neighbour(index, left, context_word + 1)]
                load_row(weights.input, next_word, width, lane, ahead, 0, floats)
            score_tile(context, now, scores, floats, size)
            tile_gradients(scores, size, own, warp.flags, team, first, lane, rate, with_loss, sums)
            for j in range(floats):
                error[j] = _ZERO
            for k in range(size):
                for j in range(floats):
                    error[j] += scores[k] * now[k * floats + j]
                    now[k * floats + j] += scores[k] * context[j]
            number_of_draw = OF_INPUTS + (place << 12) + context_word
            if takes_change(weights.input_pull[word], rate, key, number_of_draw):
                factor = weights.factors[word]
                add_to_row(weights.input, word, width, lane, error, 0, floats, factor)
        for k in range(size):
            if warp.flags[team, first + k] & CHANGES:
                for j in range(floats):
                    now[k * floats + j] -= before[k * floats + j]
                row = warp.rows[team, first + k]
                add_to_row(weights.output, row, width, lane, now, k * floats, floats, _ONE)
