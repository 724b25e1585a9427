"""Models come back from their files bit for bit; damaged files are refused in one sentence."""

import gzip
import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest
import safetensors
import safetensors.numpy
from gensim.models import KeyedVectors
from variants import ALL_VARIANTS

import w2v
from w2v.errors import FormatError, W2VError
from w2v.formats import full_model

SENTENCES = [["naïve", "cats", "字", "sleep"], ["dogs", "sleep", "naïve"], ["cats", "dogs"]] * 20


def train(**settings):
    return w2v.train(
        SENTENCES, **{"vector_size": 7, "min_count": 1, "epochs": 2, "workers": 1, **settings}
    )


@pytest.fixture(scope="module")
def model():
    return train(sample=0.1)


@pytest.fixture
def path(model, tmp_path):
    path = tmp_path / "model.safetensors"
    model.save(path)
    return path


def assert_refused(path, reader=w2v.load_model):
    """A FormatError of one sentence that names the file; nothing else."""
    with pytest.raises(FormatError) as caught:
        reader(path)
    message = str(caught.value)
    assert str(path) in message
    assert message.endswith(".")
    assert "\n" not in message
    return message


def rewrite(path, metadata=None, **tensors):
    """Change some of the tensors (None drops one) or the metadata of a full model."""
    with safetensors.safe_open(path, framework="numpy") as file:
        old_metadata = file.metadata()
        kept = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    kept.update(tensors)
    kept = {name: tensor for name, tensor in kept.items() if tensor is not None}
    safetensors.numpy.save_file(kept, path, {**old_metadata, **(metadata or {})})


def test_it_is_shown_without_a_loss_where_none_is_known(model):
    assert repr(model).endswith(f", negative, epochs=2, loss={model.summary.loss:.4f})")
    unknown = replace(model, summary=replace(model.summary, loss=math.nan))
    assert repr(unknown).endswith(", loss=–)")


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
def test_a_full_model_comes_back_as_it_was(architecture, loss, tmp_path):
    model = train(architecture=architecture, loss=loss, max_vocabulary=9, seed=np.int64(5))
    path = tmp_path / "model"
    model.save(path)
    again = w2v.load_model(str(path))
    assert again.vectors.index_to_key == model.vectors.index_to_key
    assert again.config == model.config
    assert again.summary.as_dict().keys() == model.summary.as_dict().keys()
    assert repr((again.summary, again.history)) == repr((model.summary, model.history))
    for part in ("counts", "vectors"):
        ours, theirs = getattr(again.vectors, part), getattr(model.vectors, part)
        np.testing.assert_array_equal(ours, theirs, strict=True)
    np.testing.assert_array_equal(again.output, model.output, strict=True)
    assert [file.name for file in tmp_path.iterdir()] == ["model"]


