"""The tasks of some rounds of deterministic training, which several threads do in one call each.

The tasks lie in phases. Those of one phase can be done at the same time, in any order and by
whichever thread; a phase begins when all tasks of the one before are done. A thread takes its own
tasks first, those of the same shards in every phase, as their rows are in its cache. Then it takes
what others have not begun. So a thread that the system has stopped holds up one task, not its
share. Nothing else than the time depends on who does what.

The threads meet between phases by counting the tasks done. With a call for each task and a barrier
of Python's they waited for the interpreter lock and for each other (benchmarks/NOTES.md).
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from w2v.kernels.atomics import add_one, claim, wait_for
from w2v.kernels.chunk import train_blocks
from w2v.kernels.copies import (
    MergeBuffers,
    ShardCopies,
    first_place,
    merge_hot_round,
    merge_round,
)
from w2v.kernels.jit import Float64s, Floats, Int32s, Int64s, UInt16s, inlined, jit
from w2v.kernels.own_rows import HotBounds, copy_hot_rows, place_copies
from w2v.kernels.state import (
    TOTALS_SIZE,
    Matrices,
    OutputTables,
    OwnMatrices,
    OwnRows,
    Schedule,
    Text,
    Variant,
    WorkerState,
)
from w2v.kernels.touched_rows import forget_rows, list_rows

# The kinds of tasks.
PLAN, TRAIN, MERGE_HOT, MERGE, END_ROUND = range(5)
# Columns of Program.tasks: the kind; the shard, or the part of a merge; the thread that the task
# belongs to; whether it is the first training of a round; its first piece, and the one after its
# last.
KIND, NUMBER, HOME, IS_FIRST, PIECES_START, PIECES_STOP = range(6)
# Indices of Program.progress: tasks done, phases to do, and rounds done.
DONE, PHASES, ROUNDS = range(3)


class Program(NamedTuple):
    """Some rounds as tasks in phases, and how far they have come."""

    tasks: Int64s  # (tasks, 6)
    pieces: Int64s  # (pieces, 2): tokens to plan or to train, start and stop
    ends: Int64s  # (phases,): the tasks up to the end of each phase
    rates: Float64s  # (phases,): the learning rate of the round that each phase is of
    parts: int  # of a merge
    claimed: Int64s  # (tasks,): 1 for a task that was taken
    progress: Int64s  # (3,)
    halt: Int64s  # (1,): not 0 where no more rounds shall begin
    totals: Float64s  # (TOTALS_SIZE,): the sums of all rounds, also of those before


class RoundRows(NamedTuple):
    """The rows of one matrix that the shards of a round touch: OwnRows for every shard."""

    copies: ShardCopies
    distances: Floats  # (V, 2)
    marks: UInt16s  # (shards, V)
    touched: Int32s  # (shards, capacity)
    ends: Int32s  # (shards, 2, blocks)


class RoundMemory(NamedTuple):
    """The memory of all shards of a round."""

    inputs: RoundRows
    outputs: RoundRows
    hot: tuple[HotBounds, HotBounds]  # which rows of both matrices are hot
    totals: Float64s  # (shards, TOTALS_SIZE): of the running round


def run_tasks(
    thread: int,
    phase: int,
    looks: int,
    program: Program,
    text: Text,
    schedule: Schedule,
    variant: Variant,
    outputs: OutputTables,
    matrices: Matrices,
    state: WorkerState,
    buffers: MergeBuffers,
    memory: RoundMemory,
) -> int:
    """Do what is left of a program's tasks, together with the other threads.

    Writes all memory of the rounds, both matrices, and the program's flags, progress and totals.

    Parameters
    ----------
    thread : int
        The thread's number, from 0.
    phase : int
        The phase to begin with: 0, or what an earlier call of this thread has returned.
    looks : int
        How many times it looks whether other threads have done their tasks, before it returns; 1
        or more.
    program : Program
        The threads' common one.
    text, schedule, variant, outputs, matrices
        See `w2v.kernels.chunk.train_chunk`.
    state : WorkerState
        The thread's own memory, without rows of its own.
    buffers : MergeBuffers
        The thread's own.
    memory : RoundMemory

    Returns
    -------
    int
        The phase whose tasks are all begun, but not done; the number of phases if all are.
    """
    run = tasks_kernel(variant.cbow, variant.noise, variant.paths)
    return int(
        run(
            thread, phase, looks, program, text, schedule, variant, outputs, matrices, state,
            buffers, memory,
        )
    )  # fmt: skip


@cache
def tasks_kernel(cbow: bool, noise: bool, paths: bool) -> Callable[..., int]:
    """Return `run_tasks`, compiled for one variant, as `chunk_kernel` does."""

    def run(
        thread: int,
        phase: int,
        looks: int,
        program: Program,
        text: Text,
        schedule: Schedule,
        choices: Variant,
        outputs: OutputTables,
        matrices: Matrices,
        state: WorkerState,
        buffers: MergeBuffers,
        memory: RoundMemory,
    ) -> int:
        variant = Variant(cbow, noise, paths, choices.mean, choices.shrinks_windows)
        while phase < program.progress[PHASES]:
            first = program.ends[phase - 1] if phase > 0 else 0
            count = program.ends[phase] - first
            for k in range(2 * count):  # the thread's own tasks, then those of the others
                task = first + k % count
                is_own = program.tasks[task, HOME] == thread
                if is_own == (k < count) and claim(program.claimed, task):
                    _run_task(
                        task, program.rates[phase], program, text, schedule, variant, outputs,
                        matrices, state, buffers, memory,
                    )  # fmt: skip
                    add_one(program.progress, DONE)
            if not wait_for(program.progress, DONE, first + count, looks):
                return phase
            phase += 1
        return phase

    run.__qualname__ = f"run_tasks_{cbow:d}{noise:d}{paths:d}"  # see chunk_kernel
    return jit(run)


@inlined
def _run_task(
    task: int,
    rate: float,
    program: Program,
    text: Text,
    schedule: Schedule,
    variant: Variant,
    outputs: OutputTables,
    matrices: Matrices,
    state: WorkerState,
    buffers: MergeBuffers,
    memory: RoundMemory,
) -> None:
    kind, number = program.tasks[task, KIND], program.tasks[task, NUMBER]
    start, stop = program.tasks[task, PIECES_START], program.tasks[task, PIECES_STOP]
    if kind == PLAN:
        shard = state_of_shard(number, state, memory)
        forget_rows(shard.own.input)
        forget_rows(shard.own.output)
        for piece in range(start, stop):
            list_rows(
                text, program.pieces[piece, 0], program.pieces[piece, 1], schedule, variant,
                outputs, shard,
            )  # fmt: skip
    elif kind == TRAIN:
        shard = state_of_shard(number, state, memory)
        copy_totals(memory.totals[number], state.totals)
        if program.tasks[task, IS_FIRST]:
            place_copies(variant.paths, memory.hot, shard.own)
            copy_hot_rows(shard.own, matrices)
        for piece in range(start, stop):
            train_blocks(
                text, program.pieces[piece, 0], program.pieces[piece, 1], schedule, variant,
                outputs, True, matrices, shard,
            )  # fmt: skip
        copy_totals(state.totals, memory.totals[number])
    elif kind == MERGE:
        merge_round(
            number, program.parts, rate, memory.inputs.copies, memory.outputs.copies, buffers
        )
    elif kind == MERGE_HOT:
        merge_hot_round(
            number, program.parts, rate, memory.inputs.copies, memory.outputs.copies, buffers
        )
    else:
        _end_round(task, program, memory.totals)


@jit
def state_of_shard(shard: int, state: WorkerState, memory: RoundMemory) -> WorkerState:
    """Return a thread's memory with the rows of a shard."""
    own = OwnMatrices(rows_of_shard(shard, memory.inputs), rows_of_shard(shard, memory.outputs))
    return WorkerState(
        state.listed, state.targets, state.buffers, state.hot, own, state.frozen, state.scaled,
        state.totals,
    )  # fmt: skip


@jit
def rows_of_shard(shard: int, rows: RoundRows) -> OwnRows:
    """Return what one shard has of the rows of a matrix."""
    copies = rows.copies
    return OwnRows(
        shard, rows.distances, rows.marks, copies.holders, rows.touched[shard],
        copies.copied[shard], copies.ways[shard], copies.counts[shard], rows.ends[shard],
        copies.places[shard], first_place(shard, copies), copies.matrix,
    )  # fmt: skip


@jit
def copy_totals(source: Float64s, target: Float64s) -> None:
    """Copy totals: while a shard is trained they are its thread's, as others' share cache lines."""
    for k in range(TOTALS_SIZE):
        target[k] = source[k]


@jit
def _end_round(task: int, program: Program, totals: Float64s) -> None:
    """Add the shards' totals in their order, and clear them; end the program if it shall halt."""
    for k in range(TOTALS_SIZE):
        total = 0.0
        for shard in range(totals.shape[0]):
            total += totals[shard, k]
            totals[shard, k] = 0.0
        program.totals[k] += total
    program.progress[ROUNDS] += 1
    if program.halt[0] != 0:
        phase = 0
        while program.ends[phase] <= task:
            phase += 1
        program.progress[PHASES] = phase + 1
