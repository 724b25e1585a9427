"""Skip-gram: the input rows of the context words, each on its own, predict the centre word."""

from w2v.kernels.jit import Floats, jit
from w2v.kernels.simd import apply_updates, compute_gradients, gather
from w2v.kernels.windows import Scratch


@jit
def train_skipgram_center(
    slot: int,
    count: int,
    input_matrix: Floats,
    output_matrix: Floats,
    skips_saturated: bool,
    scratch: Scratch,
) -> None:
    """Train the centre word in ring slot `slot` with `count` ≥ 1 context words."""
    output_count = scratch.output_counts[slot]
    output_rows = scratch.output_rows[slot]
    gather(input_matrix, scratch.input_rows, count, scratch.input_block)
    gather(output_matrix, output_rows, output_count, scratch.output_block)
    compute_gradients(
        scratch.input_block, count, scratch.output_block, output_count,
        scratch.labels[slot], scratch.rates[slot], scratch.scores, scratch.gradients,
        skips_saturated,
    )  # fmt: skip
    apply_updates(
        scratch.input_block, count, scratch.output_block, output_count, scratch.gradients,
        input_matrix, scratch.input_rows, output_matrix, output_rows,
    )  # fmt: skip
