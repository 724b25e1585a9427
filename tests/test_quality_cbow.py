"""The long tests of CBOW on real text (quality.py)."""

import pytest
import quality
from quality import QualityTests, prefix, trained, whole  # noqa: F401  (fixtures)

pytestmark = pytest.mark.long


class TestCbow(QualityTests):
    architecture = "cbow"


def test_gensim_is_as_recorded(prefix, scores):  # noqa: F811
    """And it answers the questions that are asked of our vectors, so they are fair."""
    variant = "cbow", "negative"
    vectors = quality.train_gensim(prefix, variant)
    # Its threads are never the same twice: 0.118 and 0.131, 0.520 and 0.487.
    accuracy, rho = scores(vectors)
    assert accuracy == pytest.approx(quality.GENSIM[variant][0], abs=0.02)
    assert rho == pytest.approx(quality.GENSIM[variant][1], abs=0.05)
    assert quality.answers_queen(vectors)
    assert quality.cat_is_nearer_to_dog_than_to_car(vectors)
