"""The long tests of skip-gram on real text (quality.py)."""

import pytest
from quality import QualityTests

pytestmark = pytest.mark.long


class TestSkipgram(QualityTests):
    architecture = "skipgram"
