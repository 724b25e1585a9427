"""The command that builds an approximate index beside a file of vectors."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

import w2v
from w2v_cli import interrupt
from w2v_cli.output import print_json, say
from w2v_cli.values import WHOLE_NUMBER
from w2v_cli.vector_file import read_vectors, vector_options, vector_path

_PERIOD = 10.0  # seconds between two lines of progress


@click.command(
    short_help="Build an approximate index, for many queries to many vectors.",
    epilog="""\b
Examples:
  w2v index -v wiki8.bin               writes wiki8.bin.index
  w2v similar cat --approximate -v wiki8.bin
""",
)
@click.option(
    "--connectivity", type=WHOLE_NUMBER, default=32, show_default=True, metavar="N",
    help="Neighbours that each word is linked to, 2 to 512. More links find more of the nearest"
    " words, and take more memory and time.",
)  # fmt: skip
@click.option(
    "--ef-construction", type=WHOLE_NUMBER, default=256, show_default=True, metavar="N",
    help="Candidates to look at for each word, 1 or more.",
)  # fmt: skip
@click.option(
    "--workers", type=WHOLE_NUMBER, metavar="N",
    help="Threads, 1 or more; one gives the same index every time.  [default: one for"
    " each core that this process may use]",
)  # fmt: skip
@vector_options
def index(
    connectivity: int, ef_construction: int, workers: int | None, as_json: bool, **source: Any
) -> None:
    """Build an approximate index of all vectors, and write it beside their file.

    With it, 'w2v similar' and 'w2v analogy' with --approximate, and most_similar in Python, search
    without looking at every word. They find most of the nearest words, but not always all.
    The command needs the extra 'ann'. When the vectors change, build the index again.
    """
    path = w2v.index_path(vector_path(source["vectors"]))
    read = [vector_path(source["vectors"]), source["word_list"]]
    w2v.check_index(path, [name for name in read if name is not None])
    vectors = read_vectors(**source)
    interrupt.state.outcome = "no index was written"
    started = time.perf_counter()
    with _progress(len(vectors)) as progress:
        found = w2v.build_index(
            vectors, connectivity=connectivity, ef_construction=ef_construction, workers=workers,
            progress=progress,
        )  # fmt: skip
    found.save(path)
    seconds, size = time.perf_counter() - started, path.stat().st_size
    if as_json:
        facts = {"file": str(path), "words": len(vectors), "bytes": size, "seconds": seconds}
        print_json({**facts, "ef": found.ef, "recall": found.recall})
    say(
        f"Wrote {path}: {size / 1e6:,.1f} MB, built in {seconds:.1f} s; looking at {found.ef}"
        f" candidates it finds {100 * found.recall:.1f} % of the ten nearest words",
        err=True,
    )


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that shows progress: a bar on a terminal, else a line now and then."""
    if not sys.stderr.isatty():
        yield _Lines().show
        return
    with click.progressbar(length=total, label="Indexing", file=sys.stderr, width=0) as bar:
        yield lambda done, _: bar.update(done - bar.pos)


class _Lines:
    """A line of progress every ten seconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def show(self, done: int, total: int) -> None:
        """Print the share that is done, if ten seconds have passed."""
        if time.monotonic() >= self._last + _PERIOD:
            self._last = time.monotonic()
            say(f"Indexing  {100 * done / total:.0f} %", err=True)
