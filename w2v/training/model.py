"""A trained model: its vectors, and all that further training or inspection needs."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import checked_path
from w2v.errors import ConfigError, FormatError
from w2v.formats import full_model
from w2v.formats.detect import detect
from w2v.training.config import TrainConfig
from w2v.training.events import EpochEnded, Summary
from w2v.vectors.keyed_vectors import KeyedVectors

FULL_MODEL_SUFFIX = ".safetensors"


@dataclass(frozen=True, eq=False)
class Model:
    """What training made.

    Models are compared by identity, as vectors are: `==` is true of a model and itself alone.

    vectors: the word vectors, with the words' counts.
    output: float32 (V, d), the output vectors: of words in negative sampling, of the V − 1 inner
        nodes (and one unused row) in hierarchical softmax.
    config: the settings it was trained with.
    history: one entry an epoch.
    summary: the whole run.
    """

    vectors: KeyedVectors
    output: NDArray[np.float32]
    config: TrainConfig
    history: list[EpochEnded]
    summary: Summary

    def __repr__(self) -> str:
        config, summary = self.config, self.summary
        return (
            f"Model({len(self.vectors)} words, vector_size={config.vector_size},"
            f" {config.architecture}, {config.loss}, epochs={config.epochs},"
            f" loss={summary.loss:.4g})"
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the full model as safetensors, atomically; `w2v.load_model` reads it.

        path: ends in .safetensors, or has no end.

        Raises ConfigError for a name with another end, W2VError where the file cannot be written.
        """
        target = checked_path("path", path)
        if target.suffix.lower() not in ("", FULL_MODEL_SUFFIX):
            raise ConfigError(
                f"Cannot write {target}: a full model is not written as {target.suffix}; name it"
                f" {target.stem}{FULL_MODEL_SUFFIX}, or write its vectors alone, with"
                " vectors.save of the model."
            )
        full_model.write(target, self.stored())

    def stored(self) -> full_model.FullModel:
        """Return what the file of this model holds."""
        counts = self.vectors.counts
        assert counts is not None
        return full_model.FullModel(
            words=self.vectors.index_to_key,
            counts=counts,
            vectors=self.vectors.vectors,
            output=self.output,
            metadata={
                "config": json.dumps(self.config.as_dict()),
                "history": json.dumps([epoch.stored() for epoch in self.history]),
                "summary": json.dumps(self.summary.stored()),
            },
        )


def load_model(path: str | os.PathLike[str]) -> Model:
    """Read a full model that `Model.save` wrote.

    Raises FormatError where the file is missing, damaged or of another format.
    """
    stored = open_model(checked_path("path", path))
    settings = read_settings(stored)
    return Model(
        KeyedVectors(stored.words, stored.matrix("vectors"), stored.counts, distinct=True),
        stored.matrix("output"),
        settings.config,
        settings.history,
        settings.summary,
    )


def open_model(path: Path) -> full_model.StoredModel:
    """Read all of a full model but its matrices.

    Raises FormatError as `load_model` does; of a file of another kind it says which.
    """
    try:
        return full_model.open_stored(path)
    except FormatError:
        if path.is_file() and detect(path).name != "safetensors":
            raise FormatError(
                f"{path} holds word vectors alone, without the output vectors and settings of a"
                " full model; ",
                full_model.instead(path),
            ) from None
        raise


@dataclass(frozen=True)
class Settings:
    """What the file of a model says beside the words and the matrices."""

    config: TrainConfig
    history: list[EpochEnded]
    summary: Summary


def read_settings(stored: full_model.StoredModel) -> Settings:
    """Return the settings in a file; FormatError where there are none, or they cannot be."""
    try:
        names = ("config", "history", "summary")
        found = {name: json.loads(stored.metadata[name]) for name in names}
        config = TrainConfig(**found["config"])
        _check_config(config, stored)
        if not isinstance(found["history"], list):
            raise ValueError("its history is no list")
        history = [EpochEnded.restored(epoch) for epoch in found["history"]]
        return Settings(config, history, Summary.restored(found["summary"]))
    except (KeyError, TypeError, ValueError, RecursionError) as error:  # of JSON, the last
        raise FormatError(
            f"{stored.path} is no full model of w2v: its settings cannot be read ({error})."
        ) from error


def _check_config(config: TrainConfig, stored: full_model.StoredModel) -> None:
    """Raise ValueError where settings are not those of a model that was trained."""
    if config.vector_size != stored.vector_size:
        raise ValueError(f"vector_size {config.vector_size} is not that of its vectors")
    for name in ("epochs", "sample", "min_alpha"):  # None before a text is known
        if getattr(config, name) is None:
            raise ValueError(f"{name} is not known")
    if stored.counts.min(initial=1) < 1 or float(stored.counts.sum(dtype=np.float64)) > 2.0**62:
        raise ValueError("the count of a word is 0, or beyond all texts")
