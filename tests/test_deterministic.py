"""The deterministic mode: the same bytes for any number of workers, whatever the schedule."""

import time

import naive
import numpy as np
import pytest
from deterministic_runs import (
    CORPUS,
    ROUND,
    SHARDS,
    make_trainer,
    needs_compiler,
    no_thread_is_left,  # noqa: F401 (a fixture)
    outcome,
    use_shape,
    use_shards,
)
from test_kernels import make_trainers
from variants import ALL_VARIANTS, VARIANTS

from w2v.errors import ConfigError
from w2v.kernels.round_tasks import PHASES, rows_of_shard, run_tasks
from w2v.kernels.state import BLOCK
from w2v.training.config import TrainConfig
from w2v.training.engines import deterministic
from w2v.training.engines.round_shape import RoundShape
from w2v.training.events import EpochEnded, Progress

NUMBERS = [2, 4, 8, 16]

pytestmark = needs_compiler


@pytest.fixture(autouse=True)
def shards(request, monkeypatch):
    """The number of shards, 4 unless a test asks for others."""
    return use_shards(getattr(request, "param", SHARDS), monkeypatch)


with_shards = pytest.mark.parametrize("shards", NUMBERS, indirect=True)


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
@pytest.mark.parametrize("tokens_each", [1, deterministic.TOKENS_EACH])
def test_the_same_bytes_whatever_the_schedule(architecture, loss, tokens_each, monkeypatch):
    """Each thread begins up to some milliseconds late, and again after each phase it waited for."""
    variant = {"architecture": architecture, "loss": loss, "epochs": 1}
    expected = outcome(make_trainer(2, **variant))
    monkeypatch.setattr(deterministic, "TOKENS_EACH", tokens_each)
    for seed, looks in enumerate((1, 2, 100)):
        generator = np.random.default_rng(seed)
        with monkeypatch.context() as patch:
            patch.setattr(deterministic, "LOOKS", looks)
            patch.setattr(deterministic, "run_tasks", late(run_tasks, generator))
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
    """The rounds of a call see no more of the text than their tokens and what windows reach."""
    settings = {"architecture": architecture, "loss": loss, "epochs": 2, **settings}
    expected = outcome(make_trainer(1, **settings))
    sizes = []

    def sliced(text, start, stop, schedule):
        cut = cut_stretch(text, start, stop, schedule)
        sizes.append(len(cut.tokens))
        assert np.array_equal(cut.tokens, cut_stretch(cut, start, stop, schedule).tokens)
        return cut._replace(tokens=cut.tokens.copy())

    monkeypatch.setattr(deterministic, "stretch", sliced)
    for rounds in (1, 2):  # of a call
        monkeypatch.setattr(deterministic, "TOKENS_EACH", rounds * ROUND // 2)
        sizes.clear()
        assert outcome(make_trainer(2, **settings)) == expected
        assert rounds * ROUND < max(sizes) < rounds * ROUND + BLOCK


def late(work, generator):
    def delayed(*arguments):
        time.sleep(generator.choice([0, 0.002, 0.01]))
        return work(*arguments)

    return delayed


class TestRunning:
    def test_progress_is_told_after_the_rounds_of_a_call(self, monkeypatch):
        monkeypatch.setattr(deterministic, "TOKENS_EACH", ROUND // 2)
        for workers in (1, 2, 3):  # a round in each call
            events = []
            make_trainer(workers).run(events.append)
            one_epoch = [Progress] * 3 + [EpochEnded]
            assert list(map(type, events)) == one_epoch * 2
            done = [event.done for event in events if isinstance(event, Progress)]
            size = len(CORPUS[0])
            expected = np.array([ROUND, 2 * ROUND, size, size + ROUND, size + 2 * ROUND, 2 * size])
            np.testing.assert_allclose(done, expected / (2 * size))
        events = []
        make_trainer(4).run(events.append)  # two
        assert list(map(type, events)) == [Progress, Progress, EpochEnded] * 2

    def test_it_can_stop_after_any_round_and_go_on(self, monkeypatch):
        expected = outcome(make_trainer(2, epochs=4))
        monkeypatch.setattr(deterministic, "TOKENS_EACH", 1)
        trainer = make_trainer(2, epochs=4)
        stops = 0
        while trainer.done < 1:
            trainer.run(lambda _: setattr(trainer, "stopping", True))
            assert trainer.settle().position % ROUND == 0
            stops += 1
        assert stops > 2
        assert outcome(trainer) == expected

    @pytest.mark.parametrize("workers", [1, 3])
    @pytest.mark.parametrize(
        "shape", [RoundShape(SHARDS, BLOCK), RoundShape(2, 2 * BLOCK, 2, 40)], ids=["", "laps"]
    )
    def test_it_stops_before_the_last_round_of_a_call(self, shape, workers, monkeypatch):
        """The first call begins when training shall stop already."""
        use_shape(shape, monkeypatch)
        expected = outcome(make_trainer(workers))
        trainer = make_trainer(workers)
        trainer.engine.compile(trainer.schedules.epoch(0))
        with monkeypatch.context() as patch:
            patch.setattr(deterministic, "run_tasks", self.begun_late(trainer.engine))
            trainer.run(lambda _: setattr(trainer, "stopping", True))
        assert trainer.settle().position == ROUND
        assert outcome(trainer) == expected

    def begun_late(self, engine):
        def run(*arguments):
            if not engine._halt[0]:
                engine._crew.finished.put(1)  # which the trainer reports as progress
            while not engine._halt[0]:
                time.sleep(0.001)
            return run_tasks(*arguments)

        return run

    @pytest.mark.parametrize("workers", [1, 3])
    @pytest.mark.parametrize("name", ["run_tasks", "stretch"])
    def test_an_error_in_a_worker_is_raised_in_the_caller(self, workers, name, monkeypatch):
        work, calls = getattr(deterministic, name), []

        def fail_later(*arguments):
            calls.append(arguments)
            if len(calls) == 6:
                raise MemoryError("in a worker")
            return work(*arguments)

        monkeypatch.setattr(deterministic, name, fail_later)
        with pytest.raises(MemoryError, match="in a worker"):
            make_trainer(workers, epochs=50).run()
        assert len(calls) < 20

    def test_an_error_within_a_task_is_raised_in_the_caller(self, monkeypatch):
        """The task is never done, and the other threads do not wait for it."""

        def fail_in_a_task(number, phase, looks, program, *rest):
            if number == 0 and program.progress[PHASES] > 0:
                program.claimed[:] = 1
                raise MemoryError("in a task")
            return run_tasks(number, phase, looks, program, *rest)

        monkeypatch.setattr(deterministic, "run_tasks", fail_in_a_task)
        with pytest.raises(MemoryError, match="in a task"):
            make_trainer(3).run()

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
        memory = trainer.engine.memory
        for shard in range(shards):
            inputs, outputs = (
                rows_of_shard.py_func(shard, rows) for rows in (memory.inputs, memory.outputs)
            )
            noise = trainer.schedules.pool if loss == "negative" else 0
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
