"""gensim's readers of text: iterables of lists of words, which can be read again and again.

Training recognises them. Where their sentences are the lines of files, it reads the files itself,
without a list of strings for each sentence.
"""

import os
from collections.abc import Iterable, Iterator
from typing import IO, Any, TypeAlias

from w2v.arguments import checked_path, checked_whole
from w2v.errors import CorpusError
from w2v.remote.addresses import Address, located
from w2v.text.corpus import Corpus, open_corpus
from w2v.text.sentences import SentenceSource
from w2v.text.sources import Block, Blocks, Source

MAX_WORDS_IN_BATCH = 10_000  # gensim's longest sentence; here a sentence may have any length
_MOST = 1 << 62

PathLike: TypeAlias = "str | os.PathLike[str]"


class LineSentence:
    """The lines of a file as lists of words, which white space separates.

    Parameters
    ----------
    source : str, PathLike or open file
        A file, which may be compressed, or the name of a known corpus; or a file object that has
        `seek`, of bytes or of text.
    max_sentence_length : int, 1 or more
        Longer lines are cut into sentences of so many words. Training on a file leaves lines
        whole where this is 10,000 or more, since they need no cutting here.
    limit : int, 0 or more, optional
        Read only so many lines.

    Raises
    ------
    CorpusError
        When it is read: the file is missing, or is not text.
    """

    def __init__(
        self,
        source: PathLike | IO[Any],
        max_sentence_length: int = MAX_WORDS_IN_BATCH,
        limit: int | None = None,
    ) -> None:
        self.source = source
        self.max_sentence_length = _checked_length(max_sentence_length)
        self.limit = _checked_limit(limit)

    def __iter__(self) -> Iterator[list[str]]:
        """Iterate over the sentences, from the start each time."""
        lines = _lines_of_stream(self.source) if _is_stream(self.source) else _lines(self.source)
        yield from _sentences(lines, self.max_sentence_length, self.limit)

    def as_corpus(self) -> Corpus:
        """Return the corpus that training reads."""
        whole = _leaves_lines_whole(self.max_sentence_length, self.limit)
        if _is_changed(self, LineSentence) or _is_stream(self.source) or not whole:
            return Corpus([SentenceSource(self)], name=None)
        return open_corpus(checked_path("source", self.source))


class PathLineSentences:
    """The lines of all files in a directory, in the order of their names, as lists of words.

    Parameters
    ----------
    source : str or PathLike
        The directory, without those in it; or a single file.
    max_sentence_length, limit
        As for LineSentence; the limit is for each file.

    Attributes
    ----------
    input_files : list of str
        The files.

    Raises
    ------
    ValueError
        There is no such file or directory.
    """

    def __init__(
        self,
        source: PathLike,
        max_sentence_length: int = MAX_WORDS_IN_BATCH,
        limit: int | None = None,
    ) -> None:
        path = checked_path("source", source)
        self.source = source
        self.max_sentence_length = _checked_length(max_sentence_length)
        self.limit = _checked_limit(limit)
        if path.is_file():
            self.input_files = [str(path)]
        elif path.is_dir():
            inside = path.inside() if isinstance(path, Address) else path.iterdir()
            self.input_files = sorted(map(str, inside))
        else:
            raise _NoInputError(f"There is no file and no directory {str(path)!r}.")

    def __iter__(self) -> Iterator[list[str]]:
        """Iterate over the sentences of all files, from the start each time."""
        for file in self.input_files:
            yield from _sentences(_lines(file), self.max_sentence_length, self.limit)

    def as_corpus(self) -> Corpus:
        """Return the corpus that training reads."""
        whole = _leaves_lines_whole(self.max_sentence_length, self.limit)
        if _is_changed(self, PathLineSentences) or not self.input_files or not whole:
            return Corpus([SentenceSource(self)], name=None)
        return open_corpus(*map(located, self.input_files))


