"""Every query answers as gensim's KeyedVectors does on the same vectors.

Words and their order are equal, and values to the last bit where nothing else is said: both take
the same steps in the same precision. Vectors of few different numbers bring ties of all kinds.
"""

import inspect
import math
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples import examples
from gensim.models import KeyedVectors as GensimVectors
from hypothesis import given
from hypothesis import strategies as st

import w2v
from w2v.vectors import KeyedVectors
from w2v.vectors.top_k import top_k_columns

WIDTH = 5
MISSING = ["nothing", "never"]
# NumPy's BLAS now and then raises the invalid flag for small finite arrays, in gensim's calls as in
# ours; that the values are right is what these tests compare.
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered in (dot|matmul)")
quickly = examples(200)


class Both:
    """The same vectors as ours and as gensim's."""

    def __init__(self, words: list[str], rows: np.ndarray) -> None:
        self.ours = KeyedVectors(words, rows, range(len(words), 0, -1))
        self.theirs = GensimVectors(rows.shape[1])
        self.theirs.add_vectors(words, rows)
        for row in range(len(words)):
            self.theirs.set_vecattr(row, "count", len(words) - row)

    def __len__(self) -> int:
        return len(self.ours)

    def cosmul(self, *arguments: Any, **named: Any) -> Any:
        """Agree on most_similar_cosmul, where gensim warns of a method of its own."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return self.agree("most_similar_cosmul", *arguments, **named)

    def agree(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Ask both, whose answers have to be the same, and return them."""
        ours = getattr(self.ours, method)(*arguments, **named)
        theirs = getattr(self.theirs, method)(*arguments, **named)
        if isinstance(theirs, np.ndarray):
            assert ours.tolist() == theirs.tolist()
        else:
            assert ours == theirs
        return ours


@st.composite
def some_vectors(draw: st.DrawFn) -> Both:
    """3 to 80 words, with few different numbers in the vectors or with any."""
    size = draw(st.integers(3, 80))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    if draw(st.booleans()):
        rows = rng.choice(np.array([-1, 1, 2], dtype=np.float32), (size, WIDTH))
    else:
        rows = rng.standard_normal((size, WIDTH), dtype=np.float32)
    return Both([f"word{number}" for number in range(size)], rows)


def words_of(both: Both) -> st.SearchStrategy[str]:
    return st.sampled_from(both.ours.index_to_key)


def points() -> st.SearchStrategy[np.ndarray]:
    """Vectors of float32, of float64 that float32 does not hold, and of integers."""
    numbers = st.lists(st.integers(-8, 8), min_size=WIDTH, max_size=WIDTH)
    kinds = st.sampled_from(
        [
            lambda values: np.array(values, dtype=np.float32) / 4,
            lambda values: np.array(values, dtype=np.float64) / 3,
            lambda values: np.array(values, dtype=np.int64),
        ]
    )
    return st.builds(lambda values, kind: kind(values), numbers, kinds)


def keys_of(both: Both) -> st.SearchStrategy[Any]:
    rows = st.integers(0, len(both) - 1)
    return st.one_of(words_of(both), rows, rows.map(np.int64), points())


def lists(items: st.SearchStrategy[Any], least: int = 1) -> st.SearchStrategy[list[Any]]:
    return st.lists(items, min_size=least, max_size=6)


def or_none(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), items)


def topns_of(both: Both) -> st.SearchStrategy[int | None]:
    return or_none(st.integers(0, len(both) + 5))


@st.composite
def sides(draw: st.DrawFn, keys: st.SearchStrategy[Any]) -> dict[str, Any]:
    """What is given as positive and negative: one side or both, in any form but a matrix."""
    pairs = st.tuples(keys, st.floats(-2, 2).map(lambda weight: round(weight, 2)))
    form = st.one_of(keys, lists(st.one_of(keys, pairs)))
    one, other = draw(form), draw(st.one_of(st.none(), st.just([]), form))
    names = draw(st.permutations(["positive", "negative"]))
    return dict(zip(names, (one, other), strict=True))


@quickly
@given(some_vectors(), st.data())
def test_most_similar(both: Both, data: st.DataObject) -> None:
    place = st.integers(0, len(both) + 2)
    both.agree(
        "most_similar",
        **data.draw(sides(keys_of(both))),
        topn=data.draw(topns_of(both)),
        clip_start=data.draw(place),
        clip_end=data.draw(or_none(place.filter(bool))),
        restrict_vocab=data.draw(or_none(place.filter(bool))),
    )


