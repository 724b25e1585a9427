"""The plan of scale.py: what the cost model predicts for clusters that were not measured."""

from collections.abc import Iterator

from scale_measured import Measured
from scale_model import QUALITY_BOUND, Model
from scale_rows import zipf_law
from tables import markdown
from w2v import TrainConfig
from w2v.kernels.state import BLOCK
from w2v.training.cluster.replica_memory import replica_needs
from w2v.training.engines.joined_rounds import MOST_JOINED, JoinedRounds
from w2v.training.engines.round_shape import RoundShape, round_shape

PLANNED_WORDS = 10_000_000_000, 100_000_000_000
PLANNED_VOCABULARY, PLANNED_SIZE = 3_000_000, 300
PLANNED = (8, 8), (8, 16), (64, 16), (64, 64), (512, 16), (512, 512)  # workers, shards
# Of the trials in benchmarks/NOTES.md: the most shards whose quality was measured, and longer
# stretches; one of a million tokens cost 0.02 of WordSim-353, with four shards.
MEASURED_SHARDS = 16
TRIED_STRETCHES = 49 * BLOCK, 488 * BLOCK
_LONGEST = 2**40  # no stretch is as long: the rest never gets as short as training
_MEGABYTE, _GIGABYTE = 1e6, 1e9


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
            joined=MOST_JOINED,
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
    "waiting",
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
- All rounds are those of the highest learning rate. In later epochs up to {joined} are joined to
  one, which exchanges less.
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
        tokens = int(min(PLANNED_WORDS) / words_a_token)
        usual = round_shape(tokens, shards)
        balanced = balanced_stretch(model, workers, usual)
        tried = [usual._replace(stretch=stretch) for stretch in TRIED_STRETCHES]
        for shape in (usual, *tried):
            stretch, each = shape.stretch, model.round(workers, shape)
            speed = each.tokens * words_a_token / each.seconds
            own = -(-shards // workers)
            longest = JoinedRounds(shape, tokens, config).longest
            needs = replica_needs(PLANNED_VOCABULARY, 0, config, longest, own)
            memory = needs.own + needs.shared * own / shards  # the copies of its own shards
            yield [
                str(workers),
                f"{shards}{'*' * (shards > MEASURED_SHARDS)}",
                f"{stretch:,}{'*' * (stretch > QUALITY_BOUND)}",
                f"{speed / 1e6:.2f} M",
                *(f"{words / speed / 3600:,.1f}" for words in PLANNED_WORDS),
                f"{each.sent / each.seconds / _MEGABYTE:,.0f}",
                *(
                    f"{100 * part / each.seconds:.0f} %"
                    for part in (
                        each.training,
                        each.waiting,
                        each.merging,
                        each.exchange,
                        each.order,
                    )
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
