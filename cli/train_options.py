"""The options of `w2v train` that are settings of the training; w2v.TrainConfig checks them."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

import w2v
from w2v_cli.values import NUMBER, SECONDS, WHOLE_NUMBER, Choice

Command = TypeVar("Command", bound=Callable[..., Any])

_DEFAULTS = w2v.TrainConfig


def _setting(flag: str, kind: Any, text: str, default: object, metavar: str | None = None) -> Any:
    """Return an option without a default of its own, so that those of the library hold."""
    return click.option(flag, type=kind, metavar=metavar, help=f"{text}  [default: {default}]")


def _integer(flag: str, text: str, default: object) -> Any:
    return _setting(flag, WHOLE_NUMBER, text, default, "N")


def _number(flag: str, text: str, default: object) -> Any:
    return _setting(flag, NUMBER, text, default, "X")


_OPTIONS = [
    _setting(
        "--architecture", Choice(["skipgram", "cbow"]),
        "Guess the context from the word, or the word from its context.", _DEFAULTS.architecture,
    ),
    _setting(
        "--loss", Choice(["negative", "hierarchical"]),
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
    _integer(
        "--epochs", "Passes over the text, 1 to 100,000.",
        "12, up to 40 for less than a million words",
    ),
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
        "0.001, or 1/4 of an equal share for each word",
    ),
    _number(
        "--alpha", "Learning rate at the start, above 0, at most 10.",
        "0.025 for cbow with hierarchical, else 0.05",
    ),
    _number("--min-alpha", "Learning rate at the end, 0 to alpha.",
        "0.0001, or what it is 10,000 words before the end"),
    _integer(
        "--workers", "Threads, 1 to 1,024; with one, or --deterministic, every run gives the same.",
        "one for each core this process may use",
    ),
    _integer("--seed", "Seed of all random choices, 0 to 2^63 − 1.", _DEFAULTS.seed),
    _number(
        "--held-out",
        "Measure the loss also on this share of the text, which is not trained on, 0 to 0.5.", "0",
    ),
    click.option(
        "--deterministic", is_flag=True, default=None,
        help="Give the same result with any number of workers, which takes longer.",
    ),
]  # fmt: skip


# A training that goes on from a checkpoint takes these from there, where they are not given.
_RUN_OPTIONS = [
    click.option(
        "--evaluate", multiple=True, metavar="SET",
        help="Score the vectors on this analogy or similarity set, a file or a known name as in"
        " 'w2v evaluate', while they are trained, and at the end; may be given several times."
        "  [default: none]",
    ),
    click.option(
        "--evaluate-every", type=NUMBER, metavar="N",
        help="Million words between evaluations, above 0, at most 1000000.  [default: 100]",
    ),
    click.option(
        "--early-stop", metavar="METRIC:PATIENCE",
        help="Stop after so many evaluations in a row that brought nothing better, and keep the"
        " best vectors. METRIC is a set's file name without suffix, or held-out.  [default: none]",
    ),
    click.option(
        "--checkpoint", metavar="DIR",
        help="Write checkpoints into this directory, and keep the last two.  [default: none]",
    ),
    click.option(
        "--checkpoint-every", type=SECONDS, metavar="TIME",
        help="Time between checkpoints, such as 90s, 5m or 1h.  [default: 60s]",
    ),
]  # fmt: skip
USED_FILES = ("log", "evaluate", "checkpoint", "continue_from", "init_from")  # read or written
RUN_OPTIONS = ("evaluate", "evaluate_every", "early_stop", "checkpoint", "checkpoint_every")

_START_OPTIONS = [
    click.option(
        "--resume", metavar="DIR",
        help="Go on from the newest checkpoint of this directory, with its settings; CORPUS and all"
        " options may be left out.  [default: none]",
    ),
    click.option(
        "--continue", "continue_from", metavar="MODEL",
        help="Train this full model (.safetensors) further on CORPUS, with its settings where none"
        " are given.  [default: none]",
    ),
    click.option(
        "--new-words", is_flag=True,
        help="Add the words of CORPUS that the model to continue lacks, if seen --min-count times.",
    ),
    click.option(
        "--init-from", metavar="VECTORS",
        help="Start from these vectors, in any format, for the words in common.  [default: none]",
    ),
    click.option("--freeze", is_flag=True, help="Leave the vectors of --init-from as they are."),
]  # fmt: skip
START_OPTIONS = ("continue_from", "new_words", "init_from", "freeze")


def training_options(command: Command) -> Command:
    """Add the options, in this order."""
    for option in reversed([*_OPTIONS, *_RUN_OPTIONS, *_START_OPTIONS]):
        command = option(command)
    return command
