"""Checkpoints: the full model and the place reached, so that a training that was killed goes on."""

import contextlib
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import ConfigError, FormatError, W2VError
from w2v.files import try_writing
from w2v.formats import full_model
from w2v.kernels.rng import stream_key
from w2v.kernels.scratch import PLACES
from w2v.text.corpus import Origin
from w2v.training.callbacks import Training
from w2v.training.evaluating import Evaluator
from w2v.training.events import Checkpointed, OnEvent, Progress
from w2v.training.model import Model, restored
from w2v.training.reading import ReadText
from w2v.training.standing import Place

BEST = "best.safetensors"  # the vectors that early stopping has found best
KEPT = 2  # checkpoints: the one before the newest is there should that be damaged
_NAME = re.compile(r"checkpoint-(\d{6,})\.safetensors")


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """One checkpoint: the model, where its training stood, and what it was trained on.

    fingerprint: of the encoded corpus. corpus: how `open_corpus` found it, or None. continued:
    whether the counts are also those of an earlier corpus. frozen: rows that stay as they are.
    notes: what the caller wanted to find again. evaluation: the evaluator's state. passed_over:
    sentences about newer checkpoints that are damaged.
    """

    path: Path
    model: Model
    place: Place
    fingerprint: str
    corpus: dict[str, Any] | None
    continued: bool
    frozen: NDArray[np.int64]
    notes: dict[str, Any]
    evaluation: dict[str, Any]
    passed_over: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Checkpoint({str(self.path)!r}, epoch={self.place.epoch + 1}, model={self.model})"


class Checkpoints:
    """A callback that writes a checkpoint every so many seconds and keeps the last two."""

    def __init__(self, directory: str | os.PathLike[str], every: float, tell: OnEvent) -> None:
        """Make the directory, if need be.

        Parameters: `every`, seconds between checkpoints, 0 for one after every chunk; `tell`,
        called with each Checkpointed.

        Raises ConfigError for a bad time, W2VError where the directory cannot be made.
        """
        if not every >= 0:
            raise ConfigError(f"checkpoint_every must be 0 seconds or more, not {every!r}.")
        self.directory = Path(directory)
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise W2VError(
                f"Cannot make the directory {self.directory} for checkpoints: {error.strerror};"
                " name another one."
            ) from error
        try_writing(self.directory / BEST)
        self._every, self._tell = every, tell
        self._last = time.monotonic()
        self._about: dict[str, Any] = {}
        self._kept: list[Path] = []

    def begin(
        self,
        text: ReadText,
        origin: Origin | None,
        notes: Mapping[str, Any],
        evaluator: Evaluator,
        resumed: Path | None,
    ) -> None:
        """Take what each checkpoint says about the training; the time starts to count.

        `resumed`: the checkpoint that it goes on from, which counts as one to keep.
        """
        self._kept = [] if resumed is None else [resumed]
        self._about = {
            "fingerprint": text.fingerprint,
            "corpus": None if origin is None else asdict(origin),
            "continued": text.vocabulary.earlier_tokens > 0,
            "notes": dict(notes),
        }
        self._evaluator, self._saved_best = evaluator, evaluator.best
        for unfinished in self.directory.glob(".checkpoint-*.part"):  # of a process that was killed
            unfinished.unlink(missing_ok=True)
        self._last = time.monotonic()

    def __call__(self, training: Training) -> None:
        """Write a checkpoint after a chunk if it is time.

        Not where an evaluation has still to come: whoever went on from there would leave it out.
        """
        if isinstance(training.event, Progress) and time.monotonic() >= self._last + self._every:
            training.place()
            if not training.trainer.pauses_here:
                self.write(training)

    def write(self, training: Training) -> None:
        """Write a checkpoint now; then remove all but the last two.

        Raises DivergedError where the training is not sound, W2VError where it cannot be written.
        """
        began = time.perf_counter()
        training.trainer.check_sound()
        found = _numbered(self.directory)
        number = found[-1][0] + 1 if found else 1
        path = self.directory / f"checkpoint-{number:06}.safetensors"
        self._save_best()
        full_model.write(path, self._stored(training))
        self._kept = [*self._kept, path][-KEPT:]
        if len(self._kept) == KEPT:  # before, an older one may be the only one that is whole
            for _, old in found:
                if old not in self._kept:
                    with contextlib.suppress(OSError):  # it is in nobody's way
                        old.unlink()
        self._tell(Checkpointed(str(path), training.trainer.words, time.perf_counter() - began))
        self._last = time.monotonic()

    def last_good(self) -> str:
        """Return a sentence, after a space, that names the last checkpoint; "" without any."""
        found = _numbered(self.directory)
        return f" The last good checkpoint is {found[-1][1]}." if found else ""

    def _save_best(self) -> None:
        """Keep the best vectors too, which early stopping returns."""
        best = self._evaluator.best
        if best is not None and best is not self._saved_best:
            best.save(self.directory / BEST)
            self._saved_best = best

    def _stored(self, training: Training) -> full_model.FullModel:
        model, place = training.model(), training.place()
        about = {
            **self._about,
            "seconds": place.seconds,
            "seconds_before": place.seconds_before,
            "evaluation": self._evaluator.state(),
        }
        stored = model.stored()
        stored = replace(
            stored,
            metadata={**stored.metadata, "checkpoint": json.dumps(about)},
            extra={
                "progress": np.array([place.epoch, place.position], dtype=np.int64),
                # Every draw is a function of this key and the position (kernels/rng.py).
                "generator": np.array([stream_key(model.config.seed, place.epoch)], np.uint64),
                "totals": place.totals,
                "frozen": training.trainer.frozen,
            },
        )
        return replace(stored, metadata={**stored.metadata, "digest": stored.digest()})


