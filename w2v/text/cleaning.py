"""A stream of bytes in, blocks of valid text out."""

import codecs
from typing import IO

from w2v.errors import Argument, CorpusError
from w2v.text.cutting import NulError, cut, without_overlong
from w2v.text.sources import Block, Blocks, InvalidUtf8

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def clean_blocks(
    label: str,
    stream: IO[bytes],
    block_size: int,
    invalid_utf8: InvalidUtf8,
    start: int = 0,
    has_end: bool = True,
) -> Blocks:
    """Yield a stream as blocks of text without overlong words, the first without a byte order mark.

    For a part of a file, see `cut`.

    Raises CorpusError where it holds a NUL byte or, with "error", is not UTF-8.
    """
    try:
        for offset, data, overlong in cut(stream, block_size, start, has_end):
            left_out = overlong
            starts_marked = not offset and data.startswith(codecs.BOM_UTF8)
            mark = len(codecs.BOM_UTF8) if starts_marked else 0
            block = _validated(Block(label, offset + mark, data[mark:]), invalid_utf8)
            if block.replaced:  # U+FFFD makes words longer
                shorter, more = without_overlong(block.offset, block.data)
                block, left_out = block._replace(data=shorter), (*overlong, *more)
            yield block._replace(left_out=left_out) if left_out else block
    except NulError as error:
        raise _holds_nul(label, error.args[0]) from error


def _validated(block: Block, invalid_utf8: InvalidUtf8) -> Block:
    """Return the block, with invalid UTF-8 replaced if that is allowed; else raise CorpusError."""
    source, offset, data = block[:3]
    zero = data.find(b"\0")
    if zero >= 0:
        raise _holds_nul(source, offset + zero)
    if data.isascii():
        return block
    try:
        data.decode()
    except UnicodeDecodeError as error:
        if invalid_utf8 == "error":
            raise CorpusError(
                f"{source} is not valid UTF-8 at byte {offset + error.start}"
                f" (0x{data[error.start]:02x}, {error.reason}); convert it, or let it pass with ",
                Argument("invalid_utf8", "replace"),
                ".",
            ) from error
        text = data.decode(errors="replace")
        replaced = text.count(_REPLACEMENT) - data.count(_REPLACEMENT.encode())
        return Block(source, offset, text.encode(), replaced)
    return block


def _holds_nul(source: str, offset: int) -> CorpusError:
    return CorpusError(
        f"{source} holds a NUL byte at byte {offset}, so it is not UTF-8 text (a binary file, or"
        " UTF-16?); convert it to UTF-8."
    )
