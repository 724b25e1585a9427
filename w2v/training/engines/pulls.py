"""How hard all warps of a card together pull at each row, so that none is pulled too far.

At any time thousands of warps train, and each sees the rows as they were when it began. A row that
many of them change at once would move by the sum of changes that each alone goes most of the way:
the root of a Huffman tree is on every path. The pull at a row is the number of changes that are on
their way to it at any time, times the slope of the loss. Where pull · rate is above 1 the row takes
one change in as many (`w2v.kernels.cuda.centers.takes_change`). A rare row takes all.
"""

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import OutputTables
from w2v.training.config import TrainConfig
from w2v.training.engines.tables import path_lengths
from w2v.training.sampling import keep_probabilities, noise_probabilities
from w2v.training.sentence_windows import mean_contexts

# How far a change at a learning rate of 1 goes of the way to where a row is pulled. With 0.1 texts
# of few words diverged; with 0.25 skip-gram lost a point and a half against nodes.
WORD_SLOPE = 0.2
_WORDS_AT_ONCE = 1 << 16
NODE_SLOPE = {"skipgram": 0.06, "cbow": 0.2}


def pulls(
    counts: NDArray[np.int64], outputs: OutputTables, config: TrainConfig, warps: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the pull of each input row and of each output row at a learning rate of 1.

    Parameters
    ----------
    counts : int64 (V,)
        Descending.
    outputs : OutputTables
    config : TrainConfig
    warps : int
        The warps that train at the same time, 1 or more.
    """
    shares = keep_probabilities(counts, config.threshold) * counts
    shares = shares / shares.sum()
    contexts = mean_contexts(config)
    repeats = 1 if config.architecture == "cbow" else contexts
    rows = np.zeros(len(counts) * config.outputs_per_word)
    if config.has_noise:
        noise = noise_probabilities(counts, config.ns_exponent)
        rows[: len(counts)] += WORD_SLOPE * (shares + config.negative * noise)
    if config.has_paths:
        slope, lengths = NODE_SLOPE[config.architecture], path_lengths(outputs)
        for start in range(0, len(shares), _WORDS_AT_ONCE):  # in parts: paths take most memory
            part = slice(start, start + _WORDS_AT_ONCE)
            first, last = outputs.path_offsets[[start, min(len(shares), part.stop)]]
            nodes = outputs.path_targets[first:last] >> 1
            np.add.at(rows, nodes, slope * np.repeat(shares[part], lengths[part]))
    others = warps - 1
    return (
        (others * contexts * rows.sum() * shares).astype(np.float32),
        (others * repeats * rows).astype(np.float32),
    )
