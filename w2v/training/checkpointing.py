"""Write checkpoints while a training goes on."""

import contextlib
import json
import os
import reprlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from w2v.errors import Argument, ConfigError, W2VError
from w2v.files import try_writing
from w2v.formats import full_model
from w2v.kernels.rng import stream_key
from w2v.places import is_same_file
from w2v.text.corpus import Origin
from w2v.training import records
from w2v.training.callbacks import Training
from w2v.training.checkpoint import ResumedFrom
from w2v.training.checkpoint_names import (
    BEST,
    best_path,
    check_used,
    is_checkpoint_name,
    numbered,
)
from w2v.training.checkpoint_reading import LOSS_CURVES, VERSION
from w2v.training.evaluating import Evaluator
from w2v.training.events import Checkpointed, OnEvent, Progress
from w2v.training.lock import Lock
from w2v.training.model import Model
from w2v.training.prepare import PreparedText

CHECKPOINTS_KEPT = 2  # the newest, and the one before in case the newest is damaged
_MOST_NOTES = 1 << 20  # characters of JSON


@contextlib.contextmanager
def checkpoints_in(
    directory: Path | None, resume: Path | None, every: float, report: OnEvent
) -> Iterator["Checkpoints | None"]:
    """Yield the writer of checkpoints; its directory is locked for other trainings.

    Parameters
    ----------
    directory : Path or None
        Where to write them; by default where the training is resumed from.
    resume : Path or None
        A directory to resume from.
    every, report
        As for `Checkpoints`.

    Yields
    ------
    Checkpoints or None
        None where there is no directory.

    Raises
    ------
    ConfigError
        The directory holds checkpoints of another training.
    FormatError
        There is no checkpoint to resume from.
    """
    if resume is not None:
        check_used(resume)
    directory = resume if directory is None else directory
    if directory is None:
        yield None
        return
    with contextlib.closing(Checkpoints(directory, every, report)) as checkpoints:
        is_resumed = resume is not None and is_same_file(directory, resume)
        if numbered(directory) and not is_resumed:
            raise ConfigError(
                f"{directory} already holds the checkpoints of a training: to go on with that,"
                " give ",
                Argument("resume", str(directory)),
                "; to begin a new one, name another directory.",
            )
        yield checkpoints


