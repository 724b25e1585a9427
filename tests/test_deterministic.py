"""The deterministic mode: the same bytes for any number of workers, equal to shards in turn."""

import threading
import time
from dataclasses import replace

import naive
import numpy as np
import pytest
from test_adasum import all_combined
from test_kernels import TOLERANCE, make_trainers, zipf_corpus
from variants import ALL_VARIANTS, VARIANTS

from w2v.errors import ConfigError
from w2v.kernels.jit import JIT_ENABLED
from w2v.kernels.state import BLOCK, POOL
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training.config import TrainConfig
from w2v.training.engines import deterministic, rounds
from w2v.training.engines.round_shape import RoundShape
from w2v.training.events import EpochEnded, Progress
from w2v.training.trainer import Trainer

SHARDS = 4
ROUND = SHARDS * BLOCK
NUMBERS = [2, 4, 8, 16]
# Of 2 shards five and a half rounds, of 4 two and three quarters, of 8 one and a half; of 16 a
# part of one, whose last shards have nothing to do.
CORPUS = zipf_corpus(vocabulary_size=3000, words=2 * ROUND + 3 * BLOCK - 100, longest=60)

# Enough for the naive twin: of 2 shards two and a half rounds, of 16 a third of one.
SHORT = zipf_corpus(vocabulary_size=3000, words=5 * BLOCK - 100, longest=60)

pytestmark = pytest.mark.skipif(
    not JIT_ENABLED, reason="20,000 words are slow without the compiler"
)


@pytest.fixture(autouse=True)
def shards(request, monkeypatch):
    """So many shards of one block each, 4 unless a test asks for others, for texts this short.

    By default the rounds of 1.3 to 2.6 million tokens are such: too many for the naive twin.
    """
    number = getattr(request, "param", SHARDS)
    monkeypatch.setattr(deterministic, "round_shape", lambda *_: RoundShape(number, BLOCK))
    return number


with_shards = pytest.mark.parametrize("shards", NUMBERS, indirect=True)


def make_trainer(workers, held_out=None, corpus=CORPUS, **settings):
    tokens, offsets = corpus
    counts = np.bincount(tokens).astype(np.int64)
    vocabulary = Vocabulary([f"w{k}" for k in range(len(counts))], counts, len(tokens), len(counts))
    settings = {"vector_size": 20, "epochs": 2, **settings}
    config = TrainConfig(min_count=1, workers=workers, deterministic=True, **settings)
    held = held_out and EncodedCorpus(*held_out)
    return Trainer(EncodedCorpus(tokens, offsets), vocabulary, config, held)


def outcome(trainer):
    """All that training leaves behind, but the seconds."""
    history = [replace(epoch, seconds=0) for epoch in trainer.run()]
    return trainer.weights.input.tobytes(), trainer.weights.output.tobytes(), history


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


@with_shards
@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_the_same_bytes_with_any_number_of_workers(architecture, loss, shards):
    variant = {"architecture": architecture, "loss": loss, "held_out": CORPUS}
    expected = outcome(make_trainer(1, **variant))
    assert np.isfinite([epoch.held_out_loss for epoch in expected[2]]).all()
    for workers in (2, 3, 8, 16):
        assert outcome(make_trainer(workers, **variant)) == expected
    assert outcome(make_trainer(2, **variant, seed=2)) != expected


@pytest.mark.parametrize("shards", [3, 6, 7], indirect=True)
@pytest.mark.parametrize("loss", ["negative", "hierarchical"])
def test_the_same_bytes_with_any_number_of_shards(loss, shards):
    """By default it is a power of two; the last shard of the tree may be without a partner."""
    settings = {"loss": loss, "epochs": 2}
    expected = outcome(make_trainer(1, **settings))
    assert outcome(make_trainer(3, **settings)) == expected
    assert expected[2][1].loss < expected[2][0].loss


@pytest.mark.parametrize("vector_size", [1, 100])
def test_the_same_bytes_at_other_sizes(vector_size):
    settings = {"vector_size": vector_size, "negative": 7, "window": 11, "epochs": 1}
    expected = outcome(make_trainer(1, **settings))
    assert outcome(make_trainer(3, **settings)) == expected


@pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
def test_the_same_bytes_whatever_the_schedule(architecture, loss, monkeypatch):
    """Each piece of work begins up to some milliseconds late, in another way every time."""
    variant = {"architecture": architecture, "loss": loss, "epochs": 1}
    expected = outcome(make_trainer(2, **variant))
    for seed in range(3):
        generator = np.random.default_rng(seed)
        with monkeypatch.context() as patch:
            for name in ("plan_stretch", "train_stretch", "merge_part"):
                patch.setattr(deterministic, name, late(getattr(deterministic, name), generator))
            assert outcome(make_trainer(2 + seed, **variant)) == expected


def kept_within(positions, text, schedule):
    """How many of these positions pass before a window's worth of them was kept."""
    missing = schedule.window
    for passed, place in enumerate(positions):
        if missing == 0:
            return passed
        word = min(text.tokens[place - text.offset], len(text.keep_thresholds) - 1)
        missing -= naive.draw(schedule.key, place) >> 32 < text.keep_thresholds[word]
    return len(positions)


def cut_stretch(text, start, stop, schedule):
    """The part of a text that is read for the stretch from token `start` to `stop` − 1."""
    offsets, low, high = text.sentence_offsets, start, stop
    if start < stop:
        first = offsets[np.searchsorted(offsets, start, side="right") - 1]
        last = offsets[np.searchsorted(offsets, stop - 1, side="right")]
        low -= kept_within(range(start - 1, first - 1, -1), text, schedule)
        high += kept_within(range(stop, last), text, schedule)
    inside = slice(*np.searchsorted(offsets, [low + 1, high]))
    borders = np.concatenate(([low], offsets[inside], [high]))
    tokens = text.tokens[low - text.offset : high - text.offset]
    return text._replace(tokens=tokens, offset=low, sentence_offsets=borders)


@pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
@pytest.mark.parametrize("settings", [{}, {"window": 60, "sample": 1e-4}], ids=["", "far"])
def test_the_same_bytes_from_slices_of_the_text(architecture, loss, settings, monkeypatch):
    """Each shard sees no more of the text than its stretch and what windows there reach."""
    settings = {"architecture": architecture, "loss": loss, "epochs": 2, **settings}
    expected = outcome(make_trainer(1, **settings))
    sizes = []

    def on_a_slice(work):
        def sliced(text, start, stop, schedule, *rest):
            cut = cut_stretch(text, start, stop, schedule)
            sizes.append(len(cut.tokens))
            twice = cut_stretch(cut, start, stop, schedule)
            assert np.array_equal(cut.tokens, twice.tokens)
            work(cut._replace(tokens=cut.tokens.copy()), start, stop, schedule, *rest)

        return sliced

    for name in ("plan_stretch", "train_stretch"):
        monkeypatch.setattr(deterministic, name, on_a_slice(getattr(deterministic, name)))
    assert outcome(make_trainer(2, **settings)) == expected
    assert BLOCK < max(sizes) < 2 * BLOCK


def late(work, generator):
    def delayed(*arguments):
        time.sleep(generator.choice([0, 0.002, 0.01]))
        work(*arguments)

    return delayed


def merge_naively(shared, copies):
    for row, values in enumerate(zip(*copies, strict=True)):
        shared[row] += all_combined([value - shared[row] for value in values])


@pytest.mark.parametrize("shards", [2, 16], indirect=True)
@pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
def test_it_equals_shards_trained_on_copies_of_everything(architecture, loss, shards):
    settings = {
        "architecture": architecture, "loss": loss, "epochs": 1, "vector_size": 6, "sample": 0.01
    }  # fmt: skip
    tokens, offsets = SHORT
    plain, twin = make_trainers(tokens, offsets, scale=0.5, **settings)
    trainer = make_trainer(2, corpus=SHORT, **settings)
    trainer.weights.input[:] = plain.weights.input
    trainer.weights.output[:] = plain.weights.output
    before = twin.input.copy()
    trainer.run()
    for begin in range(0, len(tokens), shards * BLOCK):
        twins = [
            replace(twin, input=twin.input.copy(), output=twin.output.copy()) for _ in range(shards)
        ]
        for number, shard in enumerate(twins):
            start = begin + number * BLOCK
            shard.train_epoch(0, start, start + BLOCK)
        merge_naively(twin.input, [shard.input for shard in twins])
        merge_naively(twin.output, [shard.output for shard in twins])
    # Adasum divides by the length of a change, so rounding errors of a short one count for more.
    assert np.abs(trainer.weights.input[:, :6] - twin.input).max() < 4 * TOLERANCE
    assert np.abs(trainer.weights.output[:, :6] - twin.output).max() < 4 * TOLERANCE
    assert np.abs(twin.input - before).max() > 1000 * TOLERANCE


