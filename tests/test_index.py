"""The approximate index: its results compared with exact search."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gensim
import numpy as np
import pytest

import w2v
from w2v.vectors import hnsw, index_building
from w2v.vectors.hnsw import byte_codes

pytest.importorskip("usearch", reason="the approximate index needs the extra `ann`")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def vectors(test_data):
    """Real vectors: 12,000 words of the start of text8."""
    text = test_data / "corpora" / "text8-prefix.txt.xz"
    return w2v.train(text, vector_size=50, epochs=2, workers=1).vectors


@pytest.fixture(scope="module")
def index(vectors):
    return w2v.build_index(vectors, workers=1)


@pytest.fixture
def few():
    """Forty words, so few that every search looks at all of them."""
    rows = np.random.default_rng(2).normal(size=(40, 8)).astype(np.float32)
    return w2v.KeyedVectors([f"w{number}" for number in range(40)], rows)


def recall(vectors, index, words, topn=10):
    hits = 0
    for word, right in zip(words, vectors.most_similar_batch(list(words), topn=topn), strict=True):
        found = vectors.most_similar(word, topn=topn, indexer=index)
        hits += len({near for near, _ in right} & {near for near, _ in found})
    return hits / (topn * len(words))


def test_as_many_threads_as_this_process_may_use(few, monkeypatch):
    """A container or `taskset` may allow fewer cores than the machine has."""
    given = {"add": [], "search": []}

    class Graph:
        def __init__(self, graph):
            self.graph = graph

        def __getattr__(self, name):
            return getattr(self.graph, name)

        def __len__(self):
            return len(self.graph)

        def add(self, *rows, threads):
            given["add"].append(threads)
            return self.graph.add(*rows, threads=threads)

        def search(self, *queries, threads):
            given["search"].append((len(queries[0]), threads))
            return self.graph.search(*queries, threads=threads)

    new_graph = hnsw.new_graph
    monkeypatch.setattr(hnsw, "new_graph", lambda *sizes: Graph(new_graph(*sizes)))
    for module in (hnsw, index_building):
        monkeypatch.setattr(module, "available_cores", lambda: 3)
    index = w2v.build_index(few)
    few.most_similar("w1", indexer=index)
    assert set(given["add"]) == {3}
    assert set(given["search"]) == {(40, 3), (1, 1)}


class TestSearch:
    def test_most_of_the_nearest_are_found(self, vectors, index):
        words = np.random.default_rng(1).choice(len(vectors), 300, replace=False).tolist()
        measured = recall(vectors, index, words)
        assert measured >= 0.95
        assert index.recall == pytest.approx(measured, abs=0.03)
        assert recall(vectors, index, range(1000)) >= 0.95
        assert index.ef <= 64  # more would be slower than need be

    def test_looking_at_more_finds_more(self, vectors, index):
        words = np.random.default_rng(3).choice(len(vectors), 200, replace=False).tolist()
        usual = index.ef
        try:
            index.ef = 1
            few = recall(vectors, index, words)
            index.ef = 1000
            many = recall(vectors, index, words)
        finally:
            index.ef = usual
        assert few < many
        assert many >= 0.995

    def test_similarities_are_exact(self, vectors, index):
        found = vectors.most_similar("king", topn=20, indexer=index)
        exact = dict(vectors.most_similar("king", topn=len(vectors)))
        assert [near for _, near in found] == sorted([near for _, near in found], reverse=True)
        for word, near in found:
            assert near == pytest.approx(exact[word], abs=1e-6)

    @pytest.mark.parametrize(
        ("positive", "negative"),
        [
            ("w1", None),
            (3, None),
            (["w1", "w2"], ["w3"]),
            ([("w1", 2.0), ("w2", -0.5)], None),
            (np.arange(8, dtype=np.float32), ["w1"]),
            (["w1", "w1"], "w1"),
        ],
    )
    def test_the_answers_are_those_of_exact_search(self, few, positive, negative):
        index = w2v.build_index(few)
        for topn in (1, 5, 100):
            found = few.most_similar(positive, negative, topn=topn, indexer=index)
            exact = few.most_similar(positive, negative, topn=topn)
            assert [word for word, _ in found] == [word for word, _ in exact]
            assert [near for _, near in found] == pytest.approx([near for _, near in exact])

    def test_many_vectors_at_once_get_what_each_gets_alone(self, vectors, index):
        rows = [5, 500, 5000]
        unit = vectors.vectors[rows] / vectors.norms[rows, np.newaxis]
        together = index.nearest(unit, 7, [{row} for row in rows])
        alone = [vectors.most_similar(row, topn=7, indexer=index) for row in rows]
        assert [[word for word, _ in found] for found in together] == [
            [word for word, _ in found] for found in alone
        ]
        asked = vectors.most_similar_batch(rows, topn=7, indexer=index)
        assert [[word for word, _ in found] for found in asked] == [
            [word for word, _ in found] for found in alone
        ]
        assert index.nearest(unit[:0], 7) == []
        assert [len(found) for found in index.nearest(unit, 300)] == [300] * 3

    def test_threads_may_ask_together(self, vectors, index):
        def ask(row):
            return vectors.most_similar(row, topn=1 + row % 300, indexer=index)

        rows = list(range(60))
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(ask, rows)) == [ask(row) for row in rows]

    def test_gensim_takes_it_as_an_indexer(self, few, tmp_path):
        few.save(tmp_path / "few.bin")
        theirs = gensim.models.KeyedVectors.load_word2vec_format(tmp_path / "few.bin", binary=True)
        found = theirs.most_similar("w5", topn=4, indexer=w2v.build_index(few))
        assert found[0] == ("w5", pytest.approx(1))
        exact = theirs.most_similar("w5", topn=3)
        assert [word for word, _ in found[1:]] == [word for word, _ in exact]

    def test_all_similarities_do_not_need_it(self, few):
        index = w2v.build_index(few)
        found = few.most_similar("w1", topn=None, indexer=index)
        assert np.array_equal(found, few.most_similar("w1", topn=None))
        assert few.most_similar("w1", topn=0, indexer=index) == []
        with pytest.raises(w2v.ConfigError):
            few.most_similar("w1", topn=-1, indexer=index)

    @pytest.mark.parametrize(
        "restriction", [{"restrict_vocab": 10}, {"clip_start": 1}, {"clip_end": 5}]
    )
    def test_a_part_of_the_words_cannot_be_searched(self, few, restriction):
        with pytest.raises(w2v.ConfigError, match="searches all words; leave out restrict_vocab"):
            few.most_similar("w1", indexer=w2v.build_index(few), **restriction)
        with pytest.raises(w2v.ConfigError, match="searches all words; leave out restrict_vocab"):
            few.most_similar_batch(["w1"], indexer=w2v.build_index(few), **restriction)

    def test_other_vectors_and_other_objects_are_refused(self, few):
        other = w2v.KeyedVectors(few.index_to_key, few.vectors)
        with pytest.raises(w2v.ConfigError, match="of other vectors"):
            other.most_similar("w1", indexer=w2v.build_index(few))
        with pytest.raises(w2v.ConfigError, match="build_index or load_index returns, not str"):
            few.most_similar("w1", indexer="few.bin.index")
        with pytest.raises(w2v.MissingWordError):
            few.most_similar("w99", indexer=w2v.build_index(few))

    def test_settings_out_of_range(self, few):
        index = w2v.build_index(few)
        index.ef = 0
        with pytest.raises(w2v.ConfigError, match="ef must be a whole number, 1 or more, not 0"):
            few.most_similar("w1", indexer=index)
        index.ef = 10
        with pytest.raises(w2v.ConfigError, match=r"8 numbers each, not shape \(2, 7\)"):
            index.nearest(np.zeros((2, 7)), 3)
        for name, value in [
            ("connectivity", 1), ("connectivity", 2.5), ("ef_construction", 0),
            ("ef_construction", "a"), ("workers", 0), ("workers", 1.5),
        ]:  # fmt: skip
            with pytest.raises(w2v.ConfigError, match=f"{name} must be .*, not {value!r}"):
                w2v.build_index(few, **{name: value})


class TestChoosingEf:
    """Words that no index can find do not count, nor which of equals is found."""

    def test_vectors_of_zeros(self):
        rows = np.random.default_rng(1).normal(size=(400, 30)).astype(np.float32)
        whole = w2v.build_index(w2v.KeyedVectors([f"w{n}" for n in range(400)], rows))
        rows[::4] = 0
        odd = w2v.build_index(w2v.KeyedVectors([f"w{n}" for n in range(400)], rows))
        assert odd.recall >= 0.95
        assert odd.ef == whole.ef

    def test_vectors_that_are_the_same(self):
        rows = np.repeat(np.random.default_rng(2).normal(size=(20, 30)), 40, axis=0)
        # With several workers the graph is another one each time; once in a while ef was 128.
        index = w2v.build_index(w2v.KeyedVectors([f"w{n}" for n in range(800)], rows), workers=1)
        assert index.recall >= 0.95
        assert index.ef <= 64

    def test_one_word(self):
        index = w2v.build_index(w2v.KeyedVectors(["a"], [[1, 2]]))
        assert (index.ef, index.recall) == (16, 1.0)


class TestBuilding:
    def test_vectors_that_point_nowhere_are_left_out(self, few):
        rows = few.vectors.copy()
        rows[3], rows[4] = 0, np.nan
        odd = w2v.KeyedVectors(few.index_to_key, rows)
        index = w2v.build_index(odd)
        found = index.nearest(rows[:1], 40)[0]
        assert {word for word, _ in found} == {f"w{n}" for n in range(40) if n not in (3, 4)}
        with pytest.raises(w2v.ConfigError, match="no vectors to index"):
            w2v.build_index(w2v.KeyedVectors(["a", "b"], np.zeros((2, 3))))

    def test_one_worker_builds_the_same_index_again(self, few, tmp_path):
        for name in ("first", "second"):
            w2v.build_index(few, workers=1).save(tmp_path / name)
        assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()

    def test_progress_is_told(self, vectors):
        told = []
        w2v.build_index(vectors, ef_construction=1, progress=lambda *counts: told.append(counts))
        assert told[-1] == (len(vectors), len(vectors))
        assert [done for done, _ in told] == sorted({done for done, _ in told})
        assert len(told) > 2

    def test_bytes_keep_the_direction(self):
        rows = np.random.default_rng(4).normal(size=(50, 300)).astype(np.float32)
        scales = np.array([1e-38, 1e-20, 1.0, 1e20, 1e36] * 10, dtype=np.float32)
        codes = byte_codes(rows * scales[:, np.newaxis]).astype(np.float64)
        cosines = np.sum(codes * rows, axis=1) / (
            np.linalg.norm(codes, axis=1) * np.linalg.norm(rows, axis=1)
        )
        assert cosines.min() > 0.9998
        assert not byte_codes(np.array([[np.inf, 1], [np.nan, 1], [0, 0]], np.float32)).any()
