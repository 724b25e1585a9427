"""Every setting at its bounds, outside them and of a wrong type; messages say what to do."""

import dataclasses
import json
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import w2v
from w2v.arguments import shown
from w2v.errors import ConfigError, W2VError
from w2v.training.config import TrainConfig, available_cores
from w2v.training.defaults import fitted

WHOLE = {
    "vector_size": (1, 10_000),
    "window": (1, 1_000),
    "negative": (1, 1_000),
    "epochs": (1, 100_000),
    "min_count": (1, 2**62),
    "max_vocabulary": (2, 2**31 - 2),
    "workers": (1, 1_024),
    "seed": (0, 2**63 - 1),
}
NUMBERS = {"sample": (0.0, 1.0), "alpha": (math.ulp(0.0), 10.0), "min_alpha": (0.0, 10.0)}
CHOICES = {"architecture": ("skipgram", "cbow"), "loss": ("negative", "hierarchical", "both")}
NO_NUMBERS = [
    "5", b"5", True, False, np.True_, [5], np.array([5]), np.array(5), {},
    pytest.param(object(), id="object()"),  # its repr differs from process to process
]  # fmt: skip
NOT_WHOLE = [5.0, np.float64(5), math.nan, math.inf, -math.inf, Decimal(5), 5 + 0j]
NOT_FINITE = [math.nan, math.inf, -math.inf, np.float32("nan"), 10**400, -(10**400), 5 + 0j]


def message_of(**settings):
    with pytest.raises(ConfigError) as caught:
        TrainConfig(**settings)
    assert isinstance(caught.value, W2VError)
    assert isinstance(caught.value, ValueError)
    return str(caught.value)


@pytest.mark.parametrize("name", WHOLE)
def test_whole_numbers_at_their_bounds(name):
    for value in WHOLE[name]:
        for kind in (int, np.int64):
            kept = getattr(TrainConfig(**{name: kind(value)}), name)
            assert (kept, type(kept)) == (value, int)


@pytest.mark.parametrize("name", WHOLE)
def test_whole_numbers_outside_their_bounds(name):
    low, high = WHOLE[name]
    for value in (low - 1, high + 1, -(2**70), 2**70):
        assert message_of(**{name: value}) == (
            f"{name} must be a whole number from {low:,} to {high:,}, not {value}."
        )


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", [*NO_NUMBERS, *NOT_WHOLE], ids=repr)
def test_whole_numbers_of_a_wrong_type(name, value):
    message = message_of(**{name: value})
    assert message.startswith(f"{name} must be a whole number from ")
    assert message.endswith(f", not {shown(value)}.")


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_at_their_bounds(name):
    for value in NUMBERS[name]:
        for given in (value, np.float64(value), Fraction(value)):
            kept = getattr(TrainConfig(**{name: given}), name)
            assert (kept, type(kept)) == (value, float)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("sample", -1e-9, "from 0 to 1"),
        ("sample", 1.0000001, "from 0 to 1"),
        ("alpha", 0, "above 0, at most 10"),
        ("alpha", -0.1, "above 0, at most 10"),
        ("alpha", 10.001, "above 0, at most 10"),
        ("min_alpha", -1e-9, "from 0 to 10"),
        ("min_alpha", 10.001, "from 0 to 10"),
    ],
)
def test_numbers_outside_their_bounds(name, value, allowed):
    assert message_of(**{name: value}) == f"{name} must be a number {allowed}, not {value}."


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [*NO_NUMBERS, *NOT_FINITE], ids=lambda value: repr(value)[:20])
def test_numbers_of_a_wrong_type(name, value):
    message = message_of(**{name: value})
    assert message.startswith(f"{name} must be a number ")
    assert message.endswith(f", not {shown(value)}.")


@pytest.mark.parametrize("name", CHOICES)
def test_choices(name):
    first = CHOICES[name][0]
    listed = {
        "architecture": "'skipgram' or 'cbow'",
        "loss": "one of 'negative', 'hierarchical', 'both'",
    }
    for value in CHOICES[name]:
        assert getattr(TrainConfig(**{name: value}), name) == value
    for value in ("", "CBOW", "skip-gram", None, 0, True, b"cbow", [first], np.array([first])):
        assert message_of(**{name: value}) == (
            f"{name} must be {listed[name]}, not {shown(value)}."
        )


def test_none_is_the_default_where_there_is_one():
    optional = ("alpha", "min_alpha", "workers", "max_vocabulary", "epochs", "sample")
    given = dict.fromkeys(optional)
    assert TrainConfig(**given) == TrainConfig()
    for name in (*WHOLE, *NUMBERS):
        if name not in given:
            assert message_of(**{name: None}).endswith(", not None.")


def test_numbers_are_those_of_word2vec_but_for_epochs_and_learning_rate():
    config = TrainConfig()
    assert (config.vector_size, config.window, config.negative) == (100, 5, 5)
    assert (config.min_count, config.alpha, config.seed) == (5, 0.05, 1)
    fit = fitted(config, tokens=10**8, words=100_000)
    assert (fit.epochs, fit.sample, fit.min_alpha) == (12, 1e-3, 1e-4)
    assert TrainConfig(architecture="cbow").alpha == 0.05
    assert TrainConfig(loss="hierarchical").alpha == 0.05
    assert TrainConfig(architecture="cbow", loss="hierarchical").alpha == 0.025
    assert config.workers == available_cores() >= 1


def test_the_default_of_the_last_learning_rate_is_never_above_the_first():
    assert fitted(TrainConfig(alpha=1e-5), 10**8, 1000).min_alpha == 1e-5


@pytest.mark.parametrize(
    ("unknown", "hint"),
    [
        ("vectorsize", "did you mean vector_size? "),
        ("window_size", "did you mean window? "),
        ("epoch", "did you mean epochs? "),
        ("sg", "did you mean architecture? "),
        ("fabric", ""),
    ],
)
def test_an_unknown_setting_gets_a_hint(unknown, hint):
    names = ", ".join(field.name for field in dataclasses.fields(TrainConfig))
    with pytest.raises(ConfigError) as caught:
        w2v.train("toy", **{unknown: 3})
    assert str(caught.value) == f"Unknown setting {unknown!r}: {hint}The settings are {names}."


def test_training_checks_settings_before_it_reads():
    with pytest.raises(ConfigError, match=r"^epochs must be a whole number .*, not 0\.$"):
        w2v.train("no-such-file", epochs=0)


def test_settings_go_through_json_whatever_kind_of_number_was_given():
    config = TrainConfig(epochs=np.int32(3), alpha=np.float32(0.5), sample=0, seed=np.uint64(9))
    assert TrainConfig(**json.loads(json.dumps(config.as_dict()))) == config
