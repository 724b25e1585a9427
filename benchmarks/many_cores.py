"""How speed and quality go with the number of threads, in minutes of a machine with many cores.

    python benchmarks/many_cores.py wiki8.xz --sets questions-words.txt wordsim353.tsv \
        --budget 345 --json cores.jsonl

Speeds are measured alone, the other cores idle: a training on half of the cores or more as a whole,
another one for a few seconds. Quality does not depend on speed, so the other trainings are packed
side by side over the cores, a process pinned to as many as it has threads. The deterministic mode
is measured with each number of threads; its vectors are the same with any. What `--budget` seconds
are too short for is left out, the least important first, and named at the end: the later seeds,
and first those with more threads than cores.

Each result is a line of JSON in the file of --json, or on standard error. The tables on standard
output have mean scores, and in brackets their differences from the mean of one worker.
"""

import argparse
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from core_packing import Cores, Job
from core_runs import DETERMINISTIC_VARIANTS, Run, asked_for, kind_of, name_of
from many_workers import (
    cell,
    config_of,
    encode,
    keep,
    scored,
    speed_text,
    table,
    timed,
    vectors_of,
)  # fmt: skip
from results import machine
from selection import VARIANT_NAMES
from settings import VARIANTS, whole
from tables import markdown
from w2v import Event, Progress
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training.engines.lock_free import useful_workers
from w2v.training.trainer import Trainer

PACKED_SLOWDOWN = 1.3  # of a training whose neighbours train too, at most
SCORING_SECONDS = 3.0  # on one core
ONE_BLAS_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # it scores on one core


