"""What is done beside training takes no copy of the matrices, or one that was counted before."""

import tracemalloc

import numpy as np
import pytest

import w2v
from w2v.errors import OutOfMemoryError
from w2v.kernels.state import Text
from w2v.training import memory_estimate
from w2v.training.engines.lock_free import CHUNK, CHUNKS_EACH, LockFree
from w2v.training.engines.tables import output_tables
from w2v.training.memory_estimate import Beside, bytes_beside

WORDS, SIZE = 6000, 1000
MATRIX = 4 * WORDS * SIZE  # bytes: 12 MB
TEXT = [[f"w{k}" for k in range(start, start + 20)] for start in range(0, WORDS, 20)]
SETTINGS = {"vector_size": SIZE, "min_count": 1, "epochs": 1, "workers": 1, "sample": 0}
EVERY = WORDS / 4e6

pytestmark = [
    pytest.mark.filterwarnings("ignore:Too little was trained:UserWarning"),
    pytest.mark.filterwarnings("ignore:Of 6,000 words 100 % are seen only once:UserWarning"),
]


def peak(own=None, **settings):
    """The most that a training allocates beside its weights, which are mapped.

    Not what reading the test sets takes for a moment.
    """

    def listen(event):
        if isinstance(event, w2v.VocabularyCounted):
            tracemalloc.reset_peak()

    tracemalloc.start()
    try:
        w2v.train(TEXT, on_event=listen, **(SETTINGS if own is None else own), **settings)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def plain():
    w2v.train(TEXT, **SETTINGS)  # what is made once
    return peak()


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    w2v.train(TEXT, **SETTINGS).save(path)
    return path


@pytest.fixture(scope="module")
def hierarchical(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    w2v.train(TEXT, **SETTINGS, loss="hierarchical").save(path)
    return path


def test_checkpoints(plain, tmp_path):
    taken = peak(checkpoint=tmp_path, checkpoint_every=0) - plain
    assert taken < MATRIX / 2
    resumed = peak({}, resume=tmp_path) - plain
    assert resumed < MATRIX / 2


def test_evaluation(plain, tmp_path):
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("w1\tw2\t1\nw3\tw4\t2\nw5\tw9\t3\n")
    settings = {"evaluate": [pairs], "evaluate_every": EVERY, "held_out": 0.05}
    peak(**settings)  # with what is imported once
    assert peak(**settings) - plain < MATRIX / 2


def test_callbacks(plain, tmp_path):
    def look(training):
        training.save(tmp_path / "now.safetensors")
        training.vectors().similarity("w1", "w2")

    assert peak(callbacks=[look]) - plain < MATRIX / 2


def test_going_on(plain, model, hierarchical):
    for source, loss in ((model, "negative"), (hierarchical, "hierarchical")):
        beside = bytes_beside(WORDS, w2v.TrainConfig(loss=loss), WORDS, Beside(earlier=True))
        assert peak({"epochs": 1, "workers": 1}, continue_from=source) - plain < MATRIX / 2 + beside
    assert peak(init_from=model) - plain < 1.5 * MATRIX  # the vectors themselves


@pytest.mark.parametrize("beside", ["best", "analogies"])
def test_what_is_copied_was_counted(plain, tmp_path, beside):
    analogies = tmp_path / "analogies.txt"
    analogies.write_text(": all\nw1 w2 w3 w4\nw3 w4 w5 w6\n")
    settings = {
        "best": {"held_out": 0.05, "early_stop": "held-out:9"},
        "analogies": {"evaluate": [analogies]},
    }[beside]
    counted = bytes_beside(
        WORDS, w2v.TrainConfig(vector_size=SIZE), WORDS, Beside(**{beside: True})
    )
    assert counted >= MATRIX
    assert peak(evaluate_every=EVERY, **settings) - plain == pytest.approx(counted, abs=MATRIX / 2)


def test_too_much_beside_is_refused_before_training(monkeypatch, tmp_path):
    """Where training alone would have fitted."""
    monkeypatch.setattr(memory_estimate, "available_memory", lambda: 3 * MATRIX)
    w2v.train(TEXT, **SETTINGS)
    w2v.train(TEXT, **SETTINGS, checkpoint=tmp_path / "c")
    told = []
    with pytest.raises(OutOfMemoryError) as caught:
        w2v.train(TEXT, **SETTINGS, held_out=0.05, early_stop="held-out:2", on_event=told.append)
    assert " for the best vectors of early stopping and the held-out text, and 0.072 GB" in str(
        caught.value
    )
    assert [type(event) for event in told] == [w2v.VocabularyCounted]


def test_a_matrix_in_a_file_is_read_as_it_was(model):
    stored = w2v.formats.full_model.open_stored(model)
    rows = np.concatenate([block.copy() for _, block in stored.rows("output")])
    np.testing.assert_array_equal(rows, stored.matrix("output"))
    np.testing.assert_array_equal(rows, w2v.load_model(model).output)


def arrays_of(value):
    """All arrays of tuples of tuples."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from arrays_of(part)


@pytest.mark.parametrize("loss", ["negative", "hierarchical"])
def test_workers_have_no_tables_of_their_own(loss):
    """All read one table: with a million words that of Huffman paths takes 89 MB."""
    counts = np.full(70_000, 3)  # whose paths have 16 or 17 nodes
    config = w2v.TrainConfig(loss=loss, vector_size=1, epochs=1, alpha=0.05, sample=1e-3, workers=8)
    outputs = output_tables(counts, config)
    tokens = np.zeros(8 * CHUNKS_EACH * CHUNK, dtype=np.int32)
    text = Text(tokens, 0, np.array([0, len(tokens)]), np.zeros(1, dtype=np.uint64))
    engine = LockFree(counts, outputs, config, text)
    assert len(engine.states) == 8
    assert max(array.size for array in arrays_of(outputs)) >= len(counts)
    assert engine._outputs is outputs
    for state in engine.states:
        assert max(array.size for array in arrays_of(state)) < len(counts)
