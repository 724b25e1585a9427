"""Two processes that take turns: one is stopped while the other one works.

A machine that others use, too, is slow for seconds or minutes at a time. In turns of half a second
both processes see the same of it. The ratio of two whole trainings, one after the other, differed
by 5 to 30 % from run to run; in turns it differed by 0.4 to 7 %.
"""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from operator import or_

SECONDS = 0.5  # of a turn


class Player:
    """A process that prints the times at which it reaches each mark, by `time.monotonic`.

    Parameters
    ----------
    command : list of str
    **environment : str
        Variables to set.

    Attributes
    ----------
    marks : list of float
        The times that it has printed so far.
    """

    def __init__(self, command: list[str], **environment: str) -> None:
        began = time.monotonic()
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
        )
        self.stop()
        self.marks: list[float] = []
        # What it does until it stops counts: a mark may be among it.
        self._turns = [(began, time.monotonic())]
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.marks.append(float(line))  # at once, not when all have come

    def has_ended(self) -> bool:
        """Return whether it has ended; end this process, too, if it failed, as it has reported."""
        if self._process.poll():
            sys.exit("A measurement failed, as said above.")
        return self._process.poll() is not None

    def stop(self) -> None:
        """Let it stand still."""
        self._process.send_signal(signal.SIGSTOP)

    def work(self, is_enough: Callable[[], bool], period: float) -> None:
        """Let it work until it is enough, or it has ended; look once in a period, in seconds."""
        began = time.monotonic()
        self._process.send_signal(signal.SIGCONT)
        time.sleep(period)
        while not (is_enough() or self.has_ended()):
            time.sleep(period)
        self.stop()
        self._turns.append((began, time.monotonic()))

    def end(self) -> None:
        """End it, wherever it is."""
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def seconds(self) -> list[float]:
        """Return the seconds of its own turns between each two marks."""
        reached = [self._worked_until(mark) for mark in self.marks]
        return [after - before for before, after in itertools.pairwise(reached)]

    def _worked_until(self, moment: float) -> float:
        return sum(max(0.0, min(stop, moment) - start) for start, stop in self._turns)


def play(players: Sequence[Player], marks: int) -> list[list[float]]:
    """Let players work in turns until all have `marks` marks, or one has ended and others have two.

    Until its first mark each works alone. SIGTERM ends the players, too, as Ctrl-C does; it would
    leave one behind that never goes on. Call it in the main thread.

    Returns
    -------
    list of list of float
        What `Player.seconds` returns for each.
    """
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended by SIGTERM."))
    try:
        for player in players:
            player.work(partial(bool, player.marks), 0.01)
        while any(len(player.marks) < marks for player in players):
            ended = [player.has_ended() for player in players]
            have_two = [len(player.marks) > 1 for player in players]
            if any(ended) and all(map(or_, ended, have_two)):
                break
            for player in players:
                player.work(lambda: True, SECONDS)
    finally:
        for player in players:
            player.end()
        signal.signal(signal.SIGTERM, before)
    return [player.seconds() for player in players]
