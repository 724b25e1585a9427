"""The phrases of one round of joining."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Round:
    """The phrases of one round, those with the highest score first.

    Attributes
    ----------
    words : list of tuple of str
        The words of each phrase.
    counts : int64 (n,)
        How often each was seen.
    scores : float64 (n,)
        The score of each.
    """

    words: list[tuple[str, ...]]
    counts: NDArray[np.int64]
    scores: NDArray[np.float64]

    @cached_property
    def known(self) -> frozenset[tuple[str, ...]]:
        """The words of all phrases, to look phrases up."""
        return frozenset(self.words)

    def among(self, joined: Collection[str], delimiter: str) -> "Round":
        """Return the phrases whose joined form is one of these words."""
        kept = [row for row, words in enumerate(self.words) if delimiter.join(words) in joined]
        return Round([self.words[row] for row in kept], self.counts[kept], self.scores[kept])
