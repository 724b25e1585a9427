"""Phrases in a text of ids: each becomes one id."""

import numpy as np

from w2v.kernels.jit import Int32s, Int64s, UInt64s, jit
from w2v.kernels.phrases import Words, spelled
from w2v.kernels.prints import VALUE, PrintTable, find_slot, key_of

_ZERO = np.uint64(0)


@jit
def next_cut(
    tokens: Int32s,
    offsets: Int64s,
    position: int,
    words: Words,
    space: UInt64s,
    phrases: PrintTable,
) -> int:
    """Return the first place from `position` on across which no phrase reaches.

    Joining may begin anew there. It is the start of a sentence, or the place between two words,
    neither of them a connector, that do not make a phrase.
    """
    sentence = np.searchsorted(offsets, position, side="left")
    while position < len(tokens) and position != offsets[sentence]:
        before = position - 1
        if (
            not words.is_connector[tokens[before]]
            and not words.is_connector[tokens[position]]
            and _phrase(tokens, before, position, words, space, phrases.records) < 0
        ):
            break
        position += 1
    return position


@jit
def join_phrases(
    tokens: Int32s, ends: Int64s, words: Words, space: UInt64s, phrases: PrintTable, targets: Int32s
) -> int:
    """Replace each phrase by its id, from left to right, and return how many ids stay.

    Parameters
    ----------
    tokens : int32 (n,)
        A text that begins and ends where `next_cut` allows; written.
    ends : int64 (s,)
        The number of ids before each end of a sentence, on entry and on return.
    words : Words
    space : uint64 (2,)
        The fingerprint of a space.
    phrases : PrintTable
        The number of each phrase, by its words with a space between.
    targets : int32 (phrases,)
        The id of each phrase.
    """
    kept = place = 0
    for sentence in range(len(ends) + 1):
        end = ends[sentence] if sentence < len(ends) else len(tokens)
        start = -1  # where a phrase may have begun
        while place < end:
            if words.is_connector[tokens[place]]:
                if start < 0:
                    tokens[kept] = tokens[place]
                    kept += 1
            elif start >= 0:
                number = _phrase(tokens, start, place, words, space, phrases.records)
                if number >= 0:
                    tokens[kept] = targets[number]
                    kept, start = kept + 1, -1
                else:
                    kept = _move(tokens, start, place, kept)
                    start = place
            else:
                start = place
            place += 1
        if start >= 0:
            kept = _move(tokens, start, end, kept)
        if sentence < len(ends):
            ends[sentence] = kept
    return kept


@jit
def _phrase(
    tokens: Int32s, begin: int, end: int, words: Words, space: UInt64s, records: UInt64s
) -> int:
    """Return the number of the phrase tokens[begin : end + 1], or −1 if it is not a phrase."""
    factor, total = spelled(tokens, begin, end, words, space)
    low, high = key_of(factor, total)
    slot = find_slot(records, low, high)
    return np.int64(records[slot, 1] & VALUE) if records[slot, 0] != _ZERO else -1


@jit
def _move(tokens: Int32s, begin: int, end: int, kept: int) -> int:
    for place in range(begin, end):
        tokens[kept] = tokens[place]
        kept += 1
    return kept
