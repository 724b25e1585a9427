"""The arguments of the kernels on the card, one tuple a stage. All arrays lie on the card."""

from typing import NamedTuple

import numpy as np

from w2v.kernels.jit import Float64s, Floats, Int32s, Int64s, UInt64s
from w2v.kernels.state import BLOCK

SELECT_BLOCK = BLOCK  # tokens that one block of threads selects from


class Stretch(NamedTuple):
    """A stretch of the text: the tokens that are trained, and those that their windows reach."""

    tokens: Int32s  # word ids, at the positions from `offset` on
    offset: int
    size: int  # tokens in use
    sentence_offsets: Int64s  # the borders of the sentences in it; the first is `offset` or less
    sentences: int
    keep_thresholds: UInt64s


class Selected(NamedTuple):
    """The tokens of a stretch that subsampling keeps, and the windows of all of them."""

    words: Int32s  # (kept,)
    places: Int32s  # (kept,): positions, less the stretch's offset
    sentences: Int32s  # (kept,)
    windows: Int32s  # (kept,): words on the left, and 2^16 times those on the right
    starts: Int32s  # (blocks + 1,): tokens kept before each block of the stretch
    taken: Int32s  # (1,): the runs of centre words that warps have taken


class Epoch(NamedTuple):
    """What the card reads of `w2v.kernels.state.Schedule` and of `Variant`."""

    alpha: float
    fall: float
    final_alpha: float
    tokens_before: int
    key: np.uint64
    window: int
    loss_mask: np.uint64
    shrinks_windows: bool


class Outputs(NamedTuple):
    """The output rows that each word is scored against, as `w2v.kernels.state.OutputTables`."""

    negative: int
    noise_table: UInt64s
    path_offsets: Int64s
    path_targets: Int32s


class Weights(NamedTuple):
    """The two matrices, rows padded to whole groups of eight floats."""

    input: Floats
    output: Floats
    factors: Floats  # (V,): the part of each update that an input row takes; 0 if it is frozen
    input_pull: Floats  # (V,): how hard all warps together pull at each row, see pulls.py
    output_pull: Floats  # (rows,)
    totals: Float64s  # (TOTALS_SIZE,)


class Warp(NamedTuple):
    """A warp, and what it knows of the run of centre words that it has taken.

    The arrays lie in the memory that a block's warps share; row `team` is this warp's.
    """

    team: int  # the number of the warp in its block
    lane: int  # this thread's number in the warp
    words: Int32s  # (teams, RUN)
    windows: Int32s  # (teams, RUN): as in Selected
    rates: Floats  # (teams, RUN): learning rates
    losses: Int32s  # (teams, RUN): whether the loss is taken
    keys: UInt64s  # (teams, RUN): random streams
    rows: Int32s  # (teams, LISTED): output rows
    flags: Int32s  # (teams, LISTED): see lanes.py
    noise_words: int  # the output rows of a centre word that are words; 0 without noise


class Layout(NamedTuple):
    """How a warp holds rows. All of it is known when the kernel is compiled."""

    width: int  # floats of a row
    floats: int  # those of a lane
    size: int  # output rows of a tile, which are trained at once
    single: bool  # whether a tile holds all output rows of any centre word


class Center(NamedTuple):
    """A centre word of the run that a warp has taken."""

    number: int  # in the run
    centers: int  # those of the run
    token: int  # the kept token that it is
    left: int  # the words on the left in its window
    context: int  # those on both sides


class Tile(NamedTuple):
    """A lane's part of what a warp trains at a time, in registers."""

    before: Floats  # (size · floats,): output rows as they were loaded
    now: Floats  # (size · floats,): as they are
    context: Floats  # (floats,): the vector that is trained against them
    ahead: Floats  # (floats,): the next one
    error: Floats  # (floats,): what the vector gets back
    scores: Floats  # (TILE,): of each output row, then their gradients
