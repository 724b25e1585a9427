"""Sentences from Python: an iterable of lists of words in, blocks of text out."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import whole_number
from w2v.characters import ASCII_WHITE_SPACE, WIDE_WHITE_SPACE
from w2v.errors import CorpusError
from w2v.limits import LONGEST_WORD
from w2v.text.sentence_faults import corpus_fault, sentence_fault, word_fault
from w2v.text.sources import Block, Blocks, shorten

_PAGE = 1 << 16  # bytes of text; more would leave the cache before they are checked
_NOT_IN_WORDS = ASCII_WHITE_SPACE + b"\0"
_INTEGERS = "bBhHiIlq"  # the codes of NumPy's types that int64 holds; those of uint64 are missing
_BYTES_A_NUMBER = 6


class SentenceSource:
    """An iterable of sentences, each an iterable of words; a generator can be read only once.

    A word is a string or a whole number, which becomes the word of its decimal digits.

    Raises CorpusError for an iterable that has no order, or that would give only its keys or the
    names of its columns. While it is read, the same is raised for anything that is not a sentence
    or a word. The iterable's own errors pass through.
    """

    path: Path | None = None
    label = "the sentences"

    def __init__(self, sentences: Iterable[object]) -> None:
        fault = corpus_fault(sentences)
        if fault is not None:
            raise CorpusError(f"The corpus is {fault}.")
        self._sentences = sentences
        self._is_spent = False

    def blocks(self, block_size: int) -> Blocks:
        if self._is_spent:
            raise CorpusError(
                f"The corpus, a {type(self._sentences).__name__}, can be read only once, and has"
                " been; give a list, or an object whose __iter__ starts anew each time."
            )
        self._is_spent = iter(self._sentences) is self._sentences
        offset = size = 0
        texts: list[bytes] = []
        for text in self._pages(self._sentences, min(block_size, _PAGE)):
            texts.append(text)
            size += len(text)
            if size >= block_size:
                yield self._block(offset, b"".join(texts))
                offset, size, texts = offset + size, 0, []
        if texts:
            yield self._block(offset, b"".join(texts))

    def _pages(self, sentences: Iterable[object], size: int) -> Iterator[bytes]:
        """Yield sentences as text, in pages of about `size` bytes."""
        return _texts(sentences, size)

    def _block(self, offset: int, text: bytes) -> Block:
        return Block(self.label, offset, text)


def _texts(sentences: Iterable[object], size: int) -> Iterator[bytes]:
    """Yield sentences as text, in pages of about `size` bytes."""
    if isinstance(sentences, np.ndarray) and sentences.ndim == 2 and _is_whole(sentences):
        yield from _rows(sentences, size)
        return
    page: _Lines | _Numbers = _Lines(1)
    for number, sentence in enumerate(sentences, start=1):
        if not page.take(sentence):
            if page.size:
                yield page.text()
            page = _Numbers() if isinstance(page, _Lines) else _Lines(number)
            if not page.take(sentence):
                page = _Lines(number)
                page.add(plain_words(sentence, f"sentence {number}"))
        if page.size >= size:
            yield page.text()
            page = type(page)(number + 1)
    if page.size:
        yield page.text()


class _Lines:
    """Sentences of strings, which become text together.

    Each is joined when it comes, because a generator may use the same list for the next one. The
    white space in them is counted for all together, which is faster.

    Attributes
    ----------
    size : int
        About how many bytes of text there are.
    """

    def __init__(self, first: int) -> None:
        """Begin with the sentence of this number."""
        self.size = 0
        self._first = first
        self._lines: list[str] = []
        self._sentences: list[Sequence[str]] = []
        self._separators = 0  # white space between words, and after sentences

    def take(self, sentence: Any) -> bool:
        """Add a list of strings; return False for anything else, and for what has to be checked."""
        if type(sentence) is not list and type(sentence) is not tuple:
            return False
        try:
            line = " ".join(sentence)
        except TypeError:
            return False
        if 4 * len(line) > LONGEST_WORD or not all(sentence):
            return False
        self._lines.append(line)
        self._sentences.append(sentence)
        self._separators += len(sentence) or 1
        self.size += len(line) + 1
        return True

    def add(self, words: list[str]) -> None:
        """Add a sentence of good words."""
        self._lines.append(" ".join(words))
        self._sentences.append(words)
        self._separators += len(words) or 1
        self.size += len(self._lines[-1]) + 1

    def text(self) -> bytes:
        """Return the sentences as UTF-8 from which str.split() gets back the same words.

        Raises CorpusError for a word with white space in it, or one that UTF-8 cannot hold.
        """
        try:
            text = "\n".join([*self._lines, ""]).encode()
        except UnicodeEncodeError:
            raise self._refusal() from None
        is_split = len(text) - len(text.translate(None, _NOT_IN_WORDS)) == self._separators
        if not is_split or (not text.isascii() and WIDE_WHITE_SPACE.search(text)):
            raise self._refusal()
        return text

    def _refusal(self) -> CorpusError:
        """Return the error for the first word at fault."""
        for number, words in enumerate(self._sentences, start=self._first):
            if any(map(word_fault, words)):
                return word_refusal(words, f"sentence {number}")
        last = self._first + len(self._lines) - 1
        return CorpusError(
            f"A word in one of the sentences {self._first:,} to {last:,} has white space in it, or"
            " is not text."
        )


class _Numbers:
    """Sentences of whole numbers, which become text together, without a string for each.

    Attributes
    ----------
    size : int
        About how many bytes of text there are.
    """

    def __init__(self, first: int = 1) -> None:
        """Begin with any sentence."""
        self.size = 0
        self._numbers = array("q")
        self._ends: list[int] = []

    def take(self, sentence: Any) -> bool:
        """Add a list or an array of whole numbers that int64 holds; return False for others."""
        if isinstance(sentence, np.ndarray):
            if sentence.ndim != 1 or not _is_whole(sentence):
                return False
            # astype would take four times as long.
            self._numbers.frombytes(np.ascontiguousarray(sentence, np.int64).tobytes())
        elif type(sentence) is list and set(map(type, sentence)) == {int}:
            try:
                self._numbers.fromlist(sentence)
            except OverflowError:
                return False
        else:
            return False
        self._ends.append(len(self._numbers))
        self.size = _BYTES_A_NUMBER * len(self._numbers) + len(self._ends)
        return True

    def text(self) -> bytes:
        """Return the sentences as text."""
        return spelled(np.frombuffer(self._numbers, dtype=np.int64), np.array(self._ends))


def _is_whole(array: NDArray[Any]) -> bool:
    """Return whether an array holds whole numbers of a type that int64 holds."""
    return array.dtype.char in _INTEGERS


def _rows(table: NDArray[np.integer[Any]], size: int) -> Iterator[bytes]:
    """Yield the rows of an array as text, in pages of about `size` bytes."""
    width = table.shape[1]
    each = max(1, size // (_BYTES_A_NUMBER * width + 1))
    for first in range(0, len(table), each):
        rows = table[first : first + each]
        ends = np.arange(1, len(rows) + 1) * width
        yield spelled(rows.astype(np.int64).ravel(), ends)


def spelled(numbers: NDArray[np.int64], ends: NDArray[np.int64]) -> bytes:
    """Return sentences of numbers as text, given the ends of the sentences."""
    # Numba takes 0.3 s to import, and text is read without it.
    from w2v.kernels.decimals import MOST_LETTERS, spell_numbers  # noqa: PLC0415

    magnitudes = np.abs(numbers).view(np.uint64)  # that of the smallest has no positive int64
    text = np.empty(MOST_LETTERS * len(numbers) + len(ends), dtype=np.uint8)
    return text[: spell_numbers(numbers, magnitudes, ends, text)].tobytes()


def capitalized(name: str) -> str:
    """Return the name of a place at the beginning of a sentence; that of a file stays as it is."""
    is_file = not name.startswith(("line ", "row ", "sentence ", "the "))
    return name if is_file else name[:1].upper() + name[1:]


def plain_words(sentence: object, name: str) -> list[str]:
    """Return the words of a sentence of any kind, whole numbers in decimal digits.

    Raises CorpusError, with the sentence's name, such as "sentence 7", for anything else.
    """
    fault = sentence_fault(sentence)
    if fault is not None:
        raise CorpusError(f"{capitalized(name)} is ", fault, ".")
    assert isinstance(sentence, Iterable)
    given = list(sentence)
    whole = map(whole_number, given)
    words = [word if n is None else str(n) for word, n in zip(given, whole, strict=True)]
    if any(map(word_fault, words)):
        raise word_refusal(words, name)
    return words


def word_refusal(words: Sequence[object], name: str) -> CorpusError:
    """Return the error for the first word at fault in a sentence, given the sentence's name."""
    faults = enumerate(map(word_fault, words))
    place, fault = next((place, fault) for place, fault in faults if fault)
    word = shorten(words[place])
    return CorpusError(f"Word {place + 1} of {name} is {word}, {fault}.")
