"""A training that was killed and resumed gives what it would have given; misfits are refused."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from command_line import Shell
from variants import VARIANTS

import w2v
from w2v.errors import ConfigError, CorpusError, FormatError
from w2v.kernels.state import BLOCK
from w2v.text.corpus import Origin
from w2v.training import soundness
from w2v.training.checkpoint import best_path, read_checkpoint_file
from w2v.training.engines import deterministic, lock_free
from w2v.training.engines.rounds import RoundShape
from w2v_corpora import toy

QUICK = {"vector_size": 12, "epochs": 3, "workers": 1, "sample": 0.01}


class Killed(BaseException):
    """Like SIGKILL to the code under test: nothing may react to it."""


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(lock_free, "CHUNK", 8192)


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "checkpoints"


def train(corpus="toy", **settings):
    return w2v.train(corpus, **{**QUICK, **settings})


def killed_after(checkpoints, **settings):
    """Train until so many checkpoints are written, then end at the next event."""
    written = []

    def on_event(event):
        if len(written) >= checkpoints:
            raise Killed
        if isinstance(event, w2v.Checkpointed):
            written.append(event.path)

    with pytest.raises(Killed):
        w2v.train(on_event=on_event, checkpoint_every=0, **settings)
    return written


def without_seconds(history):
    return [replace(epoch, seconds=0) for epoch in history]


def assert_same(resumed, whole):
    assert resumed.vectors.index_to_key == whole.vectors.index_to_key
    np.testing.assert_array_equal(resumed.vectors.vectors, whole.vectors.vectors)
    np.testing.assert_array_equal(resumed.output, whole.output)
    assert without_seconds(resumed.history) == without_seconds(whole.history)
    assert resumed.summary.ledger == whole.summary.ledger


@pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
def test_resumed_training_gives_the_same_bytes(architecture, loss, directory, small_chunks):
    variant = {"architecture": architecture, "loss": loss, "held_out": 0.02}
    whole = train(**variant)
    killed_after(3, corpus="toy", checkpoint=directory, **QUICK, **variant)
    for number in (9, 1, 20, 2):
        killed_after(number, resume=directory)
    assert_same(w2v.train(resume=directory), whole)


def set_shards(monkeypatch, shards):
    """Let a text as short as the toy corpus, which has one by default, have so many shards."""
    monkeypatch.setattr(deterministic, "round_shape", lambda tokens: RoundShape(shards, BLOCK))


@pytest.mark.parametrize("shards", [1, 4, 16])
@pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
def test_so_does_the_deterministic_mode_with_any_number_of_workers(
    architecture, loss, shards, directory, monkeypatch
):
    set_shards(monkeypatch, shards)
    variant = {**QUICK, "architecture": architecture, "loss": loss, "deterministic": True}
    whole = w2v.train("toy", **variant)
    killed_after(3, corpus="toy", checkpoint=directory, **{**variant, "workers": 3})
    killed_after(8, resume=directory)
    assert_same(w2v.train(resume=directory, workers=2), whole)


def test_another_number_of_shards_is_refused(directory, monkeypatch):
    """As it may be that of another version of w2v: the bytes would be others."""
    set_shards(monkeypatch, 4)
    killed_after(3, corpus="toy", checkpoint=directory, **QUICK, deterministic=True)
    set_shards(monkeypatch, 8)
    with pytest.raises(FormatError, match=r"\(4 shards of 2,048 tokens\) than this .* \(8 shards"):
        w2v.train(resume=directory)


def test_several_workers_go_on_where_they_were(directory, small_chunks):
    settings = {**QUICK, "workers": 3}
    whole = train(workers=3)
    killed_after(4, corpus="toy", checkpoint=directory, **settings)
    killed_after(20, resume=directory)
    resumed = w2v.train(resume=directory, workers=2)
    assert resumed.config.workers == 2
    for ours, theirs in zip(resumed.history, whole.history, strict=True):
        assert ours.trained == theirs.trained  # no token twice, none left out
        assert ours.loss == pytest.approx(theirs.loss, rel=0.1)
    assert resumed.summary.ledger["epochs"][0]["trained"] > 0


def test_a_checkpoint_at_the_very_end_resumes_to_the_result(directory):
    whole = train(checkpoint=directory)
    events = []
    assert_same(w2v.train(resume=directory, on_event=events.append), whole)
    assert not any(isinstance(event, w2v.Progress) for event in events)


def test_the_last_two_are_kept(directory, small_chunks):
    written = killed_after(5, corpus="toy", checkpoint=directory, **QUICK)
    assert sorted(map(str, directory.iterdir())) == written[-2:]
    assert [Path(path).name for path in written] == [
        f"checkpoint-{number:06}.safetensors" for number in range(1, 6)
    ]
    unfinished = directory / ".checkpoint-000006.safetensors.abc.part"
    unfinished.write_bytes(b"half of it")
    assert killed_after(1, resume=directory)[0].endswith("000006.safetensors")
    assert not unfinished.exists()


def test_they_come_as_often_as_asked_for(directory, small_chunks):
    events = []
    train(checkpoint=directory, checkpoint_every=3600, on_event=events.append)
    assert sum(isinstance(event, w2v.Checkpointed) for event in events) == 1  # at the end
    shutil.rmtree(directory)
    train(checkpoint=directory, checkpoint_every=0, on_event=events.append, epochs=1)
    assert sum(isinstance(event, w2v.Checkpointed) for event in events) > 5


def test_each_is_a_full_model(directory, small_chunks):
    (path,) = killed_after(1, corpus="toy", checkpoint=directory, **QUICK)
    model = w2v.load_model(path)
    assert 0 < model.summary.done < 1
    assert model.config.vector_size == 12
    np.testing.assert_array_equal(w2v.load(path).vectors, model.vectors.vectors)
    found = w2v.read_checkpoint(directory)
    assert str(found.path) == path
    assert found.place.position % 2048 == 0
    assert found.model.config == model.config
    assert found.corpus == Origin(["toy"], "error")


class TestTheCorpus:
    TEXT = toy.text().splitlines()

    def test_is_found_from_another_directory(self, tmp_path, directory, monkeypatch, small_chunks):
        (tmp_path / "a.txt").write_bytes(b"\n".join(self.TEXT[:5000]))
        (tmp_path / "b.txt").write_bytes(b"\n".join(self.TEXT[5000:]))
        monkeypatch.chdir(tmp_path)
        whole = train("?.txt")
        killed_after(2, corpus="?.txt", checkpoint=directory, **QUICK)
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        assert_same(w2v.train(resume=directory), whole)

    def test_may_be_sentences_that_are_given_again(self, directory, small_chunks):
        sentences = [line.decode().split() for line in self.TEXT]
        killed_after(2, corpus=sentences, checkpoint=directory, **QUICK)
        with pytest.raises(
            CorpusError, match="was standard input, a pipe or lists of words; give it"
        ):
            w2v.train(resume=directory)
        assert_same(w2v.train(sentences, resume=directory), train())
        assert_same(w2v.train("toy", resume=directory), train())  # the same text

    @pytest.mark.parametrize("change", ["a word", "the order", "a line end", "more"])
    def test_that_changed_is_refused(self, tmp_path, directory, change, small_chunks):
        path = tmp_path / "text.txt"
        path.write_bytes(b"\n".join(self.TEXT))
        killed_after(2, corpus=path, checkpoint=directory, **QUICK)
        lines = list(self.TEXT)
        if change == "a word":
            lines[7] = lines[7].replace(b"the", b"cat", 1) + b" the"
        elif change == "the order":
            lines[7], lines[8] = lines[8], lines[7]
        elif change == "a line end":
            lines[7:9] = [b" ".join(lines[7:9])]
        else:
            lines.append(b"the cat")
        path.write_bytes(b"\n".join(lines))
        with pytest.raises(CorpusError, match=r"The corpus is not the one that .* was trained on"):
            w2v.train(resume=directory)
        path.write_bytes(b"\n".join(self.TEXT))
        assert_same(w2v.train(resume=directory), train())


class TestRefusals:
    @pytest.fixture
    def begun(self, directory, small_chunks):
        killed_after(3, corpus="toy", checkpoint=directory, **QUICK)
        return directory

    @pytest.mark.parametrize(
        ("name", "value"),
        [("alpha", 0.025), ("vector_size", 13), ("seed", 2), ("held_out", 0.1)],
    )
    def test_a_changed_setting(self, begun, name, value):
        with pytest.raises(ConfigError) as caught:
            w2v.train("toy", resume=begun, **{name: value})
        old = w2v.read_checkpoint(begun).model.config.as_dict()[name]
        assert str(caught.value).startswith(f"{name} was {old!r} in the training that ")
        assert str(caught.value).endswith(
            f", not {value!r}; leave it out to resume, or start a new training."
        )

    def test_the_same_settings_are_welcome(self, begun):
        assert_same(w2v.train("toy", resume=begun, checkpoint=begun, **QUICK), train())

    def test_a_setting_that_does_not_exist(self, begun):
        with pytest.raises(ConfigError, match="did you mean seed"):
            w2v.train(resume=begun, sead=1)

    def test_a_directory_that_is_in_use(self, begun):
        before = sorted(begun.iterdir())
        with pytest.raises(
            ConfigError, match=r"already holds the checkpoints of a training: .* resume="
        ):
            train(checkpoint=begun)
        assert sorted(begun.iterdir()) == before

    def test_a_directory_without_any(self, tmp_path):
        with pytest.raises(FormatError, match="holds no checkpoint to resume from"):
            w2v.train(resume=tmp_path)
        with pytest.raises(FormatError, match=r"Cannot read the checkpoints in .*none: No such"):
            w2v.train(resume=tmp_path / "none")

    def test_a_full_model_that_is_no_checkpoint(self, tmp_path):
        train(epochs=1).save(tmp_path / "checkpoint-000001.safetensors")
        with pytest.raises(FormatError, match="is a full model, but no checkpoint"):
            w2v.train(resume=tmp_path)

    def test_a_bad_time(self, directory):
        with pytest.raises(ConfigError, match="checkpoint_every must be 0 seconds or more"):
            train(checkpoint=directory, checkpoint_every=-1)


@pytest.fixture(scope="module")
def small_checkpoints(tmp_path_factory):
    directory = tmp_path_factory.mktemp("kept")
    sentences = [line.decode().split() for line in toy.text().splitlines()[:300]]
    settings = {**QUICK, "vector_size": 3, "max_vocabulary": 20}
    killed_after(3, corpus=sentences, checkpoint=directory, **settings)
    return directory


class TestDamage:
    @pytest.fixture
    def copy(self, small_checkpoints, tmp_path):
        return Path(shutil.copytree(small_checkpoints, tmp_path / "copy"))

    def test_any_flipped_bit_of_the_newest_falls_back(self, copy):
        older, newest = sorted(copy.iterdir())
        whole = newest.read_bytes()
        for place in range(0, len(whole), 41):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << place % 8
            newest.write_bytes(damaged)
            found = w2v.read_checkpoint(copy)
            if found.path == newest:  # white space and the like, which nothing depends on
                assert found.model.stored().words == w2v.load_model(older).vectors.index_to_key
                continue
            assert found.path == older
            assert len(found.passed_over) == 1
            assert str(newest) in found.passed_over[0]

    def test_a_cut_at_any_place_falls_back(self, copy):
        older, newest = sorted(copy.iterdir())
        whole = newest.read_bytes()
        for size in range(0, len(whole), 97):
            newest.write_bytes(whole[:size])
            assert w2v.read_checkpoint(copy).path == older

    def test_of_all_is_refused_with_every_reason(self, copy):
        for path in copy.iterdir():
            path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(FormatError) as caught:
            w2v.train(resume=copy)
        message = str(caught.value)
        assert message.startswith(f"No checkpoint in {copy} is whole: ")
        assert all(str(path) in message for path in copy.iterdir())

    def test_one_that_is_whole_stays_until_there_are_two_newer_ones(self, directory, small_chunks):
        killed_after(3, corpus="toy", checkpoint=directory, **QUICK)
        whole, damaged = sorted(directory.iterdir())
        damaged.write_bytes(damaged.read_bytes()[:1000])
        killed_after(1, resume=directory)
        assert damaged not in directory.iterdir()
        (newest,) = set(directory.iterdir()) - {whole}
        newest.write_bytes(b"")
        assert w2v.read_checkpoint(directory).path == whole
        killed_after(2, resume=directory)
        assert [path.stem[-1] for path in sorted(directory.iterdir())] == ["5", "6"]

    def test_falling_back_gives_the_same_result(self, directory, small_chunks):
        killed_after(6, corpus="toy", checkpoint=directory, **QUICK)
        newest = sorted(directory.iterdir())[-1]
        newest.write_bytes(newest.read_bytes()[:1000])
        events = []
        assert_same(w2v.train(resume=directory, on_event=events.append), train())
        (resumed,) = (event for event in events if isinstance(event, w2v.Resumed))
        assert str(newest) in resumed.passed_over[0]


def test_numbers_that_are_not_finite_never_reach_a_checkpoint(directory, small_chunks):
    spoiled = []

    def spoil(training):
        if training.done > 0.3 and not spoiled:
            training.place()
            training.trainer.weights.output[-1] = np.inf  # a word that hardly any loss sees
            spoiled.append(training.event)

    with pytest.raises(w2v.DivergedError) as caught:
        train(checkpoint=directory, checkpoint_every=0, callbacks=[spoil])
    last = sorted(directory.iterdir())[-1]
    assert str(caught.value).endswith(f" The last good checkpoint is {last}.")
    assert np.isfinite(w2v.load_model(last).output).all()
    assert w2v.load_model(last).summary.done > 0.25


def test_early_stopping_goes_on_counting(tmp_path, directory, monkeypatch):
    """Killed and resumed, it stops where it would have stopped, with the same best vectors."""
    monkeypatch.setattr(lock_free, "CHUNK", 2048)
    path = tmp_path / "short.txt"
    path.write_bytes(b"\n".join(toy.text().splitlines()[:300]))
    options = {"held_out": 0.2, "evaluate_every": 0.005, "early_stop": "held-out:3"}
    settings = {
        **QUICK, "epochs": 400, "alpha": 0.1, "min_alpha": 0.1, "min_count": 1, **options,
    }  # fmt: skip
    whole = w2v.train(path, **settings)
    assert whole.summary.done < 1
    total = round(whole.summary.done * 400)
    killed_after(total // 2, corpus=path, checkpoint=directory, **settings)
    killed_after(total // 3, resume=directory, **options)
    resumed = w2v.train(resume=directory, **options)
    np.testing.assert_array_equal(resumed.vectors.vectors, whole.vectors.vectors)
    assert resumed.summary.done == whole.summary.done


class TestTheBest:
    """What early stopping has found best belongs to one training, and to one measure."""

    EARLY: ClassVar = {"held_out": 0.2, "evaluate_every": 0.005, "early_stop": "held-out:3"}
    OVERFIT: ClassVar = {**QUICK, "epochs": 400, "alpha": 0.1, "min_alpha": 0.1, "min_count": 1}

    @pytest.fixture
    def path(self, tmp_path, monkeypatch):
        monkeypatch.setattr(lock_free, "CHUNK", 2048)
        path = tmp_path / "short.txt"
        path.write_bytes(b"\n".join(toy.text().splitlines()[:300]))
        return path

    def killed_late(self, path, directory, whole, **settings):
        """Kill a training when it has found something better, but has not found the best."""
        killed_after(round(whole.summary.done * 400), corpus=path, checkpoint=directory, **settings)

    def test_is_taken_up_without_being_told(self, path, directory):
        """Neither the test sets nor early stopping have to be named again."""
        settings = {**self.OVERFIT, **self.EARLY}
        whole = w2v.train(path, **settings)
        self.killed_late(path, directory, whole, **settings)
        assert len(list(directory.glob("best-*"))) in (1, 2)
        resumed = w2v.train(resume=directory)
        np.testing.assert_array_equal(resumed.vectors.vectors, whole.vectors.vectors)
        assert resumed.summary.done == whole.summary.done
        again = w2v.train(resume=directory)  # from where it had stopped already
        np.testing.assert_array_equal(again.vectors.vectors, whole.vectors.vectors)
        assert again.summary.done == whole.summary.done
        assert again.summary.scores == whole.summary.scores

    def test_of_another_training_is_never_taken(self, path, directory):
        """Left behind when the checkpoints were removed, under this name and an older one."""
        w2v.train("toy", checkpoint=directory, held_out=0.1, early_stop="held-out:1", **QUICK)
        for old in directory.glob("checkpoint-*"):
            old.unlink()
        (best,) = directory.glob("best-*")
        shutil.copy(best, directory / "best.safetensors")
        settings = {**self.OVERFIT, "epochs": 3}
        whole = w2v.train(path, **settings)
        killed_after(2, corpus=path, checkpoint=directory, **settings)
        resumed = w2v.train(resume=directory)
        assert_same(resumed, whole)
        assert not best.exists()

    def test_of_another_content_is_passed_over(self, path, directory):
        whole = w2v.train(path, **self.OVERFIT, **self.EARLY)
        self.killed_late(path, directory, whole, **self.OVERFIT, **self.EARLY)
        newest = w2v.read_checkpoint(directory)
        other = w2v.train(path, **{**self.OVERFIT, "epochs": 9})
        other.save(best_path(directory, newest.evaluation.vectors))
        with pytest.raises(FormatError, match=r"best-.* is damaged: its content does not fit"):
            read_checkpoint_file(newest.path)
        best_path(directory, newest.evaluation.vectors).unlink()
        with pytest.raises(FormatError, match=r"There is no full model .*best-"):
            read_checkpoint_file(newest.path)

    def test_goes_along_to_another_directory(self, path, directory, tmp_path):
        settings = {**self.OVERFIT, **self.EARLY}
        whole = w2v.train(path, **settings)
        self.killed_late(path, directory, whole, **settings)
        elsewhere = tmp_path / "elsewhere"
        killed_after(1, resume=directory, checkpoint=elsewhere)
        shutil.rmtree(directory)
        resumed = w2v.train(resume=elsewhere)
        np.testing.assert_array_equal(resumed.vectors.vectors, whole.vectors.vectors)

    def test_by_another_measure_begins_anew(self, path, directory, tmp_path):
        """Scores of analogies and losses cannot be compared, nor those of two test sets."""
        pairs = tmp_path / "pairs.tsv"
        pairs.write_text("the\tof\t1\nthe\tand\t2\nof\tand\t3\n")
        evaluated = []

        def listen(event):
            if isinstance(event, w2v.Evaluated):
                evaluated.append(event.scores["pairs"])

        whole = w2v.train(path, **self.OVERFIT, **self.EARLY)
        self.killed_late(path, directory, whole, **self.OVERFIT, **self.EARLY)
        options = {"resume": directory, "evaluate": [pairs], "early_stop": "pairs:2"}
        killed_after(3, **options)
        assert w2v.read_checkpoint(directory).evaluation.early_stop == "pairs:2"
        resumed = w2v.train(resume=directory, on_event=listen)
        assert resumed.summary.scores["pairs"] >= max(evaluated)
        first = w2v.read_checkpoint(directory).evaluation
        pairs.write_text(pairs.read_text().replace("\t3", "\t0"))  # another set of that name
        evaluated.clear()
        w2v.train(resume=directory, on_event=listen)
        assert w2v.read_checkpoint(directory).evaluation.measure != first.measure
        assert len(evaluated) >= 2


def test_a_resumed_training_is_judged_as_the_unbroken_one(directory, small_chunks):
    """By the margins of one that began with random numbers, and by its best epoch."""
    seen = []
    killed_after(70, corpus="toy", checkpoint=directory, **QUICK)  # of 37 an epoch
    before = w2v.read_checkpoint(directory)
    assert before.place.epoch == 1
    w2v.train(resume=directory, callbacks=[lambda t: seen.append(t.trainer.watch.seen())])
    first, marks = seen[0]
    assert not first.continued
    assert first.longest == soundness.LONGEST
    assert first.best_epoch == before.seen.best_epoch == 0
    np.testing.assert_array_equal(marks["best"], before.marks["best"])
    loss, pairs = marks["best"][-1, 1:]
    assert loss / pairs == pytest.approx(before.place.history[0].loss)
    assert len(marks["running"]) > len(before.marks["running"])


def test_the_last_good_one_may_lie_in_another_directory(directory, tmp_path, small_chunks):
    killed_after(3, corpus="toy", checkpoint=directory, **QUICK)
    last = w2v.read_checkpoint(directory).path

    def spoil(training):
        training.place()
        training.trainer.weights.output[-1] = np.inf

    with pytest.raises(w2v.DivergedError) as caught:
        w2v.train(
            resume=directory, checkpoint=tmp_path / "b", checkpoint_every=3600, callbacks=[spoil]
        )
    assert str(caught.value).endswith(f" The last good checkpoint is {last}.")


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        ({"a": {1, 2}}, "Object of type set is not JSON serializable"),
        ({"a": float("nan")}, "Out of range float values"),
        ({1: 2}, "not {1: 2}"),
        ({"a": [{2: 3}]}, "not {'a': "),
        ({"a": "b" * (1 << 20)}, "at most 1,048,576 characters of JSON"),
    ],
)
def test_notes_that_no_checkpoint_can_hold_are_refused_at_once(directory, notes, said):
    told = []
    with pytest.raises(ConfigError) as caught:
        train(checkpoint=directory, notes=notes, on_event=told.append)
    assert said in str(caught.value)
    assert told == []
    assert not directory.exists()


def test_notes_come_back(directory):
    notes = {"a": [1, 2.5, None, True, {"b": "ä\ud800"}]}
    train(checkpoint=directory, notes=notes, epochs=1)
    assert w2v.read_checkpoint(directory).notes == notes


class TestTheLock:
    """One training at a time writes into a directory."""

    @pytest.mark.parametrize("how", ["resume", "checkpoint"])
    def test_a_second_training_is_refused(self, directory, how, small_chunks):
        said, files = [], []

        def another(training):
            if training.done > 0.3 and not said:
                files.append({path: path.read_bytes() for path in directory.iterdir()})
                with pytest.raises(w2v.W2VError) as caught:
                    w2v.train("toy", **{how: directory}, **QUICK)
                said.append(str(caught.value))
                files.append({path: path.read_bytes() for path in directory.iterdir()})
                assert w2v.read_checkpoint(directory).place.epoch >= 0  # reading goes on

        model = train(checkpoint=directory, checkpoint_every=0, callbacks=[another])
        assert said == [
            f"{directory} is in use: another training (process {os.getpid()}) writes its"
            " checkpoints there; wait for its end, or name another directory."
        ]
        assert files[0] == files[1]
        assert_same(model, train())
        assert not (directory / ".lock").exists()

    def test_ends_with_the_process(self, directory, small_chunks):
        """However it ended; the file alone is no lock."""
        killed_after(2, corpus="toy", checkpoint=directory, **QUICK)
        (directory / ".lock").write_text("1")
        assert_same(w2v.train(resume=directory), train())

    def test_no_other_file_is_written(self, directory, tmp_path):
        """A stranger's directory may hold a link in the place of the lock."""
        precious = tmp_path / "precious"
        precious.write_text("of value")
        train(checkpoint=directory, epochs=1)
        (directory / ".lock").symlink_to(precious)
        with pytest.raises(w2v.W2VError, match=r"Cannot write .*\.lock"):
            w2v.train(resume=directory)
        assert precious.read_text() == "of value"

    def test_a_directory_that_was_not_used_is_gone(self, directory):
        with pytest.raises(CorpusError):
            w2v.train("none.txt", checkpoint=directory)
        assert not directory.exists()


