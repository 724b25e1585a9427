"""The files that a training reads and writes, checked before it begins: no file is both."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from w2v.arguments import checked_path, checked_paths
from w2v.errors import FormatError, W2VError
from w2v.files import try_writing
from w2v.formats.detect import detect, files_read
from w2v.formats.header import parse_header
from w2v.formats.writing import check_second_file, format_by_name, written_files
from w2v.opening import beginning
from w2v.places import CORPUS, NamedFile, check_apart, followed, is_same_file
from w2v.remote.addresses import located
from w2v.training.checkpoint_names import is_checkpoint_name
from w2v.training.model import Model
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.vectors_like import VectorsLike

PathLike: TypeAlias = str | os.PathLike[str]

_LONGEST_HEADER = 100  # bytes


def check_output(
    path: PathLike,
    inputs: Iterable[PathLike] = (),
    *,
    log: PathLike | None = None,
    evaluate: Sequence[PathLike] = (),
    continue_from: PathLike | Model | None = None,
    init_from: PathLike | KeyedVectors | VectorsLike | None = None,
    vocabulary: PathLike | Mapping[str, int] | None = None,
    checkpoint: PathLike | None = None,
    resume: PathLike | None = None,
) -> None:
    """Check that a model can be saved as `path`; nothing is changed there.

    Neither `path`, nor a second file of its format, nor the log may be one of the files that
    training reads or keeps, under any name.

    Parameters
    ----------
    path : path-like
        The file for the vectors or the model.
    inputs : iterable of path-like
        The files of the corpus.
    log : path-like, optional
        A file to which the caller will write events.
    evaluate, continue_from, init_from, vocabulary, checkpoint, resume
        The arguments of `w2v.train`.

    Raises
    ------
    W2VError
        The model could not be saved; the message says why.
    """
    target = checked_path("path", path)
    name = format_by_name(target)
    files = written_files(target, name)
    written = [NamedFile(target, "the vectors")]
    written += [NamedFile(file, "the file of words") for file in files[1:]]
    if log is not None:
        written.append(NamedFile(checked_path("log", log), "the log"))
    check_training_files(
        inputs, written, evaluate=evaluate, continue_from=continue_from, init_from=init_from,
        vocabulary=vocabulary, checkpoint=checkpoint, resume=resume,
    )  # fmt: skip
    for file in files:
        try_writing(file)
    check_second_file(target, name)


def check_training_files(
    inputs: Iterable[PathLike],
    written: Sequence[NamedFile],
    *,
    evaluate: Sequence[PathLike],
    continue_from: PathLike | Model | None,
    init_from: PathLike | KeyedVectors | VectorsLike | None,
    vocabulary: PathLike | Mapping[str, int] | None,
    checkpoint: PathLike | None,
    resume: PathLike | None,
) -> list[NamedFile]:
    """Raise W2VError where a file would be both read and written, or written twice.

    Parameters
    ----------
    inputs : iterable of path-like
        The files of the corpus.
    written : sequence of NamedFile
        Files that the caller will write.
    evaluate, continue_from, init_from, vocabulary, checkpoint, resume
        The arguments of `w2v.train`.

    Returns
    -------
    list of NamedFile
        The other files of the training, which must not be overwritten.
    """
    read = [NamedFile(file, CORPUS) for file in checked_paths("inputs", inputs)]
    read += [NamedFile(file, "a test set") for file in checked_paths("evaluate", evaluate)]
    read += _read(continue_from, "the model to continue")
    read += _read(init_from, "the vectors to start from")
    if isinstance(vocabulary, (str, os.PathLike)):
        read.append(NamedFile(located(vocabulary), "the vocabulary"))
    named = {"checkpoint": checkpoint, "resume": resume}
    directories = [checked_path(name, given) for name, given in named.items() if given is not None]
    if len(directories) == 2 and is_same_file(*directories):
        del directories[1]
    kept = [NamedFile(directory, "the directory of checkpoints") for directory in directories]
    check_apart(read, [*kept, *written])
    for directory in directories:
        for file in written:
            if _is_checkpoint(file.path, directory):
                raise W2VError(
                    f"Cannot write {file.path}: checkpoints have such names in {directory}; name"
                    f" another for {file.role}."
                )
        for file in read:
            if _is_checkpoint(file.path, directory):
                raise W2VError(
                    f"{file.path} is {file.role}, and may be removed as one of the checkpoints in"
                    f" {directory}; name another directory, or copy the file to one."
                )
    return [*read, *kept]


def _read(given: object, role: str) -> Iterator[NamedFile]:
    if isinstance(given, (str, os.PathLike)):
        for file in files_read(located(given)):
            yield NamedFile(file, role)


def _is_checkpoint(path: Path, directory: Path) -> bool:
    """Return whether a file may be written or removed at any time because it is a checkpoint."""
    real = followed(path)
    return is_checkpoint_name(real.name) and is_same_file(real.parent, directory)


def check_default_output(path: PathLike) -> str | None:
    """Check that the default output, which nobody named, may be replaced.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    str or None
        A phrase about the vectors that would be replaced; None where there is no file.

    Raises
    ------
    W2VError
        The file exists, but does not hold vectors in word2vec's binary format.
    """
    target = checked_path("path", path)
    if not target.is_file():
        return None
    try:
        found = detect(target).name
        header = parse_header(beginning(target, _LONGEST_HEADER).partition(b"\n")[0])
    except FormatError:
        found, header = None, None
    if found != "word2vec" or header is None:
        raise W2VError(
            f"{target} exists and does not hold vectors in word2vec's binary format, so it is not"
            " replaced unasked; name the file to write, as in -o vectors.bin."
        )
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(target.stat().st_mtime))
    return f"{header[0]:,} words, {header[1]:,} numbers each, of {when}"