@quickly
@given(some_vectors(), st.data())
def test_most_similar_cosmul(both: Both, data: st.DataObject) -> None:
    # gensim multiplies with row numbers as they are, and restricts nothing.
    keys = st.one_of(words_of(both), points().map(lambda point: point / 4))
    positive = data.draw(st.one_of(keys, lists(keys)))
    negative = data.draw(st.one_of(st.none(), keys, lists(keys, least=0)))
    topn = data.draw(topns_of(both).filter(lambda count: count != 0))
    both.cosmul(positive, negative, topn=topn)
    assert both.ours.most_similar_cosmul(positive, negative, topn=0) == []


def test_iterators_are_read_once() -> None:
    both = random_vectors(50)
    for name in ("most_similar", "most_similar_cosmul", "most_similar_batch"):
        ask = getattr(both.ours, name)
        assert ask(word for word in ["word1", "word2"]) == ask(["word1", "word2"])


def test_lists_of_numbers_are_vectors_where_gensim_takes_them() -> None:
    both = random_vectors(50)
    numbers = both.ours.vectors[3].tolist()
    both.agree("distances", numbers)  # in float64


def test_a_factor_near_zero_is_as_exact_as_the_vector_that_was_given() -> None:
    """A likeness of about 1e-3 decides here: with a question of float32 the scores are others."""
    both = Both(["a", "b", "c", "d"], np.eye(4, 5, dtype=np.float32))
    away = np.array([-0.996, 1e-9, 1 / 3, 0.1, 0.7])
    near = np.array([1.0, 0.0, 1 / 7, 0.0, 1 / 3])
    for vectors in ((near, away), (np.array([1, 2, 0, 0, 0]), away)):
        found = both.cosmul([vectors[0]], [vectors[1]], topn=4)
        rounded = both.cosmul([vectors[0]], [vectors[1].astype(np.float32)], topn=4)
        assert found != rounded
        assert both.cosmul([vectors[0]], [vectors[1]], topn=None).dtype == np.float64


def test_numbers_beyond_float32_point_somewhere_too() -> None:
    both = random_vectors(50)
    point = both.ours.vectors[3].astype(np.float64)
    expected = both.ours.similar_by_vector(point)
    for factor in (1e60, 1e-60, 1e200, 1e-200):
        found = both.ours.similar_by_vector(point * factor)
        assert [word for word, _ in found] == [word for word, _ in expected]
        assert [near for _, near in found] == pytest.approx([near for _, near in expected])
        assert both.ours.distances(point * factor) == pytest.approx(both.ours.distances(point))


def test_cosmul_takes_rows_and_restricts() -> None:
    both = random_vectors(400)
    question = {"positive": ["word3", "word7"], "negative": ["word4"]}
    by_rows = both.ours.most_similar_cosmul([3, np.int64(7)], 4)
    assert by_rows == both.cosmul(**question)
    scores = both.ours.most_similar_cosmul(**question, topn=None)
    some = both.ours.most_similar_cosmul(**question, topn=5, restrict_vocab=60)
    best = [row for row in np.argsort(-scores[:60]).tolist() if row not in (3, 7, 4)][:5]
    assert [word for word, _ in some] == [f"word{row}" for row in best]
    assert [score for _, score in some] == pytest.approx(scores[best].tolist(), rel=1e-6)


def random_vectors(size: int, width: int = 20) -> Both:
    rng = np.random.default_rng(size)
    rows = rng.standard_normal((size, width), dtype=np.float32) * rng.uniform(0.1, 9, (size, 1))
    return Both([f"word{number}" for number in range(size)], rows.astype(np.float32))


