"""Every public error and object can be pickled, copied, compared, hashed and printed.

Errors cross the border of a process; objects that hold matrices are compared by identity, records
by value.
"""

import copy
import dataclasses
import inspect
import os
import pickle
import signal
import subprocess
import sys

import numpy as np
import pytest
from texts import evaluation_sets

import w2v
from w2v.formats.defects import Defect, DefectError

TEXT = [["a", "b", "c", "d"] * 5, ["e", "f", "a", "b"] * 5]
PUBLIC = {name: getattr(w2v, name) for name in w2v.__all__}
ERRORS = [name for name, kind in PUBLIC.items() if inspect.isclass(kind)
          and issubclass(kind, BaseException)]  # fmt: skip
OBJECTS = [name for name, kind in PUBLIC.items() if inspect.isclass(kind) and name not in ERRORS]
FUNCTIONS = [name for name, kind in PUBLIC.items() if not inspect.isclass(kind)]


@pytest.fixture(scope="module")
def objects(tmp_path_factory):
    """One object of every public class, by the name of its class."""
    directory = tmp_path_factory.mktemp("travelling")
    questions, pairs = evaluation_sets(directory)
    events, trainings = [], []
    settings = {"vector_size": 4, "min_count": 1, "epochs": 2, "workers": 1, "held_out": 0.5}
    with pytest.warns(UserWarning, match="too little|Too little"):
        model = w2v.train(
            TEXT, on_event=events.append, callbacks=[trainings.append], evaluate=[questions],
            checkpoint=directory / "checkpoints", checkpoint_every=0, **settings,
        )  # fmt: skip
        resume = {"resume": directory / "checkpoints", "init_from": None}
        w2v.train(TEXT, on_event=events.append, **resume)
        w2v.train(TEXT, on_event=events.append, init_from=model.vectors, **settings)
    path = directory / "vectors.bin"
    model.vectors.save(path)
    made = [
        *events, w2v.ProgressLines(), trainings[0], model, model.vectors, model.config,
        model.history,
        w2v.open_corpus("toy"), w2v.walks([("a", "b")]), w2v.find_phrases("toy"),
            w2v.join_phrases("toy"),
        w2v.read_checkpoint(directory / "checkpoints"), w2v.check_file(path),
        w2v.describe_file(path), w2v.convert(path, directory / "vectors.txt"),
        w2v.evaluate(model.vectors, questions), w2v.evaluate(model.vectors, pairs),
        w2v.evaluate(model.vectors, questions).total, w2v.build_index(model.vectors, workers=1),
        w2v.diagnose(), w2v.diagnose().findings[0], model.vectors.map(),
        w2v.Compiling(), w2v.Counting(30, 120, 0.5), w2v.ProgressLines(),
    ]  # fmt: skip
    found = {type(thing).__name__: thing for thing in made} | {"Event": events[-1]}
    # NaN, which is a loss that is not known yet, equals nothing, not even itself.
    for name in set(OBJECTS) - found.keys():  # events that come only now and then
        found[name] = event_of(PUBLIC[name])
    found["Progress"] = dataclasses.replace(found["Progress"], interval_loss=0.5)
    return found


def event_of(kind):
    """An event of this kind, with some value of the right type in each field."""
    assert issubclass(kind, w2v.Event), f"{kind} is new: make an object of it in this fixture"
    values = {int: 3, int | None: 3, float: 0.5, str: "a text"}
    return kind(**{each.name: values[each.type] for each in dataclasses.fields(kind)})


def error_of(name, model):
    kind = PUBLIC[name]
    held = [model] if kind in (w2v.TrainingError, w2v.TrainingInterrupted) else []
    return kind("What was given, and what to do.", *held)


def copies_of(thing):
    yield copy.copy(thing)
    yield copy.deepcopy(thing)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        yield pickle.loads(pickle.dumps(thing, protocol))


@pytest.mark.parametrize("name", ERRORS)
def test_errors_travel(objects, name):
    error = error_of(name, objects["Model"])
    error.note = "an attribute of the caller's"
    for other in copies_of(error):
        assert type(other) is type(error)
        assert str(other) == str(error) == "What was given, and what to do."
        assert repr(other) == repr(error)
        assert other.note == error.note
        assert other != error
        assert {error: 1}[error] == 1
        if hasattr(error, "model"):
            assert_same_numbers(other.model.vectors, error.model.vectors)


def assert_same_numbers(vectors, others):
    assert vectors.index_to_key == others.index_to_key
    assert vectors.key_to_index == others.key_to_index
    np.testing.assert_array_equal(vectors.vectors, others.vectors)
    np.testing.assert_array_equal(vectors.counts, others.counts)
    np.testing.assert_array_equal(vectors.norms, others.norms)


def test_an_error_of_several_defects_travels():
    error = DefectError("file.bin", *(Defect("kind", n, 0, "", "is bad") for n in (1, 2)))
    for other in copies_of(error):
        assert (str(other), other.defects) == (str(error), error.defects)


POOL = """
import concurrent.futures
import multiprocessing
import sys

import w2v


def stop(training):
    raise ValueError("enough")


def train():
    w2v.train("toy", epochs=1, vector_size=4, workers=1, callbacks=[stop])


def ask():
    w2v.KeyedVectors(["dog", "cat"], [[1.0], [2.0]])["dgo"]


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, context) as pool:
        for work in (train, ask):
            try:
                pool.submit(work).result(timeout=120)
            except w2v.W2VError as error:
                print(type(error).__name__, error)
"""


