"""What is left to w2v goes by the text; what is given is taken as it is."""

import numpy as np
import pytest
from test_loss import make_trainer

import w2v
from w2v.kernels.windows import learning_rate
from w2v.training.config import TrainConfig
from w2v.training.defaults import default_epochs, default_min_alpha, default_sample, fitted
from w2v.training.weights import Weights


def test_short_texts_get_more_epochs():
    sizes = [0, 1, 1_000, 27_000, 60_000, 300_000, 1_000_000, 10**10]
    assert [default_epochs(size) for size in sizes] == [40, 40, 40, 40, 31, 18, 12, 12]


def test_a_small_vocabulary_is_not_thinned_to_nothing():
    assert [default_sample(words) for words in (1, 10, 250, 10**6)] == [0.25, 0.025, 1e-3, 1e-3]
    for words in (2, 10, 100):
        trainer, _ = make_trainer(tokens=np.repeat(np.arange(words, dtype=np.int32), 1000 // words))
        assert trainer.run()[0].trained == pytest.approx(750, abs=60)


@pytest.mark.parametrize(
    ("tokens", "epochs", "rate"),
    [
        (100, 1, 0.05),  # one pass over a short text is at one rate, as in gensim
        (100, 5, 0.01),
        (10_000, 1, 0.05),
        (100_000, 1, 0.005),
        (100_000, 5, 0.001),
        (10**8, 1, 1e-4),
    ],
)
def test_the_rate_falls_to_that_of_the_last_ten_thousand_words(tokens, epochs, rate):
    assert default_min_alpha(0.05, tokens, epochs) == pytest.approx(rate)
    assert default_min_alpha(0.05, tokens, epochs) <= 0.05


def test_the_kernel_is_given_that_rate():
    trainer, _ = make_trainer(epochs=2)  # of 20,000 words
    rates = [
        learning_rate(place, trainer.schedules.epoch(epoch))
        for epoch, place in ((0, 0), (1, 20_000))
    ]
    assert rates == pytest.approx([0.05, 0.0125], rel=1e-4)


def test_what_is_given_is_taken_as_it_is():
    given = TrainConfig(epochs=1, sample=1e-5, min_alpha=0.0)
    assert fitted(given, 10, 2) == given
    assert fitted(TrainConfig(sample=0), 10, 2).sample == 0


def test_the_model_says_what_was_taken():
    model = w2v.train([["a", "b", "c", "d"]] * 100, workers=1, vector_size=4)
    taken = (model.config.epochs, model.config.sample, model.config.min_alpha)
    assert taken == (40, 0.0625, pytest.approx(0.05 / 40))
    assert len(model.history) == model.summary.epochs == 40
    assert model.summary.config == model.config.as_dict()


def test_vectors_start_within_one_over_their_size():
    start = Weights.fresh(1000, 50, seed=1).input[:, :50] * 50
    assert (start.min(), start.max()) == (pytest.approx(-1, abs=0.01), pytest.approx(1, abs=0.01))
    assert abs(start.mean()) < 0.02
