"""Scores while training goes on, stopping in time, and what callbacks may do."""

import json
from pathlib import Path

import numpy as np
import pytest
from toy_sets import write_sets

import w2v
from w2v.errors import ConfigError, FormatError
from w2v.training.engines import lock_free

QUICK = {"vector_size": 12, "epochs": 4, "workers": 1}
TOKENS = 299_000  # of toy, in an epoch, at least


@pytest.fixture
def sets(tmp_path):
    return write_sets(tmp_path)


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
            [genders] = line["sections"]["genders"]
            assert genders["correct"] / genders["answered"] == line["scores"]["genders"]
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
