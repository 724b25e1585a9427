"""Vectors of a graph's nodes, by w2v and by gensim: communities, missing edges, and the time.

    python examples/graph.py            three graphs, a minute
    python examples/graph.py --small    the karate club alone, one seed

The walks are node2vec's, and both libraries train on one core with the same settings. networkx
ships no larger graph than Les Misérables, so the third one is generated. Needs networkx and gensim.
"""

import argparse
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

import networkx
import numpy as np
from gensim.models import Word2Vec

import w2v

SETTINGS: dict[str, Any] = {
    "vector_size": 64, "window": 5, "epochs": 1, "min_count": 1, "alpha": 0.025,
}  # fmt: skip
WALKS: dict[str, Any] = {"walks_per_node": 10, "walk_length": 80, "p": 1.0, "q": 0.5}
NEAREST = 5
Vectors = Mapping[str, Any]


def karate_club() -> networkx.Graph:
    """Return the 34 members of a karate club that split in two (Zachary, 1977)."""
    graph = networkx.karate_club_graph()
    networkx.set_node_attributes(graph, networkx.get_node_attributes(graph, "club"), "community")
    return graph


def les_miserables() -> networkx.Graph:
    """Return the 77 characters of Les Misérables (Knuth, 1993), who meet in its chapters.

    Their communities are those of the greatest modularity.
    """
    graph = networkx.les_miserables_graph()
    for number, members in enumerate(networkx.community.greedy_modularity_communities(graph)):
        networkx.set_node_attributes(graph, dict.fromkeys(members, number), "community")
    return graph


def blocks(size: int = 200, count: int = 5) -> networkx.Graph:
    """Return a graph with planted communities: most edges of a node stay within its own."""
    chances = np.full((count, count), 6 / (size * (count - 1))) + np.eye(count) * 14 / size
    graph = networkx.stochastic_block_model([size] * count, chances, seed=1)
    networkx.set_node_attributes(graph, networkx.get_node_attributes(graph, "block"), "community")
    return graph


def split(graph: networkx.Graph, seed: int) -> tuple[networkx.Graph, list[Any], list[Any]]:
    """Hold out a fifth of the edges; return the rest, those, and as many pairs without an edge.

    No node loses its last edge.
    """
    generator = random.Random(seed)
    rest = graph.copy()
    held: list[tuple[Any, Any]] = []
    edges = sorted(graph.edges)
    generator.shuffle(edges)
    for one, other in edges:
        if len(held) < len(edges) // 5 and min(rest.degree(one), rest.degree(other)) > 1:
            rest.remove_edge(one, other)
            held.append((one, other))
    nodes = sorted(graph)
    absent: set[tuple[Any, ...]] = set()
    while len(absent) < len(held):
        pair = tuple(sorted(generator.sample(nodes, 2)))
        if not graph.has_edge(*pair):
            absent.add(pair)
    return rest, held, sorted(absent)


def unit(vectors: Vectors, nodes: list[Any]) -> Any:
    """Return the vectors of nodes, each of length 1."""
    rows = np.array([vectors[str(node)] for node in nodes])
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def separation(vectors: Vectors, graph: networkx.Graph) -> float:
    """Return the share of each node's nearest five that are of its community."""
    nodes = list(graph)
    community = np.unique([graph.nodes[n]["community"] for n in nodes], return_inverse=True)[1]
    rows = unit(vectors, nodes)
    similar = rows @ rows.T - 2 * np.eye(len(nodes))
    nearest = np.argsort(-similar, axis=1)[:, :NEAREST]
    return float(np.mean(community[nearest] == community[:, None]))


def link_auc(vectors: Vectors, held: list[Any], absent: list[Any]) -> float:
    """Return how often a held-out edge is more similar than a pair without one (the AUC)."""
    there, not_there = (
        np.sum(unit(vectors, [a for a, _ in pairs]) * unit(vectors, [b for _, b in pairs]), axis=1)
        for pairs in (held, absent)
    )
    above = there[:, None] > not_there[None, :]
    equal = there[:, None] == not_there[None, :]
    return float(np.mean(above + equal / 2))


