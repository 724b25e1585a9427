"""Finds all that a warp needs to know of the centre words that it has taken.

All lanes work at once. A lane finds the rate, the random stream and the window of one centre word.
Then each lane lists one output row: those of four centre words at a time, or 32 of one.
"""

import numpy as np

from w2v.kernels import outputs as cpu_outputs
from w2v.kernels import windows
from w2v.kernels.cuda.compiler import device, shared
from w2v.kernels.cuda.draws import draw, low_bits
from w2v.kernels.cuda.lanes import CHANGES, LABEL, LANES, NODE, TILE, USED, sync_team
from w2v.kernels.cuda.selection import SIDE_BITS
from w2v.kernels.cuda.state import Epoch, Outputs, Selected, Warp
from w2v.kernels.jit import Floats, Int64s

RUN = 32  # centre words that a warp takes at a time; they share most of their context words
LISTED = 32  # output rows that are listed at a time
TILES = LISTED // TILE
SIDE = (1 << SIDE_BITS) - 1
_ONE = np.float32(1)
_RANGE = np.float32(2**32)
# Draws of a centre word's stream; noise words have the first ones.
OF_OUTPUTS, OF_INPUTS = 1 << 10, 1 << 20


# An Epoch has the fields of a Schedule that these read.
learning_rate = shared(windows.learning_rate)
takes_loss = shared(windows.takes_loss)
draw_noise = shared(cpu_outputs.draw_noise)


@device
def find_centers(
    offset: int,
    first: int,
    last: int,
    cbow: bool,
    epoch: Epoch,
    selected: Selected,
    warp: Warp,
    counts: Int64s,
) -> None:
    """Find what the warp needs to know of the kept tokens `first` to `last` − 1, a run.

    Writes `words`, `windows`, `rates`, `losses` and `keys` of the warp. Adds to counts[0] the pairs
    that the loss is taken on, and to counts[1] the centre words with a context.
    """
    team = warp.team
    sync_team()  # every lane has read the last ones
    for k in range(warp.lane, last - first, LANES):
        entry = first + k
        position = offset + selected.places[entry]
        window = selected.windows[entry]
        count = (window & SIDE) + (window >> SIDE_BITS)
        with_loss = takes_loss(position, epoch)
        warp.words[team, k], warp.windows[team, k] = selected.words[entry], window
        warp.rates[team, k], warp.losses[team, k] = learning_rate(position, epoch), with_loss
        warp.keys[team, k] = draw(epoch.key, position)
        if count > 0:
            counts[1] += 1
            if with_loss:
                counts[0] += 1 if cbow else count
    sync_team()


@device
def takes_change(pull: np.float32, rate: np.float32, key: np.uint64, number: int) -> bool:
    """Return whether a row takes a change: one in pull · rate, or all where that is below 1.

    Draw number `number` decides. A change taken is taken whole. To take a part of each would do for
    the row, but the warps would wait for each other at the hottest ones. To take fewer, and each of
    them four times, cost four points.
    """
    others = rate * pull
    if others <= _ONE:
        return True
    return np.float32(low_bits(draw(key, number))) * others < _RANGE


@device
def list_outputs(
    single: bool, center: int, centers: int, first: int, outputs: Outputs, pulls: Floats, warp: Warp
) -> None:
    """List output rows of centre words of the run: the word, its noise, its path.

    Noise equal to the centre word is left out, as in word2vec.c. Writes `rows` and `flags` of the
    warp.

    Parameters
    ----------
    single : bool
        Whether all output rows of a centre word fit in a tile. Then a tile each of the centre words
        from `center` on is listed; else LISTED rows of `center`, from row `first` on.
    center, centers : int
        A centre word's number in the run, and their number.
    first : int
    outputs : Outputs
    pulls : float32
        Those of the output rows.
    warp : Warp
    """
    team = warp.team
    sync_team()  # every lane has read the last ones
    for k in range(warp.lane, LISTED, LANES):
        own = min(center + k // TILE, centers - 1) if single else center
        place = k % TILE if single else first + k
        word, key = warp.words[team, own], warp.keys[team, own]
        row, flag = 0, 0
        if place < warp.noise_words:
            row, flag = word, LABEL | USED
            if place > 0:
                row = draw_noise(draw(key, place - 1), outputs.noise_table)
                flag = 0 if row == word else USED
        elif len(outputs.path_offsets) > 1:
            node = outputs.path_offsets[word] + place - warp.noise_words
            if node < outputs.path_offsets[word + 1]:
                packed = outputs.path_targets[node]
                row, flag = packed >> 1, USED | NODE | (packed & 1) * LABEL
        if flag & USED and takes_change(pulls[row], warp.rates[team, own], key, OF_OUTPUTS + place):
            flag |= CHANGES
        warp.rows[team, k], warp.flags[team, k] = row, flag
    sync_team()


@device
def count_outputs(word: int, outputs: Outputs, warp: Warp) -> int:
    """Return the output rows of a centre word: words, and the nodes of its path."""
    if len(outputs.path_offsets) > 1:
        nodes = np.int64(outputs.path_offsets[word + 1] - outputs.path_offsets[word])
        return warp.noise_words + nodes
    return warp.noise_words


@device
def neighbour(index: int, left: int, k: int) -> int:
    """Return the kept token that is word k of a window, from left to right without the centre."""
    return index - left + k + (1 if k >= left else 0)
