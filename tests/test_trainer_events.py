"""The events of a training, and its interruption."""

import json
import math
import time
from collections import Counter
from itertools import chain, pairwise

import numpy as np
import pytest
from test_trainer import QUICK, long_text, train, training_threads

import w2v
from w2v.text import encoding
from w2v.training import trainer
from w2v.training.engines import lock_free
from w2v.training.events import (
    CorpusEncoded,
    Counting,
    EpochEnded,
    Prepared,
    Progress,
    Summary,
    VocabularyCounted,
)


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = training_threads()
    yield
    assert training_threads() <= before


@pytest.fixture(scope="module")
def for_three(tmp_path_factory):
    return long_text(tmp_path_factory.mktemp("three"), 3)


@pytest.fixture(scope="module", params=[1, 3], ids=["one worker", "three workers"])
def told(request, for_three):
    events = []
    settings = {"epochs": 4, "workers": request.param, "alpha": 0.05, "min_alpha": 0.001}
    model = train(for_three.path, on_event=events.append, **settings)
    # Counting is reported by the clock.
    return model, [event for event in events if not isinstance(event, Counting)]


class TestEvents:
    def test_they_come_in_order(self, told):
        _, events = told
        chunks = -(-events[0].tokens // lock_free.CHUNK)
        one_epoch = [Progress] * chunks + [EpochEnded]
        assert list(map(type, events)) == [
            VocabularyCounted, CorpusEncoded, Prepared, *one_epoch * 4, Summary,
        ]  # fmt: skip
        assert [event.epoch for event in events if isinstance(event, EpochEnded)] == [1, 2, 3, 4]
        assert [event.epoch for event in events if isinstance(event, Progress)] == [
            epoch for epoch in (1, 2, 3, 4) for _ in range(chunks)
        ]

    def test_progress_rises_to_the_end(self, told):
        _, events = told
        progress = [event for event in events if isinstance(event, Progress)]
        done = [event.done for event in progress]
        assert done[-1] == 1
        assert np.diff(done).min() > 0
        for end, epoch in ((event.done, event.epoch) for event in progress):
            assert (epoch - 1) / 4 < end <= epoch / 4
        assert {event.epochs for event in progress} == {4}
        assert all(event.words_per_second > 0 for event in progress)
        assert np.diff([event.seconds for event in progress]).min() >= 0
        assert progress[-1].seconds_left == 0
        assert all(event.seconds_left > 0 for event in progress[:-1])

    def test_the_learning_rate_falls_linearly(self, told):
        _, events = told
        progress = [event for event in events if isinstance(event, Progress)]
        expected = [0.05 - (0.05 - 0.001) * event.done for event in progress]
        assert [event.learning_rate for event in progress] == pytest.approx(expected)
        assert progress[-1].learning_rate == pytest.approx(0.001)

    def test_the_loss_is_that_of_the_epoch_so_far(self, told):
        _, events = told
        for event, following in pairwise(events):
            if isinstance(following, EpochEnded) and isinstance(event, Progress):
                assert event.loss == pytest.approx(following.loss, nan_ok=True)

    def test_the_sums_agree(self, told, for_three):
        model, events = told
        vocabulary, encoded, prepared, summary = *events[:3], events[-1]
        words = list(chain(*for_three.lines))
        assert vocabulary.corpus_words == summary.corpus_words == len(words)
        assert vocabulary.distinct_words == len(set(words))
        assert vocabulary.vocabulary == summary.vocabulary == len(model.vectors)
        assert vocabulary.tokens == encoded.tokens == summary.tokens
        assert encoded.sentences == len(for_three.lines)
        assert vocabulary.replaced == 0
        assert summary.words_per_second == pytest.approx(len(words) * 4 / summary.train_seconds)
        assert summary.epochs == len(model.history) == 4
        assert summary.loss == model.history[-1].loss
        assert summary.train_seconds >= sum(epoch.seconds for epoch in model.history)
        assert summary.config == prepared.config == model.config.as_dict()
        assert prepared.versions["w2v"] == w2v.__version__
        assert prepared.corpus == str(for_three.path)
        counted = sorted(Counter(words).values(), reverse=True)
        assert all(count == counted[rank - 1] for rank, count in vocabulary.frequencies)
        assert vocabulary.frequencies[-1][0] == len(counted)
        assert model.history == [event for event in events if isinstance(event, EpochEnded)]
        assert model.summary == summary

    def test_they_can_be_logged(self, told):
        kinds = set()
        for event in told[1]:
            line = json.loads(json.dumps(event.as_dict()))
            kinds.add(line.pop("event"))
            assert line
        assert kinds == {"vocabulary", "encoded", "prepared", "progress", "epoch", "summary"}

    @pytest.mark.filterwarnings("ignore:Too little was trained")
    def test_without_a_pair_the_loss_is_unknown(self):
        """So much is thinned out that some epochs have no pair."""
        model = train([["a", "b"]] * 60, sample=1e-3, epochs=40)
        unknown = [epoch for epoch in model.history if math.isnan(epoch.loss)]
        assert 0 < len(unknown) < 40
        assert all((epoch.centers, epoch.loss_pairs) == (0, 0) for epoch in unknown)


class TestInterruption:
    @pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("enough"), SystemExit(3)])
    @pytest.mark.parametrize("kind", [Progress, EpochEnded, VocabularyCounted, Summary])
    @pytest.mark.parametrize("workers", [1, 3])
    def test_an_error_in_on_event_ends_training(self, error, kind, workers, for_three):
        told = []

        def on_event(event):
            told.append(event)
            if isinstance(event, kind):
                raise error

        with pytest.raises(type(error)) as caught:
            train(for_three.path, on_event=on_event, workers=workers, epochs=1)
        assert error in (caught.value, caught.value.__cause__)  # Ctrl-C comes back with the model
        assert sum(isinstance(event, kind) for event in told) == 1  # nothing is told afterwards

    @pytest.mark.parametrize("workers", [1, 3])
    def test_an_error_in_a_worker_is_raised_in_the_caller(self, workers, for_three, monkeypatch):
        compiled, calls = lock_free.train_chunk, []

        def fail_later(text, start, stop, *rest):
            calls.append(start)
            if len(calls) == 5:
                raise MemoryError("in a worker")
            if len(calls) > 5:
                time.sleep(0.01)
            compiled(text, start, stop, *rest)

        monkeypatch.setattr(lock_free, "train_chunk", fail_later)
        with pytest.raises(MemoryError, match="in a worker"):
            train(for_three.path, workers=workers, epochs=10)
        assert len(calls) < 50  # of more than a hundred: the others stop at their next chunk

    def test_the_weights_stay_valid(self, for_three):
        """Training stopped after some chunks has trained just these."""
        corpus = w2v.open_corpus(for_three.path)
        vocabulary = w2v.text.vocabulary.count_vocabulary(corpus, 2)
        config = w2v.TrainConfig(**QUICK, workers=2)
        stopped = trainer.Trainer(encoding.encode_corpus(corpus, vocabulary), vocabulary, config)
        fresh = stopped.weights.input.copy()

        def stop(event):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            stopped.run(stop)
        assert np.isfinite(stopped.weights.input).all()
        assert not np.array_equal(stopped.weights.input, fresh)
        assert len(stopped.run()) == 3  # and it can go on
