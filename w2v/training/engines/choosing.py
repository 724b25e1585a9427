"""Which engine trains: the one place that knows them all."""

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import Outputs
from w2v.training.config import TrainConfig
from w2v.training.engines.deterministic import Deterministic
from w2v.training.engines.engine import Engine
from w2v.training.engines.lock_free import LockFree


def new_engine(
    counts: NDArray[np.int64], outputs: Outputs, config: TrainConfig, tokens: int
) -> Engine:
    """Return the engine for some settings, with fresh weights.

    Parameters: `counts`, int64 (V,), descending; `outputs`, the tables of the loss; `tokens`, of
    the text that is trained on.
    """
    if config.deterministic:
        return Deterministic(len(counts), outputs, config, tokens)
    return LockFree(counts, outputs, config, tokens)
