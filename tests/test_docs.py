"""Every command and every Python block of the README and of docs/ runs, and prints what it shows.

The real text8 cannot be had everywhere: a file `text8` with its first 350,000 words, which as a
path comes before the name, stands in for it, or one with 1.2 million, so that the deterministic
mode divides it. Blocks about wiki8 run on an eighth of it, as a long test; so does the
installation.
"""

import gzip
import json
import lzma
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from documentation import DOCS, ROOT, Block, blocks, blocks_of, difference, pages

import w2v

GOOGLE_NEWS = "GoogleNews-vectors-negative300.bin.gz"
SOME = 2_000_000  # bytes of text8


def runs(block: Block) -> bool:
    return not block.is_long and (block.kind == "python" or bool(block.commands()))


PAGES = [page for page in pages() if any(runs(block) for block in blocks(page))]


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
    with lzma.open(test_data / "corpora" / "text8-prefix.txt.xz") as file:
        (work / "text8").write_bytes(file.read(SOME))
    return work


def write_wiki8(test_data, path):
    """An eighth of wiki8, and from the rest each passage with a word that pages ask for."""
    with lzma.open(test_data / "corpora" / "wiki8.xz") as file:
        words = file.read().split()
    end = len(words) // 8
    rare = b"cappuccino", b"espresso", b"cereal"
    places = [k for k in range(end, len(words)) if words[k] in rare]
    passages = [word for k in places for word in words[max(end, k - 50) : k + 50]]
    path.write_bytes(lzma.compress(b" ".join(words[:end] + passages), preset=0))


def write_google_news(path):
    """A small file of the same format and the same name, with the words that are asked for."""
    words = ["cat", "dog", "car", "cappuccino", "espresso"]
    vectors = np.random.default_rng(1).normal(size=(5, 300)).astype(np.float32)
    w2v.KeyedVectors(words, vectors).save(path.with_suffix(""))
    path.write_bytes(gzip.compress(path.with_suffix("").read_bytes()))


def run(command, directory):
    return subprocess.run(
        command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=600, check=False,
    )  # fmt: skip


@contextmanager
def python_session(directory: Path) -> Iterator[subprocess.Popen]:
    """A process that runs blocks of Python, as scripts in this directory."""
    command = [sys.executable, str(ROOT / "tests" / "page_session.py")]
    with subprocess.Popen(
        command, cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as session:
        yield session
        session.stdin.close()


def wrong_python(block: Block, session: subprocess.Popen) -> list[str]:
    """What is wrong with a block of Python."""
    if "import torch" in block.code:
        try:
            import torch  # noqa: F401
        except ImportError:
            return []
    session.stdin.write(json.dumps(block.code) + "\n")
    session.stdin.flush()
    result = json.loads(session.stdout.readline())
    if result["error"]:
        return [result["error"]]
    different = block.shown and difference(block.shown, result["printed"])
    return [different] if different else []


def wrong_commands(block: Block, directory: Path, compared: bool) -> list[str]:
    """What is wrong with the commands of a block."""
    found = []
    for line, shown in block.commands():
        result = run(["bash", "-c", line], directory)
        expected = 1 if (shown or "").startswith("Error:") else 0
        if result.returncode != expected or "Traceback" in result.stdout:
            found.append(f"$ {line}\nexit code {result.returncode}\n{result.stdout}")
        elif compared and shown is not None and (different := difference(shown, result.stdout)):
            found.append(f"$ {line}\n{different}")
    return found


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("dog  0.7194", "dog 0.7201", True),  # in other white space, on another processor
        ("dog  0.7194", "dog  0.7594", False),
        ("dog  0.7194", "cow  0.7194", False),
        ("582 words, 4.60 M words/s in 1.2 s", "582 words, 528 k words/s in 10.3 s", True),
        ("582 words", "583 words", False),
        ("dog", "Reading toy.bin\ndog", True),
        ("Reading toy.bin\ndog", "Reading cow.bin\ndog", False),
        ("a\n…\nd", "a\nb\nc\nd", True),
        ("a\n…\nd", "a\nb\nc", False),
        ("a", "a\nb", False),
        ("a\nb", "a", False),
    ],
)
def test_outputs_are_compared(shown, printed, same):
    assert (difference(shown, printed) is None) == same


