"""The arguments of `w2v.train`, checked by themselves, without reading a file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from w2v.arguments import (
    LEFT_OUT,
    checked_directory,
    checked_flag,
    checked_functions,
    checked_number,
    checked_paths,
    checked_seconds,
    not_allowed,
    shown,
)
from w2v.errors import Argument, ConfigError
from w2v.machine import available_cores
from w2v.text.corpus import CorpusLike, InvalidUtf8
from w2v.training.callbacks import Callback
from w2v.training.checkpointing import check_notes
from w2v.training.cluster.connecting import is_cluster_object, name_of
from w2v.training.config import TrainConfig
from w2v.training.events import Event, OnEvent
from w2v.training.model import Model
from w2v.training.notebook import NotebookProgress, in_notebook
from w2v.training.progress import ProgressLines
from w2v.training.without_effect import check_effects, joined, not_defaults
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.vectors_like import VectorsLike

PathLike = str | os.PathLike[str]

_CHECKPOINT_SECONDS = 60.0


@dataclass(frozen=True)
class Request:
    """The arguments of a call of `w2v.train`, checked, each with a single type.

    Attributes
    ----------
    settings : dict of str to object
        The settings that were given, by name.
    given : dict of str to object
        All arguments that differ from their defaults, by name.
    cluster : str, Client, Cluster or None
        The cluster that trains.
    emit : callable
        Called with every event.
    """

    corpus: CorpusLike | None
    settings: dict[str, Any]
    given: dict[str, Any]
    emit: OnEvent
    cluster: Any
    vocabulary: PathLike | Mapping[str, int] | None
    invalid_utf8: InvalidUtf8 | None
    column: str | None
    callbacks: Sequence[Callback]
    evaluate: list[Path]
    evaluate_every: float | None
    early_stop: str | None
    checkpoint: Path | None
    checkpoint_every: float
    resume: Path | None
    continue_from: PathLike | Model | None
    new_words: bool
    init_from: PathLike | KeyedVectors | VectorsLike | None
    freeze: bool
    notes: Mapping[str, Any]

    @property
    def threads(self) -> int:
        """The threads of a cluster that is started for the training; 0 without one."""
        if self.cluster is None:
            return 0
        workers = self.settings.get("workers")
        if workers is None:
            return available_cores()
        threads: int = TrainConfig.settings()["workers"].checked("workers", workers, None)
        return threads

    @classmethod
    def checked(
        cls,
        *,
        corpus: CorpusLike | None,
        config: TrainConfig | None,
        vocabulary: PathLike | Mapping[str, int] | None,
        invalid_utf8: InvalidUtf8 | None,
        column: str | None,
        on_event: OnEvent | None,
        callbacks: Callback | Sequence[Callback],
        evaluate: PathLike | Sequence[PathLike],
        evaluate_every: float | None,
        early_stop: str | None,
        checkpoint: PathLike | None,
        checkpoint_every: float | str | None,
        resume: PathLike | None,
        continue_from: PathLike | Model | None,
        new_words: bool,
        init_from: PathLike | KeyedVectors | VectorsLike | None,
        freeze: bool,
        notes: Mapping[str, Any] | None,
        progress: bool,
        **settings: Any,
    ) -> Request:
        """Check the arguments of `w2v.train`; settings that were not given are LEFT_OUT.

        Raises
        ------
        ConfigError
            An argument is of a wrong kind, out of range or without effect.
        """
        settings, cluster = _cluster(_given_settings(config, settings))
        paths = checked_paths("evaluate", evaluate)
        functions = checked_functions("callbacks", callbacks)
        checkpoint, resume = _directory("checkpoint", checkpoint), _directory("resume", resume)
        check_notes({} if notes is None else notes)
        given = not_defaults(
            callbacks=functions, evaluate=paths, evaluate_every=evaluate_every,
            checkpoint=checkpoint, checkpoint_every=checkpoint_every, resume=resume,
            continue_from=continue_from, new_words=new_words, init_from=init_from, freeze=freeze,
            vocabulary=vocabulary, notes=notes or None, **settings,
        )  # fmt: skip
        check_effects(given, None)
        _check_one_initial(resume=resume, continue_from=continue_from, init_from=init_from)
        emit = _emitter(on_event, progress)
        every = _CHECKPOINT_SECONDS if checkpoint_every is None else checkpoint_every
        if evaluate_every is not None:
            evaluate_every = checked_number(
                "evaluate_every", evaluate_every, 0, 1_000_000, above=True
            )
        return cls(
            corpus=corpus, settings=settings, given=given, emit=emit, cluster=cluster,
            vocabulary=vocabulary,
            invalid_utf8=invalid_utf8, column=column,
            callbacks=functions, evaluate=paths, evaluate_every=evaluate_every,
            early_stop=early_stop, checkpoint=checkpoint,
            checkpoint_every=checked_seconds("checkpoint_every", every), resume=resume,
            continue_from=continue_from, new_words=checked_flag("new_words", new_words),
            init_from=init_from, freeze=checked_flag("freeze", freeze), notes=notes or {},
        )  # fmt: skip


def _given_settings(config: TrainConfig | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that were given, by name: those in `config`, replaced by single ones."""
    named = {name: value for name, value in settings.items() if value is not LEFT_OUT}
    if config is None:
        return named
    if not isinstance(config, TrainConfig):
        raise ConfigError(
            Argument("config"),
            f" must be a w2v.TrainConfig, not {shown(config)}; settings by name are given as in"
            " train(corpus, vector_size=100).",
        )
    return config.changed(named)


def _cluster(settings: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Return the settings with the cluster's name, and the cluster: its name or Dask's object."""
    cluster = settings.get("cluster")
    if cluster is None:
        return settings, None
    if settings.get("device", "cpu") not in ("cpu", "auto"):
        raise ConfigError(
            Argument("device", settings["device"]), " has no effect with ", Argument("cluster"),
            ", which trains on processors; leave one of them out.",
        )  # fmt: skip
    if is_cluster_object(cluster):
        return {**settings, "cluster": name_of(cluster)}, cluster
    return settings, TrainConfig.settings()["cluster"].checked("cluster", cluster, None)


def _directory(name: str, value: PathLike | None) -> Path | None:
    return None if value is None else checked_directory(name, value)


def _check_one_initial(**arguments: object) -> None:
    """Raise ConfigError where more than one start of training was given."""
    given = [Argument(name) for name, value in arguments.items() if value is not None]
    if len(given) > 1:
        names = joined(given, " and ")
        raise ConfigError("Training cannot start from ", names, " at once; give one of them.")


def _emitter(on_event: OnEvent | None, progress: bool) -> OnEvent:
    """Return a function that passes each event to the display of progress and to the caller."""
    listeners: list[OnEvent] = []
    if checked_flag("progress", progress):
        listeners.append(NotebookProgress().show if in_notebook() else ProgressLines().show)
    if on_event is not None:
        if not callable(on_event):
            raise not_allowed("on_event", "a function", on_event)
        listeners.append(on_event)

    def emit(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return emit
