"""Cutting a stream of text at white space into pieces, without overlong words.

An overlong word is, for example, a picture in base64, a compressed file or a series of zeros. It is
skipped while it is read, so that it takes no memory, however long it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, NamedTuple

from w2v.characters import ASCII_WHITE_SPACE, WHITE_SPACE
from w2v.limits import LONGEST_WORD

_SPACES = [bytes([space]) for space in ASCII_WHITE_SPACE]
_WINDOW = LONGEST_WORD // 2  # an overlong word fills at least one window of this size
_WIDEST = 3  # bytes of white space
_SHOWN = 60  # bytes of a word in a message


class Overlong(NamedTuple):
    """A word that was left out: the byte of the file where it begins, and its first bytes."""

    offset: int
    start: bytes


class Piece(NamedTuple):
    """Text that ends after white space or, at the end of a file, with a newline.

    Attributes
    ----------
    offset : int
        The byte of the file where it begins.
    data : bytes
        The text.
    left_out : tuple of Overlong
        The words that were left out of it.
    """

    offset: int
    data: bytes
    left_out: tuple[Overlong, ...] = ()


class NulError(Exception):
    """A stream holds a zero byte, so it is not text; `args[0]` is the offset."""


def cut(
    stream: IO[bytes], block_size: int, start: int = 0, has_end: bool = True
) -> Iterator[Piece]:
    """Cut a stream of text at white space, and leave out overlong words.

    Parameters
    ----------
    stream : binary stream
        The text.
    block_size : int
        Bytes to read at a time; a piece has about as many.
    start : int
        The byte of the file where the stream begins, outside of words.
    has_end : bool
        Whether the file ends with the stream; otherwise that ends in ASCII white space, and its
        last sentence may go on.

    Yields
    ------
    Piece
        The text in order.

    Raises
    ------
    NulError
        Text that is skipped holds a zero byte.
    """
    rest = _Rest(start)
    last = b"\n"
    while chunk := stream.read(block_size):
        if rest.overlong is not None:
            chunk = rest.passed_over(chunk)
        end = _last_white_space(chunk)
        if end:
            piece = rest.taken(chunk[:end])
            last = piece.data[-1:] or last
            yield piece
        rest.add(chunk[end:])
        if rest.size > LONGEST_WORD + _WIDEST and (wide := rest.up_to_wide_space()):
            last = wide.data[-1:]
            yield wide
    rest.end_word()
    if rest.size or rest.left_out or (has_end and last != b"\n"):
        yield rest.taken(b"\n")


@dataclass
class _Rest:
    """The text since the last piece: as far as is known, one word.

    Attributes
    ----------
    offset, size : int
        Where it begins in the file, and its bytes.
    overlong : Overlong or None
        The word that is being skipped.
    left_out : list of Overlong
        The words that were skipped since the last piece.
    """

    offset: int = 0
    size: int = 0
    overlong: Overlong | None = None

    def __post_init__(self) -> None:
        self.left_out: list[Overlong] = []
        self._parts: list[bytes] = []  # joined only when white space turns up

    def add(self, data: bytes) -> None:
        """Append text."""
        if data:
            self._parts.append(data)
            self.size += len(data)

    def taken(self, data: bytes) -> Piece:
        """Append `data`, and return all of it as a piece without overlong words."""
        offset, whole = self.offset, b"".join([*self._parts, data])
        before, self.left_out, self._parts = self.left_out, [], []
        self.offset, self.size = offset + len(whole), 0
        data, left_out = without_overlong(offset, whole)
        if left_out:
            _refuse_nul(offset, whole)
        return Piece(offset, data, (*before, *left_out))

    def up_to_wide_space(self) -> Piece | None:
        """Return the piece up to the last white space beyond ASCII; if there is none, skip it."""
        whole = b"".join(self._parts)
        end = max((found.end() for found in WHITE_SPACE.finditer(whole)), default=0)
        self._parts, self.size = [], 0
        if end:
            piece = self.taken(whole[:end])
            self.add(whole[end:])
            return piece
        _refuse_nul(self.offset, whole)
        self.overlong = Overlong(self.offset, whole[:_SHOWN])
        self._keep_end(whole)
        return None

    def passed_over(self, chunk: bytes) -> bytes:
        """Return the text after the overlong word, beginning with white space."""
        whole = b"".join([*self._parts, chunk])
        _refuse_nul(self.offset, whole)
        self._parts, self.size = [], 0
        found = WHITE_SPACE.search(whole)
        if found is None:
            self._keep_end(whole)
            return b""
        self.offset += found.start()
        self.end_word()
        return whole[found.start() :]

    def end_word(self) -> None:
        """Leave out the word that is skipped, if there is one, and the end that was kept of it."""
        if self.overlong is not None:
            self.left_out.append(self.overlong)
            self.overlong, self._parts, self.size = None, [], 0

    def _keep_end(self, whole: bytes) -> None:
        """Keep the last bytes of an unfinished word: white space may begin in them."""
        self.offset += len(whole) - (_WIDEST - 1)
        self.add(whole[1 - _WIDEST :])


def _refuse_nul(offset: int, data: bytes) -> None:
    place = data.find(b"\0")
    if place >= 0:
        raise NulError(offset + place)


def _last_white_space(chunk: bytes) -> int:
    """Return the end of the last ASCII white space, or 0; the chunk's tail is tried first."""
    for start in (max(0, len(chunk) - 4096), 0):
        end = max(chunk.rfind(space, start) for space in _SPACES) + 1
        if end:
            return end
    return 0


def without_overlong(offset: int, data: bytes) -> tuple[bytes, list[Overlong]]:
    """Return text without its overlong words, and these words."""
    if not any(_is_one_word(data, start) for start in range(0, len(data), _WINDOW)):
        return data, []
    left_out, parts, kept, last = [], [], 0, 0
    for space in WHITE_SPACE.finditer(data):
        if space.start() - last > LONGEST_WORD:
            left_out.append(Overlong(offset + last, data[last : last + _SHOWN]))
            parts.append(data[kept:last])
            kept = space.start()
        last = space.end()
    return b"".join([*parts, data[kept:]]), left_out


def _is_one_word(data: bytes, start: int) -> bool:
    """Return whether a full window of text, from `start`, has no ASCII white space."""
    end = start + _WINDOW
    return end <= len(data) and all(data.find(space, start, end) < 0 for space in _SPACES)
