"""Scores while training goes on, stopping in time, and what callbacks may do."""

import json
import time
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import w2v
from w2v.errors import ConfigError, FormatError
from w2v.training.engines import lock_free
from w2v.training.pauses import Pauses
from w2v_corpora import toy

QUICK = {"vector_size": 12, "epochs": 4, "workers": 1}
TOKENS = 299_000  # of toy, in an epoch, at least


@pytest.fixture
def sets(tmp_path):
    """An analogy set and a similarity set of toy's words."""
    analogies, pairs = tmp_path / "genders.txt", tmp_path / "likeness.tsv"
    questions = [
        f"{a} {b} {c} {d}" for a, b in toy.GENDERS for c, d in toy.GENDERS if (a, b) != (c, d)
    ]
    analogies.write_text("\n".join([": gender", *questions]))
    scores = [f"{a}\t{b}\t9\n{a}\t{c}\t2" for a, b, c in toy.NEARER]
    pairs.write_text("\n".join(scores))
    return analogies, pairs


def train(**settings):
    events = []
    model = w2v.train("toy", on_event=events.append, **{**QUICK, **settings})
    return model, events, [event for event in events if isinstance(event, w2v.Evaluated)]


class TestEvaluation:
    def test_comes_every_so_many_words_and_at_the_end(self, sets):
        model, events, evaluated = train(evaluate=sets, evaluate_every=0.25)
        words = [event.words for event in evaluated]
        assert words[-1] == model.summary.corpus_words * 4
        assert len(words) == 5  # 0.25, 0.5, 0.75, 1.0 and 1.2 million
        for number, found in enumerate(words[:-1], start=1):
            # The first end of a chunk from there on.
            assert 0 <= found - 250_000 * number < 1.05 * lock_free.CHUNK
        assert isinstance(events[-1], w2v.Summary)
        assert {name for event in evaluated for name in event.scores} == {"genders", "likeness"}

    def test_the_last_scores_are_those_of_the_model(self, sets):
        model, _, evaluated = train(evaluate=sets, evaluate_every=0.5)
        analogies, pairs = (w2v.evaluate(model.vectors, path) for path in sets)
        assert evaluated[-1].scores == {
            "genders": analogies.total.accuracy, "likeness": pairs.spearman,
        }  # fmt: skip
        assert model.summary.scores == evaluated[-1].scores
        assert analogies.total.accuracy > evaluated[0].scores["genders"]

    def test_changes_nothing(self, sets):
        plain, _, _ = train()
        looked_at, _, _ = train(evaluate=sets, evaluate_every=0.01)
        np.testing.assert_array_equal(plain.vectors.vectors, looked_at.vectors.vectors)
        np.testing.assert_array_equal(plain.output, looked_at.output)
        assert plain.history[-1].loss == looked_at.history[-1].loss

    def test_none_comes_shortly_before_the_end(self, sets):
        _, _, evaluated = train(evaluate=sets, evaluate_every=1.15)
        assert len(evaluated) == 1  # 1.15 million words would be just before all of 1.2 million

    def test_tells_the_held_out_loss_too(self):
        model, _, evaluated = train(held_out=0.02, evaluate_every=0.5)
        assert len(evaluated) == 3
        assert all(event.scores == {} for event in evaluated)
        losses = [event.held_out_loss for event in evaluated]
        assert losses == sorted(losses, reverse=True)
        assert losses[-1] == model.history[-1].held_out_loss

    def test_words_that_are_not_there_give_no_score(self, tmp_path):
        strange = tmp_path / "strange.txt"
        strange.write_text(": all\nxyzzy plugh foo bar\n")
        pairs = tmp_path / "pairs.txt"
        pairs.write_text("xyzzy plugh 3\n")
        model, _, _ = train(evaluate=[strange, pairs], epochs=1)
        assert model.summary.scores == {"strange": None, "pairs": None}

    @pytest.mark.parametrize(
        ("settings", "error", "said"),
        [
            ({"evaluate_every": 0}, ConfigError, "evaluate_every must be a number above 0"),
            ({"early_stop": "genders"}, ConfigError, "early_stop must be METRIC:PATIENCE"),
            ({"early_stop": "genders:0"}, ConfigError, "early_stop must be METRIC:PATIENCE"),
            ({"early_stop": ":3"}, ConfigError, "early_stop must be METRIC:PATIENCE"),
            ({"early_stop": "other:3"}, ConfigError, r"'other', which is not measured \(there is"),
            ({"early_stop": "held-out:3"}, ConfigError, "together with held_out"),
        ],
    )
    def test_what_makes_no_sense_is_refused_before_training(self, sets, settings, error, said):
        told = []
        with pytest.raises(error, match=said):
            w2v.train("toy", on_event=told.append, evaluate=sets, **settings)
        assert told == []

    def test_files_that_cannot_be_used_are_named(self, sets, tmp_path):
        with pytest.raises(FormatError, match=r"none\.txt"):
            train(evaluate=[tmp_path / "none.txt"])
        other = tmp_path / "other" / "genders.txt"
        other.parent.mkdir()
        other.write_text(sets[0].read_text())
        with pytest.raises(ConfigError, match="Two test sets have the name 'genders'"):
            train(evaluate=[sets[0], other])


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


