"""Every reader of w2v: any file gives an answer, which is checked, or raises a W2VError.

`READERS` is the table that the tests, the measuring of memory and the coverage-guided run share;
a new reader is one more line in it.
"""

import bz2
import gzip
import io
import json
import lzma
import math
import re
import tempfile
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import fasttext_files
import numpy as np

import w2v
from w2v.characters import WHITE_SPACE
from w2v.compression import open_members, zstd
from w2v.formats import full_model, npy, npy_words, vocabulary_file, word2vec_binary, word2vec_text
from w2v.kernels.state import TOTALS_SIZE
from w2v.limits import LONGEST_WORD
from w2v.matrices import compacted
from w2v.text.corpus import open_corpus
from w2v.text.encoding import EncodedCorpus, encode_corpus
from w2v.text.sources import InvalidUtf8
from w2v.text.vocabulary import count_vocabulary
from w2v.training.checkpoint import read_checkpoint, read_checkpoint_file
from w2v.training.config import TrainConfig
from w2v.training.events import EpochEnded, Summary
from w2v.vectors.evaluation_sets import AnalogySet, PairSet, read_evaluation_set

WORDS = ["the", "naïve", "字", "cat", "</s>", "1"]
ROWS = np.linspace(-2, 3, 18, dtype=np.float32).reshape(6, 3)
SENTENCES = [["the", "naïve", "cat"], ["字", "the", "cat", "</s>"], ["1"]]
QUESTIONS = [("the", "cat", "naïve", "字"), ("cat", "the", "1", "</s>")]
PAIRS = [("the", "cat", 3.5), ("naïve", "字", -1.0), ("1", "cat", 10.0)]


def in_zip(*members: bytes) -> bytes:
    """Return a zip archive of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, member in enumerate(members):
            archive.writestr(zipfile.ZipInfo(f"member {number}"), member, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": lambda content: gzip.compress(content, mtime=0),  # the same bytes every time
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstandard": zstd.compress,
    "zip": in_zip,
}


@dataclass(frozen=True)
class Reader:
    """One reader.

    read: only reads a file. Raises W2VError where it cannot be read.
    check: reads a file, in other ways too, and returns the answer as plain values. Raises W2VError
        as well, and AssertionError for an answer that is wrong.
    files: makes valid files. answer: what each of these holds.
    """

    read: Callable[[Path], object]
    check: Callable[[Path], object]
    files: Callable[[], list[bytes]]
    answer: object


def answers(read: Callable[[Path], object], path: Path) -> bool:
    """Return whether there is an answer; any error but a W2VError is raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings(
            "ignore", "(?s).*(: left out|the entries before it were read)", UserWarning
        )
        try:
            read(path)
        except w2v.W2VError as error:
            message = str(error)
            assert message, "an error without a message"
            return False
    return True


# --- vectors ---------------------------------------------------------------------------------

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


def _check_vectors(path: Path) -> object:
    """Load with the defaults and with one choice of options; a sound file gives the same rows."""
    options = _choice(path, _LOAD_OPTIONS)
    if "mmap" in options:
        w2v.load(path)  # since nothing checks the numbers of a mapped file
    try:
        some = _checked_vectors(w2v.load(path, **options))
    except w2v.W2VError:
        some = None
    words, rows = _checked_vectors(w2v.load(path))
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


def _checked_vectors(vectors: w2v.KeyedVectors) -> tuple[list[str], list[list[float]]]:
    words, matrix = vectors.index_to_key, np.asarray(vectors.vectors)
    assert all(isinstance(word, str) and word for word in words)
    assert len(set(words)) == len(words)
    _check_matrix(matrix, len(words))
    if vectors.counts is not None:
        assert vectors.counts.shape == (len(words),)
        assert vectors.counts.dtype == np.int64
        assert (vectors.counts >= 0).all()
    return list(words), matrix.tolist()


def _check_matrix(matrix: object, rows: int) -> None:
    assert isinstance(matrix, np.ndarray)
    assert matrix.dtype == np.float32
    assert matrix.ndim == 2
    assert len(matrix) == rows
    assert matrix.shape[1] > 0
    assert np.isfinite(matrix).all()


def _vector_files() -> list[bytes]:
    binary = _written(lambda path: word2vec_binary.write(path, WORDS, ROWS))
    text = _written(lambda path: word2vec_text.write(path, WORDS, ROWS))
    headerless = text.partition(b"\n")[2]
    with_newlines = b"\n".join(_binary_entries(binary)) + b"\n"
    plain = [binary, text, headerless, with_newlines]
    packed = [compress(data) for data in (binary, text) for compress in COMPRESSORS.values()]
    return plain + packed + _model_files()


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

_INTEGERS = np.arange(-9, 9, dtype=np.float32).reshape(6, 3)


def _check_fasttext(path: Path) -> object:
    """As for all vectors; unseen words have vectors, too, even if only some words were loaded."""
    answer = _check_vectors(path)
    vectors = w2v.load(path)
    if vectors.subwords is not None:
        for word in ("unseen", "éé字"):
            if word in vectors:
                assert vectors[word].tolist() == w2v.load(path, limit=1)[word].tolist()
                assert vectors[word].shape == (vectors.vector_size,)
    return answer


