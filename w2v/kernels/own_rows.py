"""Private copies of the rows that several shards of a round touch.

Before a round is trained each shard lists the rows that its stretch of the text will touch, which
it knows from the draws alone. A row that no other shard touches is trained where it is. Of the
others each shard takes copies, behind the rows of the same matrix as those of hot_rows.py, and the
lists of a block, which name rows, are rewritten to name the copies: the arithmetic knows nothing
of it. On wiki8 three quarters of the rows need no copy, and nothing to be merged.

In negative sampling the kernels name both rows of a word by one number: the copies of both lie in
the same place of the two matrices, which so have room for as many, but a word that is only noise
has no copy of its input row.
"""

import numpy as np

from w2v.kernels.jit import Floats, Int32s, jit
from w2v.kernels.outputs import draw_noise_pool
from w2v.kernels.rows import copy_row, prefetch, prefetch_unchanged
from w2v.kernels.state import (
    BLOCK,
    Matrices,
    Outputs,
    OwnMatrices,
    OwnRows,
    Schedule,
    Text,
    Variant,
    WorkerState,
)
from w2v.kernels.windows import select_tokens

ROWS_AHEAD = 8  # rows that are prefetched before they are copied
TOUCHED, COPIED = range(2)  # places of OwnRows.counts
_OUTPUT, _BOTH = 1, 2  # marks: of the output row alone, and of both rows of a word


@jit
def list_rows(
    text: Text,
    start: int,
    stop: int,
    schedule: Schedule,
    variant: Variant,
    outputs: Outputs,
    state: WorkerState,
) -> None:
    """List and mark the rows that training on the tokens from `start` to `stop` − 1 will touch.

    Writes `state.listed`, `noise`, and `touched` and `marks` of `own`. A mark is a byte of this
    shard alone, so that all shards can do so at the same time.
    """
    own, listed, pool = state.own, state.listed, state.noise.pool
    _unmark(own.input)
    _unmark(own.output)
    for block in range(start, stop, BLOCK):
        _, _, total = select_tokens(
            text, block, min(stop, block + BLOCK), schedule, variant, state.hot, listed
        )
        if variant.hierarchical:
            for k in range(total):
                if _list_row(listed.words[k], own.input):
                    _list_path(listed.words[k], outputs, own.output)
        else:
            for k in range(total):
                _list_both(listed.words[k], own)
            draw_noise_pool(block, schedule, outputs, state.hot, state.noise)
            for k in range(len(pool)):
                _list_row(pool[k], own.output)


@jit
def _unmark(own: OwnRows) -> None:
    for k in range(own.counts[TOUCHED]):
        own.marks[own.shard, own.touched[k]] = 0
    own.counts[TOUCHED] = 0


@jit
def _list_row(row: int, own: OwnRows) -> bool:
    """List a row; say whether it is new."""
    is_new = own.marks[own.shard, row] == 0
    if is_new:
        own.marks[own.shard, row] = _OUTPUT
        own.touched[own.counts[TOUCHED]] = row
        own.counts[TOUCHED] += 1
    return is_new


@jit
def _list_both(word: int, own: OwnMatrices) -> None:
    """List both rows of a word, which have one mark, since they are copied together."""
    if own.output.marks[own.output.shard, word] < _BOTH:
        _list_row(word, own.output)
        own.output.marks[own.output.shard, word] = _BOTH
        own.input.touched[own.input.counts[TOUCHED]] = word
        own.input.counts[TOUCHED] += 1


@jit
def _list_path(word: int, outputs: Outputs, own: OwnRows) -> None:
    """List a word's nodes from the leaf up to the first that is listed, as all above it are."""
    place = outputs.path_offsets[word + 1] - 1
    first = outputs.path_offsets[word]
    while place >= first and _list_row(outputs.path_steps[place] >> 1, own):
        place -= 1


@jit
def place_copies(hierarchical: bool, own: OwnMatrices) -> None:
    """Give the listed rows that other shards have listed too places for their copies.

    All shards have listed theirs before. Writes `places`, `copied` and `holders` of `own`.
    """
    _forget_copies(own.input)
    _forget_copies(own.output)
    _place_rows(own.output)
    if hierarchical:
        _place_rows(own.input)
    else:
        _place_like(own.output, own.input)


@jit
def copy_own_rows(own: OwnMatrices, matrices: Matrices) -> None:
    """Copy the rows that have places for copies, as a round begins. Writes the copies."""
    _copy_rows(matrices.input, own.input)
    _copy_rows(matrices.output, own.output)


@jit
def _forget_copies(own: OwnRows) -> None:
    for k in range(own.counts[COPIED]):
        own.places[own.copied[k]] = own.copied[k]
    own.counts[COPIED] = 0


@jit
def _place_rows(own: OwnRows) -> None:
    """Give each row that others touch a place for its copy."""
    count = 0
    for k in range(own.counts[TOUCHED]):
        row = own.touched[k]
        if _has_holder(row, _OUTPUT, 0, own.shard, own) or _has_holder(
            row, _OUTPUT, own.shard + 1, own.marks.shape[0], own
        ):
            _write_holders(row, _OUTPUT, own)
            own.places[row] = own.first + count
            own.copied[count] = row
            count += 1
    own.counts[COPIED] = count


@jit
def _has_holder(row: int, least: int, first: int, last: int, own: OwnRows) -> bool:
    """Say whether one of the shards from `first` to `last` − 1 has marked a row with `least`."""
    shard = first
    while shard < last and own.marks[shard, row] < least:
        shard += 1
    return shard < last


@jit
def _write_holders(row: int, least: int, own: OwnRows) -> None:
    """Write down who has copies of a row, if this is the first of them.

    So the merge looks in one place for what would be 16 looks, into each shard's `places`, which
    took a fifth of its time.
    """
    if _has_holder(row, least, 0, own.shard, own):
        return
    holders = 0
    for shard in range(own.shard, own.marks.shape[0]):
        holders |= np.int64(own.marks[shard, row] >= least) << shard
    own.holders[row] = holders


@jit
def _place_like(own_outputs: OwnRows, own_inputs: OwnRows) -> None:
    """List the input rows to copy; their copies have the places of those of the output rows."""
    count = 0
    for k in range(own_inputs.counts[TOUCHED]):
        row = own_inputs.touched[k]
        if own_outputs.places[row] != row:
            _write_holders(row, _BOTH, own_inputs)
            own_inputs.copied[count] = row
            count += 1
    own_inputs.counts[COPIED] = count


@jit
def _copy_rows(matrix: Floats, own: OwnRows) -> None:
    count = own.counts[COPIED]
    for k in range(count):
        if k + ROWS_AHEAD < count:
            ahead = own.copied[k + ROWS_AHEAD]
            prefetch_unchanged(matrix, ahead)
            prefetch(matrix, own.places[ahead])
        row = own.copied[k]
        copy_row(matrix, row, matrix, own.places[row])


@jit
def name_copies(listed: Int32s, count: int, own: OwnRows) -> None:
    """Rewrite the first `count` entries of a list of rows to name the copies where there are."""
    for k in range(count):
        listed[k] = own.places[listed[k]]
