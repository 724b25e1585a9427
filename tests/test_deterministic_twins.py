"""The deterministic mode equals shards in turn, trained on copies and merged by plain NumPy."""

from dataclasses import replace

import numpy as np
import pytest
from deterministic_runs import (
    CORPUS,
    SHARDS,
    make_trainer,
    needs_compiler,
    no_thread_is_left,  # noqa: F401 (a fixture)
    outcome,
    use_shape,
    use_shards,
)
from test_adasum import all_combined
from test_kernels import TOLERANCE, make_trainers, zipf_corpus
from variants import ALL_VARIANTS, VARIANTS

from w2v.kernels.state import BLOCK
from w2v.kernels.windows import learning_rate
from w2v.training.engines import rounds
from w2v.training.engines.distances import row_distances
from w2v.training.engines.joined_rounds import JoinedRounds
from w2v.training.engines.round_shape import RoundShape

# Enough for the naive twin: of 2 shards two and a half rounds, of 16 a third of one.
SHORT = zipf_corpus(vocabulary_size=3000, words=5 * BLOCK - 100, longest=60)

# Two rounds of two shards of three blocks that are joined, and a part of a third.
LONGER = zipf_corpus(vocabulary_size=3000, words=14 * BLOCK - 100, longest=60)

pytestmark = needs_compiler


@pytest.fixture(autouse=True)
def shards(request, monkeypatch):
    """The number of shards, 4 unless a test asks for others."""
    return use_shards(getattr(request, "param", SHARDS), monkeypatch)


def ways_of_round(trainer, shape, twin, blocks, begin):
    """How far each shard brings each row; see `row_distances`.

    `blocks` has the places of the blocks of each shard, some perhaps behind the end of the text.
    Returns both matrices', float64 (rows, shards).
    """
    rate = learning_rate(begin, trainer.schedules.epoch(0))
    tokens = np.concatenate(twin.sentences)
    distances = row_distances(np.bincount(tokens), trainer.config, shape)
    inputs, outputs = (np.zeros((len(each), len(blocks))) for each in distances)
    for shard, places in enumerate(blocks):
        for place in places:
            words = twin.words_read(0, place, place + BLOCK)
            np.add.at(inputs[:, shard], words, distances[0][words, 1])
            if twin.noise is not None:
                np.add.at(outputs[:, shard], words, distances[1][words, 1])
        touched = [twin.rows_read(0, place, place + BLOCK) for place in places]
        listed = sum(place < len(tokens) for place in places)
        rows = sorted(set().union(*touched))
        outputs[rows, shard] += listed * distances[1][rows, 0]
    return rate * inputs, rate * outputs


def merge_naively(shared, copies, ways):
    for row, values in enumerate(zip(*copies, strict=True)):
        shared[row] += all_combined([value - shared[row] for value in values], ways[row])


@pytest.mark.parametrize("shards", [2, 16], indirect=True)
@pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
def test_it_equals_shards_trained_on_copies_of_everything(architecture, loss, shards):
    settings = {
        "architecture": architecture, "loss": loss, "epochs": 1, "vector_size": 6, "sample": 0.01
    }  # fmt: skip
    tokens, offsets = SHORT
    plain, twin = make_trainers(tokens, offsets, scale=0.5, **settings)
    trainer = make_trainer(2, corpus=SHORT, **settings)
    twin.pool = trainer.schedules.pool
    trainer.weights.input[:] = plain.weights.input
    trainer.weights.output[:] = plain.weights.output
    before = twin.input.copy()
    trainer.run()
    shape = RoundShape(shards, BLOCK)
    for begin in range(0, len(tokens), shards * BLOCK):
        twins = [
            replace(twin, input=twin.input.copy(), output=twin.output.copy()) for _ in range(shards)
        ]
        for number, shard in enumerate(twins):
            start = begin + number * BLOCK
            shard.train_epoch(0, start, start + BLOCK)
        blocks = [[begin + number * BLOCK] for number in range(shards)]
        inputs, outputs = ways_of_round(trainer, shape, twin, blocks, begin)
        merge_naively(twin.input, [shard.input for shard in twins], inputs)
        merge_naively(twin.output, [shard.output for shard in twins], outputs)
    # The merge divides by the length of a change, so rounding errors of a short one count for more.
    assert np.abs(trainer.weights.input[:, :6] - twin.input).max() < 4 * TOLERANCE
    assert np.abs(trainer.weights.output[:, :6] - twin.output).max() < 4 * TOLERANCE
    assert np.abs(twin.input - before).max() > 1000 * TOLERANCE