def test_a_page_is_read_as_its_reader_would():
    text = (
        "```python\nprint(1)\n```\n\n```text\n1\n```\n\n```sh\npip install .\nw2v a \\\n  b\n```\n"
        "<!-- not run: no -->\n\n```sh\nw2v c\n```\n```console\n$ w2v d\n1\n2\n$ w2v e\n```\n"
    )
    python, shell, console = blocks_of(text)
    assert (python.code, python.line, python.shown) == ("print(1)\n", 1, "1\n")
    assert shell.commands() == [("w2v a   b", None)]
    assert console.commands() == [("w2v d", "1\n2"), ("w2v e", "")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page, directory, test_data):
    """All that is wrong with a page, each with its line."""
    found = []
    if any("text8" in block.code and "--deterministic" in block.code for block in blocks(page)):
        shutil.copy(test_data / "corpora" / "text8-prefix.txt.xz", directory / "text8")
    if any(GOOGLE_NEWS in block.code for block in blocks(page)):
        write_google_news(directory / GOOGLE_NEWS)
    with python_session(directory) as session:
        for block in filter(runs, blocks(page)):
            if block.kind == "python":
                wrong = wrong_python(block, session)
            else:
                wrong = wrong_commands(block, directory, compared=True)
            found += [f"{page.relative_to(ROOT)}:{block.line}: {one}" for one in wrong]
    assert not found, "\n\n".join(found)


@pytest.mark.long
def test_commands_about_wiki8_run(test_data, directory):
    """A part of the text gives other answers than the pages show, so these are not compared.

    All of wiki8 is trained and scored by test_quality_skipgram.py, with the same defaults.
    """
    write_wiki8(test_data, directory / "wiki8.xz")
    found = [block for page in pages() for block in blocks(page)]
    commands = [block for block in found if block.is_long and block.kind != "python"]
    assert len(commands) >= 5
    wrong = [one for block in commands for one in wrong_commands(block, directory, False)]
    assert not wrong, "\n\n".join(wrong)


def test_the_speeds_of_the_readme_are_those_of_the_guide():
    """The script of the benchmarks writes the guide; the README repeats some of it."""
    guide = (DOCS / "guides" / "speed.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Speed")[2]
    rows = re.findall(r"^\| (\S.*) \| (.* M) \| (.* M) \| (.* ×) \|$", readme, re.MULTILINE)
    assert len(rows) == 4
    for row in rows:
        assert f"| {' | '.join(row)} |" in guide


def test_every_extra_is_explained():
    listed = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = listed.partition("[project.optional-dependencies]")[2].partition("\n[")[0]
    explained = (DOCS / "install.md").read_text(encoding="utf-8").partition("## Extras")[2]
    rows = re.findall(r"^\| (`.*?) \|", explained.partition("\n## ")[0], re.MULTILINE)
    assert sorted(re.findall(r"`([\w-]+)`", " ".join(rows))) == sorted(
        re.findall(r"^([\w-]+) = \[", listed, re.MULTILINE)
    )


def first_python(page: Path) -> str:
    return next(block.code for block in blocks(page) if block.kind == "python")


def test_first_python_block_answers_queen_from_inside_the_clone(directory):
    code = first_python(ROOT / "README.md").replace("toy.bin", f"{directory}/toy.bin")
    result = run([sys.executable, "-c", code], ROOT)
    assert result.returncode == 0, result.stdout
    assert "queen" in result.stdout


@pytest.mark.long
def test_installing_and_asking_takes_one_line(directory, tmp_path):
    """In a copy of the tracked files and a new virtual environment, as a new user would."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=True)
    line = next(
        block.code for block in blocks(ROOT / "README.md") if block.code.startswith("pip install .")
    )
    shell = f'export PATH="{environment}/bin:$PATH"; set -e; {line}'
    result = run(["bash", "-c", shell], clone)
    assert result.returncode == 0, result.stdout
    assert result.stdout.splitlines()[-10].startswith("queen")
    code = first_python(ROOT / "README.md")
    inside = run([str(environment / "bin" / "python"), "-c", code], clone)
    assert inside.returncode == 0, inside.stdout
    assert "queen" in inside.stdout
