"""The benchmarks run: the commands that the documentation shows, and each on a few words."""

import argparse
import importlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import w2v
from turns import Player, play
from w2v.machine import available_cores

ROOT = Path(__file__).resolve().parent.parent
GUIDES = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md"))


def benchmark_commands():
    """Every command of the documentation that runs a script of benchmarks/."""
    found = re.findall(r"python benchmarks/[^`\n]+", GUIDES.replace("\\\n", ""))
    return [shlex.split(command)[1:] for command in found]


def test_the_documentation_shows_the_benchmarks():
    assert {Path(command[0]).name for command in benchmark_commands()} == {
        "compare_speed.py", "compare_tasks.py", "time_to_accuracy.py", "search_defaults.py",
        "report.py", "german_set.py", "compare_modes.py", "cluster.py", "compare_indexes.py",
        "compare_storage.py", "many_workers.py", "short_texts.py", "wide_windows.py",
        "workers_figure.py", "python_sentences.py",
        "walk_speed.py", "compare_phrases.py", "raw_text.py", "many_cores.py", "lock_step.py",
        "map_layouts.py", "map_page.py", "compare_devices.py", "large_vocabulary.py",
        "past_memory.py", "scale.py", "cluster_counting.py", "compare_versions.py",
    }  # fmt: skip


@pytest.mark.parametrize("command", benchmark_commands(), ids=lambda command: command[0])
def test_the_documentation_gives_options_that_exist(command):
    if Path(command[0]).name in ("scale.py", "cluster_counting.py"):
        pytest.importorskip("distributed", reason="this needs Dask")
    if Path(command[0]).name == "map_page.py":
        pytest.importorskip("playwright.sync_api", reason="this needs playwright")
    script = importlib.import_module(Path(command[0]).stem)
    assert isinstance(script.parse_arguments(command[1:]), argparse.Namespace)


