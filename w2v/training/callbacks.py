"""What a callback sees of a training that goes on, and what it may do: look, save, stop."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from w2v.errors import W2VError
from w2v.training.events import Event

if TYPE_CHECKING:
    from w2v.training.model import Model


class StopTraining(Exception):  # noqa: N818  (no error: how a callback's wish reaches the loop)
    """Ends the training loop after the running chunks."""


class CallbackError(W2VError):
    """A callback raised; `model` is the model as training left it, `__cause__` what was raised."""

    def __init__(self, message: str, model: "Model") -> None:
        super().__init__(message)
        self.model = model


class Training:
    """A training between two chunks.

    event: what has just happened, a Progress after each chunk, an EpochEnded after each epoch.
    Other chunks are being trained meanwhile; what is taken from here is a copy.
    """

    def __init__(self, make_model: "Callable[[], Model]") -> None:
        self._make_model = make_model
        self.event: Event | None = None
        self.stopped = False

    def model(self) -> "Model":
        """Return the model as it is now, with matrices of its own."""
        return self._make_model()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model as it is now, in the form that `w2v.save` chooses by the name."""
        from w2v.training.output import save  # noqa: PLC0415  (which imports the model)

        save(self.model(), path)

    def stop(self) -> None:
        """End the training after the running chunks; `w2v.train` returns the model then."""
        self.stopped = True


Callback = Callable[[Training], Any]
