"""Vectors held as float16 or int8: how near they are, and how near what is asked of them."""

from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors as GensimVectors
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import w2v
from w2v.matrices import CompactMatrix, compacted, empty, joined, resized, selected
from w2v.vectors.norms import row_norms

DTYPES = ("float16", "int8")
WORDS = [f"word{number}" for number in range(2000)]


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    """Vectors of many lengths, around centres, so that nearest neighbours stand out."""
    rng = np.random.default_rng(5)
    centres = rng.standard_normal((400, 60))
    near = centres[np.arange(2000) % 400] + 0.5 * rng.standard_normal((2000, 60))
    return (near * rng.uniform(0.01, 90, (2000, 1))).astype(np.float32)


def held(rows: np.ndarray, dtype: str) -> CompactMatrix:
    matrix = compacted(rows, dtype)
    assert isinstance(matrix, CompactMatrix)
    return matrix


numbers = arrays(
    np.float32,
    st.tuples(st.integers(1, 5), st.integers(1, 6)),
    elements=st.floats(-(2.0**127), 2.0**127, width=32),  # beyond, there is room for no rounding
)


@given(rows=numbers)
def test_no_number_is_off_by_more_than_half_a_step(rows: np.ndarray) -> None:
    largest = np.abs(rows).max(axis=1, keepdims=True).astype(np.float64)
    smallest = 2.0**-126
    off = np.abs(held(rows, "int8")[:].astype(np.float64) - rows)
    assert (off <= np.maximum(largest / 127, smallest) * 0.5001).all()
    off = np.abs(held(rows, "float16")[:].astype(np.float64) - rows)
    exact = np.maximum(np.abs(rows), largest * 2.0**-28)  # shorter ones lose bits, as in float16
    assert (off <= np.maximum(exact * 2.0**-11, smallest * 2.0**-25)).all()


@pytest.mark.parametrize("dtype", DTYPES)
@given(rows=numbers)
def test_converting_twice_changes_nothing(dtype: str, rows: np.ndarray) -> None:
    once = held(rows, dtype)[:]
    again = held(once, dtype)[:]
    np.testing.assert_allclose(again, once, rtol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [1, 511, 512, 513, 1500])
def test_it_is_read_as_an_array_is(rows: np.ndarray, dtype: str, size: int) -> None:
    matrix = held(rows[:size], dtype)
    whole = np.asarray(matrix)
    assert matrix.shape == whole.shape == (size, 60)
    assert whole.dtype == matrix[:1].dtype == np.float32
    for place in [(0, 0), (0,), (slice(None), 0), (slice(1, 3), slice(2)), ([0, 0], slice(1))]:
        np.testing.assert_array_equal(matrix[place], whole[place])
    places = [0, slice(1, 9), slice(None, None, 3), np.array([size - 1, 0]), whole[:, 0] > 0]
    for place in places:
        np.testing.assert_array_equal(matrix[place], whole[place])
        if not isinstance(place, int):
            np.testing.assert_array_equal(selected(matrix, place)[:], whole[place])
    np.testing.assert_array_equal(row_norms(matrix), row_norms(whole))
    assert matrix.nbytes == size * (60 * matrix.codes.itemsize + 4)
    with pytest.raises(ValueError, match="without a copy"):
        matrix.__array__(copy=False)


@pytest.mark.parametrize("dtype", DTYPES)
def test_parts_are_joined_without_change(rows: np.ndarray, dtype: str) -> None:
    whole = held(rows, dtype)
    parts = [compacted(rows[start : start + 700], dtype) for start in range(0, 2000, 700)]
    together = joined(parts)
    assert parts == []
    np.testing.assert_array_equal(together[:], whole[:])
    np.testing.assert_array_equal(resized(together, 3000)[:2000], whole[:])
    grown = empty(3000, 60, dtype)
    grown[900:2900] = rows
    np.testing.assert_array_equal(grown[900:2900], whole[:])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("place", [slice(None), slice(300, 1100), slice(2000, 2100), slice(5)])
