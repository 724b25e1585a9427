"""What a larger cluster would do: a cost model, measured and checked here, and what it predicts.

    python benchmarks/scale.py wiki8.xz --words 3M

First the parts of a round are measured one by one, without a training (cluster_costs.py and
cluster_network.py): with vectors of --vector-size numbers for the check, and of 300 for the plan.
From these figures alone the model (scale_model.py) predicts trainings on local processes. Costs and
trainings are measured in turn, --repeats times, and their medians are compared. The last table is
what it predicts for clusters that were not measured (scale_plan.py). It needs skip-gram with
negative sampling, one thread a worker, and a machine that does nothing else.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path

from inputs import write_prefix
from processes import child_request, run_child
from scale_measured import TASKS, Asked, Measured
from scale_model import Costs
from scale_plan import PLANNED_SIZE, plan_text
from settings import whole
from tables import markdown
from w2v import open_corpus
from w2v.training.cluster.connecting import KEPT_MEMORY

_MEGABYTE = 1e6


def main() -> None:
    """Measure, check and plan."""
    if (request := child_request()) is not None:
        print(json.dumps(TASKS[request["task"]](request)))
        return
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as directory:
        path = Path(directory) / "text.txt"
        write_prefix(open_corpus(arguments.corpus), path, arguments.words)
        asked = {**vars(arguments), "corpus": str(path)}
        network, planned = apart(asked, "network"), apart(asked, "costs", vector_size=PLANNED_SIZE)
        asked["tokens"] = planned["tokens"]
        still = [apart(asked, "still", workers=workers) for workers in arguments.workers]
        # In turn: the machine may be slow for a minute.
        costs, trainings = [], []
        for _ in range(arguments.repeats):
            costs.append(apart(asked, "costs"))
            trainings.append([apart(asked, "train", workers=each) for each in arguments.workers])
    runs = [middle_run(of_workers) for of_workers in zip(*trainings, strict=True)]
    here = Measured.of(middle_costs(costs), network, still, arguments.vector_size)
    plan = Measured.of(planned, network, [], PLANNED_SIZE)
    print(costs_table([here, plan]))
    print(still_text(here))
    print(rows_text(here))
    print(check_table(here, runs))
    print(plan_text(plan, arguments.bandwidth * _MEGABYTE))


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", help="a path or a known name, as for `w2v train`")
    parser.add_argument("--words", type=whole, help="use only so many words of it, as in 8M")
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2, 4])
    parser.add_argument("--shards", type=int, default=8, help="of the trainings of the check")
    parser.add_argument("--vector-size", type=int, default=100, help="of the check")
    parser.add_argument(
        "--repeats", type=int, default=3, help="of the costs and the trainings of the check"
    )
    parser.add_argument(
        "--bandwidth", type=float, default=1250,
        help="megabytes a second of each planned worker's network; default 1250, 10 Gbit/s",
    )  # fmt: skip
    arguments = parser.parse_args(given)
    if arguments.repeats < 1:
        parser.error("--repeats must be at least 1.")
    return arguments


def apart(asked: Asked, task: str, **more: object) -> Asked:
    """Do a task in a process of its own, with memory as that of the workers that are checked."""
    return run_child(__file__, {**asked, "task": task, **more}, **KEPT_MEMORY)


def middle_costs(found: list[Asked]) -> Asked:
    """Return what was found of the text, with the median of each cost."""
    names = found[0]["costs"]
    costs = {name: statistics.median(each["costs"][name] for each in found) for name in names}
    return {**found[0], "costs": costs}


def middle_run(runs: Sequence[Asked]) -> Asked:
    """Return the run whose speed is the median; the slower of two."""
    return sorted(runs, key=itemgetter("words_per_second"))[(len(runs) - 1) // 2]


def costs_table(measured: list[Measured]) -> str:
    """Return the measured costs, in nanoseconds where they are not of another unit."""
    rows = []
    for name in Costs.__dataclass_fields__:
        values = [getattr(each.model.costs, name) for each in measured]
        if name == "cores":
            continue
        if name in {"crowding", "merge_crowding", "spread"}:
            shown = [f"{value:.2f} ×" for value in values]
        else:
            shown = [f"{1e9 * value:,.1f} ns" for value in values]
        rows.append([name, *shown])
    head = ["measured here", *(f"d={each.model.vector_size}" for each in measured)]
    return markdown(head, rows)


def rows_text(here: Measured) -> str:
    """Return how well the law of rows fits."""
    law = here.model.law
    expected = [law.rows(tokens) / law.burst for tokens in (here.shape.stretch, here.shape.tokens)]
    found = " and ".join(
        f"{rows:,.0f} of {drawn:,.0f} rows" for rows, drawn in zip(here.rows, expected, strict=True)
    )
    return (
        f"A stretch of {here.shape.stretch:,} tokens and a round of {here.shape.tokens:,} touch"
        f" {found} that independent draws would.\nZipf's exponent is {here.exponent:.2f} here.\n"
    )


def still_text(here: Measured) -> str:
    """Return what a round takes that trains nothing."""
    shown = " and ".join(
        f"{1e3 * seconds:.1f} ms with {workers}" for workers, seconds in here.model.still.items()
    )
    return f"A round that trains nothing takes {shown} workers.\n"


def check_table(here: Measured, runs: list[Asked]) -> str:
    """Return what was predicted for trainings on this machine, and what they did."""
    head = [
        "workers", "predicted words/s", "measured", "predicted ÷ measured", "MB a round",
        "training, ms", "the rest, ms",
    ]  # fmt: skip
    rows = []
    for run in runs:
        workers, traffic = run["workers"], run["traffic"]
        expected, speed = here.model.round(workers, here.shape), here.words_per_second(workers)
        senders, rounds = min(workers, here.shape.shards), traffic["rounds"]
        sent = traffic["sent"] / rounds / _MEGABYTE
        training = traffic["training"] / rounds
        took = here.shape.tokens * here.words_a_token / run["words_per_second"]
        rows.append([
            str(workers),
            f"{speed / 1e6:.2f} M",
            f"{run['words_per_second'] / 1e6:.2f} M",
            f"{speed / run['words_per_second']:.2f}",
            f"{senders * expected.sent / _MEGABYTE:.1f} / {sent:.1f}",
            f"{1e3 * expected.training:.1f} / {1e3 * training:.1f}",
            f"{1e3 * (expected.seconds - expected.training):.1f} / {1e3 * (took - training):.1f}",
        ])  # fmt: skip
    return markdown(head, rows)


if __name__ == "__main__":
    main()
