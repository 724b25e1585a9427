"""The arguments of the kernels, one tuple a stage: a kernel's signature shows what it reads.

All workers read `Text`, `OutputTables`, `Schedule` and `Variant`. `WorkerState` is one worker's own
memory. The kernels that walk over a block take all of it, those of one stage only their part.
"""

from typing import NamedTuple

import numpy as np

from w2v.kernels.jit import Float64s, Floats, Int32s, Int64s, UInt16s, UInt64s

MAX_LOGIT = 6.0  # beyond it a score is saturated: σ is 0 or 1 to a quarter of a per cent
BLOCK = 2048  # tokens that are listed at a time: the lists stay in the caches
LOSS, PAIRS, CENTERS, KEPT, DROPPED, SCORES, SATURATED = range(7)  # indices of totals
TOTALS_SIZE = 7
PERIODS = 16  # of copies, in powers of two: a chunk has up to 2^16 centre words
POOL = 512  # noise words that a block draws from, at least: so many rows stay in the L2 cache


class Variant(NamedTuple):
    """The variant that is trained: architecture, loss, and choices of users."""

    cbow: bool  # else skip-gram
    noise: bool  # negative sampling: the centre word is trained against noise words
    paths: bool  # hierarchical softmax: it is trained against its Huffman path; perhaps both
    mean: bool  # CBOW trains the mean of the context rows, else their sum
    shrinks_windows: bool  # draws each window's size from 1 … window, else it is `window`


class Text(NamedTuple):
    """The encoded corpus, or a stretch of it. All positions are those in the whole corpus."""

    tokens: Int32s  # (T,): word ids, at the positions from `offset` on
    offset: int
    sentence_offsets: Int64s  # (S + 1,), from `offset` to `offset` + T
    # A token is kept if 32 random bits lie below the threshold of its word. Words are sorted by
    # count, and the last threshold holds for all words that follow: the table is short and in L1.
    keep_thresholds: UInt64s


class OutputTables(NamedTuple):
    """The output rows that each word is scored against: noise, its Huffman path, or both.

    The tables of a loss that is not trained are empty.
    """

    negative: int  # noise words of a centre word; 0 without negative sampling
    noise_table: UInt64s  # (V,): an alias table, see draw_noise
    path_offsets: Int64s  # (V + 1,)
    path_targets: Int32s  # (path_offsets[V],): 2 · row + label of each node, the root first


class Schedule(NamedTuple):
    """One epoch: its learning rate, its random stream, its windows, and where its loss is taken.

    `batch` is here because it follows from the learning rate: all its steps together are small.
    `pool` is here because it follows from the text.
    """

    alpha: float  # the learning rate at the start of the training
    fall: float  # how far it falls with each token; below 0 it rises
    final_alpha: float  # the learning rate at the end
    tokens_before: int  # the tokens of all epochs before this one
    key: np.uint64  # the key of this epoch's random stream
    window: int
    batch: int  # context words that skip-gram trains at once
    pool: int  # noise words that a block draws from
    loss_mask: np.uint64  # the loss is taken at positions whose random bits & mask are 0


class HotCopies(NamedTuple):
    """One worker's private copies of the rows that are hottest in the whole text, by rank."""

    size: int  # H, the number of copies; 0 with one worker
    place: int  # the row of copy 0, behind the shared rows of the same matrix
    first: int  # the shared row of copy 0
    step: int  # from one copy's shared row to the next: 1 or −1
    limit: float  # scores with a copy from one merge to the next
    distance: float  # how far all workers bring a row while one of them makes a score with it, at
    # a learning rate of 1; 0 where the changes of all workers are summed
    before: Floats  # (H, width): the shared rows as this worker last saw them
    noise: Float64s  # (H,): the scores expected with each as noise, at each centre word
    # (H + 1,): how often each one's word, or its node, is expected among the sampled tokens of the
    # chunk that are kept; the last entry is for all other words. Those of output rows are the
    # words' too, and not written.
    counts: Float64s
    rates: Float64s  # (H,): the scores expected with each at each centre word of the chunk
    since: Int64s  # (H,): when each was last merged, in centre words since the chunk began
    periods: Int32s  # (H,): each is merged every 2^period centre words
    order: Int32s  # (H,): the copies, those first that are merged most often
    ends: Int64s  # (PERIODS,): the first ends[k] of them are merged every 2^k centre words


class HotRows(NamedTuple):
    """One worker's private copies of the rows that every worker writes (see hot_rows.py)."""

    inputs: HotCopies  # input rows of words
    outputs: HotCopies  # output rows of words, in negative sampling
    nodes: HotCopies  # output rows of Huffman nodes, in hierarchical softmax
    workers: int  # workers that have copies
    of_input: float  # scores with an input row for each occurrence of its word, in the mean
    of_output: float  # scores with each of a centre word's own rows: the word's, and its path's
    progress: Int64s  # (3,): centre words since the chunk began; the shortest period; that which is
    # due, or −1


