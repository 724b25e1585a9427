"""The same vectors as ours and as gensim's, and Hypothesis's choices of them."""

import warnings
from typing import Any

import numpy as np
import pytest
from examples import examples
from gensim.models import KeyedVectors as GensimVectors
from hypothesis import strategies as st

from w2v.vectors import KeyedVectors

WIDTH = 5
MISSING = ["nothing", "never"]
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


def random_vectors(size: int, width: int = 20) -> Both:
    rng = np.random.default_rng(size)
    rows = rng.standard_normal((size, width), dtype=np.float32) * rng.uniform(0.1, 9, (size, 1))
    return Both([f"word{number}" for number in range(size)], rows.astype(np.float32))


def assert_alike(found: list[tuple[str, float]], expected: list[tuple[str, float]]) -> None:
    """The similarities are equal to 1e-6, and so are words but for ties within that."""
    assert len(found) == len(expected)
    near = dict(expected)
    for (word, value), (other, wanted) in zip(found, expected, strict=True):
        assert value == pytest.approx(wanted, abs=1e-6)
        # A word that ties with the last one expected may stand for it.
        assert near.get(word, expected[-1][1]) == pytest.approx(near[other], abs=1e-6)
    assert len({word for word, _ in found}) == len(found)