class Text8Corpus:
    """All words of a file in one sequence, cut into sentences of the same length.

    Parameters
    ----------
    fname : str or PathLike
        A file, which may be compressed, or the name of a known corpus, such as "text8".
    max_sentence_length : int, 1 or more
        The words in a sentence. Training takes the words as one sentence where this is 10,000 or
        more.

    Raises
    ------
    CorpusError
        When it is read: the file is missing, or is not text.
    """

    def __init__(self, fname: PathLike, max_sentence_length: int = MAX_WORDS_IN_BATCH) -> None:
        self.fname = fname
        self.max_sentence_length = _checked_length(max_sentence_length)

    def __iter__(self) -> Iterator[list[str]]:
        """Iterate over the sentences, from the start each time."""
        sentence: list[str] = []
        for block in open_corpus(self.fname).blocks():
            sentence += block.data.decode().split()
            whole = len(sentence) - len(sentence) % self.max_sentence_length
            for start in range(0, whole, self.max_sentence_length):
                yield sentence[start : start + self.max_sentence_length]
            sentence = sentence[whole:]
        if sentence:
            yield sentence

    def as_corpus(self) -> Corpus:
        """Return the corpus that training reads."""
        whole = _leaves_lines_whole(self.max_sentence_length, None)
        if _is_changed(self, Text8Corpus) or not whole:
            return Corpus([SentenceSource(self)], name=None)
        corpus = open_corpus(self.fname)
        return Corpus([_OneLine(source) for source in corpus.sources], corpus.name)


def sentences_of(corpus: Corpus) -> Iterator[list[str]]:
    """Yield the words of each line of a corpus; longer lines are cut as gensim cuts them."""
    return _sentences(_lines_of(corpus), MAX_WORDS_IN_BATCH, None)


def _is_changed(sentences: object, kind: type) -> bool:
    """Return whether a subclass of a reader yields sentences of its own."""
    return type(sentences).__iter__ is not kind.__iter__  # type: ignore[attr-defined]


class _NoInputError(CorpusError, ValueError):
    """There is nothing to read; gensim raises a ValueError here."""


class _OneLine:
    """A source whose line breaks do not end a sentence."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.label, self.path = source.label, source.path

    def blocks(self, block_size: int) -> Blocks:
        last: Block | None = None
        for block in self._source.blocks(block_size):
            if last is not None:
                yield last._replace(data=last.data.replace(b"\n", b" "))
            last = block
        if last is not None:  # its line break ends the text
            yield last._replace(data=last.data[:-1].replace(b"\n", b" ") + last.data[-1:])


def _checked_length(length: object) -> int:
    return checked_whole("max_sentence_length", length, 1, _MOST)


def _checked_limit(limit: object) -> int | None:
    return None if limit is None else checked_whole("limit", limit, 0, _MOST)


def _leaves_lines_whole(max_sentence_length: int, limit: int | None) -> bool:
    return limit is None and max_sentence_length >= MAX_WORDS_IN_BATCH


def _is_stream(source: object) -> bool:
    return hasattr(source, "seek")


def _lines_of_stream(stream: Any) -> Iterator[list[str]]:
    """Yield the words of each line of an open file, from its start."""
    stream.seek(0)
    for line in stream:
        yield (line.decode() if isinstance(line, bytes) else line).split()


def _lines(path: Any) -> Iterator[list[str]]:
    return _lines_of(open_corpus(path))


def _lines_of(corpus: Corpus) -> Iterator[list[str]]:
    """Yield the words of each line of a corpus; a line may go on in the next block."""
    begun: list[str] = []
    for block in corpus.blocks():
        *lines, rest = block.data.decode().split("\n")
        for line in lines:
            yield begun + line.split()
            begun = []
        begun += rest.split()
    if begun:
        yield begun


def _sentences(lines: Iterable[list[str]], longest: int, limit: int | None) -> Iterator[list[str]]:
    """Yield the words of the first `limit` lines, cut into sentences of at most `longest` words."""
    for number, words in enumerate(lines):
        if number == limit:
            return
        for start in range(0, len(words), longest):
            yield words[start : start + longest]
