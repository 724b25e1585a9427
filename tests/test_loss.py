"""The loss that is told is the loss there is; every word is accounted for; NaN ends training."""

import math
import threading
import time

import numpy as np
import pytest
from test_kernels import make_trainers, zipf_corpus
from variants import ALL_VARIANTS, VARIANTS

import w2v
from w2v.errors import DivergedError
from w2v.kernels.state import DROPPED, KEPT
from w2v.text.encoding import EncodedCorpus
from w2v.text.held_out import hold_out
from w2v.text.vocabulary import Vocabulary
from w2v.training import place, schedule
from w2v.training import soundness as soundness_module
from w2v.training.engines import lock_free
from w2v.training.ledger import Ledger
from w2v.training.loss_margins import Margins
from w2v.training.trainer import Trainer

CORPUS = zipf_corpus(vocabulary_size=200, words=20_000, longest=30)


@pytest.fixture(scope="module")
def ten_chunks():
    return zipf_corpus(vocabulary_size=200, words=10 * lock_free.CHUNK, longest=30)


@pytest.fixture(scope="module")
def for_four():
    """A corpus with chunks for four workers."""
    words = 4 * lock_free.CHUNKS_EACH * lock_free.CHUNK
    return zipf_corpus(vocabulary_size=200, words=words, longest=30)


@pytest.fixture
def every_pair(monkeypatch):
    """The loss on all pairs, where else it is taken on a share of them."""
    monkeypatch.setattr(schedule, "LOSS_INTERVAL", 1)


def make_trainer(tokens=CORPUS[0], offsets=CORPUS[1], held_out=0.0, **settings):
    config = w2v.TrainConfig(**{"min_count": 1, "workers": 1, "vector_size": 16, **settings})
    counts = np.bincount(tokens).astype(np.int64)
    vocabulary = Vocabulary([f"w{k}" for k in range(len(counts))], counts, len(tokens), len(counts))
    corpus, held = EncodedCorpus(tokens.copy(), offsets), None
    if held_out:
        corpus, held = hold_out(corpus, held_out, config.seed)
    return Trainer(corpus, vocabulary, config, held), held


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_the_loss_of_all_pairs_is_the_twins(architecture, loss, every_pair):
    tokens, offsets = zipf_corpus(vocabulary_size=60, words=1000, longest=30)
    trainer, twin = make_trainers(
        tokens, offsets, architecture=architecture, loss=loss, vector_size=10, epochs=1,
        sample=0.05, scale=3.0, alpha=0.01,
    )  # fmt: skip
    result = trainer.run()[0]
    twin.train_epoch(0)
    assert result.loss_pairs == twin.pairs
    assert result.loss == pytest.approx(twin.loss / twin.pairs, rel=1e-5)


@pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
def test_a_share_of_the_pairs_tells_the_same(architecture, loss, monkeypatch):
    losses = []
    for share in (1, 8):
        monkeypatch.setattr(schedule, "LOSS_INTERVAL", share)
        trainer, _ = make_trainer(architecture=architecture, loss=loss, epochs=2)
        losses.append([epoch.loss for epoch in trainer.run()])
    assert losses[0] == pytest.approx(losses[1], rel=0.02)


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_the_loss_does_not_depend_on_the_workers(architecture, loss, every_pair, for_four):
    variant = {"architecture": architecture, "loss": loss, "epochs": 1}
    ends = [
        make_trainer(*for_four, workers=workers, **variant)[0].run()[-1] for workers in (1, 2, 4)
    ]
    assert len({epoch.loss_pairs for epoch in ends}) == 1
    assert [epoch.loss for epoch in ends] == pytest.approx([ends[0].loss] * 3, rel=0.02)


@pytest.fixture
def slow_chunks(monkeypatch):
    """So that the events do not lag behind the worker."""
    compiled = lock_free.train_chunk

    def slow(*arguments):
        time.sleep(0.02)
        compiled(*arguments)

    monkeypatch.setattr(lock_free, "train_chunk", slow)


def test_intervals_add_up_to_the_epoch(every_pair, slow_chunks):
    chunks = place.INTERVAL // lock_free.CHUNK
    corpus = zipf_corpus(vocabulary_size=200, words=2 * place.INTERVAL, longest=30)
    events = []
    trainer, _ = make_trainer(*corpus, epochs=2, sample=0, min_alpha=1e-4)
    trainer.run(events.append)
    progress = [event for event in events if isinstance(event, w2v.Progress)]
    assert all(math.isnan(event.interval_loss) for event in progress[: chunks - 1])
    halves = [progress[number * chunks - 1].interval_loss for number in (1, 2, 3, 4)]
    for epoch, ended in enumerate(trainer.history):
        mean = sum(halves[2 * epoch : 2 * epoch + 2]) / 2
        assert mean == pytest.approx(ended.loss, rel=0.005)
    # The words are in random order: after one epoch there is nothing more to learn.
    assert halves[0] > halves[1] > max(halves[2:])


