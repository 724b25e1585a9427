"""Single steps of training equal gensim's, where no draw parts the two.

Hierarchical softmax has no noise, and windows that are not shrunk no draws: from the same weights
and the same tree, gensim and the engine make the same steps in the same order, where one context
word is trained at a time. With noise it is always the same word. With both losses gensim makes two
steps, word2vec.c and the engine one.
"""

import gensim.models
import naive
import numpy as np
import pytest
from test_kernels import make_trainers

from w2v.training.config import TrainConfig
from w2v.training.sampling import noise_probabilities

COUNTS = [40, 21, 11, 6, 3, 1]
ALPHA = 0.05
NOISE = 2  # the word that is always drawn


@pytest.fixture
def tokens():
    everything = np.repeat(np.arange(len(COUNTS)), COUNTS)
    return np.random.default_rng(4).permutation(everything).astype(np.int32)


def table_sigmoid(logits):
    """gensim's sigmoid: from a table of 1,000 entries from −6 to 6, with 83 for each unit."""
    places = np.floor((np.asarray(logits) + 6) * 83)
    return 1 / (1 + np.exp(6 - 12 * places / 1000))


def one_after_another(twin):
    """The steps of gensim: along the path, then against the noise, from the changed vector."""

    def steps(center, noise):
        return [twin.path_targets(center, noise), twin.noise_targets(center, noise)]

    return steps


@pytest.mark.parametrize("loss", ["negative", "hierarchical", "both"])
@pytest.mark.parametrize("window", [2, 7])
@pytest.mark.parametrize(
    ("architecture", "cbow_mean"), [("skipgram", True), ("cbow", True), ("cbow", False)]
)
def test_an_epoch_without_draws(architecture, cbow_mean, window, loss, tokens, monkeypatch):
    """The twin, which test_kernels.py holds to the kernels, with gensim's tree and sigmoid."""
    offsets = np.array([0, 30, 31, len(tokens)], dtype=np.int64)
    _, twin = make_trainers(
        tokens, offsets, architecture=architecture, loss=loss, cbow_mean=cbow_mean, negative=1,
        shrink_windows=False, window=window, vector_size=12, epochs=1, sample=0, alpha=ALPHA,
        min_alpha=ALPHA,
    )  # fmt: skip
    model = gensim.models.Word2Vec(
        vector_size=12, window=window, min_count=1, sample=0, workers=1, alpha=ALPHA,
        min_alpha=ALPHA, sg=int(architecture == "skipgram"), hs=int(loss != "negative"),
        negative=int(loss != "hierarchical"), cbow_mean=int(cbow_mean), shrink_windows=False,
    )  # fmt: skip
    sentences = [[str(token) for token in part] for part in np.split(tokens, offsets[1:-1])]
    model.build_vocab(sentences)
    words = model.wv.index_to_key
    assert [int(word) for word in words] == list(range(len(COUNTS)))
    if loss != "negative":
        points, codes = (
            [model.wv.get_vecattr(word, name).tolist() for word in words]
            for name in ("point", "code")
        )
        twin.paths = list(zip(points, codes, strict=True))
        model.syn1[:] = twin.output[-len(words) :]
    if loss != "hierarchical":
        model.syn1neg[:] = twin.output[: len(words)]
        model.cum_table[NOISE:], model.cum_table[:NOISE] = 2**31 - 1, 0
        twin.noise, twin.batch = lambda bits: NOISE, 1
    if loss == "both":
        twin.steps = one_after_another(twin)
    monkeypatch.setattr(naive, "sigmoid", table_sigmoid)
    model.wv.vectors[:] = twin.input
    before = twin.input.copy(), twin.output.copy()
    model.train(sentences, total_examples=len(sentences), epochs=1)
    twin.train_epoch(0)
    names = {"negative": ["syn1neg"], "hierarchical": ["syn1"], "both": ["syn1neg", "syn1"]}
    theirs = np.concatenate([getattr(model, name) for name in names[loss]])
    for old, ours, others in zip(
        before, (twin.input, twin.output), (model.wv.vectors, theirs), strict=True
    ):
        assert np.abs(ours - old).max() > 0.04
        # The scores of a sum are large. In float32 one lies on the other side of a border of the
        # table, and the steps after it carry that on.
        is_sum = loss == "negative" and not cbow_mean
        np.testing.assert_allclose(ours, others, atol=1e-3 if is_sum else 1e-5)


@pytest.mark.parametrize("exponent", [-0.5, 0.0, 0.75, 1.0])
def test_noise_is_drawn_as_often(exponent):
    counts = np.array(COUNTS, dtype=np.int64)
    model = gensim.models.Word2Vec(ns_exponent=exponent, min_count=1, sample=0)
    model.build_vocab_from_freq({str(word): int(count) for word, count in enumerate(counts)})
    theirs = np.diff(model.cum_table, prepend=0) / model.cum_table[-1]
    np.testing.assert_allclose(noise_probabilities(counts, exponent), theirs, atol=1e-6)


def test_the_defaults_are_gensims():
    model = gensim.models.Word2Vec()
    config = TrainConfig()
    assert (model.ns_exponent, bool(model.cbow_mean), model.shrink_windows) == (
        config.ns_exponent, config.cbow_mean, config.shrink_windows,
    )  # fmt: skip
