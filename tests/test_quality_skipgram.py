"""The long tests of skip-gram on real text (quality.py)."""

import pytest
from quality import QualityTests, prefix, trained, whole  # noqa: F401  (fixtures)

pytestmark = pytest.mark.long


class TestSkipgram(QualityTests):
    architecture = "skipgram"
