"""What a release holds: its metadata, its files, and that it runs where it is installed."""

import email.message
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import w2v

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"w2v": "w2v", "cli": "w2v_cli", "corpora": "w2v_corpora"}  # by their folders
BESIDE = {
    "CHANGELOG.md", "CITATION.cff", "LICENSE", "MANIFEST.in", "README.md", "pyproject.toml",
    "setup.py",
}  # fmt: skip


def sources() -> set[str]:
    """All files of the packages, code and data, by their paths in the clone."""
    return {
        str(path.relative_to(ROOT))
        for folder in PACKAGES
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def run(*command: object, cwd: Path = ROOT) -> str:
    ran = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_citation_is_of_this_version() -> None:
    citation = (ROOT / "CITATION.cff").read_text()
    facts = dict(re.findall(r"^([a-z-]+): (.+)$", citation, flags=re.MULTILINE))
    assert facts["version"] == w2v.__version__
    assert facts["license"] == "Apache-2.0"


def test_the_changes_begin_with_this_version() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert headings[0].startswith(f"{w2v.__version__}, ")


def test_contributing_names_files_that_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    named = re.findall(r"(?:tests|benchmarks|w2v|examples|\.ci)/[\w/]+(?:\.\w+)?", text)
    assert len(named) >= 8
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the sdist of a copy of this clone; the wheel is built from the sdist."""
    copy = tmp_path_factory.mktemp("release") / "clone"
    ignored = shutil.ignore_patterns("__pycache__", ".*", "*.egg-info", "build", "dist")
    shutil.copytree(ROOT, copy, ignore=ignored)
    output = run(sys.executable, "-m", "build", copy)
    assert "deprecated" not in output.lower()
    (wheel,), (sdist,) = copy.glob("dist/*.whl"), copy.glob("dist/*.tar.gz")
    return wheel, sdist


def metadata(wheel: Path) -> email.message.Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


@pytest.mark.long
def test_the_registry_would_take_it(built: tuple[Path, Path]) -> None:
    run(sys.executable, "-m", "twine", "check", "--strict", *built)
    found = metadata(built[0])
    assert (found["Name"], found["Version"]) == ("w2v", w2v.__version__)
    assert found["License-Expression"] == "Apache-2.0"
    assert found["Requires-Python"] == ">=3.10"
    assert {"sklearn", "ann", "graphs", "torch"} <= set(found.get_all("Provides-Extra", []))
    assert len(found.get_all("Classifier", [])) >= 10
    assert found["Keywords"]
    assert found["Description-Content-Type"] == "text/markdown"


@pytest.mark.long
def test_every_link_of_the_readme_leads_somewhere(built: tuple[Path, Path]) -> None:
    """In the clone to a file that is there; in a package index to the web or within the page."""
    link = r"\]\(([^)]*)\)"
    for target in re.findall(link, (ROOT / "README.md").read_text("utf-8")):
        assert ":" in target or (ROOT / target.partition("#")[0]).exists(), target
    shown = metadata(built[0]).get_payload()
    assert "w2v train" in shown
    assert all(re.match(r"[a-z]+:|#", target) for target in re.findall(link, shown))


@pytest.mark.long
def test_the_wheel_holds_the_packages_and_nothing_else(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[0]) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    renamed = {
        "/".join([PACKAGES[folder], *rest])
        for folder, *rest in (path.split("/") for path in sources())
    }
    assert held == renamed
    assert {f"{package}/py.typed" for package in PACKAGES.values()} <= held


@pytest.mark.long
def test_the_sdist_holds_what_it_is_built_from_and_nothing_else(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[1]) as archive:
        files = {member.name.partition("/")[2] for member in archive if member.isfile()}
    made = {"PKG-INFO", "setup.cfg"}
    assert {name for name in files if ".egg-info/" not in name} == sources() | BESIDE | made


@pytest.mark.long
@pytest.mark.parametrize("which", [0, 1], ids=["wheel", "sdist"])
def test_it_runs_where_it_is_installed(
    built: tuple[Path, Path], tmp_path: Path, which: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a new environment, which finds the libraries of this one behind its own.

    The line of the README that installs and trains is run by test_docs.py.
    """
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("W2V_VECTORS", raising=False)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=False)
    python, command = environment / "bin" / "python", environment / "bin" / "w2v"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
        built[which])  # fmt: skip
    own = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    others = [path for path in sys.path if path.endswith("-packages")]
    (own / "others.pth").write_text("\n".join(others) + "\n")
    places = run(
        python, "-c", "import w2v, w2v_cli, w2v_corpora as c; print(w2v, w2v_cli, c)", cwd=tmp_path
    )
    assert places.count(str(own)) == len(PACKAGES)
    assert run(command, "--version", cwd=tmp_path) == f"w2v {w2v.__version__}\n"
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("3 2\nking 1 0\nqueen 0.9 0.1\ncar 0 1\n")
    answer = run(command, "similar", "king", "-n", "1", "-v", vectors, cwd=tmp_path)
    assert answer.startswith("queen")
