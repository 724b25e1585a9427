"""The two files of TensorFlow's Embedding Projector: one with vectors, one with their words.

Nothing in the files shows that they belong together; the Projector only compares their lengths.
w2v replaces both together (see `w2v.files.atomic_paths`).

Source: https://www.tensorflow.org/tensorboard/tensorboard_projector_plugin.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from w2v.compression import split_suffix
from w2v.errors import FormatError
from w2v.formats.checks import check_words_and_matrix
from w2v.formats.record import Format, Sample, Writing, without_counts
from w2v.formats.text_rows import is_numbers
from w2v.matrices import Matrix
from w2v.opening import open_single, written_together

_BLOCK = 1 << 20  # bytes read at once


def metadata_path(path: Path) -> Path:
    """Return the file of words to write beside a file of vectors.

    It is metadata.tsv beside vectors.tsv, and toy-metadata.tsv beside toy.tsv.
    """
    plain, compression = split_suffix(path)
    name = "metadata" if plain.stem == "vectors" else f"{plain.stem}-metadata"
    return path.with_name(f"{name}{plain.suffix}{compression}")


def is_pair(path: Path) -> bool:
    """Return whether a file of vectors and its metadata look as if `write` wrote both.

    The metadata must have one word for each vector. Metadata with further columns, which a user has
    added, do not count.
    """
    try:
        with open_single(path) as vectors, open_single(metadata_path(path)) as metadata:
            row, word = vectors.readline(_BLOCK), metadata.readline(_BLOCK)
            if not is_numbers(row) or b"\t" in word:
                return False
            return _lines(vectors) == _lines(metadata)
    except FormatError:
        return False


def _lines(stream: IO[bytes]) -> int:
    return sum(block.count(b"\n") for block in iter(partial(stream.read, _BLOCK), b""))


def write(path: Path, words: Sequence[str], matrix: Matrix) -> None:
    """Write the vectors to `path` and the words to `metadata_path(path)`, both atomically.

    Tabs separate the numbers of a vector. The words stand on one line each, without a header,
    because the Projector expects a header only where there are several columns. Words hold no tabs
    and line breaks. For the parameters and errors see `word2vec_binary.write`.
    """
    check_words_and_matrix(path, words, matrix)
    for word in words:
        if not {"\t", "\n", "\r"}.isdisjoint(word):
            raise FormatError(
                f"Cannot write {path}: {word!r} holds a tab or a line break, which the Embedding "
                "Projector reads as the end of the word; replace them, for instance by '_'."
            )
    with written_together(path, metadata_path(path)) as (vectors, metadata):
        for word, row in zip(words, np.asarray(matrix, dtype=np.float32), strict=True):
            vectors.write("\t".join(map(str, row)).encode() + b"\n")
            metadata.write(word.encode() + b"\n")


def _detect(sample: Sample) -> bool:
    """Return whether a line has numbers but no word, so that its first number would be the word."""
    line = sample.first_line
    return b"\t" in line and b"." in line.split(b"\t")[0] and is_numbers(line)


FORMAT = Format(
    "projector",
    detect=_detect,
    refusal=(
        "holds numbers separated by tabs and no words, as vectors.tsv of the Embedding Projector"
        " does, which is not read; convert the file that it was made from."
    ),
    writing=Writing(
        "the Embedding Projector's, with NAME-metadata.tsv beside it",
        without_counts(write),
        (".tsv",),
        second_file=metadata_path,
        is_pair=is_pair,
    ),
)
