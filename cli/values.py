"""The types of options. A value of a wrong type is bad input: one sentence, exit code 1."""

from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem

import w2v
from w2v.arguments import checked_seconds


def refuse(param: click.Parameter | None, allowed: str, value: object) -> NoReturn:
    """Raise ConfigError for a value that an option cannot take."""
    flag = "A value" if param is None else param.opts[0]
    raise w2v.ConfigError(f"{flag} must be {allowed}, not {value!r}.")


class _Value(click.ParamType):  # type: ignore[type-arg]
    """A number that a Python type reads from text."""

    def __init__(self, kind: type, name: str) -> None:
        self._kind, self.name = kind, name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number; raise ConfigError for any other text."""
        try:
            return self._kind(value)
        except ValueError:
            refuse(param, f"a {self.name}", value)


WHOLE_NUMBER = _Value(int, "whole number")
NUMBER = _Value(float, "number")


class Choice(click.Choice):  # type: ignore[type-arg]
    """One of several words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the word; raise ConfigError for any other one."""
        if value not in self.choices:
            refuse(param, " or ".join([", ".join(self.choices[:-1]), self.choices[-1]]), value)
        return super().convert(value, param, ctx)


class _Seconds(click.ParamType):  # type: ignore[type-arg]
    """A time such as 90, 60s, 5m or 2h, as seconds."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the seconds; raise ConfigError for any other text."""
        try:
            return checked_seconds("time", value)
        except w2v.ConfigError:
            refuse(param, "a time such as 90, 60s, 5m or 2h", value)


SECONDS = _Seconds()


class _Name(click.types.StringParamType):
    """The name of a file or directory as it is given; shells complete it."""

    def __init__(self, kind: str) -> None:
        self.name = kind

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Ask the shell for the names of its files or directories."""
        return [CompletionItem(incomplete, type=self.name)]


FILE, DIRECTORY = _Name("file"), _Name("dir")
