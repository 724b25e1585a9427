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

import math

import numpy as np

from w2v.kernels.jit import Float64s, Floats, Int64s, jit
from w2v.kernels.prefetching import prefetch
from w2v.kernels.rows import copy_row, merge_row
from w2v.kernels.state import PERIODS, HotCopies, HotRows, Matrices, OutputTables, Text, Variant

ROWS_AHEAD = 4  # rows that are prefetched before they are merged
FIRST_ROWS = 16  # of each matrix, prefetched one step before their merge
# Of a chunk's tokens those at ⌊k · 4.236…⌋ are counted: all of them would take CBOW a tenth of its
# time. As this number is irrational, they meet all places of a repeated pattern alike; every fourth
# token would always meet the same ones.
STRIDE = 2.0 + math.sqrt(5.0)
LEAST_PERIOD = 1  # every second centre word: merges at the same time lose each other's changes
TRAINED, SHORTEST, DUE = range(3)  # indices of HotRows.progress
_NONE = -1
_LEAST_KEPT = 2.0**-32  # words
_LEAST_RATE = 1e-9  # scores at a centre word
_SHORT = 1e-3  # a distance at which nothing overlaps


@jit
def take_copies(hot: HotRows, matrices: Matrices) -> None:
    """Copy the shared rows, as a chunk begins.

    Writes the copies in both matrices, and `before`, `since` and `progress` of `hot`.
    """
    hot.progress[TRAINED], hot.progress[SHORTEST], hot.progress[DUE] = 0, PERIODS, _NONE
    _take(hot.inputs, matrices.input)
    _take(hot.outputs, matrices.output)
    _take(hot.nodes, matrices.output)


@jit
def _take(copies: HotCopies, matrix: Floats) -> None:
    for k in range(copies.size):
        shared = copies.first + k * copies.step
        copies.since[k] = 0
        copy_row(matrix, shared, matrix, k + copies.place)
        copy_row(matrix, shared, copies.before, k)


@jit
def plan_merges(
    text: Text, start: int, stop: int, variant: Variant, outputs: OutputTables, hot: HotRows
) -> None:
    """Plan how often each copy is merged in a chunk: by the scores that are expected with it there.

    What is common in one part of a text may be rare in another. Writes `counts`, `rates`,
    `periods`, `order` and `ends` of the copies, and the shortest period in `progress`.

    Parameters
    ----------
    text : Text
    start, stop : int
        The chunk's positions in the corpus.
    variant : Variant
    outputs : OutputTables
    hot : HotRows
    """
    hot.progress[SHORTEST] = PERIODS
    if hot.inputs.size + hot.nodes.size == 0 or start == stop:
        return
    kept = max(_count_words(text, start, stop, hot.inputs), _LEAST_KEPT)
    _set_rates(hot.of_input / kept, hot.inputs.counts, hot.inputs)
    _sort_copies(hot.progress, hot.inputs)
    if variant.noise:
        _set_rates(hot.of_output / kept, hot.inputs.counts, hot.outputs)
        _sort_copies(hot.progress, hot.outputs)
    if variant.paths:
        _count_nodes(text, start, stop, outputs, hot.nodes)
        _set_rates(hot.of_output / kept, hot.nodes.counts, hot.nodes)
        _sort_copies(hot.progress, hot.nodes)


@jit
def _count_words(text: Text, start: int, stop: int, copies: HotCopies) -> float:
    """Count each copy's word among the sampled tokens that are kept; return how many these are.

    All numbers are expected ones. Writes `copies.counts`.
    """
    kept = 0.0
    copies.counts[:] = 0
    for number in range(_sample_size(start, stop)):
        word = _sampled_word(number, text, start)
        keep = _keep_probability(word, text)
        kept += keep
        copies.counts[min(word, copies.size)] += keep
    return kept


@jit
def _count_nodes(
    text: Text, start: int, stop: int, outputs: OutputTables, copies: HotCopies
) -> None:
    """Count each copy's node on the paths of the sampled tokens that are kept.

    The row of a node has a smaller number than its parent's, so that the hot nodes of a path come
    first. Writes `copies.counts`.
    """
    copies.counts[:] = 0
    for number in range(_sample_size(start, stop)):
        word = _sampled_word(number, text, start)
        keep = _keep_probability(word, text)
        for place in range(outputs.path_offsets[word], outputs.path_offsets[word + 1]):
            below_root = copies.first - (outputs.path_targets[place] >> 1)
            if below_root >= copies.size:
                break
            copies.counts[below_root] += keep


@jit
def _sample_size(start: int, stop: int) -> int:
    return np.int64((stop - start - 1) / STRIDE) + 1


@jit
def _sampled_word(number: int, text: Text, start: int) -> int:
    return np.int64(text.tokens[start - text.offset + np.int64(number * STRIDE)])


@jit
def _keep_probability(word: int, text: Text) -> float:
    threshold = text.keep_thresholds[min(word, len(text.keep_thresholds) - 1)]
    return np.float64(threshold) / 2.0**32


@jit
def _set_rates(scores: float, counts: Float64s, copies: HotCopies) -> None:
    """Write the scores expected at a centre word: as noise, and `scores` for each one counted."""
    for k in range(copies.size):
        copies.rates[k] = copies.noise[k] + scores * counts[k]


