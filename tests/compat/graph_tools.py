"""Runs graph embedding tools that are made for gensim, with gensim and with w2v.compat.

    python tests/compat/graph_tools.py [TOOL...] [--seeds 5]

TOOL is node2vec, pecanpy, deepwalk, walklets or pyrdf2vec: the packages node2vec, pecanpy,
karateclub (for two of them) and pyrdf2vec, which must be installed. The import is swapped, and
nothing of them is copied. For each the script prints the share of a node's nearest five that are of
its community, as a mean of the seeds: with the karate club, and with 300 nodes in five blocks.
"""

import argparse
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import networkx
import numpy as np
from run_gensim_tests import swap_imports

NEAREST = 5
LIBRARIES = ("gensim", "w2v")
Rows = np.ndarray


def karate_club() -> tuple[networkx.Graph, list[int]]:
    """Return the karate club without weights, and the club of each member."""
    graph = networkx.karate_club_graph()
    clubs = [int(graph.nodes[node]["club"] == "Officer") for node in graph]
    return networkx.Graph(list(graph.edges)), clubs


def blocks() -> tuple[networkx.Graph, list[int]]:
    """Return 300 nodes in five blocks, and the block of each node."""
    graph = networkx.planted_partition_graph(5, 60, 0.15, 0.02, seed=4)
    return networkx.Graph(list(graph.edges)), [node // 60 for node in range(300)]


GRAPHS = {"karate": karate_club, "blocks": blocks}


def with_node2vec(graph: networkx.Graph, seed: int) -> Rows:
    """node2vec 0.5, with the settings of its README."""
    from node2vec import Node2Vec

    tool = Node2Vec(graph, dimensions=64, walk_length=30, num_walks=20, seed=seed, quiet=True)
    model = tool.fit(window=10, min_count=1, batch_words=4, seed=seed, workers=1)
    return np.array([model.wv[str(node)] for node in range(len(graph))])


def with_pecanpy(graph: networkx.Graph, seed: int) -> Rows:
    """PecanPy, with its own settings."""
    from pecanpy.pecanpy import SparseOTF

    tool = SparseOTF(p=1, q=1, workers=1, random_state=seed)
    names = list(map(str, range(len(graph))))
    weights = networkx.to_numpy_array(graph, nodelist=range(len(graph)))
    return np.array(tool.from_mat(weights, names).embed())


def with_karateclub(kind: str) -> Callable[[networkx.Graph, int], Rows]:
    """A model of karateclub, with its own settings."""

    def embed(graph: networkx.Graph, seed: int) -> Rows:
        import karateclub

        ordered = networkx.Graph()
        ordered.add_nodes_from(range(len(graph)))
        ordered.add_edges_from(graph.edges)
        model = getattr(karateclub, kind)(seed=seed, workers=1)
        model.fit(ordered)
        return np.array(model.get_embedding())

    return embed


def with_pyrdf2vec(graph: networkx.Graph, seed: int) -> Rows:
    """pyRDF2Vec, on the edges as statements of a knowledge graph, in both directions."""
    from pyrdf2vec import RDF2VecTransformer
    from pyrdf2vec.embedders import Word2Vec
    from pyrdf2vec.graphs import KG, Vertex
    from pyrdf2vec.walkers import RandomWalker

    knowledge, vertices = KG(), [Vertex(f"node:{node}") for node in range(len(graph))]
    for one, other in graph.edges:
        for first, last in ((one, other), (other, one)):
            link = Vertex("links", predicate=True, vprev=vertices[first], vnext=vertices[last])
            knowledge.add_walk(vertices[first], link, vertices[last])
    random.seed(seed)
    embedder = Word2Vec(workers=1, epochs=10, seed=seed)
    walker = RandomWalker(6, 10, random_state=seed, with_reverse=False)
    tool = RDF2VecTransformer(embedder, walkers=[walker])
    names = [vertex.name for vertex in vertices]
    return np.array(tool.fit_transform(knowledge, names)[0])


TOOLS: dict[str, Callable[[networkx.Graph, int], Rows]] = {
    "node2vec": with_node2vec,
    "pecanpy": with_pecanpy,
    "deepwalk": with_karateclub("DeepWalk"),
    "walklets": with_karateclub("Walklets"),
    "pyrdf2vec": with_pyrdf2vec,
}


def separation(vectors: Rows, communities: list[int]) -> float:
    """Return the share of each node's nearest that are of its community."""
    rows = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = rows @ rows.T - 2 * np.eye(len(rows))
    nearest = np.argsort(-similar, axis=1)[:, :NEAREST]
    groups = np.array(communities)
    return float(np.mean(groups[nearest] == groups[:, None]))


def figures(tools: list[str], seeds: int) -> dict[str, list[float]]:
    """Return the separation with each seed, by tool and graph."""
    found = {}
    for tool in tools:
        for name, make in GRAPHS.items():
            graph, communities = make()
            runs = range(1, seeds + 1)
            found[f"{tool} {name}"] = [
                separation(TOOLS[tool](graph, seed), communities) for seed in runs
            ]
    return found


def measured(library: str, tools: list[str], seeds: int) -> dict[str, list[float]]:
    """Return the figures with one library, from a process of its own.

    Walks of pyRDF2Vec depend on the order of sets, and so on the seed of Python's hashes, too.
    """
    command = [sys.executable, "-W", "ignore", __file__, *tools, "--seeds", str(seeds)]
    done = subprocess.run(
        [*command, "--library", library], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print a line for each tool and graph."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tools", nargs="*", default=list(TOOLS), choices=[*TOOLS, []])
    parser.add_argument("--seeds", type=int, default=5, help="runs that are averaged")
    parser.add_argument("--library", choices=LIBRARIES, help="print its figures as JSON")
    options: Any = parser.parse_args()
    if options.library:
        if options.library == "w2v":
            swap_imports()
        print(json.dumps(figures(options.tools, options.seeds)))
        return
    theirs, ours = (measured(library, options.tools, options.seeds) for library in LIBRARIES)
    print(f"{'':20}gensim    w2v")
    for name, values in theirs.items():
        print(f"{name:20}{np.mean(values):6.3f} {np.mean(ours[name]):6.3f}")


if __name__ == "__main__":
    main()
