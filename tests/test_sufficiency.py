"""Nothing trained is an error, too little a warning with the cure, and no number is a NaN."""

import json
import math
import re
import warnings
from pathlib import Path

import pytest
from command_line import Shell

import w2v
from w2v.training.schedule import loss_interval

SETTINGS = {"vector_size": 8, "min_count": 1, "workers": 1, "epochs": 2}
STRANGERS = [["a"], ["b"], ["c"]] * 40
SENTENCES = [["the", "cat", "sat", "on", "a", "mat"]] * 50
MEETING_NOBODY = r"^There is nothing to train on: none of the 120 sentences has two words"


@pytest.mark.parametrize("deterministic", [False, True])
@pytest.mark.parametrize("architecture", ["skipgram", "cbow"])
@pytest.mark.parametrize("loss", ["negative", "hierarchical"])
class TestNothing:
    def test_one_word_a_line_is_an_error(self, architecture, loss, deterministic):
        variant = {"architecture": architecture, "loss": loss, "deterministic": deterministic}
        with pytest.raises(w2v.CorpusError, match=MEETING_NOBODY):
            w2v.train(STRANGERS, **SETTINGS, **variant)

    def test_words_that_never_meet_are_an_error(self, architecture, loss, deterministic):
        """The only words that could meet are too rare."""
        variant = {"architecture": architecture, "loss": loss, "deterministic": deterministic}
        rare = [[first, f"rare{k}"] for k, (first,) in enumerate(STRANGERS)]
        with pytest.raises(w2v.CorpusError, match=r"lower min_count\.$"):
            w2v.train(rare, **{**SETTINGS, "min_count": 5}, **variant)

    def test_all_thinned_out_is_an_error_with_the_cure(self, architecture, loss, deterministic):
        variant = {"architecture": architecture, "loss": loss, "deterministic": deterministic}
        with pytest.raises(w2v.CorpusError) as caught:
            w2v.train(SENTENCES, **SETTINGS, sample=1e-12, **variant)
        assert str(caught.value) == (
            "Nothing was trained: of 300 words an epoch, 0 were kept by subsampling and none had"
            " a neighbour; try sample=0 in place of 1e-12."
        )


class TestLittle:
    def test_a_text_that_is_thinned_out_is_warned_of(self):
        with pytest.warns(UserWarning) as caught:
            model = w2v.train(SENTENCES, **SETTINGS, sample=1e-3)
        trained = sum(epoch.centers for epoch in model.history) / 2
        assert [str(warning.message) for warning in caught] == [
            f"Too little was trained to learn much: {trained:.0f} of 300 words in each of 2 epochs,"
            " for 6 vectors; try sample=0 in place of 0.001."
        ]
        assert 2 < trained < 30
        assert Path(caught[0].filename).name == "test_sufficiency.py"

    def test_many_epochs_do_not_hide_that_a_text_is_thinned_out(self):
        """Of the few words that are left each vector sees the same few neighbours."""
        with pytest.warns(UserWarning, match="in each of 40 epochs, .* try sample=0"):
            model = w2v.train(SENTENCES, **{**SETTINGS, "epochs": 40}, sample=1e-3)
        assert sum(epoch.centers for epoch in model.history) > 10 * len(model.vectors)

    def test_few_words_for_each_vector_are_warned_of(self):
        words = [f"w{k}" for k in range(200)]
        with pytest.warns(UserWarning, match="200 of 200 words in each of 2 .*more epochs than 2"):
            w2v.train([words], **SETTINGS, sample=0)

    def test_words_without_a_neighbour_are_warned_of(self):
        with pytest.warns(UserWarning, match="so put more words on a line"):
            w2v.train([*STRANGERS, ["a", "b"]], **SETTINGS, sample=0)

    def test_the_defaults_are_enough_for_few_words(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            w2v.train(SENTENCES, workers=1, vector_size=8)
            w2v.train([["a", "b"]] * 20, workers=1, vector_size=8)

    def test_a_long_text_may_be_thinned_out(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model = w2v.train("toy", workers=1, vector_size=8, epochs=40, sample=2e-5)
        assert sum(epoch.centers for epoch in model.history) < 0.1 * 40 * model.summary.tokens


class TestTheLoss:
    def test_is_taken_on_all_pairs_of_a_short_text(self):
        model = w2v.train(SENTENCES, **SETTINGS, sample=0)
        assert all(math.isfinite(epoch.loss) for epoch in model.history)
        cbow = w2v.train(SENTENCES, **SETTINGS, sample=0, architecture="cbow")
        assert [epoch.loss_pairs for epoch in cbow.history] == [300, 300]

    def test_is_taken_on_a_share_of_a_long_one(self):
        sizes = [0, 65_535, 65_536, 131_072, 10**6, 2**20, 10**10]
        assert [loss_interval(size) for size in sizes] == [1, 1, 2, 4, 16, 32, 32]

    def test_goes_through_a_file_where_it_is_unknown(self, tmp_path):
        model = w2v.train(SENTENCES, **{**SETTINGS, "epochs": 1}, sample=0)
        unknown = w2v.EpochEnded(**{**vars(model.history[0]), "loss": math.nan})
        object.__setattr__(model, "history", [unknown])
        model.save(tmp_path / "m.safetensors")
        assert b"NaN" not in (tmp_path / "m.safetensors").read_bytes()
        again = w2v.load_model(tmp_path / "m.safetensors")
        assert math.isnan(again.history[0].loss)
        assert again.summary == model.summary

    def test_held_out_is_none_where_no_pair_was_held_out(self):
        lines = [["a", "b", "c"]] * 30 + [["a"]] * 300
        for seed in range(5):
            model = w2v.train(lines, **SETTINGS, sample=0, held_out=0.01, seed=seed)
            known = model.history[-1].held_out_loss
            assert known is None or math.isfinite(known)


class TestCommandLine:
    def test_nothing_trained_writes_no_file(self, shell: Shell) -> None:
        Path("a.txt").write_text("a\nb\nc\n" * 40)
        alone = shell("train", "a.txt", "-o", "a.bin")
        Path("b.txt").write_text("the cat sat on a mat\n" * 50)
        thinned = shell("train", "b.txt", "-o", "a.bin", "--sample", "1e-12")
        assert (alone.exit_code, thinned.exit_code) == (1, 1)
        assert "Error: There is nothing to train on" in alone.stderr
        assert "Error: Nothing was trained" in thinned.stderr
        assert "try --sample 0" in thinned.stderr
        assert not Path("a.bin").exists()

    def test_little_trained_is_one_warning(self, shell: Shell) -> None:
        Path("b.txt").write_text("the cat sat on a mat\n" * 50)
        for quiet in ([], ["--quiet"]):
            said = shell.succeed(
                "train", "b.txt", "--sample", "1e-3", "--epochs", "2", *quiet
            ).stderr
            assert len(re.findall(r"(?m)^Warning: Too little was trained", said)) == 1
            assert "try --sample 0" in said

    def test_nan_is_never_shown(self, shell: Shell) -> None:
        """Almost nothing is trained, so that some epoch has no pair."""
        Path("b.txt").write_text("a b\n" * 60)
        train = ("train", "b.txt", "--sample", "1e-3", "--epochs", "40", "--log", "log.jsonl")
        said = shell.succeed(*train).stderr
        log = Path("log.jsonl").read_text().splitlines()
        lines = [json.loads(line, parse_constant=pytest.fail) for line in log]
        assert any(line["event"] == "epoch" and line["loss"] is None for line in lines)
        assert "nan" not in said.lower()