def test_a_training_of_a_few_words(tmp_path):
    (tmp_path / "text.txt").write_text("the cat sat on the mat and the dog sat too " * 300)
    command = [sys.executable, str(ROOT / "benchmarks" / "compare_speed.py"), "text.txt"]
    options = ["--library", "w2v", "--variant", "cbow-negative", "--runs", "1", "--json", "r.json"]
    for expected in ("done: speed", "kept: speed"):
        ran = subprocess.run(
            command + options, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert ran.stdout.count(expected) == 2
        assert "M words/s" in ran.stdout
    stored = (tmp_path / "r.json").read_text()
    assert str(tmp_path) not in stored
    assert [run["settings"]["epochs"] for run in json.loads(stored)["runs"]] == [1, 4]


def test_gensim_reads_in_both_ways_equally_often(tmp_path):
    (tmp_path / "text.txt").write_text("the cat sat on the mat and the dog sat too " * 300)
    command = [sys.executable, str(ROOT / "benchmarks" / "compare_speed.py"), "text.txt"]
    options = ["--library", "gensim", "--variant", "cbow-negative", "--runs", "2"]
    subprocess.run([*command, *options, "--json", "r.json"], cwd=tmp_path, check=True)
    runs = json.loads((tmp_path / "r.json").read_text())["runs"]
    found = [(run["settings"]["seed"], run["settings"]["reader"]) for run in runs]
    assert found == [(1, "lines"), (1, "text8"), (2, "lines"), (2, "text8")]


def test_storages_of_a_few_vectors(tmp_path):
    model = w2v.train("toy", vector_size=16, epochs=1, workers=1)
    model.save(tmp_path / "toy.safetensors")
    model.vectors.save(tmp_path / "toy.bin")
    script = str(ROOT / "benchmarks" / "compare_storage.py")
    options = ["toy.bin", "toy.safetensors", "--runs", "2", "--queries", "100"]
    ran = subprocess.run(
        [sys.executable, script, *options], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    rows = dict(re.findall(r"^\| (\S+, .*?) \|.* \| ([^|]*?) \|$", ran.stdout, re.MULTILINE))
    assert len(rows) == 9
    assert rows[".bin, its bytes read"] == ""
    for name in (".bin, float32", ".safetensors, float32", ".safetensors, mapped"):
        assert rows[name] == "100.0 %"
    assert float(rows[".bin, float16"].split()[0]) > 99
    assert 80 < float(rows[".safetensors, int8"].split()[0]) < 100
    assert len(ran.stderr.splitlines()) == 18


def test_a_library_that_is_not_there_is_a_sentence(tmp_path):
    command = [sys.executable, str(ROOT / "benchmarks" / "compare_speed.py"), "toy"]
    hide = "import sys, runpy; sys.modules['fasttext'] = None; sys.path.insert(0, sys.argv[1]);"
    hide += "sys.argv = sys.argv[2:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    ran = subprocess.run(
        [command[0], "-c", hide, str(ROOT / "benchmarks"), *command[1:], "--library", "fasttext"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert ran.stderr.startswith("fasttext is not installed here;")


@pytest.mark.parametrize("library", ["usearch", "voyager"])
def test_indexes_of_a_few_words_are_compared(tmp_path, library):
    pytest.importorskip(library, reason="compared where it is installed")
    rows = [f"word{n} {n % 7 - 3} {n % 5 - 2} {n % 3 - 1}" for n in range(1, 60)]
    (tmp_path / "few.txt").write_text("59 3\n" + "\n".join(rows) + "\n")
    command = [sys.executable, str(ROOT / "benchmarks" / "compare_indexes.py"), "few.txt"]
    options = ["--library", library, "--storage", "float32", "--ef", "20", "59", "--queries", "9"]
    ran = subprocess.run(
        command + options, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    lines = ran.stdout.strip().splitlines()[2:]
    assert [line.split("|")[1].strip() for line in lines] == [
        "exact", *[f"{library} float32"] * 2, *["w2v int8-row"] * (2 * (library == "usearch")),
    ]  # fmt: skip
    assert len(ran.stderr.splitlines()) == (3 if library == "usearch" else 2)


def test_stages_of_a_small_vocabulary(tmp_path):
    script = str(ROOT / "benchmarks" / "large_vocabulary.py")
    options = ["--words", "400", "--vector-size", "4", "--directory", "files", "--stage"]
    options += ["counting", "find_vocabulary", "extend_vocabulary", "nodes_in_common"]
    ran = subprocess.run(
        [sys.executable, script, *options], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    rows = [line.split(" | ")[0] for line in ran.stdout.splitlines()[2:]]
    assert rows == [
        "| Make the words and the text", "| Count the words",
        "| Find the words of a given vocabulary in a counted text",
        "| Merge a counted text with the vocabulary of a model",
        "| Find the nodes that two Huffman trees share",
    ]  # fmt: skip
    words = (tmp_path / "files" / "text.txt").read_text(encoding="utf-8").split()
    counts = Counter(words)
    assert set(counts) == set((tmp_path / "files" / "words.txt").read_text("utf-8").split())
    assert sorted(counts.values(), reverse=True) == [5 * 400 // rank for rank in range(1, 401)]


def test_devices_are_compared(tmp_path):
    (tmp_path / "text.txt").write_text("the cat sat on the mat and the dog sat too " * 300)
    command = [sys.executable, str(ROOT / "benchmarks" / "compare_devices.py"), "text.txt"]
    options = ["--device", "cpu", "--variant", "cbow-negative", "--seeds", "1", "--epochs", "2"]
    ran = subprocess.run(
        command + options, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert re.search(r"text\.txt \| CBOW, negative sampling \| cpu \| [\d.]+ M", ran.stdout)


def make_older_version(folder):
    """Make a copy of w2v without a module that the benchmarks import: an old version lacks some."""
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "w2v", folder / "w2v", ignore=unwanted)
    (folder / "w2v" / "machine.py").rename(folder / "w2v" / "computer.py")
    for path in folder.rglob("*.py"):
        path.write_text(path.read_text().replace("w2v.machine", "w2v.computer"))


@pytest.mark.parametrize("options", [[], ["--beside"]])
def test_versions_are_compared(tmp_path, options):
    if options and available_cores() < 2:
        pytest.skip("--beside needs two cores")
    make_older_version(tmp_path / "old")
    (tmp_path / "text.txt").write_text("the cat sat on the mat and the dog sat too " * 300)
    command = [sys.executable, str(ROOT / "benchmarks" / "compare_versions.py"), "old", str(ROOT)]
    shape = ["--runs", "2", "--epochs", "3", "--workers", "1"]
    ran = subprocess.run(
        [*command, "text.txt", *options, "--variant", "cbow-negative", *shape],
        cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},  # nothing to compile, twice
    )  # fmt: skip
    number = r"(\d\.\d{3})"
    row = rf"^\| CBOW, negative sampling \| {number} \| {number} to {number} \|$"
    [[middle, least, most]] = re.findall(row, ran.stdout, re.MULTILINE)
    assert 0 < float(least) <= float(middle) <= float(most)


def test_a_player_is_timed_in_its_own_turns_alone(monkeypatch):
    monkeypatch.setattr("turns.SECONDS", 0.05)
    count = "import time\nwhile True:\n    print(time.monotonic(), flush=True)\n"
    works = "    began = time.process_time()\n    while time.process_time() < began + 0.5: pass\n"
    began = time.monotonic()
    players = [Player([sys.executable, "-c", count + works]) for _ in range(2)]
    played = play(players, 3)
    assert min(map(min, played)) > 0.4  # it works for half a second
    assert sum(map(sum, played)) < time.monotonic() - began  # no moment is in two turns


def test_a_player_that_fails_ends_the_measurement():
    players = [Player([sys.executable, "-c", "raise SystemExit(1)"]) for _ in range(2)]
    with pytest.raises(SystemExit, match="A measurement failed"):
        play(players, 2)


def test_players_end_with_a_measurement_that_is_ended():
    idle = [sys.executable, "-c", "print(1, flush=True)\nwhile True: pass"]
    script = f"""if True:
        import os, signal, sys, threading
        sys.path.insert(0, {str(ROOT / "benchmarks")!r})
        import turns
        players = [turns.Player({idle}) for _ in range(2)]
        print(*(player._process.pid for player in players), flush=True)
        threading.Timer(1, os.kill, (os.getpid(), signal.SIGTERM)).start()
        turns.play(players, 2)
    """
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 1
    assert ran.stderr == "Ended by SIGTERM.\n"
    for player in map(int, ran.stdout.split()):
        with pytest.raises(ProcessLookupError):
            os.kill(player, 0)


def test_a_version_that_is_not_there_is_a_sentence(tmp_path):
    command = [sys.executable, str(ROOT / "benchmarks" / "compare_versions.py"), ".", str(ROOT)]
    ran = subprocess.run(
        [*command, "toy", "--variant", "cbow-negative"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "does not have the sources of w2v: there is no folder w2v/." in ran.stderr
