"""Scores while training goes on, stopping in time, and what callbacks may do."""

import json
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from command_line import Shell

import w2v
from w2v.errors import ConfigError, FormatError
from w2v.training import workers
from w2v_corpora import toy

QUICK = {"vector_size": 12, "epochs": 4, "workers": 1}
TOKENS = 299_000  # of toy, in an epoch, at least


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(workers, "CHUNK", 2048)


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
            assert 0 <= found - 250_000 * number < 60_000  # the worker is some chunks ahead
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
            if training.place() and training.trainer.words >= best.words:
                training.stop()

        again = w2v.train(
            path, held_out=0.2, callbacks=[stop_there], min_count=1, workers=1, **self.OVERFIT
        )
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
    @pytest.fixture
    def shell(self, tmp_path, monkeypatch):
        return Shell(tmp_path, monkeypatch)

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