def is_checkpoint_name(name: str) -> bool:
    """Return whether files of this name are written, and removed, in a directory of checkpoints."""
    return name == BEST or _NAME.fullmatch(name) is not None


def is_used(directory: str | os.PathLike[str]) -> bool:
    """Return whether there are checkpoints in a directory."""
    return bool(_numbered(Path(directory)))


def read_checkpoint(directory: str | os.PathLike[str]) -> Checkpoint:
    """Read the newest checkpoint of a directory that is whole.

    Raises FormatError where there is none, with the reason for each that was passed over.
    """
    found = _numbered(Path(directory))
    passed_over: list[str] = []
    for _, path in reversed(found):
        try:
            return replace(read_checkpoint_file(path), passed_over=tuple(passed_over))
        except FormatError as error:
            passed_over.append(str(error))
    if not found:
        raise FormatError(f"{directory} holds no checkpoint to resume from; start a new training.")
    raise FormatError(f"No checkpoint in {directory} is whole: {' '.join(passed_over)}")


def _numbered(directory: Path) -> list[tuple[int, Path]]:
    """Return the checkpoints of a directory, oldest first."""
    try:
        names = [entry.name for entry in directory.iterdir()]
    except OSError as error:
        raise FormatError(
            f"Cannot read the checkpoints in {directory}: {error.strerror or error}."
        ) from error
    matches = filter(None, map(_NAME.fullmatch, names))
    return sorted((int(match[1]), directory / match[0]) for match in matches)


def read_checkpoint_file(path: Path) -> Checkpoint:
    """Read one checkpoint; FormatError where it is none, or damaged."""
    stored = full_model.read(path)
    if "checkpoint" not in stored.metadata:
        raise FormatError(f"{path} is a full model, but no checkpoint.")
    if stored.metadata.get("digest") != stored.digest():
        raise FormatError(f"{path} is damaged: its content does not fit its checksum.")
    model = restored(stored, path)
    try:
        about = json.loads(stored.metadata["checkpoint"])
        epoch, position = stored.extra["progress"].tolist()
        totals = stored.extra["totals"]
        if totals.ndim != 2 or totals.shape[1] != PLACES:
            raise ValueError(f"its sums have the shape {totals.shape}")
        place = Place(
            epoch, position, totals, model.history, about["seconds"], about["seconds_before"]
        )
        names = ("fingerprint", "corpus", "continued", "notes", "evaluation")
        told = {name: about[name] for name in names}
        return Checkpoint(path, model, place, frozen=stored.extra["frozen"], **told)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise FormatError(f"{path} is no checkpoint of this version of w2v ({error}).") from error
