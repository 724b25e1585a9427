"""Work in processes of their own, pinned to cores: alone on the machine, or packed side by side."""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any


@dataclass
class Job:
    """Work for a process of its own.

    work: returns what can be pickled. threads: how many cores it is pinned to, all if there are
    fewer. alone: the other cores stay idle meanwhile. seconds: how long it may take; None: it is
    run however late it is.
    """

    name: str
    work: Callable[[], Any]
    threads: int = 1
    alone: bool = False
    seconds: float | None = None


@dataclass
class Cores:
    """The cores of this process, which are lent to jobs.

    Processes are forked, so what the first one has read and compiled is there in each; it must have
    no other threads by then.
    """

    all: list[int] = field(default_factory=lambda: sorted(os.sched_getaffinity(0)))

    def packed(self, jobs: list[Job], deadline: float) -> Iterator[tuple[Job, Any]]:
        """Run the jobs, the first that fits first; yield each with its result.

        A job that would end after the deadline, in seconds of time.monotonic, is not begun; its
        result is None, and so is that of a process that broke down. The caller may add jobs
        between two results.
        """
        free, running = list(self.all), dict[Connection, tuple[Job, BaseProcess, list[int]]]()
        while jobs or running:
            for job in list(jobs):
                if job.seconds is not None and time.monotonic() + job.seconds > deadline:
                    jobs.remove(job)
                    yield job, None
                elif len(free) >= (taken := self._taken(job)):
                    jobs.remove(job)
                    lent, free = free[:taken], free[taken:]
                    process, results = _begin(job, lent[: job.threads])
                    running[results] = job, process, lent
            for ready in wait(list(running)) if running else ():
                assert isinstance(ready, Connection)
                job, process, lent = running.pop(ready)
                result = _end(job, process, ready)
                free = sorted(free + lent)
                yield job, result

    def _taken(self, job: Job) -> int:
        return len(self.all) if job.alone else min(job.threads, len(self.all))


def _begin(job: Job, cores: list[int]) -> tuple[BaseProcess, Connection]:
    receiver, sender = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_work, args=(job, cores, sender), daemon=True)
    process.start()
    sender.close()
    return process, receiver


def _work(job: Job, cores: list[int], results: Connection) -> None:
    os.sched_setaffinity(0, cores)
    results.send(job.work())


def _end(job: Job, process: BaseProcess, results: Connection) -> Any:
    try:
        result = results.recv()
    except EOFError:
        result = None
    process.join()
    if process.exitcode:
        print(f"{job.name}: its process ended with {process.exitcode}.", file=sys.stderr)
    return result
