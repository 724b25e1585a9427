"""A corpus: paths, globs, known names, standard input or sentences in; blocks of text out."""

import contextlib
import copy
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import w2v_corpora
from w2v.arguments import checked_flag, checked_options, whole_number
from w2v.errors import Argument, ConfigError, CorpusError
from w2v.limits import LONGEST_WORD
from w2v.remote.addresses import Address, is_address, located
from w2v.text.corpus_addresses import sources_at
from w2v.text.corpus_names import (
    exists,
    is_named,
    lasting_name,
    listed_names,
    matching_files,
    missing_message,
    stem,
)
from w2v.text.sentences import SentenceSource
from w2v.text.sources import (
    Block,
    Blocks,
    FileSource,
    InvalidUtf8,
    MeasuredSource,
    NumberedSource,
    Source,
    SpooledSource,
    TextSource,
    open_standard_input,
    shorten,
)
from w2v.text.strings import StringSource
from w2v.word_forms import AS_IT_IS, WordForm

if TYPE_CHECKING:  # it needs Numba
    from w2v.text.tokenizer import Tokenizer

__all__ = ["BLOCK_SIZE", "Block", "Corpus", "CorpusLike", "InvalidUtf8", "is_named", "open_corpus"]

BLOCK_SIZE = 2 << 20  # bytes; small enough to stay in the cache until it is counted


@dataclass(frozen=True)
class Origin:
    """The arguments of `open_corpus`, with names that are valid in every directory."""

    sources: list[str]
    invalid_utf8: InvalidUtf8


class Corpus:
    """Text that can be read any number of times (a generator only once); see `open_corpus`.

    Attributes
    ----------
    name : str or None
        Stem for the file of its vectors, such as `wiki8` for data/wiki8.txt.xz; None for several
        files, a glob, standard input or sentences.
    paths : list of Path
        The files that it reads.
    replaced : int
        Invalid UTF-8 sequences that were replaced in the last complete reading.
    left_out : int
        Words that were left out of it because they are too long.
    origin : Origin or None
        The arguments with which `open_corpus` finds it again from any directory; None for standard
        input, a pipe or sentences.
    tokenizer : Tokenizer or None
        The rule for what is a word; None where words are what white space separates.
    """

    def __init__(self, sources: list[Source], name: str | None) -> None:
        self.name = name
        self.paths = [source.path for source in sources if source.path is not None]
        self.replaced = self.left_out = 0
        self._first_left_out = ""
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
        replaced = left_out = self._text_read = 0
        self._begun = []
        for source in self._sources:
            with contextlib.closing(source.blocks(block_size)) as blocks:
                self._begun.append(source)
                for block in blocks:
                    replaced += block.replaced
                    self._text_read += len(block.data)
                    if block.left_out and not left_out:
                        self._first_left_out = _place(block)
                    left_out += len(block.left_out)
                    yield block
        self.replaced, self.left_out = replaced, left_out

    def about_left_out(self) -> str:
        """Return a sentence about the words that were left out; "" where there were none."""
        if not self.left_out:
            return ""
        many = "words" if self.left_out > 1 else "word"
        first = ", the first" if self.left_out > 1 else ""
        return (
            f"Left out {self.left_out:,} {many} of more than {LONGEST_WORD:,} bytes{first} at"
            f" {self._first_left_out}: base64, other data or text without white space rather than a"
            " word."
        )


def _place(block: Block) -> str:
    """Return the place and the beginning of the first word that was left out of a block."""
    offset, start = block.left_out[0]
    return f"byte {offset:,} of {block.source} ({shorten(start.decode(errors='replace'))})"


@runtime_checkable
class CorpusMaker(Protocol):
    """Sentences that know a faster way to be read than one after the other."""

    def as_corpus(self) -> Corpus:
        """Return a corpus of the same text."""


CorpusLike: TypeAlias = (
    "str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | Iterable[str]"
    " | Iterable[Iterable[str]] | Corpus"
)