def merge_hot_naively(shared, copies, hot):
    """Merge the rows before `hot.words` and those from `hot.nodes` on, also into the copies."""
    rows = np.r_[: min(hot.words, len(shared)), hot.nodes : len(shared)]
    for row in np.unique(rows):
        shared[row] += all_combined([copy[row] - shared[row] for copy in copies])
        for copy in copies:
            copy[row] = shared[row]


class TestLaps:
    """A round in several laps, after which the hot rows are merged."""

    SHAPE = RoundShape(2, 3 * BLOCK, 3, 40)

    @pytest.fixture(autouse=True)
    def laps(self, monkeypatch, shards):
        monkeypatch.setattr(deterministic, "round_shape", lambda *_: self.SHAPE)

    @pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
    def test_it_equals_hot_rows_merged_after_each(self, architecture, loss):
        settings = {
            "architecture": architecture, "loss": loss, "epochs": 1, "vector_size": 6,
            "sample": 0.01,
        }  # fmt: skip
        tokens, offsets = CORPUS
        plain, twin = make_trainers(tokens, offsets, scale=0.5, **settings)
        trainer = make_trainer(2, **settings)
        trainer.weights.input[:] = plain.weights.input
        trainer.weights.output[:] = plain.weights.output
        trainer.run()
        hot_inputs, hot_outputs = rounds.hot_bounds(len(twin.input), trainer.config, self.SHAPE)
        for begin in range(0, len(tokens), self.SHAPE.tokens):
            twins = [
                replace(twin, input=twin.input.copy(), output=twin.output.copy()) for _ in range(2)
            ]
            for lap in range(3):
                for number, shard in enumerate(twins):
                    start = begin + (number * 3 + lap) * BLOCK
                    shard.train_epoch(0, start, start + BLOCK)
                if lap < 2:
                    merge_hot_naively(twin.input, [shard.input for shard in twins], hot_inputs)
                    merge_hot_naively(twin.output, [shard.output for shard in twins], hot_outputs)
            merge_naively(twin.input, [shard.input for shard in twins])
            merge_naively(twin.output, [shard.output for shard in twins])
        assert np.abs(trainer.weights.input[:, :6] - twin.input).max() < 4 * TOLERANCE
        assert np.abs(trainer.weights.output[:, :6] - twin.output).max() < 4 * TOLERANCE

    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_the_same_bytes_with_any_number_of_workers(self, architecture, loss, monkeypatch):
        variant = {"architecture": architecture, "loss": loss, "held_out": CORPUS}

        def use(shape):
            monkeypatch.setattr(deterministic, "round_shape", lambda *_: shape)

        expected = outcome(make_trainer(1, **variant))
        assert outcome(make_trainer(3, **variant)) == expected
        use(self.SHAPE._replace(hot=0))
        without = outcome(make_trainer(1, **variant))
        assert without != expected
        use(self.SHAPE._replace(laps=1, hot=0))
        assert outcome(make_trainer(1, **variant)) == without


