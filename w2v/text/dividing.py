"""Divides a corpus of files into pieces that can be read anywhere, each on its own.

A piece is many small files, a file, or a part of a large one that is plain text. All pieces in
order are the text, word for word and sentence for sentence.
"""

import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from w2v.characters import ASCII_WHITE_SPACE
from w2v.compression import compression_in
from w2v.errors import CorpusError
from w2v.opening import open_counted, stored_size
from w2v.remote.addresses import Address
from w2v.text.cleaning import clean_blocks
from w2v.text.columns.formats import Reading, begins_with_columns, has_columns
from w2v.text.corpus_reading import Corpus
from w2v.text.file_sources import FileSource, changed
from w2v.text.many_files import ManyFiles
from w2v.text.sources import Blocks, Source
from w2v.word_forms import AS_IT_IS, WordForm

PIECE_BYTES = 8 << 20, 64 << 20  # the least and the most of a piece, as it is stored
_PIECES = 256  # of a text between them
_LOOK = 1 << 16  # bytes in which a place to cut is looked for at a time
_FILES_SEEN, _FILES_READ = 1_000, 64  # of many, by which machines compare what they see
_SPACE = re.compile(b"[" + re.escape(ASCII_WHITE_SPACE) + b"]")
_SAMPLES, _SAMPLE = 16, 1 << 12  # of a file: their number, and bytes


@dataclass(frozen=True)
class TextPiece:
    """A piece of a corpus.

    Attributes
    ----------
    number : int
        Its place among the pieces.
    source : Source
        What reads it, by absolute names.
    form : WordForm
        What becomes of its words.
    size : int
        Its bytes as they are stored; 0 where they are not known.
    """

    number: int
    source: Source
    form: WordForm
    size: int

    def opened(self) -> Corpus:
        """Return the piece as a corpus; raise CorpusError where its files have another size."""
        try:
            _check_size(self.source, self.size)
        except OSError as error:
            raise CorpusError(
                f"Cannot read {self.source.label}: {error.strerror or error}."
            ) from error
        return Corpus([self.source], name=None).in_words(self.form)


class FilePart(FileSource):
    """A part of a file of plain text, cut at white space.

    Parameters
    ----------
    path : Path
        The file.
    reading : Reading
        How it is read.
    label : str
        Its name for messages.
    start, stop : int
        The bytes where the part begins and ends.
    whole : int
        The bytes of the file.
    changed_at : int
        When it was last written to on the machine that divided it, in nanoseconds.
    """

    def __init__(
        self,
        path: Path,
        reading: Reading,
        label: str,
        start: int,
        stop: int,
        whole: int,
        changed_at: int,
    ) -> None:
        super().__init__(path, reading, label)
        self.start, self.stop, self.whole = start, stop, whole
        self.changed_at = changed_at

    def _read_raw(self, raw: IO[bytes], block_size: int) -> Blocks:
        raw.seek(self.start)
        part = cast(IO[bytes], _Beginning(raw, self.stop - self.start))
        yield from clean_blocks(
            self.label, part, block_size, self.reading.invalid_utf8, self.start,
            self.stop == self.whole,
        )  # fmt: skip


class _Beginning(io.RawIOBase):
    """The next so many bytes of a stream."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream, self._left = stream, size

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(min(size, self._left))
        self._left -= len(data)
        return data


def divided(corpus: Corpus) -> list[TextPiece] | None:
    """Divide a corpus; the pieces depend on its files alone.

    Parameters
    ----------
    corpus : Corpus
        From `open_corpus`.

    Returns
    -------
    list of TextPiece or None
        None for a corpus that is not made of files alone.

    Raises
    ------
    OSError
        A file cannot be looked at.
    """
    sources: list[FileSource | ManyFiles] = []
    for source in corpus.sources:
        if type(source) is not FileSource and type(source) is not ManyFiles:
            return None
        sources.append(source)
    least, most = PIECE_BYTES
    size = min(max((corpus.size or 0) // _PIECES, least), most)
    form = AS_IT_IS if corpus.tokenizer is None else corpus.tokenizer.form
    parts = (part for source in sources for part in _parts(source, size))
    return [TextPiece(number, part, form, bytes_) for number, (part, bytes_) in enumerate(parts)]


def files_to_compare(pieces: Sequence[TextPiece]) -> list[Path]:
    """Return the files of some pieces, or a thousand of more, to be compared on two machines."""
    paths = list(dict.fromkeys(path for piece in pieces for path in _paths(piece.source)))
    return _spread(paths, _FILES_SEEN)


def seen(paths: Sequence[Path]) -> str:
    """Return a hash of what this machine sees of files: their sizes, and samples of the bytes.

    Raises whatever keeps it from reading them.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in paths:
        digest.update(f"{stored_size(path)}\n".encode())
    for path in _spread(paths, _FILES_READ):
        for sample in _samples(path):
            digest.update(sample)
    return digest.hexdigest()


