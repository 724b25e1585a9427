"""How the tests share a machine: in several processes at once, and some of them alone.

`-n` of pytest-xdist is `auto` by default: a process for each core, none beside this one for the
tests of a single file. `-n 0` runs everything in this process.
"""

import fcntl
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from variants import VARIANTS

MOST_PROCESSES = 8  # each test may train with all cores itself
_ROOM = "w2v_room"
_DIRECTORY = pytest.StashKey[Path]()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many processes `-n auto` starts."""
    if len(config.args) == 1 and Path(config.args[0].split("::")[0]).is_file():
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, MOST_PROCESSES)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the kernels before several processes would each do it."""
    option = session.config.option
    if getattr(option, "dist", "no") == "no" or option.collectonly:
        return
    import w2v
    from w2v.kernels.jit import JIT_ENABLED

    if JIT_ENABLED:
        for architecture, loss in VARIANTS:
            w2v.train("toy", architecture=architecture, loss=loss, vector_size=8, epochs=1)


class Room:
    """Two locks: a test that waits to run alone holds the first, so that no other test starts."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @contextmanager
    def enter(self, alone: bool) -> Iterator[None]:
        """Wait until a test may run, which nobody disturbs if it is to be alone."""
        with ExitStack() as inside:
            with self._locked("door", fcntl.LOCK_EX):
                inside.enter_context(
                    self._locked("inside", fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
                )
            yield

    @contextmanager
    def _locked(self, name: str, kind: int) -> Iterator[None]:
        with (self._directory / name).open("w") as file:  # closing it unlocks
            fcntl.flock(file, kind)
            yield


def pytest_configure(config: pytest.Config) -> None:
    """Make the room, which all processes of a session share."""
    given: dict[str, Any] = getattr(config, "workerinput", {})
    if _ROOM not in given:
        directory = tempfile.TemporaryDirectory(prefix="w2v-tests-")
        config.add_cleanup(directory.cleanup)
        given = {_ROOM: directory.name}
    config.stash[_DIRECTORY] = Path(given[_ROOM])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process where the room is."""
    node.workerinput[_ROOM] = str(node.config.stash[_DIRECTORY])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run what is marked `alone` while no other test runs."""
    with Room(item.config.stash[_DIRECTORY]).enter(item.get_closest_marker("alone") is not None):
        return (yield)
