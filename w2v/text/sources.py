"""The parts of a corpus, each read as blocks of text: what they have in common."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from w2v.text.cutting import Overlong

InvalidUtf8: TypeAlias = Literal["error", "replace"]


class Block(NamedTuple):
    """A piece of text: valid UTF-8 without NUL that ends at white space, never inside a word.

    A file's last block ends with a newline, so that no sentence continues in the next file.

    Attributes
    ----------
    source : str
        The name of the file, for messages.
    offset : int
        The byte of the decompressed file where the block begins.
    data : bytes
        The text.
    replaced : int
        Invalid UTF-8 sequences in it that were replaced by U+FFFD.
    left_out : tuple of Overlong
        Words that were left out of it because they are too long.
    nulls : int
        Values of a column that were skipped before its end because they are null.
    """

    source: str
    offset: int
    data: bytes
    replaced: int = 0
    left_out: tuple[Overlong, ...] = ()
    nulls: int = 0


# A generator, because closing it closes its file.
Blocks: TypeAlias = Generator[Block, None, None]


class Source(Protocol):
    """One part of a corpus: `label` names it in messages, `path` is its file if it has one."""

    label: str
    path: Path | None

    def blocks(self, block_size: int) -> Blocks:
        """Yield the text in blocks of about `block_size` bytes, from the start at each call."""


@runtime_checkable
class MeasuredSource(Protocol):
    """A source of known size.

    Attributes
    ----------
    size : int or None
        Its bytes as they are stored, compressed or not; None where they are not known.
    bytes_read : int
        How many of them the last reading has read.
    """

    @property
    def size(self) -> int | None: ...

    @property
    def bytes_read(self) -> int: ...


class Numbers(NamedTuple):
    """A piece of text whose words are numbers.

    Attributes
    ----------
    entries : int32 (n,)
        The number of each word; the reader may write to it.
    ends : int64 (s,)
        How many words come before each end of a sentence; the last is n.
    """

    entries: NDArray[np.int32]
    ends: NDArray[np.int64]


@runtime_checkable
class NumberedSource(Protocol):
    """A source whose words are numbers already; it needs no text.

    Attributes
    ----------
    names : list of str
        The word of each number; all are different. They may be known only after `numbers`.
    is_text : bool
        Whether the words were read in a text, so that their appearance counts.
    """

    names: list[str]
    is_text: bool

    def numbers(
        self, workers: int, memory_limit: int, watch: Callable[[], object]
    ) -> Iterator[Numbers]:
        """Yield the text in order, as several threads make it.

        Parameters
        ----------
        workers : int
            The number of threads.
        memory_limit : int
            Bytes above which numbers go to unnamed temporary files.
        watch : callable
            Called twice a second while the text is made.
        """


def shorten(value: object, length: int = 60) -> str:
    """Return repr(value) for a message, cut to about `length` characters."""
    shown = repr(value)
    return shown if len(shown) <= length else f"{shown[:length]}…"
