"""From token ids to centre words with their windows: three kernels, and the same draws as the CPU.

A token is kept or not by its position alone (w2v/kernels/windows.py), so each thread decides about
its own. `count_kept` counts in each block, `add_up` makes places of the counts, `list_kept` writes
the kept tokens end to end, and `find_windows` the window of each. So a window reaches across the
borders of blocks and stretches.
"""

import numpy as np
from numba import cuda

from w2v.kernels import windows
from w2v.kernels.cuda.compiler import SIMULATED, device, kernel, shared
from w2v.kernels.cuda.draws import below, draw, low_bits
from w2v.kernels.cuda.state import SELECT_BLOCK, Epoch, Selected, Stretch
from w2v.kernels.jit import Int32s

THREADS = 1 if SIMULATED else 256
EACH = SELECT_BLOCK // THREADS  # tokens of one thread, one after the other
SIDE_BITS = 16  # of `windows`, for the words on one side

is_kept = shared(windows.is_kept)  # a Stretch has the fields of a Text that it reads


@kernel
def count_kept(stretch: Stretch, epoch: Epoch, counts: Int32s) -> None:
    """Write to counts[block] how many tokens of each block are kept."""
    shared = cuda.shared.array(THREADS, np.int32)
    thread, block = cuda.threadIdx.x, cuda.blockIdx.x
    shared[thread] = _count_own(stretch, epoch, _first_own(stretch, block, thread))
    cuda.syncthreads()
    if thread == 0:
        total = 0
        for k in range(THREADS):
            total += shared[k]
        counts[block] = total


@kernel
def add_up(counts: Int32s, blocks: int, selected: Selected) -> None:
    """Write the tokens kept before each block of the stretch, and behind them the sum of all.

    No run of the stretch is taken then. Launched with one block of threads.
    """
    starts = selected.starts
    shared = cuda.shared.array(THREADS, np.int32)
    thread = cuda.threadIdx.x
    each = -(-blocks // THREADS)
    first, last = min(blocks, thread * each), min(blocks, (thread + 1) * each)
    own = 0
    for block in range(first, last):
        own += counts[block]
    shared[thread] = own
    cuda.syncthreads()
    if thread == 0:
        _add_up_shared(shared)
        selected.taken[0] = 0
    cuda.syncthreads()
    place = shared[thread]
    for block in range(first, last):
        starts[block] = place
        place += counts[block]
    if last == blocks and (first < blocks or thread == 0):
        starts[blocks] = place


@device
def _add_up_shared(shared: Int32s) -> None:
    """Replace each count by the sum of those before it."""
    total = 0
    for k in range(THREADS):
        count = shared[k]
        shared[k] = total
        total += count


@kernel
def list_kept(stretch: Stretch, epoch: Epoch, selected: Selected) -> None:
    """Write the words, places and sentences of the kept tokens."""
    shared = cuda.shared.array(THREADS, np.int32)
    thread, block = cuda.threadIdx.x, cuda.blockIdx.x
    first = _first_own(stretch, block, thread)
    shared[thread] = _count_own(stretch, epoch, first)
    cuda.syncthreads()
    if thread == 0:
        _add_up_shared(shared)
    cuda.syncthreads()
    last = min(stretch.size, first + EACH)
    if first >= last:
        return
    entry = selected.starts[block] + shared[thread]
    sentence = _sentence_of(stretch, stretch.offset + first)
    for k in range(first, last):
        while stretch.sentence_offsets[sentence + 1] <= stretch.offset + k:
            sentence += 1
        if _is_kept(stretch, epoch, k):
            selected.words[entry] = stretch.tokens[k]
            selected.places[entry] = k
            selected.sentences[entry] = sentence
            entry += 1


@kernel
def find_windows(stretch: Stretch, epoch: Epoch, blocks: int, selected: Selected) -> None:
    """Write the window of each kept token: how many kept words it has on either side."""
    total = selected.starts[blocks]
    for entry in range(cuda.grid(1), total, cuda.gridsize(1)):
        reach = epoch.window
        if epoch.shrinks_windows:
            bits = draw(epoch.key, stretch.offset + selected.places[entry])
            reach = 1 + below(low_bits(bits), epoch.window)
        low, high = max(0, entry - reach), min(total - 1, entry + reach)
        while selected.sentences[low] != selected.sentences[entry]:
            low += 1
        while selected.sentences[high] != selected.sentences[entry]:
            high -= 1
        selected.windows[entry] = (entry - low) | (high - entry) << SIDE_BITS


@device
def _first_own(stretch: Stretch, block: int, thread: int) -> int:
    return block * SELECT_BLOCK + thread * EACH


@device
def _count_own(stretch: Stretch, epoch: Epoch, first: int) -> int:
    count = 0
    for k in range(first, min(stretch.size, first + EACH)):
        count += _is_kept(stretch, epoch, k)
    return count


@device
def _is_kept(stretch: Stretch, epoch: Epoch, place: int) -> int:
    position = stretch.offset + place
    return is_kept(stretch, position, draw(epoch.key, position))


@device
def _sentence_of(stretch: Stretch, position: int) -> int:
    """Return the sentence that holds a position: the last border that is not behind it."""
    low, high = 0, stretch.sentences
    while high - low > 1:
        middle = (low + high) // 2
        if stretch.sentence_offsets[middle] <= position:
            low = middle
        else:
            high = middle
    return low
