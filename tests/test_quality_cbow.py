"""The long tests of CBOW on real text (quality.py)."""

import pytest
from quality import QualityTests, prefix, trained, whole  # noqa: F401  (fixtures)

pytestmark = pytest.mark.long


class TestCbow(QualityTests):
    architecture = "cbow"
