"""The errors that w2v raises on purpose: each message is a sentence for the user."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from w2v.characters import printable


@dataclass(frozen=True)
class Argument:
    """A setting or another argument of w2v's functions, as a message names it.

    In Python it reads `negative`, or with a value `loss='hierarchical'`. A command line names its
    own options instead.

    Attributes
    ----------
    name : str
        The argument.
    value : object
        The value that the message gives with it; ... without one.
    """

    name: str
    value: object = ...

    def __str__(self) -> str:
        return self.name if self.value is ... else f"{self.name}={self.value!r}"


# The pieces of a message: text, arguments, and tuples of these.
Part: TypeAlias = "str | Argument | tuple[Part, ...]"


class Message(Exception):  # noqa: N818  (a warning is one too)
    """A sentence made of text and of the arguments that it names.

    Parameters
    ----------
    *parts : str, Argument or tuple of these
        The sentence, in pieces.
    """

    def __init__(self, *parts: object) -> None:
        super().__init__(*parts)

    def __str__(self) -> str:
        return self.text()

    def text(self, name: Callable[[Argument], str] = str) -> str:
        """Return the sentence; `name` returns the text of each argument in it.

        The sentence may quote a file, so control characters are escaped.
        """
        parts = (name(part) if isinstance(part, Argument) else str(part) for part in self.parts)
        return printable("".join(parts))

    @property
    def parts(self) -> tuple[object, ...]:
        """The pieces of the sentence, with tuples flattened."""
        return tuple(_flat(self.args))

    @property
    def setting(self) -> str | None:
        """The setting or argument that the message names first; None where it names none."""
        return next((part.name for part in self.parts if isinstance(part, Argument)), None)


def _flat(parts: tuple[object, ...]) -> Iterator[object]:
    for part in parts:
        if isinstance(part, tuple):
            yield from _flat(part)
        else:
            yield part


class W2VError(Message):
    """Base of every error that w2v raises for bad input; the message says what to do next."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Python calls the class with `args`, which fails if __init__ takes other arguments.
        return restored_error, (type(self), self.args, self.__dict__)


class W2VWarning(Message, UserWarning):
    """A warning of w2v; the message says what to do about it."""


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


def restored_error(
    kind: type[BaseException], args: tuple[Any, ...], state: Mapping[str, Any]
) -> BaseException:
    """Return an error as it was when it was pickled or copied; __init__ is not called again."""
    error = BaseException.__new__(kind, *args)
    error.__dict__.update(state)
    return error
