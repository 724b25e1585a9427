"""A trained model: its vectors, and all that further training or inspection needs."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v.errors import ConfigError, FormatError
from w2v.formats import full_model
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
        target = Path(path)
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
    return restored(full_model.read(Path(path)), Path(path))


def restored(stored: full_model.FullModel, path: Path) -> Model:
    """Return the model that a file held; `path` is named where its settings cannot be read."""
    try:
        settings = {
            name: json.loads(stored.metadata[name]) for name in ("config", "history", "summary")
        }
        config = TrainConfig(**settings["config"])
        if config.vector_size != stored.vectors.shape[1]:
            raise ValueError(f"vector_size {config.vector_size} is not that of its vectors")
        return Model(
            vectors=KeyedVectors(stored.words, stored.vectors, stored.counts),
            output=stored.output,
            config=config,
            history=[EpochEnded.restored(epoch) for epoch in settings["history"]],
            summary=Summary.restored(settings["summary"]),
        )
    except (KeyError, TypeError, ValueError, RecursionError) as error:  # of JSON, the last
        raise FormatError(
            f"{path} is no full model of w2v: its settings cannot be read ({error})."
        ) from error
