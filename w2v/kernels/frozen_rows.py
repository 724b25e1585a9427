"""Input rows that never change, and rows whose changes are multiplied by a factor.

The steps train all rows alike. After each step the frozen rows are put back, and the changes of the
scaled rows are made smaller, or larger. If the steps did this themselves, their innermost loops
would test every row.
"""

import numpy as np

from w2v.kernels.jit import Floats, jit
from w2v.kernels.rows import copy_row, scale_change
from w2v.kernels.state import FrozenRows, Listed, ScaledRows
from w2v.kernels.windows import find_window


@jit
def put_back(
    index: int,
    total: int,
    window: int,
    listed: Listed,
    frozen: FrozenRows,
    input_matrix: Floats,
) -> None:
    """Restore the rows of the frozen words in the window of token `index`.

    Writes the input matrix.

    Parameters
    ----------
    index, total : int
        An index into `listed`; `total` tokens are listed.
    window : int
        Words on either side.
    listed : Listed
    frozen : FrozenRows
    input_matrix : float32 (rows, width)
    """
    for neighbour in range(max(0, index - window), min(total, index + window + 1)):
        place = frozen.places[listed.ids[neighbour]]
        if place >= 0:
            copy_row(frozen.rows, place, input_matrix, listed.words[neighbour])


@jit
def keep_rows(
    index: int, total: int, listed: Listed, scaled: ScaledRows, input_matrix: Floats
) -> None:
    """Copy the scaled rows in the window of token `index`, before it is trained.

    A word that stands there twice has one copy: all its changes are scaled once, together. The
    copies are a worker's own and of this step, so that with several workers the changes of others
    are mostly in both the row and its copy. Writes all of `scaled` but its factors. For the other
    parameters see `put_back`.
    """
    scaled.used[0] = 0
    low, high = find_window(index, total, listed)
    for neighbour in range(low, high + 1):
        word = listed.ids[neighbour]
        if scaled.factors[word] != 1 and scaled.slots[word] < 0:
            slot = scaled.used[0]
            scaled.slots[word], scaled.words[slot] = slot, word
            scaled.rows[slot] = listed.words[neighbour]
            copy_row(input_matrix, scaled.rows[slot], scaled.before, slot)
            scaled.used[0] += 1


@jit
def scale_changes(scaled: ScaledRows, input_matrix: Floats) -> None:
    """Multiply what a step changed in the rows that `keep_rows` copied by their factors.

    Writes the input matrix, and `slots` of `scaled`.
    """
    for slot in range(scaled.used[0]):
        word = scaled.words[slot]
        factor = np.float32(scaled.factors[word])
        scale_change(input_matrix, scaled.rows[slot], scaled.before, slot, factor)
        scaled.slots[word] = -1
