"""How far a shard of a round brings each row: what a merge of their changes has to know.

A row that goes all its way in a round must not go as far again for each shard. One that goes
a small part of its way has to: its changes are summed (w2v/kernels/adasum.py).
"""

import numpy as np
from numpy.typing import NDArray

from w2v.training.config import TrainConfig
from w2v.training.engines.merging import WORD_CONVERGENCE, score_rates
from w2v.training.engines.round_shape import RoundShape
from w2v.training.sampling import keep_probabilities


def row_distances(
    counts: NDArray[np.int64], config: TrainConfig, shape: RoundShape
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how far a shard brings each row between two merges, at a learning rate of 1.

    Where the number of shards is not chosen, it counts as infinitely far: their stretches are
    short, and the bytes stay those of earlier versions.

    Parameters
    ----------
    counts : int64 (V,)
        Descending.
    config : TrainConfig
    shape : RoundShape

    Returns
    -------
    inputs, outputs : float32 (V,), (V · outputs_per_word,)
        The rows of the two matrices.
    """
    size = len(counts)
    sizes = size, size * config.outputs_per_word
    inputs, outputs = (np.full(rows, np.inf, dtype=np.float32) for rows in sizes)
    if config.shards is None:
        return inputs, outputs
    kept = (counts * keep_probabilities(counts, config.threshold)).sum() / counts.sum()
    per_round = WORD_CONVERGENCE * kept * shape.stretch
    rates = score_rates(counts, config)
    for rows, scores in (
        (inputs, rates.inputs),
        (outputs[: len(rates.outputs)], rates.outputs),
        (outputs[len(outputs) - 2 :: -1][: len(rates.nodes)], rates.nodes),  # from the root on
    ):
        rows[:] = per_round * scores
        rows[: shape.hot] /= shape.laps
    return inputs, outputs