class Checkpoints:
    """A callback that writes a checkpoint every so many seconds and keeps the last two.

    Parameters
    ----------
    directory : path
        Made if need be. Other trainings cannot write there until `close`.
    every : float
        Seconds between checkpoints; 0 writes one after every chunk.
    report : callable
        Called with each Checkpointed.

    Raises
    ------
    W2VError
        If the directory cannot be made, or another training writes there.
    """

    def __init__(self, directory: str | os.PathLike[str], every: float, report: OnEvent) -> None:
        """Make the directory and lock it."""
        self.directory = Path(directory)
        self._is_new = not self.directory.exists()
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise W2VError(
                f"Cannot make the directory {self.directory} for checkpoints: {error.strerror};"
                " name another one."
            ) from error
        try_writing(self.directory / "checkpoint")
        self._lock = Lock(self.directory)
        self._every, self._report = every, report
        self._last = time.monotonic()
        self._header: dict[str, Any] = {}
        self._kept: list[tuple[Path, str | None]] = []  # each with the digest of its best model
        self._best: Model | None = None  # the best model that was written last
        self._digest: str | None = None  # its digest

    def close(self) -> None:
        """Unlock the directory, and remove it if it is new and empty."""
        self._lock.close()
        if self._is_new:
            with contextlib.suppress(OSError):
                self.directory.rmdir()

    def begin(
        self,
        text: PreparedText,
        origin: Origin | None,
        notes: Mapping[str, Any],
        evaluator: Evaluator,
        resumed: ResumedFrom | None,
    ) -> None:
        """Take over the facts that each checkpoint states, and start to count the time.

        Parameters
        ----------
        text : PreparedText
        origin : Origin or None
            Where the corpus was found.
        notes : mapping
            The caller's own notes.
        evaluator : Evaluator
        resumed : ResumedFrom or None
            The checkpoint that the training goes on from. It counts as one to keep.
        """
        self._header = {
            "version": VERSION,
            "fingerprint": text.fingerprint,
            "corpus": None if origin is None else asdict(origin),
            "continued": text.vocabulary.is_given,
            "notes": dict(notes),
        }
        self._evaluator = evaluator
        if resumed is not None:
            self._kept = [(resumed.path, resumed.best)]
            if resumed.best is not None and best_path(self.directory, resumed.best).exists():
                self._best, self._digest = evaluator.best, resumed.best
        for kind in ("checkpoint-*", "best"):  # of a process that was killed
            for unfinished in self.directory.glob(f".{kind}.part"):
                unfinished.unlink(missing_ok=True)
        self._last = time.monotonic()

    def __call__(self, training: Training) -> None:
        """Write a checkpoint after a chunk if it is time.

        None is written where an evaluation has still to come: a resumed training would leave it
        out.
        """
        if isinstance(training.event, Progress) and time.monotonic() >= self._last + self._every:
            training.place()
            if not training.trainer.pauses_here:
                self.write(training)

    def write(self, training: Training) -> None:
        """Write a checkpoint now; then remove all but the last two.

        Raises
        ------
        DivergedError
            If the training is not sound.
        W2VError
            If the checkpoint cannot be written.
        """
        began = time.perf_counter()
        training.trainer.check_sound()
        found = numbered(self.directory)
        number = found[-1][0] + 1 if found else 1
        path = self.directory / f"checkpoint-{number:06}.safetensors"
        self._save_best()
        full_model.write_with_digest(path, self._stored(training))
        self._kept = [*self._kept, (path, self._digest)][-CHECKPOINTS_KEPT:]
        # Until two are written, an older one may be the only one that is whole.
        if len(self._kept) == CHECKPOINTS_KEPT:
            self._remove_others([old for _, old in found])
        self._report(Checkpointed(str(path), training.trainer.words, time.perf_counter() - began))
        self._last = time.monotonic()

    def last_good(self) -> str:
        """Return a sentence, after a space, that names the last checkpoint; "" if there is none."""
        return f" The last good checkpoint is {self._kept[-1][0]}." if self._kept else ""

    def _save_best(self) -> None:
        """Keep the best model for early stopping too, in a file named by its digest."""
        best = self._evaluator.best
        if best is None:
            self._best = self._digest = None
        elif best is not self._best:
            unnamed = self.directory / ".best.part"
            digest = full_model.write_with_digest(unnamed, best.stored())
            unnamed.replace(best_path(self.directory, digest))
            self._best, self._digest = best, digest

    def _remove_others(self, found: list[Path]) -> None:
        """Remove all checkpoints but those to keep, and the best models that only they had."""
        kept = {path for path, _ in self._kept}
        kept |= {best_path(self.directory, best) for _, best in self._kept if best is not None}
        for old in [*found, *self.directory.glob(BEST)]:
            if old not in kept and is_checkpoint_name(old.name):
                with contextlib.suppress(OSError):  # a file left behind does no harm
                    old.unlink()

    def _stored(self, training: Training) -> full_model.FullModel:
        model, place = training.as_it_is(), training.place()
        state, curves = training.trainer.monitor.state()
        header = {
            **self._header,
            "division": training.trainer.engine.division,
            "seconds": place.seconds,
            "seconds_before": place.seconds_before,
            "seen": records.stored(state),
            "evaluation": records.stored(self._evaluator.evaluation(self._digest)),
        }
        stored = model.stored()
        return replace(
            stored,
            metadata={**stored.metadata, "checkpoint": json.dumps(header)},
            extra={
                **stored.extra,
                "progress": np.array([place.epoch, place.position], dtype=np.int64),
                # Every draw is a function of this key and the position (kernels/rng.py).
                "generator": np.array([stream_key(model.config.seed, place.epoch)], np.uint64),
                "totals": place.totals,
                "frozen": training.trainer.frozen,
                **{LOSS_CURVES[name]: found for name, found in curves.items()},
            },
        )


def check_notes(notes: object) -> None:
    """Raise ConfigError unless a checkpoint can hold these notes and return them unchanged."""
    name = Argument("notes")
    wanted = " must be a dict of strings, numbers, lists and dicts, with strings as keys"
    try:
        text = json.dumps(notes, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(name, f"{wanted} ({error}).") from error
    if not isinstance(notes, Mapping) or not _has_names(notes):
        raise ConfigError(name, f"{wanted}, not {reprlib.repr(notes)}.")
    if len(text) > _MOST_NOTES:
        raise ConfigError(
            name,
            f" must have at most {_MOST_NOTES:,} characters of JSON, not {len(text):,}; keep long"
            " notes in a file.",
        )


def _has_names(value: object) -> bool:
    """Return whether all keys in a value are strings; JSON turns other keys into strings."""
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _has_names(item) for key, item in value.items())
    return not isinstance(value, (list, tuple)) or all(map(_has_names, value))
