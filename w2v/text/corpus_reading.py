"""A corpus: its parts, read one after the other, with an account of what was left out."""

import contextlib
import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from w2v.arguments import whole_number
from w2v.errors import Argument, ConfigError, CorpusError
from w2v.limits import LONGEST_WORD
from w2v.text.many_files import ManyFiles
from w2v.text.sentences import SentenceSource
from w2v.text.sources import (
    Block,
    Blocks,
    InvalidUtf8,
    MeasuredSource,
    NumberedSource,
    Source,
    shorten,
)
from w2v.text.strings import StringSource
from w2v.word_forms import AS_IT_IS, WordForm

if TYPE_CHECKING:  # it needs Numba
    from w2v.text.tokenizer import Tokenizer

BLOCK_SIZE = 2 << 20  # bytes; small enough to stay in the cache until it is counted


@dataclass(frozen=True)
class Origin:
    """The arguments of `open_corpus`, with names that are valid in every directory."""

    sources: list[str]
    invalid_utf8: InvalidUtf8
    column: str | None = None


class Corpus:
    """Text that can be read any number of times (a generator only once); see `open_corpus`.

    Attributes
    ----------
    name : str or None
        Stem for the file of its vectors, such as `wiki8` for data/wiki8.txt.xz; None for several
        files, a glob, standard input or sentences.
    paths : list of Path
        The files that it reads; in the place of all files in a directory, the directory.
    replaced : int
        Invalid UTF-8 sequences that were replaced in the last complete reading.
    left_out : int
        Words that were left out of it because they are too long.
    nulls : int
        Values of a column that were skipped because they are null.
    first_left_out : str
        Where the first word was left out, if any was.
    origin : Origin or None
        The arguments with which `open_corpus` finds it again from any directory; None for standard
        input, a pipe or sentences.
    tokenizer : Tokenizer or None
        The rule for what is a word; None where words are what white space separates.
    """

    def __init__(self, sources: list[Source], name: str | None) -> None:
        self.name = name
        self.paths = [path for source in sources for path in _paths(source)]
        self.replaced = self.left_out = self.nulls = 0
        self.first_left_out = ""
        self.origin: Origin | None = None
        self.tokenizer: Tokenizer | None = None
        self._sources = sources
        self._begun: list[Source] = []
        self._text_read = 0

    @property
    def sources(self) -> tuple[Source, ...]:
        """The parts that it reads, in order."""
        return tuple(self._sources)

    @property
    def size(self) -> int | None:
        """Bytes of all sources, as they are stored; None where the size of one is not known."""
        sizes = [
            source.size if isinstance(source, MeasuredSource) else None for source in self._sources
        ]
        return None if None in sizes else sum(filter(None, sizes))

    @property
    def bytes_read(self) -> int:
        """Bytes of `size` that the last reading has read; bytes of text if `size` is None."""
        if self.size is None:
            return self._text_read
        begun = [source for source in self._begun if isinstance(source, MeasuredSource)]
        return sum(source.bytes_read for source in begun)

    @property
    def numbered(self) -> NumberedSource | None:
        """The source, if it is the only one and its words are numbers already; else None."""
        source = self._sources[0] if len(self._sources) == 1 else None
        return source if isinstance(source, NumberedSource) else None

    def in_words(self, form: WordForm) -> "Corpus":
        """Return this corpus with another rule for what is a word.

        Raises
        ------
        ConfigError
            It is numbers or lists of words, on which the rule would have no effect.
        """
        if form.tokenizer != "whitespace" and self.has_lists:
            raise ConfigError(
                Argument("tokenizer"),
                " has no effect on lists of words; give the texts themselves, as strings, or leave"
                " it out.",
            )
        if form != AS_IT_IS and self.numbered is not None:
            name = "lower" if form.tokenizer == "whitespace" else "tokenizer"
            raise ConfigError(
                Argument(name),
                " has no effect on walks in a graph, nor where phrases are joined already; leave"
                " it out.",
            )
        from w2v.text.tokenizer import Tokenizer  # noqa: PLC0415  (it needs Numba)

        corpus = copy.copy(self)
        corpus.tokenizer = None if form == AS_IT_IS else Tokenizer(form)
        return corpus

    @property
    def has_lists(self) -> bool:
        """Whether sentences in it are lists of words."""
        return any(
            isinstance(source, SentenceSource) and not isinstance(source, StringSource)
            for source in self._sources
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self})"

    def __str__(self) -> str:
        """Name the sources, for messages."""
        labels = [source.label for source in self._sources]
        more = f" and {len(labels) - 3} more" if len(labels) > 3 else ""
        return ", ".join(labels[:3]) + more

    def blocks(self, block_size: int = BLOCK_SIZE) -> Blocks:
        """Yield the text in order, in blocks of about `block_size` bytes.

        Words of more than LONGEST_WORD bytes are left out and counted.

        Parameters
        ----------
        block_size : int
            Bytes, 1 or more. A block with a longer word, or a longer list of words, is larger.

        Yields
        ------
        Block
            A piece of text that ends at white space.

        Raises
        ------
        CorpusError
            The text is not UTF-8, holds a NUL byte or cannot be read.
        """
        if whole_number(block_size) is None or block_size < 1:
            raise CorpusError(
                Argument("block_size"),
                f" must be a number of bytes, 1 or more, not {block_size!r}.",
            )
        replaced = left_out = nulls = self._text_read = 0
        self._begun = []
        for source in self._sources:
            with contextlib.closing(source.blocks(block_size)) as blocks:
                self._begun.append(source)
                for block in blocks:
                    replaced += block.replaced
                    nulls += block.nulls
                    self._text_read += len(block.data)
                    if block.left_out and not left_out:
                        self.first_left_out = _place(block)
                    left_out += len(block.left_out)
                    yield block
        self.replaced, self.left_out, self.nulls = replaced, left_out, nulls

    def about_left_out(self) -> str:
        """Return sentences about words that were left out and nulls; "" where there were none."""
        said = []
        if self.left_out:
            many = "words" if self.left_out > 1 else "word"
            first = ", the first" if self.left_out > 1 else ""
            said.append(
                f"Left out {self.left_out:,} {many} of more than {LONGEST_WORD:,} bytes{first} at"
                f" {self.first_left_out}: base64, other data or text without white space rather"
                " than a word."
            )
        if self.nulls:
            said.append(f"Skipped {self.nulls:,} value{'s' if self.nulls > 1 else ''} of null.")
        return " ".join(said)


def _place(block: Block) -> str:
    """Return the place and the beginning of the first word that was left out of a block."""
    offset, start = block.left_out[0]
    return f"byte {offset:,} of {block.source} ({shorten(start.decode(errors='replace'))})"


def _paths(source: Source) -> list[Path]:
    if isinstance(source, ManyFiles):
        return source.paths
    return [] if source.path is None else [source.path]
