"""The loss of the held-out text: one pass over it, which leaves the training as it was."""

import contextlib

import numpy as np

from w2v.kernels.state import PAIRS, TOTALS_SIZE, Schedule
from w2v.training.engines.engine import Engine
from w2v.training.place import mean_loss


def held_out_loss(engine: Engine, schedule: Schedule) -> float | None:
    """Return the mean loss of a pair of the held-out text; None if it has no pairs.

    Parameters
    ----------
    engine : Engine
        It is settled, and has a held-out text.
    schedule : Schedule
        At a learning rate of 0, which changes no weights.
    """
    kept = engine.totals
    engine.set_totals(np.zeros(TOTALS_SIZE))
    try:
        with contextlib.closing(engine.run_held_out(schedule)) as pieces:
            for _ in pieces:
                pass
        sums = engine.totals
    finally:  # Ctrl-C leaves the totals of the training too
        engine.set_totals(kept)
    return mean_loss(sums) if sums[PAIRS] else None
