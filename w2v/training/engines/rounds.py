"""A round of deterministic training: plan → train → merge, as functions of arrays alone.

A round takes the next tokens of the text in equal stretches, one for each shard, or several where
rounds are joined. `plan_stretch` lists the rows that one of them touches. When all shards are
planned, `copy_rows` places the copies of those that other shards touch too, and `train_stretch`
trains one shard: on the shared rows that only it touches, and on the copies. When all are trained,
the copies are merged row by row. No row is written by two shards, and no shared row while another
reads it. So the callers of these functions, and their order, change nothing but the time.

Where a round has several laps (round_shape.py), its stretches are trained in as many parts. After
each but the last, the hot rows alone are merged, and training goes on with the same copies. Hot
rows are those that nearly every block touches: they are what long rounds make worse.

A worker of a cluster calls the functions below for its shards, and merges what the network brings
(training/cluster/). On one machine the threads go through many rounds in one call
(w2v/kernels/round_tasks.py).
"""

from w2v.kernels.chunk import train_chunk
from w2v.kernels.own_rows import HotBounds, copy_hot_rows, place_copies
from w2v.kernels.state import Matrices, OutputTables, Schedule, Text, Variant, WorkerState
from w2v.kernels.touched_rows import forget_rows, list_rows
from w2v.training.config import TrainConfig
from w2v.training.engines.round_shape import RoundShape


def begin_plan(state: WorkerState) -> None:
    """Forget what was planned for the last round. Writes the lists and marks of this shard."""
    for each in state.own:
        forget_rows(each)


def plan_stretch(
    text: Text,
    start: int,
    stop: int,
    schedule: Schedule,
    variant: Variant,
    outputs: OutputTables,
    state: WorkerState,
) -> None:
    """List the rows that training on the tokens from `start` to `stop` − 1 will touch, too.

    Writes the lists and marks of this shard's state; other shards may write theirs meanwhile. For
    the parameters see `w2v.kernels.chunk.train_chunk`.
    """
    list_rows(text, start, stop, schedule, variant, outputs, state)


def copy_rows(
    variant: Variant, hot: tuple[HotBounds, HotBounds], copies: Matrices, state: WorkerState
) -> None:
    """Place the copies of rows that other shards touch too, after all shards are planned.

    The hot rows are copied now. All others are copied when the first block that touches them is
    trained. `hot` is that of `hot_bounds`; copies lie in `copies` from `state.own.first` on. Writes
    the hot ones, and `state.own`.
    """
    place_copies(variant.paths, hot, state.own)
    copy_hot_rows(state.own, copies)


def train_stretch(
    text: Text,
    start: int,
    stop: int,
    schedule: Schedule,
    variant: Variant,
    outputs: OutputTables,
    matrices: Matrices,
    state: WorkerState,
) -> None:
    """Train on tokens that `plan_stretch` has planned, after `copy_rows`, each in its turn.

    Writes the copies, the rows that no other shard touches, and the state. For the parameters see
    `w2v.kernels.chunk.train_chunk`.
    """
    train_chunk(text, start, stop, schedule, variant, outputs, matrices, state)


def hot_bounds(size: int, config: TrainConfig, shape: RoundShape) -> tuple[HotBounds, HotBounds]:
    """Return which rows of the input and of the output matrix are hot, of V = `size` words."""
    # The root is the last node, but for one row that is not used.
    outputs, nodes = size * config.outputs_per_word, max(0, size - 1 - shape.hot)
    return (
        HotBounds(shape.hot, size),
        HotBounds(
            shape.hot * config.has_noise,
            outputs - size + nodes if config.has_paths else outputs,
        ),
    )
