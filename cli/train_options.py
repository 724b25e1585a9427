"""The options of `w2v train` that are settings of the training; w2v.TrainConfig checks them."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

import w2v

Command = TypeVar("Command", bound=Callable[..., Any])

_DEFAULTS = w2v.TrainConfig


def _setting(flag: str, kind: Any, text: str, default: object, metavar: str | None = None) -> Any:
    """Return an option without a default of its own, so that those of the library hold."""
    return click.option(flag, type=kind, metavar=metavar, help=f"{text}  [default: {default}]")


def _integer(flag: str, text: str, default: object) -> Any:
    return _setting(flag, int, text, default, "N")


def _number(flag: str, text: str, default: object) -> Any:
    return _setting(flag, float, text, default, "X")


_OPTIONS = [
    _setting(
        "--architecture", click.Choice(["skipgram", "cbow"]),
        "Guess the context from the word, or the word from its context.", _DEFAULTS.architecture,
    ),
    _setting(
        "--loss", click.Choice(["negative", "hierarchical"]),
        "Negative sampling or hierarchical softmax.", _DEFAULTS.loss,
    ),
    _integer("--vector-size", "Numbers in a vector, 1 to 10,000.", _DEFAULTS.vector_size),
    _integer(
        "--window", "Largest distance between a word and its context, in words, 1 to 1,000.",
        _DEFAULTS.window,
    ),
    _integer(
        "--negative", "Noise words for each word, 1 to 1,000; for negative sampling.",
        _DEFAULTS.negative,
    ),
    _integer("--epochs", "Passes over the text, 1 to 100,000.", _DEFAULTS.epochs),
    _integer(
        "--min-count", "Leave out words seen less often than N times, 1 or more.",
        _DEFAULTS.min_count,
    ),
    _integer(
        "--max-vocabulary", "Keep only the N commonest words, 2 or more.", "all",
    ),
    _number(
        "--sample",
        "Thin out words that are more than this share of the text, 0 to 1; 0 thins out none.",
        f"{_DEFAULTS.sample:g}",
    ),
    _number(
        "--alpha", "Learning rate at the start, above 0, at most 10.",
        "0.025 for cbow with hierarchical, else 0.05",
    ),
    _number("--min-alpha", "Learning rate at the end, 0 to alpha.", "0.0001"),
    _integer(
        "--workers", "Threads, 1 to 1,024; with one the result is the same in every run.",
        "one for each processor core",
    ),
    _integer("--seed", "Seed of all random choices, 0 to 2^63 − 1.", _DEFAULTS.seed),
    _number(
        "--held-out",
        "Measure the loss also on this share of the text, which is not trained on, 0 to 0.5.", "0",
    ),
]  # fmt: skip


def training_options(command: Command) -> Command:
    """Add the options, in this order."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
