"""The transport problem behind the Word Mover's Distance."""

from collections import Counter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from w2v.errors import W2VError

Place = TypeVar("Place")


def unshared(
    first: "Counter[Place]", second: "Counter[Place]"
) -> tuple[dict[Place, float], dict[Place, float]]:
    """Return the shares that one distribution has more of than the other, and the reverse.

    What both have stays where it is: by the triangle inequality no cheaper transport moves it.
    Both results have the same sum; they are empty where the distributions are the same.
    """
    whole = first.total() * second.total()
    # As whole numbers, so that equal shares leave nothing.
    ours = Counter({place: count * second.total() for place, count in first.items()})
    theirs = Counter({place: count * first.total() for place, count in second.items()})
    surplus, lack = (
        {place: count / whole for place, count in rest.items()}
        for rest in (ours - theirs, theirs - ours)
    )
    return surplus, lack


def transport_cost(
    sources: NDArray[np.float32],
    supplies: NDArray[np.float64],
    targets: NDArray[np.float32],
    demands: NDArray[np.float64],
) -> float:
    """Return the least cost of moving all supplies to the demands, by Euclidean distance.

    sources: (n, d), with supplies (n,). targets: (m, d), with demands (m,) of the same sum.

    Raises W2VError where the solver gives up.
    """
    from scipy.optimize import linprog  # noqa: PLC0415  (slow to import, and needed only here)
    from scipy.spatial.distance import cdist  # noqa: PLC0415

    costs = cdist(sources, targets)
    # The last demand follows from the others: as an equation it could only contradict them.
    solved: Any = linprog(
        costs.ravel(),
        A_eq=_totals(*costs.shape)[:-1],
        b_eq=np.concatenate([supplies, demands[:-1]]),
        method="highs",
        options={"presolve": False},  # which takes as long as the solution
    )
    if not solved.success:
        raise W2VError(f"The distance of these documents was not found: {solved.message}")
    return float(solved.fun)


def _totals(n: int, m: int) -> Any:
    """Return the matrix (n + m, n * m) that sums a plan (n, m) along its rows and its columns."""
    from scipy import sparse  # noqa: PLC0415

    moves = np.arange(n * m)
    rows = np.stack([moves // m, n + moves % m], axis=1).ravel()
    starts = np.arange(0, 2 * n * m + 1, 2)
    columns = sparse.csc_array((np.ones(2 * n * m), rows, starts), shape=(n + m, n * m))
    return columns.tocsr()
