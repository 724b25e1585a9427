"""Whatever a checkpoint says, with a right checksum: it is resumed, or refused in a sentence."""

import contextlib
import json
import math
import shutil
import warnings

import numpy as np
import pytest

import w2v
from w2v.errors import W2VError
from w2v.formats import full_model
from w2v.formats.full_model import FullModel
from w2v.training.checkpoint_names import best_path
from w2v_corpora import toy

LINES = [line.decode().split() for line in toy.text().splitlines()[:400]]
SETTINGS = {
    "vector_size": 4, "epochs": 4, "workers": 1, "min_count": 2, "held_out": 0.1,
    "evaluate_every": 0.002, "early_stop": "held-out:9",
}  # fmt: skip
JSONS = ("checkpoint", "config", "history", "summary")
MODEL = ("vocab_utf8", "vocab_offsets", "counts", "vectors", "output")
MISSING = object()
VALUES = [
    None, MISSING, True, -1, 0, 3, 2**40, 2**70, 10**400, 0.5, -1e308, 1e308, math.nan, "", "x",
    "-", "\0", "/dev/zero", [], {}, [None], [[]], {"a": None}, "a" * 32,
]  # fmt: skip


class Enough(BaseException):
    """Nothing may react to it."""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A real one, of the second epoch, and all that it holds."""
    directory = tmp_path_factory.mktemp("fields")
    written = []

    def listen(event):
        written.append(isinstance(event, w2v.Checkpointed))
        if sum(written) == 2:
            raise Enough

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Enough):
            w2v.train(
                LINES, checkpoint=directory, checkpoint_every=0, on_event=listen,
                notes={"output": "o.bin"}, **SETTINGS,
            )  # fmt: skip
    found = w2v.read_checkpoint(directory)
    assert found.place.epoch == 1
    assert found.evaluation.vectors is not None
    for path in directory.glob("checkpoint-*"):
        if path != found.path:
            path.unlink()
    stored = found.stored
    tensors = {name: stored.tensor(name) for name in stored.places}
    best = best_path(directory, found.evaluation.vectors)
    shutil.copy(best, tmp_path_factory.getbasetemp() / best.name)
    return found.path, stored.words, tensors, dict(stored.metadata)


def resume(path, words, tensors, metadata):
    """Write a checkpoint with a right checksum, and go on from it, but not far."""
    for best in path.parent.parent.glob("best-*"):
        shutil.copy(best, path.parent / best.name)
    extra = {name: tensor for name, tensor in tensors.items() if name not in MODEL}
    model = FullModel(words, *(tensors[name] for name in MODEL[2:]), metadata, extra)
    full_model.write_with_digest(path, model)
    events = []

    def listen(event):
        events.append(event)
        if len(events) > 12:
            raise Enough

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            w2v.read_checkpoint(path.parent)
            w2v.train(LINES, resume=path.parent, on_event=listen, checkpoint_every=1e9)
        except (W2VError, Enough) as error:
            assert "There is no full model" not in str(error)
            return error
        finally:
            for further in path.parent.glob("checkpoint-*"):
                if further != path:
                    further.unlink()
    return None


def leaves(value, place=()):
    """The places of all values within a value of JSON."""
    yield place
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in items:
        yield from leaves(item, (*place, key))


def changed(value, place, new):
    """A copy of a value of JSON in which another stands at a place."""
    if not place:
        return new
    copy = json.loads(json.dumps(value))
    inside = copy
    for key in place[:-1]:
        inside = inside[key]
    if new is MISSING:
        del inside[place[-1]]
    else:
        inside[place[-1]] = new
    return copy


def test_it_is_resumed_as_it_is(checkpoint):
    path, words, tensors, metadata = checkpoint
    assert isinstance(resume(path, words, tensors, metadata), (type(None), Enough))


@pytest.mark.parametrize("name", JSONS)
def test_json(checkpoint, name):
    path, words, tensors, metadata = checkpoint
    whole = json.loads(metadata[name])
    refused = 0
    places = [place for place in leaves(whole) if name != "summary" or len(place) < 2]
    for number, place in enumerate(places):
        # A few values at each place, other ones at the next.
        for value in VALUES[number % 6 :: 6]:
            if value is MISSING and not place:
                continue
            text = json.dumps(changed(whole, place, value))
            error = resume(path, words, tensors, {**metadata, name: text})
            refused += isinstance(error, W2VError)
    assert refused > 10


def arrays(tensor):
    """Other arrays in the place of one."""
    yield tensor.astype(np.float64 if tensor.dtype != np.float64 else np.int64)
    yield tensor[:0]
    if tensor.size:
        yield tensor.reshape(-1)[0].reshape(())
    yield np.concatenate([tensor, tensor])
    yield tensor[np.newaxis]
    yield tensor[::-1].copy()
    if not tensor.size:
        return
    for value in (-1, 1, 2**62, -(2**63), math.nan, math.inf, 1e300, 2047, 2048):
        for place in (0, -1, slice(None)):
            other = tensor.copy()
            with np.errstate(all="ignore"), contextlib.suppress(OverflowError, ValueError):
                other.reshape(-1)[place] = value
            yield other


@pytest.mark.parametrize(
    "name",
    [
        *MODEL[2:],
        "progress",
        "generator",
        "totals",
        "frozen",
        "loss_running",
        "loss_best",
        "loss_recent",
    ],
)
def test_tensors(checkpoint, name):
    path, words, tensors, metadata = checkpoint
    refused = 0
    for other in arrays(tensors[name]):
        error = resume(path, words, {**tensors, name: other}, metadata)
        refused += isinstance(error, W2VError)
    assert refused > 1
    if name not in MODEL:
        without = {key: tensor for key, tensor in tensors.items() if key != name}
        assert f"lacks the tensors {name}" in str(resume(path, words, without, metadata))


def test_frozen_rows(checkpoint):
    path, words, tensors, metadata = checkpoint
    for rows in ([0, 1], [len(words) - 1], [len(words)], [-1], [3, 3], [2, 1], [2**62]):
        error = resume(path, words, {**tensors, "frozen": np.array(rows)}, metadata)
        sound = rows in ([0, 1], [len(words) - 1])
        assert isinstance(error, W2VError) != sound


def test_words(checkpoint):
    path, words, tensors, metadata = checkpoint
    for others in (words[::-1], ["x", *words[1:]], words[:-1]):
        assert isinstance(resume(path, others, tensors, metadata), W2VError)
    fewer = {name: t[:-1] if name in MODEL else t for name, t in tensors.items()}
    assert isinstance(resume(path, words[:-1], fewer, metadata), W2VError)
