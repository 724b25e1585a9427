"""Holding out: an encoded corpus in, one to train on and one to measure the loss on out.

It goes through the text piece by piece, so that a text in a file takes no memory.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from w2v.errors import CorpusError
from w2v.text.distant_ids import DistantIds, Runs
from w2v.text.encoding import EncodedCorpus
from w2v.text.number_file import PIECE, HereIds, IdRow, Ids, NumberFile, SentenceEnds

LONGEST_UNIT = 1_000  # tokens of a sentence that are held out or trained on together
_MOST_UNITS = 10**9  # for which NumPy draws from an urn
_STREAM = 0x68656C64  # keeps these draws apart from those of the weights, which have the same seed


def hold_out(corpus: EncodedCorpus, share: float, seed: int) -> tuple[EncodedCorpus, EncodedCorpus]:
    """Take a share of the sentences away, or of the 1,000-token blocks of longer ones.

    Parameters
    ----------
    corpus : EncodedCorpus
        The corpus; its memory or file is used again, so it must not be used afterwards.
    share : float
        Share of the units to hold out, above 0, below 1; it is rounded, to one unit or more.
    seed : int
        Seed of the choice.

    Returns
    -------
    tuple of EncodedCorpus
        The part to train on, and the part held out. A sentence ends at every gap, so that no
        window crosses one.

    Raises
    ------
    CorpusError
        Nothing would be left.
    """
    units = sum(int(_blocks_of(lengths).sum()) for lengths in corpus.lengths())
    count = max(1, round(share * units))
    if count >= units:
        raise CorpusError(
            f"Holding out {share:g} of {units:,} sentences (or blocks of {LONGEST_UNIT:,} words) "
            "leaves nothing to train on; hold out less, or use a longer text."
        )
    in_file = isinstance(corpus.sentence_offsets, NumberFile)
    rest, held = SentenceEnds(in_file), SentenceEnds(in_file)
    tokens = corpus.tokens
    ids = _Listed(tokens) if isinstance(tokens, DistantIds) else _Moved(tokens)
    filled = taken = 0
    draws = _Draws(units, count, seed)
    for borders, is_end in _units(corpus):
        chosen = draws.next(len(is_end))
        changes = np.flatnonzero(np.diff(chosen)) + 1
        for first, last in pairwise([0, *changes.tolist(), len(chosen)]):
            run = borders[first : last + 1]
            ends = run[1:] - run[0]
            if chosen[first]:
                rest.add([filled])  # a sentence ends at the gap
                ids.hold(run)
                held.add(ends + taken)
                taken += int(ends[-1])
            else:
                ids.keep(int(run[0]), int(run[-1]))
                rest.add(ends[is_end[first:last]] + filled)
                filled += int(ends[-1])
    rest.add([filled])
    kept_ids, held_ids = ids.both()
    return EncodedCorpus(kept_ids, rest.offsets()), EncodedCorpus(held_ids, held.offsets())


def held_out_bytes(tokens: int, share: float) -> int:
    """Return the memory that the ids held out take, in bytes: they are copied.

    Parameters
    ----------
    tokens : int
        Tokens of the whole text.
    share : float
        The share held out, 0 to 1.
    """
    return 4 * round(share * tokens)


def _blocks_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of units of each sentence."""
    return -(-lengths // LONGEST_UNIT)


def _units(corpus: EncodedCorpus) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """Yield the borders of units, and for each unit whether a sentence ends with it."""
    start = 0
    for lengths in corpus.lengths():
        blocks = _blocks_of(lengths)
        last = np.cumsum(blocks)
        is_end = np.zeros(int(last[-1]) if len(last) else 0, dtype=np.bool_)
        is_end[last - 1] = True
        sizes = np.full(len(is_end), LONGEST_UNIT, dtype=np.int64)
        sizes[last - 1] = lengths - (blocks - 1) * LONGEST_UNIT
        borders = np.cumsum(np.append(start, sizes))
        for first in range(0, len(is_end), PIECE):  # one sentence may have more units
            yield borders[first : first + PIECE + 1], is_end[first : first + PIECE]
        start = int(borders[-1])


class _Draws:
    """Chooses `count` of `units` units, all sets of them alike, in pieces."""

    def __init__(self, units: int, count: int, seed: int) -> None:
        self._units, self._count = units, count
        self._generator = np.random.default_rng([seed, _STREAM])

    def next(self, units: int) -> NDArray[np.bool_]:
        """Return which of the next units are chosen."""
        left, count = self._units - units, self._count
        if left:  # a short text is one piece
            count = self._share_of(count, units, left)
        chosen = np.zeros(units, dtype=np.bool_)
        chosen[self._generator.choice(units, count, replace=False)] = True
        self._units, self._count = left, self._count - count
        return chosen

    def _share_of(self, count: int, units: int, left: int) -> int:
        """Draw how many of the `count` that are still to be chosen are among the next units."""
        if units + left < _MOST_UNITS:
            return int(self._generator.hypergeometric(units, left, count))
        drawn = int(self._generator.binomial(units, count / (units + left)))  # nearly the same then
        return max(0, count - left, min(drawn, units, count))


class _Moved:
    """Ids that are here: those that are held out are copied, and the others close up."""

    def __init__(self, tokens: HereIds) -> None:
        self._tokens, self._held = tokens, IdRow(isinstance(tokens, NumberFile))
        self._filled = 0

    def hold(self, units: NDArray[np.int64]) -> None:
        self._held.add(self._tokens[units[0] : units[-1]])

    def keep(self, start: int, stop: int) -> None:
        self._tokens[self._filled : self._filled + stop - start] = self._tokens[start:stop]
        self._filled += stop - start

    def both(self) -> tuple[Ids, Ids]:
        tokens = self._tokens
        if isinstance(tokens, NumberFile):
            tokens.resize(self._filled)
        else:
            tokens = tokens[: self._filled]
        return tokens, self._held.ids()


class _Listed:
    """Ids that lie elsewhere and stay: a list says which are held out. Each unit is a run."""

    def __init__(self, tokens: DistantIds) -> None:
        self._tokens = tokens
        self._held: list[NDArray[np.int64]] = []
        self._kept: list[tuple[int, int]] = []

    def hold(self, units: NDArray[np.int64]) -> None:
        self._held.append(np.stack((units[:-1], units[1:]), axis=1))

    def keep(self, start: int, stop: int) -> None:
        if self._kept and self._kept[-1][1] == start:
            self._kept[-1] = self._kept[-1][0], stop
        else:
            self._kept.append((start, stop))

    def both(self) -> tuple[Ids, Ids]:
        kept = np.array(self._kept, dtype=np.int64).reshape(-1, 2)
        held = np.concatenate([np.zeros((0, 2), dtype=np.int64), *self._held])
        held = held[held[:, 0] < held[:, 1]]
        return self._tokens.part(Runs.of(kept)), self._tokens.part(Runs.of(held))
