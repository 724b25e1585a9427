"""Edges in, arrays for walks out: the neighbours of each node, and how likely each of them is."""

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, CorpusError
from w2v.graphs.edges import Edges
from w2v.kernels.walks import Graph, fill_aliases

_MOST_NODES = 2**31 - 1


def build_graph(edges: Edges) -> Graph:
    """Put the edges of each node side by side.

    An edge that is given several times weighs the sum of them (without weights it counts once), and
    one that weighs 0 is left out.

    Raises
    ------
    CorpusError
        There are no edges, or too many nodes; weights add up to infinity; or the matrix of an
        undirected graph is not symmetric.
    """
    nodes = len(edges.names)
    if nodes > _MOST_NODES:
        raise CorpusError(f"The graph has {nodes:,} nodes; {_MOST_NODES:,} are possible.")
    pairs, weights = _merged(edges, nodes)
    if len(pairs) == 0:
        has = f"has {nodes:,} nodes and no edges" if nodes else "has no nodes"
        raise CorpusError(f"The graph {has}: there is nothing to walk along; give its edges.")
    sources, targets = np.divmod(pairs, nodes)
    if edges.is_complete and not edges.directed:
        _check_symmetric(edges, pairs, sources, targets, weights)
    offsets = np.zeros(nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(sources, minlength=nodes), out=offsets[1:])
    return _with_tables(offsets, targets.astype(np.int32), weights)


def _merged(edges: Edges, nodes: int) -> tuple[NDArray[np.int64], NDArray[np.float64] | None]:
    """Return each pair of nodes once, as source · nodes + target, rising, with its weight."""
    pairs, weights = edges.sources * nodes + edges.targets, edges.weights
    if not edges.directed and not edges.is_complete:
        apart = edges.sources != edges.targets
        pairs = np.append(pairs, (edges.targets * nodes + edges.sources)[apart])
        weights = None if weights is None else np.append(weights, weights[apart])
    if weights is None:
        return np.unique(pairs), None
    pairs, weights = pairs[weights > 0], weights[weights > 0]
    order = np.argsort(pairs, kind="stable")
    pairs, weights = pairs[order], weights[order]
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    if len(starts) < len(pairs):
        with np.errstate(over="ignore"):
            weights = np.add.reduceat(weights, starts)
        if not np.isfinite(weights).all():
            raise CorpusError(
                "The weights of an edge that is given several times add up to more than a number"
                " holds; divide all weights by the largest."
            )
    return pairs[starts], weights


def _check_symmetric(
    edges: Edges,
    pairs: NDArray[np.int64],
    sources: NDArray[np.int64],
    targets: NDArray[np.int64],
    weights: NDArray[np.float64] | None,
) -> None:
    reverse = targets * len(edges.names) + sources
    order = np.argsort(reverse, kind="stable")
    is_symmetric = np.array_equal(reverse[order], pairs)
    if is_symmetric and weights is not None:
        is_symmetric = np.allclose(weights[order], weights)
    if not is_symmetric:
        raise CorpusError(
            "The matrix is not symmetric, so its graph is directed: say so with ",
            Argument("directed", True),
            ", or give matrix + matrix.T.",
        )


def _with_tables(
    offsets: NDArray[np.int64], targets: NDArray[np.int32], weights: NDArray[np.float64] | None
) -> Graph:
    """Add what steps are drawn with; nothing where all edges weigh the same."""
    degrees = np.diff(offsets)
    if weights is None or weights.min() == weights.max():
        none = np.zeros(0)
        return Graph(
            offsets, targets, none, none.astype(np.float32), none.astype(np.int32),
            degrees.astype(np.float64),
        )  # fmt: skip
    # By the largest of each node, so that no sum overflows, and none is 0.
    starts = offsets[:-1][degrees > 0]
    weights = weights / np.repeat(np.maximum.reduceat(weights, starts), degrees[degrees > 0])
    graph = Graph(
        offsets, targets, weights, np.zeros(0, dtype=np.float32),
        np.zeros(len(weights), dtype=np.int32), np.zeros(len(degrees)),
    )  # fmt: skip
    shares = np.empty(len(weights))
    fill_aliases(graph, shares, np.zeros(degrees.max(), dtype=np.int32))
    return graph._replace(shares=shares.astype(np.float32))
