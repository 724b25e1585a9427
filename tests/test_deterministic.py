"""The deterministic mode: the same bytes whoever does what, equal to shards trained in turn."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from test_kernels import TOLERANCE, VARIANTS, make_trainers, zipf_corpus

import w2v
from w2v.errors import ConfigError
from w2v.kernels import adasum
from w2v.kernels.jit import JIT_ENABLED
from w2v.kernels.scratch import BLOCK, SHARDS
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training import deterministic
from w2v.training.config import TrainConfig
from w2v.training.deterministic import stretch_length
from w2v.training.events import EpochEnded, Progress
from w2v.training.trainer import Trainer
from w2v.training.weights import aligned_zeros

# Two rounds and a part of a third, whose last shard has nothing to do.
ROUND = SHARDS * BLOCK
CORPUS = zipf_corpus(vocabulary_size=3000, words=2 * ROUND + 3 * BLOCK - 100, longest=60)

pytestmark = pytest.mark.skipif(
    not JIT_ENABLED, reason="20,000 words are slow without the compiler"
)


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


@pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
def test_the_same_bytes_with_any_number_of_workers(architecture, loss):
    variant = {"architecture": architecture, "loss": loss, "held_out": CORPUS}
    expected = outcome(make_trainer(1, **variant))
    assert np.isfinite([epoch.held_out_loss for epoch in expected[2]]).all()
    for workers in (1, 2, 4, 7):
        assert outcome(make_trainer(workers, **variant)) == expected
    assert outcome(make_trainer(2, **variant, seed=2)) != expected


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
            for name in ("train_chunk", "list_rows", "merge_rows"):
                patch.setattr(deterministic, name, late(getattr(deterministic, name), generator))
            assert outcome(make_trainer(2 + seed, **variant)) == expected


def late(work, generator):
    def delayed(*arguments):
        time.sleep(generator.choice([0, 0.002, 0.01]))
        work(*arguments)

    return delayed


def combined(first, second):
    """Adasum of two changes of a row."""
    product = first @ second
    if not first.any() or not second.any():
        return first + second
    weights = (1 - product / (2 * change @ change) for change in (first, second))
    return sum(weight * change for weight, change in zip(weights, (first, second), strict=True))


def merge_naively(shared, copies):
    for row, values in enumerate(zip(*copies, strict=True)):
        changes = [value - shared[row] for value in values]
        shared[row] += combined(combined(*changes[:2]), combined(*changes[2:]))


@pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
def test_it_equals_shards_trained_on_copies_of_everything(architecture, loss):
    settings = {
        "architecture": architecture, "loss": loss, "epochs": 1, "vector_size": 6, "sample": 0.01
    }  # fmt: skip
    tokens, offsets = CORPUS
    plain, twin = make_trainers(tokens, offsets, scale=0.5, **settings)
    trainer = make_trainer(2, **settings)
    trainer.weights.input[:] = plain.weights.input
    trainer.weights.output[:] = plain.weights.output
    before = twin.input.copy()
    trainer.run()
    for begin in range(0, len(tokens), ROUND):
        shards = [
            replace(twin, input=twin.input.copy(), output=twin.output.copy()) for _ in range(SHARDS)
        ]
        for start, shard in zip(range(begin, begin + ROUND, BLOCK), shards, strict=True):
            shard.train_epoch(0, start, start + BLOCK)
        merge_naively(twin.input, [shard.input for shard in shards])
        merge_naively(twin.output, [shard.output for shard in shards])
    # Adasum divides by the length of a change: what was rounded in a short one counts for more.
    assert np.abs(trainer.weights.input[:, :6] - twin.input).max() < 4 * TOLERANCE
    assert np.abs(trainer.weights.output[:, :6] - twin.output).max() < 4 * TOLERANCE
    assert np.abs(twin.input - before).max() > 1000 * TOLERANCE


class TestMerging:
    def merged(self, shared, copies, parts=1):
        """Merge copies (row by shard; None where a shard has none) of rows with the kernel."""
        size, capacity = len(shared), len(shared)
        matrix = aligned_zeros(size + SHARDS * capacity, 16)
        matrix[:size, : shared.shape[1]] = shared
        copied = np.zeros((SHARDS, capacity), np.int32)
        counts = np.zeros((SHARDS, 2), np.int64)
        places = np.tile(np.arange(size, dtype=np.int32), (SHARDS, 1))
        for row, values in enumerate(copies):
            for shard, value in enumerate(values):
                if value is not None:
                    count = counts[shard, 1]
                    places[shard, row] = size + shard * capacity + count
                    matrix[places[shard, row], : len(value)] = value
                    copied[shard, count] = row
                    counts[shard, 1] += 1
        merger = adasum.Merger(aligned_zeros(SHARDS, 16), np.zeros(SHARDS, np.int64))
        for part in range(parts):
            adasum.merge_rows(part, parts, adasum.Round(matrix, copied, counts, places), merger)
        return matrix[:size, : shared.shape[1]]

    @pytest.mark.parametrize("parts", [1, 3])
    def test_it_equals_plain_numpy(self, parts):
        generator = np.random.default_rng(1)
        shared = generator.normal(size=(64, 10)).astype(np.float32)
        expected = shared.astype(np.float64)
        copies = []
        for row in range(64):  # every choice of shards, four times
            values = [
                shared[row] + generator.normal(size=10).astype(np.float32)
                if row >> shard & 1
                else None
                for shard in range(SHARDS)
            ]
            copies.append(values)
            changes = [0 * expected[row] if v is None else v - expected[row] for v in values]
            expected[row] += combined(combined(*changes[:2]), combined(*changes[2:]))
        found = self.merged(shared, copies, parts)
        np.testing.assert_allclose(found, expected, atol=TOLERANCE)
        np.testing.assert_array_equal(found[0], shared[0])
        np.testing.assert_array_equal(found[4], copies[4][2])  # one shard's copy as it is

    def test_changes_in_one_direction_are_averaged_and_others_summed(self):
        shared = np.zeros((2, 4), np.float32)
        one, other = np.array([1, 0, 0, 0]), np.array([0, 2, 0, 0])
        found = self.merged(shared, [[one, one, one, one], [one, None, None, other]])
        np.testing.assert_allclose(found, [one, one + other])

    def test_no_change_takes_nothing_away(self):
        shared = np.ones((1, 4), np.float32)
        found = self.merged(shared, [[shared[0], shared[0], 3 * shared[0], shared[0]]])
        np.testing.assert_allclose(found, 3 * shared)

    @pytest.mark.parametrize("bad", [np.nan, np.inf])
    def test_what_is_not_finite_stays_visible(self, bad):
        shared = np.ones((1, 4), np.float32)
        wrong = np.array([1, bad, 1, 1])
        found = self.merged(shared, [[None, 2 * shared[0], wrong, None]])
        assert not np.isfinite(found).all()


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
    @pytest.mark.parametrize("name", ["train_chunk", "list_rows", "merge_rows"])
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

    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_it_learns(self, architecture, loss):
        """With three rounds an epoch the mean of the shards' changes is less than their sum."""
        settings = {"architecture": architecture, "loss": loss, "epochs": 5}
        losses = [epoch.loss for epoch in make_trainer(2, **settings).run()]
        free = make_trainers(*CORPUS, vector_size=20, **settings)[0]
        assert losses[-1] < losses[0]
        assert losses[-1] < 1.3 * free.run()[-1].loss


def test_a_small_text_has_short_rounds_and_a_large_one_longer_ones():
    assert stretch_length(1) == stretch_length(10**6) == BLOCK
    assert BLOCK < stretch_length(5 * 10**6) < stretch_length(10**9) == stretch_length(10**12)
    assert stretch_length(5 * 10**6) % BLOCK == 0


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


def test_train_takes_it():
    settings = {"vector_size": 8, "epochs": 1, "deterministic": True}
    first, second = (w2v.train("toy", workers=workers, **settings) for workers in (1, 2))
    np.testing.assert_array_equal(first.vectors.vectors, second.vectors.vectors)
    assert first.config.deterministic
