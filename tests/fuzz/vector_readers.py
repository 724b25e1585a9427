"""Readers of vectors, of matrices beside their words and of models: their files and checks."""

import json
import tempfile
import warnings
from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import Any

import fasttext_files
import numpy as np
from contents import COMPRESSORS, ROWS, WORDS, choice, written

import w2v
from w2v.formats import full_model, npy, npy_words, vocabulary_file, word2vec_binary, word2vec_text
from w2v.kernels.state import TOTALS_SIZE
from w2v.matrices import compacted
from w2v.training.checkpoint_reading import read_checkpoint, read_checkpoint_file
from w2v.training.config import TrainConfig
from w2v.training.events import EpochEnded, Summary

_LOAD_OPTIONS: list[dict[str, Any]] = [
    {"limit": 0},
    {"limit": 2},
    {"on_defect": "skip"},
    {"on_defect": "skip", "limit": 3},
    {"invalid_utf8": "replace"},
    {"invalid_utf8": "ignore", "on_defect": "skip"},
    {"words": ["cat", "字"]},
    {"words": ["cat", "字"], "on_defect": "skip", "limit": 4},
    {"dtype": "int8"},
    {"dtype": "float16", "limit": 5},
    {"mmap": True},
]


def check_vectors(path: Path) -> object:
    """Load with the defaults and with one choice of options; a sound file gives the same rows."""
    options = choice(path, _LOAD_OPTIONS)
    if "mmap" in options:
        w2v.load(path)  # since nothing checks the numbers of a mapped file
    try:
        some = checked_vectors(w2v.load(path, **options))
    except w2v.W2VError:
        some = None
    words, rows = checked_vectors(w2v.load(path))
    wanted = options.get("words", words)
    kept = [row for row, word in enumerate(words[: options.get("limit")]) if word in wanted]
    if some is None:  # the file cannot be mapped, or none of the words is there
        assert "mmap" in options or ("words" in options and not kept)
    elif "dtype" in options:
        matrix = np.array([rows[row] for row in kept], np.float32).reshape(len(kept), -1)
        expected = np.asarray(compacted(matrix, options["dtype"])).tolist()
        assert some == ([words[row] for row in kept], expected)
    else:
        assert some == ([words[row] for row in kept], [rows[row] for row in kept])
    return words, rows


def checked_vectors(vectors: w2v.KeyedVectors) -> tuple[list[str], list[list[float]]]:
    words, matrix = vectors.index_to_key, np.asarray(vectors.vectors)
    assert all(isinstance(word, str) and word for word in words)
    assert len(set(words)) == len(words)
    check_matrix(matrix, len(words))
    if vectors.counts is not None:
        assert vectors.counts.shape == (len(words),)
        assert vectors.counts.dtype == np.int64
        assert (vectors.counts >= 0).all()
    return list(words), matrix.tolist()


def check_matrix(matrix: object, rows: int) -> None:
    assert isinstance(matrix, np.ndarray)
    assert matrix.dtype == np.float32
    assert matrix.ndim == 2
    assert len(matrix) == rows
    assert matrix.shape[1] > 0
    assert np.isfinite(matrix).all()


def vector_files() -> list[bytes]:
    binary = written(lambda path: word2vec_binary.write(path, WORDS, ROWS))
    text = written(lambda path: word2vec_text.write(path, WORDS, ROWS))
    headerless = text.partition(b"\n")[2]
    with_newlines = b"\n".join(_binary_entries(binary)) + b"\n"
    plain = [binary, text, headerless, with_newlines]
    packed = [compress(data) for data in (binary, text) for compress in COMPRESSORS.values()]
    return plain + packed + model_files()


def _binary_entries(binary: bytes) -> list[bytes]:
    """Return the header of the file and its entries, as word2vec.c puts them on lines."""
    header, _, rest = binary.partition(b"\n")
    entries = [header]
    for word in WORDS:
        size = len(word.encode()) + 1 + 4 * ROWS.shape[1]
        entries.append(rest[:size])
        rest = rest[size:]
    return entries


# --- fastText models -------------------------------------------------------------------------

INTEGERS = np.arange(-9, 9, dtype=np.float32).reshape(6, 3)


def check_fasttext(path: Path) -> object:
    """As for all vectors; unseen words have vectors, too, even if only some words were loaded."""
    answer = check_vectors(path)
    vectors = w2v.load(path)
    if vectors.subwords is not None:
        for word in ("unseen", "éé字"):
            if word in vectors:
                assert vectors[word].tolist() == w2v.load(path, limit=1)[word].tolist()
                assert vectors[word].shape == (vectors.vector_size,)
    return answer


