"""All that a map shows: words, their places, their groups and their neighbours."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.maps.groups import Groups
from w2v.matrices import Matrix


@dataclass(frozen=True, eq=False, repr=False)
class MapContents:
    """What pages and pictures show.

    Attributes
    ----------
    words : list of str (n,)
        The words, the commonest first.
    positions : float32 (n, 2)
        Their places, from -1 to 1.
    counts : int64 (n,) or None
        How often each was seen in training, where that is known.
    groups : Groups
        The groups that colour them.
    neighbours : intp (n, m)
        For each word the numbers of the words nearest by cosine among those of the map, the nearest
        first: ten, or all others where there are fewer.
    similarities : float32 (n, m)
        Their cosine similarities.
    method : str
        How the words were laid out.
    """

    words: list[str]
    positions: Matrix
    counts: NDArray[np.int64] | None
    groups: Groups
    neighbours: NDArray[np.intp]
    similarities: Matrix
    method: str
