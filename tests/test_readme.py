"""Every command and every Python block of the README runs, in the order in which it stands there.

The real text8 cannot be had everywhere: a file `text8` with its first 1.2 million words, which as a
path comes before the name, stands in for it. Blocks about wiki8 run on all of it, as a long test;
so do the two installations.
"""

import gzip
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest

import w2v

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
GOOGLE_NEWS = "GoogleNews-vectors-negative300.bin.gz"


def python_blocks():
    return [code for kind, code in BLOCKS if kind == "python"]


def shell_commands(about_wiki8):
    """The commands with the output shown; those in sh blocks show none."""
    found = []
    for kind, code in BLOCKS:
        if kind == "sh":
            found += [(line, "") for line in code.splitlines()]
        if kind == "console":
            for command in re.split(r"^\$ ", code, flags=re.MULTILINE)[1:]:
                line, _, shown = command.partition("\n")
                found.append((line, shown))
    chosen = [(line, shown) for line, shown in found if not line.startswith("pip install")]
    return [(line, shown) for line, shown in chosen if ("wiki8" in block_of(line)) == about_wiki8]


def block_of(line):
    """The block that a command stands in: commands beside one about wiki8 ask its vectors."""
    return next(code for kind, code in BLOCKS if kind in ("sh", "console") and line in code)


@pytest.fixture
def directory(test_data, tmp_path, monkeypatch):
    """An empty current directory, with corpora to be found and state of its own."""
    monkeypatch.setenv("W2V_CORPORA", str(test_data / "eval"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("W2V_VECTORS", raising=False)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    work = tmp_path / "work"
    work.mkdir()
    shutil.copy(test_data / "corpora" / "text8-prefix.txt.xz", work / "text8")
    (work / "wiki8.xz").symlink_to(test_data / "corpora" / "wiki8.xz")
    return work


def write_google_news(path):
    """A small file of the same format and the same name, with the words that are asked for."""
    words = ["cat", "dog", "car", "cappuccino", "espresso"]
    vectors = np.random.default_rng(1).normal(size=(5, 300)).astype(np.float32)
    w2v.KeyedVectors(words, vectors).save(path.with_suffix(""))
    path.write_bytes(gzip.compress(path.with_suffix("").read_bytes()))


def run(command, directory):
    return subprocess.run(
        command, cwd=directory, capture_output=True, text=True, timeout=600, check=False
    )


def run_shell(commands, directory):
    for line, shown in commands:
        result = run(["bash", "-c", line], directory)
        expected = 1 if shown.startswith("Error:") else 0
        assert result.returncode == expected, f"{line}\n{result.stderr}"
        assert "Traceback" not in result.stderr
        if line.startswith("w2v analogy king man woman"):
            assert "queen" in result.stdout


@pytest.mark.parametrize("number", range(len(python_blocks())))
def test_python_block_runs(number, directory):
    code = python_blocks()[number]
    if "import torch" in code:
        pytest.importorskip("torch", reason="this block needs PyTorch")
    write_google_news(directory / GOOGLE_NEWS)
    result = run([sys.executable, "-c", code], directory)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr


def test_first_python_block_answers_queen_from_inside_the_clone(directory):
    result = run(
        [sys.executable, "-c", python_blocks()[0].replace("toy.bin", f"{directory}/toy.bin")], ROOT
    )
    assert result.returncode == 0, result.stderr
    assert "queen" in result.stdout


def test_commands_run(directory):
    commands = shell_commands(about_wiki8=False)
    assert commands
    run_shell(commands, directory)


@pytest.mark.long
def test_commands_about_wiki8_run(directory):
    commands = shell_commands(about_wiki8=True)
    assert len(commands) >= 5
    run_shell(commands, directory)


@pytest.mark.long
def test_installing_and_asking_takes_one_line(directory, tmp_path):
    """In a copy of the tracked files and a new virtual environment, as a new user would."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=True)
    line = next(code for kind, code in BLOCKS if kind == "sh" and code.startswith("pip install ."))
    shell = f'export PATH="{environment}/bin:$PATH"; set -e; {line}'
    result = run(["bash", "-c", shell], clone)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-10].startswith("queen")
    inside = run([str(environment / "bin" / "python"), "-c", python_blocks()[0]], clone)
    assert inside.returncode == 0, inside.stderr
    assert "queen" in inside.stdout


def test_every_source_file_is_in_the_tour():
    tour = README[README.index("## The files") :]
    for folder in ("w2v", "corpora"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.name != "__init__.py" and path.parent.name != "formats":
                assert path.name in tour, path
