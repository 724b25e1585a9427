"""What `Trainer` asks of an engine. The lock-free threads and the deterministic rounds are two."""

from collections.abc import Generator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import Schedule, Text
from w2v.training.weights import Weights

Totals = NDArray[np.float64]  # (PLACES,), see w2v/kernels/state.py


class Engine(Protocol):
    """Trains a text on weights of its own, and adds up what it did.

    A new engine implements this and has a line in `choosing.py`.
    """

    @property
    def piece(self) -> int:
        """Tokens that are trained together: training can stop at multiples of it."""

    @property
    def sharing(self) -> int:
        """Workers that write to the same weights without waiting for each other."""

    @property
    def division(self) -> tuple[int, ...]:
        """How the text is divided, where the result depends on it; () where it does not.

        A training goes on from a checkpoint only where the text is divided as it was.
        """

    @property
    def totals(self) -> Totals:
        """What was added up since `set_totals`, float64 (PLACES,): one sum of all workers."""

    def set_totals(self, totals: Totals) -> None:
        """Go on adding to these sums. Nothing may be running."""

    def compile(self, text: Text, schedule: Schedule) -> None:
        """Compile the kernels, or load them from the cache."""

    def run(
        self, text: Text, schedule: Schedule, start: int = 0, stop: int | None = None
    ) -> Generator[int, None, None]:
        """Train from one token up to another; yield the tokens done after each piece.

        start: a place that `settle` has returned. stop: the end of a piece; None is the end of the
        text. What a worker raises is raised here. When this ends or is closed nothing is running.
        """

    def settle(self) -> int:
        """What is running end, and begin no more; return the position reached.

        The tokens before it are trained, and none behind.
        """

    def weights_out(self) -> Weights:
        """Return the weights as they are, in this machine's memory. Nothing may be running."""

    def weights_in(self) -> None:
        """Go on from what the caller has written into the weights that `weights_out` returned."""

    def freeze(self, rows: NDArray[np.integer[Any]]) -> None:
        """Let these rows of the input matrix stay as they are now."""

    def find_fault(self, longest: float) -> str | None:
        """Return what is wrong with the weights, as the rest of a sentence, or None.

        longest: the length that no row may come to.
        """
