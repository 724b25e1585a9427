"""The options of `w2v train` that are arguments of the library, which checks their values."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

import w2v
from w2v_cli.values import DIRECTORY, FILE, NUMBER, SECONDS, WHOLE_NUMBER, Choice

Command = TypeVar("Command", bound=Callable[..., Any])


_KINDS: dict[str, tuple[Any, str]] = {
    "whole number": (WHOLE_NUMBER, "N"),
    "number": (NUMBER, "X"),
    "text": (str, "TEXT"),
    "device": (str, "DEVICE"),
    "cluster": (str, "CLUSTER"),
}


def setting_options(settings: Mapping[str, Any]) -> list[Any]:
    """Return an option for each described setting; the library knows the defaults."""
    options = []
    for name, setting in settings.items():
        flag, text = f"--{name.replace('_', '-')}", setting.summary
        if setting.kind == "flag":
            flags = flag
            if setting.default:
                flags, text = f"{flag}/--no-{flag[2:]}", f"{text}  [default: {flag}]"
            options.append(click.option(flags, is_flag=True, default=None, help=text))
            continue
        kind, metavar = _KINDS.get(setting.kind, (Choice(setting.choices), None))
        text = f"{text}  [default: {setting.default_text}]"
        options.append(click.option(flag, type=kind, metavar=metavar, help=text))
    return options


# A resumed training takes these from its checkpoint where they are not given.
_RUN_OPTIONS = [
    click.option(
        "--evaluate", multiple=True, type=FILE, metavar="SET",
        help="Score the vectors on this analogy or similarity set, during training and at the end."
        " SET is a file or a known name, as in 'w2v evaluate'; may be given several times."
        "  [default: none]",
    ),
    click.option(
        "--evaluate-every", type=NUMBER, metavar="N",
        help="Million words between evaluations, above 0, at most 1,000,000.  [default: 100]",
    ),
    click.option(
        "--early-stop", metavar="METRIC:PATIENCE",
        help="Stop after PATIENCE evaluations in a row without improvement, and keep the best"
        " vectors. METRIC is a set's file name without suffix, or held-out.  [default: none]",
    ),
    click.option(
        "--checkpoint", type=DIRECTORY, metavar="DIR",
        help="Write checkpoints into this directory, and keep the last two.  [default: none]",
    ),
    click.option(
        "--checkpoint-every", type=SECONDS, metavar="TIME",
        help="Time between checkpoints, such as 90s, 5m or 1h.  [default: 60s]",
    ),
]  # fmt: skip
USED_FILES = (  # read or written
    "log", "evaluate", "checkpoint", "continue_from", "init_from", "vocabulary",
)  # fmt: skip
RUN_OPTIONS = ("evaluate", "evaluate_every", "early_stop", "checkpoint", "checkpoint_every")

_START_OPTIONS = [
    click.option(
        "--resume", type=DIRECTORY, metavar="DIR",
        help="Go on from the newest checkpoint in this directory, with its settings; CORPUS and all"
        " options may be left out.  [default: none]",
    ),
    click.option(
        "--continue", "continue_from", type=FILE, metavar="MODEL",
        help="Train this full model (.safetensors) further on CORPUS, with its settings where none"
        " are given.  [default: none]",
    ),
    click.option(
        "--new-words", is_flag=True, default=None,
        help="Add the words of CORPUS that the model to continue lacks, if seen --min-count times.",
    ),
    click.option(
        "--init-from", type=FILE, metavar="VECTORS",
        help="Start from these vectors, in any format, for the words in common.  [default: none]",
    ),
    click.option(
        "--freeze", is_flag=True, default=None, help="Leave the vectors of --init-from as they are."
    ),
    click.option(
        "--vocabulary", type=FILE, metavar="FILE",
        help="Give vectors to the words in this file, with their counts, as 'w2v vocabulary' writes"
        " it; --min-count is then 1.  [default: the words of CORPUS]",
    ),
]  # fmt: skip
START_OPTIONS = ("continue_from", "new_words", "init_from", "freeze", "vocabulary")


invalid_utf8_option = click.option(
    "--invalid-utf8", type=Choice(["error", "replace"]),
    help="What to do about bytes that are not valid UTF-8: report an error, or replace by U+FFFD."
    "  [default: error]",
)  # fmt: skip

column_option = click.option(
    "--column", "--field", "column", metavar="NAME",
    help="The column or field that holds the text, in files of JSON Lines (.jsonl, .ndjson), CSV"
    " (.csv, .tsv), Parquet and Arrow (.arrow, .feather); a dot leads into a field, as in"
    " article.body.  [default: text, or the only one]",
)  # fmt: skip


def training_options(command: Command) -> Command:
    """Add the options of training, in this order."""
    settings = setting_options(w2v.TrainConfig.settings())
    return _with_options(command, [*settings, *_RUN_OPTIONS, *_START_OPTIONS])


def text_options(*names: str) -> Callable[[Command], Command]:
    """Return a decorator that adds the options of some settings: what a text is read by."""
    settings = w2v.TrainConfig.settings()
    options = setting_options({name: settings[name] for name in names})
    return lambda command: _with_options(command, options)


def _with_options(command: Command, options: list[Any]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
