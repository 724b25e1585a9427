"""Private copies of the rows that all workers write all the time, merged now and then.

A cache line that two cores write in turn travels between them at every step. With shared rows two
workers were slower than one in hierarchical softmax, where every step changes the root (1.5
against 2.3 M words/s, CBOW). So each worker has copies of the hottest rows, at the end of the
same matrix. A merge adds to the shared row what the worker changed since its last merge.

Adding up the changes of W workers is right while a row goes a small part of its way between two
merges. A row that goes all its way is moved W times as far, and swings wider at every merge: with
four workers all numbers were lost. The workers' changes then point the same way. So a worker
leaves out a part of its change that the others have already made in the same direction: all of it
where the row has arrived, nothing where it has just begun. Changes at right angles are chance, and
add up. (Adasum, by Maleki et al., 2020, does as much without knowing how far a row has come. It
divides by the length of a worker's own change, and fails where the others' are many times as long.)
"""

import numpy as np

from w2v.kernels.jit import Floats, jit
from w2v.kernels.prefetching import prefetch
from w2v.kernels.rows import copy_row, merge_row
from w2v.kernels.state import HotCopies, HotRows, Matrices

ROWS_AHEAD = 4  # rows that are prefetched before they are merged
FIRST_ROWS = 16  # of each matrix, prefetched one step before their merge
TRAINED, MERGES, DUE = range(3)  # indices of HotRows.progress
_NONE = -1
_SHORT = 1e-3  # a distance at which nothing overlaps


@jit
def take_copies(hot: HotRows, matrices: Matrices) -> None:
    """Copy the shared rows, as a chunk begins.

    Writes the copies in both matrices, and the `before` rows and `progress` of `hot`.
    """
    hot.progress[TRAINED] = hot.progress[MERGES] = 0
    hot.progress[DUE] = _NONE
    _take(hot.inputs, matrices.input)
    _take(hot.outputs, matrices.output)
    _take(hot.nodes, matrices.output)


@jit
def _take(copies: HotCopies, matrix: Floats) -> None:
    for k in range(copies.size):
        shared = copies.first + k * copies.step
        copy_row(matrix, shared, matrix, k + copies.place)
        copy_row(matrix, shared, copies.before, k)


@jit
def merge_when_due(rate: np.float32, hot: HotRows, matrices: Matrices) -> None:
    """Count a centre word, and merge the copies that came due one step before.

    Copies of level k are merged at every 2^k-th merge, together with those of all levels below.
    Their shared rows are prefetched when they come due and merged one step later, which halves the
    cost. Writes the shared rows and the copies in both matrices, and the `before` rows and
    `progress` of `hot`.

    Parameters
    ----------
    rate : float32
        The learning rate.
    hot : HotRows
    matrices : Matrices
    """
    if hot.inputs.size == 0:
        return
    due = hot.progress[DUE]
    if due != _NONE:
        _merge_levels(due, rate, hot, matrices)
    merges = hot.progress[MERGES]
    hot.progress[TRAINED] += 1
    if hot.progress[TRAINED] < (merges + 1) * hot.merge_interval:
        return  # nearly always
    hot.progress[MERGES] = merges + 1
    changed = merges ^ (merges + 1)  # the highest bit that changed gives the level
    level = 0
    while changed > 1 and level < len(hot.inputs.ends) - 1:
        changed >>= 1
        level += 1
    hot.progress[DUE] = level
    _prefetch_first(level, hot.inputs, matrices.input)
    _prefetch_first(level, hot.outputs, matrices.output)
    _prefetch_first(level, hot.nodes, matrices.output)


@jit
def _prefetch_first(level: int, copies: HotCopies, matrix: Floats) -> None:
    for k in range(min(copies.ends[level], FIRST_ROWS)):
        prefetch(matrix, copies.first + k * copies.step)


@jit
def merge_all(rate: np.float32, hot: HotRows, matrices: Matrices) -> None:
    """Merge all copies, as a chunk ends: each by how far it has come since it was last merged.

    With few workers, or at a low learning rate, most rows are not merged within a chunk. Writes the
    shared rows and the copies in both matrices, and the `before` rows and `progress` of `hot`.
    """
    if hot.inputs.size == 0:
        return
    due = hot.progress[DUE]
    if due != _NONE:
        _merge_levels(due, rate, hot, matrices)
    trained = hot.progress[TRAINED]
    _merge_every_level(trained, rate, hot, hot.inputs, matrices.input)
    _merge_every_level(trained, rate, hot, hot.outputs, matrices.output)
    _merge_every_level(trained, rate, hot, hot.nodes, matrices.output)


@jit
def _merge_every_level(
    trained: int, rate: np.float32, hot: HotRows, copies: HotCopies, matrix: Floats
) -> None:
    """Merge the copies of each level by the part of its period that has passed."""
    first = 0
    for level in range(len(copies.ends)):
        period = hot.merge_interval << level
        distance = (trained % period) / period * copies.distance * np.float64(rate)
        overlap = overlapping(distance, hot.workers)
        _merge_copies(first, copies.ends[level], overlap, copies, matrix)
        first = copies.ends[level]


@jit
def _merge_levels(level: int, rate: np.float32, hot: HotRows, matrices: Matrices) -> None:
    """Merge the copies of all levels up to this one, which are due."""
    hot.progress[DUE] = _NONE
    _merge_due(level, rate, hot.workers, hot.inputs, matrices.input)
    _merge_due(level, rate, hot.workers, hot.outputs, matrices.output)
    _merge_due(level, rate, hot.workers, hot.nodes, matrices.output)


@jit
def _merge_due(
    level: int, rate: np.float32, workers: int, copies: HotCopies, matrix: Floats
) -> None:
    overlap = overlapping(copies.distance * np.float64(rate), workers)
    _merge_copies(0, copies.ends[level], overlap, copies, matrix)


@jit
def _merge_copies(first: int, stop: int, overlap: float, copies: HotCopies, matrix: Floats) -> None:
    """Add what changed in copies `first` to `stop` − 1 to the shared rows; copy these again."""
    for k in range(first, stop):
        shared = copies.first + k * copies.step
        if k + ROWS_AHEAD < stop:
            prefetch(matrix, shared + ROWS_AHEAD * copies.step)
        merge_row(matrix, k + copies.place, copies.before, k, shared, overlap)


@jit
def overlapping(distance: float, workers: int) -> float:
    """Return the part of the others' change in its own direction that a worker leaves out.

    One worker would bring a row 1 − e^−x of its way, with x the distance. Each of W workers alone
    brings it 1 − e^(−x/W), so n = (1 − e^−x) / (1 − e^(−x/W)) workers would be right. If each
    leaves out (W − n) / (W − 1), the changes of all add up to those of n.

    Parameters
    ----------
    distance : float
        How far the row comes between two merges, 0 or more.
    workers : int
        2 or more.

    Returns
    -------
    float
        0 to 1.
    """
    if distance < _SHORT:
        return 0.0
    effective = np.expm1(-distance) / np.expm1(-distance / workers)
    return (workers - effective) / (workers - 1)
