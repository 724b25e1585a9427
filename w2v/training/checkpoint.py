"""A checkpoint: the full model and the place reached, so that a killed training can go on."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, ConfigError, CorpusError
from w2v.formats.full_model import StoredModel
from w2v.phrases.phrases import Phrases
from w2v.text.corpus import Corpus, InvalidUtf8, Origin, open_corpus
from w2v.training.checkpoint_names import best_path
from w2v.training.config import TrainConfig
from w2v.training.evaluating import Evaluation
from w2v.training.model import Model, load_model
from w2v.training.place import Place
from w2v.training.soundness import LossMonitorState


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """One checkpoint: the model, where its training stood, and what it was trained on.

    Attributes
    ----------
    stored : StoredModel
        The model; its matrices stay in the file.
    config : TrainConfig
    place : Place
        Where training stood.
    division : tuple of int
        The division of the text, see Engine.
    monitor_state : LossMonitorState
    loss_curves : dict of str to float64 (n, 3)
        Both as `LossMonitor.state` returned them.
    fingerprint : str
        Of the encoded corpus.
    corpus : Origin or None
        How `open_corpus` found the corpus.
    continued : bool
        Whether the counts are not those of the corpus alone: they are also a model's, or were
        given.
    frozen : int64 (frozen,)
        The rows of the input matrix that never change.
    notes : dict
        The caller's own notes.
    evaluation : Evaluation
        How training is evaluated.
    phrases : Phrases or None
        The phrases that were joined in the corpus.
    passed_over : tuple of str
        Sentences about newer checkpoints that are damaged.
    """

    stored: StoredModel
    config: TrainConfig
    place: Place
    division: tuple[int, ...]
    monitor_state: LossMonitorState
    loss_curves: dict[str, NDArray[np.float64]]
    fingerprint: str
    corpus: Origin | None
    continued: bool
    frozen: NDArray[np.int64]
    notes: dict[str, Any]
    evaluation: Evaluation
    phrases: Phrases | None
    passed_over: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return (
            f"Checkpoint({str(self.path)!r}, epoch={self.place.epoch + 1},"
            f" {len(self.stored.words)} words, vector_size={self.config.vector_size})"
        )

    @property
    def path(self) -> Path:
        """The checkpoint's file."""
        return self.stored.path

    @cached_property
    def model(self) -> Model:
        """The model, read from the file at the first access."""
        return load_model(self.path)

    def open_corpus(
        self, invalid_utf8: InvalidUtf8 | None = None, column: str | None = None
    ) -> Corpus:
        """Open the corpus again.

        Raises
        ------
        CorpusError
            If the corpus was not a file, or is not one any more.
        ConfigError
            If an argument is given and differs from that of the training.
        """
        if self.corpus is None:
            raise CorpusError(
                f"The corpus of {self.path} was standard input, a pipe, lists of words, or an"
                " address whose secrets are not kept; give it again."
            )
        for name, given in {"invalid_utf8": invalid_utf8, "column": column}.items():
            stored = getattr(self.corpus, name)
            if given not in (None, stored):
                raise ConfigError(
                    Argument(name),
                    f" was {stored!r} in the training of {self.path}, not {given!r}; leave"
                    " it out to resume, or start a new training.",
                )
        for source in map(Path, self.corpus.sources):
            if source.exists() and not (source.is_file() or source.is_dir()):
                raise CorpusError(
                    f"{self.path} names {source} as its corpus, which is neither a file nor a"
                    " directory; give the corpus."
                )
        return open_corpus(
            *self.corpus.sources,
            invalid_utf8=self.corpus.invalid_utf8,
            column=self.corpus.column,
        )

    def read_best(self, digest: str) -> Model:
        """Read the best model so far: the file of this digest beside the checkpoint."""
        return load_model(best_path(self.path.parent, digest))


class ResumedFrom(NamedTuple):
    """What a resumed training came from: a file, and the digest of its best model, if any."""

    path: Path
    best: str | None
