"""Input rows that stay as they are: put back after every step that has changed them.

To leave them out of the steps themselves would take a test in the innermost loops, of every row.
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
    """Give the frozen words in the windows of tokens `first` to `last` − 1 their rows back.

    Writes the input matrix.
    """
    for neighbour in range(max(0, first - window), min(total, last + window)):
        place = frozen.places[listed.ids[neighbour]]
        if place >= 0:
            copy_row(frozen.rows, place, input_matrix, listed.words[neighbour])