@pytest.mark.parametrize("workers", [1, 2])
def test_sums_are_read_of_whole_chunks(workers, ten_chunks):
    """Those of a running chunk may be read when its losses are there and its scores are not."""
    trainer, _ = make_trainer(*ten_chunks, workers=workers)
    engine = trainer.engine
    trained = threading.Thread(target=list, args=(engine.run(trainer.schedules.epoch(0)),))
    sums = [engine.totals]
    trained.start()
    while trained.is_alive():
        sums.append(engine.totals)
    words = {int(sum(each[[KEPT, DROPPED]])) for each in [*sums, engine.totals]}
    assert words >= {0, 10 * lock_free.CHUNK}
    assert {each % lock_free.CHUNK for each in words} == {0}


class TestHeldOut:
    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_its_loss_is_the_twins(self, architecture, loss):
        """Of a twin that walks through the held-out text at a learning rate of zero."""
        variant = {"architecture": architecture, "loss": loss, "vector_size": 10}
        trainer, held = make_trainer(held_out=0.1, sample=0.05, **variant)
        trainer.run()
        _, twin = make_trainers(*CORPUS, sample=0.05, **variant)
        twin.sentences = [
            held.tokens[a:b].tolist()
            for a, b in zip(held.sentence_offsets, held.sentence_offsets[1:], strict=False)
        ]
        twin.input = trainer.weights.input[:, :10].astype(np.float64)
        twin.output = trainer.weights.output[:, :10].astype(np.float64)
        twin.alpha = twin.min_alpha = 0.0
        twin.train_epoch(schedule._HELD_OUT_EPOCH)
        assert trainer.held_out_loss() == pytest.approx(twin.loss / twin.pairs, rel=1e-5)
        assert trainer.held_out_loss() == trainer.history[-1].held_out_loss

    def test_an_interruption_leaves_the_sums_of_the_training(self, monkeypatch):
        trainer, _ = make_trainer(held_out=0.1, epochs=1)
        trainer.run()
        sums, run = trainer.engine.totals, trainer.engine.run_held_out

        def interrupted(*arguments):
            yield from run(*arguments)
            raise KeyboardInterrupt

        monkeypatch.setattr(trainer.engine, "run_held_out", interrupted)
        with pytest.raises(KeyboardInterrupt):
            trainer.held_out_loss()
        np.testing.assert_array_equal(trainer.engine.totals, sums)

    @pytest.mark.parametrize("workers", [1, 3])
    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_measuring_changes_nothing(self, architecture, loss, workers):
        trainer, _ = make_trainer(
            architecture=architecture, loss=loss, workers=workers, held_out=0.1, epochs=1
        )
        trainer.run()
        before = trainer.weights.input.copy(), trainer.weights.output.copy()
        sums = trainer.engine.totals
        assert trainer.held_out_loss() > 0
        np.testing.assert_array_equal(trainer.weights.input, before[0])
        np.testing.assert_array_equal(trainer.weights.output, before[1])
        np.testing.assert_array_equal(trainer.engine.totals, sums)

    @pytest.mark.filterwarnings("ignore:Too little was trained")
    def test_it_is_never_trained_on(self):
        """Of sentences with words of their own, those held out keep the vectors they began with."""
        sentences = [[f"{k}-{n}" for n in "abcd"] for k in range(100)]
        settings = {"min_count": 1, "sample": 0, "workers": 1, "alpha": 0.05, "min_alpha": 0.05}
        first = w2v.train(sentences, epochs=1, held_out=0.2, **settings)
        second = w2v.train(sentences, epochs=2, held_out=0.2, **settings)
        moved = [
            any(not np.array_equal(first.vectors[word], second.vectors[word]) for word in sentence)
            for sentence in sentences
        ]
        assert sum(moved) == 80
        assert first.summary.ledger["held_out"] == 80

    def test_it_is_told(self):
        events = []
        settings = {"min_count": 1, "vector_size": 8, "workers": 1, "epochs": 3}
        model = w2v.train("toy", held_out=0.05, on_event=events.append, **settings)
        losses = [epoch.held_out_loss for epoch in model.history]
        assert all(math.isfinite(loss) for loss in losses)
        assert losses[2] < losses[0]
        assert model.summary.held_out_loss == losses[-1]
        for event in events:
            if isinstance(event, w2v.Progress):
                expected = None if event.epoch == 1 else losses[event.epoch - 2]
                assert event.held_out_loss == expected
        without = w2v.train("toy", **settings)
        assert [epoch.held_out_loss for epoch in without.history] == [None] * 3

    def test_two_runs_can_be_compared(self):
        """The draws are fixed: another learning rate is measured on the same windows and noise."""
        first, _ = make_trainer(held_out=0.1, alpha=0.001, min_alpha=0, epochs=1)
        second, _ = make_trainer(held_out=0.1, alpha=0.001, min_alpha=0, epochs=3)
        assert first.held_out_loss() == second.held_out_loss()


