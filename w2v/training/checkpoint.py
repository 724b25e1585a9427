"""A checkpoint: the full model and the place reached, so that a training that was killed goes on.

Whatever a file says is checked: it may be damaged, or made to harm.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import checked_path
from w2v.errors import Argument, ConfigError, CorpusError, FormatError
from w2v.formats.full_model import StoredModel, open_stored
from w2v.kernels.rng import stream_key
from w2v.kernels.state import TOTALS_SIZE
from w2v.places import address_in
from w2v.text.corpus import Corpus, InvalidUtf8, Origin, open_corpus
from w2v.training import records
from w2v.training.config import TrainConfig
from w2v.training.evaluating import Evaluation
from w2v.training.model import Model, load_model, read_settings
from w2v.training.place import Place
from w2v.training.soundness import Seen, check_marks

VERSION = 3  # of what checkpoints hold beside the model
MARKS = {name: f"loss_{name}" for name in ("running", "best", "recent")}  # tensors of the watch
BEST = "best-*.safetensors"  # the models that early stopping found best, each named by its digest
_NAME = re.compile(r"checkpoint-(\d{6,12})\.safetensors")
_OTHERS = re.compile(r"best(-[0-9a-f]{32})?\.safetensors|\.best\.part|\.lock")
_DIGEST = re.compile(r"[0-9a-f]{32}")
_LARGEST_SUM, _LONGEST_TIME = 2.0**62, 1e12


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """One checkpoint: the model, where its training stood, and what it was trained on.

    stored: the model, of which the matrices stay in the file. config: its settings. place: where
    training stood. division: how the text was divided among shards, see Engine. seen, marks: what
    had been seen of its loss. fingerprint: of the encoded corpus. corpus: how `open_corpus`
    found it, or None. continued: whether the counts are also those of an earlier corpus. frozen:
    rows that stay as they are. notes: what the caller wanted to find again. evaluation: how it is
    evaluated. passed_over: sentences about newer checkpoints that are damaged.
    """

    stored: StoredModel
    config: TrainConfig
    place: Place
    division: tuple[int, ...]
    seen: Seen
    marks: dict[str, NDArray[np.float64]]
    fingerprint: str
    corpus: Origin | None
    continued: bool
    frozen: NDArray[np.int64]
    notes: dict[str, Any]
    evaluation: Evaluation
    passed_over: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return (
            f"Checkpoint({str(self.path)!r}, epoch={self.place.epoch + 1},"
            f" {len(self.stored.words)} words, vector_size={self.config.vector_size})"
        )

    @property
    def path(self) -> Path:
        """The file."""
        return self.stored.path

    @cached_property
    def model(self) -> Model:
        """The model, read from the file when it is first asked for."""
        return load_model(self.path)

    def open_corpus(self, invalid_utf8: InvalidUtf8 | None = None) -> Corpus:
        """Open the corpus again; CorpusError where it was no file, or is none any more.

        Raises ConfigError where `invalid_utf8` is given and was another.
        """
        if self.corpus is None:
            raise CorpusError(
                f"The corpus of {self.path} was standard input, a pipe or lists of words; give it"
                " again."
            )
        stored = self.corpus.invalid_utf8
        if invalid_utf8 not in (None, stored):
            raise ConfigError(
                Argument("invalid_utf8"),
                f" was {stored!r} in the training that {self.path} is of, not {invalid_utf8!r};"
                " leave it out to resume, or start a new training.",
            )
        for name in map(Path, self.corpus.sources):
            if name.exists() and not name.is_file():
                raise CorpusError(
                    f"{self.path} names {name} as its corpus, which is no file; give the corpus."
                )
        return open_corpus(*self.corpus.sources, invalid_utf8=stored)

    def read_best(self, digest: str) -> Model:
        """Read the best model so far, of the file with this digest beside the checkpoint."""
        return load_model(best_path(self.path.parent, digest))


class Taken(NamedTuple):
    """What was taken from a checkpoint: its file, and the digest of its best model, if any."""

    path: Path
    best: str | None


@dataclass(frozen=True)
class About:
    """What a checkpoint says in JSON; see Checkpoint."""

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


def best_path(directory: Path, digest: str) -> Path:
    """Return the file of a model that early stopping found best; the name tells its content."""
    return directory / f"best-{digest}.safetensors"


def is_checkpoint_name(name: str) -> bool:
    """Return whether files of this name are written, and removed, in a directory of checkpoints."""
    return _NAME.fullmatch(name) is not None or _OTHERS.fullmatch(name) is not None


def check_used(directory: str | os.PathLike[str]) -> None:
    """Raise FormatError where a directory holds no checkpoint."""
    if not numbered(Path(directory)):
        raise FormatError(f"{directory} holds no checkpoint to resume from; start a new training.")


def read_checkpoint(directory: str | os.PathLike[str]) -> Checkpoint:
    """Read the newest checkpoint of a directory that is whole.

    Raises FormatError where there is none, with the reason for each that was passed over.
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


