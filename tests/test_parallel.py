"""Tests marked `alone` have the machine to themselves, and are not kept waiting by the others."""

import threading
from pathlib import Path

import pytest
from parallel import Room


class Process:
    """What stands for another process: a thread with a room of its own in the same directory."""

    def __init__(self, directory: Path, alone: bool) -> None:
        self.entered, self._leave = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, args=(Room(directory), alone))
        self._thread.start()

    def _run(self, room: Room, alone: bool) -> None:
        with room.enter(alone):
            self.entered.set()
            self._leave.wait(60)

    def leave(self) -> None:
        """Let the test end, which must have begun."""
        assert self.entered.wait(60)
        self._leave.set()
        self._thread.join()


def waits(process: Process) -> bool:
    return not process.entered.wait(0.05)


def test_others_run_together(tmp_path: Path) -> None:
    first, second = Process(tmp_path, alone=False), Process(tmp_path, alone=False)
    assert second.entered.wait(60)
    first.leave()
    second.leave()


@pytest.mark.parametrize("alone", [False, True])
def test_beside_one_alone_nobody_runs(tmp_path: Path, alone: bool) -> None:
    first = Process(tmp_path, alone=True)
    assert first.entered.wait(60)
    other = Process(tmp_path, alone)
    assert waits(other)
    first.leave()
    other.leave()


def test_who_comes_later_does_not_go_before(tmp_path: Path) -> None:
    running = Process(tmp_path, alone=False)
    assert running.entered.wait(60)
    alone = Process(tmp_path, alone=True)
    assert waits(alone)
    later = Process(tmp_path, alone=False)
    assert waits(later)
    running.leave()
    assert alone.entered.wait(60)
    assert waits(later)
    alone.leave()
    later.leave()
