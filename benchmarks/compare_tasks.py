"""Compare the tasks around training, each in a process of its own, the libraries in turn.

    python benchmarks/compare_tasks.py wiki8.xz questions-words.txt

The corpus is counted, and trained on once to make the vectors for questions and evaluation. Let
nothing else run meanwhile.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from inputs import Inputs, prepared
from processes import check_installed, run_command, run_script
from results import Results
from settings import READERS, Settings, whole
from w2v import KeyedVectors

TASKS = ("arithmetic", "counting", "loading", "cold_start", "evaluation", "second_start")
LIBRARIES = ("w2v", "gensim")
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "MKL", "OMP")}

Case = tuple[dict[str, Any], Callable[[], dict[str, Any]]]  # settings, and the run to measure


class Comparison:
    """The common parts of all tasks: the inputs, and the files that are made for them."""

    def __init__(
        self, arguments: argparse.Namespace, inputs: Inputs, results: Results, directory: Path
    ) -> None:
        self.arguments, self.inputs, self.results = arguments, inputs, results
        self.directory = directory

    def in_turn(self, task: str, cases: list[Case]) -> None:
        """Measure all cases, one after the other, as often as there are runs."""
        for number in range(1, self.arguments.runs + 1):
            for settings, run in cases:
                self.results.measure(task, {**settings, "round": number}, run)

    def script_cases(self, task: str, files: dict[str, Any], stored: dict[str, Any]) -> list[Case]:
        """Return a task of tasks.py with each library, and with each of its ways to read.

        files: the inputs of the task. stored: the settings that are kept with its results.
        """
        cases: list[Case] = []
        for library in LIBRARIES:
            for reader in READERS[library] if task == "counting" else (None,):
                settings = {"library": library, "reader": reader, **stored}
                request = {**files, **settings, "task": task}
                cases.append((settings, partial(run_script, "tasks.py", request)))
        return cases

    def arithmetic(self) -> None:
        """Measure a step's speed as a share of a matrix product's, on one core."""
        cases: list[Case] = []
        for vector_size in self.arguments.vector_size:
            shape = {"window": 6, "negative": 5, "vector_size": vector_size}
            run = partial(run_script, "arithmetic.py", shape, **ONE_THREAD)
            cases.append(({"library": "w2v", **shape}, run))
        self.in_turn("arithmetic", cases)

    def counting(self) -> None:
        """Measure counting and encoding, against building a vocabulary."""
        files = {"text": str(self.inputs.text), "lines": str(self.inputs.lines)}
        stored = {**self._corpus(), "workers": 2, "min_count": 5}
        self.in_turn("counting", self.script_cases("counting", files, stored))

    def loading(self) -> None:
        """Measure loading a large file of vectors from the page cache."""
        rows, size = self.arguments.load_words, self.arguments.load_size
        path = self.directory / "large.bin"
        vectors = np.random.default_rng(1).normal(size=(rows, size)).astype(np.float32)
        KeyedVectors([f"word{row}" for row in range(rows)], vectors).save(path)
        stored = {"rows": rows, "vector_size": size}
        self.in_turn("loading", self.script_cases("loading", {"vectors": str(path)}, stored))

    def cold_start(self) -> None:
        """Measure the whole process of one question to the vectors of the corpus."""
        path = str(self._vectors())
        script = str(Path(__file__).with_name("gensim_analogy.py"))
        question = ["king", "man", "woman"]
        commands = {
            "w2v": [sys.executable, "-m", "w2v_cli", "analogy", *question, "-v", path],
            "gensim": [sys.executable, script, path, *question],
        }
        cases: list[Case] = [
            ({"library": library, **self._corpus()}, partial(_time_command, command))
            for library, command in commands.items()
        ]
        self.in_turn("cold_start", cases)

    def evaluation(self) -> None:
        """Measure an analogy set on the vectors of the corpus."""
        files = {"vectors": str(self._vectors()), "set_file": self.arguments.set}
        stored = {**self._corpus(), "set": Path(self.arguments.set).name}
        self.in_turn("evaluation", self.script_cases("evaluation", files, stored))

    def second_start(self) -> None:
        """Measure a second `w2v train` up to its first step, less reading the text."""
        log = str(self.directory / "log.jsonl")
        output = ["-o", str(self.directory / "unused.bin"), "--log", log, "--quiet"]
        script = str(Path(__file__).with_name("first_step.py"))
        command = [sys.executable, script, "train", str(self.inputs.text), *output]
        _time_first_step(command)  # the first start, which compiles where nothing is cached
        run = partial(_time_first_step, command)
        self.in_turn("second_start", [({"library": "w2v", **self._corpus()}, run)])

    def _corpus(self) -> dict[str, Any]:
        return {"corpus": self.inputs.name, "words": self.inputs.words}

    def _vectors(self) -> Path:
        """Train on the corpus for one epoch, and return the file of vectors."""
        path = self.directory / "vectors.bin"
        if not path.exists():
            files = {"text": str(self.inputs.text), "lines": str(self.inputs.lines)}
            settings = Settings("w2v").as_dict()
            asked = {**files, "words": self.inputs.words, "settings": settings, "sets": []}
            run_script("one_run.py", {**asked, "save": str(path)})
        return path

    def show(self, task: str) -> None:
        """Print the medians of a task."""
        seconds: dict[str, list[float]] = {}
        for run in self.results.select(task):
            name = f"{run['settings']['library']} {run['settings'].get('reader') or ''}"
            shown = run["result"].get("seconds") or run["result"]["share"]
            seconds.setdefault(name, []).append(shown)
        medians = [f"{name} {statistics.median(values):.3f}" for name, values in seconds.items()]
        print(f"{task}: {', '.join(medians)}", flush=True)


def _time_command(command: list[str]) -> dict[str, Any]:
    return {"seconds": run_command(command)[1]}


def _time_first_step(command: list[str]) -> dict[str, Any]:
    began = time.time()
    reported = json.loads(run_command(command)[0])
    seconds = reported["time"] - began - reported["text_seconds"]
    return {"seconds": seconds, "compiled": reported["compiled"]}


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", help="a path or a known name, as for `w2v train`")
    parser.add_argument("set", help="an analogy set: questions-words.txt")
    parser.add_argument("--words", type=whole, help="use only so many words of it, as in 1M")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", help="add every run to this file, and skip those in it")
    parser.add_argument("--task", nargs="+", choices=TASKS, default=TASKS)
    parser.add_argument("--vector-size", nargs="+", type=int, default=[100], help="of a step")
    parser.add_argument("--load-words", type=whole, default=400_000, help="of the file to load")
    parser.add_argument("--load-size", type=int, default=300, help="its numbers a word")
    return parser.parse_args(given)


def main() -> None:
    """Prepare the corpus, and compare task by task."""
    arguments = parse_arguments()
    check_installed(["gensim"])
    results = Results(arguments.json)
    with (
        prepared(arguments.corpus, arguments.words) as inputs,
        tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as directory,
    ):
        comparison = Comparison(arguments, inputs, results, Path(directory))
        for task in arguments.task:
            getattr(comparison, task)()
            comparison.show(task)


if __name__ == "__main__":
    main()
