"""Paths, globs, known names, standard input, sentences or tables in; a corpus out."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeAlias, runtime_checkable

from w2v.arguments import checked_flag, checked_options
from w2v.errors import Argument, ConfigError, CorpusError
from w2v.remote.addresses import Address, is_address, located
from w2v.text.columns.formats import Reading
from w2v.text.columns.frames import ColumnSource, Table, column_source, is_columns
from w2v.text.corpus_addresses import sources_at
from w2v.text.corpus_names import is_named, lasting_name, listed_names
from w2v.text.corpus_reading import BLOCK_SIZE, Corpus, Origin
from w2v.text.file_sources import SpooledSource
from w2v.text.finding import may_have_columns, open_named, open_standard_input, together
from w2v.text.sentences import SentenceSource
from w2v.text.sources import Block, InvalidUtf8, shorten
from w2v.text.strings import StringSource

__all__ = [
    "BLOCK_SIZE", "Block", "Corpus", "CorpusLike", "InvalidUtf8", "Origin", "is_columns",
    "is_named", "open_corpus",
]  # fmt: skip


@runtime_checkable
class CorpusMaker(Protocol):
    """Sentences that know a faster way to be read than one after the other."""

    def as_corpus(self) -> Corpus:
        """Return a corpus of the same text."""


CorpusLike: TypeAlias = (
    "str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | Iterable[str]"
    " | Iterable[Iterable[str]] | Table | Corpus"
)


def open_corpus(
    *sources: CorpusLike,
    invalid_utf8: InvalidUtf8 = "error",
    texts: bool = False,
    column: str | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> Corpus:
    """Find the sources and return them as one corpus; only standard input is read at once.

    Parameters
    ----------
    *sources : str, path-like, iterable or Corpus
        Each is a path, a known name ("text8", "toy") or a glob, in this order of precedence; a URL,
        which may be a glob; "-" for standard input; a list of such names; an iterable of sentences,
        which are lists of words; or a table or a column of one, from Arrow, Polars, pandas or
        whatever else gives Arrow's data. A directory stands for all files in it and in its
        directories, in the order of their names, except those whose names begin with a dot. Files
        may be compressed (gzip, bzip2, xz, Zstandard, zip). A generator can be read only once,
        which is enough for training; worker threads take turns to read it.
    invalid_utf8 : {"error", "replace"}
        "replace" replaces invalid bytes by U+FFFD.
    texts : bool
        Whether the sentences of an iterable are strings instead of lists of words. A list of
        strings is then such an iterable, too, unless it is meant as names: each string names a
        corpus or looks like a file's name (one word with a suffix or a /), or one of them is such
        a name and the file is there. Training on texts takes a tokenizer.
    column : str, optional
        The column that holds the text, in files of JSON Lines (.jsonl, .ndjson, .json), CSV (.csv,
        .tsv), Parquet and Arrow (.arrow, .feather, .ipc), in tables, and in iterables of mappings;
        a dot leads into a column, as in "article.body". A string in it is a text, and each of
        its lines a sentence; a list of strings or of whole numbers is a sentence. Nulls are
        skipped. Default: "text", or the only column.
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
    if column is not None and (not isinstance(column, str) or not column):
        raise CorpusError(Argument("column"), f" must be the name of one, not {shorten(column)}.")
    if not sources:
        raise CorpusError("No corpus was given; name a file, or 'toy' for a built-in text.")
    texts, options = checked_flag("texts", texts), checked_options(storage_options)
    reading = Reading(invalid_utf8, column)
    named = [name for source in sources for name in listed_names(source, texts)]
    if sum(isinstance(name, str) and name == "-" for name in named) > 1:
        raise CorpusError("Standard input ('-') can be given only once.")
    places = (located(name, options) if is_address(name) else name for name in named)
    corpora = [_open_one(name, reading, texts) for name in places]
    corpus = corpora[0] if len(corpora) == 1 else _in_one(corpora)
    if column is not None:
        _check_effect(corpus, column)
    return corpus


def _open_one(source: object, reading: Reading, texts: bool) -> Corpus:
    if isinstance(source, Corpus):
        return source
    if isinstance(source, CorpusMaker):
        return source.as_corpus()
    if isinstance(source, str) and source == "-":
        return open_standard_input(reading)
    if isinstance(source, Address):
        corpus = Corpus(*sources_at(source, reading))
        corpus.origin = None if source.has_secrets else Origin([source.url], *reading)
        return corpus
    if isinstance(source, (str, os.PathLike)):
        name = os.fsdecode(source)
        corpus = open_named(name, reading)
        if not any(isinstance(part, SpooledSource) for part in corpus.sources):
            corpus.origin = Origin([lasting_name(name)], *reading)
        return corpus
    columns = column_source(source, reading.column)
    if columns is not None:
        return Corpus([columns], name=None)
    is_bytes = isinstance(source, (bytes, bytearray, memoryview))
    if is_bytes or not isinstance(source, Iterable) or getattr(source, "ndim", 1) == 0:
        raise CorpusError(
            f"A corpus is a path or an iterable of lists of words, not {shorten(source)}."
        )
    return Corpus([StringSource(source) if texts else SentenceSource(source)], name=None)


def _in_one(corpora: Sequence[Corpus]) -> Corpus:
    sources = [source for corpus in corpora for source in corpus.sources]
    whole = Corpus(together(sources), name=None)
    whole.origin = _joined([part.origin for part in corpora])
    return whole


def _check_effect(corpus: Corpus, column: str) -> None:
    """Raise ConfigError where nothing in a corpus has columns."""
    if any(isinstance(source, (SpooledSource, ColumnSource)) for source in corpus.sources):
        return
    if not any(may_have_columns(source, column) for source in corpus.sources):
        raise ConfigError(
            Argument("column"),
            f" has no effect on {corpus}: columns are read from files whose names end in .jsonl,"
            " .csv, .tsv, .parquet, .arrow or the like, compressed or not; leave it out, or rename"
            " the file.",
        )


def _joined(origins: list[Origin | None]) -> Origin | None:
    """Return the origins of several corpora as one; None if one is missing or reads otherwise."""
    known = [origin for origin in origins if origin is not None]
    if len(known) < len(origins) or len({(each.invalid_utf8, each.column) for each in known}) > 1:
        return None
    return replace(known[0], sources=[name for origin in known for name in origin.sources])