@jit
def _sort_copies(progress: Int64s, copies: HotCopies) -> None:
    """Sort the copies by their periods, powers of two; write `order`, `ends` and the shortest."""
    copies.ends[:] = 0
    for k in range(copies.size):
        words = copies.limit / max(copies.rates[k], _LEAST_RATE)
        _, exponent = math.frexp(words * math.sqrt(0.5))  # rounds the logarithm
        copies.periods[k] = min(max(exponent, LEAST_PERIOD), PERIODS)
        if copies.periods[k] < PERIODS:
            copies.ends[copies.periods[k]] += 1
    total = 0
    for period in range(PERIODS):
        if copies.ends[period] > 0:
            progress[SHORTEST] = min(progress[SHORTEST], period)
        total, copies.ends[period] = total + copies.ends[period], total
    for k in range(copies.size):
        if copies.periods[k] < PERIODS:
            copies.order[copies.ends[copies.periods[k]]] = k
            copies.ends[copies.periods[k]] += 1


@jit
def count_center(progress: Int64s) -> bool:
    """Count a centre word; return whether `merge_due` has anything to do.

    Takes only `progress`: passing all of HotRows for each centre word cost a tenth of CBOW's time.

    Parameters
    ----------
    progress : int64 (3,)
        That of HotRows; written.
    """
    progress[TRAINED] += 1
    shortest = (1 << progress[SHORTEST]) - 1
    return progress[DUE] != _NONE or progress[TRAINED] & shortest == 0


@jit
def merge_due(rate: np.float32, hot: HotRows, matrices: Matrices) -> None:
    """Merge the copies that came due one step before; prefetch those that come due now.

    After 2^k, 2 · 2^k, … centre words those copies are due whose period is 2^k or less. Their
    shared rows are prefetched when they come due and merged one step later, which halves the cost.
    Writes the shared rows and the copies in both matrices, and `before`, `since` and `progress` of
    `hot`.

    Parameters
    ----------
    rate : float32
        The learning rate.
    hot : HotRows
    matrices : Matrices
    """
    trained, due = hot.progress[TRAINED], hot.progress[DUE]
    hot.progress[DUE] = _NONE
    if due != _NONE:
        _merge_due(due, trained, rate, hot.workers, hot.inputs, matrices.input)
        _merge_due(due, trained, rate, hot.workers, hot.outputs, matrices.output)
        _merge_due(due, trained, rate, hot.workers, hot.nodes, matrices.output)
    due = hot.progress[SHORTEST]
    if due == PERIODS or trained & ((1 << due) - 1) != 0:
        return
    while due < PERIODS - 1 and trained >> due & 1 == 0:
        due += 1
    hot.progress[DUE] = due
    _prefetch_first(due, hot.inputs, matrices.input)
    _prefetch_first(due, hot.outputs, matrices.output)
    _prefetch_first(due, hot.nodes, matrices.output)


@jit
def _prefetch_first(period: int, copies: HotCopies, matrix: Floats) -> None:
    for k in range(min(copies.ends[period], FIRST_ROWS)):
        prefetch(matrix, copies.first + copies.order[k] * copies.step)


@jit
def _merge_due(
    period: int, trained: int, rate: np.float32, workers: int, copies: HotCopies, matrix: Floats
) -> None:
    stop = copies.ends[period]
    for k in range(stop):
        if k + ROWS_AHEAD < stop:
            prefetch(matrix, copies.first + copies.order[k + ROWS_AHEAD] * copies.step)
        _merge_copy(copies.order[k], trained, rate, workers, copies, matrix)


@jit
def merge_all(rate: np.float32, hot: HotRows, matrices: Matrices) -> None:
    """Merge all copies, as a chunk ends: each by how far it has come since it was last merged.

    With few workers, or at a low learning rate, most rows are not merged within a chunk. Writes the
    shared rows and the copies in both matrices, and `before` and `since` of `hot`.
    """
    trained = hot.progress[TRAINED]
    _merge_all(trained, rate, hot.workers, hot.inputs, matrices.input)
    _merge_all(trained, rate, hot.workers, hot.outputs, matrices.output)
    _merge_all(trained, rate, hot.workers, hot.nodes, matrices.output)


@jit
def _merge_all(
    trained: int, rate: np.float32, workers: int, copies: HotCopies, matrix: Floats
) -> None:
    for k in range(copies.size):
        if k + ROWS_AHEAD < copies.size:
            prefetch(matrix, copies.first + (k + ROWS_AHEAD) * copies.step)
        _merge_copy(k, trained, rate, workers, copies, matrix)


@jit
def _merge_copy(
    copy: int, trained: int, rate: np.float32, workers: int, copies: HotCopies, matrix: Floats
) -> None:
    """Add what changed in a copy to the shared row, by how far it has come; copy this again."""
    scores = copies.rates[copy] * (trained - copies.since[copy])
    copies.since[copy] = trained
    overlap = overlapping(scores * copies.distance * np.float64(rate), workers)
    shared = copies.first + copy * copies.step
    merge_row(matrix, copy + copies.place, copies.before, copy, shared, overlap)


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
    effective = (1.0 - np.exp(-distance)) / (1.0 - np.exp(-distance / workers))
    return (workers - effective) / (workers - 1)
