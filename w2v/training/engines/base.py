"""The parts that engines have in common: their two texts, and weights in this machine's memory."""

from abc import ABC, abstractmethod
from collections.abc import Generator

from w2v.kernels.state import Schedule
from w2v.training.engines.stretches import AnyText
from w2v.training.weight_checks import weights_fault
from w2v.training.weights import Weights


class BaseEngine(ABC):
    """An engine that trains these weights in place, and whose text is not divided.

    See Engine for its methods. An engine whose weights lie elsewhere has others of its own.

    Parameters
    ----------
    text : Text or StoredText
    held_out : Text, StoredText or None
    weights : Weights
    """

    def __init__(self, text: AnyText, held_out: AnyText | None, weights: Weights) -> None:
        self._text, self._held_out, self._weights = text, held_out, weights

    @property
    def division(self) -> tuple[int, ...]:
        """Empty: whoever is free takes the next part of the text."""
        return ()

    def run(
        self, schedule: Schedule, start: int = 0, stop: int | None = None
    ) -> Generator[int, None, None]:
        """Train from one token up to another, or to the end; yield the tokens done.

        For the parameters see `Engine.run`.
        """
        last = len(self._text.tokens) if stop is None else stop
        yield from self._run(self._text, schedule, start, last)

    def run_held_out(self, schedule: Schedule) -> Generator[int, None, None]:
        """Go through the held-out text; yield the tokens done."""
        if self._held_out is not None:
            yield from self._run(self._held_out, schedule, 0, len(self._held_out.tokens))

    @abstractmethod
    def _run(
        self, text: AnyText, schedule: Schedule, start: int, stop: int
    ) -> Generator[int, None, None]:
        """Train the tokens `start` to `stop` − 1 of a text; yield the tokens done."""

    def weights_out(self) -> Weights:
        """Return the weights; training goes on in their memory."""
        return self._weights

    def weights_in(self, weights: Weights) -> None:
        """Go on from the values of these weights."""
        self._weights.take(weights)

    def find_fault(self, longest: float) -> str | None:
        """Return the fault of the weights as the rest of a sentence, or None if they are sound."""
        return weights_fault(self._weights, longest)
