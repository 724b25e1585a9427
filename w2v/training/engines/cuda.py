"""Training on one NVIDIA GPU: thousands of warps train a stretch of the text at the same time.

They share the matrices without locks, as the CPU's threads do. The result depends on the order in
which they run, and is not the same twice.
"""

from collections.abc import Generator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.cuda.state import SELECT_BLOCK
from w2v.kernels.state import TOTALS_SIZE, OutputTables, Schedule, Text
from w2v.training.config import TrainConfig
from w2v.training.engines.base import BaseEngine
from w2v.training.engines.card import CardMemory, card_faults, row_shapes, select_card
from w2v.training.engines.card_text import Bounds, selected_shapes, slot_shapes
from w2v.training.engines.engine import Sizes, Totals
from w2v.training.engines.pulls import pulls
from w2v.training.engines.stretches import AnyText, mapped
from w2v.training.engines.tables import levels_of, most_outputs, variant_of
from w2v.training.shapes import total_bytes
from w2v.training.weight_checks import weights_fault
from w2v.training.weights import Weights, weights_shapes

# Tokens that are trained between two reports: some 10 ms of a large card's work, so that launching
# it does not count.
PIECE = 2048 * SELECT_BLOCK
_OF_CODE = 64 << 20  # bytes on a card for the kernels, and for pages that are not full
# The least tokens of a text for each warp that trains it. All warps would train a short text at
# once, and see too little of what the others learn.
TOKENS_EACH = 256
# The share of the warps that fit on a card, for Huffman paths in skip-gram. They lose a point and a
# half of analogies with all warps, one point with half of them, and no less with a quarter.
PATHS_SHARE = 0.5