def read_checkpoint_file(path: Path) -> Checkpoint:
    """Read one checkpoint; FormatError where it is none, or damaged."""
    stored = open_stored(path)
    if "checkpoint" not in stored.metadata:
        raise FormatError(f"{path} is a full model, but no checkpoint.")
    _check_digest(stored)
    try:
        found = _checkpoint(stored)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise FormatError(f"{path} is no checkpoint of this version of w2v ({error}).") from error
    if found.evaluation.vectors is not None:
        _check_digest(open_stored(best_path(path.parent, found.evaluation.vectors)))
    return found


def _check_digest(stored: StoredModel) -> None:
    """Raise FormatError unless a file's content fits its checksum, and its name that it has one."""
    digest = stored.metadata.get("digest")
    named = re.fullmatch(r"best-(.*)\.safetensors", stored.path.name)
    if digest != stored.digest() or (named and named[1] != digest):
        raise FormatError(f"{stored.path} is damaged: its content does not fit its checksum.")


def _checkpoint(stored: StoredModel) -> Checkpoint:
    """Return the checkpoint in a file; ValueError and the like where something cannot be."""
    told = json.loads(stored.metadata["checkpoint"])
    if not isinstance(told, dict) or told.get("version") != VERSION:
        raise ValueError("its version is another")
    about, settings = records.restored(About, told), read_settings(stored)
    marks = {name: stored.tensor(tensor) for name, tensor in MARKS.items()}
    check_marks(marks)
    config, counts = settings.config, stored.counts
    if about.continued and (np.diff(counts) > 0).any():
        raise ValueError("its counts do not fall")
    place = _place(stored, about, config)
    place.history = settings.history
    if [epoch.epoch for epoch in place.history] != list(range(1, place.epoch + 1)):
        raise ValueError("its history is not that of the epochs before")
    return Checkpoint(
        stored,
        config,
        place,
        about.division,
        _seen(about.seen),
        marks,
        about.fingerprint,
        _origin(about.corpus),
        about.continued,
        _frozen(stored),
        about.notes,
        _evaluation(about.evaluation),
    )


def _place(stored: StoredModel, about: About, config: TrainConfig) -> Place:
    """Return where training stood; how long the text is, nobody knows yet."""
    progress, totals = stored.tensor("progress"), stored.tensor("totals")
    if progress.dtype != np.int64 or progress.shape != (2,):
        raise ValueError("its progress is no epoch and position")
    epoch, position = progress.tolist()
    if not 0 <= epoch <= config.passes or position < 0 or (epoch == config.passes and position):
        raise ValueError(f"it cannot stand at token {position} of epoch {epoch + 1}")
    generator = stored.tensor("generator")
    if generator.dtype != np.uint64 or generator.tolist() != [stream_key(config.seed, epoch)]:
        raise ValueError("its random numbers are others")
    if totals.dtype != np.float64 or totals.shape != (TOTALS_SIZE,):
        raise ValueError(f"its sums have the shape {totals.shape}")
    if not ((totals >= 0) & (totals <= _LARGEST_SUM)).all():
        raise ValueError("its sums are those of no training")
    if not 0 <= about.seconds_before <= about.seconds <= _LONGEST_TIME:
        raise ValueError("its seconds are those of no training")
    return Place(epoch, position, totals, [], about.seconds, about.seconds_before)


def _frozen(stored: StoredModel) -> NDArray[np.int64]:
    frozen = stored.tensor("frozen")
    if frozen.dtype != np.int64 or frozen.ndim != 1 or (np.diff(frozen) <= 0).any():
        raise ValueError("its frozen rows are no rows")
    if len(frozen) and (frozen[0] < 0 or frozen[-1] >= len(stored.words)):
        raise ValueError("its frozen rows are not there")
    return frozen


def _seen(told: Mapping[str, Any]) -> Seen:
    seen = records.restored(Seen, told)
    if not seen.longest > 0:
        raise ValueError("no row could be as short as it says")
    return seen


def _origin(told: Mapping[str, Any] | None) -> Origin | None:
    if told is None:
        return None
    origin = records.restored(Origin, told)
    if not origin.sources or any(name in ("", "-") or "\0" in name for name in origin.sources):
        raise ValueError("its corpus is no file")
    return origin


def _evaluation(told: Mapping[str, Any]) -> Evaluation:
    evaluation = records.restored(Evaluation, told)
    if evaluation.vectors is not None and not _DIGEST.fullmatch(evaluation.vectors):
        raise ValueError("its best vectors are in no file")
    if (evaluation.best is None) != (evaluation.vectors is None):
        raise ValueError("its best score is that of no vectors")
    return evaluation
