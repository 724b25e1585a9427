"""The protocol between `Trainer` and the engines: threads, deterministic rounds, a GPU."""

from collections.abc import Generator
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import Schedule
from w2v.training.config import TrainConfig
from w2v.training.weights import Weights

Totals = NDArray[np.float64]  # (TOTALS_SIZE,), see w2v/kernels/state.py


class Sizes(NamedTuple):
    """The sizes that the memory of an engine depends on, beside the settings.

    Attributes
    ----------
    vocabulary : int
        V, the number of words.
    levels : int
        The depth of the Huffman tree, or an upper bound; 0 in negative sampling.
    tokens : int
        Tokens of the text that is trained on.
    """

    vocabulary: int
    levels: int
    tokens: int


class Engine(Protocol):
    """Trains a text on weights of its own, and sums up the loss and the counts of tokens.

    It is made with its texts, and may hold them where it likes. A new engine implements this
    protocol, perhaps on top of `base.py`, and has a line in `choosing.py`.
    """

    @staticmethod
    def bytes_needed(sizes: Sizes, config: TrainConfig) -> int:
        """Return the memory that a new engine takes, in bytes: its weights and all of its own.

        Not the tables that it is given, nor the text.

        Parameters
        ----------
        sizes : Sizes
        config : TrainConfig
        """

    def piece(self, schedule: Schedule) -> int:
        """Return the tokens that are trained together: an epoch can stop at multiples of it."""

    @property
    def concurrent_workers(self) -> int:
        """The number of workers that write to the same weights without waiting for each other."""

    @property
    def division(self) -> tuple[int, ...]:
        """The division of the text, if the result depends on it; else ().

        A training resumes from a checkpoint only if its text is divided in the same way.
        """

    @property
    def totals(self) -> Totals:
        """The sums of all workers since `set_totals`, float64 (TOTALS_SIZE,)."""

    def set_totals(self, totals: Totals) -> None:
        """Replace the totals, which later training adds to.

        Parameters
        ----------
        totals : float64 (TOTALS_SIZE,)
            Nothing may be running.
        """

    def compile(self, schedule: Schedule) -> None:
        """Compile the kernels, or load them from the cache.

        Parameters
        ----------
        schedule : Schedule
            That of any epoch.
        """

    def run(
        self, schedule: Schedule, start: int = 0, stop: int | None = None
    ) -> Generator[int, None, None]:
        """Train from one token up to another. When this ends or is closed, nothing is running.

        Parameters
        ----------
        schedule : Schedule
            The epoch's learning rate and draws.
        start : int
            0, or a position that `settle` has returned.
        stop : int, optional
            The end of a piece; by default the end of the text.

        Yields
        ------
        int
            The tokens done, after each piece or some of them.

        Raises
        ------
        BaseException
            The first error of a worker.
        """

    def run_held_out(self, schedule: Schedule) -> Generator[int, None, None]:
        """Go through the held-out text as `run` goes through the other, from its start to its end.

        Parameters
        ----------
        schedule : Schedule
            With a learning rate of 0: nothing changes but the totals.
        """

    def settle(self) -> int:
        """Let the running pieces end, and begin no more.

        Returns
        -------
        int
            The position reached: all tokens before it are trained, and none behind it.
        """

    def weights_out(self) -> Weights:
        """Return the current weights, in this machine's memory. Nothing may be running."""

    def weights_in(self, weights: Weights) -> None:
        """Go on from the values of these weights. Nothing may be running.

        Parameters
        ----------
        weights : Weights
            Of the same shape; those of `weights_out`, changed, or others.
        """

    def freeze(
        self, rows: NDArray[np.integer[Any]], factors: NDArray[np.float32] | None = None
    ) -> None:
        """Keep these rows of the input matrix as they are now, or scale their changes.

        It replaces what an earlier call asked for: all other rows move as usual.

        Parameters
        ----------
        rows : integers (frozen,)
            0 to V − 1, each once.
        factors : float32 (frozen,), optional
            By what all later changes of each row are multiplied, 0 or more; by default 0.
        """

    def find_fault(self, longest: float) -> str | None:
        """Check the weights.

        Parameters
        ----------
        longest : float
            The length that no row may reach.

        Returns
        -------
        str or None
            The fault as the rest of a sentence; None if the weights are sound.
        """