@quickly
@given(some_vectors(), st.data())
def test_comparisons(both: Both, data: st.DataObject) -> None:
    word, other = data.draw(words_of(both)), data.draw(words_of(both))
    words, others = data.draw(lists(words_of(both))), data.draw(lists(words_of(both)))
    both.agree("similarity", word, other)
    both.agree("closer_than", word, other)
    both.agree("rank", word, other)
    both.agree("distances", word)
    both.agree("distances", data.draw(points().filter(np.any)), others)
    both.agree("n_similarity", words, others)
    both.agree("most_similar_to_given", word, others)
    both.agree("doesnt_match", words)
    both.agree("rank_by_centrality", words, use_norm=data.draw(st.booleans()))
    both.agree("similar_by_word", word, 3, 7)
    both.agree("similar_by_key", word)
    both.agree("similar_by_vector", data.draw(points()), topn=4)
    vectors = both.ours[words], both.ours[others][0]
    expected = both.theirs.cosine_similarities(vectors[1], vectors[0])
    assert KeyedVectors.cosine_similarities(vectors[1], vectors[0]).tolist() == expected.tolist()
    assert both.ours.distance(word, other) == pytest.approx(both.theirs.distance(word, other))


@quickly
@given(some_vectors(), st.data())
def test_mean_vectors(both: Both, data: st.DataObject) -> None:
    keys = data.draw(lists(st.one_of(keys_of(both), st.sampled_from([*MISSING, 10**6]))))
    weight = st.floats(-3, 3).map(lambda value: round(value, 2))
    weights = data.draw(or_none(st.lists(weight, min_size=len(keys), max_size=len(keys))))
    if weights is not None and data.draw(st.booleans()):
        weights = np.array(weights)
    normalize = data.draw(st.tuples(st.booleans(), st.booleans()))
    both.agree("get_mean_vector", keys, weights, *normalize)


@quickly
@given(some_vectors(), st.data())
def test_relative_cosine_similarity(both: Both, data: st.DataObject) -> None:
    words = data.draw(words_of(both)), data.draw(words_of(both))
    topn = data.draw(st.integers(1, len(both)))
    if sum(similarity for _, similarity in both.theirs.most_similar(words[0], topn=topn)):
        both.agree("relative_cosine_similarity", *words, topn)


@quickly
@given(some_vectors(), st.data())
def test_lookup(both: Both, data: st.DataObject) -> None:
    key = data.draw(st.one_of(words_of(both), st.integers(-2, 90), st.sampled_from(MISSING)))
    assert both.agree("has_index_for", key) == (key in both.ours)
    both.agree("get_index", key, 7)
    if both.agree("get_index", key, -1) >= 0:
        both.agree("get_vecattr", key, "count")
        both.agree("get_vector", key, norm=True)
    words = data.draw(lists(st.one_of(words_of(both), st.sampled_from(MISSING)), least=0))
    ours = both.ours.vectors_for_all(words)
    theirs = both.theirs.vectors_for_all(words, copy_vecattrs=True)
    assert ours.index_to_key == theirs.index_to_key
    assert ours.vectors.tolist() == theirs.vectors.tolist()
    for word in ours.index_to_key:
        assert ours.get_vecattr(word, "count") == theirs.get_vecattr(word, "count")


@quickly
@given(some_vectors(), st.data())
def test_word_movers_distance(both: Both, data: st.DataObject) -> None:
    """To 1e-6: the two solvers round otherwise."""
    pytest.importorskip("ot", reason="gensim's wmdistance needs POT: pip install POT")
    document = lists(st.one_of(words_of(both), st.sampled_from(MISSING)), least=0)
    first, second = data.draw(document), data.draw(document)
    norm = data.draw(st.booleans())
    ours = both.ours.wmdistance(first, second, norm=norm)
    theirs = both.theirs.wmdistance(first, second, norm=norm)
    known = [{word for word in words if word not in MISSING} for words in (first, second)]
    if all(known) and math.isinf(theirs):  # gensim's answer where every distance is zero
        assert ours == pytest.approx(0, abs=1e-6)
    else:
        assert ours == pytest.approx(theirs, abs=1e-6)


def test_word_movers_distance_of_long_documents() -> None:
    pytest.importorskip("ot", reason="gensim's wmdistance needs POT: pip install POT")
    both = random_vectors(400)
    rng = np.random.default_rng(3)
    for sizes in [(1, 1), (1, 150), (60, 150), (150, 150)]:
        first, second = (rng.choice(both.ours.index_to_key[:200], size).tolist() for size in sizes)
        for norm in (True, False):
            ours = both.ours.wmdistance(first, second, norm)
            assert ours == pytest.approx(both.theirs.wmdistance(first, second, norm), abs=1e-6)


