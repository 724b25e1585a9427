"""A training that is ready: it runs to the end and returns its model."""

from collections.abc import Sequence
from dataclasses import dataclass

from w2v.errors import DivergedError
from w2v.training.callbacks import Callback, Training, TrainingError, TrainingInterrupted
from w2v.training.checkpointing import Checkpoints
from w2v.training.evaluating import Evaluator
from w2v.training.events import Event, OnEvent
from w2v.training.ledger import Ledger
from w2v.training.model import Model
from w2v.training.sufficiency import check_trained, shortage
from w2v.training.warn import warn_caller


@dataclass(frozen=True)
class Run:
    """A training with everything that watches it: evaluation, checkpoints and callbacks."""

    training: Training
    ledger: Ledger
    evaluator: Evaluator
    checkpoints: Checkpoints | None
    callbacks: Sequence[Callback]
    emit: OnEvent

    def to_the_end(self) -> None:
        """Train, evaluate and write the last checkpoint.

        Raises
        ------
        DivergedError
            Training diverged; the message names the last good checkpoint.
        CorpusError
            No word was trained.
        TrainingError
            A callback raised an error.
        TrainingInterrupted
            Ctrl-C was pressed.
        """
        try:
            if not self.evaluator.is_over:
                history = self.training.trainer.run(self._see)
                check_trained(history, self.training.trainer.config)
                self.evaluator.finish(self.training)
            if self.checkpoints is not None:
                self.checkpoints.write(self.training)
        except DivergedError as error:
            last = "" if self.checkpoints is None else self.checkpoints.last_good()
            raise DivergedError(*error.parts, last) from error
        except KeyboardInterrupt as error:
            raise _interrupted(self.training) from error

    def _see(self, event: Event) -> None:
        """Pass an event to everything that watches the training."""
        self.emit(event)
        self.training.see(event)
        self.evaluator(self.training)
        if self.checkpoints is not None:
            self.checkpoints(self.training)
        for callback in self.callbacks:
            _call(callback, self.training)

    def finish(self) -> Model:
        """Return the model; with early stopping, the best one that was seen.

        Warns where too little was trained to learn from.

        Raises
        ------
        TrainingError
            The words that were read, trained and left out do not add up.
        """
        model = self.training.final_model(self.evaluator.best, self.evaluator.best_scores)
        fault = self.ledger.fault(model.history)
        if fault is not None:
            raise TrainingError(fault, model)
        warning = shortage(model.history, len(model.vectors), model.config)
        if warning is not None:
            warn_caller(warning)
        self.emit(model.summary)
        return model


def _call(callback: Callback, training: Training) -> None:
    try:
        callback(training)
    except Exception as error:
        raise TrainingError(
            f"A callback ended the training: {type(error).__name__}: {error}. The model as it was"
            " then is the attribute `model` of this error.",
            training.final_model(),
        ) from error


def _interrupted(training: Training) -> TrainingInterrupted:
    model = training.final_model()
    return TrainingInterrupted(
        f"Interrupted after {100 * model.summary.done:.0f} % of the training. The model as it was"
        " then is the attribute `model` of this error; at a prompt, sys.last_value.model.",
        model,
    )