class TestCallbacks:
    def test_see_every_chunk_and_epoch(self):
        seen = []
        _, events, _ = train(callbacks=[lambda training: seen.append(training.event)])
        assert seen == [e for e in events if isinstance(e, (w2v.Progress, w2v.EpochEnded))]

    def test_may_stop(self):
        def stop(training):
            if training.done >= 0.3:
                training.stop()

        model, events, _ = train(callbacks=[stop])
        assert 0.3 <= model.summary.done < 0.5
        assert len(model.history) == 1
        assert isinstance(events[-1], w2v.Summary)
        words = model.summary.corpus_words * 4 * model.summary.done
        assert model.summary.words_per_second == pytest.approx(words / model.summary.train_seconds)
        assert np.abs(model.output).max() > 0

    def test_may_take_a_model_at_any_time_which_changes_nothing(self):
        taken = []
        plain, _, _ = train(epochs=1)
        looked_at, _, _ = train(epochs=1, callbacks=[lambda t: taken.append(t.model())])
        np.testing.assert_array_equal(plain.vectors.vectors, looked_at.vectors.vectors)
        done = [model.summary.done for model in taken]
        assert done == sorted(done)
        assert done[-1] == 1
        assert not np.array_equal(taken[0].vectors.vectors, taken[-1].vectors.vectors)
        np.testing.assert_array_equal(taken[-1].vectors.vectors, plain.vectors.vectors)

    @pytest.mark.parametrize("workers", [1, 3])
    def test_may_save(self, tmp_path, workers):
        paths = [tmp_path / "now.bin", tmp_path / "now.safetensors"]

        def save(training):
            if not paths[0].exists():
                for path in paths:
                    training.save(path)

        train(callbacks=[save], workers=workers)
        model = w2v.load_model(paths[1])
        assert 0 < model.summary.done < 1
        np.testing.assert_array_equal(model.vectors.vectors, w2v.load(paths[0]).vectors)

    @pytest.mark.parametrize("size", [12, 16])
    def test_may_be_asked_when_all_is_over(self, tmp_path, size):
        """The rows of the result lie closer together than those of the training did."""
        kept = []
        model, _, _ = train(callbacks=[kept.append], epochs=1, vector_size=size)
        training, paths = kept[0], [tmp_path / "end.bin", tmp_path / "end.safetensors"]
        for path in paths:
            training.save(path)
        found = [training.model().vectors, training.vectors(), *map(w2v.load, paths)]
        for vectors in found:
            np.testing.assert_array_equal(vectors.vectors, model.vectors.vectors)
            assert vectors.most_similar("king", topn=3) == model.vectors.most_similar(
                "king", topn=3
            )
        for output in (training.model().output, w2v.load_model(paths[1]).output):
            np.testing.assert_array_equal(output, model.output)
        assert not np.shares_memory(training.model().output, model.output)

    def test_may_be_asked_for_what_early_stopping_gave(self):
        kept = []
        early = {"held_out": 0.02, "evaluate_every": 0.1, "early_stop": "held-out:1"}
        model, _, evaluated = train(callbacks=[kept.append], epochs=60, alpha=0.1, **early)
        assert evaluated[-1].held_out_loss > evaluated[-2].held_out_loss
        np.testing.assert_array_equal(kept[0].model().vectors.vectors, model.vectors.vectors)

    @pytest.mark.parametrize("suffix", [".bin", ".txt", ".npy", ".tsv"])
    def test_may_save_in_any_form(self, tmp_path, suffix):
        """From the rows of the training, which have gaps between them."""
        paths = [tmp_path / f"{name}{suffix}" for name in ("in", "out")]

        def save(training):
            if isinstance(training.event, w2v.EpochEnded):
                training.save(paths[0])
                training.model().vectors.save(paths[1])

        train(callbacks=[save], epochs=1)
        assert paths[0].read_bytes() == paths[1].read_bytes()

    @pytest.mark.parametrize("workers", [1, 3])
    def test_an_exception_ends_training_with_the_model_intact(self, workers):
        error = ValueError("enough of it")

        def fail(training):
            if training.done > 0.5:
                raise error

        with pytest.raises(w2v.TrainingError) as caught:
            train(callbacks=[fail], workers=workers)
        assert caught.value.__cause__ is error
        assert "ValueError: enough of it" in str(caught.value)
        model = caught.value.model
        assert 0.5 < model.summary.done < 1
        assert np.isfinite(model.vectors.vectors).all()
        assert len(model.history) == 2

    def test_ctrl_c_in_one_passes_through(self):
        def interrupt(training):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train(callbacks=[interrupt])


