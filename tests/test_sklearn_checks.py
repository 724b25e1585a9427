"""scikit-learn's own checks of estimators hold for MeanEmbedding.

They give every estimator tables of numbers, and leave out those that take texts: `check_estimator`
itself runs the few checks that need no data. The others run on `OfNumbers`, in which each number of
a table stands for a word.
"""

import numpy as np
import pytest
from sklearn.exceptions import SkipTestWarning
from sklearn.utils.estimator_checks import check_estimator, estimator_checks_generator
from sklearn.utils.validation import validate_data
from test_sklearn import VECTORS

from w2v.sklearn import WEIGHTINGS, MeanEmbedding


def test_scikit_learns_own_checks_know_that_it_takes_texts():
    with pytest.warns(SkipTestWarning, match="requires input"):
        check_estimator(MeanEmbedding(VECTORS))


class OfNumbers(MeanEmbedding):
    """A MeanEmbedding of rows of numbers, of which each is made a word."""

    def fit(self, X, y=None):  # noqa: N803
        return super().fit(self._texts(X, reset=True))

    def fit_transform(self, X, y=None):  # noqa: N803
        return super().fit_transform(self._texts(X, reset=True))

    def transform(self, X):  # noqa: N803
        return super().transform(self._texts(X, reset=False))

    def _texts(self, numbers, reset):
        if not reset and not hasattr(self, "n_features_in_"):
            return [[]]  # not fitted: the error is MeanEmbedding's
        rows = validate_data(self, numbers, reset=reset)
        places = 7 * np.arange(rows.shape[1])
        return [[f"w{int(number)}" for number in (8 * row + places) % 40] for row in rows]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        assert tags.input_tags.string and not tags.input_tags.two_d_array
        tags.input_tags.two_d_array, tags.input_tags.string = True, False
        return tags


def scikit_learns_checks():
    """Every check, for each weighting; none is expected to fail."""
    for weighting in WEIGHTINGS:
        for estimator, check in estimator_checks_generator(OfNumbers(VECTORS, weighting=weighting)):
            name = getattr(check, "func", check).__name__
            yield pytest.param(estimator, check, id=f"{weighting}-{name}")


def test_there_are_checks():
    assert len(list(scikit_learns_checks())) > 90


@pytest.mark.parametrize(("estimator", "check"), list(scikit_learns_checks()))
def test_scikit_learns_checks_hold_on_numbers_as_words(estimator, check):
    check(estimator)
