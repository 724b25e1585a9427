"""Walks in a graph, which are a corpus: a walk is a sentence, and its nodes are the words."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import numpy as np

from w2v.arguments import checked_flag, checked_number, checked_path, checked_whole
from w2v.graphs.edges import Edges, read_edges
from w2v.graphs.graph import build_graph
from w2v.kernels.rng import stream_key
from w2v.kernels.spelling import spell
from w2v.kernels.walks import walk
from w2v.opening import written
from w2v.places import NamedFile, check_apart
from w2v.text.corpus import Corpus
from w2v.text.id_storage import allocate_ids
from w2v.text.sources import Block, Blocks, Numbers

_PERIOD = 0.5  # seconds
_PIECES = 64  # into which walks are cut, for threads to share
_SMALLEST_PIECE, _LARGEST_PIECE = 1 << 16, 1 << 26  # nodes
_LEAST, _MOST = 1e-6, 1_000_000
_STEPS, _ORDER = 0, 1  # the streams of draws


class WalkSource:
    """The walks as a part of a corpus: as numbers of nodes, and as text."""

    is_text = False

    def __init__(
        self, edges: Edges, walks_per_node: int, length: int, p: float, q: float, seed: int
    ) -> None:
        self._graph = build_graph(edges)
        self.names, self.path = edges.names, edges.path
        nodes = len(self.names)
        self.label = f"the walks in a graph of {nodes:,} nodes"
        self.walks = walks_per_node * nodes
        self.length = length
        self._bias = 1 / p, 1 / q
        self._half_bits = max(1, ((nodes - 1).bit_length() + 1) // 2)
        self._keys = np.array([stream_key(seed, _STEPS), stream_key(seed, _ORDER)])

    def numbers(
        self, workers: int, memory_limit: int, watch: Callable[[], object]
    ) -> Iterator[Numbers]:
        total = self.walks * self.length
        size = min(max(total // _PIECES, _SMALLEST_PIECE), _LARGEST_PIECE)
        in_file = 4 * total > memory_limit

        pool = ThreadPoolExecutor(workers, "w2v-walks")
        try:
            pieces = [pool.submit(self._piece, *part, in_file) for part in self._parts(size)]
            for piece in pieces:
                _wait_for(piece, watch)
                yield piece.result()
        finally:  # after an error, or Ctrl-C, the other threads stop at their next piece
            pool.shutdown(cancel_futures=True)

    def blocks(self, block_size: int) -> Blocks:
        spelled = [name.encode() for name in self.names]
        letters = np.frombuffer(b"".join(spelled), dtype=np.uint8)
        starts = np.cumsum([0, *map(len, spelled)])
        longest = int(np.diff(starts).max()) + 1
        offset = 0
        for first, walks in self._parts(block_size // longest):
            entries, ends = self._piece(first, walks)
            text = np.empty(len(entries) * longest, dtype=np.uint8)
            data = text[: spell(entries, ends, letters, starts, text)].tobytes()
            yield Block(self.label, offset, data)
            offset += len(data)

    def lists(self) -> Iterator[list[str]]:
        """Yield each walk as a list of names."""
        for part in self._parts(_SMALLEST_PIECE):
            entries, ends = self._piece(*part)
            names = [self.names[entry] for entry in entries.tolist()]
            begin = 0
            for end in ends.tolist():
                yield names[begin:end]
                begin = end

    def _parts(self, size: int) -> Iterator[tuple[int, int]]:
        """Cut the walks into parts of about `size` nodes: the first of each, and how many."""
        each = max(1, size // self.length)
        for first in range(0, self.walks, each):
            yield first, min(each, self.walks - first)

    def _piece(self, first: int, walks: int, in_file: bool = False) -> Numbers:
        entries = allocate_ids(walks * self.length, in_file)
        ends = np.empty(walks, dtype=np.int64)
        used = walk(
            self._graph, first, self.length, *self._bias, self._half_bits, self._keys, entries, ends
        )  # fmt: skip
        return Numbers(entries[:used], ends)


def _wait_for(piece: Future[Numbers], watch: Callable[[], object]) -> None:
    while wait([piece], _PERIOD).not_done:
        watch()


class Walks(Corpus):
    """Walks in a graph, made when they are read, and the same each time; see `w2v.walks`.

    `w2v.train` takes them. Read in a loop, each is a list of names; `len()` is their number.

    Attributes
    ----------
    nodes : list of str
        The names of all nodes.
    """

    def __init__(self, source: WalkSource) -> None:
        super().__init__([source], name=None)
        self.nodes = source.names
        self._source = source

    def __len__(self) -> int:
        return self._source.walks

    def __iter__(self) -> Iterator[list[str]]:
        return self._source.lists()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the walks as text, one a line, compressed where the name ends in .gz or the like.

        Parameters
        ----------
        path : str or path-like
            The file; it is not there, or still what it was, until all walks are written.

        Raises
        ------
        W2VError
            The file cannot be written, or is the one that the edges were read from.
        """
        target = checked_path("path", path)
        read = [NamedFile(each, "the file of edges") for each in self.paths]
        check_apart(read, [NamedFile(target, "the walks")])
        with written(target) as stream:
            for block in self.blocks():
                stream.write(block.data)


