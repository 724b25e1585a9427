"""Private copies of the rows that all workers write all the time, merged now and then.

A cache line that two cores write in turn travels between them at every step: with shared rows two
workers were slower than one in hierarchical softmax, whose every step changes the root (1.5
against 2.3 M words/s, CBOW). So each worker has copies of the hottest rows, at the end of the
same matrix, and adds to the shared row what it changed since the last merge. The hotter a row,
the more often it is merged, so that no copy strays far.
"""

from w2v.kernels.jit import Floats, jit
from w2v.kernels.rows import copy_row, merge_row, prefetch
from w2v.kernels.scratch import HotRows

AHEAD = 2


@jit
def take_copies(hot: HotRows, input_matrix: Floats, output_matrix: Floats) -> None:
    """Copy the shared rows, as a chunk begins."""
    hot.trained[0] = 0
    for k in range(hot.size):
        shared = hot.output_first + k * hot.output_step
        copy_row(input_matrix, k, input_matrix, k + hot.shift)
        copy_row(input_matrix, k, hot.input_before, k)
        copy_row(output_matrix, shared, output_matrix, k + hot.shift)
        copy_row(output_matrix, shared, hot.output_before, k)


@jit
def merge_due(trained: int, hot: HotRows, input_matrix: Floats, output_matrix: Floats) -> None:
    """Count `trained` more centre words, and merge the copies whose turn has come."""
    merges = hot.trained[0] // hot.merge_interval
    hot.trained[0] += trained
    merge = hot.trained[0] // hot.merge_interval
    if hot.size == 0 or merge == merges:
        return
    # The highest bit that changed: the most trailing zeros of the merges up to this one, of which
    # a group of two centre words may bring two at once.
    changed = merges ^ merge
    level = 0
    while changed > 1 and level < len(hot.input_ends) - 1:
        changed >>= 1
        level += 1
    merge_copies(hot.input_ends[level], hot.output_ends[level], hot, input_matrix, output_matrix)


@jit
def merge_copies(
    input_count: int, output_count: int, hot: HotRows, input_matrix: Floats, output_matrix: Floats
) -> None:
    """Add what changed in the first copies to the shared rows, and copy these."""
    for k in range(input_count):
        if k + AHEAD < input_count:
            prefetch(input_matrix, k + AHEAD)
        merge_row(input_matrix, k + hot.shift, hot.input_before, k, k, hot.strength, hot.scale)
    for k in range(output_count):
        shared = hot.output_first + k * hot.output_step
        if k + AHEAD < output_count:
            prefetch(output_matrix, shared + AHEAD * hot.output_step)
        merge_row(output_matrix, k + hot.shift, hot.output_before, k, shared, hot.strength, hot.scale)
