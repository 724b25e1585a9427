"""Input rows that never change: they are put back after every step that has changed them.

Leaving them out of the steps themselves would take a test of every row in the innermost loops.
"""

from w2v.kernels.jit import Floats, jit
from w2v.kernels.rows import copy_row
from w2v.kernels.state import FrozenRows, Listed


@jit
def put_back(
    first: int,
    last: int,
    total: int,
    window: int,
    listed: Listed,
    frozen: FrozenRows,
    input_matrix: Floats,
) -> None:
    """Restore the rows of the frozen words in the windows of tokens `first` to `last` − 1.

    Writes the input matrix.

    Parameters
    ----------
    first, last, total : int
        Indices into `listed`; `total` tokens are listed.
    window : int
        Words on either side.
    listed : Listed
    frozen : FrozenRows
    input_matrix : float32 (rows, width)
    """
    for neighbour in range(max(0, first - window), min(total, last + window)):
        place = frozen.places[listed.ids[neighbour]]
        if place >= 0:
            copy_row(frozen.rows, place, input_matrix, listed.words[neighbour])