class FrozenRows(NamedTuple):
    """The input rows that never change (see frozen_rows.py); empty if there are none."""

    places: Int32s  # (V,) or (0,): for each word its row in `rows`, or −1
    rows: Floats  # (frozen, width)


class ScaledRows(NamedTuple):
    """The input rows whose changes are multiplied by a factor (see frozen_rows.py).

    `factors` is shared. The rest is one worker's own, and describes the running step. All arrays
    are empty if there are none.
    """

    factors: Floats  # (V,): for each word its factor; 1 where the row moves as usual
    slots: Int32s  # (V,): for each word its entry in `words`; −1 if it has none
    words: Int32s  # (inputs,): the words whose rows are scaled
    rows: Int32s  # (inputs,): their rows in the input matrix
    before: Floats  # (inputs, width): these rows before the step
    used: Int64s  # (1,): entries used


class OwnRows(NamedTuple):
    """The rows of one matrix that a shard of a round touches (see own_rows.py).

    All arrays are empty where the workers share the matrices.
    """

    shard: int
    # (V, 2): how far a shard brings each row, at a learning rate of 1: in a block, as noise or a
    # node, and with each occurrence of its word (ROUTINE, EACH in touched_rows.py).
    distances: Floats
    marks: UInt16s  # (shards, V), shared: 0 for a row that a shard does not touch
    # (V,), shared: bit k means that shard k has a copy; only for copied rows. (0,) on a cluster,
    # which lists its copies to merge them.
    holders: Int64s
    touched: Int32s  # (capacity,): the rows that this shard touches
    copied: Int32s  # (capacity,): those of them that another shard touches too
    ways: Floats  # (capacity,): how far the shard brings each copy, at a learning rate of 1
    counts: Int64s  # (4,) or more: see touched_rows.py
    ends: Int32s  # (2, blocks): entries of `touched`, and of `copied`, up to the end of each block
    places: Int32s  # (V,): the row of the copy, or the row itself if it is not copied
    first: int  # the row of the first copy
    shared: Floats  # (V, width) or more rows: the matrix that the copies are taken from


class OwnMatrices(NamedTuple):
    """The rows of both matrices that a shard of a round touches."""

    input: OwnRows
    output: OwnRows


class Matrices(NamedTuple):
    """The weights, rows padded to whole vectors, aligned; all workers' copies lie behind them.

    The output matrix has a row for each word: its own in negative sampling, or that of a Huffman
    node. With both losses it has the rows of all words, and then those of the nodes.
    """

    input: Floats
    output: Floats


class Listed(NamedTuple):
    """The kept tokens of a block, and those in windows that reach beyond it."""

    ids: Int32s  # (listed,)
    words: Int32s  # (listed,): their rows; for hot words those of the private copies
    positions: Int64s  # (listed,)
    sentences: Int64s  # (listed,)
    reaches: Int64s  # (listed,): the drawn sizes of their windows


class Targets(NamedTuple):
    """The output rows that each centre word of a block is trained against, and their labels.

    Behind those of the last centre word there is room for two more lists, with the noise of later
    batches of a window (skipgram.py).
    """

    pool: Int32s  # room for the rows that the block draws its noise from
    starts: Int64s  # (listed + 1,): centre word k has entries starts[k] to starts[k + 1] − 1
    paths: Int64s  # (listed,): the first of them that is a node; those before are words
    rows: Int32s
    labels: Floats  # 1 or 0


class StepBuffers(NamedTuple):
    """The memory of one training step: the rows it takes, one vector, its scores and gradients.

    Vectors are padded and aligned as the rows of the matrices are.
    """

    # (inputs,): the context words' rows. All entries are rows of the matrix at any time, also those
    # behind the last, of which a step may read one.
    input_rows: Int32s
    query: Floats  # (1, width): the vector of a CBOW window
    error: Floats  # (1, width): the update of the vector being trained; zero between steps
    scores: Floats  # (batch + 1, outputs)
    gradients: Floats  # (batch + 1, outputs)


class WorkerState(NamedTuple):
    """One worker's own memory."""

    listed: Listed
    targets: Targets
    buffers: StepBuffers
    hot: HotRows
    own: OwnMatrices
    frozen: FrozenRows
    scaled: ScaledRows
    # The sum of the loss; the pairs it was taken on; centre words with a context; tokens that
    # subsampling kept and dropped; the scores that the loss was taken on, and those beyond ±6.
    totals: Float64s  # (TOTALS_SIZE,)
