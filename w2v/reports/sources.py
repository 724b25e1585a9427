"""What a report is made from: logs, models or events, and the vectors that belong to them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from w2v.arguments import checked_path, not_allowed
from w2v.errors import Argument, ConfigError
from w2v.reports.log_file import read_log
from w2v.reports.runs import Training, collect
from w2v.training.events import Event
from w2v.training.model import FULL_MODEL_SUFFIX, Model, load_model
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.vectors_like import as_vectors

_ALLOWED = "the name of a log, a Model, or a list of events"


@dataclass(frozen=True)
class Subject:
    """A training, and its vectors where they are known."""

    training: Training
    vectors: KeyedVectors | None


def open_subjects(runs: object, vectors: object) -> list[Subject]:
    """Read what a report is about.

    Parameters
    ----------
    runs : path-like, Model, list of events, or list of these
        The trainings.
    vectors : path-like, KeyedVectors, list of these, or None
        The vectors of each training, in the same order; None for none.

    Raises
    ------
    ConfigError
        An argument is of another kind, or there are not as many vectors as trainings.
    FormatError
        A log or a file of vectors cannot be read.
    """
    given = [runs] if _is_events(runs) else _listed(runs)
    if not given:
        raise not_allowed("runs", f"{_ALLOWED}, or a list of these", runs)
    found = list(map(_open, given))
    chosen = _for_each(vectors, len(found))
    names = apart([name for name, _, _ in found], given)
    subjects = []
    for name, (_, training, model), own in zip(names, found, chosen, strict=True):
        training.name = name
        held = None if model is None else model.vectors
        subjects.append(Subject(training, held if own is None else as_vectors("vectors", own)))
    return subjects


def files_read(runs: object, vectors: object) -> list[Path]:
    """Return the files among the arguments of `open_subjects`."""
    given = [*_listed(runs), *_listed(vectors)]
    return [Path(each) for each in given if isinstance(each, (str, os.PathLike))]


def _listed(given: object) -> list[object]:
    return list(given) if isinstance(given, (list, tuple)) else [given]


def _for_each(vectors: object, number: int) -> list[object]:
    """Return the vectors of each training, None where there are none."""
    given: list[object] = [None] * number if vectors is None else _listed(vectors)
    if len(given) != number:
        raise ConfigError(
            Argument("vectors"),
            f" must be as many as the trainings, {number}, in the same order, not {len(given)};"
            " leave them out for a report without neighbours.",
        )
    return given


def _is_events(given: object) -> TypeGuard[Sequence[Event | Mapping[str, Any]]]:
    is_list = isinstance(given, (list, tuple)) and len(given) > 0
    return is_list and all(isinstance(each, (Event, Mapping)) for each in _listed(given))


def _open(given: object) -> tuple[str, Training, Model | None]:
    """Return a name, the training, and the model if there is one."""
    if isinstance(given, Model):
        return "training", _of_model(given), given
    if _is_events(given):
        events = [each.as_dict() if isinstance(each, Event) else each for each in given]
        return "training", collect("", events), None
    path = checked_path("runs", given, "a Model, a list of events, or ")
    if path.suffix.lower() == FULL_MODEL_SUFFIX:
        model = load_model(path)
        return path.stem, _of_model(model), model
    lines, notes = read_log(path)
    return path.name.partition(".")[0] or path.name, collect("", lines, notes), None


def _of_model(model: Model) -> Training:
    """Return the training of a model, which remembers its epochs and its end."""
    events = [*model.history, model.summary]
    return collect("", [event.as_dict() for event in events])


def apart(names: list[str], given: Sequence[object]) -> list[str]:
    """Return names that differ: with their directories, or with numbers."""
    if len(set(names)) < len(names):
        names = [
            os.fspath(each) if isinstance(each, (str, os.PathLike)) else name
            for name, each in zip(names, given, strict=True)
        ]
    return [
        f"{name} ({names[:place].count(name) + 1})" if names.count(name) > 1 else name
        for place, name in enumerate(names)
    ]
