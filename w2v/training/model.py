"""A trained model: its vectors, and everything that further training needs."""

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
from w2v.phrases.phrases import Phrases
from w2v.tables import html_table, number
from w2v.training.config import TrainConfig
from w2v.training.events import EpochEnded, Summary
from w2v.training.history import History
from w2v.training.stored_phrases import phrase_tensors, stored_phrases
from w2v.vectors.keyed_vectors import KeyedVectors

FULL_MODEL_SUFFIX = ".safetensors"


@dataclass(frozen=True, eq=False)
class Model:
    """The result of training.

    Models are compared by identity, as vectors are: a model equals only itself.

    Attributes
    ----------
    vectors : KeyedVectors
        The word vectors, with the words' counts.
    output : float32 (V, d) or (2 V, d)
        The output vectors: those of the words in negative sampling; those of the V − 1 inner
        nodes, and one unused row, in hierarchical softmax; first the words' and then the nodes'
        with both.
    config : TrainConfig
        The settings it was trained with.
    history : History
        A list with an EpochEnded for each epoch.
    summary : Summary
        The whole run.
    phrases : Phrases or None
        The phrases that were joined in its text: `phrases.join` joins them in a sentence. Further
        training joins them too. None where none were looked for.
    """

    vectors: KeyedVectors
    output: NDArray[np.float32]
    config: TrainConfig
    history: History
    summary: Summary
    phrases: Phrases | None = None

    def __repr__(self) -> str:
        config, summary = self.config, self.summary
        return (
            f"Model({len(self.vectors)} words, vector_size={config.vector_size},"
            f" {config.architecture}, {config.loss}, epochs={config.epochs},"
            f" loss={number(summary.loss)})"
        )

    def _repr_html_(self) -> str:
        """Return a table of the main settings and the figures of training, for notebooks."""
        config = self.config
        rows = [
            ("architecture", config.architecture),
            ("loss function", config.loss),
            ("vector size", f"{config.vector_size:,}"),
            ("window", f"{config.window:,}"),
            *self.summary.figures(),
        ]
        return html_table("Model", rows)

    def words_of(self, text: str) -> list[str]:
        """Return the words of a text as training finds and writes them, with phrases joined.

        Parameters
        ----------
        text : str
            The text. Phrases of the model are joined within its lines.

        Returns
        -------
        list of str
            The words in order, those that the model has no vectors for among them.

        Raises
        ------
        ConfigError
            The text is not a string, or holds a NUL character or a lone surrogate.
        """
        from w2v.text.words import words_in  # noqa: PLC0415  (it needs Numba)

        form = self.config.word_form
        if self.phrases is None or not isinstance(text, str):
            return words_in(text, form)
        lines = text.replace("\r", "\n").split("\n")
        return [word for line in lines for word in self.phrases.join(words_in(line, form))]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the full model as safetensors, atomically; `w2v.load_model` reads it.

        Parameters
        ----------
        path : path-like
            The file; its name ends in .safetensors or has no suffix.

        Raises
        ------
        ConfigError
            The name has another suffix.
        W2VError
            The file cannot be written.
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
        """Return the content of this model's file."""
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
            extra=phrase_tensors(self.phrases),
        )


def load_model(path: str | os.PathLike[str]) -> Model:
    """Read a full model that `Model.save` wrote.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    Model
        The model.

    Raises
    ------
    FormatError
        The file is missing, damaged or of another format.
    """
    stored = open_model(checked_path("path", path))
    settings = read_settings(stored)
    vectors = KeyedVectors(stored.words, stored.matrix("vectors"), stored.counts, distinct=True)
    vectors.form = settings.config.word_form
    return Model(
        vectors,
        stored.matrix("output"),
        settings.config,
        History(settings.history),
        settings.summary,
        stored_phrases(stored),
    )


def open_model(path: Path) -> full_model.StoredModel:
    """Read a full model without its matrices; raise FormatError as `load_model` does."""
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
    """The content of a model's file, except the words and the matrices."""

    config: TrainConfig
    history: list[EpochEnded]
    summary: Summary


def read_settings(stored: full_model.StoredModel) -> Settings:
    """Return the settings in a file; raise FormatError where they are missing or impossible."""
    try:
        names = ("config", "history", "summary")
        found = {name: json.loads(stored.metadata[name]) for name in names}
        config = TrainConfig(**found["config"])
        _check_config(config, stored)
        if not isinstance(found["history"], list):
            raise ValueError("its history is not a list")
        history = [EpochEnded.restored(epoch) for epoch in found["history"]]
        return Settings(config, history, Summary.restored(found["summary"]))
    except (KeyError, TypeError, ValueError, RecursionError) as error:  # RecursionError: of JSON
        raise FormatError(
            f"{stored.path} is not a full model of w2v: its settings cannot be read ({error})."
        ) from error


def _check_config(config: TrainConfig, stored: full_model.StoredModel) -> None:
    """Raise ValueError for settings that no trained model has."""
    if config.vector_size != stored.vector_size:
        raise ValueError(f"vector_size {config.vector_size} is not that of its vectors")
    if len(stored.words) * config.outputs_per_word != stored.output_size:
        raise ValueError(f"its output matrix is not one of the loss {config.loss}")
    for name in ("epochs", "sample", "min_alpha"):  # None before a text is known
        if getattr(config, name) is None:
            raise ValueError(f"{name} is not known")
    if stored.counts.min(initial=1) < 1 or float(stored.counts.sum(dtype=np.float64)) > 2.0**62:
        raise ValueError("the count of a word is 0, or beyond all texts")
