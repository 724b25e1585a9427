"""The Word Mover's Distance of two texts, as the solution of a transport problem.

Source: Kusner et al., From Word Embeddings To Document Distances, ICML 2015.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from w2v.errors import W2VError
from w2v.matrices import Matrix
from w2v.vectors.query_arguments import as_list
from w2v.vectors.types import Word, WordVectors

Place = TypeVar("Place")


def wmdistance(
    vectors: WordVectors,
    document1: Iterable[Word],
    document2: Iterable[Word],
    norm: bool = True,
) -> float:
    """Return the Word Mover's Distance of two documents, which are lists of words.

    It is the least cost of turning one document into the other. Each word is a share of its
    document, and moving a share costs the Euclidean distance of the two words' vectors.

    Parameters
    ----------
    document1, document2 : iterables of words
        The documents. Missing words are left out.
    norm : bool
        Scale the vectors to length 1 first.

    Returns
    -------
    float
        The distance, 0 or more; infinite where a document has no words left.

    Raises
    ------
    W2VError
        The solver finds no solution.

    References
    ----------
    Kusner et al., From Word Embeddings To Document Distances, ICML 2015.
    """
    first, second = (
        Counter(word for word in as_list(document) if word in vectors)
        for document in (document1, document2)
    )
    if not first or not second:
        return float("inf")
    surplus, lack = unshared(first, second)
    if not surplus:
        return 0.0
    places = [
        np.stack([vectors.get_vector(word, norm=norm) for word in words])
        for words in (surplus, lack)
    ]
    shares = [np.array(list(words.values())) for words in (surplus, lack)]
    return transport_cost(places[0], shares[0], places[1], shares[1])


def unshared(
    first: Counter[Place], second: "Counter[Place]"
) -> tuple[dict[Place, float], dict[Place, float]]:
    """Return the shares that the first distribution has more of than the second, and the reverse.

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
    sources: Matrix,
    supplies: NDArray[np.float64],
    targets: Matrix,
    demands: NDArray[np.float64],
) -> float:
    """Return the least cost of moving all supplies to the demands, by Euclidean distance.

    Parameters
    ----------
    sources : float32 (n, d)
        Where the supplies are.
    supplies : float64 (n,)
        How much is there.
    targets : float32 (m, d)
        Where the demands are.
    demands : float64 (m,)
        How much is wanted there; the sum is that of the supplies.

    Raises
    ------
    W2VError
        The solver finds no solution.
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
