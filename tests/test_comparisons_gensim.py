"""Comparisons, means and look-ups are equal to gensim's on the same vectors."""

import math

import numpy as np
import pytest
from gensim_twin import (
    MISSING,
    Both,
    keys_of,
    lists,
    or_none,
    points,
    quickly,
    random_vectors,
    some_vectors,
    words_of,
)
from hypothesis import given
from hypothesis import strategies as st

from w2v.vectors import KeyedVectors

# NumPy's BLAS now and then raises the invalid flag for small finite arrays, in gensim's calls as in
# ours; that the values are right is what these tests compare.
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered in (dot|matmul)")


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