def _fasttext_files() -> list[bytes]:
    rows = np.arange(900, dtype=np.float32).reshape(300, 3) % 7  # most bytes are numbers
    plain = [
        fasttext_files.model(WORDS, _INTEGERS, rows),
        fasttext_files.model(WORDS, _INTEGERS, rows, version=11, shortest=1, longest=2),
        fasttext_files.model(WORDS, _INTEGERS, rows, version=None),
        fasttext_files.model(WORDS, _INTEGERS, rows, labels=["__label__a"]),
        fasttext_files.model(WORDS, _INTEGERS),
    ]
    return plain + [compress(plain[0]) for compress in COMPRESSORS.values()]


# --- matrices beside their words, vocabularies, whatever is wrong ------------------------------


def _check_npy(path: Path) -> object:
    """Read a matrix whose words are sound: only the matrix is fuzzed."""
    vocabulary_file.write(npy_words.vocabulary_path(path), WORDS)
    return _check_vectors(path)


def _read_npy(path: Path) -> object:
    npy_words.vocabulary_path(path).write_text("\n".join(WORDS), encoding="utf-8")
    return npy.read(path)


def _npy_files() -> list[bytes]:
    orders = [ROWS, np.asfortranarray(ROWS), ROWS.astype(np.float64)]
    plain = [_written(lambda path: _save_npy(path, rows)) for rows in orders]  # noqa: B023
    return plain + [compress(plain[0]) for compress in COMPRESSORS.values()]


def _save_npy(path: Path, rows: np.ndarray[Any, Any]) -> None:
    with path.open("wb") as stream:
        np.save(stream, rows)


def _check_vocabulary(path: Path) -> object:
    found = vocabulary_file.read(path)
    assert found.counts is None or found.counts.shape == (len(found.words),)
    assert vocabulary_file.read(path, 2).words == found.words[:2]
    return found.words, None if found.counts is None else found.counts.tolist()


def _vocabulary_files() -> list[bytes]:
    plain = vocabulary_file.lines(WORDS, np.arange(6, 0, -1))
    return [compress(plain) for compress in COMPRESSORS.values()]


def _check_defects(path: Path) -> object:
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


def _read_defects(path: Path) -> object:
    for _ in w2v.check_file(path):
        pass
    return w2v.describe_file(path)


# --- models ----------------------------------------------------------------------------------


def _check_model(path: Path) -> object:
    model = w2v.load_model(path)
    answer = _checked_vectors(model.vectors)
    assert model.vectors.counts is not None
    _check_matrix(model.output, len(model.vectors))
    assert model.output.shape == model.vectors.vectors.shape
    assert isinstance(model.config, TrainConfig)
    assert isinstance(model.summary, Summary)
    assert all(isinstance(epoch, EpochEnded) for epoch in model.history)
    return answer


def _model_files() -> list[bytes]:
    return [_written(lambda path: full_model.write(path, _model()))]


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


def _check_checkpoint(path: Path) -> object:
    found = read_checkpoint_file(path)
    assert found.place.totals.shape == (TOTALS_SIZE,)
    assert isinstance(found.notes, dict)
    return _check_model(path)


def _checkpoint_files() -> list[bytes]:
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
        return [_written(lambda path: full_model.write_with_digest(path, model))]


# --- evaluation sets -------------------------------------------------------------------------


def _check_evaluation_set(path: Path) -> object:
    found = read_evaluation_set(path)
    [text] = [stream.read().decode("utf-8-sig") for _, stream in open_members(path)]
    lines = [line.strip() for line in text.split("\n")]
    lines = [line for line in lines if line and not line.startswith("#")]
    _evaluate(path)
    if isinstance(found, AnalogySet):
        questions = [question for _, questions in found.sections for question in questions]
        assert questions == [tuple(line.split()) for line in lines if not line.startswith(":")]
        return questions
    assert isinstance(found, PairSet)
    assert len(lines) - len(found.pairs) in (0, 1)  # one may name the columns
    for first, second, score in found.pairs:
        assert first.strip() == first != ""
        assert second.strip() == second != ""
        assert math.isfinite(score)
    return list(found.pairs)


def _evaluate(path: Path) -> None:
    """Ask the questions of some vectors, which may know no answer."""
    try:
        w2v.evaluate(w2v.KeyedVectors(WORDS, ROWS), path)
    except w2v.W2VError as error:
        assert str(error)


def _analogy_files() -> list[bytes]:
    lines = [" ".join(question) for question in QUESTIONS]
    plain = "\n".join([": family", lines[0], "", "# aside", ": gram1-more", *lines[1:]])
    return [compress(plain.encode()) for compress in COMPRESSORS.values()]


def _pair_files() -> list[bytes]:
    plain = [
        "\n".join(separator.join(map(str, pair)) for pair in PAIRS).encode() for separator in "\t, "
    ]
    headed = b"# of the test\nWord 1,Word 2,Human (mean)\n" + plain[1]
    return [*plain, headed, *(compress(plain[0]) for compress in COMPRESSORS.values())]


