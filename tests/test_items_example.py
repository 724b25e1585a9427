"""The example of baskets runs, with its small setting."""

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "items.py"


def test_the_example_of_baskets_runs():
    ran = subprocess.run(
        [sys.executable, str(EXAMPLE), "--small"], capture_output=True, text=True, check=True
    )
    lines = ran.stdout.splitlines()
    assert lines[0] == "300 products in 20 groups, 3,000 baskets"
    figures = {line.split()[0]: list(map(float, line.split()[1:3])) for line in lines[-2:]}
    assert figures.keys() == {"w2v", "gensim"}
    hits, own_group = figures["w2v"]
    assert hits > 0.4  # ten products at random hit one time in thirty
    assert own_group > 0.85
    assert hits > figures["gensim"][0] - 0.03