def test_word_movers_distance_by_hand() -> None:
    vectors = KeyedVectors(["a", "b", "c", "twin"], [[0, 0], [3, 4], [6, 8], [0, 0]])
    assert vectors.wmdistance(["a"], ["b"], norm=False) == pytest.approx(5)
    assert vectors.wmdistance(["a", "a", "b"], ["b"], norm=False) == pytest.approx(10 / 3)
    assert vectors.wmdistance(["a", "b"], ["b", "c"], norm=False) == pytest.approx(5)
    assert vectors.wmdistance(["b"], ["c"]) == pytest.approx(0, abs=1e-6)
    assert vectors.wmdistance(["a", "b", "b"], ["b", "a", "b"]) == 0
    assert vectors.wmdistance(["a", "never"], ["twin"]) == 0
    assert vectors.wmdistance(["a"], []) == vectors.wmdistance(["never"], ["a"]) == math.inf


def assert_alike(found: list[tuple[str, float]], expected: list[tuple[str, float]]) -> None:
    """The similarities are equal to 1e-6, and so are words but for ties within that."""
    assert len(found) == len(expected)
    near = dict(expected)
    for (word, value), (other, wanted) in zip(found, expected, strict=True):
        assert value == pytest.approx(wanted, abs=1e-6)
        # A word that ties with the last one expected may stand for it.
        assert near.get(word, expected[-1][1]) == pytest.approx(near[other], abs=1e-6)
    assert len({word for word, _ in found}) == len(found)


@quickly
@given(some_vectors(), st.data())
def test_batches(both: Both, data: st.DataObject) -> None:
    keys = data.draw(lists(keys_of(both), least=0))
    place = st.integers(0, len(both) + 2)
    options = {
        "topn": data.draw(st.integers(0, len(both) + 5)),
        "clip_start": data.draw(place),
        "clip_end": data.draw(or_none(place.filter(bool))),
        "restrict_vocab": data.draw(or_none(place.filter(bool))),
    }
    found = both.ours.most_similar_batch(keys, **options)
    assert len(found) == len(keys)
    for key, neighbours in zip(keys, found, strict=True):
        assert_alike(neighbours, both.theirs.most_similar([key], **options))
        # Few different numbers tie all the time, and the order is then that of a single question.
        alone = both.ours.most_similar([key], **options)
        assert [word for word, _ in neighbours] == [word for word, _ in alone]


@pytest.mark.parametrize("topn", [1, 10, 600, 39_999, 50_000])
def test_batches_larger_than_a_block(topn: int) -> None:
    """More questions than a block has, more words than a tile; every selection is tried."""
    both = random_vectors(40_000, width=4)
    asked = range(0, 40_000, 130 if topn < 1000 else 20_000)
    found = both.ours.most_similar_batch([f"word{row}" for row in asked], topn=topn)
    by_vector = both.ours.most_similar_batch(both.ours.vectors[asked], topn=3)
    assert len(found) == len(by_vector) == len(asked)
    for row, neighbours, own in list(zip(asked, found, by_vector, strict=True))[::50]:
        similarities = both.ours.most_similar([row], topn=None)
        rows = [both.ours.key_to_index[word] for word, _ in neighbours]
        assert row not in rows
        assert own[0][0] == f"word{row}"
        best = np.sort(np.delete(similarities, row))[::-1][:topn]
        np.testing.assert_allclose(similarities[rows], best, atol=1e-6)
        np.testing.assert_allclose([value for _, value in neighbours], best, atol=1e-6)


@quickly
@given(st.integers(1, 3), st.integers(1, 400), st.integers(1, 12), st.integers(0, 10**6))
def test_top_k_columns(height: int, width: int, count: int, seed: int) -> None:
    """The stripes, and the columns beyond the last whole one."""
    values = np.random.default_rng(seed).integers(0, 500, (height, width)).astype(np.float32)
    columns = top_k_columns(values, count)
    assert all(len(set(row)) == min(count, width) for row in columns.tolist())
    found = np.sort(np.take_along_axis(values, columns, axis=1), axis=1)
    assert found.tolist() == np.sort(values, axis=1)[:, -count:].tolist()


FILES = [
    "gensim/lee_fasttext.vec",
    "gensim/EN.1-10.txt",
    "bnosac/example.bin",
    "finalfusion/embeddings.w2v",
    "googlenews/google_news_30.bin.gz",
]


