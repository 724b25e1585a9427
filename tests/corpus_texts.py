"""A small text, its compressed forms, and the way a corpus is read in tests."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

from w2v.compression import zstd
from w2v.text.corpus import Corpus

TEXT = "The cat sat.\nThe dog\tbarked at it;\r\n\nœuvre naïve 日本語 end"
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd.compress,
}


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(corpus: Corpus, block_size: int = 16) -> str:
    """All text of the corpus; the blocks are checked on the way."""
    blocks = list(corpus.blocks(block_size))
    for block in blocks:
        assert block.data.decode()[-1].isspace()
        assert block.data.decode().encode() == block.data
    return b"".join(block.data for block in blocks).decode()


def lines(corpus: Corpus, block_size: int = 16) -> list[str]:
    """The lines of a corpus that have words."""
    return [line for line in read(corpus, block_size).split("\n") if line]
