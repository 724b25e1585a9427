"""Many files as one source: small ones are read whole, and become blocks together."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from w2v.compression import compression_in
from w2v.errors import CorpusError
from w2v.text.columns.formats import Reading, begins_with_columns, has_columns
from w2v.text.cutting import without_overlong
from w2v.text.file_sources import FileSource, read_ahead
from w2v.text.sources import Block, Blocks

_SMALL = 1 << 16  # bytes of a file that is read whole
_MARK = "\N{BYTE ORDER MARK}".encode()


class ManyFiles:
    """Files one after the other; a million of them take a name each, and no more.

    Parameters
    ----------
    names : sequence of str
        The files.
    size : int
        Bytes of all of them.
    reading : Reading
        How they are read.
    label : str, optional
        Their name for messages. Default: the first three of them.
    directory : Path, optional
        Where all of them are.
    base : str
        The directory that the names are relative to. Default: the current one.
    """

    path: Path | None = None

    def __init__(
        self, names: Sequence[str], size: int, reading: Reading, label: str | None = None,
        directory: Path | None = None, base: str = "",
    ) -> None:  # fmt: skip
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        self.label = label or ", ".join(names[:3]) + more
        self.names = names
        self.size = size
        self.reading = reading
        self._directory, self._base = directory, base
        self._read_before = 0  # bytes of the files that are done
        self._current: FileSource | None = None

    @property
    def paths(self) -> list[Path]:
        """The files, or the directory in which they are."""
        if self._directory is not None:
            return [self._directory]
        return [Path(self._base, name) for name in self.names]

    @property
    def bytes_read(self) -> int:
        """Bytes of the files that the last reading has read."""
        current = self._current
        return self._read_before + (0 if current is None else current.bytes_read)

    def blocks(self, block_size: int) -> Blocks:
        self._read_before, self._current = 0, None
        return read_ahead(self._read(block_size))

    def _read(self, block_size: int) -> Blocks:
        page = _Page()
        for name in self.names:
            text = self._small_text(name, min(block_size, _SMALL))
            if text is None:
                yield from self._checked(page, block_size)
                yield from self._read_alone(name, block_size)
            else:
                page.add(name, text)
            if page.size >= block_size:
                yield from self._checked(page, block_size)
        yield from self._checked(page, block_size)

    def _small_text(self, name: str, most: int) -> bytes | None:
        """Return the content of a file of plain text, at most so many bytes; None for others."""
        if has_columns(name, self.reading.column):
            return None
        try:
            path = os.path.join(self._base, name) if self._base else name  # noqa: PTH118
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123  (a Path takes longer)
                size = os.fstat(file.fileno()).st_size
                data = file.read(most + 1) if size <= most else None
        except OSError as error:
            raise CorpusError(f"Cannot read {name}: {error.strerror or error}.") from error
        if data is None or len(data) != size:
            return None
        return None if compression_in(data[:10]) or begins_with_columns(data) else data

    def _read_alone(self, name: str, block_size: int) -> Blocks:
        self._current = FileSource(Path(self._base, name), self.reading, str(Path(name)))
        yield from self._current.read(block_size)
        self._read_before, self._current = self._read_before + (self._current.size or 0), None

    def _checked(self, page: "_Page", block_size: int) -> Iterator[Block]:
        """Yield a page as a block; where anything is wrong with it, each of its files alone."""
        names, data = page.taken()
        if _is_sound(data):
            if data:
                yield Block(self.label, 0, data)
            self._read_before += len(data)  # with the line feeds that were added: near enough
            return
        for name in names:
            yield from self._read_alone(name, block_size)


class _Page:
    """The text of small files, together.

    Attributes
    ----------
    size : int
        Bytes of the text.
    """

    def __init__(self) -> None:
        self.size = 0
        self._names: list[str] = []
        self._texts: list[bytes] = []

    def add(self, name: str, text: bytes) -> None:
        """Add a file; a line feed ends it, as it ends every file."""
        self._names.append(name)
        self._texts.append(text.removeprefix(_MARK))
        self.size += len(text)
        if text and not text.endswith(b"\n"):
            self._texts.append(b"\n")

    def taken(self) -> tuple[list[str], bytes]:
        """Return the names and the text, and forget them."""
        names, data = self._names, b"".join(self._texts)
        self._names, self._texts, self.size = [], [], 0
        return names, data


def _is_sound(data: bytes) -> bool:
    """Return whether text is UTF-8 without NUL and overlong words."""
    if b"\0" in data or without_overlong(0, data)[1]:
        return False
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
