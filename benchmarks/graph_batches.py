"""Graphs whose nodes are alike: how many context words skip-gram may train at once.

    python benchmarks/graph_batches.py [GRAPH...] [--seeds 5] [--epochs 1 5] [--batches 0 4 2 1]

GRAPH is karate, blocks (300 nodes in 5 blocks), thousand (1,000 nodes in 5 blocks) or power-law
(900 nodes in 15 blocks, some with 30 times the edges of others). For each it prints the share of a
node's nearest five that are of its community, and the seconds of training on one core: with gensim,
with w2v as it is, and with w2v training so many context words at once; 0 is as many as in language.
"""

import argparse
import time
from typing import Any

import networkx
import numpy as np
from gensim.models import Word2Vec

import w2v
from tables import markdown
from w2v.training import schedule

SETTINGS: dict[str, Any] = {
    "vector_size": 64, "window": 5, "min_count": 1, "workers": 1, "alpha": 0.025, "sample": 0.0,
}  # fmt: skip
NEAREST = 5
Graph = tuple[networkx.Graph, list[int]]


def karate() -> Graph:
    """Return the karate club without weights, and the club of each member."""
    graph = networkx.karate_club_graph()
    clubs = [int(graph.nodes[node]["club"] == "Officer") for node in graph]
    return networkx.Graph(list(graph.edges)), clubs


def blocks() -> Graph:
    """Return 300 nodes in five blocks."""
    graph = networkx.planted_partition_graph(5, 60, 0.15, 0.02, seed=4)
    return networkx.Graph(list(graph.edges)), [node // 60 for node in range(300)]


def thousand() -> Graph:
    """Return 1,000 nodes in five blocks, as in examples/graph.py."""
    chances = np.full((5, 5), 6 / 800) + np.eye(5) * 14 / 200
    graph = networkx.stochastic_block_model([200] * 5, chances, seed=1)
    return networkx.Graph(list(graph.edges)), [node // 200 for node in range(1_000)]


def power_law() -> Graph:
    """Return the largest part of 900 nodes in 15 blocks, whose degrees follow a power law."""
    draws, size = np.random.default_rng(2), 900
    weights = np.minimum(draws.pareto(1.3, size) + 1, 30)
    block = np.arange(size) // 60
    chances = np.where(block[:, None] == block, 1.0, 0.012) * np.outer(weights, weights)
    chances *= 9 * size / chances.sum()
    pairs = np.argwhere(np.triu(draws.random((size, size)) < chances, 1))
    graph = networkx.Graph(pairs.tolist())
    parts = [sorted(part) for part in networkx.connected_components(graph)]
    nodes = max(parts, key=len)
    names = {node: name for name, node in enumerate(nodes)}
    return networkx.relabel_nodes(graph.subgraph(nodes), names), block[nodes].tolist()


GRAPHS = {"karate": karate, "blocks": blocks, "thousand": thousand, "power-law": power_law}


def separation(vectors: Any, communities: list[int]) -> float:
    """Return the share of each node's nearest that are of its community."""
    groups, size = np.array(communities), len(communities)
    rows = np.array([vectors[str(node)] for node in range(size)])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    nearest = np.argsort(2 * np.eye(size) - rows @ rows.T, axis=1)[:, :NEAREST]
    return float(np.mean(groups[nearest] == groups[:, None]))


def one_run(graph: Graph, batch: int | str, epochs: int, seed: int) -> tuple[float, float]:
    """Return the separation and the seconds of one training."""
    nodes, communities = graph
    walks = w2v.walks(nodes, walks_per_node=10, walk_length=80, seed=seed)
    if batch == "gensim":
        lines = [
            line.split() for block in walks.blocks() for line in block.data.decode().split("\n")
        ]
        began = time.perf_counter()
        model: Any = Word2Vec(lines, sg=1, epochs=epochs, seed=seed, **SETTINGS)
        return separation(model.wv, communities), time.perf_counter() - began
    usual = schedule.RESTING_BATCH
    if batch != "w2v":
        schedule.RESTING_BATCH = int(batch) or 1_000
    try:
        trained = w2v.train(walks, epochs=epochs, seed=seed, **SETTINGS)
    finally:
        schedule.RESTING_BATCH = usual
    return separation(trained.vectors, communities), sum(e.seconds for e in trained.history)


def main() -> None:
    """Print a line for each graph and number of epochs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("graphs", nargs="*", default=list(GRAPHS), choices=[*GRAPHS, []])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--batches", type=int, nargs="+", default=[0, 4, 2, 1])
    options: Any = parser.parse_args()
    columns = ["gensim", "w2v", *options.batches]
    rows = []
    for name in options.graphs:
        graph = GRAPHS[name]()
        for epochs in options.epochs:
            cells = []
            for batch in columns:
                runs = [one_run(graph, batch, epochs, seed + 1) for seed in range(options.seeds)]
                found, seconds = np.mean(runs, axis=0)
                cells.append(f"{found:.3f}, {seconds:.2f} s")
            rows.append([name, str(epochs), *cells])
    print(markdown(["graph", "epochs", *map(str, columns)], rows))


if __name__ == "__main__":
    main()
