"""Fingerprints of texts in ids: those of parts, wherever they lie, make that of the whole."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.prints import Print, followed, print_ids
from w2v.text.distant_ids import DistantIds, IdPrint
from w2v.text.number_file import PIECE, HereIds, Ids

_NOTHING = 1, 0  # the fingerprint of an empty text


def print_of(tokens: Ids) -> IdPrint:
    """Return the fingerprint of a text, of which a million ids are in memory at a time."""
    if isinstance(tokens, DistantIds):
        return tokens.fingerprint()
    return print_of_ranges(tokens, np.array([0]), np.array([len(tokens)]))


def print_of_ranges(
    tokens: HereIds, starts: NDArray[np.int64], stops: NDArray[np.int64]
) -> IdPrint:
    """Return the fingerprint of some ranges of a text, one after another."""
    found = _unsigned(_NOTHING)
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        for first in range(start, stop, PIECE):
            ids = np.ascontiguousarray(tokens[first : min(stop, first + PIECE)])
            found = _unsigned(print_ids(ids, *found))
    return int(found[0]), int(found[1])


def joined_print(parts: Iterable[IdPrint]) -> IdPrint:
    """Return the fingerprint of texts that follow one another."""
    found = _unsigned(_NOTHING)
    for each in parts:
        found = _unsigned(followed(*found, *_unsigned(each)))
    return int(found[0]), int(found[1])


def _unsigned(found: IdPrint | Print) -> Print:
    """Return a fingerprint in the type that the kernels are compiled for."""
    return np.uint64(found[0]), np.uint64(found[1])
