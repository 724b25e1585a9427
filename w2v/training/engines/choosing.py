"""Choose the engine that trains. Only this module knows them all."""

from collections.abc import Callable
from functools import partial
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
    from w2v.training.cluster.connecting import Connection
    from w2v.training.engines.cluster import Cluster
    from w2v.training.engines.cuda import Cuda


def _engine_for(
    config: TrainConfig,
) -> "type[Deterministic] | type[LockFree] | type[Cuda] | type[Cluster]":
    """Return the engine for some settings: a new one needs a line here."""
    if config.cluster is not None:
        from w2v.training.engines.cluster import Cluster  # noqa: PLC0415  (Dask is an extra)

        return Cluster
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
    connection: "Connection | None" = None,
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
    connection : Connection, optional
        That to the cluster of the settings.

    Returns
    -------
    Engine
    """
    engine: Callable[..., Engine] = _engine_for(config)
    if connection is not None:
        engine = partial(engine, connection=connection)
    return engine(counts, outputs, config, text, held_out)


def engine_bytes(sizes: Sizes, config: TrainConfig) -> int:
    """Return the memory that the engine for some settings takes, in bytes.

    For the parameters see `Engine.bytes_needed`.
    """
    return _engine_for(config).bytes_needed(sizes, config)
