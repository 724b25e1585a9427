"""Fingerprints of words and phrases, and a growing table by fingerprint."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.prints import PRIME, PrintTable, copy_prints, print_words
from w2v.memory import huge_zeros
from w2v.text.word_table import WordTable

SPACE = b" "  # no word holds it
SLOT_BYTES = 16
_FIRST_SLOTS = 1 << 16
_LEAST_ROOM = 1 << 14  # records that a step may add, at least
_SEED = 15681  # any; what is found does not depend on it


def _letter_maps() -> NDArray[np.uint64]:
    """Return the factor, which is not 0, and the sum of each letter."""
    drawn: NDArray[np.uint64] = np.random.PCG64(_SEED).random_raw(512).reshape(256, 2)
    maps: NDArray[np.uint64] = drawn % (PRIME - np.uint64(1)) + np.uint64(1)
    return maps


_MAPS = _letter_maps()


def fingerprints(texts: Sequence[bytes]) -> NDArray[np.uint64]:
    """Return the fingerprints, uint64 (n, 2), of texts."""
    letters = np.frombuffer(b"".join(texts), dtype=np.uint8)
    starts = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    prints = np.empty((len(texts), 2), dtype=np.uint64)
    print_words(letters, starts, 0, _MAPS, prints)
    return prints


def word_fingerprints(table: WordTable, known: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the fingerprints of all words of a table; those of the first are known already."""
    prints = np.empty((len(table), 2), dtype=np.uint64)
    prints[: len(known)] = known
    starts = table.columns.starts[: len(table) + 1]
    print_words(table.columns.letters, starts, len(known), _MAPS, prints)
    return prints


class GrowingTable:
    """A hash table by fingerprint that doubles when it is half full."""

    def __init__(self, size: int = 0) -> None:
        """Make an empty table with room for `size` records."""
        slots = _FIRST_SLOTS
        while slots < 2 * size:
            slots *= 2
        self.columns = PrintTable(_empty(slots), np.zeros(1, dtype=np.int64))

    def __len__(self) -> int:
        return int(self.columns.sizes[0])

    def steps(self, size: int) -> Iterator[tuple[int, int]]:
        """Cut a range of `size` records to add into steps; for each, the table has room."""
        first = 0
        while first < size:
            stop = min(first + self._room(), size)
            yield first, stop
            first = stop

    def _room(self) -> int:
        """Return for how many more records there is room, after growing where it is too small."""
        while len(self) + _LEAST_ROOM > len(self.columns.records) // 2:
            records = _empty(2 * len(self.columns.records))
            copy_prints(self.columns.records, records)
            self.columns = self.columns._replace(records=records)
        return len(self.columns.records) // 2 - len(self)


def _empty(slots: int) -> NDArray[np.uint64]:
    records: NDArray[np.uint64] = huge_zeros(2 * slots, np.uint64).reshape(slots, 2)
    return records
