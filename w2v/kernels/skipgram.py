"""Skip-gram: the input rows of the context words, each on its own, predict the centre word."""

from w2v.kernels.jit import Floats, jit
from w2v.kernels.simd import apply_updates, compute_gradients, gather, scatter_changes
from w2v.kernels.vector_ir import INPUT_TILE
from w2v.kernels.windows import Scratch


@jit
def train_window(
    slot: int, count: int, input_matrix: Floats, output_matrix: Floats, scratch: Scratch
) -> None:
    """Train the centre word in ring slot `slot` with its `count` ≥ 1 context words at once.

    All updates are computed from the values before the step (HogBatch).
    """
    output_count = scratch.output_counts[slot]
    output_rows = scratch.output_rows[slot]
    gather(input_matrix, scratch.input_rows, count, scratch.input_block)
    gather(output_matrix, output_rows, output_count, scratch.output_block)
    compute_gradients(
        scratch.input_block, count, scratch.output_block, output_count,
        scratch.labels[slot], scratch.rates[slot], scratch.scores, scratch.gradients, False,
    )  # fmt: skip
    apply_updates(
        scratch.input_block, count, scratch.output_block, output_count, scratch.gradients,
        input_matrix, scratch.input_rows, output_matrix, output_rows,
    )  # fmt: skip


@jit
def train_window_in_turn(
    slot: int, count: int, input_matrix: Floats, output_matrix: Floats, scratch: Scratch
) -> None:
    """Train the centre word with its context words two by two, each pair after the one before.

    For hierarchical softmax: all context words pull the same nodes in the same direction, and
    too far if all do it at once (16.5 against 18.0 % of analogies on 4 M words of wiki8). The
    path's rows are read once and written once a window, and change in a block of the worker's
    own between.
    """
    output_count = scratch.output_counts[slot]
    output_rows = scratch.output_rows[slot]
    gather(output_matrix, output_rows, output_count, scratch.output_block)
    gather(scratch.output_block, scratch.output_places, output_count, scratch.output_before)
    for first in range(0, count, INPUT_TILE):
        size = min(INPUT_TILE, count - first)
        input_rows = scratch.input_rows[first : first + size]
        gather(input_matrix, input_rows, size, scratch.input_block)
        compute_gradients(
            scratch.input_block, size, scratch.output_block, output_count, scratch.labels[slot],
            scratch.rates[slot], scratch.scores[first:], scratch.gradients, True,
        )  # fmt: skip
        apply_updates(
            scratch.input_block, size, scratch.output_block, output_count, scratch.gradients,
            input_matrix, input_rows, scratch.output_block, scratch.output_places,
        )  # fmt: skip
    scatter_changes(
        scratch.output_block, scratch.output_before, output_count, output_matrix, output_rows
    )
