"""gensim's Word2Vec over our engine: training, scores and predictions."""

import logging

import numpy as np
import pytest
from word2vec_models import SMALL, TEXTS, both

import w2v
from w2v.compat import Word2Vec
from w2v.compat.word2vec_training import LinearRates


def test_trainings_follow_each_other():
    model = Word2Vec(**SMALL)
    model.build_vocab(TEXTS)
    first = model.wv.vectors.copy()
    trained, words = model.train(TEXTS, total_examples=model.corpus_count, epochs=3)
    second = model.wv.vectors.copy()
    model.train(TEXTS, total_words=model.corpus_total_words, epochs=1)
    assert words == 3 * sum(map(len, TEXTS))
    assert 0 < trained < words  # subsampling
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, model.wv.vectors)
    assert model.train_count == 2


def test_seeds():
    one, same, other = (Word2Vec(TEXTS, **SMALL, seed=seed).wv.vectors for seed in (3, 3, 4))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    drawn, again = (Word2Vec(TEXTS, **SMALL, seed=None).wv.vectors for _ in range(2))
    assert not np.array_equal(drawn, again)


@pytest.mark.parametrize("settings", [{"sorted_vocab": 0}, {"sorted_vocab": 1}])
def test_the_order_of_rows_changes_no_vector_by_more_than_its_start(settings):
    # Words that share contexts come together in either order of rows.
    texts = [["a", "x", "b"], ["c", "y", "d"]] * 300 + [["e"] * 3] * 400
    model = Word2Vec(
        texts, vector_size=8, min_count=1, workers=1, epochs=20, sg=1, alpha=0.1, sample=0,
        **settings,
    )  # fmt: skip
    assert model.wv.index_to_key[0] == ("e" if settings["sorted_vocab"] else "a")
    assert model.wv.similarity("a", "b") > 0.18 > model.wv.similarity("a", "d")


def test_both_losses_train_both_matrices():
    model = Word2Vec(TEXTS, **SMALL, hs=1, negative=5, sample=0)
    assert model.syn1.shape == model.syn1neg.shape == model.wv.vectors.shape
    assert np.abs(model.syn1[:-1]).sum(axis=1).min() > 0
    assert np.abs(model.syn1neg).sum(axis=1).min() > 0
    assert model.predict_output_word(["the"], topn=1)
    assert len(model.score(TEXTS)) == len(TEXTS)


def test_the_loss_is_that_of_all_pairs():
    model = Word2Vec(TEXTS, **SMALL, sg=1, hs=1, negative=0, sample=0, window=1, epochs=1,
                     shrink_windows=False, alpha=1e-6, compute_loss=True)  # fmt: skip
    codes = {word: len(model.wv.get_vecattr(word, "code")) for word in model.wv.index_to_key}
    expected = sum(
        codes[word] * np.log(2) * ((place > 0) + (place + 1 < len(sentence)))
        for sentence in TEXTS
        for place, word in enumerate(sentence)
    )
    assert model.get_latest_training_loss() == pytest.approx(expected, rel=1e-3)
    assert Word2Vec(TEXTS, **SMALL).get_latest_training_loss() == 0


def test_rates_are_those_of_gensim_on_average():
    # gensim's rate of each batch is that of its first word: ten batches an epoch, three epochs.
    first, last, epochs, batches = 0.05, 0.01, 3, 10
    rates = LinearRates(lambda: (first, last), epochs, 1 / batches, 1.0)
    for epoch in range(epochs):
        begins, ends = rates(epoch)
        line = begins + (ends - begins) * (np.arange(batches) + 0.5) / batches
        done = (epoch + np.arange(batches) / batches) / epochs
        assert np.allclose(line, first - (first - last) * done)


def test_a_rate_may_rise_and_may_be_announced():
    assert LinearRates(lambda: (0.01, 0.05), 1, 0.0, 1.0)(0) == (0.01, 0.05)
    assert LinearRates(lambda: (0.04, 0.02), 1, 0.0, 0.5)(0) == pytest.approx((0.04, 0.03))
    model = Word2Vec(TEXTS, **SMALL)
    model.train(TEXTS, total_examples=9, epochs=2, start_alpha=0.01, end_alpha=0.1)
    assert (model.alpha, model.min_alpha) == (0.01, 0.1)


@pytest.mark.parametrize("sorted_vocab", [0, 1])
@pytest.mark.parametrize("lockf", [[1, 1, 0, 0.5], [0.5], [2.0]])
def test_locked_vectors_move_less(lockf, sorted_vocab):
    """Arithmetic: tests/test_frozen_rows.py."""
    changes = []
    for locks in (np.ones(1), np.array(lockf)):
        model = Word2Vec(**SMALL, sample=0, alpha=0.005, sorted_vocab=sorted_vocab)
        model.build_vocab(TEXTS)
        model.wv.vectors_lockf = np.resize(locks, len(model.wv)) if len(locks) > 1 else locks
        before = model.wv.vectors.copy()
        model.train(TEXTS, total_examples=model.corpus_count, epochs=9)
        changes.append(np.linalg.norm(model.wv.vectors - before, axis=1))
    usual, locked = changes
    np.testing.assert_allclose(locked / usual, np.resize(lockf, len(usual)), rtol=0.1)


