"""The files in a directory of checkpoints, by their names."""

import os
import re
from pathlib import Path

from w2v.errors import FormatError
from w2v.places import address_in

BEST = "best-*.safetensors"  # models that early stopping found best, named by their digest
_NAME = re.compile(r"checkpoint-(\d{6,12})\.safetensors")
_OTHERS = re.compile(r"best(-[0-9a-f]{32})?\.safetensors|\.best\.part|\.lock")


def best_path(directory: Path, digest: str) -> Path:
    """Return the file of a model that early stopping found best; its name is its digest."""
    return directory / f"best-{digest}.safetensors"


def is_checkpoint_name(name: str) -> bool:
    """Return whether files of this name are written, and removed, in a directory of checkpoints."""
    return _NAME.fullmatch(name) is not None or _OTHERS.fullmatch(name) is not None


def check_used(directory: str | os.PathLike[str]) -> None:
    """Raise FormatError if a directory has no checkpoint."""
    if not numbered(Path(directory)):
        raise FormatError(f"{directory} holds no checkpoint to resume from; start a new training.")


def numbered(directory: Path) -> list[tuple[int, Path]]:
    """Return the checkpoints of a directory, oldest first."""
    try:
        names = [entry.name for entry in directory.iterdir()]
    except OSError as error:
        raise FormatError(
            f"Cannot read the checkpoints in {address_in(directory) or directory}:"
            f" {error.strerror or error}."
        ) from error
    matches = filter(None, map(_NAME.fullmatch, names))
    return sorted((int(match[1]), directory / match[0]) for match in matches)