class Cuda(BaseEngine):
    """The engine of one card; see Engine for its methods."""

    concurrent_workers = 1

    @card_faults()
    def __init__(
        self,
        counts: NDArray[np.int64],
        outputs: OutputTables,
        config: TrainConfig,
        text: AnyText,
        held_out: AnyText | None = None,
    ) -> None:
        """Make the weights and copy them to the card. For the parameters see `new_engine`."""
        select_card(config.device)
        weights = Weights.fresh(
            len(counts), config.vector_size, config.seed, outputs_per_word=config.outputs_per_word
        )
        super().__init__(mapped(text), None if held_out is None else mapped(held_out), weights)
        self.card = CardMemory(
            weights,
            outputs,
            text.keep_thresholds,
            variant_of(config),
            config.vector_size,
            most_outputs(config, levels_of(outputs)),
        )
        self._counts, self._outputs, self._config = counts, outputs, config
        self._is_ready = False
        self._are_current = True  # whether the host's weights are the card's
        self._totals: Totals = np.zeros(TOTALS_SIZE)
        self._position = 0
        self._running: object | None = None  # names the run that goes on after its next report

    @staticmethod
    def bytes_needed(sizes: Sizes, config: TrainConfig) -> int:
        """Return the memory that a new engine takes on the host, in bytes."""
        weights = weights_shapes(
            sizes.vocabulary, config.vector_size, outputs_per_word=config.outputs_per_word
        )
        return total_bytes(weights) + 2 * total_bytes(slot_shapes(PIECE, PIECE // 8))

    @staticmethod
    def card_bytes(vocabulary_size: int, config: TrainConfig) -> int:
        """Return the most memory that training takes on the card beside the tables, in bytes."""
        outputs = vocabulary_size * config.outputs_per_word
        tokens = PIECE + PIECE // 16
        slot = total_bytes(slot_shapes(tokens, PIECE // 8)) + total_bytes(selected_shapes(tokens))
        return (
            total_bytes(row_shapes(vocabulary_size, outputs, config.vector_size))
            + outputs * np.dtype(np.float64).itemsize  # the squares of `find_fault`
            + 2 * slot
            + _OF_CODE
        )

    def piece(self, schedule: Schedule) -> int:
        """Return the tokens of a piece: training can stop at multiples of it."""
        return PIECE

    @property
    def totals(self) -> Totals:
        """The sums since `set_totals`, as of the last piece that has ended."""
        return np.array(self._totals)

    @card_faults()
    def set_totals(self, totals: Totals) -> None:
        """Replace the totals, which later training adds to."""
        self._totals = np.array(totals)
        self.card.set_totals(totals)

    @card_faults()
    def compile(self, schedule: Schedule) -> None:
        """Compile the kernels, or load them from the cache."""
        Bounds.of(mapped(self._text), 0, 1, schedule)  # it is compiled too
        nothing = Bounds(0, 0, 0, 0, 0, 1)
        self.card.train(0, self.card.copy(0, mapped(self._text), nothing), nothing, schedule)
        self.card.synchronize()
        is_path_bound = self._config.has_paths and self._config.architecture == "skipgram"
        share = PATHS_SHARE if is_path_bound else 1.0
        warps = self.card.use_warps(share, len(self._text.tokens) // TOKENS_EACH)
        self.card.set_pulls(*pulls(self._counts, self._outputs, self._config, warps))
        self._is_ready = True

    def _run(
        self, text: AnyText, schedule: Schedule, start: int, stop: int
    ) -> Generator[int, None, None]:
        """Go through some tokens of a text, piece by piece."""
        if not self._is_ready:
            self.compile(schedule)
        self._position = start
        pieces = [
            Bounds.of(mapped(text), begin, min(stop, begin + PIECE), schedule)
            for begin in range(start, stop, PIECE)
        ]
        if not pieces:
            return
        with card_faults():
            yield from self._pipeline(mapped(text), schedule, pieces)

    def _pipeline(
        self, text: Text, schedule: Schedule, pieces: list[Bounds]
    ) -> Generator[int, None, None]:
        """Copy a piece while the one before is trained, and train one while a report is made.

        It ends at a report if training was settled meanwhile.
        """
        running = self._running = object()
        try:
            stretch = self.card.copy(0, text, pieces[0])
            for number, bounds in enumerate(pieces):
                self._are_current = self._are_current and schedule.alpha == schedule.fall == 0
                self.card.train(number, stretch, bounds, schedule)
                self._position = bounds.stop
                if number > 0:
                    self._totals = self.card.wait(number - 1)
                if number + 1 < len(pieces):
                    stretch = self.card.copy(number + 1, text, pieces[number + 1])
                if number > 0:
                    yield bounds.start
                    if self._running is not running:
                        return
            self._totals = self.card.wait(len(pieces) - 1)
            yield pieces[-1].stop
        finally:
            self.card.synchronize()
            self._totals = self.card.totals()

    @card_faults()
    def settle(self) -> int:
        """Let what was begun end, and begin no more; return the position reached."""
        self._running = None
        self.card.synchronize()
        self._totals = self.card.totals()
        return self._position

    @card_faults()
    def weights_out(self) -> Weights:
        """Return a copy of the weights in this machine's memory, the same arrays every time."""
        if not self._are_current:
            self.card.store(self._weights)
            self._are_current = True
        return self._weights

    @card_faults()
    def weights_in(self, weights: Weights) -> None:
        """Go on from the values of these weights."""
        super().weights_in(weights)
        self.card.load(self._weights)
        self._are_current = True

    @card_faults()
    def freeze(
        self, rows: NDArray[np.integer[Any]], factors: NDArray[np.float32] | None = None
    ) -> None:
        """Keep these rows of the input matrix as they are now, or slow them by factors."""
        parts = np.ones(self._weights.size, dtype=np.float32)
        parts[rows] = 0 if factors is None else factors
        self.card.set_factors(parts)

    @card_faults()
    def find_fault(self, longest: float) -> str | None:
        """Return the fault of the weights as the rest of a sentence, or None if they are sound."""
        if all(square <= longest * longest for square in self.card.longest_squares()):
            return None
        return weights_fault(self.weights_out(), longest)
