"""Walks in graphs: steps as likely as node2vec's paper has them, and a corpus of them."""

import hashlib
import itertools
import subprocess
import sys
from collections import Counter

import networkx
import numpy as np
import pytest
from naive import LOW, draw, stream_key
from scipy.stats import chi2

import w2v
from w2v.graphs import walks as module
from w2v.graphs.edges import read_edges
from w2v.graphs.graph import build_graph
from w2v.kernels.walks import start_of
from w2v.text.encoding import encode_corpus
from w2v.text.vocabulary import count_vocabulary

# A triangle with a tail, a second way round, a self loop, and weights far apart.
EDGES = [
    ("a", "b", 1.0), ("a", "c", 3.0), ("b", "c", 0.5), ("c", "d", 2.0), ("d", "e", 8.0),
    ("e", "a", 0.25), ("d", "d", 1.5), ("b", "f", 4.0), ("f", "d", 1.0),
]  # fmt: skip


def neighbours_of(edges, directed=False, weighted=True):
    """Of each node its neighbours with their weights."""
    found = {node: {} for edge in edges for node in edge[:2]}
    for source, target, *weight in edges:
        both = (
            [(source, target)]
            if directed or source == target
            else [(source, target), (target, source)]
        )
        for one, other in both:
            added = found[one].get(other, 0) + (weight[0] if weight else 1)
            found[one][other] = added if weighted else 1
    return found


def exact_steps(neighbours, p, q):
    """The probabilities of each node after each pair of nodes (Grover and Leskovec, 2016)."""
    steps = {}
    for before in neighbours:
        for node in neighbours[before]:
            chances = {}
            for after, weight in neighbours[node].items():
                near = 1 if after in neighbours[before] else 1 / q
                chances[after] = weight * (1 / p if after == before else near)
            total = sum(chances.values())
            steps[before, node] = {after: chance / total for after, chance in chances.items()}
    return steps


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize(
    ("p", "q"), [(1, 1), (0.25, 4), (4, 0.25), (0.01, 0.5), (3, 2), (1000, 1000), (0.1, 50)]
)
def test_steps_are_as_likely_as_node2vec_has_them(p, q, directed):
    walks = w2v.walks(EDGES, p=p, q=q, directed=directed, walks_per_node=400, walk_length=40)
    seen = Counter(
        triple for walk in walks for triple in zip(walk, walk[1:], walk[2:], strict=False)
    )
    statistic = freedom = 0
    for pair, chances in exact_steps(neighbours_of(EDGES, directed), p, q).items():
        total = sum(seen[(*pair, after)] for after in chances)
        rare = [after for after, chance in chances.items() if chance * total < 5]
        common = [after for after in chances if after not in rare]
        for after in common:
            expected = chances[after] * total
            statistic += (seen[(*pair, after)] - expected) ** 2 / expected
        freedom += max(0, len(common) - 1)
        allowed = sum(chances[after] * total for after in rare)
        assert sum(seen[(*pair, after)] for after in rare) <= 5 * allowed + 5
    assert freedom > 2
    assert chi2.sf(statistic, freedom) > 0.001
    assert sum(seen.values()) > 50_000 or directed


def test_first_steps_are_as_likely_as_their_weights():
    walks = w2v.walks(EDGES, walks_per_node=20_000, walk_length=2, p=0.1, q=9)
    seen = Counter(map(tuple, walks))
    for node, weights in neighbours_of(EDGES).items():
        for after, weight in weights.items():
            share = weight / sum(weights.values())
            assert seen[node, after] / 20_000 == pytest.approx(share, abs=0.012)


def test_weights_can_be_ignored():
    walks = w2v.walks([*EDGES, EDGES[0]], walks_per_node=5_000, walk_length=2, weighted=False)
    seen = Counter(map(tuple, walks))
    for node, neighbours in neighbours_of(EDGES).items():
        for after in neighbours:
            assert seen[node, after] / 5_000 == pytest.approx(1 / len(neighbours), abs=0.03)


