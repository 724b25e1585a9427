"""A cluster of local processes beside threads: scores, speed, bytes moved, and the same bytes.

    python benchmarks/cluster.py wiki8.xz --sets questions-words.txt wordsim353.tsv --kill

For each variant the lock-free threads come first, then each number of shards on each number of
workers, one thread a worker. With --kill the largest cluster trains once more, and a third of the
way one of its workers is killed. Each training is a process of its own, and a line of JSON on
standard error. The table on standard output has, for a round: the megabytes that all workers send,
and the mean milliseconds that a worker trains, waits for others and merges. The last column names
the vectors: the same number of shards must give the same ones.
"""

import argparse
import hashlib
import json
import os
import signal
from typing import Any

from processes import child_request, run_child
from selection import VARIANT_NAMES
from settings import VARIANTS
from tables import markdown

Run = dict[str, Any]
PARTS = ("training", "waiting", "merging")


def main() -> None:
    """Train in every way, and print the table."""
    if (request := child_request()) is not None:
        print(json.dumps(train(request)))
        return
    arguments = parse_arguments()
    print(table([run_child(__file__, asked) for asked in trainings(arguments)]))


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", help="a path or a known name, as for `w2v train`")
    parser.add_argument("--sets", nargs="+", default=[], help="evaluation sets")
    parser.add_argument("--variant", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--shards", nargs="+", type=int, default=[4, 8])
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2, 4])
    parser.add_argument("--threads", type=int, default=2, help="of the training without a cluster")
    parser.add_argument("--seed", nargs="+", type=int, default=[1])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--kill", action="store_true", help="train once more, and kill a worker")
    return parser.parse_args(given)


def trainings(arguments: argparse.Namespace) -> list[Run]:
    """Return what each training is asked for."""
    asked = []
    for variant in arguments.variant:
        for seed in arguments.seed:
            same = {
                "corpus": arguments.corpus, "sets": arguments.sets, "variant": variant,
                "seed": seed, "epochs": arguments.epochs, "kills": False,
            }  # fmt: skip
            asked.append({**same, "shards": 0, "workers": arguments.threads})
            for shards in arguments.shards:
                several = [
                    {**same, "shards": shards, "workers": workers} for workers in arguments.workers
                ]
                asked += several
                if arguments.kill:
                    asked.append({**several[-1], "kills": True})
    return asked


def train(asked: Run) -> Run:
    """Train once, and score the vectors; without shards, without a cluster."""
    import w2v  # noqa: PLC0415

    architecture, _, loss = asked["variant"].partition("-")
    traffic: dict[str, float] = {}
    killed: list[int] = []

    def watch(training: Any) -> None:
        engine = training.trainer.engine
        traffic.update(getattr(engine, "traffic", {}))
        if asked["kills"] and not killed and training.trainer.done > 1 / 3:
            killed.append(_one_worker())
            os.kill(killed[0], signal.SIGKILL)

    settings: dict[str, Any] = {"workers": asked["workers"]}
    if asked["shards"]:
        settings |= {"cluster": f"local:{asked['workers']}", "shards": asked["shards"]}
    model = w2v.train(
        asked["corpus"], architecture=architecture, loss=loss, epochs=asked["epochs"],
        seed=asked["seed"], callbacks=watch, **settings,
    )  # fmt: skip
    names = ("variant", "shards", "workers", "seed", "kills")
    return {
        **{name: asked[name] for name in names},
        "words_per_second": model.summary.words_per_second,
        "loss": model.summary.loss,
        "traffic": traffic,
        "vectors": hashlib.sha256(model.vectors.vectors.tobytes()).hexdigest()[:8],
        "scores": [_score(model, path) for path in asked["sets"]],
    }


def _one_worker() -> int:
    """Return the process of a worker that this process has started."""
    import psutil  # noqa: PLC0415  (distributed needs it)

    processes = psutil.Process().children(recursive=True)
    found: int = max(processes, key=lambda each: each.memory_info().rss).pid
    return found


def _score(model: Any, path: str) -> float:
    """Return the share of right analogies in per cent, or Spearman's correlation."""
    import w2v  # noqa: PLC0415

    found = w2v.evaluate(model.vectors, path)
    if isinstance(found, w2v.AnalogyScores):
        return 100 * found.total.accuracy
    return found.spearman


def table(runs: list[Run]) -> str:
    """Return the runs as a table, each speed also as a share of that of the threads."""
    rows = []
    threads = 0.0
    for run in runs:
        name = f"{VARIANT_NAMES[run['variant']]}, "
        if run["shards"]:
            name += f"{run['shards']} shards on {run['workers']} workers"
        else:
            threads = run["words_per_second"]
            name += f"{run['workers']} threads"
        speed, rounds = run["words_per_second"], run["traffic"].get("rounds")
        costs = ["", *[""] * len(PARTS)]
        if rounds:
            costs = [f"{run['traffic']['sent'] / rounds / 1e6:.1f}"]
            costs += [f"{1e3 * run['traffic'][part] / rounds:.1f}" for part in PARTS]
        rows.append(
            [
                name + (", one killed" if run["kills"] else ""),
                f"{speed / 1e6:.2f} M",
                f"{100 * speed / threads:.0f} %",
                " / ".join(f"{score:.3f}" for score in run["scores"]),
                *costs,
                run["vectors"],
            ]
        )
    return markdown(["", "words/s", "of threads", "scores", "MB", *PARTS, "vectors"], rows)


if __name__ == "__main__":
    main()
