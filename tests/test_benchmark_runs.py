"""The benchmarks run: the commands that the documentation shows, and each on a few words."""

import argparse
import importlib
import json
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import many_workers
import w2v
from search_tables import read_lines
from w2v.kernels.state import POOL
from w2v.training.engines.round_shape import RoundShape
from w2v.training.sampling import keep_probabilities, noise_probabilities

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
        "walk_speed.py", "compare_phrases.py", "raw_text.py", "many_cores.py",
        "map_layouts.py", "map_page.py", "compare_devices.py", "large_vocabulary.py",
        "past_memory.py", "scale.py", "cluster_counting.py",
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


def test_one_worker_and_several_on_a_planted_text(tmp_path):
    script = str(ROOT / "benchmarks" / "many_workers.py")
    options = ["ten@800k", "--workers", "1", "3", "--variant", "cbow-negative", "--epochs", "3"]
    options += ["--vector-size", "8", "--seeds", "1", "2", "--json", "many.jsonl"]
    for _ in range(2):
        ran = subprocess.run(
            [sys.executable, script, *options],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
        one, three = ran.stdout.strip().splitlines()[2:]
        cells = "| ten@800k | CBOW, negative sampling, d=8, alpha 0.05 |"
        assert re.fullmatch(re.escape(cells) + r" 1 \| \S+ M \| [01]\.\d{3} \|", one)
        assert re.fullmatch(re.escape(cells) + r" 3 \| \S+ M \| [01]\.\d{3} \([+-].*\) \|", three)
        runs = read_lines(tmp_path / "many.jsonl")
        assert [(run["workers"], run["seed"]) for run in runs] == [(1, 1), (1, 2), (3, 1)]
        assert min(run["scores"]["groups"] for run in runs) > 0.6  # by lot 4 of 9


def run_many_cores(directory, *options):
    """The tables of a few words, on the cores that there are."""
    (directory / "text.txt").write_text("the cat sat on the mat and the dog sat too " * 8000)
    (directory / "set.tsv").write_text("cat\tdog\t9\nmat\ttoo\t1\nthe\tsat\t5\n")
    script = str(ROOT / "benchmarks" / "many_cores.py")
    options = [*options, "--variant", "cbow-negative", "--workers", "1", "--threads", "1", "2"]
    options += ["--vector-size", "8", "--epochs", "1", "--json", "cores.jsonl"]
    return subprocess.run(
        [sys.executable, script, "text.txt", "--sets", "set.tsv", *options],
        cwd=directory, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def test_speeds_are_measured_alone_and_scores_side_by_side(tmp_path):
    shown = run_many_cores(tmp_path, "--seeds", "2", "--speed-seconds", "0", "--budget", "500")
    mean = r"-?[01]\.\d{3}"
    cells = r"\| text.txt \| CBOW, negative sampling, d=8, alpha 0.05 \| 1"
    assert re.search(rf"{cells} \| \d\.\d\d M \| {mean} \|", shown)
    row = r"\| CBOW, negative sampling \|"
    assert re.search(rf"{row} 1 \| \d\.\d\d M \| 1\.0 × \|", shown)
    assert re.search(rf"{row} 2 \| \d\.\d\d M \| \d\.\d × \| {mean} \(", shown)
    assert "Left out" not in shown
    runs = read_lines(tmp_path / "cores.jsonl")
    scored = {(run["deterministic"], run["workers"], run["seed"]) for run in runs if run["scores"]}
    assert scored >= {(False, 1, 1), (False, 1, 2), (True, 2, 1), (True, 2, 2)}
    assert {run["alone"] for run in runs if run["seed"] == 1 and run["words_per_second"]} == {True}
    assert {run["words_per_second"] for run in runs if run["seed"] == 2} == {None}


def test_what_the_time_is_too_short_for_is_named(tmp_path):
    shown = run_many_cores(tmp_path, "--seeds", "1", "--budget", "0")
    assert shown.splitlines() == [
        "Left out for want of time:",
        "- CBOW, negative sampling, 1 threads, seed 1",
        "- CBOW, negative sampling, deterministic, 1 threads, seed 1",
        "- CBOW, negative sampling, deterministic, 2 threads, seed 1",
    ]


PACKED = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from core_packing import Cores, Job

def pinned():
    return sorted(os.sched_getaffinity(0))

def broken():
    os._exit(3)

cores = Cores()
first = cores.all[0]
jobs = [
    Job("alone", pinned, threads=1, alone=True, seconds=0),
    Job("all", pinned, threads=99, seconds=0),
    Job("late", pinned, seconds=1e9),
    Job("late too", pinned, seconds=None),
    Job("broken", broken),
]
found = dict((job.name, result) for job, result in cores.packed(jobs, time.monotonic() + 99))
assert found["alone"] == [first], found
assert found["all"] == cores.all
assert len(found["late too"]) == 1
assert found["late"] is found["broken"] is None
"""


def test_jobs_are_pinned_to_cores():
    command = [sys.executable, "-c", PACKED, str(ROOT / "benchmarks")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "broken: its process ended with 3.\n")


def test_workers_that_a_text_has_no_chunks_for_and_a_diverged_run_are_told():
    run = {
        "corpus": "text", "variant": "cbow-negative", "vector_size": 8, "epochs": 1, "alpha": 0.05,
        "seed": 1, "workers": 1, "threads": 1, "words_per_second": 2e6, "scores": {"groups": 0.5},
    }  # fmt: skip
    eight = {**run, "workers": 8, "threads": 3, "scores": {"groups": 0.25}}
    worst = {**run, "workers": 32, "threads": 3, "scores": None}
    rows = many_workers.table([run, eight, worst]).splitlines()[2:]
    assert [row.split(" | ")[2:] for row in rows] == [
        ["1", "2.00 M", "0.500 |"],
        ["8 (3 run)", "2.00 M", "0.250 (-0.250) |"],
        ["32 (3 run)", "2.00 M", "diverged |"],
    ]


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


@pytest.fixture
def scale():
    """The model of clusters, and the plan that is made with it; both need Dask."""
    pytest.importorskip("distributed", reason="this needs Dask")
    return importlib.import_module("scale_model"), importlib.import_module("scale_plan")


def test_the_rows_of_a_stretch_are_those_of_independent_draws(scale):
    model, _ = scale
    counts, tokens, window = np.rint(1e6 / np.arange(1, 501)), 4096, 5
    law = model.Law(counts, 1e-3, window)
    kept = keep_probabilities(counts.astype(np.int64), 1e-3) * counts / counts.sum()
    noise = noise_probabilities(counts.astype(np.int64), 0.75)
    assert law.kept == pytest.approx(kept.sum())
    generator = np.random.default_rng(1)
    drawn = round(tokens * law.kept) + 2 * window
    found = []
    for _ in range(30):
        words = np.unique(generator.choice(500, drawn, p=kept / kept.sum()))
        pool = generator.choice(500, 2 * POOL, p=noise)
        found.append(len(words) + len(np.union1d(words, pool)))
    assert law.rows(tokens) == pytest.approx(np.mean(found), rel=0.01)
    # Classes of ranks that are alike touch as many.
    assert model.zipf_law(500, 1.0, 1e-3, window, 1.0).rows(tokens) == pytest.approx(
        law.rows(tokens), rel=0.01
    )


def test_a_round_costs_what_its_terms_say(scale):
    model, _ = scale
    free = dict.fromkeys(model.Costs.__dataclass_fields__, 0.0) | {"crowding": 1.0, "cores": 4}
    law = model.zipf_law(1000, 1.0, 1e-3, 5, 0.8)

    def a_round(workers, shards, laps=1, **costs):
        shape = RoundShape(shards, 2048, laps, 100)
        return model.Model(model.Costs(**{**free, **costs}), law, 10).round(workers, shape)

    train = a_round(1, 8, token=1.0).training
    assert train == pytest.approx(8 * 2048 * law.kept)
    assert a_round(3, 8, token=1.0).training == pytest.approx(3 / 8 * train)
    assert a_round(8, 8, token=1.0).training == pytest.approx(2 / 8 * train)  # on four cores
    assert a_round(9, 8, token=1.0) == a_round(8, 8, token=1.0)  # the ninth has no work
    assert a_round(1, 8).sent == 0
    sent = 72 * (law.rows(4 * 2048) + law.rows(8 * 2048)) / 2
    assert a_round(2, 8).sent == pytest.approx(sent)
    assert a_round(2, 8, letter_byte=1.0).exchange == pytest.approx(sent)
    hot = 72 * 2 * 200 / 2  # of both matrices, there and back, of one worker
    assert a_round(2, 8, laps=3).sent == pytest.approx(sent + 2 * hot)
    assert a_round(4, 8, letter=1.0).exchange == pytest.approx(6)
    assert a_round(4, 8, laps=3, letter=1.0).exchange == pytest.approx(18)
    assert a_round(8, 8, latency=1.0, busy_latency=5.0).exchange == 10  # on four cores
    assert a_round(2, 8, commit=1.0).merging == pytest.approx(law.rows(8 * 2048))
    again = 200 + 4 * 200  # hot rows, and their copies in four shards
    assert a_round(2, 8, laps=2, commit=1.0).merging == pytest.approx(law.rows(8 * 2048) + again)
    assert a_round(1, 8, post=1.0).order == 8


def test_a_round_is_half_training_from_some_length_on(scale):
    model, plan = scale
    free = dict.fromkeys(model.Costs.__dataclass_fields__, 0.0) | {"crowding": 1.0, "cores": 4}
    law = model.zipf_law(1000, 1.0, 1e-3, 5, 0.8)
    costs = model.Costs(**{**free, "token": 1e-6, "latency": 0.02})
    stretch = plan.balanced_stretch(model.Model(costs, law, 10), 2, RoundShape(2, 2048))
    assert stretch / 2 * law.kept * 1e-6 < 0.04 <= stretch * law.kept * 1e-6


def test_what_a_larger_cluster_would_do(scale, tmp_path):
    script = str(ROOT / "benchmarks" / "scale.py")
    options = ["toy", "--workers", "1", "--shards", "2", "--vector-size", "300"]
    shown = subprocess.run(
        [sys.executable, script, *options], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert re.search(
        r"^\| 1 \| \d\.\d\d M \| \d\.\d\d M \| \S+ \| 0\.0 / 0\.0 \|", shown, re.MULTILINE
    )
    plan = shown.partition("EXTRAPOLATED")[2]
    assert len(re.findall(r"^\| (?:8|64|512) \|", plan, re.MULTILINE)) == 18
