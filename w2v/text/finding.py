"""Names of corpora in, the files that they stand for out, as sources."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeGuard

import w2v_corpora
from w2v.errors import CorpusError
from w2v.remote.addresses import Address
from w2v.text.columns.formats import Reading, has_columns
from w2v.text.corpus_names import exists, files_in, matching_files, missing_message, stem
from w2v.text.corpus_reading import Corpus
from w2v.text.file_sources import FileSource, SpooledSource, TextSource
from w2v.text.many_files import ManyFiles
from w2v.text.sources import Source


def open_standard_input(reading: Reading) -> Corpus:
    """Return standard input as a corpus, copied to a temporary file."""
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise CorpusError("There is no standard input to read the corpus '-' from.")
    return Corpus([SpooledSource("standard input", stream, reading)], name=None)


def open_named(text: str, reading: Reading) -> Corpus:
    """Return what a path, a known name or a glob stands for, in this order of precedence.

    Raises CorpusError where there is nothing of this name, or it cannot be opened.
    """
    path = Path(text)
    if text and exists(path):
        return Corpus([_open_path(path, reading)], name=stem(path))
    if text in w2v_corpora.KNOWN:
        known = w2v_corpora.KNOWN[text]
        if known.generate is not None:
            return Corpus([TextSource(text, known.generate())], name=text)
        plain = reading._replace(column=None)
        return Corpus([_open_path(w2v_corpora.find(known), plain)], name=text)
    names, size = matching_files(text)
    if not names:
        raise CorpusError(missing_message(text))
    return Corpus([ManyFiles(names, size, reading)], name=None)


def _open_path(path: Path, reading: Reading) -> Source:
    if path.is_dir():
        names, size = files_in(str(path))
        if not names:
            raise CorpusError(f"There are no files in the directory {path}.")
        label = f"the {len(names):,} files in {path}" if len(names) > 1 else names[0]
        return ManyFiles(names, size, reading, label, directory=path)
    try:
        with path.open("rb") as stream:
            # A pipe, such as the shell's <(command), can be read only once.
            if not path.is_file():
                return SpooledSource(str(path), stream, reading)
    except OSError as error:
        raise CorpusError(f"Cannot read {path}: {error.strerror or error}.") from error
    return FileSource(path, reading)


def together(sources: Sequence[Source]) -> list[Source]:
    """Return sources in which neighbouring files that are read in the same way are one source."""
    found: list[Source] = []
    files: list[FileSource] = []
    for source in [*sources, None]:
        if _is_plain_file(source) and (not files or source.reading == files[0].reading):
            files.append(source)
            continue
        found += _as_one(files)
        files = []
        if _is_plain_file(source):
            files = [source]
        elif source is not None:
            found.append(source)
    return found


def _is_plain_file(source: Source | None) -> TypeGuard[FileSource]:
    return type(source) is FileSource and not isinstance(source.path, Address)


def _as_one(files: Sequence[FileSource]) -> Sequence[Source]:
    if len(files) < 2:
        return files
    names = [os.fspath(file.path) for file in files if file.path is not None]
    return [ManyFiles(names, sum(file.size or 0 for file in files), files[0].reading)]


def may_have_columns(source: Source, column: str) -> bool:
    """Return whether naming a column may have an effect on how a source is read."""
    if isinstance(source, ManyFiles):
        return any(has_columns(name, column) for name in source.names)
    if isinstance(source, SpooledSource):
        return True
    return isinstance(source, FileSource) and has_columns(str(source.path), column)
