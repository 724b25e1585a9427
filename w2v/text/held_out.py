"""Holding out: an encoded corpus in, one to train on and one to measure the loss on out."""

import numpy as np
from numpy.typing import NDArray

from w2v.errors import CorpusError
from w2v.text.encoding import EncodedCorpus

LONGEST_UNIT = 1_000  # tokens of a sentence that are held out or trained on together
_STREAM = 0x68656C64  # keeps these draws apart from those of the weights, which have the same seed


def hold_out(corpus: EncodedCorpus, share: float, seed: int) -> tuple[EncodedCorpus, EncodedCorpus]:
    """Take a share of the sentences away, or of the 1,000-token blocks of longer ones.

    Parameters
    ----------
    corpus : EncodedCorpus
        The corpus; its memory is used again, so it must not be used afterwards.
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
    borders = _unit_borders(corpus.sentence_offsets)
    units = len(borders) - 1
    count = max(1, round(share * units))
    if count >= units:
        raise CorpusError(
            f"Holding out {share:g} of {units:,} sentences (or blocks of {LONGEST_UNIT:,} words) "
            "leaves nothing to train on; hold out less, or use a longer text."
        )
    held = np.zeros(units, dtype=np.bool_)
    generator = np.random.default_rng([seed, _STREAM])
    held[generator.choice(units, count, replace=False)] = True
    taken = [corpus.tokens[borders[k] : borders[k + 1]] for k in np.flatnonzero(held)]
    tokens = np.concatenate(taken)  # before anything moves
    held_corpus = EncodedCorpus(tokens, np.cumsum([0, *map(len, taken)], dtype=np.int64))
    return _without(corpus, borders, held), held_corpus


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


def _unit_borders(sentence_offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the borders of the sentences, and of the blocks into which long ones are cut."""
    lengths = np.diff(sentence_offsets)
    blocks = -(-lengths // LONGEST_UNIT)
    first = np.repeat(np.cumsum(blocks) - blocks, blocks)
    within = (np.arange(len(first)) - first) * LONGEST_UNIT
    starts = np.repeat(sentence_offsets[:-1], blocks) + within
    borders: NDArray[np.int64] = np.append(starts, sentence_offsets[-1])
    return borders


def _without(
    corpus: EncodedCorpus, borders: NDArray[np.int64], held: NDArray[np.bool_]
) -> EncodedCorpus:
    """Move the tokens together over the units held out; a sentence ends at each gap."""
    changes = np.flatnonzero(np.diff(held, prepend=True, append=True))
    filled = 0
    for first, last in zip(changes[::2], changes[1::2], strict=True):  # runs of units that stay
        start, stop = borders[first], borders[last]
        corpus.tokens[filled : filled + stop - start] = corpus.tokens[start:stop]
        filled += stop - start
    gone = np.append(0, np.cumsum(np.diff(borders) * held))
    is_border = np.isin(borders, corpus.sentence_offsets)
    is_border[1:] |= held
    is_border[:-1] |= held
    offsets = np.unique((borders - gone)[is_border])
    return EncodedCorpus(corpus.tokens[:filled], offsets)
