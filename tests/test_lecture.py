"""The notebook of the lecture runs, and its outputs hold what its text claims."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).resolve().parent.parent / "examples" / "lecture.ipynb"
EXECUTE = """
import sys
import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], 4)
NotebookClient(notebook, timeout=900, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""


def outputs(notebook: Path) -> dict[str, list[dict[str, str]]]:
    """The outputs of the cells by their ids, each as texts by MIME type."""
    found = {}
    for cell in json.loads(notebook.read_text())["cells"]:
        if cell["cell_type"] == "code":
            shown = [
                {"text/plain": output["text"]} if "text" in output else output["data"]
                for output in cell["outputs"]
            ]
            found[cell["id"]] = [
                {kind: "".join(text) for kind, text in output.items()} for output in shown
            ]
    return found


def check_claims(notebook: Path, has_opinions: bool = True) -> None:
    """What the text between the cells says is there in their outputs."""
    shown = outputs(notebook)
    plain = {name: "".join(each["text/plain"] for each in found) for name, found in shown.items()}
    html = {name: found[-1].get("text/html", "") for name, found in shown.items() if found}
    assert '<progress value="1.0000"></progress> Trained  ' in html["train"]
    for name in ("model", "history", "vectors", "scores", "describe", "load"):
        assert html[name].startswith("<table>"), name
    losses = [
        float(loss) for loss in re.findall(r"<tr><td>\d+</td><td>(.*?)</td>", html["history"])
    ]
    assert losses[0] > losses[-1]
    words = re.findall(r"<tr><td[^>]*>(.*?)</td>", html["vectors"])
    assert words[0] == "the"
    # With two workers no training is the same twice: once, "regnant" came before it.
    assert "queen" in [word for word, _ in ast.literal_eval(plain["king"])[:3]]
    distances = {
        line.split("  ")[0]: line.split("  ")[1:] for line in plain["distances"].splitlines()
    }
    for place in (0, 1):  # cosine and Euclidean
        nearest = min(distances, key=lambda pair: float(distances[pair][place]))
        assert nearest == "cat – dog"
    assert ast.literal_eval(plain["odd"]) == "cereal"
    asked, correct = re.findall(r"(?:asked|correct)=(\d+)", plain["scores"])[::-1]
    assert int(asked) == 30
    assert int(correct) >= 15
    assert "word2vec binary" in html["describe"]
    right = [int(count) for count in re.findall(r": (\d+) of 16 right", plain["classifier"])]
    assert len(right) == 2
    if has_opinions:
        by_vectors, by_counts = right
        assert by_vectors >= by_counts + 4


def executed(tmp_path: Path) -> Path:
    """The notebook as it is after every cell ran, in an empty directory."""
    command = [sys.executable, "-c", EXECUTE, str(NOTEBOOK), "executed.ipynb"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return tmp_path / "executed.ipynb"


def test_the_stored_outputs_hold_what_the_text_claims() -> None:
    check_claims(NOTEBOOK)
    assert NOTEBOOK.stat().st_size < 50_000


def test_it_runs_on_toy_where_text8_cannot_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("W2V_CORPORA", str(tmp_path))
    monkeypatch.delenv("W2V_LECTURE_TEXT", raising=False)
    for scheme in ("http", "https"):  # nobody listens there
        monkeypatch.setenv(f"{scheme}_proxy", "http://127.0.0.1:9")
    notebook = executed(tmp_path)
    assert "text8" in outputs(notebook)["train"][0]["text/plain"]
    check_claims(notebook, has_opinions=False)


@pytest.mark.long
def test_it_runs_on_wikipedia(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, test_data: Path
) -> None:
    monkeypatch.setenv("W2V_LECTURE_TEXT", str(test_data / "corpora" / "wiki8.xz"))
    check_claims(executed(tmp_path))