# --- corpora ---------------------------------------------------------------------------------


def _read_corpus(path: Path) -> EncodedCorpus:
    corpus = open_corpus(path)
    return encode_corpus(corpus, count_vocabulary(corpus, min_count=1))


def _check_corpus(path: Path) -> object:
    """Count and encode; the words of each sentence are what str.split() gives, line by line."""
    invalid_utf8, block_size, workers = _choice(path, _CORPUS_OPTIONS)
    expected = _naive_sentences(path, invalid_utf8)
    corpus = open_corpus(path, invalid_utf8=invalid_utf8)
    whole = corpus.blocks
    corpus.blocks = lambda: whole(block_size)  # type: ignore[method-assign,misc,assignment]
    try:
        vocabulary = count_vocabulary(corpus, min_count=1, workers=workers)
        encoded = encode_corpus(corpus, vocabulary, workers=workers)
    except w2v.W2VError:
        assert expected is None or len(set().union(*expected)) < 2, "a good text is refused"
        raise
    bounds = pairwise(encoded.sentence_offsets.tolist())
    ids = encoded.tokens.tolist()
    sentences = [[vocabulary.words[k] for k in ids[start:end]] for start, end in bounds]
    assert sentences == expected
    counts = Counter(word for sentence in sentences for word in sentence)
    by_count = sorted(counts.items(), key=lambda pair: -pair[1])  # stable: the first seen first
    assert list(zip(vocabulary.words, vocabulary.counts.tolist(), strict=True)) == by_count
    return sentences


_CORPUS_OPTIONS: list[tuple[InvalidUtf8, int, int]] = [
    ("error", 1 << 21, 1),
    ("replace", 1 << 21, 1),
    ("error", 7, 1),
    ("replace", 64, 2),
]


def _naive_sentences(path: Path, invalid_utf8: InvalidUtf8) -> list[list[str]] | None:
    """Return the sentences of a corpus, or None where it has to be refused."""
    errors = {"error": "strict", "replace": "replace"}[invalid_utf8]
    sentences: list[list[str]] = []
    try:
        for _, stream in open_members(path):
            data = stream.read()
            if b"\0" in data:
                return None
            data = _without_overlong(data)
            text = data.removeprefix(b"\xef\xbb\xbf").decode(errors=errors)
            lines = [line.split() for line in re.split(r"\r\n|\n|\r", text)]
            sentences += [
                [word for word in line if len(word.encode()) <= LONGEST_WORD] for line in lines
            ]
    except Exception:  # whatever a damaged archive makes the library raise
        return None
    return [sentence for sentence in sentences if sentence]


def _without_overlong(data: bytes) -> bytes:
    """Return a text without the words that are longer than any real word."""
    places = [0, *(place for found in WHITE_SPACE.finditer(data) for place in found.span())]
    parts = [data[start:end] for start, end in pairwise([*places, len(data)])]
    words, spaces = parts[::2], [*parts[1::2], b""]
    kept = [word if len(word) <= LONGEST_WORD else b"" for word in words]
    return b"".join(part for pair in zip(kept, spaces, strict=True) for part in pair)


def _corpus_files() -> list[bytes]:
    text = "\n".join(" ".join(sentence) for sentence in SENTENCES).encode()
    spaced = text.replace(b" ", " \N{NO-BREAK SPACE}".encode()).replace(b"\n", b"\r\n\n")
    members = in_zip(*text.splitlines())
    packed = [compress(text) for compress in COMPRESSORS.values()]
    return [spaced, b"\xef\xbb\xbf" + text, members, *packed]


# --- the table -------------------------------------------------------------------------------

READERS: dict[str, Reader] = {
    "load": Reader(w2v.load, _check_vectors, _vector_files, (WORDS, ROWS.tolist())),
    "fasttext": Reader(w2v.load, _check_fasttext, _fasttext_files, (WORDS, _INTEGERS.tolist())),
    "npy": Reader(_read_npy, _check_npy, _npy_files, (WORDS, ROWS.tolist())),
    "vocabulary": Reader(
        vocabulary_file.read,
        _check_vocabulary,
        _vocabulary_files,
        ([word.encode() for word in WORDS], [6, 5, 4, 3, 2, 1]),
    ),
    "check": Reader(_read_defects, _check_defects, _vector_files, WORDS),
    "load_model": Reader(w2v.load_model, _check_model, _model_files, (WORDS, ROWS.tolist())),
    "checkpoint": Reader(
        read_checkpoint_file, _check_checkpoint, _checkpoint_files, (WORDS, ROWS.tolist())
    ),
    "analogies": Reader(read_evaluation_set, _check_evaluation_set, _analogy_files, QUESTIONS),
    "pairs": Reader(read_evaluation_set, _check_evaluation_set, _pair_files, PAIRS),
    "corpus": Reader(_read_corpus, _check_corpus, _corpus_files, SENTENCES),
}

Option = TypeVar("Option")


def _choice(path: Path, options: list[Option]) -> Option:
    """Choose by the content, so that a file alone says how it was read."""
    return options[zlib.crc32(path.read_bytes()) % len(options)]


def _written(write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "file"
        write(path)
        return path.read_bytes()
