"""Shared fixtures: where the real corpora, evaluation sets and foreign vector files lie."""

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The directory of real data: $W2V_TEST_DATA, else ../shared beside the project.

    Where it is absent the test is skipped, but fails under CI, so that no skip goes unnoticed.
    """
    directory = Path(os.environ.get("W2V_TEST_DATA", _ROOT.parent / "shared"))
    if not (directory / "corpora").is_dir():
        reason = f"no test data in {directory}; set W2V_TEST_DATA to a directory that has it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return directory
