"""What a callback sees of a training that goes on, and what it may do: look, save, stop."""

import os
from collections.abc import Callable
from typing import Any

from w2v.errors import W2VError
from w2v.text.vocabulary import Vocabulary
from w2v.training.events import Event, Progress, Summary
from w2v.training.ledger import Ledger
from w2v.training.model import Model
from w2v.training.output import save
from w2v.training.standing import Place
from w2v.training.trainer import Trainer
from w2v.vectors.keyed_vectors import KeyedVectors


class TrainingError(W2VError):
    """Training ended before its time; `model` is what it had made of the vectors by then."""

    def __init__(self, message: str, model: Model) -> None:
        super().__init__(message)
        self.model = model


class Training:
    """A training between two chunks, as `w2v.train` hands it to its callbacks.

    event: what has just happened, a Progress after each chunk, an EpochEnded after each epoch.
    done: share of all the work that has been reported, 0 to 1.
    Other chunks may be running; `model`, `save` and `place` wait for their end, and training goes
    on when the callback returns.
    """

    def __init__(self, trainer: Trainer, vocabulary: Vocabulary, ledger: Ledger) -> None:
        self.event: Event | None = None
        self.done = 0.0
        self.compile_seconds = 0.0
        self.scores: dict[str, float | None] = {}
        self.trainer = trainer
        self._vocabulary, self._ledger = vocabulary, ledger

    def see(self, event: Event) -> None:
        """Take what has just happened."""
        self.event = event
        if isinstance(event, Progress):
            self.done = event.done

    def stop(self) -> None:
        """End the training after the running chunks; `w2v.train` returns the model then."""
        self.trainer.stopping = True

    def place(self) -> Place:
        """Return where training stands, as of now."""
        return self.trainer.settle()

    def model(self) -> Model:
        """Return the model as it is now, with matrices of its own."""
        self.place()
        weights, size = self.trainer.weights, self.trainer.config.vector_size
        return self._model(weights.input[:, :size].copy(), weights.output[:, :size].copy())

    def final_model(self) -> Model:
        """Return the model in the memory of the training, which is at its end."""
        self.place()
        return self._model(*self.trainer.weights.released(self.trainer.config.vector_size))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model as it is now, in the form that `w2v.save` chooses by the name."""
        save(self.model(), path)

    def _model(self, vectors: Any, output: Any) -> Model:
        words, counts = self._vocabulary.words, self._vocabulary.counts
        return Model(
            vectors=KeyedVectors(words, vectors, counts, distinct=True),
            output=output,
            config=self.trainer.config,
            history=list(self.trainer.history),
            summary=self._summary(),
        )

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