def merge_hot_naively(shared, copies, ways, hot):
    """Merge the rows before `hot.words` and those from `hot.nodes` on, also into the copies."""
    rows = np.r_[: min(hot.words, len(shared)), hot.nodes : len(shared)]
    for row in np.unique(rows):
        shared[row] += all_combined([copy[row] - shared[row] for copy in copies], ways[row])
        for copy in copies:
            copy[row] = shared[row]


def start_of_block(begin, shard, block, blocks):
    """Where a block of one of two shards starts, whose stretches have `blocks` each."""
    place, within = divmod(block, blocks)
    return begin + ((place * 2 + shard) * blocks + within) * BLOCK


def join_always(number):
    """How JoinedRounds begins, where so many are joined in every epoch."""

    def begin(rounds, shape, *_):
        rounds._shape, rounds.most = shape, number

    return begin


class TestLaps:
    """A round in several laps, after which the hot rows are merged."""

    SHAPE = RoundShape(2, 3 * BLOCK, 3, 40)

    @pytest.fixture(autouse=True)
    def laps(self, monkeypatch, shards):
        use_shape(self.SHAPE, monkeypatch)

    @pytest.mark.parametrize(
        ("blocks", "laps", "joined", "lengths"),
        [(3, 3, 1, (1, 1, 1)), (3, 3, 2, (2, 2, 2)), (1, 1, 3, (2, 1))],
    )
    @pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
    def test_it_equals_hot_rows_merged_after_each(
        self, architecture, loss, blocks, laps, joined, lengths, monkeypatch
    ):
        """The blocks of each lap are `lengths`, where so many rounds are joined."""
        shape = RoundShape(2, blocks * BLOCK, laps, 40)
        use_shape(shape, monkeypatch)
        monkeypatch.setattr(JoinedRounds, "__init__", join_always(joined))
        monkeypatch.setattr(JoinedRounds, "number", lambda rounds, _: rounds.most)
        settings = {
            "architecture": architecture, "loss": loss, "epochs": 1, "vector_size": 6,
            "sample": 0.01,
        }  # fmt: skip
        tokens, offsets = CORPUS if joined == 1 else LONGER
        plain, twin = make_trainers(tokens, offsets, scale=0.5, **settings)
        trainer = make_trainer(2, corpus=(tokens, offsets), **settings)
        twin.pool = trainer.schedules.pool
        trainer.weights.input[:] = plain.weights.input
        trainer.weights.output[:] = plain.weights.output
        trainer.run()
        hot_inputs, hot_outputs = rounds.hot_bounds(len(twin.input), trainer.config, shape)
        ends = np.cumsum(lengths)
        for begin in range(0, len(tokens), joined * shape.tokens):
            twins = [
                replace(twin, input=twin.input.copy(), output=twin.output.copy()) for _ in range(2)
            ]
            of_shards = [
                [start_of_block(begin, number, block, blocks) for block in range(ends[-1])]
                for number in range(2)
            ]
            inputs, outputs = ways_of_round(trainer, shape, twin, of_shards, begin)
            for length, end in zip(lengths, ends, strict=True):
                for number, shard in enumerate(twins):
                    for start in of_shards[number][end - length : end]:
                        shard.train_epoch(0, start, start + BLOCK)
                of_inputs, of_outputs = (
                    [getattr(shard, name) for shard in twins] for name in ("input", "output")
                )
                if end < ends[-1]:
                    merge_hot_naively(twin.input, of_inputs, inputs, hot_inputs)
                    merge_hot_naively(twin.output, of_outputs, outputs, hot_outputs)
            merge_naively(twin.input, of_inputs, inputs)
            merge_naively(twin.output, of_outputs, outputs)
        assert np.abs(trainer.weights.input[:, :6] - twin.input).max() < 4 * TOLERANCE
        assert np.abs(trainer.weights.output[:, :6] - twin.output).max() < 4 * TOLERANCE

    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_the_same_bytes_with_any_number_of_workers(self, architecture, loss, monkeypatch):
        variant = {"architecture": architecture, "loss": loss, "held_out": CORPUS}
        expected = outcome(make_trainer(1, **variant))
        assert outcome(make_trainer(3, **variant)) == expected
        use_shape(self.SHAPE._replace(hot=0), monkeypatch)
        without = outcome(make_trainer(1, **variant))
        assert without != expected
        use_shape(self.SHAPE._replace(laps=1, hot=0), monkeypatch)
        assert outcome(make_trainer(1, **variant)) == without
