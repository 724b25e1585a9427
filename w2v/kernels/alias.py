"""The alias table of a distribution, column by column (Walker, 1977; built as in Vose, 1991)."""

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.jit import Int32s, jit


@jit
def pair_columns(shares: NDArray[np.float64], aliases: Int32s, waiting: Int32s) -> None:
    """Fill up every column whose share is less than 1 from a column whose share is more.

    Writes all three arrays. A column keeps its own share, and the rest of the column goes to its
    alias. Columns left over keep a share near 1; their alias is not written.

    Parameters
    ----------
    shares : float64 (V,)
        The probabilities times V on entry; on return, the part of each column that is its own.
    aliases : int32 (V,)
        The other word of each column.
    waiting : int32 (V,)
        Room for two stacks of columns: those below 1 from the front, the others from the back.
    """
    size = len(shares)
    poor_end, rich_start = 0, size
    for word in range(size):
        if shares[word] < 1:
            waiting[poor_end] = word
            poor_end += 1
    for word in range(size):
        if shares[word] >= 1:
            rich_start -= 1
            waiting[rich_start] = word
    while poor_end > 0 and rich_start < size:
        poor_end -= 1
        poor, rich = waiting[poor_end], waiting[rich_start]
        aliases[poor] = rich
        shares[rich] -= 1 - shares[poor]
        if shares[rich] < 1:
            rich_start += 1
            waiting[poor_end] = rich
            poor_end += 1