def walks(
    graph: Any,
    *,
    walks_per_node: int = 10,
    walk_length: int = 80,
    p: float = 1.0,
    q: float = 1.0,
    directed: bool | None = None,
    weighted: bool = True,
    names: Sequence[object] | None = None,
    seed: int = 1,
) -> Walks:
    """Walk along the edges of a graph, as node2vec and DeepWalk do: a corpus for `w2v.train`.

    A walk is a function of the graph, the seed and the walk's number alone. Each pass over the
    nodes starts one walk at each of them, in an order of its own. A walk ends early at a node
    from which no edge leads on; that of a node without edges is the node alone.

    Parameters
    ----------
    graph : iterable, str, path-like, SciPy sparse matrix or networkx graph
        Its edges: an iterable of (a, b) or (a, b, weight); or the path of a file with one of these
        a line, separated by white space, where lines that begin with # or % are left out; or a
        square matrix of weights; or a networkx graph. Nodes are strings or integers, which become
        strings. An edge that is given several times weighs the sum.
    walks_per_node : int
        Walks that start at each node, 1 to 1,000,000.
    walk_length : int
        Nodes of a walk, 1 to 1,000,000.
    p : float
        Return parameter of node2vec, 0.000001 to 1,000,000: the larger, the more rarely a walk
        steps back to the node it came from.
    q : float
        In-out parameter, 0.000001 to 1,000,000: the larger, the more rarely a walk steps to a node
        that has no edge from the one it came from. p = q = 1 is DeepWalk.
    directed : bool, optional
        Whether edges lead one way only. Default: as the networkx graph has it; for others, False.
    weighted : bool, default True
        Whether steps are drawn by weight; False takes all edges alike.
    names : list of str or int, optional
        The names of a matrix's rows. Default: "0", "1", …
    seed : int
        Seed of all random choices, 0 to 2^63 − 1.

    Returns
    -------
    Walks
        The walks.

    Raises
    ------
    ConfigError
        A parameter is out of range.
    CorpusError
        There is no edge; a weight is negative, infinite or NaN; a node's name is not a word; or the
        matrix of an undirected graph is not symmetric.
    FormatError
        The file cannot be read.
    """
    per_node = checked_whole("walks_per_node", walks_per_node, 1, _MOST)
    length = checked_whole("walk_length", walk_length, 1, _MOST)
    return_parameter = checked_number("p", p, _LEAST, _MOST)
    in_out_parameter = checked_number("q", q, _LEAST, _MOST)
    seed = checked_whole("seed", seed, 0, 2**63 - 1)
    if directed is not None:
        directed = checked_flag("directed", directed)
    edges = read_edges(graph, directed, checked_flag("weighted", weighted), names)
    return Walks(WalkSource(edges, per_node, length, return_parameter, in_out_parameter, seed))
