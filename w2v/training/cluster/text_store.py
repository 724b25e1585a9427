"""The text that a worker trains: it keeps each stretch from the first epoch on.

A stretch comes with its order, or the worker fetches it from the workers that have the ids.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.text.piece_memory import bytes_of
from w2v.training.cluster.orders import Order
from w2v.training.cluster.source import Fetched, Source, Sources

if TYPE_CHECKING:
    from w2v.kernels.state import Schedule, Text
    from w2v.text.number_file import FilePart, NumberFile

# Tokens on either side at first, and more for each of a window: subsampling drops some.
_MARGIN, _MARGIN_EACH = 256, 8

Fetch = Callable[[Source, Sequence[tuple[int, int]], Callable[[], object]], list[Fetched]]


class _Kept(NamedTuple):
    """A stretch, perhaps in files, and whether a sentence begins and ends where its tokens do."""

    tokens: NDArray[np.int32] | FilePart[np.int32]
    offset: int
    borders: NDArray[np.int64] | FilePart[np.int64]
    starts_here: bool = True
    ends_here: bool = True


class TextStore:
    """The stretches of text that one worker trains.

    Parameters
    ----------
    keep_thresholds : uint64 (n,)
        Those of subsampling.
    sources : Sources
        Where each text lies.
    fetch : callable
        Fetches spans of a source; see `Fetcher.fetch`.
    """

    def __init__(
        self,
        keep_thresholds: NDArray[np.uint64],
        sources: Sources,
        fetch: Fetch,
    ) -> None:
        self._keep_thresholds, self._sources = keep_thresholds, sources.texts
        self._fetch, self._left = fetch, sources.memory_limit
        self._kept: dict[tuple[str, int], _Kept] = {}
        self._files: tuple[NumberFile[np.int32], NumberFile[np.int64]] | None = None

    def text(self, name: str, start: int) -> Text:
        """Return the stretch of a text that begins at a position."""
        return self._text(self._kept[name, start])

    def empty(self) -> Text:
        """Return a text without words, to compile for."""
        return self._text(_Kept(np.zeros(0, dtype=np.int32), 0, np.zeros(2, dtype=np.int64)))

    def _text(self, kept: _Kept) -> Text:
        from w2v.kernels.state import Text  # noqa: PLC0415  (it loads the compiler)

        return Text(kept.tokens[:], kept.offset, kept.borders[:], self._keep_thresholds)

    def fill(self, order: Order, check: Callable[[], object]) -> None:
        """Take what an order brings, and fetch what else it needs.

        Parameters
        ----------
        order : Order
            The draws of its epoch determine how far windows reach.
        check : callable
            Raises an error where the order was called off.
        """
        for start, piece in order.pieces:
            self._keep(order.text, start, _Kept(*piece))
        source = self._sources.get(order.text)
        if source is None:
            return
        schedule, spans = order.schedule, {}
        for _, start, stop in (stretch for each in order.rounds for stretch in each):
            if start < stop:
                spans[start] = start, stop
            else:
                self._kept.setdefault((order.text, start), _empty_at(start))
        margin = _MARGIN + _MARGIN_EACH * schedule.window
        has = partial(self._has, order.text)
        ahead = {each.start: (each.start, each.stop) for each in order.ahead}
        while spans := {
            start: span for start, span in spans.items()
            if not self._suffices(order.text, span, schedule)
        }:  # fmt: skip
            spans |= {start: each for start, each in ahead.items() if not has(start)}
            wanted = [
                (max(0, low - margin), min(source.size, high + margin))
                for low, high in spans.values()
            ]
            for start, each in zip(spans, self._fetch(source, wanted, check), strict=True):
                self._keep(order.text, start, _bordered(each))
            margin *= 4

    def _suffices(self, name: str, span: tuple[int, int], schedule: Schedule) -> bool:
        """Return whether a stretch is there with all that the windows of an epoch reach."""
        from w2v.kernels.windows import find_reach  # noqa: PLC0415  (it loads the compiler)

        if not self._has(name, span[0]):
            return False
        kept = self._kept[name, span[0]]
        end = kept.offset + len(kept.tokens)
        if end < span[1] or (kept.starts_here and kept.ends_here):
            return end >= span[1]
        first, last = find_reach(self._text(kept), *span, schedule)
        return (kept.starts_here or first > kept.offset) and (kept.ends_here or last < end)

    def _has(self, name: str, start: int) -> bool:
        return (name, start) in self._kept

    def _keep(self, name: str, start: int, kept: _Kept) -> None:
        """Keep a stretch in the place of an earlier one, in memory if there is room."""
        tokens, borders = np.array(kept.tokens[:]), np.array(kept.borders[:])
        if (old := self._kept.pop((name, start), None)) is not None:
            self._left += bytes_of(old.tokens) + bytes_of(old.borders)
        size = tokens.nbytes + borders.nbytes
        if size <= self._left:
            self._left -= size
            self._kept[name, start] = kept._replace(tokens=tokens, borders=borders)
            return
        from w2v.text.number_file import FilePart, NumberFile  # noqa: PLC0415

        if self._files is None:
            self._files = NumberFile(np.int32), NumberFile(np.int64)
        ids, ends = self._files
        self._kept[name, start] = kept._replace(
            tokens=FilePart(ids, ids.append(tokens), len(tokens)),
            borders=FilePart(ends, ends.append(borders), len(borders)),
        )


def _empty_at(start: int) -> _Kept:
    return _Kept(np.zeros(0, dtype=np.int32), start, np.array([start, start]))


def _bordered(fetched: Fetched) -> _Kept:
    """Return a stretch with borders where its tokens begin and end."""
    low, high = fetched.offset, fetched.offset + len(fetched.tokens)
    borders = fetched.borders
    starts_here = len(borders) > 0 and int(borders[0]) == low
    ends_here = len(borders) > 0 and int(borders[-1]) == high
    return _Kept(
        fetched.tokens, low, np.union1d(borders, [low, high]).astype(np.int64), starts_here,
        ends_here,
    )  # fmt: skip
