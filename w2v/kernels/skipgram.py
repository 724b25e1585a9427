"""Skip-gram: the input rows of the context words, each on its own, predict the centre word."""

# mypy: disable-error-code="no-untyped-def"

from w2v.kernels.jit import jit
from w2v.kernels.simd import apply_updates, compute_gradients, gather


@jit
def train_skipgram_center(slot, count, input_matrix, output_matrix, scratch):
    """Train the centre word in ring slot `slot` with `count` ≥ 1 context words."""
    output_count = scratch.output_counts[slot]
    output_rows = scratch.output_rows[slot]
    gather(input_matrix, scratch.input_rows, count, scratch.input_block)
    gather(output_matrix, output_rows, output_count, scratch.output_block)
    compute_gradients(
        scratch.input_block, count, scratch.output_block, output_count,
        scratch.labels[slot], scratch.rates[slot], scratch.scores, scratch.gradients,
    )  # fmt: skip
    apply_updates(
        scratch.input_block, count, scratch.output_block, output_count, scratch.gradients,
        input_matrix, scratch.input_rows, output_matrix, output_rows,
    )  # fmt: skip