class TestCommandLine:
    COMMAND = ("train", "toy", "--vector-size", 12, "--workers", 1, "--epochs", 60)

    @pytest.fixture
    def shell(self, tmp_path, monkeypatch):
        return Shell(tmp_path, monkeypatch)

    @pytest.mark.parametrize("kills", [3, pytest.param(10, marks=pytest.mark.long)])
    def test_sigkill_at_random_moments(self, shell, kills):
        """Real processes, killed; the last one ends, with the file of one that was not killed."""
        shell.succeed(*self.COMMAND, "-o", "whole.bin")
        rest = ("--checkpoint", "saved", "--checkpoint-every", "0.02s", "-o", "killed.bin")
        command, generator = (*self.COMMAND, *rest), random.Random(kills)
        for _ in range(kills):
            process = shell.start(*command, "--quiet")
            deadline = time.monotonic() + 60
            before = set(Path("saved").glob("*")) if Path("saved").exists() else set()
            while not (Path("saved").exists() and set(Path("saved").glob("c*")) - before):
                assert process.poll() is None, process.finish()
                assert time.monotonic() < deadline
                time.sleep(0.005)
            time.sleep(generator.random() * 0.1)
            process.send_signal(signal.SIGKILL)
            assert process.finish()[0] == -signal.SIGKILL
            command = ("train", "--resume", "saved", "--checkpoint-every", "0.02s")
        assert not Path("killed.bin").exists()
        assert shell.start(*command).finish()[0] == 0
        assert Path("killed.bin").read_bytes() == Path("whole.bin").read_bytes()

    def test_resume_needs_no_other_option(self, shell, monkeypatch):
        """Corpus, settings, output, log and test sets are in the checkpoint."""
        Path("pairs.tsv").write_text("cat\tdog\t9\ncat\tcar\t2\nking\tqueen\t8\n")
        process = shell.start(
            "train", "toy", "-o", "out.vec", "--vector-size", 12, "--epochs", 30, "--checkpoint",
            "saved", "--checkpoint-every", "0", "--log", "log.jsonl", "--evaluate", "pairs.tsv",
            "--evaluate-every", "0.5",
        )  # fmt: skip
        while '"checkpoint"' not in (
            Path("log.jsonl").read_text() if Path("log.jsonl").exists() else ""
        ):
            time.sleep(0.01)
        process.interrupt()
        code, errors = process.finish()
        assert code == 130
        assert errors.splitlines()[-1] == "Interrupted; 'w2v train --resume saved' goes on."
        begun = Path("log.jsonl").read_text().splitlines()
        saved = Path("saved").absolute()
        elsewhere = shell.directory / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        result = shell.succeed("train", "--resume", saved)
        assert f"Going on from {saved / 'checkpoint-'}" in result.stderr
        assert "pairs " in result.stderr
        assert len(w2v.load(shell.directory / "out.vec")) > 300
        lines = (shell.directory / "log.jsonl").read_text().splitlines()
        assert lines[: len(begun)] == begun
        kinds = [json.loads(line)["event"] for line in lines]
        assert kinds.count("resumed") == kinds.count("summary") == 1
        assert list(elsewhere.iterdir()) == []

    SMALL = ("--vector-size", 4, "--epochs", 1, "--workers", 1)

    @pytest.fixture
    def strange(self, shell, monkeypatch):
        """A directory of checkpoints of somebody else, who has named files of ours."""
        files = ("-o", "ours.bin", "--log", "ours.txt")
        with monkeypatch.context() as patch:
            patch.setenv("XDG_STATE_HOME", str(shell.home / "theirs"))
            shell.succeed("train", "toy", "--checkpoint", "saved", *self.SMALL, *files)
        Path("ours.bin").write_text("of value")
        Path("ours.txt").write_text("")
        return "saved"

    def test_a_strangers_checkpoint_writes_nothing_that_it_names(self, shell, strange):
        before = {path: path.read_bytes() for path in shell.directory.rglob("*") if path.is_file()}
        said = shell.fail("train", "--resume", strange)
        output = str(shell.directory / "ours.bin")
        assert said.endswith(
            f" was not written by you on this machine, and names the file to write ({output!r});"
            " name it yourself, as in -o vectors.bin."
        )
        Path("ours.bin").unlink()  # nor a file that is not there yet
        assert "name it yourself" in shell.fail("train", "--resume", strange)
        Path("ours.bin").write_text("of value")
        after = {path: path.read_bytes() for path in shell.directory.rglob("*") if path.is_file()}
        assert after == before
        result = shell.succeed("train", "--resume", strange, "-o", "new.bin")
        assert "name the log yourself with --log" in result.stderr
        assert Path("ours.bin").read_text() == "of value"
        assert Path("ours.txt").read_text() == ""
        assert len(w2v.load("new.bin")) == 582
        Path("new.bin").unlink()
        shell.succeed("train", "--resume", strange)  # its newest checkpoint is ours now
        assert len(w2v.load("new.bin")) == 582

    @pytest.mark.parametrize("answer", ["y", "n"])
    def test_at_a_terminal_the_user_is_asked(self, shell, strange, answer, monkeypatch):
        monkeypatch.setattr("w2v_cli.resuming._is_terminal", lambda: True)
        Path("ours.bin").unlink()
        result = shell("train", "--resume", strange, text=f"{answer}\n")
        assert "was not written by you on this machine. Write '" in result.stderr
        assert Path("ours.bin").exists() == (answer == "y")
        assert (result.exit_code == 0) == (answer == "y")

    @pytest.mark.parametrize("notes", [{}, {"output": 3, "log": [], "seal": "é"}, {"seal": {}}])
    def test_notes_of_any_kind(self, shell, notes):
        w2v.train("toy", vector_size=4, epochs=1, workers=1, checkpoint="saved", notes=notes)
        Path("toy.bin").write_text("of value")
        assert "toy.bin is there already; name the file to write with -o" in shell.fail(
            "train", "--resume", "saved"
        )
        Path("toy.bin").unlink()
        shell.succeed("train", "--resume", "saved")
        assert len(w2v.load("toy.bin")) == 582

    def test_a_second_command_leaves_the_first_one_alone(self, shell):
        """Its checkpoints, its log and its vectors."""
        command = (*self.COMMAND[:-1], 400, "--checkpoint", "saved", "--checkpoint-every", "0.1s")
        first = shell.start(*command, "-o", "o.bin", "--log", "log.jsonl", "--quiet")
        try:
            deadline = time.monotonic() + 60
            while not list(Path("saved").glob("c*")):
                assert first.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.01)
            for further in ((*command, "-o", "p.bin"), ("train", "--resume", "saved")):
                said = shell.fail(*further, "--log", "log.jsonl", "--quiet")
                assert f"saved is in use: another training (process {first.pid}) writes" in said
            lines = Path("log.jsonl").read_text().splitlines()
            assert json.loads(lines[0])["event"] in ("vocabulary", "counting")
            assert first.poll() is None
        finally:
            first.send_signal(signal.SIGKILL)
            first.finish()

    def test_standard_input_has_to_be_given_again(self, shell):
        text = toy.text()
        small = ("--vector-size", 4, "--epochs", 1, "--workers", 1)
        shell.succeed("train", "-", "-o", "v.bin", "--checkpoint", "saved", *small, text=text)
        assert "was standard input, a pipe or lists of words; give it again" in shell.fail(
            "train", "--resume", "saved"
        )
        first = Path("v.bin").read_bytes()
        shell.succeed("train", "-", "--resume", "saved", text=text)
        assert Path("v.bin").read_bytes() == first

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--resume", "none"), "Cannot read the checkpoints in none: No such file"),
            (("--resume", "saved", "--alpha", 0.9), "alpha was 0.05 in the training that saved/"),
            (("toy", "--checkpoint", "saved"), "saved already holds the checkpoints of a training"),
            (("toy", "--checkpoint", "file"), "Cannot make the directory file for checkpoints"),
            (("text.txt", "--resume", "saved"), "The corpus is not the one that saved/"),
        ],
    )
    def test_mistakes(self, shell, arguments, said):
        small = ("--vector-size", 4, "--epochs", 1, "--workers", 1)
        shell.succeed("train", "toy", "--checkpoint", "saved", *small)
        Path("file").write_text("in the way")
        Path("text.txt").write_bytes(toy.text() + b"cat\n")
        before = shell.files()
        assert said in shell.fail("train", *arguments, "--quiet")
        assert shell.files() == before

    def test_a_bad_time(self, shell):
        message = shell.fail("train", "toy", "--checkpoint", "saved", "--checkpoint-every", "soon")
        assert message == (
            "--checkpoint-every must be a time such as 90, 60s, 5m or 2h, not 'soon'."
        )

    def test_without_corpus_and_resume_there_is_nothing_to_do(self, shell):
        result = shell("train")
        assert result.exit_code == 2
        assert "Missing CORPUS" in result.stderr


def test_a_process_killed_while_it_writes_leaves_the_older_ones(tmp_path):
    """SIGKILL from inside the writing of the third checkpoint, after half of its bytes."""
    script = (
        "import os, signal, sys, w2v\n"
        "from w2v.formats import full_model\n"
        "whole, count = full_model.write_tensors, []\n"
        "def half(stream, tensors, metadata):\n"
        "    whole(stream, tensors, metadata)\n"
        "    count.append(stream)\n"
        "    if len(count) == 3:\n"
        "        stream.truncate(stream.tell() // 2)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "full_model.write_tensors = half\n"
        "w2v.train('toy', vector_size=4, checkpoint=sys.argv[1], checkpoint_every=0, workers=1)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "saved")], check=False, capture_output=True
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    names = sorted(path.name for path in (tmp_path / "saved").iterdir())
    assert names[0].startswith(".checkpoint-000003.safetensors.")
    assert names[1:] == [
        ".lock", "checkpoint-000001.safetensors", "checkpoint-000002.safetensors"
    ]  # fmt: skip
    found = w2v.read_checkpoint(tmp_path / "saved")
    assert found.path.name == names[3]
    assert found.passed_over == ()
