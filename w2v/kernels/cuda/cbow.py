"""CBOW on the card: the mean, or the sum, of the context words predicts the centre word."""

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
from w2v.kernels.jit import Float64s, Floats

_ONE, _ZERO = np.float32(1), np.float32(0)


@device
def train_mean(
    center: Center, mean: bool, layout: Layout, selected: Selected, outputs: Outputs,
    weights: Weights, warp: Warp, tile: Tile, sums: Float64s,
) -> None:  # fmt: skip
    """CBOW: train the mean of the context words, or their sum, against the output rows.

    With the mean every context word gets the undivided error, as in word2vec.c; with the sum its
    part, as in gensim. Writes the weights, `tile` and `sums`, and the lists of the warp.
    """
    width, floats, size, single = layout
    number, centers, index, left, count = center
    team, lane = warp.team, warp.lane
    key, rate = warp.keys[team, number], warp.rates[team, number]
    with_loss = warp.losses[team, number] != 0
    now, context, error, scores = tile.now, tile.context, tile.error, tile.scores
    share = _ONE / np.float32(count)
    sum_window(center, layout, selected, weights.input, lane, now, context)
    for j in range(floats):
        error[j] = _ZERO
        context[j] *= share if mean else _ONE
    listed = size if single else count_outputs(warp.words[team, number], outputs, warp)
    for place in range(0, listed, size):
        first = number % TILES * TILE if single else place % LISTED
        if not single and first == 0:
            list_outputs(single, number, centers, place, outputs, weights.output_pull, warp)
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
    for place in range(count):
        word = selected.words[neighbour(index, left, place)]
        if takes_change(weights.input_pull[word], rate, key, OF_INPUTS + place):
            factor = weights.factors[word] if mean else share * weights.factors[word]
            add_to_row(weights.input, word, width, lane, error, 0, floats, factor)


@device
def sum_window(
    center: Center, layout: Layout, selected: Selected, matrix: Floats, lane: int, loaded: Floats,
    context: Floats,
) -> None:  # fmt: skip
    """Write a lane's part of the sum of the rows of a window's words to `context`.

    As many rows as a tile has are loaded at once, to `loaded`: none waits for another.
    """
    width, floats, room, _ = layout
    _, _, index, left, count = center
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