class TestLedger:
    SENTENCES = [["a", "b", "a", "rare", "c"], ["a"], ["b", "c"], ["unique"]] * 30

    @pytest.mark.parametrize("held_out", [0, 0.2])
    @pytest.mark.parametrize("workers", [1, 3])
    def test_every_word_is_accounted_for(self, held_out, workers):
        sentences = [*self.SENTENCES, *[[f"once{k}"] for k in range(7)]]
        model = w2v.train(
            sentences, min_count=2, vector_size=4, sample=0.1, epochs=3, workers=workers,
            held_out=held_out,
        )  # fmt: skip
        ledger = model.summary.ledger
        assert ledger["read"] == sum(map(len, sentences)) == model.summary.corpus_words
        assert ledger["out_of_vocabulary"] == 7
        assert ledger["sentences"] == len(self.SENTENCES)
        assert (ledger["held_out"] > 0) == (held_out > 0)
        assert (ledger["replaced"], ledger["finite"]) == (0, True)
        assert [entry["epoch"] for entry in ledger["epochs"]] == [1, 2, 3]
        for entry in ledger["epochs"]:
            told = entry["subsampled"] + entry["trained"]
            assert ledger["read"] == ledger["held_out"] + ledger["out_of_vocabulary"] + told
            assert 0 < entry["without_context"] < entry["trained"]
            assert entry["subsampled"] > 0
            assert entry["saturated"] == 0

    def test_without_subsampling_all_is_trained(self):
        model = w2v.train(self.SENTENCES, min_count=1, vector_size=4, sample=0, epochs=1)
        (entry,) = model.summary.ledger["epochs"]
        assert entry["trained"] == 9 * 30
        assert entry["without_context"] == 2 * 30
        assert entry["subsampled"] == 0

    @pytest.mark.parametrize("loss", ["negative", "hierarchical"])
    def test_saturated_updates_are_told(self, loss, every_pair, monkeypatch):
        monkeypatch.setattr(soundness_module, "CONTINUED", Margins(99, 99, 99, 99))  # wild weights
        tokens, offsets = zipf_corpus(vocabulary_size=60, words=2000, longest=30)
        calm, _ = make_trainers(tokens, offsets, loss=loss, epochs=1, alpha=1e-6)
        wild, twin = make_trainers(tokens, offsets, loss=loss, epochs=1, alpha=1e-6, scale=8.0)
        logits = twin.input @ twin.output.T
        assert calm.run()[0].saturated < 0.01
        assert wild.run()[0].saturated == pytest.approx((np.abs(logits) > 6).mean(), abs=0.15)

    def test_what_does_not_add_up_is_an_error_that_keeps_the_model(self, monkeypatch):
        honest = Ledger.of
        monkeypatch.setattr(Ledger, "of", lambda *all: honest(*all[:1], all[1] + 1, *all[2:]))
        with pytest.raises(w2v.TrainingError, match="epoch 1 does not add up: of 270 words 1 were"):
            w2v.train(self.SENTENCES, min_count=1, vector_size=4, epochs=1, sample=0)
        try:
            w2v.train(self.SENTENCES, min_count=1, vector_size=4, epochs=1, sample=0)
        except w2v.TrainingError as error:
            assert "a" in error.model.vectors


class TestNumbersThatAreNotFinite:
    @pytest.mark.parametrize("value", [np.nan, np.inf])
    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_end_training_at_the_next_chunk(
        self, architecture, loss, value, slow_chunks, ten_chunks
    ):
        trainer, _ = make_trainer(
            *ten_chunks,
            architecture=architecture,
            loss=loss,
            epochs=5,
            alpha=0.04,
            min_alpha=1e-4,
        )
        told = []

        def spoil(event):
            told.append(event)
            if len(told) == 3:
                told.append(trainer.settle().position)
                trainer.weights.input[5] = value

        with pytest.raises(DivergedError) as caught:
            trainer.run(spoil)
        spoiled_at = told[3]
        message = str(caught.value)
        assert message.startswith("The training diverged: in epoch 1, at token ")
        token = int(message.split("token ")[1].split(" ", maxsplit=1)[0].replace(",", ""))
        assert token == spoiled_at + lock_free.CHUNK
        rate = 0.04 - (0.04 - 1e-4) * token / (5 * 10 * lock_free.CHUNK)
        assert f"where the learning rate was {rate:.4g}," in message
        assert message.endswith("lower alpha, which was 0.04.")

    def test_are_found_at_the_end_of_an_epoch_wherever_they_are(self):
        """Even in a row that no loss is taken on."""
        trainer, _ = make_trainer(epochs=2)

        def spoil(event):
            if isinstance(event, w2v.Progress):
                trainer.settle()
                trainer.weights.output[150, 3] = np.inf

        with pytest.raises(DivergedError, match="in epoch 1, at token 20,000 of 20,000"):
            trainer.run(spoil)

    def test_are_found_where_training_is_stopped_within_an_epoch(self, slow_chunks, ten_chunks):
        trainer, _ = make_trainer(*ten_chunks, epochs=2)

        def spoil_and_stop(event):
            trainer.settle()
            trainer.weights.output[150, 3] = np.inf
            trainer.stopping = True

        with pytest.raises(DivergedError, match="in epoch 1, at token"):
            trainer.run(spoil_and_stop)

    def test_cannot_come_from_a_rate_that_is_too_high_unnoticed(self):
        with pytest.raises(DivergedError, match=r"lower alpha, which was 10\."):
            w2v.train("toy", alpha=10, epochs=3)
