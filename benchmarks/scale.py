"""What a larger cluster would do: a cost model, measured and checked here, and what it predicts.

    python benchmarks/scale.py wiki8.xz --words 8M

First the parts of a round are measured one by one, without a training (cluster_costs.py): with
vectors of --vector-size numbers for the check, and of 300 for the plan. From these figures alone
the model (scale_model.py) predicts trainings on local processes, which are then run. The last table
is what it predicts for clusters that were not measured. It needs skip-gram with negative sampling,
one thread a worker, and a machine that does nothing else.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inputs import write_prefix
from scale_model import Costs, Law, Model, zipf_exponent, zipf_law
from settings import whole
from tables import markdown
from w2v import TrainConfig, open_corpus
from w2v.kernels.state import BLOCK
from w2v.text.encoding import EncodedCorpus, encode_corpus
from w2v.text.vocabulary import Vocabulary, count_vocabulary
from w2v.training.cluster.connecting import KEPT_MEMORY
from w2v.training.cluster.replica import replica_bytes
from w2v.training.defaults import fitted
from w2v.training.engines.round_shape import MOST_BLOCKS_OF_LAP, MOST_LAPS, RoundShape, round_shape

PLANNED_WORDS = 10_000_000_000, 100_000_000_000
PLANNED_VOCABULARY, PLANNED_SIZE = 3_000_000, 300
PLANNED = (8, 8), (8, 16), (64, 16), (64, 64), (512, 16), (512, 512)  # workers, shards
# Of the trials in benchmarks/NOTES.md: the most shards whose quality was measured, and how many
# tokens a shard may train before a merge; a million cost 0.02 of WordSim-353, with four shards.
MEASURED_SHARDS = 16
QUALITY_BOUND = MOST_BLOCKS_OF_LAP * MOST_LAPS * BLOCK
TRIED_STRETCHES = 49 * BLOCK, 488 * BLOCK
_LONGEST = 2**40  # no stretch is as long: the rest never gets as short as training
_MEGABYTE, _GIGABYTE = 1e6, 1e9

Asked = dict[str, Any]


def main() -> None:
    """Measure, check and plan."""
    if sys.argv[1:2] == ["--child"]:
        asked = json.loads(sys.argv[2])
        print(json.dumps(TASKS[asked["task"]](asked)))
        return
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="w2v-benchmark-") as directory:
        path = Path(directory) / "text.txt"
        write_prefix(open_corpus(arguments.corpus), path, arguments.words)
        asked = {**vars(arguments), "corpus": str(path)}
        network = apart(asked, "network")
        found = {
            size: apart(asked, "costs", vector_size=size)
            for size in dict.fromkeys((arguments.vector_size, PLANNED_SIZE))
        }
        runs = [apart(asked, "train", workers=workers) for workers in arguments.workers]
    here = Measured.of(found[arguments.vector_size], network, arguments.vector_size)
    plan = Measured.of(found[PLANNED_SIZE], network, PLANNED_SIZE)
    print(costs_table([here, plan]))
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
        "--bandwidth", type=float, default=1250,
        help="megabytes a second of each planned worker's network; default 1250, 10 Gbit/s",
    )  # fmt: skip
    return parser.parse_args(given)


def apart(asked: Asked, task: str, **more: Any) -> Asked:
    """Do a task in a process of its own."""
    request = json.dumps({**asked, "task": task, **more})
    command = [sys.executable, __file__, "--child", request]
    environment = {**os.environ, **KEPT_MEMORY}  # as the workers that are checked
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    found: Asked = json.loads(done.stdout.splitlines()[-1])
    print(f"{task}: {json.dumps(found)}", file=sys.stderr, flush=True)
    return found


def encoded(corpus: str) -> tuple[Vocabulary, EncodedCorpus]:
    """Count and encode a corpus."""
    opened = open_corpus(corpus)
    vocabulary = count_vocabulary(opened)
    return vocabulary, encode_corpus(opened, vocabulary)


def find_network(_: Asked) -> Asked:
    """Measure letters between two workers."""
    from cluster_costs import measure_network  # noqa: PLC0415  (in the child alone)

    return measure_network()


def find_costs(asked: Asked) -> Asked:
    """Measure the parts of a round, and what the model has to know of the text."""
    from cluster_costs import measure  # noqa: PLC0415

    vocabulary, text = encoded(asked["corpus"])
    config = TrainConfig(vector_size=asked["vector_size"], epochs=1)
    shape = round_shape(len(text.tokens), asked["shards"])
    costs = measure(text, vocabulary, config, shape)
    return {
        "costs": costs,
        "shape": tuple(shape),
        "counts": vocabulary.counts.tolist(),
        "words_a_token": vocabulary.corpus_words / len(text.tokens),
        "sample": fitted(config, len(text.tokens), len(vocabulary)).threshold,
    }


def train(asked: Asked) -> Asked:
    """Train an epoch on local processes, with a thread each."""
    import w2v  # noqa: PLC0415

    traffic: dict[str, float] = {}

    def watch(training: Any) -> None:
        traffic.update(training.trainer.engine.traffic)

    model = w2v.train(
        asked["corpus"], cluster=f"local:{asked['workers']}", workers=asked["workers"],
        shards=asked["shards"], vector_size=asked["vector_size"], epochs=1,
        callbacks=watch,
    )  # fmt: skip
    return {
        "workers": asked["workers"],
        "words_per_second": model.summary.words_per_second,
        "traffic": traffic,
    }


TASKS = {"network": find_network, "costs": find_costs, "train": train}


@dataclass(frozen=True)
class Measured:
    """What was measured with vectors of one size.

    Attributes
    ----------
    model : Model
        Of this machine and this text.
    shape : RoundShape
        Of the rounds that were measured.
    rows : tuple of float
        The rows that a stretch and a round touched.
    words_a_token : float
        Words of the corpus for each that has a vector.
    exponent, sample : float
        Of Zipf's law in this text, and of subsampling.
    """

    model: Model
    shape: RoundShape
    rows: tuple[float, float]
    words_a_token: float
    exponent: float
    sample: float

    @classmethod
    def of(cls, found: Asked, network: Asked, vector_size: int) -> "Measured":
        """Put together what the children have found."""
        costs = dict(found["costs"])
        rows = costs.pop("rows_of_stretch"), costs.pop("rows_of_round")
        counts, shape = np.array(found["counts"]), RoundShape(*found["shape"])
        window, sample = TrainConfig().window, found["sample"]
        law = Law(counts.astype(np.float64), sample, window)
        # Real stretches repeat their words: the mean of what that saves a stretch and a round.
        law.burst = (rows[0] / law.rows(shape.stretch) + rows[1] / law.rows(shape.tokens)) / 2
        return cls(
            Model(Costs(**costs, **network), law, vector_size), shape, rows,
            found["words_a_token"], zipf_exponent(counts), sample,
        )  # fmt: skip

    def words_per_second(self, workers: int) -> float:
        """Return what the model predicts for workers of this machine."""
        each = self.model.round(workers, self.shape)
        return each.tokens * self.words_a_token / each.seconds


def costs_table(measured: list[Measured]) -> str:
    """Return the measured costs, in nanoseconds where they are not of another unit."""
    rows = []
    for name in Costs.__dataclass_fields__:
        values = [getattr(each.model.costs, name) for each in measured]
        if name == "cores":
            continue
        if name == "crowding":
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


def check_table(here: Measured, runs: list[Asked]) -> str:
    """Return what was predicted for trainings on this machine, and what they did."""
    head = [
        "workers", "predicted words/s", "measured", "predicted ÷ measured", "MB a round",
        "training, ms", "merging and exchange, ms",
    ]  # fmt: skip
    rows = []
    for run in runs:
        workers, traffic = run["workers"], run["traffic"]
        expected, speed = here.model.round(workers, here.shape), here.words_per_second(workers)
        senders, rounds = min(workers, here.shape.shards), traffic["rounds"]
        others = expected.merging + expected.exchange
        sent = traffic["sent"] / rounds / _MEGABYTE
        waited = (traffic["waiting"] + traffic["merging"]) / rounds
        rows.append([
            str(workers),
            f"{speed / 1e6:.2f} M",
            f"{run['words_per_second'] / 1e6:.2f} M",
            f"{speed / run['words_per_second']:.2f}",
            f"{senders * expected.sent / _MEGABYTE:.1f} / {sent:.1f}",
            f"{1e3 * expected.training:.1f} / {1e3 * traffic['training'] / rounds:.1f}",
            f"{1e3 * others:.1f} / {1e3 * waited:.1f}",
        ])  # fmt: skip
    return markdown(head, rows)


def planned(plan: Measured, bandwidth: float) -> Model:
    """Return the model of separate machines, with the planned vocabulary."""
    law = zipf_law(
        PLANNED_VOCABULARY, plan.exponent, plan.sample, TrainConfig().window, plan.model.law.burst
    )
    return Model(plan.model.costs.over_network(bandwidth), law, PLANNED_SIZE)


def plan_text(plan: Measured, bandwidth: float) -> str:
    """Return what the model predicts for clusters that were not measured."""
    model = planned(plan, bandwidth)
    costs = model.costs
    slower = "Dask's own work with a byte" if costs.byte > 1 / bandwidth else "the network"
    return (
        f"EXTRAPOLATED: {PLANNED_VOCABULARY:,} words × {PLANNED_SIZE}, one thread a worker, each"
        f" on a machine like this one,\nover a network of {bandwidth / _MEGABYTE:,.0f} MB/s. None"
        f" of it was run. {1 / costs.byte / _MEGABYTE:,.0f} MB/s are left: {slower} is the limit.\n"
        "\n"
        + markdown(PLAN_HEAD, list(plan_rows(model, plan.words_a_token)))
        + "\n"
        + PLAN_NOTES.format(
            shards=MEASURED_SHARDS,
            bound=QUALITY_BOUND,
            exponent=plan.exponent,
            burst=plan.model.law.burst,
        )
    )


PLAN_HEAD = [
    "workers",
    "shards",
    "tokens a shard",
    "words/s",
    *(f"hours, {words // 10**9} billion words" for words in PLANNED_WORDS),
    "MB/s sent by each",
    "training",
    "merging",
    "exchange",
    "order",
    "half of it training from",
    "memory",
]
PLAN_NOTES = """\
- A star: more than the {shards} shards, or longer than the {bound:,} tokens a shard before a
  merge, whose quality was measured. Stretches of 100,000 and a million tokens were tried with four
  shards; of more shards nothing is known.
