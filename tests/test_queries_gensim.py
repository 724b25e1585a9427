"""Neighbours are those that gensim's KeyedVectors finds on the same vectors.

Words and their order are equal, and values to the last bit where nothing else is said: both take
the same steps in the same precision. Vectors of few different numbers bring ties of all kinds.
"""

import numpy as np
import pytest
from gensim_twin import (
    Both,
    assert_alike,
    keys_of,
    lists,
    or_none,
    points,
    quickly,
    random_vectors,
    sides,
    some_vectors,
    topns_of,
    words_of,
)
from hypothesis import given
from hypothesis import strategies as st

from w2v.vectors.top_k import top_k_columns

# NumPy's BLAS now and then raises the invalid flag for small finite arrays, in gensim's calls as in
# ours; that the values are right is what these tests compare.
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered in (dot|matmul)")


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
