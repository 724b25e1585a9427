"""Trainings on the toy corpus whose reports are tested, and the page of a report."""

import json

import pytest
from pages import read_page
from toy_sets import write_sets

import w2v


def _train(directory, **settings):
    events = []
    common = {"vector_size": 8, "held_out": 0.05, "workers": 1, "evaluate_every": 0.3}
    sets = write_sets(directory)
    model = w2v.train("toy", on_event=events.append, evaluate=sets, **common, **settings)
    return model, events


@pytest.fixture(scope="session")
def skipgram_run(tmp_path_factory):
    """The model of a training by skip-gram, and its events."""
    return _train(tmp_path_factory.mktemp("skipgram"), epochs=3)


@pytest.fixture(scope="session")
def cbow_run(tmp_path_factory):
    """The model of a training by CBOW, and its events."""
    return _train(tmp_path_factory.mktemp("cbow"), epochs=2, architecture="cbow")


def written(path, events):
    """The log of a training."""
    path.write_text("".join(json.dumps(event.as_dict()) + "\n" for event in events))
    return path


def made(tmp_path, runs, **options):
    """The page of a report, read again."""
    target = tmp_path / "report.html"
    w2v.report(runs, target, **options)
    return read_page(target.read_text(encoding="utf-8"))


@pytest.fixture
def page(skipgram_run, tmp_path):
    """The page of a training by skip-gram."""
    model, events = skipgram_run
    return made(tmp_path, written(tmp_path / "run.jsonl", events), vectors=model.vectors)


def of_kind(events, kind):
    """The events of a kind."""
    return [event for event in events if isinstance(event, kind)]
