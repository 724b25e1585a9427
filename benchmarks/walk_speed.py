"""Walks in a graph: how many a second, by w2v and by others.

    python benchmarks/walk_speed.py --nodes 100k --degree 20

The graph is random, with popular nodes as most graphs have. Each case is p = q = 1 or not, with
weights or without. "Python" is node2vec's step in a plain loop over dicts. networkx, whose walks
have p = q = 1 alone, and node2vec are compared where they are installed. What a library prepares
before the first walk is a column of its own; node2vec prepares and walks in one. w2v uses all
workers, the others one core.
"""

import argparse
import importlib.util
import random
import time
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np

import w2v
from settings import whole
from tables import markdown
from w2v.machine import available_cores

Edges = list[tuple[int, int, float]]
LIBRARIES = ("w2v", "python", "networkx", "node2vec")


class Case(NamedTuple):
    """What walks are asked for."""

    p: float
    q: float
    weighted: bool
    length: int
    each: int
    workers: int

    def __str__(self) -> str:
        weights = "weights" if self.weighted else "no weights"
        return f"p = {self.p:g}, q = {self.q:g}, {weights}"


def main() -> None:
    """Measure every case, and print the table."""
    asked = parse_arguments()
    edges = random_edges(asked.nodes, asked.degree)
    print(f"{asked.nodes:,} nodes, {len(edges):,} edges, {asked.length} nodes a walk")
    list(w2v.walks([(0, 1)], p=2, q=2))  # compiles the kernels
    rows = []
    for (p, q), weighted in product([(1, 1), (0.5, 2)], [False, True]):
        case = Case(p, q, weighted, asked.length, asked.walks_per_node, asked.workers)
        for library in asked.library:
            if library in MAKERS and (library != "networkx" or p == q == 1):
                rows.append([str(case), library, *measured(MAKERS[library], case, edges)])
                print(*rows[-1], sep="  ", flush=True)
    print(markdown(["case", "walks by", "prepared in", "walks a second"], rows))


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nodes", type=whole, default=20_000)
    parser.add_argument("--degree", type=int, default=20, help="edges of a node, on average")
    parser.add_argument("--length", type=int, default=80, help="nodes of a walk")
    parser.add_argument("--walks-per-node", type=int, default=10, help="by w2v; others do one")
    parser.add_argument("--workers", type=int, default=available_cores())
    parser.add_argument("--library", nargs="+", choices=LIBRARIES, default=list(installed()))
    return parser.parse_args(given)


def installed() -> Iterator[str]:
    """Yield the libraries that are here."""
    for library in LIBRARIES:
        if library == "python" or importlib.util.find_spec(library) is not None:
            yield library


def random_edges(nodes: int, degree: int) -> Edges:
    """Return edges with weights; the first nodes have the most."""
    generator = np.random.default_rng(1)
    count = nodes * degree // 2
    popular = (nodes * generator.random(count) ** 2).astype(np.int64)
    others = generator.integers(0, nodes, count)
    weights = generator.uniform(0.5, 2, count)
    return list(zip(popular.tolist(), others.tolist(), weights.tolist(), strict=True))


def measured(make: Callable[[Edges, Case], Iterator[int]], case: Case, edges: Edges) -> list[str]:
    """Return the seconds of preparation and the walks a second, as text."""
    began = time.perf_counter()
    walks = make(edges, case)
    next(walks)
    ready = time.perf_counter()
    count = sum(walks)
    return [f"{ready - began:.2f} s", f"{count / (time.perf_counter() - ready):,.0f}"]


# Each of these prepares the graph, yields 0, and then yields numbers of walks made.


def by_w2v(edges: Edges, case: Case) -> Iterator[int]:
    """Walk as training does, without text."""
    walks = w2v.walks(
        edges, p=case.p, q=case.q, weighted=case.weighted, walks_per_node=case.each,
        walk_length=case.length,
    )  # fmt: skip
    yield 0
    assert walks.numbered is not None
    for numbers in walks.numbered.numbers(case.workers, 1 << 40, lambda: None):
        yield len(numbers.ends)


def by_python(edges: Edges, case: Case) -> Iterator[int]:
    """Walk in a plain loop; at each step all neighbours are weighed."""
    weights_of = neighbours(edges, case.weighted)
    generator, back, away = random.Random(1), 1 / case.p, 1 / case.q
    biased = case.p != 1 or case.q != 1
    yield 0
    for start in weights_of:
        last, before, found = start, None, [start]
        while len(found) < case.length:
            weights = weights_of[last]
            chances = list(weights.values())
            if biased and before is not None:
                near = weights_of[before]
                chances = [
                    weight * (back if node == before else 1 if node in near else away)
                    for node, weight in weights.items()
                ]
            before, last = last, generator.choices(list(weights), chances)[0]
            found.append(last)
        yield 1


def neighbours(edges: Edges, weighted: bool) -> dict[int, dict[int, float]]:
    """Return the weight of each neighbour of each node."""
    found: dict[int, dict[int, float]] = {}
    for one, other, weight in edges:
        for source, target in ((one, other), (other, one)):
            found.setdefault(source, {})[target] = weight if weighted else 1.0
    return found


def by_networkx(edges: Edges, case: Case) -> Iterator[int]:
    """Walk with networkx, which draws starts at random."""
    import networkx  # noqa: PLC0415

    graph = graph_of(edges, case)
    sample = min(len(graph), 2_000)
    walks = networkx.generate_random_paths(
        graph, sample, path_length=case.length - 1, weight="weight", seed=1
    )
    next(walks)
    yield 0
    yield sum(1 for _ in walks)


def by_node2vec(edges: Edges, case: Case) -> Iterator[int]:
    """Walk with node2vec, which tabulates the chances of every pair of edges before."""
    from node2vec import Node2Vec  # noqa: PLC0415

    graph = graph_of(edges, case)
    yield 0
    walker = Node2Vec(
        graph, walk_length=case.length, num_walks=1, p=case.p, q=case.q, workers=1, quiet=True
    )
    yield len(walker.walks)


def graph_of(edges: Edges, case: Case) -> Any:
    """Return the edges as a graph of networkx."""
    import networkx  # noqa: PLC0415

    graph = networkx.Graph()
    weighted = ((a, b, weight if case.weighted else 1.0) for a, b, weight in edges)
    graph.add_weighted_edges_from(weighted)
    return graph


MAKERS = {
    "w2v": by_w2v, "python": by_python, "networkx": by_networkx, "node2vec": by_node2vec,
}  # fmt: skip


if __name__ == "__main__":
    main()
