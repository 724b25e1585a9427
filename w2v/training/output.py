"""Where a trained model goes: checked before training begins, written when it has ended."""

import os
from collections.abc import Iterable
from pathlib import Path

from w2v.errors import W2VError
from w2v.files import check_writable, is_same_file, temporary_beside
from w2v.formats.writing import format_or_binary, written_files
from w2v.training.model import Model

FULL_MODEL_SUFFIX = ".safetensors"


def check_output(path: str | os.PathLike[str], inputs: Iterable[Path] = ()) -> None:
    """Raise W2VError where a model could not be saved as `path`; nothing is left there.

    inputs: files that must not be overwritten, such as those of the corpus.
    """
    target = Path(path)
    files = written_files(target, format_or_binary(target))
    for source in inputs:
        for file in files:
            if is_same_file(file, source):
                raise W2VError(f"Cannot write {file}: it is the corpus itself; name another file.")
    for file in files:
        check_writable(file)
        try:
            # Permissions are not all: the name may be too long, or the file system take no files.
            temporary_beside(file).remove()
        except OSError as error:
            raise W2VError(f"Cannot write {file}: {error.strerror or error}.") from error


def save(model: Model, path: str | os.PathLike[str]) -> None:
    """Write a model as the name says: .safetensors is all of it, every other its vectors alone.

    Vectors alone are written as `KeyedVectors.save` does.

    Raises W2VError where the file cannot be written; an old file then stays as it was.
    """
    if Path(path).suffix.lower() == FULL_MODEL_SUFFIX:
        model.save(path)
    else:
        model.vectors.save(path)
