"""Mutations that keep the structure of a file: what bytes changed at random hardly ever reach.

The JSON header of safetensors is changed as a tree and its length put right; numbers in the headers
of the other formats become extreme; what is compressed is changed inside and packed again. The
tests and the coverage-guided run share them; `generator` decides everything.
"""

import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from random import Random
from typing import Any

from w2v.compression import compression_in

Json = Any  # null, a bool, a number, a string, a list or an object
Mutate = Callable[[bytes, Random], bytes]

_NUMBERS = [
    -1, 0, 1, 2, 3, 7, 255, 2**16, 2**20, 2**20 + 1, 10**6, 2**31 - 1, 2**31, 2**32 - 1, 10**12,
    10**17, 2**62, 2**63 - 1, 2**63, 2**64 - 1, 10**20,
]  # fmt: skip
_ODD: list[Json] = [
    None, True, False, "", "x", "0", "F99", "F32", "BF16", "w2v-model", "w2v-vectors", [], [[]],
    ["0", "4"], [0], [0, 0, 0], {}, {"format": ["w2v-model"]}, 1.5, 1e400, *_NUMBERS,
]  # fmt: skip
_LONGEST_RUN = 1 << 17  # bytes: longer than any word


def mutated(content: bytes, generator: Random) -> bytes:
    """Return a file with one to three changes to its structure."""
    for _ in range(generator.randint(1, 3)):
        content = _of_kind(content)(content, generator)
    return content


def _of_kind(content: bytes) -> Mutate:
    if content[8:9] == b"{":
        return _header_of_safetensors
    if compression_in(content):
        return _inside
    if content.startswith(b"\x93NUMPY"):
        return _header_of_npy
    if b"\0" in content[:64]:
        return _integer
    return _of_text


def _header_of_safetensors(content: bytes, generator: Random) -> bytes:
    size = int.from_bytes(content[:8], "little")
    try:
        tree = json.loads(content[8 : 8 + size])
    except ValueError:
        return content
    text = json.dumps(_changed(tree, generator)).encode()
    return struct.pack("<Q", len(text)) + text + content[8 + size :]


def _changed(tree: Json, generator: Random) -> Json:
    """Return JSON with one part of it, at any depth, exchanged, removed, renamed or repeated."""
    if not tree or not isinstance(tree, (dict, list)) or generator.random() < 0.1:
        return generator.choice(_ODD)
    if isinstance(tree, list):
        place = generator.randrange(len(tree))
        kind = generator.randrange(4)
        middle = [[], [tree[place]] * 2, [_changed(tree[place], generator)]][min(kind, 2)]
        return [*tree[:place], *middle, *tree[place + 1 :]]
    name = generator.choice(list(tree))
    rest = {key: value for key, value in tree.items() if key != name}
    kind = generator.randrange(6)
    if kind == 0:
        return rest
    if kind == 1:
        return {**rest, generator.choice(["__metadata__", "", "vectors", "more"]): tree[name]}
    return {**tree, name: _changed(tree[name], generator)}


def _inside(content: bytes, generator: Random) -> bytes:
    """Change what is compressed, and pack it again."""
    from contents import COMPRESSORS

    kind = compression_in(content)
    name = {"Zstandard": "zstandard"}.get(str(kind), str(kind))
    plain = _unpacked(content, name)
    if plain is None:
        return content
    return COMPRESSORS[name](_of_kind(plain)(plain, generator))


def _unpacked(content: bytes, name: str) -> bytes | None:
    import bz2
    import gzip
    import lzma

    from w2v.compression import zstd

    try:
        if name == "zip":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return archive.read(archive.namelist()[0])
        unpack = {"gzip": gzip, "bzip2": bz2, "xz": lzma, "zstandard": zstd}[name]
        return unpack.decompress(content)  # type: ignore[attr-defined,no-any-return]
    except Exception:  # a damaged archive: that is what the other mutations are for
        return None


def _header_of_npy(content: bytes, generator: Random) -> bytes:
    """Change a number or the type in the header, whose length stays right."""
    size = int.from_bytes(content[8:10], "little")
    header, rest = content[10 : 10 + size], content[10 + size :]
    if generator.random() < 0.3:
        kind = generator.choice([b"<f2", b"<f8", b">f4", b"|i1", b"|O", b"<U9", b"|V0", b"<c8"])
        header = re.sub(rb"'[<>|]\w+'", b"'%s'" % kind, header, count=1)
    else:
        header = _with_other_number(header, generator)
    return content[:8] + struct.pack("<H", len(header) % 2**16) + header + rest


def _of_text(content: bytes, generator: Random) -> bytes:
    """Change a number, a separator or a line, or put in a word without an end."""
    kind = generator.randrange(6)
    place = generator.randrange(len(content) + 1)
    if kind == 0:
        first, newline, rest = content.partition(b"\n")
        return _with_other_number(first, generator) + newline + rest
    if kind == 1:
        return _with_other_number(content, generator)
    if kind == 2:
        old, new = generator.choice([(b".", b","), (b" ", b", "), (b" ", b","), (b"\n", b"\n\n")])
        return content.replace(old, new)
    if kind == 3:
        run = generator.choice([b"a", b"1 ", b"1", b"\0", b"\xff", "字".encode(), b"\xc2\xa0"])
        return content[:place] + run * (_LONGEST_RUN // len(run)) + content[place:]
    lines = content.split(b"\n")
    line = generator.randrange(len(lines))
    if kind == 4:
        return b"\n".join([*lines[:line], lines[line], *lines[line:]])
    start = generator.choice([b"\xef\xbb\xbf", b"PK\3\4", b"BZh91AY&SY", b": ", b"# ", b"\x1b["])
    return start + content


def _with_other_number(content: bytes, generator: Random) -> bytes:
    found = list(re.finditer(rb"\d+", content))
    if not found:
        return content
    start, end = generator.choice(found).span()
    return content[:start] + b"%d" % generator.choice(_NUMBERS) + content[end:]


def _integer(content: bytes, generator: Random) -> bytes:
    """Exchange a 32-bit or 64-bit integer for an extreme one, or cut out some bytes of a row."""
    place = generator.randrange(len(content))
    if generator.random() < 0.3:
        return content[:place] + content[place + generator.randint(1, 40) :]
    width = generator.choice([4, 8])
    number = generator.choice(_NUMBERS) % 2 ** (8 * width)
    return content[:place] + number.to_bytes(width, "little") + content[place + width :]
