"""A corpus: paths, globs, known names, standard input or sentences in, blocks of clean text out."""

import contextlib
import difflib
import glob
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import w2v_corpora
from w2v.arguments import whole_number
from w2v.errors import Argument, CorpusError
from w2v.limits import LONGEST_WORD
from w2v.places import address_in, missing_file
from w2v.text.sentences import SentenceSource
from w2v.text.sources import (
    Block,
    Blocks,
    FileSource,
    InvalidUtf8,
    MeasuredSource,
    Source,
    SpooledSource,
    TextSource,
    shorten,
)

__all__ = ["BLOCK_SIZE", "Block", "Corpus", "CorpusLike", "InvalidUtf8", "open_corpus"]

BLOCK_SIZE = 2 << 20  # bytes: still in the cache when its words are counted

_COMPRESSION_SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zip")


@dataclass(frozen=True)
class Origin:
    """What `open_corpus` was given: names that hold in every directory, and how to read bytes."""

    sources: list[str]
    invalid_utf8: InvalidUtf8


class Corpus:
    """Text that can be read any number of times, but for a generator; made by `open_corpus`.

    Attributes:
        name: stem for the file of its vectors (`wiki8` for data/wiki8.txt.xz); None where the
            sources give none: several files, a glob, standard input, sentences.
        paths: the files that it reads.
        replaced: number of invalid UTF-8 sequences replaced in the last full reading.
        left_out: number of words in it that were left out as too long to be any.
        origin: the arguments with which `open_corpus` finds it again, from any directory; None
            where it cannot: standard input, a pipe, sentences.
    """

    def __init__(self, sources: list[Source], name: str | None) -> None:
        self.name = name
        self.paths = [source.path for source in sources if source.path is not None]
        self.replaced = self.left_out = 0
        self._first_left_out = ""
        self.origin: Origin | None = None
        self._sources = sources
        self._begun: list[Source] = []
        self._text_read = 0

    @property
    def size(self) -> int | None:
        """Bytes of all sources, as they lie there; None where one does not know its end."""
        sizes = [
            source.size if isinstance(source, MeasuredSource) else None for source in self._sources
        ]
        return None if None in sizes else sum(filter(None, sizes))

    @property
    def bytes_read(self) -> int:
        """Bytes that the last reading has come to: of `size`, or of text where that is None."""
        if self.size is None:
            return self._text_read
        begun = [source for source in self._begun if isinstance(source, MeasuredSource)]
        return sum(source.bytes_read for source in begun)

    def __repr__(self) -> str:
        return f"Corpus({self})"

    def __str__(self) -> str:
        """Name the sources, for messages."""
        labels = [source.label for source in self._sources]
        more = f" and {len(labels) - 3} more" if len(labels) > 3 else ""
        return ", ".join(labels[:3]) + more

    def blocks(self, block_size: int = BLOCK_SIZE) -> Blocks:
        """Yield the text in order, in blocks of about `block_size` bytes.

        A block is longer where a word or a sentence of a list of words is.

        Words of more than LONGEST_WORD bytes are left out, and counted.

        Raises CorpusError where the text is not UTF-8, holds a NUL byte or cannot be read.
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
            f" {self._first_left_out}: such is base64, other data, or text without white space, not"
            " a word."
        )


def _place(block: Block) -> str:
    """Return where the first word that was left out of a block is, and how it begins."""
    offset, start = block.left_out[0]
    return f"byte {offset:,} of {block.source} ({shorten(start.decode(errors='replace'))})"


CorpusLike: TypeAlias = (
    "str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | Iterable[Iterable[str]] | Corpus"
)


def open_corpus(*sources: CorpusLike, invalid_utf8: InvalidUtf8 = "error") -> Corpus:
    """Find the sources and return them as one corpus; nothing but standard input is read yet.

    Parameters:
        sources: each a path, a known name (`text8`, `toy`) or a glob, in this order of
            precedence, or "-" for standard input; files may be compressed (gzip, bzip2, xz,
            Zstandard, zip). Or a list of such names. Or an iterable of sentences (lists of words),
            such as a list or a generator; a generator can be read only once, which is what training
            needs. It is read by worker threads, one at a time.
        invalid_utf8: "error", or "replace" to put U+FFFD in the place of invalid bytes.

    Raises CorpusError where a source is missing, cannot be opened, or is no corpus.
    """
    if not isinstance(invalid_utf8, str) or invalid_utf8 not in ("error", "replace"):
        raise CorpusError(
            Argument("invalid_utf8"), f" must be 'error' or 'replace', not {shorten(invalid_utf8)}."
        )
    if not sources:
        raise CorpusError("No corpus was given; name a file, or 'toy' for a built-in text.")
    named = [name for source in sources for name in _listed(source)]
    if sum(isinstance(name, str) and name == "-" for name in named) > 1:
        raise CorpusError("Standard input ('-') can be given only once.")
    corpora = [_open_one(name, invalid_utf8) for name in named]
    if len(corpora) == 1:
        return corpora[0]
    corpus = Corpus([part for corpus in corpora for part in corpus._sources], name=None)
    corpus.origin = _joined([part.origin for part in corpora])
    return corpus


def is_named(source: object) -> bool:
    """Return whether a corpus is given by a name, or by a list of names."""
    if isinstance(source, (list, tuple)):
        return bool(source) and all(isinstance(name, (str, os.PathLike)) for name in source)
    return isinstance(source, (str, os.PathLike))


def _listed(source: object) -> list[object]:
    """Return the names in a list of paths, globs and known names, or else the source alone.

    A sentence is never a string, so a list of strings is either names or a mistake.
    """
    if not isinstance(source, (list, tuple)) or not is_named(source):
        return [source]
    missing = next((name for name in source if not _is_name(name)), None)
    if missing is None:
        return list(source)
    if address_in(missing) is not None:
        raise CorpusError(missing_file("text", missing))
    raise CorpusError(
        f"The corpus is a list of strings, and {shorten(missing)} names no file. In a list of files"
        " each has to be there; sentences are lists of words, as in"
        " [sentence.split() for sentence in sentences]."
    )


def _is_name(name: str | os.PathLike[str]) -> bool:
    """Return whether a corpus goes by this name; a path is meant as one, even if it is missing."""
    if not isinstance(name, str) or name == "-" or name in w2v_corpora.KNOWN:
        return True
    return bool(name) and (_exists(Path(name)) or bool(_glob(name)))


def _open_one(source: object, invalid_utf8: InvalidUtf8) -> Corpus:
    if isinstance(source, Corpus):
        return source
    if isinstance(source, str) and source == "-":
        return Corpus([_open_standard_input(invalid_utf8)], name=None)
    if isinstance(source, (str, os.PathLike)):
        name = os.fsdecode(source)
        corpus = _open_named(name, invalid_utf8)
        if not any(isinstance(part, SpooledSource) for part in corpus._sources):
            corpus.origin = Origin([_anywhere(name)], invalid_utf8)
        return corpus
    is_bytes = isinstance(source, (bytes, bytearray, memoryview))
    if is_bytes or not isinstance(source, Iterable) or getattr(source, "ndim", 1) == 0:
        raise CorpusError(
            f"A corpus is a path or an iterable of lists of words, not {shorten(source)}."
        )
    return Corpus([SentenceSource(source)], name=None)


def _anywhere(name: str) -> str:
    """Return a name of a corpus that holds in every directory."""
    is_known = name in w2v_corpora.KNOWN and not _exists(Path(name))
    return name if is_known else str(Path(name).absolute())


def _joined(origins: list[Origin | None]) -> Origin | None:
    """Return the origin of several corpora as one, if each has one and all are read alike."""
    known = [origin for origin in origins if origin is not None]
    if len(known) < len(origins) or len({origin.invalid_utf8 for origin in known}) > 1:
        return None
    return Origin([name for origin in known for name in origin.sources], known[0].invalid_utf8)


def _open_standard_input(invalid_utf8: InvalidUtf8) -> Source:
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise CorpusError("There is no standard input to read the corpus '-' from.")
    return SpooledSource("standard input", stream, invalid_utf8)


def _open_named(text: str, invalid_utf8: InvalidUtf8) -> Corpus:
    path = Path(text)
    if text and _exists(path):
        return Corpus([_open_path(path, invalid_utf8)], name=_stem(path))
    if text in w2v_corpora.KNOWN:
        known = w2v_corpora.KNOWN[text]
        if known.generate is not None:
            return Corpus([TextSource(text, known.generate())], name=text)
        return Corpus([_open_path(w2v_corpora.find(known), invalid_utf8)], name=text)
    matches = [path for path in _glob(text) if not path.is_dir()]
    if not matches:
        raise CorpusError(_missing_message(text))
    return Corpus([_open_path(path, invalid_utf8) for path in matches], name=None)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError as error:
        raise CorpusError(f"Cannot read {path}: {error.strerror}.") from error
    except OSError:
        return False  # A text given in the place of a path may be too long for one.


def _glob(pattern: str) -> list[Path]:
    if not glob.has_magic(pattern) or "\0" in pattern:
        return []
    return [Path(match) for match in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207


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


def _stem(path: Path) -> str:
    """Return the file's name without the suffixes of compression and plain text."""
    if path.suffix.lower() in _COMPRESSION_SUFFIXES:
        path = path.with_suffix("")
    return path.stem if path.suffix.lower() in (".txt", ".text") else path.name


def _missing_message(text: str) -> str:
    if glob.has_magic(text):
        return f"No file matches {shorten(text)}."
    if address_in(text) is not None:
        return missing_file("text", text)
    message = f"There is no file {shorten(text)}"
    if len(text) > 60 and len(text.split()) > 5:
        return (
            f"{message}; a text in memory is given as a list of lists of words,"
            " as in [line.split() for line in text.splitlines()]."
        )
    path = Path(text)
    candidates = list(w2v_corpora.KNOWN)
    if path.name == text:
        message += f" and no known corpus of this name (known: {', '.join(candidates)})"
    with contextlib.suppress(OSError, ValueError):
        candidates += sorted(str(entry) for entry in path.parent.iterdir())
    close = difflib.get_close_matches(text, candidates)
    return message + (f"; did you mean {' or '.join(close)}?" if close else ".")
