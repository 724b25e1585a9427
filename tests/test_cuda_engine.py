"""The engine of a card in training: counts, held-out text, frozen rows, pauses, checkpoints."""

import importlib.util

import numpy as np
import pytest
from variants import VARIANTS

if importlib.util.find_spec("numba_cuda") is None:
    pytest.skip("numba-cuda is not installed", allow_module_level=True)

import simulated_card
from checkpoints import killed_after
from test_kernels import zipf_corpus

simulated_card.simulate()

import w2v
from w2v.errors import DivergedError
from w2v.kernels.state import CENTERS, DROPPED, KEPT, PAIRS
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training.config import TrainConfig
from w2v.training.engines import card
from w2v.training.engines.cuda import PIECE
from w2v.training.shapes import total_bytes
from w2v.training.trainer import Trainer

TINY = {"vector_size": 4, "min_count": 1, "workers": 1, "sample": 0.05}


def make_trainer(device, words=120, held_out=None, **settings):
    tokens, offsets = zipf_corpus(vocabulary_size=30, words=words, longest=20)
    counts = np.bincount(tokens).astype(np.int64)
    vocabulary = Vocabulary([f"w{k}" for k in range(30)], counts, words, 30)
    config = TrainConfig(device=device, **{**TINY, "epochs": 1, **settings})
    held = None if held_out is None else EncodedCorpus(*zipf_corpus(30, held_out, 20, seed=1))
    return Trainer(EncodedCorpus(tokens, offsets), vocabulary, config, held)


def text_file(directory, words=300):
    """A text of sentences about twenty words."""
    draws = np.random.default_rng(3).zipf(1.5, words).clip(max=20)
    lines = [" ".join(f"w{k}" for k in draws[a : a + 12]) for a in range(0, words, 12)]
    path = directory / "text.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("loss", ["negative", "both"])
def test_the_memory_on_the_card_is_counted(loss):
    engine = make_trainer("cuda:0", loss=loss).engine
    size, outputs = engine.weights_out().size, engine.weights_out().output_size
    shapes = card.row_shapes(size, outputs, TINY["vector_size"])
    held = engine.card._weights._asdict()
    del held["totals"]
    found = {name: (array.shape, array.dtype) for name, array in held.items()}
    counted = {name: (shape.shape, shape.dtype) for name, shape in shapes.items()}
    thresholds = engine.card._thresholds  # of words that may be dropped
    (most,), kind = counted.pop("keep_thresholds")
    assert thresholds.shape[0] <= most and thresholds.dtype == kind
    assert found == counted
    rows = total_bytes(shapes) + 8 * outputs
    pieces = 2 * (4 + 4 * 4) * PIECE  # the tokens of a slot, and four numbers for each
    needed = engine.card_bytes(size, TrainConfig(loss=loss, vector_size=TINY["vector_size"]))
    assert rows + pieces < needed < rows + 1.2 * pieces + (100 << 20)


@pytest.mark.parametrize(("architecture", "loss"), VARIANTS)
def test_the_counts_are_the_processors(architecture, loss):
    """Each token is kept or not, each window is as wide, each pair has its loss taken or not."""
    settings = {"architecture": architecture, "loss": loss}
    on_card, usual = make_trainer("cuda:0", **settings), make_trainer("cpu", **settings)
    sums = []
    for trainer in (on_card, usual):
        schedule = trainer.schedules.epoch(0)
        for _ in trainer.engine.run(schedule):
            pass
        sums.append(trainer.engine.totals[[KEPT, DROPPED, CENTERS, PAIRS]])
    assert sums[0].tolist() == sums[1].tolist()
    assert min(sums[0]) > 0


def test_both_devices_begin_alike():
    on_card, usual = make_trainer("cuda:0"), make_trainer("cpu")
    assert np.array_equal(on_card.weights.input, usual.weights.input)


def test_held_out_text_changes_nothing():
    trainer = make_trainer("cuda:0", held_out=60)
    trainer.run()
    before = trainer.weights.input.copy(), trainer.weights.output.copy(), trainer.engine.totals
    first, second = trainer.held_out_loss(), trainer.held_out_loss()
    assert first == pytest.approx(second) and first > 0
    assert np.array_equal(trainer.weights.input, before[0])
    assert np.array_equal(trainer.weights.output, before[1])
    assert np.array_equal(trainer.engine.totals, before[2])


def test_frozen_rows_stay_and_slow_ones_move_by_their_factor():
    moved = []
    for factors in (None, np.array([1.0, 0.0, 0.5], dtype=np.float32)):
        trainer = make_trainer("cuda:0", words=60)
        before = trainer.weights.input.copy()
        trainer.engine.freeze(np.array([0, 1, 2]), factors)
        trainer.run()
        moved.append(np.abs(trainer.weights.input - before).max(axis=1))
    assert not moved[0][:3].any() and moved[0][3:].any()
    assert moved[1][0] > moved[1][2] > 0 and moved[1][1] == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e20])
def test_a_fault_of_the_weights_is_found(value):
    trainer = make_trainer("cuda:0")
    assert trainer.engine.find_fault(100.0) is None
    weights = trainer.weights
    weights.output[7, 2] = value
    trainer.engine.weights_in(weights)
    assert trainer.engine.find_fault(100.0) is not None


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the simulator is plain NumPy
def test_a_training_that_diverges_is_an_error():
    with pytest.raises(DivergedError):
        make_trainer("cuda:0", words=300, epochs=9, alpha=10.0).run()


