"""What the library says of Python's settings, in terms of the command line's options."""

import ast
import re
import shlex
from functools import partial

import click

_VALUE = r"('[^']*'|\"[^\"]*\"|[\w.+-]*\w)"


def in_options(message: str, command: click.Command | None) -> str:
    """Rewrite a sentence of the library in terms of the options of a command.

    "min_count" becomes "--min-count", "on_defect='skip'" becomes "--on-defect skip". A name that
    is also an ordinary word, such as "alpha", is taken for a setting only in "alpha must be", and
    where one setting "has no effect" because of another.
    """
    is_about_settings = " has no effect " in message
    for option in command.params if command else []:
        name = option.name or ""
        if not isinstance(option, click.Option) or not name:
            continue
        flag = max(option.opts, key=len)
        given = rf"(?<![\w'\"(/.-]){name}={_VALUE}"
        message = re.sub(given, partial(_with_value, option, flag), message)
        if "_" in name or is_about_settings:
            pattern = rf"(?<![\w'\"(/.-]){name}(?![\w'\"/=-]|\.\w)"
        else:
            pattern = f"^{name}(?= must )"
        message = re.sub(pattern, flag, message)
    return message


def _with_value(option: click.Option, flag: str, found: re.Match[str]) -> str:
    value = found[1]
    if option.is_flag:
        return flag
    text = ast.literal_eval(value) if value[0] in "'\"" else value
    return f"{flag} {shlex.quote(text)}"
