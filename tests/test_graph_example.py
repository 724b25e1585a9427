"""The example of graphs runs, with its small setting."""

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "graph.py"


def test_the_example_of_graphs_runs():
    ran = subprocess.run(
        [sys.executable, str(EXAMPLE), "--small"], capture_output=True, text=True, check=True
    )
    lines = ran.stdout.splitlines()
    assert "Karate club: 34 nodes, 78 edges" in lines
    figures = {line.split()[0]: line.split()[1:3] for line in lines[-2:]}
    assert figures.keys() == {"w2v", "gensim"}
    communities, links = map(float, figures["w2v"])
    assert communities > 0.85
    assert links > 0.55
