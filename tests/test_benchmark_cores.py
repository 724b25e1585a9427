"""The benchmarks of many workers and of many cores run on a few words."""

import re
import subprocess
import sys
from pathlib import Path

import lock_step
import many_workers
from search_tables import read_lines

ROOT = Path(__file__).resolve().parent.parent


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


def run_lock_step(directory, *options):
    """The table of two chunks of CBOW, and its runs."""
    script = str(ROOT / "benchmarks" / "lock_step.py")
    options = [*options, "--variant", "cbow-negative", "--epochs", "2", "--workers", "1", "2"]
    shown = subprocess.run(
        [sys.executable, script, *options, "--vector-size", "8", "--json", "runs.jsonl"],
        cwd=directory, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert shown.startswith("|  | 1 worker | 2 workers |\n")
    assert re.search(r"\| CBOW, negative sampling, epoch 2 \| [1-4]\.\d+ \| [1-4]\.\d+ \|", shown)
    runs = read_lines(directory / "runs.jsonl")
    assert [(run["workers"], len(run["losses"])) for run in runs] == [(1, 2), (2, 2)]
    assert runs[0]["losses"] != runs[1]["losses"]  # the second worker has trained, too
    return shown, runs


def test_several_languages_in_lock_step(tmp_path):
    """Each has words of its own."""
    text = tmp_path / "text.txt"
    text.write_text("the cat sat on the mat and the dog sat too " * 12_000)
    run_lock_step(tmp_path, "text.txt@130k", "--languages", "2")
    for languages in (1, 3):
        vocabulary, _ = lock_step.encode(str(text), None, None, languages)
        assert len(vocabulary.words) == 8 * languages


def test_a_planted_text_in_lock_step(tmp_path):
    shown, runs = run_lock_step(tmp_path, "ten@130k")
    assert re.search(r"\| CBOW, negative sampling, groups \| [01]\.\d+ \| [01]\.\d+ \|", shown)
    assert min(run["groups"] for run in runs) > 0.6  # by lot 4 of 9


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
    assert re.search(rf"{cells} \| \d+\.\d\d M \| {mean} \|", shown)
    row = r"\| CBOW, negative sampling \|"
    assert re.search(rf"{row} 1 \| \d+\.\d\d M \| 1\.0 × \|", shown)
    assert re.search(rf"{row} 2 \| \d+\.\d\d M \| \d+\.\d × \| {mean} \(", shown)
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