@pytest.mark.parametrize("name", FILES)
def test_real_vectors(test_data: Path, name: str) -> None:
    loaded = w2v.load(test_data / "vectors" / name)
    kept = np.flatnonzero(np.any(loaded.vectors, axis=1))  # gensim divides by zero
    words = [loaded.index_to_key[row] for row in kept]
    both = Both(words, loaded.vectors[kept])
    some = words[:3] + words[-3:]
    for word in some:
        both.agree("most_similar", word)
        both.agree("most_similar", [word, some[0]], [some[1]], restrict_vocab=20)
        both.cosmul([word, some[0]], [some[1]])
        both.agree("relative_cosine_similarity", word, some[2])
        both.agree("rank", word, some[1])
        both.agree("distances", word)
    both.agree("rank_by_centrality", some)
    both.agree("get_mean_vector", some, [1, 2, -0.5, 3, 0.25, 1])
    both.agree("n_similarity", some[:2], some[2:])
    batch = both.ours.most_similar_batch(some, topn=7)
    for word, neighbours in zip(some, batch, strict=True):
        assert_alike(neighbours, both.theirs.most_similar(word, topn=7))


def test_aliases() -> None:
    assert KeyedVectors.words_closer_than is KeyedVectors.closer_than


def test_parameters_have_gensims_names() -> None:
    """What both have takes the same arguments, in the same places and with the same defaults."""
    lacking = {
        ("vectors_for_all", "copy_vecattrs"), ("evaluate_word_analogies", "similarity_function"),
        ("evaluate_word_pairs", "delimiter"), ("evaluate_word_pairs", "encoding"),
    }  # fmt: skip
    shared = [
        name for name, member in inspect.getmembers(GensimVectors, callable)
        if hasattr(KeyedVectors, name) and not name.startswith("_")
        and name not in ("save", "words_closer_than")
    ]  # fmt: skip
    assert len(shared) > 25
    both = KeyedVectors(["a"], [[1.0]]), GensimVectors(1)
    for name in shared:
        ours, theirs = (inspect.signature(getattr(each, name)).parameters for each in both)
        expected = [
            (parameter.name, parameter.default)
            for parameter in theirs.values()
            if (name, parameter.name) not in lacking
        ]
        given = [(parameter.name, parameter.default) for parameter in ours.values()]
        assert given[: len(expected)] == expected, name


@pytest.fixture(scope="module")
def ours() -> KeyedVectors:
    return random_vectors(50).ours


@pytest.mark.parametrize(
    "ask",
    [
        lambda vectors: vectors.most_similar_cosmul(["word1"], ["wort2"]),
        lambda vectors: vectors.most_similar_batch(["word1", "wort2"]),
        lambda vectors: vectors.most_similar_to_given("word1", ["word3", "wort2"]),
        lambda vectors: vectors.rank_by_centrality(["word1", "wort2"]),
        lambda vectors: vectors.relative_cosine_similarity("word1", "wort2"),
        lambda vectors: vectors.closer_than("word1", "wort2"),
        lambda vectors: vectors.n_similarity(["word1", "wort2"], ["word3"]),
        lambda vectors: vectors.get_mean_vector(["wort2"], ignore_missing=False),
        lambda vectors: vectors.get_vecattr("wort2", "count"),
        lambda vectors: vectors.get_index("wort2"),
    ],
)
def test_a_missing_word_is_named_with_near_spellings(ours: KeyedVectors, ask: Any) -> None:
    with pytest.raises(KeyError, match=r"'wort2' is not among the 50 words; near .*'word2'"):
        ask(ours)