- No more workers than shards have work, so 512 workers are no faster than 16 with 16 shards.
- "Half of it training from": the tokens a shard from which on a round trains for half of its time.
- Rows follow Zipf's law with the exponent of this text, {exponent:.2f}, and are {burst:.2f} of what
  independent draws touch, as here. Another text has another tail, and other rows.
- A token is as dear as here, where there are fewer words. With 3 million, caches hold less of them.
- Left out: the network's own latency, links that are shared, slow workers, failures; reading and
  counting the text; checkpoints. Letters of many workers at once were measured with two workers.
- The order is that of the first epoch, in which the text goes to the workers.
- Memory is what the engine asks for on each worker, an upper bound.
"""


def plan_rows(model: Model, words_a_token: float) -> Iterator[list[str]]:
    """Yield the rows of the plan: each number of workers, with its shards and stretches."""
    config = TrainConfig(vector_size=model.vector_size)
    for workers, shards in PLANNED:
        usual = round_shape(int(min(PLANNED_WORDS) / words_a_token), shards)
        balanced = balanced_stretch(model, workers, usual)
        tried = [usual._replace(stretch=stretch) for stretch in TRIED_STRETCHES]
        for shape in (usual, *tried):
            stretch, each = shape.stretch, model.round(workers, shape)
            speed = each.tokens * words_a_token / each.seconds
            memory = replica_bytes(PLANNED_VOCABULARY, 0, config, shape, -(-shards // workers))
            yield [
                str(workers),
                f"{shards}{'*' * (shards > MEASURED_SHARDS)}",
                f"{stretch:,}{'*' * (stretch > QUALITY_BOUND)}",
                f"{speed / 1e6:.2f} M",
                *(f"{words / speed / 3600:,.1f}" for words in PLANNED_WORDS),
                f"{each.sent / each.seconds / _MEGABYTE:,.0f}",
                *(
                    f"{100 * part / each.seconds:.0f} %"
                    for part in (each.training, each.merging, each.exchange, each.order)
                ),
                "none" if balanced is None else f"{balanced:,}",
                f"{memory / _GIGABYTE:,.0f} GB",
            ]


def balanced_stretch(model: Model, workers: int, shape: RoundShape) -> int | None:
    """Return the stretch, 2^k blocks a lap, from which on training takes half of the time."""
    stretch = shape.laps * BLOCK
    while stretch <= _LONGEST:
        each = model.round(workers, shape._replace(stretch=stretch))
        if 2 * each.training >= each.seconds:
            return stretch
        stretch *= 2
    return None


if __name__ == "__main__":
    main()
