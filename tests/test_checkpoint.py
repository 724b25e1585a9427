"""A training that was killed and resumed gives the same result as one that was not."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from checkpoints import QUICK, assert_same, killed_after, train
from deterministic_runs import use_shape
from variants import ALL_VARIANTS

import w2v
from w2v.errors import CorpusError, FormatError
from w2v.formats import full_model
from w2v.formats.full_model import FullModel
from w2v.kernels.state import BLOCK
from w2v.text.corpus import Origin
from w2v.training import weight_checks
from w2v.training.engines import deterministic, lock_free
from w2v.training.engines.round_shape import RoundShape
from w2v_corpora import toy


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_resumed_training_gives_the_same_bytes(architecture, loss, directory):
    variant = {**QUICK, "architecture": architecture, "loss": loss, "held_out": 0.02, "epochs": 5}
    whole = train(**variant)
    killed_after(3, corpus="toy", checkpoint=directory, **variant)
    # Of five an epoch. The worker may have trained all of it before the first is written, so that
    # each of these four can end an epoch; something is left even then.
    for number in (1, 4, 5):
        killed_after(number, resume=directory)
    assert_same(w2v.train(resume=directory), whole)


def set_shards(monkeypatch, shards):
    """Let a text as short as the toy corpus, which has one by default, have so many shards.

    By default texts of 1.3 to 2.6 million tokens have 4 of one block, and longer ones 16.
    """
    use_shape(RoundShape(shards, BLOCK), monkeypatch)
    # A round in each call, so that these short texts have many moments at which they can be killed.
    monkeypatch.setattr(deterministic, "TOKENS_EACH", 1)


@pytest.mark.parametrize("shards", [1, 4, 16])
@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_so_does_the_deterministic_mode_with_any_number_of_workers(
    architecture, loss, shards, directory, monkeypatch
):
    set_shards(monkeypatch, shards)
    variant = {**QUICK, "architecture": architecture, "loss": loss, "deterministic": True}
    path = directory.parent / "text.txt"
    lines = toy.text().splitlines()[: 2100 * shards]  # 12 rounds an epoch; 9 of 16 shards
    path.write_bytes(b"\n".join(lines))
    whole = w2v.train(path, **variant)
    killed_after(3, corpus=path, checkpoint=directory, **{**variant, "workers": 3})
    killed_after(8, resume=directory)
    assert_same(w2v.train(resume=directory, workers=2), whole)


def test_another_number_of_shards_is_refused(directory, monkeypatch):
    """As it may be that of another version of w2v: the bytes would be others."""
    set_shards(monkeypatch, 4)
    killed_after(3, corpus="toy", checkpoint=directory, **QUICK, deterministic=True)
    set_shards(monkeypatch, 8)
    with pytest.raises(FormatError, match=r"into 4 shards of 2,048 tokens, where .* 8 shards"):
        w2v.train(resume=directory)


def test_several_workers_go_on_where_they_were(tmp_path, directory):
    path = tmp_path / "long.txt"
    path.write_bytes(toy.text() * 3)  # 14 chunks: four for each worker
    settings = {**QUICK, "workers": 3}
    whole = w2v.train(path, **settings)
    killed_after(4, corpus=path, checkpoint=directory, **settings)
    assert lock_free.useful_workers(3, whole.summary.corpus_words) == 3
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


def test_the_last_two_are_kept(directory):
    written = killed_after(5, corpus="toy", checkpoint=directory, **QUICK)
    assert sorted(map(str, directory.iterdir())) == written[-2:]
    assert [Path(path).name for path in written] == [
        f"checkpoint-{number:06}.safetensors" for number in range(1, 6)
    ]
    unfinished = directory / ".checkpoint-000006.safetensors.abc.part"
    unfinished.write_bytes(b"half of it")
    assert killed_after(1, resume=directory)[0].endswith("000006.safetensors")
    assert not unfinished.exists()


def test_they_come_as_often_as_asked_for(directory):
    events = []
    train(checkpoint=directory, checkpoint_every=3600, on_event=events.append)
    assert sum(isinstance(event, w2v.Checkpointed) for event in events) == 1  # at the end
    shutil.rmtree(directory)
    train(checkpoint=directory, checkpoint_every=0, on_event=events.append, epochs=1)
    assert sum(isinstance(event, w2v.Checkpointed) for event in events) > 5


def test_each_is_a_full_model(directory):
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


@pytest.mark.filterwarnings("ignore:Too little was trained")
@pytest.mark.filterwarnings("ignore:The memory for counting words was full")
@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"counting_memory": 1}, {"counting_memory": 1000}),
        ({"counting_memory": 1000}, {"counting_memory": 1}),
        ({"counting_memory": 1, "deterministic": True}, {"workers": 3}),
    ],
)
def test_the_words_are_those_of_the_checkpoint_whatever_a_full_table_drops(
    first, then, tmp_path, directory
):
    """How much memory is free, and how many workers count, may be other than before."""
    path = tmp_path / "text.txt"
    lines = [f"the cat sat number{k} number{k // 3}\n" for k in range(20_000)]
    path.write_text("".join(lines))
    settings = {**QUICK, "epochs": 1, "min_count": 3, **first}
    whole = w2v.train(path, **settings)
    other = w2v.count_words(path, min_count=3, **{"counting_memory": 1, "workers": 1, **then})
    assert list(other) != whole.vectors.index_to_key
    killed_after(2, corpus=path, checkpoint=directory, **settings)
    assert_same(w2v.train(resume=directory, **then), whole)
    path.write_text("".join(lines[::-1]))
    with pytest.raises(CorpusError, match=r"The corpus is not the one that .* was trained on"):
        w2v.train(resume=directory, **then)


def test_one_from_before_texts_had_columns_goes_on(directory):
    whole = train()
    killed_after(2, corpus="toy", checkpoint=directory, **QUICK)
    for path in directory.glob("checkpoint-*"):
        stored = full_model.open_stored(path)
        metadata, words = dict(stored.metadata), stored.words
        header = json.loads(metadata["checkpoint"])
        del header["corpus"]["column"]
        config = json.loads(metadata["config"])
        for name in ("counting_memory", "cluster", "shards"):
            config.pop(name, None)
        metadata |= {"checkpoint": json.dumps(header), "config": json.dumps(config)}
        tensors = {name: stored.tensor(name).copy() for name in stored.places}
        model = [tensors.pop(name) for name in ("counts", "vectors", "output")]
        del tensors["vocab_utf8"], tensors["vocab_offsets"]
        full_model.write_with_digest(path, FullModel(words, *model, metadata, tensors))
    assert w2v.read_checkpoint(directory).corpus == Origin(["toy"], "error", None)
    assert_same(w2v.train(resume=directory), whole)


class TestTheCorpus:
    TEXT = toy.text().splitlines()

    def test_is_found_from_another_directory(self, tmp_path, directory, monkeypatch):
        (tmp_path / "a.txt").write_bytes(b"\n".join(self.TEXT[:5000]))
        (tmp_path / "b.txt").write_bytes(b"\n".join(self.TEXT[5000:]))
        monkeypatch.chdir(tmp_path)
        whole = train("?.txt")
        killed_after(2, corpus="?.txt", checkpoint=directory, **QUICK)
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        assert_same(w2v.train(resume=directory), whole)

    def test_may_be_sentences_that_are_given_again(self, directory):
        sentences = [line.decode().split() for line in self.TEXT]
        killed_after(2, corpus=sentences, checkpoint=directory, **QUICK)
        with pytest.raises(CorpusError, match="was standard input, a pipe, lists of words, or an"):
            w2v.train(resume=directory)
        assert_same(w2v.train(sentences, resume=directory), train())
        assert_same(w2v.train("toy", resume=directory), train())  # the same text

    @pytest.mark.parametrize("change", ["a word", "the order", "a line end", "more"])
    def test_that_changed_is_refused(self, tmp_path, directory, change):
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


def test_a_resumed_training_is_judged_as_the_unbroken_one(directory):
    """By the margins of one that began with random numbers, and by its best epoch."""
    seen = []
    killed_after(9, corpus="toy", checkpoint=directory, **QUICK)  # of five an epoch
    before = w2v.read_checkpoint(directory)
    assert before.place.epoch == 1
    w2v.train(resume=directory, callbacks=[lambda t: seen.append(t.trainer.monitor.state())])
    first, curves = seen[0]
    assert not first.continued
    assert first.longest == weight_checks.LONGEST
    assert first.best_epoch == before.monitor_state.best_epoch == 0
    np.testing.assert_array_equal(curves["best"], before.loss_curves["best"])
    _, loss, pairs, _ = curves["best"][-1]
    assert loss / pairs == pytest.approx(before.place.history[0].loss)
    assert len(curves["running"]) > len(before.loss_curves["running"])


def test_notes_come_back(directory):
    notes = {"a": [1, 2.5, None, True, {"b": "ä\ud800"}]}
    train(checkpoint=directory, notes=notes, epochs=1)
    assert w2v.read_checkpoint(directory).notes == notes