NAN = np.full(20, np.nan)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda v: v.most_similar("word1", topn=-1), "topn is the number .* but is -1"),
        (lambda v: v.most_similar("word1", topn=2.5), "topn is the number .* but is 2.5"),
        (lambda v: v.most_similar("word1", restrict_vocab=1e3), "restrict_vocab is .* 1000.0"),
        (lambda v: v.most_similar("word1", clip_start="a"), "clip_start is the number of a row"),
        (lambda v: v.most_similar("word1", clip_end=1.5), "clip_end is the number of a row"),
        (lambda v: v.most_similar([("word1", "word2")]), "weight of 'word1' has to be a finite"),
        (lambda v: v.most_similar([("word1", np.inf)]), "weight of 'word1' has to be a finite"),
        (lambda v: v.most_similar(1.5), "takes a list of words, which are text, not 1.5"),
        (lambda v: v.most_similar(np.array(["word1"])), "20 finite numbers, but is <U5"),
        (lambda v: v.most_similar(NAN), "20 finite numbers, but holds NaN or infinity"),
        (lambda v: v.most_similar_cosmul(negative="word1"), "at least one word in `positive`"),
        (lambda v: v.most_similar_cosmul([("word1", 2)]), "no weights; give 'word1' alone"),
        (lambda v: v.most_similar_cosmul("word1", restrict_vocab=0), "restrict_vocab is"),
        (lambda v: v.most_similar_batch("word1"), r"list of words, not 'word1' .* \['word1'\]"),
        (lambda v: v.most_similar_batch(["word1"], topn=None), "topn is .* but is None"),
        (lambda v: v.most_similar_batch(["word1"], topn=-3), "topn is .* but is -3"),
        (lambda v: v.most_similar_batch(NAN), "list of words or vectors, not one array"),
        (lambda v: v.most_similar_batch([NAN]), "20 finite numbers, but holds NaN or infinity"),
        (lambda v: v.most_similar_batch(np.ones((2, 3))), r"numbers, but is float64 .* \(3,\)"),
        (lambda v: v.most_similar_batch([("word1", 2.0)]), "no weights; give 'word1' alone"),
        (lambda v: v.most_similar(("word1", 2)), r"belongs in a list: give \[\('word1', 2\)\]"),
        (lambda v: v.similar_by_vector("word1"), "20 finite numbers, but is <U5"),
        (lambda v: v.similar_by_vector([[1], [1, 2]]), "20 finite numbers, but is .*1, 2"),
        (lambda v: v.distances(["word1"]), r"20 finite numbers, but is <U5 of shape \(1,\)"),
        (lambda v: v.doesnt_match("word1"), r"list of words, not 'word1' alone"),
        (lambda v: v.rank_by_centrality([]), "at least one word"),
        (lambda v: v.most_similar_to_given("word1", []), "at least one word"),
        (lambda v: v.n_similarity(["word1"], []), "at least one word"),
        (lambda v: v.get_mean_vector([]), "at least one word"),
        (lambda v: v.get_mean_vector("word1"), "list of words, not 'word1' alone"),
        (lambda v: v.get_mean_vector(["word1"], [1, 2]), "1 words or vectors need as many"),
        (lambda v: v.get_mean_vector(["word1"], [np.nan]), "as many finite weights"),
        (lambda v: v.get_mean_vector(["word1"], "a"), "as many finite weights"),
        (lambda v: v.get_vecattr("word1", "colour"), "is 'count'; there is no 'colour'"),
        (lambda v: KeyedVectors(["a"], [[1]]).get_vecattr("a", "count"), "without counts"),
        (lambda v: v.vectors_for_all("word1"), "list of words, not 'word1' alone"),
        (lambda v: v.wmdistance("word1 word2", ["word1"]), "list of words, not 'word1 word2'"),
        (lambda v: v.relative_cosine_similarity("word1", "word2", 0), "must not sum to 0"),
        (lambda v: v.relative_cosine_similarity("word1", "word2", None), "topn is"),
        (lambda v: v.cosine_similarities([1, 2], [[1, 2, 3]]), r"shapes are \(2,\) and \(1, 3\)"),
        (lambda v: v[1.5], "list of words, which are text, not 1.5"),
    ],
)
def test_questions_that_make_no_sense(ours: KeyedVectors, ask: Any, message: str) -> None:
    with pytest.raises(w2v.ConfigError, match=message):
        ask(ours)


def test_cosines_with_a_zero_vector_are_zero() -> None:
    assert KeyedVectors.cosine_similarities([0, 0], [[1, 2], [0, 0]]).tolist() == [0, 0]


def test_scipy_is_imported_for_the_movers_distance_only(ours: KeyedVectors) -> None:
    code = (
        "import sys, numpy, w2v; vectors = w2v.KeyedVectors(list('abc'), numpy.eye(3));"
        "vectors.most_similar_batch(['a']); vectors.most_similar_cosmul('a');"
        "vectors.wmdistance(['a', 'b'], ['b', 'a']); assert 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
