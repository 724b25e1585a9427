"""The errors that w2v raises on purpose: each message is a sentence for the user."""

from collections.abc import Mapping
from typing import Any

from w2v.characters import printable


class W2VError(Exception):
    """Base of every error that w2v raises for bad input; the message says what to do next.

    It may name what a file holds, so characters that a terminal would obey are written out.
    """

    def __str__(self) -> str:
        return printable(super().__str__())

    def __reduce__(self) -> tuple[Any, ...]:
        # Python calls the class with `args` again, which fails where __init__ takes other ones.
        return restored_error, (type(self), self.args, self.__dict__)


class CorpusError(W2VError):
    """The training text is missing, unreadable, empty or not text."""


class ConfigError(W2VError, ValueError):
    """A setting lies outside its allowed range."""


class DivergedError(ConfigError):
    """The training diverged, mostly because the learning rate was too high."""


class FormatError(W2VError):
    """A vector or model file is missing, damaged or of an unknown format."""


class KeptError(W2VError):
    """A finished file could not be put in its place; the message says where it is kept."""


class OutOfMemoryError(W2VError, MemoryError):
    """The work needs more memory than there is."""


class MissingWordError(W2VError, KeyError):
    """A word is not in the vocabulary. Also a KeyError, as in gensim."""

    def __str__(self) -> str:
        # KeyError would show the repr of its argument, quotes and all.
        return printable(str(self.args[0])) if self.args else ""


def restored_error(
    kind: type[BaseException], args: tuple[Any, ...], state: Mapping[str, Any]
) -> BaseException:
    """Return an error as it was when it was pickled or copied; __init__ is not called again."""
    error = BaseException.__new__(kind, *args)
    error.__dict__.update(state)
    return error