def test_it_stops_after_the_pieces_that_were_begun(monkeypatch):
    monkeypatch.setattr("w2v.training.engines.cuda.PIECE", 2048)
    trainer = make_trainer("cuda:0", words=7000, sample=1e-5, vector_size=1, negative=1)
    reported = []

    def stop(event):
        reported.append(event)
        trainer.stopping = True

    trainer.run(stop)
    assert trainer.settle().position == 2 * 2048  # the second was begun when the first was reported
    assert len(reported) == 1
    totals = trainer.engine.totals
    assert totals[KEPT] + totals[DROPPED] == 2 * 2048


@pytest.mark.parametrize("share", [0.25, 0.0])  # of the card that a text may take
@pytest.mark.parametrize("measures", [False, True])
def test_looking_at_a_training_does_not_change_it(share, measures, monkeypatch):
    """A callback that wants the weights, or the held-out loss, settles the training."""
    monkeypatch.setattr("w2v.training.engines.cuda.PIECE", 2048)
    monkeypatch.setattr(card, "RESIDENT_SHARE", share)
    settings = {"sample": 1e-5, "vector_size": 1, "negative": 1, "epochs": 2, "held_out": 30}
    usual, looked_at = (make_trainer("cuda:0", words=4500, **settings) for _ in range(2))
    usual.run()
    places = []

    def look(event):
        places.append(looked_at.settle().position)
        assert looked_at.engine.totals[[KEPT, DROPPED]].sum() == places[-1]
        if measures:
            looked_at.held_out_loss()
        weights = looked_at.weights
        looked_at.engine.weights_in(weights)

    looked_at.run(look)
    assert len(set(places)) > 2
    assert np.array_equal(looked_at.weights.input, usual.weights.input)
    assert np.array_equal(looked_at.weights.output, usual.weights.output)
    for one, other in zip(looked_at.history, usual.history, strict=True):
        assert (one.trained, one.subsampled) == (other.trained, other.subsampled)


@pytest.mark.parametrize("loss", ["negative", "hierarchical", "both"])
def test_a_vocabulary_of_one_word(loss):
    """Its Huffman path is empty."""
    tokens = np.zeros(60, dtype=np.int32)
    vocabulary = Vocabulary(["w"], np.array([60]), 60, 1)
    config = TrainConfig(device="cuda:0", **{**TINY, "sample": 0.0, "epochs": 1, "loss": loss})
    trainer = Trainer(EncodedCorpus(tokens, np.array([0, 60])), vocabulary, config)
    for _ in trainer.engine.run(trainer.schedules.epoch(0)):
        pass
    assert trainer.engine.totals[CENTERS] == 60
    assert np.isfinite(trainer.weights.input).all()


class CudaAPIError(Exception):
    """As numba-cuda raises it."""


CudaAPIError.__module__ = "numba.cuda.cudadrv.driver"


@pytest.mark.parametrize(
    ("fault", "kind", "sentence"),
    [
        ("[2] CUDA_ERROR_OUT_OF_MEMORY", w2v.OutOfMemoryError, "The GPU ran out of memory"),
        ("[719] CUDA_ERROR_LAUNCH_FAILED", w2v.W2VError, "The GPU failed .*goes on from the last"),
    ],
)
def test_a_card_that_fails_leaves_the_last_checkpoint(fault, kind, sentence, tmp_path, monkeypatch):
    """From some moment on, nothing of the card answers."""
    text, directory = text_file(tmp_path), tmp_path / "run"
    calls = []

    def failing(name):
        usual = getattr(card.CardMemory, name)

        def call(self, *arguments):
            calls.append(name)
            if calls.count("train") > 3:  # the first compiles; then two epochs have been trained
                raise CudaAPIError(fault)
            return usual(self, *arguments)

        monkeypatch.setattr(card.CardMemory, name, call)

    for name in ("copy", "train", "wait", "totals", "synchronize", "store"):
        failing(name)
    settings = {**TINY, "epochs": 4, "window": 2, "checkpoint": directory, "checkpoint_every": 0}
    with pytest.raises(kind, match=sentence):
        w2v.train(text, device="cuda", **settings)
    monkeypatch.undo()
    assert len(w2v.train(resume=directory).history) == 4


@pytest.mark.parametrize(("first", "second"), [("cuda", "cpu"), ("cpu", "cuda"), ("cuda", "cuda")])
def test_a_checkpoint_goes_on_with_another_device(first, second, tmp_path):
    text, directory = text_file(tmp_path), tmp_path / "run"
    settings = {**TINY, "epochs": 2, "window": 2}
    killed_after(1, corpus=text, checkpoint=directory, device=first, **settings)
    model = w2v.train(resume=directory, device=second)
    assert len(model.history) == 2 and model.summary.loss > 0
    if first == second:  # one warp, as in the simulator, is the same every time
        whole = w2v.train(text, device=first, **settings)
        assert np.array_equal(model.vectors.vectors, whole.vectors.vectors)


def test_a_model_does_not_say_where_it_was_trained(tmp_path):
    text = text_file(tmp_path)
    model = w2v.train(text, **TINY, epochs=1, window=2, device="cuda")
    model.save(tmp_path / "model.safetensors")
    usual = w2v.train(text, **TINY, epochs=1, window=2)
    assert w2v.load_model(tmp_path / "model.safetensors").config == usual.config
