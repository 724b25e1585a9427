"""CBOW: the mean of the context words' input rows predicts the centre word."""

from w2v.kernels.jit import Floats, jit
from w2v.kernels.simd import apply_updates, compute_gradients, gather, gather_mean, scatter
from w2v.kernels.windows import Scratch


@jit
def train_mean(
    slot: int,
    count: int,
    input_matrix: Floats,
    output_matrix: Floats,
    skips_saturated: bool,
    scratch: Scratch,
) -> None:
    """Train the centre word in ring slot `slot` with `count` ≥ 1 context words.

    As in word2vec.c every context row gets the undivided error of the mean.
    """
    output_count = scratch.output_counts[slot]
    output_rows = scratch.output_rows[slot]
    gather_mean(input_matrix, scratch.input_rows, count, scratch.input_block)
    gather(output_matrix, output_rows, output_count, scratch.output_block)
    compute_gradients(
        scratch.input_block, 1, scratch.output_block, output_count,
        scratch.labels[slot], scratch.rates[slot], scratch.scores, scratch.gradients,
        skips_saturated,
    )  # fmt: skip
    apply_updates(
        scratch.input_block, 1, scratch.output_block, output_count, scratch.gradients,
        scratch.error, scratch.error_rows, output_matrix, output_rows,
    )  # fmt: skip
    scatter(scratch.error, input_matrix, scratch.input_rows, count)
