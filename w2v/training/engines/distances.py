"""How far a shard of a round brings each row: what a merge of the shards' changes has to know.

A row that goes all its way in a round must not go as far again for each shard. One that goes
a small part of its way has to: its changes are summed (w2v/kernels/adasum.py).

The shard counts the occurrences of each word in its part of the text (w2v/kernels/touched_rows.py).
Noise is drawn alike everywhere, so its scores are expected ones, and so are those of nodes.
"""

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import BLOCK
from w2v.kernels.touched_rows import EACH, ROUTINE
from w2v.training.config import TrainConfig
from w2v.training.engines.merging import WORD_CONVERGENCE, score_rates
from w2v.training.engines.round_shape import RoundShape
from w2v.training.sampling import keep_probabilities, noise_probabilities


def row_distances(
    counts: NDArray[np.int64], config: TrainConfig, shape: RoundShape
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how far a shard brings each row, at a learning rate of 1.

    Hot rows are merged after each lap, and come that much less far. Where rounds are joined and
    have more laps than usual, hot rows come less far than this says; they go most of their way in
    any case.

    Parameters
    ----------
    counts : int64 (V,)
        Descending.
    config : TrainConfig
    shape : RoundShape

    Returns
    -------
    inputs, outputs : float32 (V, 2), (V · outputs_per_word, 2)
        For each row of the two matrices: as noise or as a node, in each block of the text; and with
        each occurrence of its word.
    """
    size = len(counts)
    sizes = size, size * config.outputs_per_word
    inputs, outputs = (np.zeros((rows, 2), dtype=np.float32) for rows in sizes)
    rates = score_rates(counts, config)
    kept = (counts * keep_probabilities(counts, config.threshold)).sum() / counts.sum()
    per_block = WORD_CONVERGENCE * kept * BLOCK
    inputs[:, EACH] = WORD_CONVERGENCE * rates.of_input
    if config.has_noise:
        noise = config.negative * noise_probabilities(counts, config.ns_exponent)
        outputs[:size, EACH] = WORD_CONVERGENCE * rates.of_output
        outputs[:size, ROUTINE] = per_block * rates.of_output * noise
    from_root = outputs[len(outputs) - 2 :: -1][: len(rates.nodes)]
    from_root[:, ROUTINE] = per_block * rates.nodes
    for rows in (inputs, outputs[: size * config.has_noise], from_root):
        rows[: shape.hot] /= shape.laps
    return inputs, outputs