def main() -> None:
    """Measure, and print the tables."""
    began = time.monotonic()
    if not hasattr(os, "sched_setaffinity"):
        sys.exit("Processes can be pinned to cores on Linux only.")
    if ONE_BLAS_THREAD.items() - os.environ.items():  # read when NumPy is loaded
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ONE_BLAS_THREAD})
    arguments = parse_arguments()
    source, _, size = arguments.corpus.partition("@")
    vocabulary, encoded = encode(source, whole(size) if size else None, None)
    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as directory:
        measuring = Measuring(arguments, vocabulary, encoded, Path(directory), began)
        measuring.compile()
        measuring.alone()
        measuring.packed()
    print(measuring.report())


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", help="CORPUS, or CORPUS@WORDS for its first words")
    parser.add_argument("--sets", nargs="+", default=[], help="evaluation sets")
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2, 4, 8, 16, 32])
    parser.add_argument(
        "--threads", nargs="*", type=int, default=[1, 8], help="of the deterministic mode"
    )
    parser.add_argument("--vector-size", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--speed-seconds", type=float, default=2.5)
    parser.add_argument("--budget", type=float, default=345.0, help="seconds, reading included")
    parser.add_argument("--json", type=Path, help="add every result to this file")
    return parser.parse_args(given)


class Measuring:
    """The trainings on one corpus, and their results so far."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        vocabulary: Vocabulary,
        encoded: EncodedCorpus,
        directory: Path,
        began: float,
    ) -> None:
        self._asked, self._vocabulary, self._encoded = arguments, vocabulary, encoded
        self._directory, self._deadline = directory, began + arguments.budget
        self._cores = Cores()
        self._wanted = list(asked_for(arguments))
        self._speeds: dict[tuple[Any, ...], float] = {}  # by variant, mode and threads
        self._to_score: list[Job] = []
        self._runs: list[Run] = []
        self._left_out: list[str] = []
        self._say(f"{machine()}, {len(encoded.tokens):,} tokens")

    def compile(self) -> None:
        """Compile the kernels, each variant in a process of its own, and load all of them."""
        wanted = {(run["variant"], run["deterministic"]): run for run in self._wanted}
        jobs = [Job("compiling", partial(self._compile, run)) for run in wanted.values()]
        for _ in self._cores.packed(jobs, self._deadline):
            pass
        for run in wanted.values():
            self._compile(run)
        self._say("compiled")

    def _compile(self, run: Run) -> None:
        self._trainer(run).compile()

    def alone(self) -> None:
        """Measure all speeds; what takes half of the cores or more is trained as a whole."""
        jobs = [self._job(run, alone=True) for run in self._wanted if run["seed"] == 1]
        self._run(jobs)

    def packed(self) -> None:
        """Train the rest side by side, as far as there is time, and score all."""
        runs = [run for run in self._wanted if run["seed"] > 1 or not self._is_whole_alone(run)]
        runs = [run for run in runs if not self._has_vectors_of_others(run)]
        jobs = [self._job(run, alone=False) for run in sorted(runs, key=self._importance)]
        chosen = self._affordable(jobs)
        half = len(self._cores.all) / 2
        chosen.sort(key=lambda job: (job.threads < half, -(job.seconds or 0.0)))  # they pack well
        self._run(chosen + self._to_score)

    def _is_whole_alone(self, run: Run) -> bool:
        return 2 * int(run["workers"]) >= len(self._cores.all)

    def _has_vectors_of_others(self, run: Run) -> bool:
        """Tell whether another number of threads gives the same vectors."""
        return bool(run["deterministic"] and run["workers"] != max(self._asked.threads))

    def _importance(self, run: Run) -> tuple[bool, int, int]:
        later = run["seed"] > 1
        return later and run["workers"] > len(self._cores.all), run["seed"], run["workers"]

    def _affordable(self, jobs: list[Job]) -> list[Job]:
        """Return as many of the first jobs as there is time for, with their scoring."""
        cores, left = len(self._cores.all), self._deadline - time.monotonic()
        work, chosen = SCORING_SECONDS * len(self._to_score), []
        for job in jobs:
            assert job.seconds is not None
            work += job.seconds * min(job.threads, cores) + SCORING_SECONDS
            if max(work / cores, job.seconds + SCORING_SECONDS) > left:
                self._left_out.append(job.name)
            else:
                chosen.append(job)
        return chosen

    def _job(self, run: Run, alone: bool) -> Job:
        whole_text = not alone or self._is_whole_alone(run)
        if alone:
            seconds = self._asked.speed_seconds
        else:
            speed = self._speeds.get(kind_of(run), 1e6)
            words = self._vocabulary.corpus_words * run["epochs"]
            has_neighbours = run["workers"] < len(self._cores.all)
            seconds = words / speed * (PACKED_SLOWDOWN if has_neighbours else 1.0)
        work = partial(self._train, run, whole_text, alone)
        return Job(name_of(run), work, run["workers"], alone, seconds)

    def _trainer(self, run: Run) -> Trainer:
        return Trainer(self._encoded, self._vocabulary, config_of(run))

    def _train(self, run: Run, whole_text: bool, alone: bool) -> Run:
        """Train, in the process of a job; the vectors of a whole training go to a file."""
        trainer = self._trainer(run)

        def stop_in_time(event: Event) -> None:
            if isinstance(event, Progress) and event.seconds >= self._asked.speed_seconds:
                trainer.stopping = True

        result = timed(trainer, None if whole_text else stop_in_time)
        if not alone:
            result["words_per_second"] = None  # beside others
        threads = useful_workers(trainer.config.threads, trainer.tokens)
        run = {**run, "alone": alone, "words": trainer.words, **result}
        run["threads"] = run["workers"] if run["deterministic"] else threads
        if whole_text and "error" not in result:
            np.save(self._vectors(run), vectors_of(trainer))
        return run

    def _vectors(self, run: Run) -> Path:
        names = (run["variant"], run["deterministic"], run["workers"], run["seed"])
        return self._directory / ("-".join(map(str, names)) + ".npy")

    def _score(self, run: Run) -> Run:
        path = self._vectors(run)
        scores = scored(self._vocabulary.words, np.load(path), self._asked.sets)
        path.unlink()
        return {**run, "scores": scores}

    def _run(self, jobs: list[Job]) -> None:
        """Run the jobs; the scoring of what was trained alone waits, lest it disturb the next."""
        for job, run in self._cores.packed(jobs, self._deadline):
            if run is None:
                self._left_out.append(job.name)
            elif "scores" in run:
                self._keep(run)
            elif self._vectors(run).exists():
                self._note_speed(run)
                scoring = Job(f"scores of {job.name}", partial(self._score, run))
                (self._to_score if run["alone"] else jobs).append(scoring)
            else:
                self._note_speed(run)
                self._keep({**run, "scores": None if "error" in run else {}})

    def _note_speed(self, run: Run) -> None:
        self._say(f"{name_of(run)}: {speed_text([run]) or 'trained'}")
        if run["words_per_second"]:
            self._speeds[kind_of(run)] = run["words_per_second"]

    def _keep(self, run: Run) -> None:
        self._runs.append(run)
        keep(run, self._asked.json)

    def _say(self, text: str) -> None:
        left = self._deadline - time.monotonic()
        print(f"{left:5.0f} s left: {text}", file=sys.stderr, flush=True)

    def report(self) -> str:
        """Return the tables, and what was left out."""
        order = {name_of(run): place for place, run in enumerate(self._wanted)}
        runs = sorted(self._runs, key=lambda run: order[name_of(run)])
        lock_free = [run for run in runs if not run["deterministic"]]
        lock_free.sort(key=lambda run: VARIANTS.index(run["variant"]))
        parts = [table(lock_free), deterministic_table(runs)]
        if self._left_out:
            parts.append("Left out for want of time:\n- " + "\n- ".join(self._left_out))
        return "\n".join(filter(None, parts))


def deterministic_table(runs: list[Run]) -> str:
    """Return words/s of the deterministic mode by threads, and scores against one worker's."""
    names = list(dict.fromkeys(name for run in runs for name in run["scores"] or ()))
    rows = []
    for variant in DETERMINISTIC_VARIANTS:
        chosen = [run for run in runs if run["deterministic"] and run["variant"] == variant]
        alone = [run for run in runs if kind_of(run) == (variant, False, 1)]
        speeds = {
            run["workers"]: run["words_per_second"] for run in chosen if run["words_per_second"]
        }
        fewest = speeds.get(min(speeds, default=0))
        for threads, speed in sorted(speeds.items()):
            same = [run for run in chosen if run["workers"] == threads]
            ratio = f"{speed / fewest:.1f} ×" if fewest else ""
            scores = [cell(same, alone, name) for name in names]
            rows.append(
                [VARIANT_NAMES[variant], str(threads), f"{speed / 1e6:.2f} M", ratio, *scores]
            )
    return markdown(["deterministic", "threads", "words/s", "of the fewest", *names], rows)


if __name__ == "__main__":
    main()
