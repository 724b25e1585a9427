"""The shapes of all memory that engines have beside the weights, and the states made of it.

Allocation and estimate (`bytes_needed` of each engine) read the same tables.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.state import (
    BLOCK,
    PERIODS,
    TOTALS_SIZE,
    HotCopies,
    HotRows,
    Listed,
    OwnMatrices,
    OwnRows,
    StepBuffers,
    Targets,
    WorkerState,
)
from w2v.kernels.vector_ir import OUTPUT_TILE
from w2v.training.config import TrainConfig
from w2v.training.engines.frozen_rows import no_frozen_rows, no_scaled_rows
from w2v.training.engines.merging import CopyPlan, MergePlan
from w2v.training.schedule import batch_size, pool_size
from w2v.training.sentence_windows import usual_window
from w2v.training.shapes import Shape, Shapes, allocated, total_bytes
from w2v.training.weights import Weights, padded_width

# Entries of a shard's counts, of which four are used: the others keep those of two shards in
# different pairs of cache lines, as they change with each row that is listed.
_COUNTS = 16
_PROGRESS: Shapes = {"progress": Shape((3,), np.int64)}  # of hot rows


def worker_shapes(config: TrainConfig, longest: int) -> dict[str, Shapes]:
    """Return the shapes of those arrays of a worker that do not depend on the vocabulary.

    Parameters
    ----------
    config : TrainConfig
    longest : int
        The most output rows that a centre word is scored against (`tables.most_outputs`).

    Returns
    -------
    dict of dict of Shape
        By field of WorkerState, then by field of its tuple.
    """
    width = padded_width(config.vector_size)
    listed = BLOCK + 2 * config.window
    inputs = 2 * config.window + 1  # a window, with its centre word: `keep_rows` keeps it too
    batch = min(inputs, batch_size(config.highest_rate, usual_window(config), 0.0)) + 1
    outputs = -(-longest // OUTPUT_TILE) * OUTPUT_TILE + OUTPUT_TILE
    # Two lists of later batches lie behind those of a block (`train_pairs`), and then the entries
    # that a step reads behind a list.
    targets = (BLOCK + 2) * longest + 2 + OUTPUT_TILE
    return {
        "listed": {
            "ids": Shape((listed,), np.int32),
            "words": Shape((listed,), np.int32),
            "positions": Shape((listed,), np.int64),
            "sentences": Shape((listed,), np.int64),
            "reaches": Shape((listed,), np.int64),
        },
        "targets": {
            "pool": Shape((pool_size(config),), np.int32),
            "starts": Shape((listed + 1,), np.int64),
            "paths": Shape((listed,), np.int64),
            "rows": Shape((targets,), np.int32),
            "labels": Shape((targets,), np.float32),
        },
        "buffers": {
            "input_rows": Shape((inputs,), np.int32),
            "query": Shape((1, width), np.float32),
            "error": Shape((1, width), np.float32),
            "scores": Shape((batch, outputs), np.float32),
            "gradients": Shape((batch, outputs), np.float32),
        },
        "totals": {"totals": Shape((TOTALS_SIZE,), np.float64)},
    }


def totals_shapes(number: int) -> Shapes:
    """Return the shape of the totals of so many workers, or shards."""
    return {"totals": Shape((number, TOTALS_SIZE), np.float64)}


def hot_shapes(size: int, width: int) -> Shapes:
    """Return the shapes of a worker's own arrays for its hot copies of one kind, as in HotCopies.

    Parameters
    ----------
    size : int
        The number of copies.
    width : int
        Floats of a row.
    """
    return {
        "before": Shape((size, width), np.float32),
        "noise": Shape((size,), np.float64),
        "counts": Shape((size + 1,), np.float64),
        "rates": Shape((size,), np.float64),
        "since": Shape((size,), np.int64),
        "periods": Shape((size,), np.int32),
        "order": Shape((size,), np.int32),
        "ends": Shape((PERIODS,), np.int64),
    }


def shard_shapes(shards: int, rows: int, capacity: int, blocks: int) -> Shapes:
    """Return the shapes of the lists that all shards of a round keep of one matrix.

    Parameters
    ----------
    shards : int
    rows : int
        Rows of the matrix, without copies.
    capacity : int
        The most of them that a shard touches in a round.
    blocks : int
        That a shard trains in a round.
    """
    return {
        "marks": Shape((shards, rows), np.uint16),
        "holders": Shape((rows,), np.int64),
        "touched": Shape((shards, capacity), np.int32),
        "copied": Shape((shards, capacity), np.int32),
        "ways": Shape((shards, capacity), np.float32),
        "counts": Shape((shards, _COUNTS), np.int64),
        "ends": Shape((shards, 2, blocks), np.int32),
        "places": Shape((shards, rows), np.int32),
    }


def merge_shapes(shards: int, width: int) -> Shapes:
    """Return the shapes of what one thread needs to merge matrices of `width` columns."""
    return {
        "changes": Shape((shards, width), np.float32),
        "joined": Shape((shards,), np.int64),
        "ways": Shape((shards,), np.float32),
    }


def worker_bytes(
    config: TrainConfig, longest: int, copies: tuple[int, int, int] = (0, 0, 0)
) -> int:
    """Return a worker's memory that does not depend on the vocabulary, in bytes.

    `copies` are the numbers of its hot copies of each kind; for the other parameters see
    `worker_shapes`.
    """
    width = padded_width(config.vector_size)
    shapes = [hot_shapes(size, width) for size in copies]
    return sum(map(total_bytes, [*worker_shapes(config, longest).values(), _PROGRESS, *shapes]))


def new_state(config: TrainConfig, longest: int, hot: HotRows, own: OwnMatrices) -> WorkerState:
    """Allocate the memory of one worker.

    Parameters
    ----------
    config : TrainConfig
    longest : int
        See `worker_shapes`.
    hot : HotRows
    own : OwnMatrices

    Returns
    -------
    WorkerState
        All rows move as usual (`hold_rows`).
    """
    width = padded_width(config.vector_size)
    arrays = {name: allocated(shapes) for name, shapes in worker_shapes(config, longest).items()}
    return WorkerState(
        listed=Listed(**arrays["listed"]),
        targets=Targets(**arrays["targets"]),
        buffers=StepBuffers(**arrays["buffers"]),
        hot=hot,
        own=own,
        frozen=no_frozen_rows(width),
        scaled=no_scaled_rows(width),
        **arrays["totals"],
    )


def hot_rows(worker: int, weights: Weights, plan: MergePlan) -> HotRows:
    """Allocate a worker's hot rows; its copies lie in the matrices.

    Parameters
    ----------
    worker : int
        The worker's number, from 0.
    weights : Weights
        Behind the rows of the input matrix, each worker has its copies of words; behind those of
        the output matrix, its copies of words and then of nodes.
    plan : MergePlan
    """
    inputs = weights.size + worker * plan.inputs.size
    outputs = weights.output_size + worker * (plan.outputs.size + plan.nodes.size)
    # The root of the tree is the last node but for one row that is not used.
    root = weights.output_size - 2
    kinds = (
        (plan.inputs, inputs, 0, 1),
        (plan.outputs, outputs, 0, 1),
        (plan.nodes, outputs + plan.outputs.size, root, -1),
    )
    words, own_outputs, nodes = (
        _hot_copies(*kind, allocated(hot_shapes(kind[0].size, weights.input.shape[1])))
        for kind in kinds
    )
    progress = allocated(_PROGRESS)["progress"]
    return HotRows(words, own_outputs, nodes, plan.workers, plan.of_input, plan.of_output, progress)


def _hot_copies(
    plan: CopyPlan, place: int, first: int, step: int, arrays: Mapping[str, Any]
) -> HotCopies:
    arrays["noise"][:] = plan.noise
    return HotCopies(plan.size, place, first, step, plan.limit, plan.distance, **arrays)


def no_own_rows() -> OwnMatrices:
    """Return the empty own rows of a worker that shares the matrices with others."""
    nothing = np.empty((0, 0), np.float32)
    rows = own_rows(nothing, nothing, allocated(shard_shapes(1, 0, 0, 0)))
    return OwnMatrices(rows, rows)


def own_rows(
    shared: NDArray[np.float32],
    distances: NDArray[np.float32],
    arrays: Mapping[str, NDArray[Any]],
) -> OwnRows:
    """Return the first shard's rows of a matrix, whose copies lie from the first row on.

    Of the arrays of `shard_shapes` it has its part; all shards share marks and holders. `distances`
    are those of `row_distances`.
    """
    of_all = {name: arrays[name] for name in ("marks", "holders")}
    own = {name: array[0] for name, array in arrays.items() if name not in of_all}
    return OwnRows(shard=0, first=0, shared=shared, distances=distances, **of_all, **own)
