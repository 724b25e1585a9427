"""Choose the engine that trains. Only this module knows them all."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import OutputTables
from w2v.training.config import TrainConfig
from w2v.training.engines.deterministic import Deterministic
from w2v.training.engines.engine import Engine, Sizes
from w2v.training.engines.lock_free import LockFree
from w2v.training.engines.stretches import AnyText

if TYPE_CHECKING:
    from w2v.training.engines.cuda import Cuda


def _engine_for(
    config: TrainConfig,
) -> "type[Deterministic] | type[LockFree] | type[Cuda]":
    """Return the engine for some settings: a new one needs a line here."""
    if config.on_card:
        from w2v.training.engines.cuda import Cuda  # noqa: PLC0415  (numba-cuda is an extra)

        return Cuda
    return Deterministic if config.deterministic else LockFree


def new_engine(
    counts: NDArray[np.int64],
    outputs: OutputTables,
    config: TrainConfig,
    text: AnyText,
    held_out: AnyText | None = None,
) -> Engine:
    """Return the engine for some settings, with fresh weights.

    Parameters
    ----------
    counts : int64 (V,)
        The counts of the words, descending.
    outputs : OutputTables
        The tables of the loss.
    config : TrainConfig
    text : Text or StoredText
        The text to train on, of 1 token or more.
    held_out : Text or StoredText, optional
        The text to measure the loss on.

    Returns
    -------
    Engine
    """
    return _engine_for(config)(counts, outputs, config, text, held_out)


def engine_bytes(sizes: Sizes, config: TrainConfig) -> int:
    """Return the memory that the engine for some settings takes, in bytes.

    For the parameters see `Engine.bytes_needed`.
    """
    return _engine_for(config).bytes_needed(sizes, config)
