"""Trainings that are killed and resumed, for the tests of checkpoints."""

from dataclasses import replace

import numpy as np
import pytest

import w2v

QUICK = {"vector_size": 12, "epochs": 3, "workers": 1, "sample": 0.01}


class Killed(BaseException):
    """Like SIGKILL to the code under test: nothing may react to it."""


def train(corpus="toy", **settings):
    return w2v.train(corpus, **{**QUICK, **settings})


def killed_after(checkpoints, **settings):
    """Train until so many checkpoints are written, then end at the next event."""
    written = []

    def on_event(event):
        if len(written) >= checkpoints:
            raise Killed
        if isinstance(event, w2v.Checkpointed):
            written.append(event.path)

    with pytest.raises(Killed):
        w2v.train(on_event=on_event, checkpoint_every=0, **settings)
    return written


def without_seconds(history):
    return [replace(epoch, seconds=0) for epoch in history]


def assert_same(resumed, whole):
    assert resumed.vectors.index_to_key == whole.vectors.index_to_key
    np.testing.assert_array_equal(resumed.vectors.vectors, whole.vectors.vectors)
    np.testing.assert_array_equal(resumed.output, whole.output)
    assert without_seconds(resumed.history) == without_seconds(whole.history)
    assert resumed.summary.ledger == whole.summary.ledger
