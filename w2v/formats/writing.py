"""Which format a file of vectors is written in: by the end of its name, or as is asked for.

The same names hold wherever vectors are saved. A name without an end, such as `vectors`, is of
word2vec's binary format, and one with an end of another kind, such as `vectors.csv`, is refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v.compression import split_suffix
from w2v.errors import ConfigError, Part, W2VError
from w2v.formats import (
    full_model,
    glove,
    npy,
    npy_words,
    projector,
    word2vec_binary,
    word2vec_text,
)
from w2v.locks import locked_directory
from w2v.matrices import Matrix
from w2v.places import check_writable, followed

Counts = NDArray[np.int64] | None


@dataclass(frozen=True)
class Writer:
    """A format that vectors are written in.

    about: a phrase for the user. suffixes: the ends of names that tell it, "" for a name without.
    write: takes path, words, matrix and counts. companion: gives the second file, if there is one.
    is_pair: whether a file and its companion, both there, belong to each other.
    keeps_counts, compresses: what the format can hold, and whether it can be compressed.
    """

    about: str
    suffixes: tuple[str, ...]
    write: Callable[[Path, Sequence[str], Matrix, Counts], None]
    companion: Callable[[Path], Path] | None = None
    is_pair: Callable[[Path], bool] = Path.exists
    keeps_counts: bool = False
    compresses: bool = True

    @property
    def ends(self) -> str:
        """The ends of names, as a user reads them."""
        return " or ".join(suffix for suffix in self.suffixes if suffix)


def _without_counts(
    write: Callable[[Path, Sequence[str], Matrix], None],
) -> Callable[[Path, Sequence[str], Matrix, Counts], None]:
    return lambda path, words, matrix, _: write(path, words, matrix)


WRITERS = {
    "word2vec": Writer(
        "word2vec's binary format, which every tool reads", (".bin", ".w2v", ""),
        _without_counts(word2vec_binary.write),
    ),
    "text": Writer("word2vec's text", (".txt", ".vec"), _without_counts(word2vec_text.write)),
    "glove": Writer("text without a header", (), _without_counts(glove.write)),
    "safetensors": Writer(
        "words, vectors and counts", (".safetensors",), full_model.write_vectors,
        keeps_counts=True, compresses=False,
    ),
    "npy": Writer(
        "NumPy's matrix, with NAME.vocab beside it", (".npy",), npy.write,
        companion=npy_words.vocabulary_path, is_pair=npy_words.is_pair, keeps_counts=True,
    ),
    "projector": Writer(
        "the Embedding Projector's, with NAME-metadata.tsv beside it", (".tsv",),
        _without_counts(projector.write),
        companion=projector.metadata_path, is_pair=projector.is_pair,
    ),
}  # fmt: skip


def format_by_name(path: Path, otherwise: Part = "") -> str:
    """Return the name of the format that the end of a file's name tells.

    otherwise: how the caller may choose a format whatever the name, for the message.

    Raises ConfigError for a name that ends in something else, or is of a compressed file where
    the format is not compressed.
    """
    plain, compression = split_suffix(path)
    suffix = plain.suffix.lower()
    for name, writer in WRITERS.items():
        if suffix in writer.suffixes:
            return checked_format(path, name)
    first, *others = (writer for writer in WRITERS.values() if writer.suffixes)
    listed = ", ".join(f"{writer.ends} ({writer.about})" for writer in others)
    raise ConfigError(
        f"Cannot write {path}: vectors are not written as {plain.suffix}; name it"
        f" {plain.stem}.bin{compression} ({first.about}), or let the name end in {listed}",
        otherwise and ("; or choose a format with ", otherwise),
        ".",
    )


def checked_format(path: Path, name: str) -> str:
    """Return the name of a format; ConfigError for an unknown one, or one not to be compressed."""
    if not isinstance(name, str) or name not in WRITERS:
        known = "; ".join(f"{name} {writer.ends}".strip() for name, writer in WRITERS.items())
        raise ConfigError(
            f"There is no format {name!r}; the formats, with the ends of names, are: {known}."
        )
    if split_suffix(path)[1] and not WRITERS[name].compresses:
        raise ConfigError(
            f"A file of safetensors is not compressed, so that it can be mapped; save "
            f"{split_suffix(path)[0]} in the place of {path}."
        )
    return name


def written_files(path: Path, name: str) -> tuple[Path, ...]:
    """Return all files that writing in a format makes: `path`, and perhaps one beside it."""
    companion = WRITERS[name].companion
    return (path,) if companion is None else (path, companion(path))


def check_companion(path: Path, name: str) -> None:
    """Raise W2VError where a second file, which nobody named, would replace one of another origin.

    It may replace one that belongs to a `path` of the same format, both of which are written anew.
    """
    writer = WRITERS[name]
    if writer.companion is None:
        return
    companion = writer.companion(path)
    with locked_directory(followed(path).parent):
        if companion.is_file() and not (path.is_file() and writer.is_pair(path)):
            raise W2VError(
                f"Cannot write {path}: {companion} would be written beside it, but is there and"
                f" does not belong to an earlier {path.name}; move it away or choose another name."
            )


def write(path: Path, name: str, words: Sequence[str], matrix: Matrix, counts: Counts) -> None:
    """Write words and vectors in the format of that name.

    Raises FormatError for words or numbers that the format cannot hold, W2VError where a file
    cannot be written; an old one then stays as it was.
    """
    for file in written_files(path, name):
        check_writable(file)
    check_companion(path, name)
    WRITERS[name].write(path, words, matrix, counts)