@pytest.mark.parametrize("lockf", [[-1], [np.nan], [1, 0.5, np.inf]])
def test_locks_that_make_no_sense(lockf):
    model = Word2Vec(**SMALL)
    model.build_vocab(TEXTS)
    model.wv.vectors_lockf = np.resize(lockf, len(model.wv)).astype(np.float32)
    with pytest.raises(w2v.ConfigError, match="vectors_lockf must hold finite numbers, 0 or more"):
        model.train(TEXTS, total_examples=model.corpus_count, epochs=1)


def test_a_corpus_of_other_words_trains_nothing(caplog):
    model = Word2Vec(TEXTS, **SMALL)
    before = model.wv.vectors.copy()
    with caplog.at_level(logging.WARNING):
        assert model.train([["other", "words"]], total_examples=1, epochs=2) == (0, 4)
    assert "nothing is trained" in caplog.text
    assert np.array_equal(model.wv.vectors, before)


@pytest.mark.parametrize("cbow_mean", [0, 1])
def test_predictions_are_gensim_s(cbow_mean):
    ours, theirs = both(TEXTS, **SMALL, cbow_mean=cbow_mean)
    theirs.wv.vectors, theirs.syn1neg = 30 * ours.wv.vectors, 30 * ours.syn1neg + 0.1
    ours.wv.vectors, ours.syn1neg = theirs.wv.vectors.copy(), theirs.syn1neg.copy()
    words = ["computer", "trees", "nowhere"]
    mine, other = (model.predict_output_word(words, topn=4) for model in (ours, theirs))
    assert [word for word, _ in mine] == [word for word, _ in other]
    assert np.allclose([share for _, share in mine], [share for _, share in other], atol=1e-5)
    assert ours.predict_output_word(["nowhere"]) is None


@pytest.mark.parametrize("sg", [0, 1])
@pytest.mark.parametrize("cbow_mean", [0, 1])
def test_scores_are_gensim_s(sg, cbow_mean):
    texts = [list("abcdefg"[: size + 1]) for size in range(7) for _ in range(2**size)]
    ours, theirs = both(texts, **SMALL, hs=1, negative=0, sg=sg, cbow_mean=cbow_mean)
    generator = np.random.default_rng(1)
    theirs.wv.vectors = generator.normal(size=(7, 8)).astype(np.float32)
    theirs.syn1 = generator.normal(size=(7, 8)).astype(np.float32)
    ours.wv.vectors, ours.syn1 = theirs.wv.vectors, theirs.syn1
    same = [np.array_equal(*(m.wv.get_vecattr(w, "code") for m in (ours, theirs))) for w in "abcd"]
    assert all(same)
    asked = [list("abcab"), list("gfz"), ["a"], list("bcd")]
    # gensim takes 83 entries a unit of a table that has 83.3: it is two per cent off.
    assert np.allclose(ours.score(asked, 3), theirs.score(asked, 3), rtol=0.03)


def test_vectors_alone_are_not_trained():
    model = Word2Vec(**SMALL)
    model.wv = Word2Vec(TEXTS, **SMALL).wv
    with pytest.raises(RuntimeError, match="build_vocab"):
        model.train(TEXTS, total_examples=9, epochs=1)
    with pytest.raises(RuntimeError, match="output vectors"):
        model.predict_output_word(["the"])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Word2Vec(TEXTS, size=8), TypeError, "vector_size"),
        (lambda: Word2Vec(TEXTS, iter=8), TypeError, "epochs"),
        (lambda: Word2Vec(TEXTS, sizes=8), TypeError, "sizes"),
        (lambda: Word2Vec(**SMALL).build_vocab(sentences=TEXTS), TypeError, "corpus_iterable"),
        (lambda: Word2Vec(TEXTS, **SMALL).index2word, AttributeError, r"wv\.index_to_key"),
        (lambda: Word2Vec(TEXTS, **SMALL).most_similar("the"), AttributeError, r"wv\.most_similar"),
        (lambda: Word2Vec(TEXTS, **SMALL, hs=0, negative=0), ValueError, "hs=1"),
        (lambda: Word2Vec(TEXTS, **SMALL, alpha=-1), ValueError, "below 0"),
        (lambda: Word2Vec(TEXTS, **SMALL, vector_size=0), TypeError, "vector_size"),
        (lambda: Word2Vec(TEXTS, min_count=99), RuntimeError, "build_vocab"),
        (lambda: Word2Vec(sentence for sentence in TEXTS), TypeError, "generator"),
        (lambda: Word2Vec(5), TypeError, "iterable"),
        (lambda: Word2Vec([5]), TypeError, "Sentence 1 is 5"),
        (lambda: Word2Vec(corpus_file="/nowhere"), TypeError, "nowhere"),
        (lambda: Word2Vec(TEXTS, "file"), TypeError, "one corpus"),
        (lambda: Word2Vec(TEXTS, **SMALL).score(TEXTS), RuntimeError, "hs=1"),
        (lambda: Word2Vec(TEXTS, **SMALL).train(TEXTS, epochs=2), ValueError, "total_examples"),
        (lambda: Word2Vec(TEXTS, **SMALL).train(TEXTS, total_words=2), ValueError, "epochs"),
        (lambda: Word2Vec().build_vocab(TEXTS, update=True), RuntimeError, "without update"),
    ],
)  # fmt: skip
def test_errors_say_what_to_do(call, error, message):
    with pytest.raises(error, match=message):
        call()