def twin(graph, number, length, p, q, seed):
    """One walk in plain Python, by the same draws."""
    nodes = len(graph.totals)
    half = max(1, ((nodes - 1).bit_length() + 1) // 2)
    pass_key, place = draw(stream_key(seed, 1), number // nodes), number % nodes
    while True:
        left, right = place >> half, place % 2**half
        for k in range(4):
            left, right = right, left ^ ((draw(pass_key, 4 * right + k) >> 32) % 2**half)
        place = (left << half) + right
        if place < nodes:
            break
    draws = map(draw, itertools.repeat(draw(stream_key(seed, 0), number)), itertools.count())
    edges_of = [range(*graph.offsets[node : node + 2].tolist()) for node in range(nodes)]
    neighbours = [[int(graph.targets[edge]) for edge in edges] for edges in edges_of]

    def proposed(node, bits):
        column = ((bits >> 32) * len(neighbours[node])) >> 32
        edge = edges_of[node][column]
        if len(graph.shares) and (bits & LOW) / 2**32 >= graph.shares[edge]:
            column = graph.aliases[edge]
        return neighbours[node][column]

    def step(before, node):
        if before is None or p == q == 1:
            return proposed(node, next(draws))
        most, beyond = max(1, 1 / q), 0
        if 1 / p > most and before in neighbours[node]:
            edge = edges_of[node][neighbours[node].index(before)]
            weight = graph.weights[edge] if len(graph.weights) else 1
            beyond = (1 / p - most) * weight / graph.totals[node]
        while True:
            height = (next(draws) >> 11) / 2**53 * (most + beyond)
            if height >= most:
                return before
            after = proposed(node, next(draws))
            near = 1 if after in neighbours[before] else 1 / q
            if height < (1 / p if after == before else near):
                return after

    walk, before = [place], None
    while len(walk) < length and neighbours[walk[-1]]:
        walk.append(step(before, walk[-1]))
        before = walk[-2]
    return walk


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize(("p", "q"), [(1, 1), (0.5, 2), (2, 0.5), (0.25, 0.25)])
@pytest.mark.parametrize("weighted", [False, True])
def test_walks_are_those_of_the_twin(p, q, weighted, directed):
    walks = w2v.walks(
        EDGES, p=p, q=q, seed=7, weighted=weighted, directed=directed, walk_length=12
    )  # fmt: skip
    graph = build_graph(read_edges(EDGES, directed, weighted, None))
    expected = [twin(graph, number, 12, p, q, 7) for number in range(len(walks))]
    assert list(walks) == [[walks.nodes[node] for node in walk] for walk in expected]


@pytest.mark.parametrize("nodes", [1, 2, 3, 4, 5, 64, 65, 1000])
def test_each_pass_starts_once_at_every_node_in_another_order(nodes):
    half = max(1, ((nodes - 1).bit_length() + 1) // 2)
    key = stream_key(1, 1)
    starts = [start_of(k, nodes, half, np.uint64(key)) for k in range(3 * nodes)]
    passes = [starts[k * nodes : (k + 1) * nodes] for k in range(3)]
    assert all(sorted(each) == list(range(nodes)) for each in passes)
    if nodes > 5:
        assert passes[0] != passes[1] != passes[2] != sorted(passes[2])


def test_alias_tables_give_the_weights():
    graph = build_graph(read_edges(EDGES, False, True, None))
    for begin, end in itertools.pairwise(graph.offsets):
        shares, aliases = graph.shares[begin:end].astype(float), graph.aliases[begin:end]
        found = np.bincount(aliases, 1 - np.minimum(shares, 1), len(shares)) + np.minimum(shares, 1)
        weights = graph.weights[begin:end]
        np.testing.assert_allclose(found / len(shares), weights / weights.sum(), atol=1e-6)


def test_seeds_differ_and_walks_are_the_same_in_every_process():
    graph = networkx.karate_club_graph()
    script = (
        "import hashlib, networkx, w2v;"
        "walks = w2v.walks(networkx.karate_club_graph(), q=2, seed=3);"
        "print(hashlib.sha256(repr(list(walks)).encode()).hexdigest())"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    mine = list(w2v.walks(graph, q=2, seed=3))
    assert ran.stdout.strip() == hashlib.sha256(repr(mine).encode()).hexdigest()
    assert list(w2v.walks(graph, q=2, seed=4)) != mine
    # A walk is a function of the seed and its number: more of them, or longer ones, begin alike.
    longer = list(w2v.walks(graph, q=2, seed=3, walks_per_node=11, walk_length=90))
    assert [walk[:80] for walk in longer[: len(mine)]] == mine


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("memory_limit", [None, 0])
def test_numbers_are_those_of_the_text(tmp_path, monkeypatch, workers, memory_limit):
    monkeypatch.setattr(module, "_SMALLEST_PIECE", 1000)
    walks = w2v.walks(EDGES, walk_length=30, walks_per_node=50, directed=True, q=3)
    walks.save(tmp_path / "walks.txt")
    lines = [" ".join(walk) for walk in walks]
    assert (tmp_path / "walks.txt").read_text().splitlines() == lines
    assert b"".join(block.data for block in walks.blocks(64)).decode().splitlines() == lines
    vocabulary = count_vocabulary(walks, 1, workers=workers, memory_limit=memory_limit)
    text = w2v.open_corpus(tmp_path / "walks.txt")
    expected = count_vocabulary(text, 1)
    assert vocabulary.words == expected.words
    np.testing.assert_array_equal(vocabulary.counts, expected.counts)
    assert vocabulary.corpus_words == expected.corpus_words
    for _ in range(2):  # the second time without the draft
        encoded = encode_corpus(walks, vocabulary, workers, memory_limit)
        read = encode_corpus(text, expected)
        np.testing.assert_array_equal(encoded.tokens[:], read.tokens)
        np.testing.assert_array_equal(encoded.sentence_offsets[:], read.sentence_offsets)


def test_training_on_walks_is_training_on_their_text(tmp_path):
    settings = {"vector_size": 16, "epochs": 2, "workers": 1, "held_out": 0.1}
    walks = w2v.walks(networkx.karate_club_graph(), p=0.5)
    model, listed = w2v.train(walks, **settings), w2v.train(list(walks), **settings)
    assert model.vectors.index_to_key == listed.vectors.index_to_key
    np.testing.assert_array_equal(model.vectors.vectors, listed.vectors.vectors)
    assert model.summary.ledger == listed.summary.ledger
    both = w2v.open_corpus(walks, [["0", "33", "elsewhere"]] * 5)
    assert "elsewhere" in w2v.train(both, **settings).vectors


def test_names_with_commas_are_no_reason_for_a_warning():
    edges = [(f"Name,_{k}", f"Name,_{(k + 1) % 30}") for k in range(30)]
    w2v.train(w2v.walks(edges), vector_size=8, epochs=1)


def nearest_alike(similar, community, count):
    """The share of each node's nearest that are of its community, on average."""
    return np.mean(
        [
            community[other] == community[node]
            for node in community
            for other in similar(node, count)
        ]
    )


def blocks_of_300():
    sizes, inside, between = [60] * 5, 0.15, 0.025
    chances = np.full((5, 5), between) + np.eye(5) * (inside - between)
    graph = networkx.stochastic_block_model(sizes, chances, seed=1)
    return graph, {str(node): block for node, block in graph.nodes(data="block")}


def karate():
    graph = networkx.karate_club_graph()
    return graph, {str(node): club for node, club in graph.nodes(data="club")}


@pytest.mark.parametrize("make", [karate, blocks_of_300])
def test_communities_are_found_as_gensim_finds_them(make):
    from gensim.models import Word2Vec

    graph, community = make()
    ours, theirs = [], []
    for seed in range(1, 6):
        walks = w2v.walks(graph, walk_length=40, seed=seed)
        # node2vec's one epoch: with more, both learn the single edges in place of the communities.
        same = {"vector_size": 32, "window": 5, "epochs": 1, "min_count": 1, "alpha": 0.025}
        vectors = w2v.train(walks, sample=0.0, workers=1, seed=seed, **same).vectors
        wv = Word2Vec(list(walks), sg=1, sample=0, workers=1, seed=seed, **same).wv
        for found, query in ((ours, vectors.most_similar), (theirs, wv.most_similar)):
            found.append(
                nearest_alike(lambda n, k, q=query: [w for w, _ in q(n, topn=k)], community, 5)
            )
    assert np.mean(ours) >= np.mean(theirs) - 0.03
    assert np.mean(ours) > 0.7


def test_nodes_with_names_of_64_letters():
    """Words are cut from blocks of 64 bytes; the last name ends with its text."""
    names = [f"{node:064x}" for node in range(16)]
    edges = list(itertools.pairwise(names))
    walks = w2v.walks(edges, walks_per_node=2, walk_length=5)
    assert set(w2v.count_words(walks, min_count=1)) == set(names)
