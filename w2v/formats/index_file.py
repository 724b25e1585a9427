"""The file of an index: a line of facts about it, then the bytes of the library that made it.

    w2v-index 1
    <BLAKE2b digest of all that follows, 64 hexadecimal digits>
    <facts as one line of JSON>
    <the library's bytes>

A library that walks a graph follows whatever numbers stand in its bytes, so nothing is handed to
it before the digest has been checked. The digest finds damage, but anybody can compute one.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from w2v.errors import FormatError
from w2v.files import atomic_write
from w2v.formats.opening import open_single

_MAGIC = b"w2v-index 1\n"
_DIGITS = 64
_START = len(_MAGIC) + _DIGITS + 1
_LONGEST_FACTS = 1 << 16


def write(path: Path, facts: dict[str, Any], content: bytes) -> None:
    """Write an index, atomically.

    facts: what JSON can hold. content: the library's bytes.

    Raises W2VError where the file cannot be written.
    """
    line = json.dumps(facts).encode() + b"\n"
    with atomic_write(path) as stream:
        stream.write(_MAGIC + _digest(line, content) + b"\n" + line)
        stream.write(content)


def read(path: Path) -> tuple[dict[str, Any], memoryview]:
    """Return the facts about an index, and the library's bytes.

    Raises FormatError where the file is missing, of another kind or damaged.
    """
    with open_single(path, "index") as stream:
        start = stream.read(len(_MAGIC))
        if start != _MAGIC:
            raise FormatError(f"{path} is no index of w2v; build one with 'w2v index'.")
        data = memoryview(start + stream.read())
    line_end = bytes(data[_START : _START + _LONGEST_FACTS]).find(b"\n")
    facts, content = data[_START : _START + line_end + 1], data[_START + line_end + 1 :]
    expected = bytes(data[len(_MAGIC) : _START]).rstrip(b"\n")
    if line_end < 0 or _digest(facts, content) != expected:
        raise FormatError(f"{path} is damaged; build it again with 'w2v index'.")
    return _parsed(path, bytes(facts)), content


def _parsed(path: Path, line: bytes) -> dict[str, Any]:
    try:
        facts = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path} is damaged: its facts are no JSON ({error}).") from error
    if not isinstance(facts, dict):
        raise FormatError(f"{path} is damaged: its facts are no JSON object.")
    return facts


def _digest(*parts: bytes | memoryview) -> bytes:
    digest = hashlib.blake2b(digest_size=_DIGITS // 2)
    for part in parts:
        digest.update(part)
    return digest.hexdigest().encode()
