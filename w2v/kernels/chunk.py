"""One worker's walk over one chunk of the corpus: the loop that every variant shares."""

from w2v.kernels.cbow import train_mean
from w2v.kernels.jit import Floats, jit
from w2v.kernels.simd import prefetch
from w2v.kernels.skipgram import train_window, train_window_in_turn
from w2v.kernels.windows import (
    AHEAD,
    BLOCK,
    RING,
    Outputs,
    Schedule,
    Scratch,
    Text,
    list_window,
    log_loss,
    prepare_outputs,
    select_tokens,
    takes_loss,
)


@jit
def train_chunk(
    text: Text,
    start: int,
    stop: int,
    schedule: Schedule,
    outputs: Outputs,
    cbow: bool,
    input_matrix: Floats,
    output_matrix: Floats,
    scratch: Scratch,
) -> None:
    """Train on the tokens from `start` to `stop` − 1 as centre words; without locks.

    `cbow`: CBOW, else skip-gram. Matrices: (V, width) and (V + 1, width), rows padded to whole
    vectors and aligned to 64 bytes; other workers may share them. `scratch`: this worker's own;
    the loss, the pairs it was taken on and the centre words trained are added to its `totals`.
    A pair is a centre word with one context word, in CBOW with its whole window.
    """
    # word2vec.c: beyond a logit of ±6 negative sampling goes on, hierarchical softmax does not. To
    # go on there too cost analogy accuracy on wiki8 (38.1 against 38.7 %, means of three seeds).
    hierarchical = outputs.negative == 0
    for block in range(start, stop, BLOCK):
        block_stop = min(stop, block + BLOCK)
        first, last, total = select_tokens(
            text, block, block_stop, schedule.window, schedule.key, scratch
        )
        for index in range(first, min(last, first + AHEAD)):
            prepare_outputs(index, schedule, outputs, scratch, output_matrix)
        for index in range(first, last):
            if index + AHEAD < last:
                prepare_outputs(index + AHEAD, schedule, outputs, scratch, output_matrix)
            if index + AHEAD + schedule.window < total:
                prefetch(input_matrix, scratch.words[index + AHEAD + schedule.window])
            count = list_window(index, total, schedule, scratch)
            if count == 0:
                continue
            slot = index & (RING - 1)
            if cbow:
                train_mean(slot, count, input_matrix, output_matrix, hierarchical, scratch)
                count = 1
            elif hierarchical:
                train_window_in_turn(slot, count, input_matrix, output_matrix, scratch)
            else:
                train_window(slot, count, input_matrix, output_matrix, scratch)
            scratch.totals[2] += 1
            if takes_loss(scratch.positions[index], schedule.key):
                scratch.totals[0] += log_loss(count, slot, scratch)
                scratch.totals[1] += count
