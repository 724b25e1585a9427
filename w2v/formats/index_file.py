"""The file of an index: a line of facts about it, then the bytes that its library wrote.

    w2v-index 1
    <CRC-32 of everything after this line, eight hexadecimal digits>
    <facts as one line of JSON>
    <the library's bytes>

The checksum finds accidental damage. A malicious file can have a correct checksum, so the library's
bytes are checked too (see `usearch_graph`).
"""

import json
import zlib
from pathlib import Path
from typing import Any

from w2v.errors import FormatError, W2VError
from w2v.files import atomic_write
from w2v.formats.record import Format, Sample
from w2v.opening import open_single, plain_size

MAGIC = b"w2v-index 1\n"
_DIGITS = 8
_LONGEST_FACTS = 1 << 16


def write(path: Path, facts: dict[str, Any], content: bytes) -> None:
    """Write an index atomically.

    Parameters
    ----------
    path : Path
        The file to write.
    facts : dict
        Facts about the index that JSON can hold.
    content : bytes
        The library's bytes.

    Raises
    ------
    W2VError
        The file cannot be written, or exists and is not an index.
    """
    refuse_others(path)
    line = json.dumps(facts).encode() + b"\n"
    with atomic_write(path) as stream:
        stream.write(MAGIC + _checksum(line, content) + b"\n" + line)
        stream.write(content)


def refuse_others(path: Path) -> None:
    """Raise W2VError if `path` exists and is not an index: it may be the user's vectors."""
    if path.is_file() and path.stat().st_size:
        with path.open("rb") as stream:
            if stream.read(len(MAGIC)) != MAGIC:
                raise W2VError(
                    f"Cannot write {path}: the file exists and is not an index; name another file."
                )


def read(path: Path) -> tuple[dict[str, Any], memoryview]:
    """Return the facts about an index, and the library's bytes.

    Raises
    ------
    FormatError
        The file is missing, of another kind or damaged.
    """
    with open_single(path, "index") as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            raise FormatError(f"{path} is not an index of w2v; build one with 'w2v index'.")
        if plain_size(stream) is None:  # the whole content is read, and could be of any size
            raise FormatError(f"{path} is a compressed index; decompress it first.")
        expected = stream.read(_DIGITS + 1)
        line = stream.readline(_LONGEST_FACTS)
        content = stream.read()
    if _checksum(line, content) + b"\n" != expected:
        raise FormatError(f"{path} is damaged; build it again with 'w2v index'.")
    return _parsed(path, line), memoryview(content)


def _parsed(path: Path, line: bytes) -> dict[str, Any]:
    try:
        facts = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path} is damaged: its facts are not JSON ({error}).") from error
    if not isinstance(facts, dict):
        raise FormatError(f"{path} is damaged: its facts are not a JSON object.")
    return facts


def _checksum(line: bytes, content: bytes) -> bytes:
    return b"%08x" % zlib.crc32(content, zlib.crc32(line))


def _detect(sample: Sample) -> bool:
    return sample.start.startswith(MAGIC)


FORMAT = Format(
    "index",
    detect=_detect,
    refusal="is an approximate index; name the file of vectors that it was built from.",
)
