"""Input rows that never change, or by a part of their changes: gensim's vectors_lockf."""

import gensim.models
import numpy as np
import pytest
from deterministic_runs import use_shape
from test_kernels import TOLERANCE, make_trainers, zipf_corpus
from variants import ALL_VARIANTS

from w2v.compat import Word2Vec
from w2v.kernels.jit import JIT_ENABLED
from w2v.kernels.state import BLOCK
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training.config import TrainConfig
from w2v.training.engines.round_shape import RoundShape
from w2v.training.trainer import Trainer

FACTORS = [0, 0.25, 1, 2]  # of the words in turn, in the tests with every kind


def factors_of(size):
    return np.resize(np.array(FACTORS, dtype=np.float32), size)


def freeze(trainer, factors):
    rows = np.flatnonzero(factors != 1)
    trainer.freeze(rows, factors[rows])


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
@pytest.mark.parametrize("window", [1, 5, 12])
def test_kernel_equals_twin(architecture, loss, window):
    """In a vocabulary so small, a window often holds a word twice."""
    tokens, offsets = zipf_corpus(vocabulary_size=30, words=400, longest=30)
    trainer, twin = make_trainers(
        tokens, offsets, architecture=architecture, loss=loss, window=window, vector_size=20,
        epochs=2, sample=0.1, alpha=0.05,
    )  # fmt: skip
    twin.factors = factors_of(len(twin.input)).astype(np.float64)
    before = twin.input.copy()
    freeze(trainer, factors_of(len(before)))
    trainer.run()
    for epoch in range(2):
        twin.train_epoch(epoch)
    inputs, output = trainer.weights.input[:, :20], trainer.weights.output[:, :20]
    assert np.abs(inputs - twin.input).max() < TOLERANCE
    assert np.abs(output - twin.output).max() < TOLERANCE
    moved = np.abs(inputs - before.astype(np.float32)).max(axis=1)
    assert not moved[::4].any()
    assert moved[1::4].min() > 100 * TOLERANCE


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_rows_move_in_proportion(architecture, loss):
    """At a rate so low that no row comes far, each moves by its factor of what it would."""
    corpus = zipf_corpus(vocabulary_size=30, words=400, longest=30)
    settings = {"architecture": architecture, "loss": loss, "epochs": 1, "alpha": 1e-3}
    changes = []
    for factors in (np.ones(30, dtype=np.float32), factors_of(30)):
        trainer, _ = make_trainers(*corpus, vector_size=20, **settings)
        before = trainer.weights.input[:, :20].copy()
        freeze(trainer, factors)
        trainer.run()
        changes.append(trainer.weights.input[:, :20] - before)
    usual, scaled = changes
    shares = (usual * scaled).sum(axis=1) / (usual * usual).sum(axis=1)
    np.testing.assert_allclose(shares, factors_of(30), atol=0.03)


def trained(engine, factors, **settings):
    """The bytes of both matrices, trained on two and a half rounds."""
    tokens, offsets = zipf_corpus(vocabulary_size=300, words=5 * BLOCK, longest=40)
    counts = np.bincount(tokens).astype(np.int64)
    vocabulary = Vocabulary([f"w{k}" for k in range(len(counts))], counts, len(tokens), len(counts))
    config = TrainConfig(min_count=1, vector_size=20, epochs=2, **engine, **settings)
    trainer = Trainer(EncodedCorpus(tokens, offsets), vocabulary, config)
    if factors is not None:
        freeze(trainer, np.resize(np.array(factors, dtype=np.float32), len(counts)))
    trainer.run()
    return trainer.weights.input.tobytes(), trainer.weights.output.tobytes()


@pytest.mark.skipif(not JIT_ENABLED, reason="10,000 words are slow without the compiler")
@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_the_same_bytes_with_any_number_of_workers(architecture, loss, monkeypatch):
    use_shape(RoundShape(2, BLOCK), monkeypatch)
    variant = {"architecture": architecture, "loss": loss, "deterministic": True}
    expected = trained({"workers": 1}, FACTORS, **variant)
    for workers in (2, 3):
        assert trained({"workers": workers}, FACTORS, **variant) == expected
    assert trained({"workers": 1}, None, **variant) != expected


@pytest.mark.skipif(not JIT_ENABLED, reason="10,000 words are slow without the compiler")
@pytest.mark.parametrize("deterministic", [False, True])
def test_factors_of_one_change_nothing(deterministic):
    engine = {"workers": 1, "deterministic": deterministic}
    assert trained(engine, [1]) == trained(engine, None)


def test_the_last_call_counts():
    trainer, _ = make_trainers(*zipf_corpus(10, 200, 10), vector_size=4, epochs=1)
    freeze(trainer, factors_of(10))
    assert trainer.frozen.tolist() == [0, 4, 8]
    trainer.freeze(np.array([3]))
    assert trainer.frozen.tolist() == [3]
    before = trainer.weights.input.copy()
    trainer.run()
    assert np.flatnonzero((trainer.weights.input == before).all(axis=1)).tolist() == [3]


LOCKS = np.array([0.25, 3, 1, 0, 0.5], dtype=np.float32)


def models(sentences, **settings):
    """The same model of ours and of gensim's, with locks and with output weights that are not 0."""
    settings = {"vector_size": 8, "min_count": 1, "workers": 1, "sample": 0, **settings}
    settings |= {"alpha": 0.05, "min_alpha": 0.05}
    found = [
        library(hs=1, negative=0, shrink_windows=False, **settings)
        for library in (Word2Vec, gensim.models.Word2Vec)
    ]
    for model in found:
        model.build_vocab(sentences)
        model.syn1[:] = np.random.default_rng(3).normal(0, 0.3, model.syn1.shape)
        model.wv.vectors_lockf = LOCKS[: len(model.wv)].copy()
    assert found[0].wv.index_to_key == found[1].wv.index_to_key
    return found


@pytest.mark.parametrize("sg", [0, 1])
def test_one_update_is_gensim_s(sg):
    sentences = [["a", "b"], ["a"]]
    found = models(sentences, sg=sg, window=1)
    changes = []
    for model in found:
        before = model.wv.vectors.copy()
        model.train(sentences, total_examples=2, epochs=1)
        changes.append(model.wv.vectors - before)
    assert np.abs(changes[1]).min() > 1e-5
    np.testing.assert_allclose(*changes, rtol=0.04)  # gensim's sigmoid is a table


@pytest.mark.parametrize("sg", [0, 1])
def test_epochs_are_gensim_s(sg):
    """No word stands twice in a window: gensim scales each change at once, we those of a step."""
    texts = ["abcde", "bcad", "dacb", "cab", "bca", "abc", "ba", "ab", "ba", "ab", "ba"]
    sentences = [list(text) for text in [*texts, *"aaa"]]  # counts that make one Huffman tree
    found = models(sentences, sg=sg, window=5)
    before = found[0].wv.vectors.copy()
    for model in found:
        model.train(sentences, total_examples=len(sentences), epochs=2)
    ours, theirs = (np.linalg.norm(model.wv.vectors - before, axis=1) for model in found)
    assert (theirs > 0.01).tolist() == (LOCKS > 0).tolist()
    np.testing.assert_allclose(ours, theirs, rtol=0.04)  # gensim's sigmoid is a table
