"""The long tests of CBOW on real text (quality.py)."""

import pytest
from quality import QualityTests

pytestmark = pytest.mark.long


class TestCbow(QualityTests):
    architecture = "cbow"
