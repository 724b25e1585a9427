"""The graphs that are walked in: their sources, their walks as a corpus, and what is refused."""

import gzip
import itertools
import subprocess
import sys

import networkx
import numpy as np
import pytest
import scipy.sparse
from test_walks import EDGES

import w2v


def karate_sources(tmp_path):
    graph = networkx.karate_club_graph()
    edges = [(a, b, weight) for a, b, weight in graph.edges(data="weight")]
    # Nodes of the list are numbered as they come, so each is named first by a loop that weighs 0.
    listed = [*((node, node, 0) for node in graph), *edges]
    path = tmp_path / "edges.txt"
    path.write_text(
        "# karate\n\n% club\n" + "".join(f"{a}\t{b} {weight}\n" for a, b, weight in listed)
    )
    packed = tmp_path / "edges.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    matrix = networkx.to_scipy_sparse_array(graph)
    return [
        graph, listed, iter(listed), np.array(listed), path, str(packed), matrix, matrix.tocoo(),
        scipy.sparse.csc_matrix(matrix).astype(np.float32), networkx.MultiGraph(graph),
        networkx.DiGraph(graph),
    ]  # fmt: skip


def test_all_sources_of_a_graph_give_the_same_walks(tmp_path):
    first, *others = [
        list(w2v.walks(graph, p=0.5, q=2, walk_length=20)) for graph in karate_sources(tmp_path)
    ]
    assert all(other == first for other in others)
    assert len(first) == 340
    assert all(len(walk) == 20 for walk in first)


def test_names_of_rows_can_be_given():
    matrix = scipy.sparse.csr_array(np.array([[0, 1], [1, 0]], dtype=bool))
    walks = w2v.walks(matrix, names=["left", 7], walk_length=3, walks_per_node=1)
    assert sorted(walks) == [["7", "left", "7"], ["left", "7", "left"]]


def test_direction_holds():
    edges = [("a", "b"), ("b", "c"), ("c", "a"), ("c", "sink")]
    followed = {("a", "b"), ("b", "c"), ("c", "a"), ("c", "sink")}
    digraph = networkx.DiGraph(edges)
    walks = list(w2v.walks(digraph, p=0.5, q=2))
    assert walks == list(w2v.walks(edges, directed=True, p=0.5, q=2))
    assert {pair for walk in walks for pair in itertools.pairwise(walk)} == followed
    assert ["sink"] in walks
    assert all(len(walk) == 80 or walk[-1] == "sink" for walk in walks)
    both_ways = w2v.walks(digraph, directed=False)
    assert {pair for walk in both_ways for pair in itertools.pairwise(walk)} > followed
    assert all(len(walk) == 80 for walk in both_ways)


def test_isolated_nodes_and_loops_are_walked():
    graph = networkx.Graph([("a", "a"), ("b", "c")])
    graph.add_node("alone")
    walks = list(w2v.walks(graph, walk_length=5, walks_per_node=2))
    assert walks.count(["alone"]) == walks.count(["a"] * 5) == 2
    assert len(walks) == 8


BAD = [
    ([], "no nodes"),
    ([("a", "b", 0)], "2 nodes and no edges"),
    (networkx.empty_graph(3), "3 nodes and no edges"),
    (scipy.sparse.csr_array((3, 3)), "3 nodes and no edges"),
    (scipy.sparse.csr_array((2, 3)), r"the shape \(2, 3\)"),
    (scipy.sparse.csr_array(np.array([[0, 1], [0, 0]])), "not symmetric"),
    (scipy.sparse.csr_array(np.array([[0, 1], [2, 0]])), "not symmetric"),
    (scipy.sparse.csr_array(np.array([[0, 1j], [1j, 0]])), "complex"),
    ([("a", "b", -1)], "'a' – 'b' has the weight -1"),
    ([("a", "b", float("nan"))], "the weight nan"),
    ([("a", "b", float("inf"))], "the weight inf"),
    ([("a", "b", 1e308), ("b", "a", 1e308)], "add up"),
    ([("a", "b", "heavy")], "Edge 1 has the weight 'heavy'"),
    ([("a", "b", None)], "Edge 1 has the weight None"),
    ([("a", "b"), ("a",)], "Edge 2 is"),
    (["ab"], "Edge 1 is 'ab'"),
    ([3], "Edge 1 is 3"),
    ([("a", ("b", 1))], "of type tuple"),
    ([("a", "b c")], "white space"),
    ([("a", "")], "empty"),
    (networkx.Graph([(1, "1")]), "both written '1'"),
    (networkx.Graph([(1, 2, {"weight": "x"})]), "1 – 2 has the weight 'x'"),
    ({"a": ["b"]}, "gives only its keys"),
    (7, "not 7"),
    (b"ab", "not b'ab'"),
]


@pytest.mark.parametrize(("graph", "message"), BAD, ids=[message for _, message in BAD])
def test_what_is_no_graph_is_refused(graph, message):
    with pytest.raises(w2v.CorpusError, match=message):
        w2v.walks(graph)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a b\na\n", "Line 2 of .* is"),
        (b"a,b\n", "Line 1 of .* is"),
        (b"# x\na b c\n", "Line 2 of .* has the weight 'c'"),
        (b"a \xff\n", "Line 1 of .* is not valid UTF-8"),
        (b"a b -2\n", "the weight -2"),
        (b"", "no nodes"),
    ],
)
def test_what_is_no_file_of_edges_is_refused(tmp_path, content, message):
    path = tmp_path / "edges.txt"
    path.write_bytes(content)
    with pytest.raises(w2v.CorpusError, match=message):
        w2v.walks(path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"p": 0}, "p must be"), ({"q": float("nan")}, "q must be"), ({"p": 1e-9}, "p must be"),
        ({"walk_length": 0}, "walk_length must be"), ({"walks_per_node": 1.5}, "walks_per_node"),
        ({"seed": -1}, "seed must be"), ({"directed": 2}, "directed must be"),
        ({"weighted": "no"}, "weighted must be"), ({"names": ["a"]}, "names are for"),
    ],
)  # fmt: skip
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(w2v.ConfigError, match=message):
        w2v.walks(EDGES, **settings)


def test_a_missing_file_and_wrong_names_are_refused(tmp_path):
    with pytest.raises(w2v.FormatError, match="There is no edge list"):
        w2v.walks(tmp_path / "edges.txt")
    with pytest.raises(w2v.ConfigError, match="a list of 2 names"):
        w2v.walks(scipy.sparse.eye_array(2), names=["a"])


def test_the_file_of_edges_is_not_overwritten(tmp_path):
    path = tmp_path / "edges.txt"
    path.write_text("a b\n")
    walks = w2v.walks(path)
    with pytest.raises(w2v.W2VError, match="the file of edges"):
        walks.save(path)
    assert path.read_text() == "a b\n"
    assert walks.paths == [path]
    assert (len(walks), str(walks)) == (20, "the walks in a graph of 2 nodes")


def test_networkx_is_not_imported_unless_it_is_given():
    script = "import sys, w2v; w2v.walks([(1, 2)]); print('networkx' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
