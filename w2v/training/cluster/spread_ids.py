"""The ids of a text that stay on the workers of a cluster, as this side sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.text.distant_ids import DistantIds, IdPrint, Runs
from w2v.text.id_prints import joined_print
from w2v.training.cluster import tasks
from w2v.training.cluster.crowd import Crowd
from w2v.training.cluster.source import Source, Sources
from w2v.training.engines.stretches import AnyText

_UNLIMITED = 1 << 62  # bytes


class SpreadIds(DistantIds):
    """Ids on the workers of a cluster; see `DistantIds`.

    Parameters
    ----------
    pieces : sequence of Future
        The pieces of the whole text, encoded.
    starts : int64 (pieces + 1,)
        Where each begins, and the last ends.
    crowd : Crowd
        The workers.
    runs : Runs, optional
        The parts of the text that are meant. Default: all of it.
    """

    def __init__(
        self,
        pieces: Sequence[Any],
        starts: NDArray[np.int64],
        crowd: Crowd,
        runs: Runs | None = None,
    ) -> None:
        if runs is None:
            runs = Runs.of(np.array([[0, starts[-1]]], dtype=np.int64))
        self._pieces, self.crowd = pieces, crowd
        self.source = Source(tuple(each.key for each in pieces), starts, runs)

    def __len__(self) -> int:
        return self.source.size

    def __getitem__(self, part: slice) -> NDArray[np.int32]:
        low, high, _ = part.indices(len(self))
        [fetched] = self.source.fetch(
            [(low, max(low, high))], self._pieces.__getitem__, self.crowd.give, self._results
        )
        return fetched.tokens

    def _results(self, futures: Sequence[Any]) -> list[Any]:
        results = self.crowd.results(futures)
        self.crowd.let_go(futures)
        return results

    def counts(self, words: int) -> NDArray[np.int64]:
        """Return how often each of `words` ids is among them: a map, and sums in a tree."""
        give = self.crowd.give
        counted = [
            give(tasks.frequencies, self._pieces[piece], starts, stops, words)
            for piece, starts, stops in self.source.ranges()
        ]
        total = self.crowd.reduced(tasks.add, counted)
        [counts] = self._results([total])
        return np.array(counts)

    def fingerprint(self) -> IdPrint:
        """Return the fingerprint of the ids, from those of the pieces."""
        give = self.crowd.give
        return joined_print(
            self._results(
                [
                    give(tasks.fingerprint, self._pieces[piece], starts, stops)
                    for piece, starts, stops in self.source.ranges()
                ]
            )
        )

    def part(self, runs: Runs) -> SpreadIds:
        """Return some parts of the text, which is whole, as a text of their own."""
        return SpreadIds(self._pieces, self.source.starts, self.crowd, runs)


def sources_of(text: AnyText, held_out: AnyText | None) -> Sources:
    """Return what workers are told about the texts: where they lie, if they lie there."""
    named = {"text": text, "held out": held_out}
    found = {
        name: each.tokens
        for name, each in named.items()
        if each is not None and isinstance(each.tokens, SpreadIds)
    }
    limit = min((each.crowd.memory_limit for each in found.values()), default=_UNLIMITED)
    return Sources({name: each.source for name, each in found.items()}, limit)


def text_bytes(text: AnyText, own: int, shards: int) -> int:
    """Return the memory that a worker takes for the text of `own` of the shards."""
    size = 4 * len(text.tokens) * own // shards
    return min(size, text.tokens.crowd.memory_limit) if isinstance(text.tokens, SpreadIds) else size