def open_corpus(
    *sources: CorpusLike,
    invalid_utf8: InvalidUtf8 = "error",
    texts: bool = False,
    storage_options: Mapping[str, Any] | None = None,
) -> Corpus:
    """Find the sources and return them as one corpus; only standard input is read at once.

    Parameters
    ----------
    *sources : str, path-like, iterable or Corpus
        Each is a path, a known name ("text8", "toy") or a glob, in this order of precedence; a URL,
        which may be a glob; "-" for standard input; a list of such names; or sentences, which are
        lists of words. Files may be compressed (gzip, bzip2, xz, Zstandard, zip). A generator can
        be read only once, which is enough for training; worker threads take turns to read it.
    invalid_utf8 : {"error", "replace"}
        "replace" replaces invalid bytes by U+FFFD.
    texts : bool
        Whether the sentences of an iterable are strings instead of lists of words. A list of
        strings is then such an iterable, too, unless it is meant as names: each string names a
        corpus or looks like a file's name (one word with a suffix or a /), or one of them is such
        a name and the file is there. Training on texts takes a tokenizer.
    storage_options : mapping, optional
        Options of fsspec for URLs, such as {"anon": True}. Default: its configuration's.

    Returns
    -------
    Corpus
        All sources, one after the other.

    Raises
    ------
    CorpusError
        A source is missing, cannot be opened, or is not a corpus.
    """
    if not isinstance(invalid_utf8, str) or invalid_utf8 not in ("error", "replace"):
        raise CorpusError(
            Argument("invalid_utf8"), f" must be 'error' or 'replace', not {shorten(invalid_utf8)}."
        )
    if not sources:
        raise CorpusError("No corpus was given; name a file, or 'toy' for a built-in text.")
    texts, options = checked_flag("texts", texts), checked_options(storage_options)
    named = [name for source in sources for name in listed_names(source, texts)]
    if sum(isinstance(name, str) and name == "-" for name in named) > 1:
        raise CorpusError("Standard input ('-') can be given only once.")
    places = (located(name, options) if is_address(name) else name for name in named)
    corpora = [_open_one(name, invalid_utf8, texts) for name in places]
    if len(corpora) == 1:
        return corpora[0]
    corpus = Corpus([part for corpus in corpora for part in corpus._sources], name=None)
    corpus.origin = _joined([part.origin for part in corpora])
    return corpus


def _open_one(source: object, invalid_utf8: InvalidUtf8, texts: bool) -> Corpus:
    if isinstance(source, Corpus):
        return source
    if isinstance(source, CorpusMaker):
        return source.as_corpus()
    if isinstance(source, str) and source == "-":
        return Corpus([open_standard_input(invalid_utf8)], name=None)
    if isinstance(source, Address):
        return _open_address(source, invalid_utf8)
    if isinstance(source, (str, os.PathLike)):
        name = os.fsdecode(source)
        corpus = _open_named(name, invalid_utf8)
        if not any(isinstance(part, SpooledSource) for part in corpus._sources):
            corpus.origin = Origin([lasting_name(name)], invalid_utf8)
        return corpus
    is_bytes = isinstance(source, (bytes, bytearray, memoryview))
    if is_bytes or not isinstance(source, Iterable) or getattr(source, "ndim", 1) == 0:
        raise CorpusError(
            f"A corpus is a path or an iterable of lists of words, not {shorten(source)}."
        )
    return Corpus([StringSource(source) if texts else SentenceSource(source)], name=None)


def _joined(origins: list[Origin | None]) -> Origin | None:
    """Return the origins of several corpora as one; None if one is missing or reads otherwise."""
    known = [origin for origin in origins if origin is not None]
    if len(known) < len(origins) or len({origin.invalid_utf8 for origin in known}) > 1:
        return None
    return Origin([name for origin in known for name in origin.sources], known[0].invalid_utf8)


def _open_address(address: Address, invalid_utf8: InvalidUtf8) -> Corpus:
    corpus = Corpus(*sources_at(address, invalid_utf8))
    corpus.origin = None if address.has_secrets else Origin([address.url], invalid_utf8)
    return corpus


def _open_named(text: str, invalid_utf8: InvalidUtf8) -> Corpus:
    path = Path(text)
    if text and exists(path):
        return Corpus([_open_path(path, invalid_utf8)], name=stem(path))
    if text in w2v_corpora.KNOWN:
        known = w2v_corpora.KNOWN[text]
        if known.generate is not None:
            return Corpus([TextSource(text, known.generate())], name=text)
        return Corpus([_open_path(w2v_corpora.find(known), invalid_utf8)], name=text)
    matches = [path for path in matching_files(text) if not path.is_dir()]
    if not matches:
        raise CorpusError(missing_message(text))
    return Corpus([_open_path(path, invalid_utf8) for path in matches], name=None)


def _open_path(path: Path, invalid_utf8: InvalidUtf8) -> Source:
    if path.is_dir():
        raise CorpusError(f"{path} is a directory; name the files in it, as in '{path}/*.txt'.")
    try:
        with path.open("rb") as stream:
            # A pipe, such as the shell's <(command), can be read only once.
            if not path.is_file():
                return SpooledSource(str(path), stream, invalid_utf8)
    except OSError as error:
        raise CorpusError(f"Cannot read {path}: {error.strerror or error}.") from error
    return FileSource(path, invalid_utf8)
