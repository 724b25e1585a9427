"""Dask clusters of real processes on this machine, and a text to train on them."""

import sys
import time

import numpy as np
import pytest

import w2v

distributed = pytest.importorskip("distributed")

QUICK = {"vector_size": 16, "epochs": 1, "shards": 4, "held_out": 0.05}
WORDS = np.random.default_rng(5).zipf(1.3, 40_000).clip(max=300)
TEXT = [[f"w{word}" for word in WORDS[start : start + 50]] for start in range(0, len(WORDS), 50)]


def start_cluster(workers, memory_limit=0):
    """A cluster of so many workers, each a process with a thread."""
    return distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, memory_limit=memory_limit,
        dashboard_address=":0",
    )  # fmt: skip


def forgets_all(client):
    """Whether the workers have no actors any more, at once or soon."""
    for _ in range(50):
        counts = client.run(lambda dask_worker: len(dask_worker.state.actors))
        if sum(counts.values()) == 0:
            return True
        time.sleep(0.1)
    return False


def by_value(function):
    """A function that workers need no module for: they cannot import the tests."""
    import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[function.__module__])
    return function


def arm(stage, count):
    """Let this worker be killed when it calls a stage of a round for the count-th time."""
    import os
    import signal

    from w2v.training.cluster.replica import Replica

    original, left = getattr(Replica, stage), [count]

    def call(*arguments):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments)

    setattr(Replica, stage, call)


class Alone:
    """What the deterministic mode makes of some settings, each trained once."""

    def __init__(self):
        self._made = {}

    def __call__(self, **settings):
        key = str(sorted(settings.items()))
        if key not in self._made:
            self._made[key] = w2v.train(TEXT, deterministic=True, workers=2, **settings)
        return self._made[key]


def assert_same(found, expected):
    np.testing.assert_array_equal(found.vectors.vectors, expected.vectors.vectors)
    np.testing.assert_array_equal(found.output, expected.output)
    assert found.vectors.index_to_key == expected.vectors.index_to_key
    for own, other in zip(found.history, expected.history, strict=True):
        assert (own.loss, own.held_out_loss) == (other.loss, other.held_out_loss)
        assert (own.trained, own.subsampled) == (other.trained, other.subsampled)
