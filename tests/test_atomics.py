"""Counters and flags that threads change at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from w2v.kernels.atomics import add_one, claim, wait_for
from w2v.kernels.jit import JIT_ENABLED, jit

THREADS, FLAGS = 4, 200_000 if JIT_ENABLED else 500


@jit
def claim_all(flags, counters, claimed):
    for k in range(len(flags)):
        if claim(flags, k):
            claimed[k] += 1
            add_one(counters, 1)


def in_threads(work):
    """Call a function in all threads, which begin at the same time; return the results."""
    barrier = threading.Barrier(THREADS)

    def run(number):
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_each_flag_is_claimed_by_one_thread_and_no_count_is_lost():
    flags, counters = np.zeros(FLAGS, dtype=np.int64), np.zeros(3, dtype=np.int64)
    claimed = np.zeros((THREADS, FLAGS), dtype=np.int64)
    claim_all(flags[:0], counters, claimed[0])  # compiled before all threads call it
    in_threads(lambda number: claim_all(flags, counters, claimed[number]))
    assert (claimed.sum(axis=0) == 1).all()
    assert (flags == 1).all()
    assert counters.tolist() == [0, FLAGS, 0]


def test_a_counter_is_waited_for_as_long_as_was_said():
    counters = np.array([5, 2])
    assert wait_for(counters, 1, 2, 1)
    assert not wait_for(counters, 1, 3, 1000)
    assert not wait_for(counters, 1, 2, 0)


def test_what_was_written_before_a_count_is_seen_after_it():
    counters, values = np.zeros(1, dtype=np.int64), np.zeros(THREADS, dtype=np.int64)

    def work(number):
        values[number] = number + 1
        add_one(counters, 0)
        while not wait_for(counters, 0, THREADS, 100):
            pass
        return values.tolist()

    assert in_threads(work) == [list(range(1, THREADS + 1))] * THREADS
