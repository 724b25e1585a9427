"""Which format a file of vectors is written in: the one that is named, or that its name tells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v.compression import split_suffix
from w2v.errors import ConfigError
from w2v.files import check_writable
from w2v.formats import full_model, glove, npy, projector, word2vec_binary, word2vec_text
from w2v.formats.word_matrix import Matrix

Counts = NDArray[np.int64] | None


@dataclass(frozen=True)
class Writer:
    """A format that vectors are written in.

    about: a phrase for the user. suffixes: the ends of names that tell it.
    write: takes path, words, matrix and counts. companion: gives the second file, if there is one.
    keeps_counts, compresses: what the format can hold, and whether it can be compressed.
    """

    about: str
    suffixes: tuple[str, ...]
    write: Callable[[Path, Sequence[str], Matrix, Counts], None]
    companion: Callable[[Path], Path] | None = None
    keeps_counts: bool = False
    compresses: bool = True


def _without_counts(
    write: Callable[[Path, Sequence[str], Matrix], None],
) -> Callable[[Path, Sequence[str], Matrix, Counts], None]:
    return lambda path, words, matrix, _: write(path, words, matrix)


WRITERS = {
    "word2vec": Writer(
        "word2vec's binary format", (".bin",), _without_counts(word2vec_binary.write)
    ),
    "text": Writer("word2vec's text", (".txt", ".vec"), _without_counts(word2vec_text.write)),
    "glove": Writer("text without a header", (), _without_counts(glove.write)),
    "safetensors": Writer(
        "words, vectors and counts", (".safetensors",), full_model.write_vectors,
        keeps_counts=True, compresses=False,
    ),
    "npy": Writer(
        "NumPy's matrix, with NAME.vocab beside it", (".npy",), npy.write,
        companion=npy.vocabulary_path, keeps_counts=True,
    ),
    "projector": Writer(
        "the Embedding Projector's, with NAME-metadata.tsv beside it", (".tsv",),
        _without_counts(projector.write), companion=projector.metadata_path,
    ),
}  # fmt: skip


def chosen_format(path: Path, to: str | None = None) -> str:
    """Return the name of the format to write: `to`, or what the name of the file tells.

    Raises ConfigError for a name that is none, or that tells none.
    """
    suffix = split_suffix(path)[0].suffix.lower()
    name = to
    if to is None:
        name = next((name for name, writer in WRITERS.items() if suffix in writer.suffixes), None)
    if name is None or name not in WRITERS:
        known = "; ".join(f"{name} {'/'.join(w.suffixes)}".strip() for name, w in WRITERS.items())
        asked = f"There is no format {to!r}" if to else f"The name {path} tells no format"
        raise ConfigError(f"{asked}; those that are written, with the ends of names, are: {known}.")
    if split_suffix(path)[1] and not WRITERS[name].compresses:
        raise ConfigError(
            f"A file of safetensors is not compressed, so that it can be mapped; save "
            f"{split_suffix(path)[0]} in the place of {path}."
        )
    return name


def format_or_binary(path: Path) -> str:
    """Return the format that the name of a file tells, and word2vec's binary one if it tells none.

    Raises ConfigError for a compressed file of a format that is not compressed.
    """
    suffix = split_suffix(path)[0].suffix.lower()
    known = any(suffix in writer.suffixes for writer in WRITERS.values())
    return chosen_format(path, None if known else "word2vec")


def written_files(path: Path, name: str) -> tuple[Path, ...]:
    """Return all files that writing in a format makes: `path`, and perhaps one beside it."""
    companion = WRITERS[name].companion
    return (path,) if companion is None else (path, companion(path))


def write(path: Path, name: str, words: Sequence[str], matrix: Matrix, counts: Counts) -> None:
    """Write words and vectors in the format of that name.

    Raises FormatError for words or numbers that the format cannot hold, W2VError where a file
    cannot be written; an old one then stays as it was.
    """
    for file in written_files(path, name):
        check_writable(file)
    WRITERS[name].write(path, words, matrix, counts)
