"""Early stopping, and the places where training pauses to be evaluated."""

import time
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_evaluating import train
from toy_sets import write_sets

import w2v
from w2v.training.pauses import Pauses
from w2v_corpora import toy


@pytest.fixture
def sets(tmp_path):
    return write_sets(tmp_path)


class TestEarlyStop:
    OVERFIT: ClassVar = {
        "epochs": 400,
        "alpha": 0.1,
        "min_alpha": 0.1,
        "vector_size": 40,
        "sample": 0,
    }

    @pytest.fixture
    def overfit(self, tmp_path):
        """A short text, on which the held-out loss soon rises."""
        path = tmp_path / "short.txt"
        path.write_bytes(b"\n".join(toy.text().splitlines()[:300]))
        events = []
        model = w2v.train(
            path, held_out=0.2, evaluate_every=0.005, early_stop="held-out:3",
            on_event=events.append, min_count=1, workers=1, **self.OVERFIT,
        )  # fmt: skip
        return model, events, path

    def test_stops_after_so_many_without_anything_better(self, overfit):
        model, events, _ = overfit
        losses = [event.held_out_loss for event in events if isinstance(event, w2v.Evaluated)]
        assert model.summary.done < 1
        assert len(model.history) < 400
        best = int(np.argmin(losses))
        assert len(losses) - 1 - best == 3
        assert len(losses) > 4

    def test_keeps_the_best_vectors(self, overfit):
        """Training to the evaluation that was best, and no further, gives the same."""
        model, events, path = overfit
        evaluated = [event for event in events if isinstance(event, w2v.Evaluated)]
        best = min(evaluated, key=lambda event: event.held_out_loss)

        def stop_there(training):
            training.place()
            if training.paused and training.trainer.words == best.words:
                training.stop()

        again = w2v.train(
            path, held_out=0.2, evaluate_every=0.005, callbacks=[stop_there], min_count=1,
            workers=1, **self.OVERFIT,
        )  # fmt: skip
        np.testing.assert_array_equal(model.vectors.vectors, again.vectors.vectors)
        np.testing.assert_array_equal(model.output, again.output)

    def test_by_a_test_set_returns_the_vectors_with_its_best_score(self, sets):
        model, _, evaluated = train(
            evaluate=sets[:1], evaluate_every=0.1, early_stop="genders:2", epochs=60,
        )  # fmt: skip
        scores = [event.scores["genders"] for event in evaluated]
        assert w2v.evaluate(model.vectors, sets[0]).total.accuracy == max(scores)
        assert model.summary.scores == {"genders": max(scores)}
        assert model.summary.done < 1
        assert max(scores[-2:]) <= max(scores[:-2])


class TestPlaces:
    """Where training is evaluated, the text says: not the clock, nor who has finished first."""

    EARLY: ClassVar = {"held_out": 0.2, "evaluate_every": 0.01, "early_stop": "held-out:2"}

    @pytest.fixture
    def path(self, tmp_path):
        """A text of a chunk, on which the held-out loss rises after some epochs."""
        path = tmp_path / "short.txt"
        path.write_bytes(b"\n".join(toy.text().splitlines()[:1000]))
        return path

    def train(self, path, delay=0.0, **settings):
        """Train, while this thread sleeps after each chunk and the workers run ahead."""
        evaluated = []

        def listen(event):
            if isinstance(event, w2v.Evaluated):
                evaluated.append((event.words, event.held_out_loss))
            elif isinstance(event, w2v.Progress):
                time.sleep(delay)

        model = w2v.train(
            path, on_event=listen, min_count=1, **{**TestEarlyStop.OVERFIT, **settings}
        )
        return model, evaluated

    @pytest.mark.parametrize("how", [{"workers": 1}, {"workers": 3, "deterministic": True}])
    def test_the_clock_changes_nothing(self, path, how):
        prompt, at_once = self.train(path, **self.EARLY, **how)
        slow, later = self.train(path, 0.004, **self.EARLY, **how)
        assert at_once == later
        assert prompt.summary.done == slow.summary.done < 1
        np.testing.assert_array_equal(prompt.vectors.vectors, slow.vectors.vectors)
        np.testing.assert_array_equal(prompt.output, slow.output)

    def test_several_workers_meet_there_too(self, path):
        path.write_bytes(toy.text() * 4)  # 15 chunks: enough for three workers
        every = {"held_out": 0.2, "evaluate_every": 0.3, "epochs": 2}
        _, alone = self.train(path, **every, workers=1)
        _, together = self.train(path, 0.004, **every, workers=3)
        assert [words for words, _ in together] == [words for words, _ in alone]
        assert len(alone) > 3

    def test_callbacks_are_told_of_them(self, path):
        told = []

        def look(training):
            if training.paused:
                told.append((training.done, training.vectors()["the"].tobytes()))

        every = {"evaluate_every": 0.005, "epochs": 6, "workers": 1, "callbacks": [look]}
        self.train(path, **every)
        prompt = told.copy()
        told.clear()
        self.train(path, 0.004, **every)
        assert told == prompt
        assert len(told) > 3

    @given(
        st.integers(1, 300), st.integers(1, 70), st.integers(1, 4), st.integers(1, 500),
        st.integers(1, 3),
    )  # fmt: skip
    def test_are_the_first_ends_of_pieces_from_there_on(self, tokens, piece, epochs, every, more):
        """From wherever training goes on, and as a plain search finds them."""
        pauses = Pauses(every * more, tokens, tokens * more, epochs)
        borders = [
            epoch * tokens + min(end, tokens)
            for epoch in range(epochs)
            for end in range(piece, tokens + piece, piece)
        ]
        due = range(every, tokens * epochs + 1, every)
        expected = sorted(
            border
            for before, border in pairwise([0, *borders])
            if any(before < place <= border for place in due)
            and tokens * epochs - border >= every / 4
        )
        found = []
        for before in [0, *borders[:-1]]:
            epoch, position = divmod(before, tokens)
            stop, is_pause = pauses.next(epoch, position, piece)
            if is_pause:
                found.append(epoch * tokens + stop)
        assert sorted(set(found)) == expected