def python_walks(graph: networkx.Graph, seed: int) -> list[list[str]]:
    """Walk as node2vec asks for, in a plain loop: at each step all neighbours are weighed."""
    generator = random.Random(seed)
    weights_of = {
        node: {other: data.get("weight", 1) for other, data in graph[node].items()}
        for node in graph
    }  # fmt: skip
    nodes, found = list(graph), []
    for _ in range(WALKS["walks_per_node"]):
        generator.shuffle(nodes)
        for node in nodes:
            walk = [node]
            while len(walk) < WALKS["walk_length"] and weights_of[walk[-1]]:
                walk.append(python_step(weights_of, walk, generator))
            found.append(list(map(str, walk)))
    return found


def python_step(
    weights_of: dict[Any, dict[Any, float]], walk: list[Any], generator: random.Random
) -> Any:
    """Return the node after a walk."""
    weights = weights_of[walk[-1]]
    if len(walk) == 1:
        return generator.choices(list(weights), list(weights.values()))[0]
    last, before = walk[-2], weights_of[walk[-2]]
    back, away = 1 / WALKS["p"], 1 / WALKS["q"]
    biased = [
        weight * (back if other == last else 1 if other in before else away)
        for other, weight in weights.items()
    ]
    return generator.choices(list(weights), biased)[0]


def with_w2v(graph: networkx.Graph, seed: int) -> tuple[Vectors, float, float]:
    """Return vectors by w2v on one core, and the seconds of walking and of training."""
    walks = w2v.walks(graph, seed=seed, **WALKS)
    _, walking = timed(lambda: sum(1 for _ in walks.blocks()))
    model, training = timed(
        lambda: w2v.train(walks, sample=0.0, workers=1, seed=seed, **SETTINGS)
    )  # fmt: skip
    return model.vectors, walking, training


def with_gensim(graph: networkx.Graph, seed: int) -> tuple[Vectors, float, float]:
    """Return vectors by gensim on one core with the same settings, and the seconds."""
    walks, walking = timed(lambda: python_walks(graph, seed))
    model, training = timed(
        lambda: Word2Vec(walks, sg=1, sample=0, workers=1, seed=seed, **SETTINGS)
    )
    return model.wv, walking, training


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """Return a function's result and the seconds it took."""
    started = time.perf_counter()
    return function(), time.perf_counter() - started


def compare(name: str, graph: networkx.Graph, seeds: int) -> None:
    """Print a line for each way to get vectors: means over the seeds."""
    print(f"\n{name}: {len(graph):,} nodes, {graph.number_of_edges():,} edges")
    print("        communities  links (AUC)  walking  training")
    for library, vectors_of in (("w2v", with_w2v), ("gensim", with_gensim)):
        figures = []
        for seed in range(1, seeds + 1):
            vectors, walking, training = vectors_of(graph, seed)
            rest, held, absent = split(graph, seed)
            auc = link_auc(vectors_of(rest, seed)[0], held, absent)
            figures.append((separation(vectors, graph), auc, walking, training))
        alike, auc, walking, training = np.mean(figures, axis=0)
        print(f"{library:8}{alike:11.3f}  {auc:11.3f}  {walking:5.2f} s  {training:6.2f} s")


def main() -> None:
    """Compare on each graph."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="runs that are averaged")
    parser.add_argument("--small", action="store_true", help="only the karate club, a seed")
    options = parser.parse_args()
    karate = karate_club()
    w2v.train(w2v.walks(karate, **WALKS), sample=0.0, workers=1, **SETTINGS)  # compiles the kernels
    if options.small:
        compare("Karate club", karate, 1)
        return
    compare("Karate club", karate, options.seeds)
    compare("Les Misérables", les_miserables(), options.seeds)
    compare("Blocks", blocks(), options.seeds)


if __name__ == "__main__":
    main()
