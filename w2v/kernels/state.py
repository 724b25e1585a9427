"""What the kernels are given, a tuple a stage: each kernel's signature shows what it reads.

`Text`, `Outputs`, `Schedule` and `Variant` are read by all workers. `WorkerState` is one worker's
own memory: the kernels that walk over a block have all of it, those of one stage only its part.
"""

from typing import NamedTuple

import numpy as np

from w2v.kernels.jit import Bytes, Float64s, Floats, Int32s, Int64s, UInt64s

MAX_LOGIT = 6.0  # scores beyond are saturated: the sigmoid is 0 or 1 to a quarter of a per cent
BLOCK = 2048  # tokens whose kept ones are listed at a time: the lists stay in the caches
LOSS, PAIRS, CENTERS, KEPT, DROPPED, SCORES, SATURATED = range(7)  # places of WorkerState.totals
PLACES = 7
POOL = 512  # noise words a block draws from, or more: their rows stay in the L2 cache


class Variant(NamedTuple):
    """What is trained: the model's architecture, its loss, and what word2vec's users may choose."""

    cbow: bool  # else skip-gram
    hierarchical: bool  # hierarchical softmax, else negative sampling
    mean: bool  # CBOW trains the mean of the context words' rows, else their sum
    shrinks_windows: bool  # a window's size is drawn from 1 … window, else it is `window`


class Text(NamedTuple):
    """The encoded corpus, or a stretch of it: all positions are those of the whole corpus."""

    tokens: Int32s  # (T,), which are at the positions from `offset` on
    offset: int
    sentence_offsets: Int64s  # (S + 1,), from `offset` to `offset` + T
    # A token is kept if 32 random bits lie below the threshold of its word. Words are sorted by
    # count, and the last threshold is that of all words that follow: a short table, in L1.
    keep_thresholds: UInt64s


class Outputs(NamedTuple):
    """The output rows a word is scored against: noise (alias table), or its Huffman path."""

    negative: int  # noise words a centre word; 0 for hierarchical softmax
    noise_table: UInt64s  # (V,), an alias table, see draw_noise
    path_offsets: Int64s  # (V + 1,)
    path_steps: Int32s  # (path_offsets[V],), the nodes from the root to each word: 2 · row + label


class Schedule(NamedTuple):
    """One epoch: its learning rate, falling linearly, its random stream, the size of windows."""

    alpha: float
    fall: float  # a token
    min_alpha: float
    position: int  # tokens before this epoch
    key: np.uint64  # of this epoch's random stream
    window: int
    group_bits: int  # the centre words of 2^group_bits positions are trained together
    batch: int  # context words that skip-gram trains at once
    loss_mask: np.uint64  # the loss is taken on groups whose random bits have none of these


class HotRows(NamedTuple):
    """The rows that everybody writes, as one worker's private copies (see hot_rows.py)."""

    size: int  # H, 0 with one worker
    shift: int  # the copy of word row r is row r + shift of the same matrix
    output_first: int  # the shared row of output copy 0, and the step to that of the next
    output_step: int
    merge_interval: int  # centre words of this worker
    input_ends: Int64s  # at every 2^k-th merge the copies before ends[k] are merged
    output_ends: Int64s
    workers: int  # that have copies
    input_distance: float  # how far a row comes between merges, at a learning rate of 1;
    output_distance: float  # 0 where the changes of all workers are summed
    input_before: Floats  # (H, width): the shared rows as they were last seen
    output_before: Floats
    progress: Int64s  # (2,): centre words since the chunk began; the level of the merge that is due


class FrozenRows(NamedTuple):
    """The input rows that stay as they are (see frozen_rows.py); empty where there are none."""

    places: Int32s  # (V,) or (0,): for each word its row in `rows`, or −1
    rows: Floats  # (frozen, width)


class OwnRows(NamedTuple):
    """The rows of one matrix that a shard of a round touches (see own_rows.py).

    Empty where the workers share the matrices.
    """

    shard: int
    marks: Bytes  # (shards, V), of all shards: 0 for a row that the shard does not touch
    holders: Int64s  # (V,), of all shards: bit k for a copy of shard k; of rows that have copies
    touched: Int32s  # (capacity,): those of this shard
    copied: Int32s  # (capacity,): those of them that another shard touches too
    counts: Int64s  # (2,): of `touched` and of `copied`
    places: Int32s  # (V,): the row of the copy; of what is not copied, the row itself
    first: int  # the row of the first copy


class OwnMatrices(NamedTuple):
    """The rows of both matrices that a shard of a round touches."""

    input: OwnRows
    output: OwnRows


class Matrices(NamedTuple):
    """The weights: (V + all workers' copies, width), rows padded to whole vectors, aligned."""

    input: Floats
    output: Floats


class Listed(NamedTuple):
    """The kept tokens of a block, and those of the windows that reach beyond it."""

    ids: Int32s  # (listed,)
    words: Int32s  # (listed,): their rows, which are private copies for hot words
    positions: Int64s  # (listed,)
    sentences: Int64s  # (listed,)
    reaches: Int64s  # (listed,): the reduced windows


class Noise(NamedTuple):
    """The noise words of a block, as output rows."""

    pool: Int32s  # those that the block draws from
    rows: Int32s  # (BLOCK + 1, negative + 1): of each group's first batch, from the pool


class Targets(NamedTuple):
    """The output rows that each centre word of a block is trained against, and their labels."""

    starts: Int64s  # (listed + 1,): those of centre word k are from starts[k] on
    rows: Int32s
    labels: Floats  # 1 or 0


class Group(NamedTuple):
    """The windows of the centre words that skip-gram trains together against their noise."""

    lows: Int64s  # (group,): first and last token of each centre word's window
    highs: Int64s
    repeats: Floats  # (inputs + 2,): how many windows hold each of the context words
    shares: Floats  # (negative,): share of the pairs that each noise word is noise to
    rates: Floats  # (negative,): learning rate of each noise word


class Step(NamedTuple):
    """One training step: which rows it takes, copies of some of them, and what it finds.

    Blocks of rows are padded and aligned as the matrices are.
    """

    input_rows: Int32s  # (outputs,): the most of both, a multiple of 8
    places: Int32s  # 0, 1, …: the rows of a block
    ones: Floats  # labels of context words
    input_block: Floats  # (batch + 1, width)
    output_block: Floats  # (8, width)
    error: Floats  # (1, width): what the row being trained gets back; zero between steps
    scores: Floats  # (batch + 1, outputs)
    gradients: Floats  # (batch + 1, outputs)


class WorkerState(NamedTuple):
    """One worker's own memory."""

    listed: Listed
    noise: Noise
    targets: Targets
    group: Group
    step: Step
    hot: HotRows
    own: OwnMatrices
    frozen: FrozenRows
    # Sum of the loss, pairs it was taken on, centre words with a context, tokens kept and dropped
    # by subsampling; of the scores that the loss was taken on, the number and those beyond ±6.
    totals: Float64s  # (PLACES,)
