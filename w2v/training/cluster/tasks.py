"""What the workers of a cluster do with the text, as tasks of Dask, which repeats those it loses.

A task that fails returns its error, and so do those that need its result: Dask would log it as a
warning on the worker. This module loads no compiler, since workers unpack its functions in the
thread that also sends and receives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2v.text.dividing import TextPiece, seen
from w2v.training.cluster.room import Room, room_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from w2v.text.counted_pieces import Account, ChosenWords, CountedPiece
    from w2v.text.encoded_pieces import EncodedPiece
    from w2v.text.word_table import PackedTable


@dataclass(frozen=True)
class Failed:
    """What takes the place of a result: the error."""

    error: Exception


async def look(paths: Sequence[Path], dask_worker: Any) -> tuple[str, Room]:
    """Return what a worker sees of some files, "" where it cannot read them, and its room."""

    def see() -> str:
        try:
            return seen(paths)
        except Exception:  # whatever keeps it, others read the files
            return ""

    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, see), room_of(dask_worker)


def count(piece: TextPiece, memory_limit: int, table_limit: int | None) -> Any:
    """Count a piece of the text."""
    return _attempted("count_piece", piece, memory_limit, table_limit)


def account(piece: CountedPiece | Failed) -> Account | Failed:
    """Return the account of a piece that was counted."""
    return piece if isinstance(piece, Failed) else piece.account


def table(piece: CountedPiece | Failed) -> PackedTable | Failed:
    """Return the table of a piece that was counted."""
    return piece if isinstance(piece, Failed) else piece.table


def merge(tables: Sequence[PackedTable | Failed], limit: int | None) -> Any:
    """Merge tables of words."""
    return _attempted("merge_tables", tables, limit)


def count_chosen(piece: CountedPiece | Failed, chosen: ChosenWords) -> Any:
    """Count chosen words exactly."""
    return _attempted("count_chosen", piece, chosen)


def add_chosen(found: Sequence[NDArray[np.int64] | Failed]) -> Any:
    """Add exact counts."""
    return _attempted("sum_of_chosen", found)


def encode(piece: CountedPiece | Failed, chosen: ChosenWords, memory_limit: int) -> Any:
    """Replace the words of a piece by ids."""
    return _attempted("encode_piece", piece, chosen, memory_limit)


def borders(piece: EncodedPiece | Failed) -> tuple[int, NDArray[np.int64]] | Failed:
    """Return the number of ids in a piece, and where its sentences end."""
    return piece if isinstance(piece, Failed) else (len(piece.tokens), piece.ends)


def parts(piece: EncodedPiece | Failed, ranges: list[Any]) -> Any:
    """Return some ids of a piece, and the ends of sentences among them; see `parts_of`."""
    return _attempted("parts_of", piece, ranges)


def frequencies(piece: EncodedPiece | Failed, *arguments: Any) -> Any:
    """Count the ids of a piece; see `frequencies_of`."""
    return _attempted("frequencies_of", piece, *arguments)


def fingerprint(piece: EncodedPiece | Failed, *ranges: Any) -> Any:
    """Return the fingerprint of some ids of a piece; see `fingerprint_of`."""
    return _attempted("fingerprint_of", piece, *ranges)


def add(counts: list[NDArray[np.int64] | Failed]) -> Any:
    """Add counts."""
    return _attempted("added", counts)


def same(value: Any) -> Any:
    """Return a value: it is sent once, and again where it was lost."""
    return value


def _attempted(name: str, *arguments: Any) -> Any:
    """Call a function of w2v/text/, unless an argument is an error already."""
    listed = [part for each in arguments for part in (each if isinstance(each, list) else [each])]
    for each in listed:
        if isinstance(each, Failed):
            return each
    try:
        from w2v.text import counted_pieces, encoded_pieces  # noqa: PLC0415  (see above)

        module = counted_pieces if hasattr(counted_pieces, name) else encoded_pieces
        return getattr(module, name)(*arguments)
    except Exception as error:
        return Failed(error)