def test_errors_come_out_of_a_pool_of_processes(tmp_path):
    script = tmp_path / "pool.py"
    script.write_text(POOL)
    ran = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    training, asking = ran.stdout.splitlines()
    assert training.startswith("TrainingError A callback ended the training: ValueError: enough.")
    assert asking.startswith("MissingWordError The word 'dgo' is not among the 2 words")


def test_a_missing_word_leaves_the_vocabulary_behind():
    words = [f"word{number}" for number in range(20_000)]
    vectors = w2v.KeyedVectors(words, np.zeros((len(words), 1)))
    with pytest.raises(w2v.MissingWordError) as caught:
        vectors["wrod7"]
    assert len(pickle.dumps(caught.value.with_traceback(None))) < 500
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("name", OBJECTS)
def test_objects_travel(objects, name):
    thing = objects[name]
    if name != "History":  # a list
        assert {thing: 1}[thing] == 1
    assert 0 < len(repr(thing)) < 1000
    assert "array(" not in repr(thing) and " at 0x" not in repr(thing)
    if name == "Training":
        for travel in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match=r"take its model instead: training\.model\(\)"):
                travel(thing)
        return
    is_record = dataclasses.is_dataclass(thing) or name == "History"
    by_value = is_record and name not in ("Model", "Checkpoint", "WordMap")
    for other in copies_of(thing):
        assert type(other) is type(thing)
        assert repr(other) == repr(thing)
        assert (other == thing) is by_value
        if by_value and name != "History":
            assert hash(other) == hash(thing)
        assert thing != "something else"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_travel_by_name(name):
    assert pickle.loads(pickle.dumps(PUBLIC[name])) is PUBLIC[name]


def test_copies_hold_what_the_original_holds(objects):
    model, index, check = (objects[name] for name in ("Model", "VectorIndex", "FileCheck"))
    for other in copies_of(model):
        assert_same_numbers(other.vectors, model.vectors)
        np.testing.assert_array_equal(other.output, model.output)
        assert (other.config, other.history) == (model.config, model.history)
    for other in copies_of(index):
        assert other.most_similar(model.vectors["a"]) == index.most_similar(model.vectors["a"])
    assert list(check) == list(check) == []
    assert check.entries == len(model.vectors)


def test_reprs_say_what_is_there(objects):
    model = objects["Model"]
    assert repr(model) == (
        "Model(6 words, vector_size=4, skipgram, negative, epochs=2,"
        f" loss={model.summary.loss:.4f})"
    )
    assert repr(objects["FileCheck"]).endswith("vectors.bin', 6 entries read, 0 defects)")
    assert repr(objects["Corpus"]) == "Corpus(toy)"
    section = w2v.AnalogySection("family", asked=10, answered=8, correct=5)
    assert repr(section) == (
        "AnalogySection('family', accuracy=0.6250, correct=5, answered=8, asked=10)"
    )
    scores = w2v.AnalogyScores((section, section))
    assert repr(scores) == (
        "AnalogyScores(accuracy=0.6250, correct=10, answered=16, asked=20, sections=2)"
    )
    assert scores.accuracy == 0.625


class TestInterrupt:
    """Ctrl-C gives the model back, as a callback that raises does."""

    def test_the_model_comes_back(self):
        def interrupt(training):
            if training.done > 0.4:
                os.kill(os.getpid(), signal.SIGINT)

        with pytest.raises(KeyboardInterrupt) as caught:
            w2v.train("toy", epochs=4, vector_size=8, workers=1, callbacks=[interrupt])
        error = caught.value
        assert isinstance(error, w2v.TrainingInterrupted)
        assert not isinstance(error, Exception)  # `except Exception` must not swallow it
        assert 0.4 < error.model.summary.done < 1
        assert str(error).startswith(f"Interrupted after {100 * error.model.summary.done:.0f} % of")
        assert np.isfinite(error.model.vectors.vectors).all()
        assert error.model.vectors.vectors.any(axis=1).all()
        assert error.model.output.shape == error.model.vectors.vectors.shape

    def test_before_training_there_is_no_model(self):
        def sentences():
            raise KeyboardInterrupt
            yield

        class Interrupted:
            def __iter__(self):
                return sentences()

        with pytest.raises(KeyboardInterrupt) as caught:
            w2v.train(Interrupted())
        assert type(caught.value) is KeyboardInterrupt


def test_python_runs_the_package_as_the_command(tmp_path):
    command = [sys.executable, "-m", "w2v", "--version"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert ran.stdout == f"w2v {w2v.__version__}\n"
    assert ran.stderr == ""


def test_iterating_over_vectors_gives_the_words():
    words = ["the", "cat", "dog"]
    vectors = w2v.KeyedVectors(words, np.eye(3))
    assert list(vectors) == words
    assert [word for word in vectors if word in vectors] == words
    assert list(reversed(vectors)) == words[::-1]
    assert len(list(vectors)) == len(vectors)
    assert dict(zip(vectors, vectors.vectors, strict=True)).keys() == vectors.key_to_index.keys()