def test_products_are_those_of_its_rows(rows: np.ndarray, dtype: str, place: slice) -> None:
    matrix = held(rows, dtype)
    queries = np.random.default_rng(1).standard_normal((7, 60)).astype(np.float32)
    queries *= np.float32(10) ** np.arange(-15, 20, 5, dtype=np.float32)[:, np.newaxis]
    expected = queries.astype(np.float64) @ matrix[place].T.astype(np.float64)
    sizes = np.linalg.norm(queries, axis=1)[:, np.newaxis] * row_norms(matrix[place])
    for found in (matrix.products(queries, place), [matrix.products(q, place) for q in queries]):
        assert np.asarray(found).dtype == np.float32
        assert (np.abs(found - expected) <= 1e-6 * sizes).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_rows_of_very_long_and_very_short_vectors_stay_apart(dtype: str) -> None:
    rows = np.array([[1, 0.5], [3e15, 1.5e15], [3e-15, -1.5e-15], [0, 0]], dtype=np.float32)
    matrix = held(rows, dtype)
    np.testing.assert_allclose(matrix[:], rows, rtol=0.01, atol=0)
    vectors = w2v.KeyedVectors(["a", "long", "short", "zero"], matrix)
    found = dict(vectors.most_similar("a"))
    assert found["short"] == pytest.approx(0.6, abs=0.01)
    assert found["zero"] == 0


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_rows_that_are_not_finite_are_noticed(dtype: str, bad: float) -> None:
    rows = np.ones((600, 3), dtype=np.float32)
    rows[555, 1] = bad
    matrix = held(rows, dtype)
    assert np.flatnonzero(~matrix.finite_rows()).tolist() == [555]
    assert not np.isfinite(matrix[555]).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("columns", [1, 4, 7])
def test_signalling_nans_are_noticed_without_a_warning(dtype: str, columns: int) -> None:
    rows = np.ones((3, columns), dtype=np.float32)
    rows.view(np.uint32)[1, 0] = 0x7F800001
    assert held(rows, dtype).finite_rows().tolist() == [True, False, True]


@pytest.fixture(scope="module", params=DTYPES)
def compact(request: pytest.FixtureRequest, rows: np.ndarray) -> w2v.KeyedVectors:
    return w2v.KeyedVectors(WORDS, held(rows, request.param))


@pytest.fixture(scope="module")
def theirs(rows: np.ndarray) -> GensimVectors:
    vectors = GensimVectors(60)
    vectors.add_vectors(WORDS, rows)
    return vectors


class TestQueries:
    """What is asked of compact vectors is near what is asked of float32 ones."""

    def test_neighbours(self, compact: w2v.KeyedVectors, theirs: GensimVectors) -> None:
        clear = 0
        for word in WORDS[:200]:
            found, expected = compact.most_similar(word), theirs.most_similar(word)
            values = np.array([value for _, value in expected])
            for (_, near), (_, value) in zip(found, expected, strict=True):
                assert near == pytest.approx(value, abs=0.01)
            for place in np.flatnonzero(-np.diff(values) > 0.03).tolist():
                clear += 1  # nothing is near enough to the margin to cross it
                assert {w for w, _ in found[: place + 1]} == {w for w, _ in expected[: place + 1]}
        assert clear > 200

    def test_the_other_queries(self, compact: w2v.KeyedVectors, theirs: GensimVectors) -> None:
        pair = ("word1", "word401")
        assert compact.similarity(*pair) == pytest.approx(theirs.similarity(*pair), abs=0.01)
        np.testing.assert_allclose(
            compact.distances("word1"), theirs.distances("word1"), rtol=0, atol=0.01
        )
        others = WORDS[:9]
        np.testing.assert_allclose(
            compact.distances("word1", others), theirs.distances("word1", others), atol=0.01
        )
        odd = ["word1", "word401", "word801", "word2"]
        assert compact.doesnt_match(odd) == theirs.doesnt_match(odd) == "word2"
        sides = odd[:2], odd[1:]
        near = theirs.n_similarity(*sides)
        assert compact.n_similarity(*sides) == pytest.approx(near, abs=0.01)
        assert compact.get_normed_vectors().shape == (2000, 60)
        assert compact["word1"].dtype == compact[["word1", "word2"]].dtype == np.float32
        with pytest.raises(ValueError, match="read-only"):
            compact["word1"][0] = 1

    @pytest.mark.parametrize("name", ["a.bin", "a.txt"])
    def test_they_are_saved_as_what_they_give(
        self, compact: w2v.KeyedVectors, tmp_path: Path, name: str
    ) -> None:
        compact.save(tmp_path / name)
        again = w2v.load(tmp_path / name)
        assert again.index_to_key == WORDS
        np.testing.assert_array_equal(again.vectors, np.asarray(compact.vectors))


def test_products_of_plain_vectors_are_those_of_numpy(rows: np.ndarray) -> None:
    vectors = w2v.KeyedVectors(WORDS, rows)
    query, place = rows[3] / 7, slice(100, 1100)
    assert vectors.products(query, place).tolist() == np.dot(rows[place], query).tolist()
    queries = rows[:5] / 7
    assert vectors.products(queries, place).tolist() == (queries @ rows[place].T).tolist()
