"""How a text is divided into rounds, the rounds into shards, and their stretches into laps."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from w2v.kernels.state import BLOCK
from w2v.training.config import Architecture, Loss


class Longest(NamedTuple):
    """The longest stretch, in blocks, and its laps."""

    blocks: int
    laps: int


MOST_SHARDS = 16  # up to 16 threads have work, and 8 are balanced better than with 8 shards
LARGEST_NUMBER = 62  # shards for which OwnRows.holders has bits
MOST_BLOCKS = 3  # of a stretch: fewer are nearer to training in turn, but wait more
LEAST_ROUNDS = 160  # of an epoch: a small text has fewer shards, not fewer rounds
# Where the number of shards is chosen, mostly for a cluster, rounds are longer: what they change
# has to travel, and grows more slowly than they do. Hot rows are merged after each lap. With 8
# shards stretches twice as long cost negative sampling 0.6 to 1.3 points of analogies. With 4 fewer
# are trained apart, and they may be longer (NOTES.md). "both" has the shorter ones of its two
# losses.
FEW_SHARDS = 4
LONGEST: dict[tuple[Architecture, Loss], tuple[Longest, Longest]] = {  # for few, for more
    ("skipgram", "negative"): (Longest(14, 2), Longest(8, 2)),
    ("skipgram", "both"): (Longest(14, 2), Longest(8, 2)),
    ("skipgram", "hierarchical"): (Longest(20, 2), Longest(20, 2)),
    ("cbow", "negative"): (Longest(40, 2), Longest(20, 2)),
    ("cbow", "both"): (Longest(40, 2), Longest(20, 2)),
    ("cbow", "hierarchical"): (Longest(40, 2), Longest(24, 2)),
}
HOT_WORDS = 512  # with 256, 8 shards of CBOW lose most of a point; 1,024 gain nothing
STRETCHES_OF_LAP = 2  # at most, where rounds are joined; checkpoints do not record it
LEAST_LAPS_OF_EPOCH, LEAST_ROUNDS_OF_CHOSEN = 50, 25


class RoundShape(NamedTuple):
    """The division of a round.

    Attributes
    ----------
    shards : int
        How many stretches are trained apart.
    stretch : int
        Tokens that each shard trains, a multiple of BLOCK.
    laps : int
        The equal parts of a stretch, of whole blocks. After each of them the hot rows are merged,
        and after the last one all rows. Where rounds are joined there may be more (`laps_of`), and
        the last one may be shorter.
    hot : int
        How many rows of words, and nodes from the root, are hot.
    """

    shards: int
    stretch: int
    laps: int = 1
    hot: int = 0

    @property
    def tokens(self) -> int:
        """The tokens of a round."""
        return self.shards * self.stretch

    def stretches(self, begin: int, size: int) -> list[tuple[int, int]]:
        """Return each shard's stretch of the round that begins at token `begin`.

        Parameters
        ----------
        begin : int
        size : int
            Tokens of the text. Stretches end there, and may be empty.

        Returns
        -------
        list of (int, int)
            Start and stop.
        """
        borders = [min(begin + number * self.stretch, size) for number in range(self.shards + 1)]
        return list(itertools.pairwise(borders))

    def laps_of(self, joined: int) -> int:
        """Return the laps of so many rounds that are joined; none is longer than two stretches."""
        return max(self.laps, -(-joined // STRETCHES_OF_LAP))

    def lap(
        self, number: int, stretches: Sequence[tuple[int, int]], joined: int
    ) -> list[tuple[int, int, int]]:
        """Return what a shard trains in a lap.

        Parameters
        ----------
        number : int
            Of the lap, from 0.
        stretches : sequence of (int, int)
            Start and stop of the shard's stretches in rounds that are joined.
        joined : int
            How many rounds those are; at the end of a text there may be fewer.

        Returns
        -------
        list of (int, int, int)
            Parts of stretches: the place of the stretch among them, start and stop.
        """
        length = -(-self.stretch // BLOCK * joined // self.laps_of(joined)) * BLOCK
        found = []
        for place, (start, stop) in enumerate(stretches):
            before = place * self.stretch
            first, last = (
                min(max(each * length - before, 0), self.stretch) for each in (number, number + 1)
            )
            if first < last:
                found.append((place, min(start + first, stop), min(start + last, stop)))
        return found


def round_shape(
    tokens: int,
    chosen: int | None = None,
    architecture: Architecture = "skipgram",
    loss: Loss = "negative",
) -> RoundShape:
    """Return the shape of the rounds of an epoch.

    There are as many shards as leave LEAST_ROUNDS rounds, with stretches of one block if need be.
    This is a function of the text alone, so that every machine makes the same rounds. A small text
    has a single shard, which trains it as one worker without locks does, to the same bytes.

    Parameters
    ----------
    tokens : int
        Tokens of the text.
    chosen : int, optional
        The number of shards, where it is given.
    architecture : {"skipgram", "cbow"}
    loss : {"negative", "hierarchical", "both"}
        Neither is read without `chosen`.
    """
    if chosen is not None:
        blocks = tokens // (chosen * BLOCK)
        longest = longest_stretch(chosen, architecture, loss)
        lap = max(1, min(blocks // LEAST_LAPS_OF_EPOCH, longest.blocks // longest.laps))
        laps = max(1, min(blocks // (LEAST_ROUNDS_OF_CHOSEN * lap), longest.laps))
        return RoundShape(chosen, BLOCK * lap * laps, laps, HOT_WORDS)
    shards = MOST_SHARDS
    while shards > 1 and tokens < LEAST_ROUNDS * shards * BLOCK:
        shards //= 2
    blocks = tokens // (LEAST_ROUNDS * shards * BLOCK) if shards > 1 else MOST_BLOCKS
    return RoundShape(shards, BLOCK * min(blocks, MOST_BLOCKS))


def longest_stretch(shards: int, architecture: Architecture, loss: Loss) -> Longest:
    """Return the longest stretch of a round of a chosen number of shards."""
    return LONGEST[architecture, loss][shards > FEW_SHARDS]
