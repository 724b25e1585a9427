"""Encoding one piece of a corpus, and handing out its ids."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.entries import replace_entries
from w2v.text.counted_pieces import ChosenWords, CountedPiece
from w2v.text.distant_ids import IdPrint
from w2v.text.id_prints import print_of_ranges
from w2v.text.number_file import HereIds, IdRow, Offsets, SentenceEnds
from w2v.text.piece_memory import Weighed, bytes_of, memory_taken

_AT_ONCE = 1 << 22  # ids that are counted together


@dataclass(eq=False)
class EncodedPiece(Weighed):
    """A piece as ids.

    Attributes
    ----------
    tokens : int32 (n,)
        The ids, perhaps in a file.
    ends : int64
        Rising: how many of them come before each end of a sentence. The first may be 0, where a
        sentence of the piece before ends.
    """

    tokens: HereIds
    ends: NDArray[np.int64]

    @property
    def nbytes(self) -> int:
        """Bytes of memory, without what lies in files."""
        return bytes_of(self.tokens) + self.ends.nbytes


def encode_piece(piece: CountedPiece, chosen: ChosenWords, memory_limit: int) -> EncodedPiece:
    """Replace the words of a piece, which stays as it is, by ids; leave others out.

    Parameters
    ----------
    piece : CountedPiece
    chosen : ChosenWords
        The words with ids.
    memory_limit : int
        Bytes that all pieces of this process may take; the ids of others go to a file.
    """
    in_file = memory_taken() + 4 * piece.account.words > memory_limit
    row, numbers = IdRow(in_file), chosen.numbers_in(piece)
    all_ends, filled = [np.zeros(0, np.int64)], 0
    for block in piece.blocks:
        entries, ends = np.array(block.entries[:]), np.array(block.ends[:])
        kept = entries[: replace_entries(entries, ends, numbers(block.drops))]
        all_ends.append(ends + filled)
        filled += len(kept)
        row.add(kept)
    borders = np.concatenate(all_ends)
    return EncodedPiece(row.ids(), borders[np.diff(borders, prepend=-1) > 0])


def parts_of(
    piece: EncodedPiece, ranges: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]
) -> list[tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """Return some ids of a piece, several times.

    Parameters
    ----------
    piece : EncodedPiece
    ranges : sequence of (int64, int64)
        Where ranges of ids begin, rising, and where each ends.

    Returns
    -------
    list of (int32, int64)
        The ids of all ranges, one after another, and where sentences end in the piece from the
        first to the last of them, both included.
    """
    found = []
    for starts, stops in ranges:
        pairs = zip(starts.tolist(), stops.tolist(), strict=True)
        ids = np.concatenate([piece.tokens[start:stop] for start, stop in pairs])
        first, last = starts[0], stops[-1]
        ends = piece.ends[np.searchsorted(piece.ends, first) :]
        found.append((ids, ends[: np.searchsorted(ends, last, side="right")]))
    return found


def frequencies_of(
    piece: EncodedPiece, starts: NDArray[np.int64], stops: NDArray[np.int64], words: int
) -> NDArray[np.int64]:
    """Return how often each of `words` ids is in some ranges of a piece."""
    counts = np.zeros(words, dtype=np.int64)
    ids = [np.zeros(0, dtype=np.int32)]
    waiting = 0
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        for first in range(start, stop, _AT_ONCE):
            ids.append(piece.tokens[first : min(stop, first + _AT_ONCE)])
            waiting += len(ids[-1])
            if waiting >= _AT_ONCE:
                counts += np.bincount(np.concatenate(ids), minlength=words)
                ids, waiting = ids[:1], 0
    return counts + np.bincount(np.concatenate(ids), minlength=words)


def fingerprint_of(
    piece: EncodedPiece, starts: NDArray[np.int64], stops: NDArray[np.int64]
) -> IdPrint:
    """Return the fingerprint of the ids in some ranges of a piece."""
    return print_of_ranges(piece.tokens, starts, stops)


def added(counts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the sum of some counts."""
    total = np.zeros_like(counts[0])
    for each in counts:
        total += each
    return total


def sentence_offsets(pieces: Sequence[tuple[int, NDArray[np.int64]]], in_file: bool) -> Offsets:
    """Return where sentences end, after a 0, given the ids and the ends in each piece."""
    sentences, start = SentenceEnds(in_file), 0
    for length, ends in pieces:
        sentences.add(ends + start)
        start += length
    return sentences.offsets()