def fasttext_model_files() -> list[bytes]:
    rows = np.arange(900, dtype=np.float32).reshape(300, 3) % 7  # most bytes are numbers
    plain = [
        fasttext_files.model(WORDS, INTEGERS, rows),
        fasttext_files.model(WORDS, INTEGERS, rows, version=11, shortest=1, longest=2),
        fasttext_files.model(WORDS, INTEGERS, rows, version=None),
        fasttext_files.model(WORDS, INTEGERS, rows, labels=["__label__a"]),
        fasttext_files.model(WORDS, INTEGERS),
    ]
    return plain + [compress(plain[0]) for compress in COMPRESSORS.values()]


# --- matrices beside their words, vocabularies, whatever is wrong ----------------------------


def check_npy(path: Path) -> object:
    """Read a matrix whose words are sound: only the matrix is fuzzed."""
    vocabulary_file.write(npy_words.vocabulary_path(path), WORDS)
    return check_vectors(path)


def read_npy(path: Path) -> object:
    npy_words.vocabulary_path(path).write_text("\n".join(WORDS), encoding="utf-8")
    return npy.read(path)


def npy_files() -> list[bytes]:
    orders = [ROWS, np.asfortranarray(ROWS), ROWS.astype(np.float64)]
    plain = [written(lambda path: _save_npy(path, rows)) for rows in orders]  # noqa: B023
    return plain + [compress(plain[0]) for compress in COMPRESSORS.values()]


def _save_npy(path: Path, rows: np.ndarray[Any, Any]) -> None:
    with path.open("wb") as stream:
        np.save(stream, rows)


def check_vocabulary(path: Path) -> object:
    found = vocabulary_file.read(path)
    assert found.counts is None or found.counts.shape == (len(found.words),)
    assert vocabulary_file.read(path, 2).words == found.words[:2]
    return found.words, None if found.counts is None else found.counts.tolist()


def vocabulary_files() -> list[bytes]:
    plain = vocabulary_file.lines(WORDS, np.arange(6, 0, -1))
    return [compress(plain) for compress in COMPRESSORS.values()]


def check_defects(path: Path) -> object:
    """List every defect; a file that loads has none that loading refuses."""
    check = w2v.check_file(path)
    kinds = Counter(defect.kind for defect in check)
    assert kinds == check.kinds
    about = w2v.describe_file(path)
    assert about.words == check.entries
    try:
        words: list[str] | None = w2v.load(path).index_to_key
    except w2v.W2VError:
        assert kinds
        return None
    assert not kinds.keys() - {"zero rows", "words with spaces", "rows of senseless length"}
    return words


def read_defects(path: Path) -> object:
    for _ in w2v.check_file(path):
        pass
    return w2v.describe_file(path)


# --- models ----------------------------------------------------------------------------------


def check_model(path: Path) -> object:
    model = w2v.load_model(path)
    answer = checked_vectors(model.vectors)
    assert model.vectors.counts is not None
    check_matrix(model.output, len(model.vectors))
    assert model.output.shape == model.vectors.vectors.shape
    assert isinstance(model.config, TrainConfig)
    assert isinstance(model.summary, Summary)
    assert all(isinstance(epoch, EpochEnded) for epoch in model.history)
    return answer


def model_files() -> list[bytes]:
    return [written(lambda path: full_model.write(path, _model()))]


def _model() -> full_model.FullModel:
    def zeros(kind: type[Any]) -> dict[str, Any]:
        return {field.name: {} if "dict" in str(field.type) else 0 for field in fields(kind)}

    config = TrainConfig(vector_size=3, epochs=1, sample=0, min_alpha=0)
    return full_model.FullModel(
        words=WORDS,
        counts=np.arange(6, 0, -1),
        vectors=ROWS,
        output=-ROWS,
        metadata={
            "config": json.dumps(config.as_dict()),
            "history": json.dumps([zeros(EpochEnded)]),
            "summary": json.dumps(zeros(Summary)),
        },
    )


def check_checkpoint(path: Path) -> object:
    found = read_checkpoint_file(path)
    assert found.place.totals.shape == (TOTALS_SIZE,)
    assert isinstance(found.notes, dict)
    return check_model(path)


def checkpoint_files() -> list[bytes]:
    """The last checkpoint of a training, with other vectors."""
    with tempfile.TemporaryDirectory() as directory, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # so short a text teaches little
        w2v.train([WORDS] * 20, vector_size=3, epochs=2, workers=1, checkpoint=directory)
        stored = read_checkpoint(directory).stored
        names = stored.places.keys() - {
            "vocab_utf8",
            "vocab_offsets",
            "counts",
            "vectors",
            "output",
        }
        model = full_model.FullModel(
            stored.words, stored.counts, ROWS, -ROWS, stored.metadata,
            {name: stored.tensor(name) for name in names},
        )  # fmt: skip
        return [written(lambda path: full_model.write_with_digest(path, model))]