def check_unchanged(pieces: Sequence[TextPiece]) -> None:
    """Raise CorpusError where a file of which there are several pieces was written to."""
    files = {each.source.path: each.source for each in pieces if isinstance(each.source, FilePart)}
    for path, part in files.items():
        try:
            is_same = path is not None and path.stat().st_mtime_ns == part.changed_at
        except OSError:
            is_same = False
        if not is_same:
            raise changed(part.label)


def _parts(source: FileSource | ManyFiles, size: int) -> Iterator[tuple[Source, int]]:
    """Yield the pieces of a source, each with its bytes: parts of large files that are text."""
    if isinstance(source, ManyFiles):
        yield from _groups(source, size)
        return
    assert source.path is not None
    path = source.path if isinstance(source.path, Address) else source.path.absolute()
    whole = stored_size(path) or 0
    if isinstance(path, Address) or whole < 2 * size or not _is_plain(path, source.reading):
        yield FileSource(path, source.reading, source.label), whole
        return
    start, changed_at = 0, path.stat().st_mtime_ns
    with path.open("rb") as file:
        while start < whole:
            stop = _cut_after(file, start + size, whole) if start + 2 * size <= whole else whole
            part = FilePart(path, source.reading, source.label, start, stop, whole, changed_at)
            yield part, stop - start
            start = stop


def _groups(source: ManyFiles, size: int) -> Iterator[tuple[Source, int]]:
    """Yield the pieces of many files: neighbours together, and large ones as if alone."""
    base, reading = str(Path.cwd()), source.reading
    names: list[str] = []
    bytes_ = 0
    for name in [*source.names, None]:
        length = 0 if name is None else Path(name).stat().st_size
        if names and (name is None or bytes_ + length > size):
            yield ManyFiles(names, bytes_, reading, source.label, base=base), bytes_
            names, bytes_ = [], 0
        if name is not None and length >= 2 * size:
            yield from _parts(FileSource(Path(name), reading), size)
        elif name is not None:
            names.append(name)
            bytes_ += length


def _is_plain(path: Path, reading: Reading) -> bool:
    """Return whether a file is text as it stands: not compressed, and without columns."""
    if has_columns(str(path), reading.column):
        return False
    with path.open("rb") as file:
        start = file.read(16)
    return compression_in(start[:10]) is None and not begins_with_columns(start)


def _cut_after(file: IO[bytes], start: int, whole: int) -> int:
    """Return the byte after the first ASCII white space from `start` on, or the end."""
    file.seek(start)
    while data := file.read(_LOOK):
        if found := _SPACE.search(data):
            return start + found.end()
        start += len(data)
    return whole


def _check_size(source: Source, size: int) -> None:
    """Raise CorpusError where the files of a piece are not as large as they were."""
    found = size
    if isinstance(source, FilePart):
        assert source.path is not None
        size, found = source.whole, stored_size(source.path) or 0
    elif isinstance(source, ManyFiles):
        found = sum(path.stat().st_size for path in _paths(source))
    elif isinstance(source, FileSource):
        found = source.size or 0
    if found != size:
        raise changed(source.label)


def _paths(source: Source) -> list[Path]:
    if isinstance(source, ManyFiles):
        return source.paths
    return [] if source.path is None else [source.path]


def _spread(paths: Sequence[Path], most: int) -> list[Path]:
    """Return at most so many of some files, evenly spread, the first and the last among them."""
    if len(paths) <= most:
        return list(paths)
    return [paths[number * (len(paths) - 1) // (most - 1)] for number in range(most)]


def _samples(path: Path) -> Iterator[bytes]:
    """Yield samples of a file's bytes; of an object at an address its beginning alone."""
    size = 0 if isinstance(path, Address) else path.stat().st_size
    with io.BufferedReader(open_counted(path), _SAMPLE) as file:
        for number in range(_SAMPLES if size > _SAMPLE else 1):
            file.seek(number * max(0, size - _SAMPLE) // (_SAMPLES - 1))
            yield file.read(_SAMPLE)
