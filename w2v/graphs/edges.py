"""The edges of a graph, from a list, a file, a matrix or networkx, as arrays of node numbers."""

import contextlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import checked_path, real_number, whole_number
from w2v.errors import Argument, ConfigError, CorpusError
from w2v.opening import open_single
from w2v.text.sentence_faults import word_fault
from w2v.text.sources import shorten

_COMMENTS = (b"#", b"%")  # of SNAP's and of KONECT's files
_PAIR = (
    "an edge is two nodes, or two nodes and a weight, as in ('a', 'b') or ('a', 'b', 2.5)"
)  # fmt: skip


@dataclass(frozen=True)
class Edges:
    """The edges of a graph.

    Attributes
    ----------
    names : list of str
        The name of each node; its place is the node's number.
    sources, targets : int64 (E,)
        The nodes of each edge.
    weights : float64 (E,) or None
        The weight of each edge, 0 or more; None where all weigh the same.
    directed : bool
        Whether an edge leads only from its source to its target.
    is_complete : bool
        Whether an undirected edge is already there in both directions.
    path : Path or None
        The file that they were read from.
    """

    names: list[str]
    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    weights: NDArray[np.float64] | None
    directed: bool
    is_complete: bool = False
    path: Path | None = None


def read_edges(
    graph: Any, directed: bool | None, weighted: bool, names: Sequence[object] | None
) -> Edges:
    """Return the edges of whatever holds a graph; the arguments are those of `w2v.walks`.

    Raises
    ------
    CorpusError
        It is not a graph, or a node is not a word, or a weight not a number.
    ConfigError
        `names` does not fit.
    """
    is_matrix = hasattr(graph, "tocoo")
    if names is not None and not is_matrix:
        raise ConfigError(
            Argument("names"),
            " are for the rows of a SciPy matrix; other graphs name their nodes themselves.",
        )
    if is_matrix:
        edges = _of_matrix(graph, bool(directed), names)
    elif all(hasattr(graph, name) for name in ("is_directed", "nodes", "edges")):
        edges = _of_networkx(graph, directed)
    elif isinstance(graph, (str, os.PathLike)):
        path = checked_path("graph", graph)
        edges = _of_tuples(_lines(path), bool(directed), f"Line {{}} of {path}", path)
    else:
        edges = _of_tuples(_listed(graph), bool(directed), "Edge {}", None)
    _check_names(edges.names)
    if edges.weights is not None:
        _check_weights(edges, edges.weights)
    weights = edges.weights if weighted else None
    return Edges(**{**vars(edges), "weights": weights})


def _of_matrix(matrix: Any, directed: bool, names: Sequence[object] | None) -> Edges:
    if len(matrix.shape) != 2 or matrix.shape[0] != matrix.shape[1]:
        raise CorpusError(
            f"The matrix of a graph has a row and a column for each node, not the shape"
            f" {matrix.shape}."
        )
    cells = matrix.tocoo()
    if cells.dtype.kind not in "biuf":
        raise CorpusError(f"The matrix of a graph holds weights, not numbers of {cells.dtype}.")
    nodes = matrix.shape[0]
    if names is not None and (isinstance(names, (str, bytes)) or len(names) != nodes):
        raise ConfigError(Argument("names"), f" must be a list of {nodes:,} names, one for a row.")
    return Edges(
        names=list(map(str, range(nodes))) if names is None else list(map(_name, names)),
        sources=cells.row.astype(np.int64),
        targets=cells.col.astype(np.int64),
        weights=cells.data.astype(np.float64),
        directed=directed,
        is_complete=True,
    )


def _of_networkx(graph: Any, directed: bool | None) -> Edges:
    nodes = list(graph.nodes)
    number = {node: k for k, node in enumerate(nodes)}
    listed = list(graph.edges(data="weight", default=1))
    weights = [_weight(weight, f"The edge {a!r} – {b!r}") for a, b, weight in listed]
    return Edges(
        names=list(map(_name, nodes)),
        sources=np.array([number[edge[0]] for edge in listed], dtype=np.int64),
        targets=np.array([number[edge[1]] for edge in listed], dtype=np.int64),
        weights=np.array(weights, dtype=np.float64),
        directed=bool(graph.is_directed()) and directed is not False,
    )


