"""Private copies of the rows that all workers write all the time, merged now and then.

A cache line that two cores write in turn travels between them at every step: with shared rows two
workers were slower than one in hierarchical softmax, whose every step changes the root (1.5
against 2.3 M words/s, CBOW). So each worker has copies of the hottest rows, at the end of the
same matrix, and adds to the shared row what it changed since the last merge.

To add up W workers' changes is right while a row goes a small part of its way between two merges.
A row that goes all of it is moved W times as far, and swings wider at every merge: with four
workers all numbers are lost. The workers' changes then have the same direction, that of the way.
So a worker leaves out of its change a part of what the others have done in the same direction
meanwhile: all of it where the row has come to its end, nothing where it has just begun. At right
angles, where changes are chance, they add up. (Adasum of Maleki et al., 2020, does as much without
knowing how far the row has come; its division by the length of a worker's own change fails where
the others' are many times as long.)
"""

import numpy as np

from w2v.kernels.jit import jit
from w2v.kernels.rows import copy_row, merge_row, prefetch
from w2v.kernels.state import HotRows, Matrices

ROWS_AHEAD = 4  # rows that are prefetched before they are merged
FIRST_ROWS = 16  # of each matrix that are prefetched a step before their merge
TRAINED, DUE = range(2)  # places of HotRows.progress
_NONE = -1
_SHORT = 1e-3  # a way on which nothing overlaps


@jit
def take_copies(hot: HotRows, matrices: Matrices) -> None:
    """Copy the shared rows, as a chunk begins. Writes the copies, and `before` of `hot`."""
    hot.progress[TRAINED] = 0
    hot.progress[DUE] = _NONE
    for k in range(hot.size):
        shared = hot.output_first + k * hot.output_step
        copy_row(matrices.input, k, matrices.input, k + hot.shift)
        copy_row(matrices.input, k, hot.input_before, k)
        copy_row(matrices.output, shared, matrices.output, k + hot.shift)
        copy_row(matrices.output, shared, hot.output_before, k)


@jit
def merge_due(trained: int, rate: np.float32, hot: HotRows, matrices: Matrices) -> None:
    """Count `trained` more centre words, and merge the copies whose turn came a step before.

    Writes the shared rows, the copies, and `before` and `progress` of `hot`.

    Between the two the shared rows are on their way from the other cores: so a merge costs half.
    """
    if hot.size == 0:
        return
    due = hot.progress[DUE]
    if due != _NONE:
        _merge_due_now(due, rate, hot, matrices)
    merges = hot.progress[TRAINED] // hot.merge_interval
    hot.progress[TRAINED] += trained
    merge = hot.progress[TRAINED] // hot.merge_interval
    if merge == merges:
        return
    # The highest bit that changed: the most trailing zeros of the merges up to this one, of which
    # a group of two centre words may bring two at once.
    changed = merges ^ merge
    level = 0
    while changed > 1 and level < len(hot.input_ends) - 1:
        changed >>= 1
        level += 1
    hot.progress[DUE] = level
    for k in range(min(hot.input_ends[level], FIRST_ROWS)):
        prefetch(matrices.input, k)
    for k in range(min(hot.output_ends[level], FIRST_ROWS)):
        prefetch(matrices.output, hot.output_first + k * hot.output_step)


@jit
def merge_all(rate: np.float32, hot: HotRows, matrices: Matrices) -> None:
    """Merge all copies, as a chunk ends: each by how far it has come since it was last merged.

    With few workers, or at a low learning rate, most rows are not merged within a chunk.
    """
    if hot.size == 0:
        return
    due = hot.progress[DUE]
    if due != _NONE:
        _merge_due_now(due, rate, hot, matrices)
    first_input = first_output = 0
    for level in range(len(hot.input_ends)):
        period = hot.merge_interval << level
        part = (hot.progress[TRAINED] % period) / period
        _merge_copies(
            first_input, hot.input_ends[level], first_output, hot.output_ends[level], part,
            rate, hot, matrices,
        )  # fmt: skip
        first_input, first_output = hot.input_ends[level], hot.output_ends[level]


@jit
def _merge_due_now(level: int, rate: np.float32, hot: HotRows, matrices: Matrices) -> None:
    hot.progress[DUE] = _NONE
    _merge_copies(
        0, hot.input_ends[level], 0, hot.output_ends[level], 1.0,
        rate, hot, matrices,
    )  # fmt: skip


@jit
def _merge_copies(
    first_input: int,
    input_stop: int,
    first_output: int,
    output_stop: int,
    part: float,
    rate: np.float32,
    hot: HotRows,
    matrices: Matrices,
) -> None:
    """Add what changed in some copies to the shared rows, and copy these.

    part: of the time between two merges that has passed since the last one.
    """
    overlap = overlapping(part * hot.input_distance * np.float64(rate), hot.workers)
    for k in range(first_input, input_stop):
        if k + ROWS_AHEAD < input_stop:
            prefetch(matrices.input, k + ROWS_AHEAD)
        merge_row(matrices.input, k + hot.shift, hot.input_before, k, k, overlap)
    overlap = overlapping(part * hot.output_distance * np.float64(rate), hot.workers)
    for k in range(first_output, output_stop):
        shared = hot.output_first + k * hot.output_step
        if k + ROWS_AHEAD < output_stop:
            prefetch(matrices.output, shared + ROWS_AHEAD * hot.output_step)
        merge_row(matrices.output, k + hot.shift, hot.output_before, k, shared, overlap)


@jit
def overlapping(distance: float, workers: int) -> float:
    """Return the part of the others' change in its own direction that a worker leaves out, 0 to 1.

    One worker would bring a row 1 − e^−x of its way, x the `distance`; each of W on its own brings
    it 1 − e^(−x/W), which is as much as one of n = (1 − e^−x) / (1 − e^(−x/W)) workers should.
    With a share of (W − n) / (W − 1) left out the changes of all add up to those of n.
    """
    if distance < _SHORT:
        return 0.0
    effective = np.expm1(-distance) / np.expm1(-distance / workers)
    return (workers - effective) / (workers - 1)
