"""The running training as callbacks see it: they may look, save and stop."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from w2v.errors import W2VError, restored_error
from w2v.formats.writing import format_by_name, written_files
from w2v.phrases.phrases import Phrases
from w2v.places import NamedFile, check_apart
from w2v.remote.addresses import located
from w2v.text.vocabulary import Vocabulary
from w2v.training.events import Event, Progress, Summary
from w2v.training.history import History
from w2v.training.ledger import Ledger
from w2v.training.model import Model
from w2v.training.output import save
from w2v.training.place import Place
from w2v.training.trainer import Trainer
from w2v.vectors.keyed_vectors import KeyedVectors


class TrainingError(W2VError):
    """Training ended early; `model` is the model so far."""

    def __init__(self, message: str, model: Model) -> None:
        super().__init__(message)
        self.model = model


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C ended the training; `model` is the model so far.

    It is a KeyboardInterrupt, and is caught as one.
    """

    def __init__(self, message: str, model: Model) -> None:
        super().__init__(message)
        self.model = model

    def __reduce__(self) -> tuple[Any, ...]:
        return restored_error, (type(self), self.args, self.__dict__)


class Training:
    """A training between two chunks, as `w2v.train` passes it to callbacks.

    Other chunks may be running: `model`, `vectors`, `save` and `place` wait until they end, and
    training continues when the callback returns. Which chunks are trained by then depends on the
    machine, except after each epoch and where `paused` is True.

    Attributes
    ----------
    event : Event
        The last event: a Progress after each chunk, an EpochEnded after each epoch.
    done : float
        Share of all the work that has been reported, 0 to 1.
    """

    def __init__(
        self,
        trainer: Trainer,
        vocabulary: Vocabulary,
        ledger: Ledger,
        files: Sequence[NamedFile] = (),
        phrases: Phrases | None = None,
    ) -> None:
        """Take a trainer, its text and the phrases in it; `save` never overwrites `files`."""
        self.event: Event | None = None
        self.done = 0.0
        self.compile_seconds = 0.0
        self.scores: dict[str, float | None] = {}
        self.trainer = trainer
        self._vocabulary, self._ledger, self._files = vocabulary, ledger, files
        self._phrases = phrases
        self._final: Model | None = None

    def __repr__(self) -> str:
        return f"Training({100 * self.done:.1f} % done)"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "A Training is a training under way, which can be neither pickled nor copied; take its"
            " model instead: training.model()."
        )

    def see(self, event: Event) -> None:
        """Remember an event."""
        self.event = event
        if isinstance(event, Progress):
            self.done = event.done

    @property
    def paused(self) -> bool:
        """Whether this is a place to evaluate, every `evaluate_every` million words.

        The text determines these places, so with one worker or `deterministic` the vectors are the
        same there in every run.
        """
        return self.trainer.paused

    def stop(self) -> None:
        """End the training after the running chunks; `w2v.train` returns the model then."""
        self.trainer.stopping = True

    def place(self) -> Place:
        """Return the place that training has reached."""
        return self.trainer.settle()

    def vectors(self) -> KeyedVectors:
        """Return the vectors as they are now, in the memory of the training.

        Training changes them when it continues; `model` returns copies.
        """
        return self.as_it_is().vectors

    def model(self) -> Model:
        """Return the model as it is now, with matrices of its own."""
        return self.copied()

    def copied(self, into: Model | None = None) -> Model:
        """Return a copy of the model as it is now.

        Parameters
        ----------
        into : Model, optional
            An earlier copy, whose memory is used again; it must not be used afterwards.
        """
        now = self.as_it_is()
        if into is None:
            matrices = now.vectors.vectors.copy(), now.output.copy()
        else:
            matrices = into.vectors.vectors, into.output
            np.copyto(matrices[0], now.vectors.vectors)
            np.copyto(matrices[1], now.output)
        return replace(now, vectors=self._keyed(matrices[0]), output=matrices[1])

    def final_model(
        self, best: Model | None = None, scores: Mapping[str, float | None] | None = None
    ) -> Model:
        """End the training and return its model, in the memory of the training.

        Parameters
        ----------
        best : Model, optional
            An earlier model of this training, whose matrices are returned instead.
        scores : mapping of str to float or None, optional
            The scores of that model.
        """
        now = self.as_it_is()
        if best is None:
            vectors, output = self.trainer.weights.released(self.trainer.config.vector_size)
            now = replace(now, vectors=self._keyed(vectors), output=output)
        else:
            summary = replace(now.summary, scores=dict(scores or {}))
            now = replace(now, vectors=best.vectors, output=best.output, summary=summary)
        self._final = now
        return now

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model as it is now, in the format that its name implies (see `w2v.save`).

        Parameters
        ----------
        path : path-like
            The file.

        Raises
        ------
        W2VError
            The file cannot be written, or is one that the training reads.
        """
        target = located(path)
        written = written_files(target, format_by_name(target))
        check_apart(self._files, [NamedFile(file, "the model") for file in written])
        save(self.as_it_is(), path)

    def as_it_is(self) -> Model:
        """Return the model in the memory of the training; after the end, the final model.

        Training changes it when it continues.
        """
        if self._final is not None:
            return self._final
        self.place()
        weights, size = self.trainer.weights, self.trainer.config.vector_size
        return Model(
            vectors=self._keyed(weights.input[:, :size]),
            output=weights.output[:, :size],
            config=self.trainer.config,
            history=History(self.trainer.history),
            summary=self._summary(),
            phrases=self._phrases,
        )

    def _keyed(self, matrix: NDArray[np.float32]) -> KeyedVectors:
        words, counts = self._vocabulary.words, self._vocabulary.counts
        empty = np.empty((len(words), 0), dtype=np.float32)
        vectors = KeyedVectors(words, empty, counts, distinct=True)
        vectors.vectors = matrix  # the constructor would copy a matrix with padded rows
        vectors.form = self.trainer.config.word_form
        return vectors

    def _summary(self) -> Summary:
        vocabulary, config, history = self._vocabulary, self.trainer.config, self.trainer.history
        done, seconds = self.trainer.done, self.trainer.seconds
        words = vocabulary.corpus_words * config.passes * done
        return Summary(
            tokens=vocabulary.tokens,
            corpus_words=vocabulary.corpus_words,
            vocabulary=len(vocabulary),
            epochs=config.passes,
            done=done,
            train_seconds=seconds,
            compile_seconds=self.compile_seconds,
            words_per_second=words / seconds if seconds else 0.0,
            loss=self.trainer.loss,
            held_out_loss=history[-1].held_out_loss if history else None,
            scores=self.scores,
            ledger=self._ledger.as_dict(history),
            config=config.as_dict(),
        )


Callback = Callable[[Training], Any]
