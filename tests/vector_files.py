"""The same vectors in files of every format, compressed and not."""

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

import w2v
from w2v.formats import full_model, word2vec_binary

SIZE, WIDTH = 3000, 20
WORDS = [f"wörd{number}" if number % 5 else f"two words {number}" for number in range(SIZE)]
WORDS[0], WORDS[7] = "first", "京都"  # without a header the first line has to be clear
ROWS = np.random.default_rng(3).standard_normal((SIZE, WIDTH)).astype(np.float32)
LIMITS = (None, 0, 1, 8, 1700, SIZE, SIZE + 1)
CHOICES = (None, ["京都"], ["two words 1500", "nowhere", "wörd1", "京都", "wörd2999"], WORDS[::-3])


def write_binary(path: Path) -> None:
    """As word2vec_binary.write does, but with words that hold spaces left out."""
    word2vec_binary.write(path, [word.replace(" ", "_") for word in WORDS], ROWS)


def write_text(path: Path) -> None:
    lines = [f"{word} {' '.join(map(str, row))}\n" for word, row in zip(WORDS, ROWS, strict=True)]
    path.write_text(f"{SIZE} {WIDTH}\n" + "".join(lines), encoding="utf-8")


def write_tabs(path: Path) -> None:
    lines = ["\t".join([word, *map(str, row)]) for word, row in zip(WORDS, ROWS, strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_model(path: Path) -> None:
    counts = np.arange(SIZE, 0, -1)
    full_model.write(path, full_model.FullModel(WORDS, counts, ROWS, 0 * ROWS, {}))


def write_npy(path: Path) -> None:
    np.save(path, ROWS)
    lines = "".join(f"{word}\n" for word in WORDS)
    path.with_name("a.vocab").write_text(lines, encoding="utf-8")


def zipped(path: Path, content: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("vectors", content)


WRITERS: dict[str, Callable[[Path], None]] = {
    "a.bin": write_binary, "a.txt": write_text, "a.vec": write_tabs, "a.npy": write_npy,
    "a.safetensors": write_model,
}  # fmt: skip
COMPRESSORS: dict[str, Callable[[Path, bytes], None]] = {
    ".gz": lambda path, content: path.write_bytes(gzip.compress(content, 1)) and None,
    ".bz2": lambda path, content: path.write_bytes(bz2.compress(content, 1)) and None,
    ".xz": lambda path, content: path.write_bytes(lzma.compress(content, preset=0)) and None,
    ".zip": zipped,
}
NAMES = [*WRITERS, *(f"{name}{end}" for name in list(WRITERS)[:4] for end in COMPRESSORS)]


def write_all(directory: Path) -> Path:
    """Write the vectors in every format, plain and compressed, and return the directory."""
    for name, write in WRITERS.items():
        write(directory / name)
        for end, compress in COMPRESSORS.items():
            compress(directory / f"{name}{end}", (directory / name).read_bytes())
    return directory


def in_file(name: str, words: list[str]) -> list[str]:
    return [word.replace(" ", "_") for word in words] if name.startswith("a.bin") else words


def check(found: w2v.KeyedVectors, name: str, limit: int | None, words: list[str] | None) -> None:
    wanted = None if words is None else set(words)
    rows = [row for row in range(SIZE)[:limit] if wanted is None or WORDS[row] in wanted]
    assert found.index_to_key == in_file(name, [WORDS[row] for row in rows])
    np.testing.assert_array_equal(found.vectors, ROWS[rows])
    assert found.vectors.shape == (len(rows), WIDTH)
    if name == "a.safetensors":
        assert found.counts is not None
        assert found.counts.tolist() == [SIZE - row for row in rows]