def _listed(graph: object) -> Iterator[tuple[int, Sequence[object]]]:
    """Yield each edge of an iterable, with its number."""
    kind = type(graph).__name__
    if isinstance(graph, Mapping):
        raise CorpusError(
            f"The graph is a {kind}, and reading it gives only its keys; give pairs, as in"
            " [(a, b) for a in graph for b in graph[a]]."
        )
    if hasattr(graph, "columns") and hasattr(graph, "shape"):
        raise CorpusError(
            f"The graph is a table (of type {kind}), and reading it gives only its columns; give"
            " its rows, as in table.itertuples(index=False, name=None)."
        )
    is_scalar = isinstance(graph, (bytes, bytearray)) or getattr(graph, "ndim", 1) == 0
    if is_scalar or not isinstance(graph, Iterable):
        raise CorpusError(
            "A graph is an iterable of edges, the path of a file of them, a SciPy sparse matrix or"
            f" a networkx graph, not {shorten(graph)}."
        )
    rows = graph.tolist() if isinstance(graph, np.ndarray) else graph
    for number, edge in enumerate(rows, start=1):
        if isinstance(edge, (str, bytes)) or not isinstance(edge, Iterable):
            raise CorpusError(f"Edge {number:,} is {shorten(edge)}; {_PAIR}.")
        yield number, tuple(edge)


def _lines(path: Path) -> Iterator[tuple[int, Sequence[object]]]:
    """Yield the edge in each line of a file, with the line's number."""
    with open_single(path, "edge list") as stream:
        for number, line in enumerate(stream, start=1):
            fields = line.split()
            if fields and not fields[0].startswith(_COMMENTS):
                try:
                    yield number, line.decode().split()
                except UnicodeDecodeError as error:
                    raise CorpusError(
                        f"Line {number:,} of {path} is not valid UTF-8 ({error.reason}); convert"
                        " the file."
                    ) from error


def _of_tuples(
    edges: Iterable[tuple[int, Sequence[object]]], directed: bool, place: str, path: Path | None
) -> Edges:
    """Number the nodes in the order of their coming. `place` names an edge in messages."""
    number_of: dict[str, int] = {}
    ends: list[int] = []
    weights: list[float] = []
    for number, edge in edges:
        if not 2 <= len(edge) <= 3:
            raise CorpusError(f"{place.format(f'{number:,}')} is {shorten(edge)}; {_PAIR}.")
        for node in edge[:2]:
            name = node if type(node) is str else _name(node)
            ends.append(number_of.setdefault(name, len(number_of)))
        weights.append(
            _weight(edge[2], place.format(f"{number:,}")) if len(edge) == 3 else 1.0
        )  # fmt: skip
    pairs = np.array(ends, dtype=np.int64).reshape(-1, 2)
    return Edges(
        list(number_of), pairs[:, 0], pairs[:, 1], np.array(weights), directed, path=path
    )  # fmt: skip


def _name(node: object) -> str:
    """Return the name of a node: a string as it is, a whole number in digits."""
    if isinstance(node, str):
        return str(node)
    whole = whole_number(node)
    if whole is None:
        raise CorpusError(
            f"The node {shorten(node)} is of type {type(node).__name__}; nodes are strings or"
            " integers."
        )
    return str(whole)


def _weight(weight: object, place: str) -> float:
    number = real_number(weight)
    if isinstance(weight, str):
        with contextlib.suppress(ValueError):
            number = float(weight)
    if number is None:
        raise CorpusError(f"{place} has the weight {shorten(weight)}, which is not a number.")
    return number


def _check_names(names: list[str]) -> None:
    """Raise CorpusError for a name that is not a word, or that two nodes have."""
    wrong = next(filter(word_fault, names), None)
    if wrong is not None:
        raise CorpusError(f"The node {shorten(wrong)} has a name {word_fault(wrong)}.")
    if len(set(names)) < len(names):
        twice, _ = Counter(names).most_common(1)[0]
        raise CorpusError(
            f"Two nodes are both written {shorten(twice)}; give each a name of its own."
        )


def _check_weights(edges: Edges, weights: NDArray[np.float64]) -> None:
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if len(wrong):
        edge = wrong[0]
        source, target = edges.names[edges.sources[edge]], edges.names[edges.targets[edge]]
        raise CorpusError(
            f"The edge {shorten(source)} – {shorten(target)} has the weight {weights[edge]:g};"
            " a weight is a finite number, 0 or more.",
        )
