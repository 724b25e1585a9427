"""Strings from Python: an iterable of sentences or of longer texts in, blocks of text out."""

import contextlib
from collections.abc import Iterable, Iterator

from w2v.errors import Argument, CorpusError
from w2v.text.cutting import without_overlong
from w2v.text.sentences import SentenceSource
from w2v.text.sources import Block, shorten


class StringSource(SentenceSource):
    """An iterable of strings, whose words a tokenizer finds; a generator can be read only once.

    A line feed in a string ends a sentence, as in a file; so does its end.
    """

    label = "the texts"

    def _pages(self, sentences: Iterable[object], size: int) -> Iterator[bytes]:
        return (_line(number, text) for number, text in enumerate(sentences, start=1))

    def _block(self, offset: int, text: bytes) -> Block:
        shorter, left_out = without_overlong(offset, text)
        return Block(self.label, offset, shorter, left_out=tuple(left_out))


def _line(number: int, text: object) -> bytes:
    """Return a string as UTF-8 that ends with a line feed."""
    if not isinstance(text, str):
        cure = "leave it out"
        if isinstance(text, (list, tuple)):
            cure = "lists of words need no tokenizer"
        elif isinstance(text, bytes):
            cure = "decode it, as in text.decode()"
        raise CorpusError(
            f"Text {number} is {shorten(text)}, not a string, as ",
            Argument("tokenizer", "words"),
            f" needs; {cure}.",
        )
    with contextlib.suppress(UnicodeEncodeError):
        if "\0" not in text:
            return text.encode() + b"\n"
    raise CorpusError(
        f"Text {number} is {shorten(text)}, with a NUL character or a lone surrogate in it; take it"
        " out."
    )
