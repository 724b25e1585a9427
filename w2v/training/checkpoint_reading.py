"""Reads checkpoints. All that a file holds is checked: it may be damaged, or made to harm."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import checked_path
from w2v.errors import FormatError
from w2v.formats.full_model import StoredModel, open_stored
from w2v.kernels.rng import stream_key
from w2v.kernels.state import TOTALS_SIZE
from w2v.text.corpus import Origin
from w2v.training import records
from w2v.training.checkpoint import Checkpoint
from w2v.training.checkpoint_names import best_path, check_used, numbered
from w2v.training.config import TrainConfig
from w2v.training.evaluating import Evaluation
from w2v.training.loss_curve import check_loss_curves
from w2v.training.model import read_settings
from w2v.training.place import Place
from w2v.training.soundness import LossMonitorState
from w2v.training.stored_phrases import stored_phrases

VERSION = 4  # of the contents beside the model
# The tensors with the curves of the LossMonitor.
LOSS_CURVES = {name: f"loss_{name}" for name in ("running", "best", "recent")}
_DIGEST = re.compile(r"[0-9a-f]{32}")
_LARGEST_SUM, _LONGEST_TIME = 2.0**62, 1e12


@dataclass(frozen=True)
class Header:
    """The part of a checkpoint that is in JSON; see Checkpoint. The names are those in the file."""

    version: int
    fingerprint: str
    corpus: dict[str, Any] | None
    continued: bool
    notes: dict[str, Any]
    division: tuple[int, ...]
    seconds: float
    seconds_before: float
    seen: dict[str, Any]
    evaluation: dict[str, Any]


def read_checkpoint(directory: str | os.PathLike[str]) -> Checkpoint:
    """Read the newest undamaged checkpoint of a directory.

    Parameters
    ----------
    directory : path

    Returns
    -------
    Checkpoint

    Raises
    ------
    FormatError
        If there is none, with the reason for each one that was passed over.
    """
    directory = checked_path("directory", directory)
    check_used(directory)
    passed_over: list[str] = []
    for _, path in reversed(numbered(directory)):
        try:
            return replace(read_checkpoint_file(path), passed_over=tuple(passed_over))
        except FormatError as error:
            passed_over.append(str(error))
    raise FormatError(f"No checkpoint in {directory} is whole: {' '.join(passed_over)}")


def read_checkpoint_file(path: Path) -> Checkpoint:
    """Read one checkpoint.

    Raises FormatError if the file is something else, or damaged.
    """
    stored = open_stored(path)
    if "checkpoint" not in stored.metadata:
        raise FormatError(f"{path} is a full model, but not a checkpoint.")
    _check_digest(stored)
    try:
        found = _checkpoint(stored)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        message = f"{path} is not a checkpoint of this version of w2v ({error})."
        raise FormatError(message) from error
    if found.evaluation.vectors is not None:
        _check_digest(open_stored(best_path(path.parent, found.evaluation.vectors)))
    return found


def _check_digest(stored: StoredModel) -> None:
    """Raise FormatError unless a file's content fits its checksum, and its name its digest."""
    digest = stored.metadata.get("digest")
    named = re.fullmatch(r"best-(.*)\.safetensors", stored.path.name)
    if digest != stored.digest() or (named and named[1] != digest):
        raise FormatError(f"{stored.path} is damaged: its content does not fit its checksum.")


def _checkpoint(stored: StoredModel) -> Checkpoint:
    """Return the checkpoint in a file; raise ValueError and the like for impossible contents."""
    fields = json.loads(stored.metadata["checkpoint"])
    if not isinstance(fields, dict) or fields.get("version") != VERSION:
        raise ValueError("it has another version")
    header, settings = records.restored(Header, fields), read_settings(stored)
    loss_curves = {name: stored.tensor(tensor) for name, tensor in LOSS_CURVES.items()}
    check_loss_curves(loss_curves)
    config, counts = settings.config, stored.counts
    if header.continued and (np.diff(counts) > 0).any():
        raise ValueError("its counts do not descend")
    place = _place(stored, header, config)
    place.history = settings.history
    if [epoch.epoch for epoch in place.history] != list(range(1, place.epoch + 1)):
        raise ValueError("its history is not that of the epochs before")
    return Checkpoint(
        stored,
        config,
        place,
        header.division,
        _monitor_state(header.seen),
        loss_curves,
        header.fingerprint,
        _origin(header.corpus),
        header.continued,
        _frozen(stored),
        header.notes,
        _evaluation(header.evaluation),
        stored_phrases(stored),
    )


def _place(stored: StoredModel, header: Header, config: TrainConfig) -> Place:
    """Return where training stood; the length of the text is not known yet."""
    progress, totals = stored.tensor("progress"), stored.tensor("totals")
    if progress.dtype != np.int64 or progress.shape != (2,):
        raise ValueError("its progress is not an epoch and a position")
    epoch, position = progress.tolist()
    if not 0 <= epoch <= config.passes or position < 0 or (epoch == config.passes and position):
        raise ValueError(f"it cannot stand at token {position} of epoch {epoch + 1}")
    generator = stored.tensor("generator")
    if generator.dtype != np.uint64 or generator.tolist() != [stream_key(config.seed, epoch)]:
        raise ValueError("its random numbers are not those of its seed")
    if totals.dtype != np.float64 or totals.shape != (TOTALS_SIZE,):
        raise ValueError(f"its sums have the shape {totals.shape}")
    if not ((totals >= 0) & (totals <= _LARGEST_SUM)).all():
        raise ValueError("its sums cannot come from a training")
    if not 0 <= header.seconds_before <= header.seconds <= _LONGEST_TIME:
        raise ValueError("its seconds cannot come from a training")
    return Place(epoch, position, totals, [], header.seconds, header.seconds_before)


def _frozen(stored: StoredModel) -> NDArray[np.int64]:
    frozen = stored.tensor("frozen")
    if frozen.dtype != np.int64 or frozen.ndim != 1 or (np.diff(frozen) <= 0).any():
        raise ValueError("its frozen rows are not rows")
    if len(frozen) and (frozen[0] < 0 or frozen[-1] >= len(stored.words)):
        raise ValueError("its frozen rows are beyond the matrix")
    return frozen


def _monitor_state(fields: Mapping[str, Any]) -> LossMonitorState:
    state = records.restored(LossMonitorState, fields)
    if not state.longest > 0:
        raise ValueError("its limit on the length of rows is not above 0")
    return state


def _origin(fields: Mapping[str, Any] | None) -> Origin | None:
    if fields is None:
        return None
    origin = records.restored(Origin, {"column": None, **fields})  # older files have no column
    if not origin.sources or any(name in ("", "-") or "\0" in name for name in origin.sources):
        raise ValueError("its corpus is not a file")
    return origin


def _evaluation(fields: Mapping[str, Any]) -> Evaluation:
    evaluation = records.restored(Evaluation, fields)
    if evaluation.vectors is not None and not _DIGEST.fullmatch(evaluation.vectors):
        raise ValueError("its best vectors have no file")
    if (evaluation.best is None) != (evaluation.vectors is None):
        raise ValueError("its best score has no vectors")
    return evaluation