def test_the_library_writes_the_same_bytes_and_reads_them(tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    tensors = {
        "output": np.arange(35, dtype=np.float32).reshape(7, 5),
        "counts": np.arange(7),
        "bytes": np.arange(11, dtype=np.uint8),
        "none": np.zeros((0, 5), np.float32),
    }
    with ours.open("wb") as stream:
        full_model.write_tensors(stream, tensors, {"format": "ä\n"})
    safetensors.numpy.save_file(tensors, theirs, {"format": "ä\n"})
    found = safetensors.numpy.load_file(ours)
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(found[name], tensor, strict=True)
    begins = [8 + int.from_bytes(path.read_bytes()[:8], "little") for path in (ours, theirs)]
    headers = [
        json.loads(path.read_bytes()[8:begin])
        for path, begin in zip((ours, theirs), begins, strict=True)
    ]
    assert headers[0] == headers[1]
    assert ours.read_bytes()[begins[0] :] == theirs.read_bytes()[begins[1] :]
    assert begins[0] % 8 == 0


def test_the_same_file_gives_the_vectors_alone(model, path):
    vectors = w2v.load(path)
    assert vectors.index_to_key == model.vectors.index_to_key
    np.testing.assert_array_equal(vectors.vectors, model.vectors.vectors, strict=True)
    first = w2v.load(path, limit=2)
    assert first.index_to_key == model.vectors.index_to_key[:2]
    np.testing.assert_array_equal(first.vectors, model.vectors.vectors[:2])


@pytest.mark.parametrize(("architecture", "loss"), ALL_VARIANTS)
@pytest.mark.parametrize("vector_size", [1, 16, 50])
def test_gensim_reads_the_saved_vectors(architecture, loss, vector_size, tmp_path):
    vectors = train(architecture=architecture, loss=loss, vector_size=vector_size).vectors
    path = tmp_path / "vectors.bin"
    vectors.save(path)
    theirs = KeyedVectors.load_word2vec_format(str(path), binary=True)
    assert theirs.index_to_key == vectors.index_to_key == w2v.load(path).index_to_key
    np.testing.assert_array_equal(theirs.vectors, vectors.vectors, strict=True)
    np.testing.assert_array_equal(w2v.load(path).vectors, vectors.vectors, strict=True)
    assert not np.array_equal(vectors.vectors, np.zeros_like(vectors.vectors))
    assert [file.name for file in tmp_path.iterdir()] == ["vectors.bin"]


def test_a_file_cut_off_anywhere_is_refused(path):
    whole = path.read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    cuts = {*range(20), *range(20, len(whole), 37), header - 1, header, header + 1, len(whole) - 1}
    for cut in sorted(cuts):
        path.write_bytes(whole[:cut])
        assert_refused(path)
        assert_refused(path, w2v.load)
    path.write_bytes(whole + b"x")
    assert_refused(path)


def test_a_flipped_bit_in_the_header_is_refused_or_harmless(model, path):
    """If a digit of the settings becomes another digit, nothing shows it; the words stay."""
    whole = path.read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    loaded = 0
    places = [*range(20), *range(20, header, 3)]
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        path.write_bytes(damaged)
        for reader in (w2v.load, w2v.load_model):
            try:
                result = reader(path)
            except FormatError as error:
                assert str(path) in str(error)
                continue
            loaded += 1
            vectors = result if reader is w2v.load else result.vectors
            assert vectors.index_to_key == model.vectors.index_to_key
            np.testing.assert_array_equal(vectors.vectors, model.vectors.vectors)
    assert 0 < loaded < len(places)  # of twice as many


@pytest.mark.parametrize("name", ["vocab_utf8", "vocab_offsets", "counts", "vectors", "output"])
def test_a_missing_tensor_is_named(path, name):
    rewrite(path, **{name: None})
    assert assert_refused(path) == f"{path} is damaged: it lacks the tensors {name}."


@pytest.mark.parametrize(
    "tensors",
    [
        {"vocab_offsets": np.array([0, 6, 10, 3, 18, 23])},
        {"vocab_offsets": np.array([1, 6, 10, 15, 18, 23])},
        {"vocab_offsets": np.array([0, 23])},
        {"vocab_offsets": np.zeros(0, np.int64)},
        {"vocab_utf8": np.full(23, 0xFF, np.uint8)},
        {"vocab_utf8": np.zeros(3, np.uint8)},
        {"counts": np.array([1, 2])},
        {"counts": np.array([5, 4, 3, 2, -1])},
        {"vectors": np.zeros((4, 7), np.float32)},
        {"output": np.zeros(5, np.float32)},
        {"output": np.zeros((5, 3), np.float32)},
        {"vectors": np.zeros((5, 7), np.int32)},
        {"vectors": np.array(1, np.float32)},
        {"counts": np.full(5, 20.0)},
        {"vocab_offsets": np.array([0, 6.5, 10, 15, 18, 23])},
        {
            "vocab_utf8": np.frombuffer(b"catcatdogcowape", np.uint8),
            "vocab_offsets": np.array([0, 3, 6, 9, 12, 15]),
        },
        {"vocab_offsets": np.array([0, 0, 6, 10, 15, 23])},
    ],
    ids=lambda tensors: next(iter(tensors)),
)
@pytest.mark.parametrize("reader", [w2v.load_model, w2v.load])
def test_tensors_that_do_not_fit_are_refused(path, tensors, reader):
    rewrite(path, **tensors)
    assert f"{path} is damaged: " in assert_refused(path, reader)


@pytest.mark.parametrize(
    ("name", "reader"),
    [("vectors", w2v.load_model), ("output", w2v.load_model), ("vectors", w2v.load)],
)
def test_a_vector_that_is_not_finite_is_refused(path, name, reader):
    rewrite(path, **{name: np.full((5, 7), np.inf, np.float32)})
    assert "not finite" in assert_refused(path, reader)


def test_loading_the_vectors_does_not_read_the_output(path):
    before = w2v.load(path).vectors
    rewrite(path, output=np.full((5, 7), np.inf, np.float32))
    np.testing.assert_array_equal(w2v.load(path).vectors, before)


@pytest.mark.parametrize("reader", [w2v.load_model, w2v.load])
def test_vectors_without_numbers_are_refused(path, reader):
    rewrite(path, vectors=np.zeros((5, 0), np.float32), output=np.zeros((5, 0), np.float32))
    assert "hold no numbers" in assert_refused(path, reader)


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"format": "pt"}, "its format is 'pt', version '1', not 'w2v-model', version '1'"),
        ({"version": "9"}, "its format is 'w2v-model', version '9'"),
        ({"config": "{}{"}, "its settings cannot be read"),
        ({"config": "null"}, "its settings cannot be read"),
        ({"config": json.dumps({"epochs": 0})}, "epochs must be a whole number"),
        ({"config": json.dumps({"no_setting": 0})}, "no_setting"),
        ({"config": json.dumps({"vector_size": 8})}, "vector_size 8 is not that of its vectors"),
        ({"config": "[" * 100_000}, "its settings cannot be read"),
        ({"history": "[3]"}, "its settings cannot be read"),
        ({"summary": "[]"}, "its settings cannot be read"),
    ],
)
def test_metadata_that_is_wrong_is_refused(path, metadata, said):
    rewrite(path, metadata)
    message = assert_refused(path)
    assert message.startswith(f"{path} is not a full model of w2v: ")
    assert said in message


def test_files_of_other_kinds_are_refused(model, path, tmp_path):
    vectors, text, packed = (tmp_path / name for name in ("v.bin", "v.txt", "model.gz"))
    model.vectors.save(vectors)
    model.vectors.save(text)
    packed.write_bytes(gzip.compress(path.read_bytes()))
    foreign = tmp_path / "foreign"
    safetensors.numpy.save_file({"weight": np.zeros(3)}, foreign)
    for other in (vectors, text, packed, foreign, tmp_path, tmp_path / "missing"):
        assert_refused(other)
    assert "its format is None" in assert_refused(foreign)


def test_a_failed_write_keeps_the_old_file_and_leaves_no_other(model, path, monkeypatch):
    def fail(stream, tensors, metadata):
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    before = path.read_bytes()
    monkeypatch.setattr(full_model, "write_tensors", fail)
    with pytest.raises(W2VError, match=re.escape(f"Cannot write {path}: No space left on device.")):
        model.save(path)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == before
    monkeypatch.undo()
    train(seed=8).save(path)
    assert path.read_bytes() != before


def test_a_directory_that_is_missing_is_named(model, tmp_path):
    with pytest.raises(W2VError, match=r"the directory .*none does not exist; create it"):
        model.save(tmp_path / "none" / "model")
    assert not list(tmp_path.iterdir())
