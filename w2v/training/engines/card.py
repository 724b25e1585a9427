"""What lies on the card: the matrices, the tables, and two stretches of the text."""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, OutOfMemoryError, W2VError
from w2v.kernels.cuda import checks, lanes, selection, training
from w2v.kernels.cuda.compiler import SIMULATED, cuda
from w2v.kernels.cuda.state import SELECT_BLOCK, Epoch, Outputs, Stretch
from w2v.kernels.cuda.state import Weights as CardWeights
from w2v.kernels.state import TOTALS_SIZE, OutputTables, Schedule, Text, Variant
from w2v.training.engines.card_text import Bounds, Slot
from w2v.training.shapes import Shape, Shapes
from w2v.training.weights import Weights

_ROW_GROUP = 8  # floats; rows of whole sectors of 32 bytes
# The share of the card's free memory that a text may take. A larger text is copied piece by piece.
RESIDENT_SHARE = 0.25
_REGISTERS = 65_536  # of a multiprocessor, on every card since Kepler
_MOST_WARPS = 32  # every card's multiprocessor holds as many; registers suffice for fewer
_ROWS_AT_ONCE = 1 << 16


def card_width(vector_size: int) -> int:
    """Return the floats of a row on the card."""
    return -(-vector_size // _ROW_GROUP) * _ROW_GROUP


def row_shapes(size: int, outputs: int, vector_size: int) -> Shapes:
    """Return the shapes of what the card holds for each row of the input and output matrix."""
    width = card_width(vector_size)
    return {
        "input": Shape((size, width), np.float32),
        "output": Shape((outputs, width), np.float32),
        "factors": Shape((size,), np.float32),
        "input_pull": Shape((size,), np.float32),
        "output_pull": Shape((outputs,), np.float32),
        "keep_thresholds": Shape((size,), np.uint64),  # or fewer
    }


def select_card(device: str) -> None:
    """Let this thread use the card that a setting names: "cuda:N"."""
    cuda.select_device(int(device.partition(":")[2] or 0))


@contextlib.contextmanager
def card_faults() -> Iterator[None]:
    """Turn an error of the card, from whatever part of CUDA, into one sentence.

    Raises
    ------
    OutOfMemoryError
        The card ran out of memory, which other programs use too.
    W2VError
        The card failed, or is gone.
    """
    try:
        yield
    except Exception as error:
        if not type(error).__module__.startswith(("numba.cuda", "numba_cuda", "cuda.")):
            raise
        reason = " ".join(str(error).split())
        if "OUT_OF_MEMORY" in reason:
            whose = "This machine has too little" if "HostAlloc" in reason else "The GPU ran out of"
            raise OutOfMemoryError(
                f"{whose} memory ({reason}); choose a smaller ",
                Argument("vector_size"), ", end other programs that use it, or leave ",
                Argument("device"), " out.",
            ) from error  # fmt: skip
        raise W2VError(
            f"The GPU failed ({reason}). A training with checkpoints goes on from the last one,"
            " also on the processor."
        ) from error


class CardMemory:
    """The matrices and tables on one card, and the launches that change them.

    Parameters
    ----------
    weights : Weights
        The initial weights, in this machine's memory.
    outputs : OutputTables
    keep_thresholds : uint64
    variant : Variant
    vector_size : int
    most_outputs : int
        The most output rows that a centre word is scored against.
    """

    def __init__(
        self,
        weights: Weights,
        outputs: OutputTables,
        keep_thresholds: NDArray[np.uint64],
        variant: Variant,
        vector_size: int,
        most_outputs: int,
    ) -> None:
        self.width = card_width(vector_size)
        self._stream, self._copies = cuda.stream(), cuda.stream()
        self._variant = variant
        self._thresholds = cuda.to_device(keep_thresholds)
        self._outputs = Outputs(
            outputs.negative,
            cuda.to_device(outputs.noise_table),
            cuda.to_device(outputs.path_offsets),
            cuda.to_device(outputs.path_targets),
        )
        self._totals: Any = cuda.to_device(np.zeros(TOTALS_SIZE))
        self._weights = CardWeights(
            cuda.device_array((weights.size, self.width), np.float32),
            cuda.device_array((weights.output_size, self.width), np.float32),
            cuda.to_device(np.ones(weights.size, np.float32)),
            cuda.to_device(np.zeros(weights.size, np.float32)),
            cuda.to_device(np.zeros(weights.output_size, np.float32)),
            self._totals,
        )
        self.load(weights)
        size, single = training.tile_size(self.width, most_outputs)
        self._train = training.training_kernel(variant.cbow, variant.mean, self.width, size, single)
        self.threads = training.TEAMS * lanes.LANES
        self.blocks = 1
        self._slots = [Slot(), Slot()]
        self._texts: dict[int, list[Any] | None] = {}  # by identity: the engine keeps both texts

    def use_warps(self, share: float, most: int) -> int:
        """Train with a share of the warps that fit on the card, up to `most`; return their number.

        The kernels are compiled.
        """
        blocks = 1
        if not SIMULATED:
            registers = max(self._train.get_regs_per_thread().values())
            each = min(_MOST_WARPS, _REGISTERS // (-(-registers // 8) * 8 * lanes.LANES))
            each = max(1, int(share * (each // training.TEAMS)))
            blocks = each * cuda.get_current_device().MULTIPROCESSOR_COUNT
        self.blocks = max(1, min(blocks, most // training.TEAMS))
        return self.blocks * training.TEAMS

    def load(self, weights: Weights) -> None:
        """Copy the values of weights to the card."""
        for source, target in self._pairs(weights):
            for start in range(0, len(source), _ROWS_AT_ONCE):
                rows = slice(start, start + _ROWS_AT_ONCE)
                part = np.ascontiguousarray(source[rows, : self.width])
                target[rows].copy_to_device(part)

    def store(self, weights: Weights) -> None:
        """Copy the values on the card to weights."""
        for target, source in self._pairs(weights):
            for start in range(0, len(target), _ROWS_AT_ONCE):
                rows = slice(start, start + _ROWS_AT_ONCE)
                target[rows, : self.width] = source[rows].copy_to_host()

    def _pairs(self, weights: Weights) -> list[tuple[NDArray[np.float32], Any]]:
        return [(weights.input, self._weights.input), (weights.output, self._weights.output)]

    def set_factors(self, factors: NDArray[np.float32]) -> None:
        """Let each input row take this part of its updates, float32 (V,)."""
        self._weights = self._weights._replace(factors=cuda.to_device(factors))

    def set_pulls(self, inputs: NDArray[np.float32], outputs: NDArray[np.float32]) -> None:
        """Set how hard all warps together pull at each row, at a learning rate of 1."""
        self._weights = self._weights._replace(
            input_pull=cuda.to_device(inputs), output_pull=cuda.to_device(outputs)
        )

    def set_totals(self, totals: NDArray[np.float64]) -> None:
        """Replace the totals."""
        self._totals.copy_to_device(np.ascontiguousarray(totals))

    def copy(self, number: int, text: Text, bounds: Bounds) -> Stretch:
        """Begin to copy stretch number `number` of a run; its slot is free once it is trained."""
        slot = self._slots[number % 2]
        size = bounds.high - bounds.low
        tokens = slice(bounds.low - text.offset, bounds.high - text.offset)
        borders = slice(bounds.first_sentence, bounds.last_sentence + 1)
        slot.select_from(size)
        arrays = self._resident(text)
        if arrays is not None:
            parts = [arrays[0][tokens], arrays[1][borders]]
        else:
            parts = slot.fill(text.tokens[tokens], text.sentence_offsets[borders], self._copies)
        slot.copied.record(self._copies)
        sentences = bounds.last_sentence - bounds.first_sentence
        return Stretch(parts[0], bounds.low, size, parts[1], sentences, self._thresholds)

    def _resident(self, text: Text) -> list[Any] | None:
        """Return the arrays of a text on the card, or None if the text is too large for it."""
        if id(text) not in self._texts:
            sources: list[NDArray[Any]] = [text.tokens, text.sentence_offsets]
            free = cuda.current_context().get_memory_info().free
            fits = sum(source.nbytes for source in sources) <= free * RESIDENT_SHARE
            self._texts[id(text)] = [cuda.to_device(each) for each in sources] if fits else None
        return self._texts[id(text)]

    def train(self, number: int, stretch: Stretch, bounds: Bounds, schedule: Schedule) -> None:
        """Begin to train a stretch that was copied."""
        slot, stream = self._slots[number % 2], self._stream
        slot.copied.wait(stream)
        selected = slot.selected
        blocks = -(-stretch.size // SELECT_BLOCK)
        epoch = _epoch(schedule, self._variant)
        threads = selection.THREADS
        # The counts lie where the windows are written later.
        selection.count_kept[max(1, blocks), threads, stream](stretch, epoch, selected.windows)
        selection.add_up[1, threads, stream](selected.windows, blocks, selected)
        selection.list_kept[max(1, blocks), threads, stream](stretch, epoch, selected)
        selection.find_windows[max(1, blocks), threads, stream](stretch, epoch, blocks, selected)
        first = (bounds.start - bounds.low) // SELECT_BLOCK
        last = -(-(bounds.stop - bounds.low) // SELECT_BLOCK)
        self._train[self.blocks, self.threads, stream](
            bounds.low, first, last, bounds.stop - bounds.start, epoch, selected, self._outputs,
            self._weights,
        )  # fmt: skip
        self._totals.copy_to_host(slot.totals, stream=stream)
        slot.trained.record(stream)

    def wait(self, number: int) -> NDArray[np.float64]:
        """Wait for the end of a stretch; return the totals as it left them."""
        slot = self._slots[number % 2]
        slot.trained.synchronize()
        return np.array(slot.totals)

    def totals(self) -> NDArray[np.float64]:
        """Return the totals. Nothing may be running."""
        totals: NDArray[np.float64] = self._totals.copy_to_host()
        return totals

    def synchronize(self) -> None:
        """Wait for the end of all that was begun."""
        self._copies.synchronize()
        self._stream.synchronize()

    def longest_squares(self) -> tuple[float, float]:
        """Return the square of the length of the longest row of each matrix, perhaps NaN."""
        return checks.longest_square(self._weights.input), checks.longest_square(
            self._weights.output
        )


def _epoch(schedule: Schedule, variant: Variant) -> Epoch:
    return Epoch(
        float(schedule.alpha),
        float(schedule.fall),
        float(schedule.final_alpha),
        int(schedule.tokens_before),
        np.uint64(schedule.key),
        int(schedule.window),
        np.uint64(schedule.loss_mask),
        bool(variant.shrinks_windows),
    )
