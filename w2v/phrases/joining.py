"""Joining: the phrases of a text become words of their own, in place."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.joining import join_phrases, next_cut
from w2v.kernels.prints import add_prints
from w2v.phrases.prints import SPACE, GrowingTable, fingerprints
from w2v.phrases.text import PIECE, PhraseText


def join(text: PhraseText, phrases: Sequence[tuple[str, ...]], delimiter: str) -> None:
    """Replace phrases from left to right; a word belongs to one phrase at most.

    The text is cut where no phrase reaches across, so that threads share it and the result is that
    of one.

    Parameters
    ----------
    text : PhraseText
        The text; changed.
    phrases : sequence of tuple of str
        The words of each phrase.
    delimiter : str
        What stands between them in the new word.
    """
    targets = text.entries([delimiter.join(words) for words in phrases])
    table = GrowingTable(len(phrases))
    add_prints(
        fingerprints([SPACE.join(map(str.encode, words)) for words in phrases]), table.columns
    )
    space = fingerprints([SPACE])[0]

    def join_piece(bounds: tuple[int, int]) -> tuple[int, NDArray[np.int64]]:
        first, stop = bounds
        ends = text.ends(first, stop) - first
        kept = join_phrases(
            text.tokens[first:stop], ends, text.words, space, table.columns, targets
        )  # fmt: skip
        return kept, ends

    cuts = [
        next_cut(text.tokens, text.offsets, first, text.words, space, table.columns)
        for first in range(0, len(text.tokens), PIECE)
    ]
    cuts = sorted({*cuts, len(text.tokens)})
    joined = text.work.results(text.workers, join_piece, pairwise(cuts))
    _close_up(text, cuts, joined)


def _close_up(
    text: PhraseText, cuts: list[int], joined: list[tuple[int, NDArray[np.int64]]]
) -> None:
    """Move the pieces together."""
    size = 0
    offsets = [np.zeros(1, dtype=np.int64)]
    for (first, _), (kept, ends) in zip(pairwise(cuts), joined, strict=True):
        text.tokens[size : size + kept] = text.tokens[first : first + kept]
        offsets.append(ends + size)
        size += kept
    text.shorten(size, np.concatenate(offsets))
