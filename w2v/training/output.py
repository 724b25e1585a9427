"""Writing a trained model, and keeping it elsewhere if it cannot be written."""

import os
import tempfile
from pathlib import Path

from w2v.arguments import checked_path, shown
from w2v.compression import split_suffix
from w2v.errors import ConfigError, KeptError, W2VError
from w2v.places import free_names
from w2v.remote.addresses import Address, located
from w2v.training.model import FULL_MODEL_SUFFIX, Model
from w2v.vectors.keyed_vectors import KeyedVectors


def save(model: Model | KeyedVectors, path: str | os.PathLike[str]) -> None:
    """Write a model in the format that the name implies.

    Parameters
    ----------
    model : Model or KeyedVectors
        The model, or only its vectors.
    path : path-like
        The file: .safetensors holds the whole model, other formats its vectors, written as by
        `KeyedVectors.save`.

    Raises
    ------
    W2VError
        The file cannot be written; an old file stays as it was.
    """
    target = _checked(model, path)
    if isinstance(model, Model) and target.suffix.lower() != FULL_MODEL_SUFFIX:
        model = model.vectors
    model.save(target)


def save_finished(model: Model, path: str | os.PathLike[str]) -> None:
    """Write a model as `save` does, or else elsewhere: hours of work may be in it.

    Parameters
    ----------
    model : Model
        The model.
    path : path-like
        The file.

    Raises
    ------
    KeptError
        The file cannot be written, but the full model was written beside it, in the current
        directory or in the directory for temporary files.
    W2VError
        The model could not be written anywhere.
    """
    _checked(model, path)
    try:
        save(model, path)
    except KeptError:
        raise
    except W2VError as error:
        kept = _kept(model, located(path))
        if kept is None:
            raise
        raise KeptError(*error.parts, f" The finished model is in {kept}.") from error


def _checked(model: object, path: object) -> Path:
    if not isinstance(model, (Model, KeyedVectors)):
        raise ConfigError(f"Only a Model or KeyedVectors can be saved, not {shown(model)}.")
    return checked_path("path", path)


def _kept(model: Model, path: Path) -> Path | None:
    """Write the full model, whose format holds any word, somewhere; return where."""
    name = f"{split_suffix(path)[0].stem}{FULL_MODEL_SUFFIX}"
    directories = [Path(), Path(tempfile.gettempdir())]
    if not isinstance(path, Address):  # what is wrong there would be wrong again
        directories.insert(0, path.parent)
    for directory in directories:
        [free] = free_names([directory / name])
        try:
            model.save(free)
        except W2VError:
            continue
        return free
    return None