class TestCommandLine:
    def test_the_curve_is_shown_and_logged(self, shell, sets):
        result = shell.succeed(
            "train", "toy", "--evaluate", sets[0], "--evaluate", sets[1], "--evaluate-every", 0.5,
            "--held-out", 0.02, "--log", "log.jsonl", "--vector-size", 12, "--epochs", 3,
        )  # fmt: skip
        shown = [line for line in result.stderr.splitlines() if line.startswith("After ")]
        lines = [json.loads(line) for line in Path("log.jsonl").read_text().splitlines()]
        curve = [line for line in lines if line["event"] == "evaluated"]
        assert len(shown) == len(curve) == 2
        for text, line in zip(shown, curve, strict=True):
            assert text.startswith(f"After {line['words'] / 1e6:.1f} M words: genders ")
            assert f"likeness {line['scores']['likeness']:.4f}, loss held out " in text
        assert lines[-1]["scores"] == curve[-1]["scores"]
        assert ", held out " in result.stderr

    def test_stopping_early_is_told(self, shell, sets):
        result = shell.succeed(
            "train", "toy", "--evaluate", sets[0], "--evaluate-every", 0.1, "--early-stop",
            "genders:1", "--vector-size", 12, "--epochs", 60,
        )  # fmt: skip
        assert "\nStopped early, after " in result.stderr
        scores = [
            float(line.split("genders ")[1])
            for line in result.stderr.splitlines()
            if line.startswith("After ")
        ]
        found = w2v.evaluate(w2v.load("toy.bin"), sets[0]).total.accuracy
        assert found == pytest.approx(max(scores), abs=1e-4)

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--evaluate", "none.txt"), "none.txt"),
            (("--early-stop", "x:2"), "--early-stop names 'x', which is not measured"),
            (("--early-stop", "x"), "--early-stop must be METRIC:PATIENCE"),
            (("--held-out", 0.7), "--held-out must be a number from 0 to 0.5, not 0.7."),
        ],
    )
    def test_mistakes(self, shell, arguments, said):
        assert said in shell.fail("train", "toy", *arguments)
        assert shell.files() == []
