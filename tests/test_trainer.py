"""Training: reproducible with one worker, sound with several, honest in what it reports."""

import threading
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from texts import corpus_of
from variants import VARIANTS

import w2v
from w2v.kernels.state import BLOCK
from w2v.text import encoding
from w2v.text.number_file import NumberFile
from w2v.training import weights as weights_module
from w2v.training.engines import lock_free
from w2v.training.weights import Weights


def sentences(words=6000, seed=0):
    """Sentences in which even words keep to even ones and odd to odd, so there is much to learn."""
    generator = np.random.default_rng(seed)
    tokens = generator.zipf(1.3, words) % 50
    lines = []
    for start in range(0, words, 12):
        parity = generator.integers(2)
        lines.append([f"w{2 * token + parity}" for token in tokens[start : start + 12]])
    lines[3].append("rare")  # seen once: outside the vocabulary
    return lines


CORPUS = sentences()
QUICK = {"vector_size": 16, "min_count": 2, "sample": 0.01, "epochs": 3}


def train(corpus=CORPUS, **settings):
    return w2v.train(corpus, **{**QUICK, "workers": 1, **settings})


def training_threads():
    return {thread for thread in threading.enumerate() if thread is not threading.main_thread()}


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = training_threads()
    yield
    assert training_threads() <= before


class LongText(NamedTuple):
    """A file with chunks for so many workers, and what is in it."""

    path: Path
    lines: list[list[str]]


def long_text(directory, workers):
    lines = sentences(workers * lock_free.CHUNKS_EACH * lock_free.CHUNK)
    path = directory / "text"
    path.write_text("\n".join(map(" ".join, lines)))
    return LongText(path, lines)


@pytest.fixture(scope="module")
def for_eight(tmp_path_factory):
    return long_text(tmp_path_factory.mktemp("eight"), 8)


def assert_same_weights(first, second):
    assert first.vectors.index_to_key == second.vectors.index_to_key
    np.testing.assert_array_equal(first.vectors.vectors, second.vectors.vectors)
    np.testing.assert_array_equal(first.output, second.output)


class TestReproducibility:
    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_one_worker_and_one_seed_give_the_same_bits(self, architecture, loss):
        variant = {"architecture": architecture, "loss": loss}
        first, again = train(seed=3, **variant), train(seed=3, **variant)
        assert_same_weights(first, again)
        assert [epoch.loss for epoch in first.history] == [epoch.loss for epoch in again.history]
        other = train(seed=4, **variant)
        assert first.history[0].centers != first.history[1].centers != other.history[1].centers
        assert not np.allclose(first.vectors.vectors, other.vectors.vectors, atol=1e-4)

    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_chunks_leave_no_trace(self, architecture, loss, monkeypatch):
        variant = {"architecture": architecture, "loss": loss}
        whole = train(**variant)
        for chunk in (BLOCK, 3 * BLOCK, 10**9):  # whole blocks, which have noise of their own
            monkeypatch.setattr(lock_free, "CHUNK", chunk)
            cut = train(**variant)
            assert_same_weights(whole, cut)
            assert [epoch.centers for epoch in cut.history] == [
                epoch.centers for epoch in whole.history
            ]
            assert cut.summary.loss == pytest.approx(whole.summary.loss, rel=1e-12)

    def test_where_the_ids_lie_makes_no_difference(self, monkeypatch):
        held = train()
        monkeypatch.setattr(encoding, "MEMORY_SHARE", 10**18)  # more than nothing is too much
        assert isinstance(self.encoded().tokens, NumberFile)
        assert_same_weights(held, train())

    def encoded(self):
        corpus = w2v.open_corpus(CORPUS)
        return encoding.encode_corpus(corpus, w2v.text.vocabulary.count_vocabulary(corpus, 2))

    def test_every_kind_of_corpus_gives_the_same_vectors(self, tmp_path):
        text = "\n".join(" ".join(line) for line in CORPUS)
        path = tmp_path / "text"
        path.write_text(text)
        expected = train()
        for corpus in (path, str(path), w2v.open_corpus(path), tuple(map(tuple, CORPUS))):
            assert_same_weights(train(corpus), expected)
        assert_same_weights(train(corpus_of(text, block_size=100)), expected)

    def test_words_and_sentences_outside_the_vocabulary_change_nothing_but_the_count(self):
        more = [["rare1", "rare2"], *[[*line, f"once{k}"] for k, line in enumerate(CORPUS)], ["r"]]
        plain, mixed = train(), train(more)
        assert_same_weights(plain, mixed)
        assert mixed.summary.tokens == plain.summary.tokens
        assert mixed.summary.corpus_words == plain.summary.corpus_words + len(CORPUS) + 3

    def test_one_long_line_is_one_sentence(self):
        cut = train()
        joined = train([list(chain(*CORPUS))])
        assert joined.vectors.index_to_key == cut.vectors.index_to_key
        assert joined.history[0].centers == pytest.approx(cut.history[0].centers, rel=0.01)
        assert not np.array_equal(joined.vectors.vectors, cut.vectors.vectors)


class TestLearning:
    @pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
    def test_several_workers_learn_what_one_learns(self, architecture, loss, for_eight):
        one, two, eight = (
            train(for_eight.path, architecture=architecture, loss=loss, workers=workers)
            for workers in (1, 2, 8)
        )
        expected = [epoch.loss for epoch in one.history]
        for model in (two, eight):  # measured: 1.5 % where threads wait for other processes
            assert [epoch.loss for epoch in model.history] == pytest.approx(expected, rel=0.04)
        for model in (one, two, eight):
            assert np.isfinite(model.vectors.vectors).all()
            assert np.isfinite(model.output).all()
            evens = [word for word in model.vectors.index_to_key if int(word[1:]) % 2 == 0]
            odds = [word for word in model.vectors.index_to_key if int(word[1:]) % 2]
            near = model.vectors.n_similarity(evens[:5], evens[5:10])
            assert near > model.vectors.n_similarity(evens[:5], odds[:5]) + 0.5  # measured: 0.9

    def test_more_workers_than_chunks(self):
        assert train(workers=50).history[-1].centers > 0

    def test_every_worker_count_trains_every_centre_word(self, for_eight):
        centers = [
            [epoch.centers for epoch in train(for_eight.path, workers=workers, epochs=2).history]
            for workers in (1, 2, 5)
        ]
        assert centers[0] == centers[1] == centers[2]

    def test_the_shapes_of_what_comes_out(self):
        model = train(vector_size=7)
        size = len(model.vectors)
        assert model.vectors.vectors.shape == model.output.shape == (size, 7)
        assert model.vectors.vectors.dtype == model.output.dtype == np.float32
        assert model.vectors.counts.sum() == model.summary.tokens


def test_released_weights_are_the_same_numbers_without_padding_in_the_same_memory(monkeypatch):
    monkeypatch.setattr(weights_module, "_ROWS_AT_ONCE", 7)
    weights = Weights.fresh(100, 20, seed=1, copies=(3, 3))
    weights.output[:] = np.arange(weights.output.size).reshape(weights.output.shape)
    expected = weights.input[:, :20].copy(), weights.output[:, :20].copy()
    whole = weights.input_rows, weights.output_rows
    for released, copy, memory in zip(weights.released(20), expected, whole, strict=True):
        np.testing.assert_array_equal(released, copy)
        assert released.flags.c_contiguous
        assert np.shares_memory(released, memory)
    model_vectors = w2v.train("toy", vector_size=20, epochs=1).vectors.vectors
    assert not model_vectors.flags.owndata  # KeyedVectors made no copy
