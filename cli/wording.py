"""The library's messages in terms of the command line: an argument is named as its option is."""

import shlex

import click

from w2v.characters import printable
from w2v.errors import Argument, Message


def in_options(message: object, command: click.Command | None) -> str:
    """Return the sentence of an error or a warning, with the options of a command.

    `min_count` becomes "--min-count", and `on_defect='skip'` "--on-defect skip". An argument for
    which the command has no option is named as in Python.
    """
    if not isinstance(message, Message):
        return printable(str(message))
    options = {
        option.name: option
        for option in (command.params if command else [])
        if isinstance(option, click.Option)
    }

    def name(argument: Argument) -> str:
        option = options.get(argument.name)
        return str(argument) if option is None else _flag(option, argument.value)

    return message.text(name)


def _flag(option: click.Option, value: object) -> str:
    """Return an option as it is typed, with its value unless that is `...`."""
    if option.is_flag:
        return ((value is False and option.secondary_opts) or option.opts)[0]
    flag = max(option.opts, key=len)
    return flag if value is ... else f"{flag} {shlex.quote(str(value))}"