class TestRunning:
    def test_progress_is_told_after_each_round(self):
        for workers in (1, 2):
            events = []
            make_trainer(workers).run(events.append)
            one_epoch = [Progress] * 3 + [EpochEnded]
            assert list(map(type, events)) == one_epoch * 2
            done = [event.done for event in events if isinstance(event, Progress)]
            size = len(CORPUS[0])
            expected = np.array([ROUND, 2 * ROUND, size, size + ROUND, size + 2 * ROUND, 2 * size])
            np.testing.assert_allclose(done, expected / (2 * size))

    def test_it_can_stop_after_any_round_and_go_on(self):
        expected = outcome(make_trainer(2))
        trainer = make_trainer(2)
        stops = 0
        while trainer.done < 1:
            trainer.run(lambda _: setattr(trainer, "stopping", True))
            assert trainer.settle().position % ROUND == 0
            stops += 1
        assert stops > 2
        assert outcome(trainer) == expected

    @pytest.mark.parametrize("workers", [1, 3])
    @pytest.mark.parametrize("name", ["plan_stretch", "train_stretch", "merge_part"])
    def test_an_error_in_a_worker_is_raised_in_the_caller(self, workers, name, monkeypatch):
        work, calls = getattr(deterministic, name), []

        def fail_later(*arguments):
            calls.append(arguments)
            if len(calls) == 6:
                raise MemoryError("in a worker")
            work(*arguments)

        monkeypatch.setattr(deterministic, name, fail_later)
        with pytest.raises(MemoryError, match="in a worker"):
            make_trainer(workers, epochs=50).run()
        assert len(calls) < 20

    @pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("enough")])
    @pytest.mark.parametrize("kind", [Progress, EpochEnded])
    def test_an_error_in_on_event_ends_training(self, error, kind):
        def on_event(event):
            if isinstance(event, kind):
                raise error

        trainer = make_trainer(2)
        with pytest.raises(type(error)) as caught:
            trainer.run(on_event)
        assert caught.value is error
        assert np.isfinite(trainer.weights.input).all()

    def test_the_held_out_loss_changes_nothing(self):
        trainer = make_trainer(2, held_out=CORPUS)
        trainer.run()
        before = trainer.weights.input.tobytes(), trainer.weights.output.tobytes()
        assert trainer.held_out_loss() == trainer.held_out_loss()
        assert (trainer.weights.input.tobytes(), trainer.weights.output.tobytes()) == before

    @pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
    def test_it_learns(self, architecture, loss):
        """With three rounds an epoch the mean of the shards' changes is less than their sum."""
        settings = {"architecture": architecture, "loss": loss, "epochs": 5}
        losses = [epoch.loss for epoch in make_trainer(2, **settings).run()]
        free = make_trainers(*CORPUS, vector_size=20, **settings)[0]
        assert losses[-1] < losses[0]
        assert losses[-1] < 1.3 * free.run()[-1].loss


class TestShards:
    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    @pytest.mark.parametrize("shards", [1], indirect=True)
    def test_one_shard_trains_as_one_worker_without_locks(self, architecture, loss, shards):
        variant = {"architecture": architecture, "loss": loss, "vector_size": 20, "epochs": 2}
        free = make_trainers(*CORPUS, **variant)[0]
        trainer = make_trainer(3, **variant)
        trainer.weights.input[:] = free.weights.input
        trainer.weights.output[:] = free.weights.output
        assert outcome(trainer)[:2] == outcome(free)[:2]

    @with_shards
    @pytest.mark.parametrize("loss", ["negative", "hierarchical"])
    def test_all_that_a_stretch_touches_has_room_in_both_matrices(self, loss, shards):
        """In negative sampling the copies of input rows lie where those of output rows do."""
        tokens = np.arange(60_000, dtype=np.int32)  # more than the words and the noise of a stretch
        corpus = np.concatenate([tokens, tokens]), np.array([0, 120_000])
        trainer = make_trainer(1, corpus=corpus, loss=loss, vector_size=1)
        for state in trainer.engine.shards.states:
            inputs, outputs = state.own
            noise = POOL if loss == "negative" else 0
            assert len(inputs.touched) >= BLOCK
            assert len(outputs.touched) >= BLOCK + noise
            places = outputs if noise else inputs  # that name the copies of input rows
            assert places.first + len(places.touched) <= len(trainer.weights.input_rows)
            assert outputs.first + len(outputs.touched) <= len(trainer.weights.output_rows)


def test_a_model_of_one_word_sentences_and_two_words():
    tokens = np.array([0, 1] * 10, dtype=np.int32)
    for offsets in (np.arange(21), np.array([0, 20])):
        corpus = tokens, offsets.astype(np.int64)
        assert (
            outcome(make_trainer(1, corpus=corpus))[:2]
            == (outcome(make_trainer(4, corpus=corpus))[:2])
        )


def test_the_setting_is_a_truth_value():
    assert TrainConfig(deterministic=np.True_).deterministic is True
    with pytest.raises(ConfigError, match="deterministic must be True or False, not 1"):
        TrainConfig(deterministic=1)
