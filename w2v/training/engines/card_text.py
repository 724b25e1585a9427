"""Stretches of the text on their way to the card, each with memory on both sides.

A stretch is copied while the one before is trained, through memory that the card reads by itself.
So a text may be larger than the card's memory, and costs no time.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.cuda.compiler import cuda
from w2v.kernels.cuda.state import SELECT_BLOCK, Selected
from w2v.kernels.state import TOTALS_SIZE, Schedule, Text
from w2v.kernels.windows import find_reach
from w2v.training.shapes import Shape, Shapes


def slot_shapes(tokens: int, sentences: int) -> Shapes:
    """Return the shapes of what a stretch takes on the card, and in part on the host."""
    return {
        "tokens": Shape((tokens,), np.int32),
        "sentence_offsets": Shape((sentences + 1,), np.int64),
    }


def selected_shapes(tokens: int) -> Shapes:
    """Return the shapes of the kept tokens of a stretch."""
    blocks = -(-tokens // SELECT_BLOCK)
    return {
        "words": Shape((tokens,), np.int32),
        "places": Shape((tokens,), np.int32),
        "sentences": Shape((tokens,), np.int32),
        "windows": Shape((tokens,), np.int32),
        "starts": Shape((blocks + 1,), np.int32),
        "taken": Shape((1,), np.int32),
    }


def on_card(shapes: Shapes) -> dict[str, Any]:
    """Allocate arrays on the card."""
    return {name: cuda.device_array(shape.shape, shape.dtype) for name, shape in shapes.items()}


class Bounds(NamedTuple):
    """A stretch of the text, in positions of the corpus."""

    start: int  # the first centre word
    stop: int
    low: int  # the first token that is read; `start` less a multiple of SELECT_BLOCK
    high: int
    first_sentence: int
    last_sentence: int  # the one after the last

    @classmethod
    def of(cls, text: Text, start: int, stop: int, schedule: Schedule) -> "Bounds":
        """Find what training on the tokens `start` to `stop` − 1 reads."""
        low, high = find_reach(text, start, stop, schedule)
        low = start - -(-(start - low) // SELECT_BLOCK) * SELECT_BLOCK
        offsets = text.sentence_offsets
        first = int(np.searchsorted(offsets, low, side="right")) - 1
        last = int(np.searchsorted(offsets, high - 1, side="right"))
        return cls(start, stop, low, high, first, last)


class Slot:
    """A stretch of the text: its memory on the host and on the card, and what is known of it."""

    def __init__(self) -> None:
        """Make a slot without room."""
        self._host: dict[str, Any] = {}
        self._card: dict[str, Any] = {}
        self.selected = Selected(*on_card(selected_shapes(1)).values())
        self.totals: Any = cuda.pinned_array(TOTALS_SIZE, np.float64)
        self.copied, self.trained = cuda.event(), cuda.event()

    def select_from(self, tokens: int) -> None:
        """Make room for the kept ones of some tokens. Whatever used the slot before has ended."""
        if tokens > len(self.selected.words):
            self.selected = Selected(**on_card(selected_shapes(tokens + tokens // 16)))

    def fill(self, tokens: NDArray[np.int32], offsets: NDArray[np.int64], stream: Any) -> list[Any]:
        """Begin to copy tokens and the borders of their sentences; return where they come to lie.

        Whatever used the slot before has ended.
        """
        sources: dict[str, Any] = {"tokens": tokens, "sentence_offsets": offsets}
        if any(len(source) > len(self._host.get(name, ())) for name, source in sources.items()):
            # One token at least: a card has no memory of no bytes.
            shapes = slot_shapes(1 + len(tokens) + len(tokens) // 16, 2 * len(offsets))
            self._host = {k: cuda.pinned_array(v.shape, v.dtype) for k, v in shapes.items()}
            self._card = on_card(shapes)
        for name, source in sources.items():
            host = self._host[name][: len(source)]
            host[:] = source
            self._card[name][: len(source)].copy_to_device(host, stream=stream)
        return [self._card[name] for name in sources]
