"""Private copies of the rows that all workers write all the time, merged now and then.

A cache line that two cores write in turn travels between them at every step: with shared rows two
workers were slower than one in hierarchical softmax, whose every step changes the root (1.5
against 2.3 M words/s, CBOW). So each worker has copies of the hottest rows, at the end of the
same matrix, and adds to the shared row what it changed since the last merge. The hotter a row,
the more often it is merged, so that no copy strays far.
"""

import numpy as np

from w2v.kernels.jit import Floats, jit
from w2v.kernels.rows import copy_row, merge_row, prefetch
from w2v.kernels.scratch import HotRows

AHEAD = 4
ASKED = 16
CENTERS, DUE = range(2)


@jit
def take_copies(hot: HotRows, input_matrix: Floats, output_matrix: Floats) -> None:
    """Copy the shared rows, as a chunk begins."""
    hot.trained[CENTERS] = 0
    hot.trained[DUE] = -1
    for k in range(hot.size):
        shared = hot.output_first + k * hot.output_step
        copy_row(input_matrix, k, input_matrix, k + hot.shift)
        copy_row(input_matrix, k, hot.input_before, k)
        copy_row(output_matrix, shared, output_matrix, k + hot.shift)
        copy_row(output_matrix, shared, hot.output_before, k)


@jit
def merge_due(
    trained: int, rate: np.float32, hot: HotRows, input_matrix: Floats, output_matrix: Floats
) -> None:
    """Count `trained` more centre words, and merge the copies whose turn has come."""
    if hot.size == 0:
        return
    due = hot.trained[DUE]
    if due >= 0:
        hot.trained[DUE] = -1
        merge_copies(
            hot.input_ends[due], hot.output_ends[due], rate, hot, input_matrix, output_matrix
        )
    merges = hot.trained[CENTERS] // hot.merge_interval
    hot.trained[CENTERS] += trained
    merge = hot.trained[CENTERS] // hot.merge_interval
    if merge == merges:
        return
    # The highest bit that changed: the most trailing zeros of the merges up to this one, of which
    # a group of two centre words may bring two at once.
    changed = merges ^ merge
    level = 0
    while changed > 1 and level < len(hot.input_ends) - 1:
        changed >>= 1
        level += 1
    hot.trained[DUE] = level
    for k in range(min(hot.input_ends[level], ASKED)):
        prefetch(input_matrix, k)
    for k in range(min(hot.output_ends[level], ASKED)):
        prefetch(output_matrix, hot.output_first + k * hot.output_step)


@jit
def merge_copies(
    input_count: int, output_count: int, rate: np.float32, hot: HotRows, input_matrix: Floats, output_matrix: Floats
) -> None:
    """Add what changed in the first copies to the shared rows, and copy these."""
    strength = overlap(hot.strength * np.float64(rate), hot.workers)
    output_strength = overlap(hot.output_strength * np.float64(rate), hot.workers)
    for k in range(input_count):
        if k + AHEAD < input_count:
            prefetch(input_matrix, k + AHEAD)
        merge_row(input_matrix, k + hot.shift, hot.input_before, k, k, strength, hot.scale)
    for k in range(output_count):
        shared = hot.output_first + k * hot.output_step
        if k + AHEAD < output_count:
            prefetch(output_matrix, shared + AHEAD * hot.output_step)
        merge_row(output_matrix, k + hot.shift, hot.output_before, k, shared, output_strength, hot.scale)


@jit
def overlap(x: float, workers: int) -> float:
    """Return the share"""
    if x < 1e-3:
        return 0.0
    effective = np.expm1(-x) / np.expm1(-x / workers)
    return (workers - effective) / (workers - 1)
