"""The rows that a shard of a round will touch, and how far it will bring them.

Before a round is trained, each shard lists the rows that its part of the text will touch. The draws
alone determine them. own_rows.py then decides which of them it copies.

A merge has to know how far the shard brings each copy (adasum.py). So the shard counts how often
each word occurs in its part of the text. The whole text does not say: where ten languages come one
after another, a word is ten times as common in its own. Training diverged there, when the counts of
the whole text decided (benchmarks/NOTES.md). Words that windows reach beyond a block are counted
with it, so that with wide windows a shard seems to bring a row a little farther than it does.
"""

from w2v.kernels.jit import jit
from w2v.kernels.outputs import draw_noise_pool
from w2v.kernels.state import (
    BLOCK,
    OutputTables,
    OwnMatrices,
    OwnRows,
    Schedule,
    Text,
    Variant,
    WorkerState,
)
from w2v.kernels.windows import select_tokens

# Indices of OwnRows.counts: entries used in `touched` and in `copied`, the hot ones among the
# latter, which are the first, and how many blocks are listed or, after `place_copies`, copied.
TOUCHED, COPIED, HOT, BLOCKS = range(4)
OF_TOUCHED, OF_COPIED = range(2)  # rows of OwnRows.ends
ROUTINE, EACH = range(2)  # columns of OwnRows.distances
# A mark is 1 for noise and for nodes, and 2 more for each occurrence of the word.
OUTPUT, WORD = 1, 2
_MOST = 2**16 - WORD  # from this mark on they are not counted: the row has long gone all its way


@jit
def list_rows(
    text: Text,
    start: int,
    stop: int,
    schedule: Schedule,
    variant: Variant,
    outputs: OutputTables,
    state: WorkerState,
) -> None:
    """List and mark the rows that training on the tokens from `start` to `stop` − 1 will touch.

    They are added to those that were listed since `forget_rows`. Writes `state.listed`,
    `state.targets.pool`, and `touched`, `ends`, `counts` and `marks` of `state.own`. The marks of a
    shard are written by this shard alone, so that all shards can list at the same time. For the
    parameters see `train_chunk`.
    """
    own, listed, pool = state.own, state.listed, state.targets.pool
    for block in range(start, stop, BLOCK):
        _, _, total = select_tokens(
            text, block, min(stop, block + BLOCK), schedule, variant, state.hot.inputs, listed
        )
        for k in range(total):
            word = listed.words[k]
            if not variant.paths:
                _list_both(word, own)
                continue
            if _list_word(word, own.input):
                _list_path(word, outputs, own.output)
            if variant.noise:
                _list_word(word, own.output)
        if variant.noise:
            draw_noise_pool(block, schedule, outputs, state.hot, pool)
            for k in range(schedule.pool):
                _list_row(pool[k], own.output)
        _end_block(own.input)
        _end_block(own.output)


@jit
def _end_block(own: OwnRows) -> None:
    own.ends[OF_TOUCHED, own.counts[BLOCKS]] = own.counts[TOUCHED]
    own.counts[BLOCKS] += 1


@jit
def forget_rows(own: OwnRows) -> None:
    """Forget the rows that are listed, before those of a round are. Writes marks and counts."""
    for k in range(own.counts[TOUCHED]):
        own.marks[own.shard, own.touched[k]] = 0
    own.counts[TOUCHED] = own.counts[BLOCKS] = 0


@jit
def _list_row(row: int, own: OwnRows) -> bool:
    """List a row that is noise or a node; return whether it is new."""
    mark = own.marks[own.shard, row]
    own.marks[own.shard, row] = mark | OUTPUT
    if mark == 0:
        _touch(row, own)
    return mark == 0


@jit
def _list_word(word: int, own: OwnRows) -> bool:
    """List the row of a word that occurs, and count it; return whether it is new."""
    mark = own.marks[own.shard, word]
    if mark < _MOST:
        own.marks[own.shard, word] = mark + WORD
    if mark == 0:
        _touch(word, own)
    return mark == 0


@jit
def _list_both(word: int, own: OwnMatrices) -> None:
    """List both rows of a word that occurs; they share a mark, since they are copied together."""
    is_new = own.output.marks[own.output.shard, word] < WORD  # perhaps it is noise already
    _list_word(word, own.output)
    if is_new:
        _touch(word, own.input)


@jit
def _touch(row: int, own: OwnRows) -> None:
    own.touched[own.counts[TOUCHED]] = row
    own.counts[TOUCHED] += 1


@jit
def _list_path(word: int, outputs: OutputTables, own: OwnRows) -> None:
    """List a word's nodes from the leaf up to the first listed one; those above it are listed."""
    place = outputs.path_offsets[word + 1] - 1
    first = outputs.path_offsets[word]
    while place >= first and _list_row(outputs.path_targets[place] >> 1, own):
        place -= 1


@jit
def way_of(row: int, own: OwnRows) -> float:
    """Return how far the shard brings a row, at a learning rate of 1, after all blocks."""
    occurrences = own.marks[own.shard, row] // WORD
    routine = own.counts[BLOCKS] * own.distances[row, ROUTINE]
    return routine + occurrences * own.distances[row, EACH]
