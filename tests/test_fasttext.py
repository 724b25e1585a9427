"""fastText models made here: known vectors, every version, and damage reported in one sentence."""

import struct
from pathlib import Path

import numpy as np
import pytest
from contents import COMPRESSORS
from examples import examples
from fasttext_files import COUNTS_FROM, entry, header, matrix, model, ngram_buckets
from hypothesis import given
from hypothesis import strategies as st

import w2v
from w2v.formats import fasttext_binary, ngrams
from w2v.formats.word_matrix import Ngrams

RNG = np.random.default_rng(5)
WORDS = ["</s>", "the", "naïve", "字", "안녕", "e\u0301"]
VECTORS = RNG.integers(-9, 9, (6, 4)).astype(np.float32)
NGRAM_ROWS = RNG.integers(-9, 9, (50, 4)).astype(np.float32)
MODEL = model(WORDS, VECTORS, NGRAM_ROWS)


@pytest.fixture
def write(tmp_path: Path):
    def written(content: bytes, name: str = "model.bin") -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return written


@pytest.mark.parametrize("version", [12, 11, None])
@pytest.mark.parametrize("pack", COMPRESSORS)
def test_every_version_and_compression(write, version: int | None, pack: str) -> None:
    path = write(COMPRESSORS[pack](model(WORDS, VECTORS, NGRAM_ROWS, version=version)))
    found = w2v.load(path)
    assert found.index_to_key == WORDS
    assert found.vectors.tolist() == VECTORS.tolist()
    assert found.counts is not None
    assert found.counts.tolist() == [COUNTS_FROM + 5 - row for row in range(6)]
    for limit in (0, 1, 4, 6, 7):
        some = w2v.load(path, limit=limit)
        assert some.index_to_key == WORDS[:limit]
        assert some.vectors.tolist() == VECTORS.tolist()[:limit]
        assert some["naïvety"].tolist() == found["naïvety"].tolist()


def test_limit_reads_no_more_word_rows_than_it_needs(write, monkeypatch) -> None:
    read = []
    whole = fasttext_binary.ByteReader.matrix

    def matrix_of(self, rows: int, *rest: int):
        read.append(rows)
        return whole(self, rows, *rest)

    monkeypatch.setattr(fasttext_binary.ByteReader, "matrix", matrix_of)
    w2v.load(write(MODEL), limit=2)
    assert read == [2, len(NGRAM_ROWS)]


def test_labels_are_left_out(write) -> None:
    content = model(WORDS, VECTORS, NGRAM_ROWS, labels=["__label__a", "__label__b"])
    found = w2v.load(write(content))
    assert found.index_to_key == WORDS
    assert found.vectors.tolist() == VECTORS.tolist()
    old = model(WORDS, VECTORS, labels=["__label__a"], version=11, longest=6)
    assert w2v.load(write(old)).subwords is None


@pytest.mark.parametrize("options", [{"longest": 0}, {"shortest": 4, "longest": 3}])
def test_without_subwords_a_missing_word_is_missing(write, options) -> None:
    for ngram_rows in (None, NGRAM_ROWS):
        found = w2v.load(write(model(WORDS, VECTORS, ngram_rows, **options)))
        assert found.subwords is None
        assert found.vectors.tolist() == VECTORS.tolist()
        assert "thee" not in found
        with pytest.raises(w2v.MissingWordError, match="near spellings: 'the'"):
            found["thee"]
        with pytest.raises(w2v.MissingWordError):
            found.most_similar(["thee"])


def test_a_word_without_an_ngram_is_missing(write) -> None:
    found = w2v.load(write(model(WORDS, VECTORS, NGRAM_ROWS, shortest=5)))
    assert found.vectors.tolist() == VECTORS.tolist()
    for word in ("", "a", "ab", "</s", "字字"):
        assert (word in found) == (len(word) > 2)
    with pytest.raises(w2v.MissingWordError, match="'ab' is not among"):
        found["ab"]
    with pytest.raises(w2v.MissingWordError):
        found.most_similar(["ab", "the"])
    assert 3 in found
    assert 6 not in found
    assert None not in found


def test_vectors_of_unseen_words(write) -> None:
    found = w2v.load(write(MODEL))
    assert found.subwords is not None
    assert repr(found.subwords) == "Subwords(n-grams of 3 to 6 characters, 50 buckets)"
    buckets = ngram_buckets("naïvety".encode(), 3, 6, 50)
    assert found.subwords.buckets("naïvety").tolist() == buckets
    np.testing.assert_allclose(found["naïvety"], NGRAM_ROWS[buckets].mean(axis=0), atol=1e-5)
    assert not found["naïvety"].flags.writeable
    assert not found["the"].flags.writeable
    assert found[["the", "naïvety"]].tolist() == [found[w].tolist() for w in ("the", "naïvety")]
    assert found[[]].shape == (0, 4)
    assert np.isfinite(found["half a \ud83d"]).all()
    with pytest.raises(w2v.MissingWordError):
        found.get_index("naïvety")
    assert w2v.load(write(b"1 1\na 1\n")).subwords is None


@examples(300)
@given(
    st.lists(st.one_of(st.text(), st.binary()), min_size=1, max_size=20),
    st.integers(1, 5),
    st.integers(0, 5),
    st.integers(1, 2**31 - 1),
)
def test_hashing_equals_its_naive_twin(texts, shortest: int, more: int, buckets: int) -> None:
    words = [t if isinstance(t, bytes) else t.encode("utf-8", "replace") for t in texts]
    rows = np.lib.stride_tricks.as_strided(np.zeros(1, np.float32), (buckets, 1), (0, 0))
    found, counts = ngrams.ngram_buckets(words, Ngrams(rows, shortest, shortest + more))
    expected = [ngram_buckets(word, shortest, shortest + more, buckets) for word in words]
    assert counts.tolist() == [len(each) for each in expected]
    assert found.tolist() == [bucket for each in expected for bucket in each]


@pytest.mark.parametrize("size", [1, 7, 3000])
def test_averages_of_many_words(size: int) -> None:
    lengths = [1, 2, 9000, *RNG.integers(1, 40, 700).tolist(), 3000]
    words = [RNG.integers(97, 123, length).astype(np.uint8).tobytes() for length in lengths]
    table = Ngrams(RNG.normal(size=(90, size)).astype(np.float32), 2, 3, words[5])
    own = RNG.normal(size=(len(words), size)).astype(np.float32)
    found = own.copy()
    ngrams.average_with_ngrams(found, words, table)
    for row, word in enumerate(words):
        buckets = [] if row == 5 else ngram_buckets(word, 2, 3, 90)
        mean = (own[row] + table.rows[buckets].astype(float).sum(axis=0)) / (len(buckets) + 1)
        np.testing.assert_allclose(found[row], mean, atol=1e-4)


# --- damage ----------------------------------------------------------------------------------

SETTINGS_AT = 8
START = len(header(6))
ENTRIES = [entry(word.encode(), COUNTS_FROM + 5 - row) for row, word in enumerate(WORDS)]
MATRIX_AT = START + sum(map(len, ENTRIES)) + 17
OUTPUT_AT = MATRIX_AT + 4 * 4 * 56


def changed(offset: int, form: str, *values: float) -> bytes:
    data = bytearray(MODEL)
    struct.pack_into(form, data, offset, *values)
    return bytes(data)


NAN = float("nan")
DAMAGED = [
    (changed(4, "<i", 13), "of version 13; versions up to 12 are read"),
    (changed(4, "<i", 0), "of version 0"),
    (changed(SETTINGS_AT, "<i", 0), "damaged: the vector size is 0"),
    (changed(SETTINGS_AT, "<i", 2**31 - 1), "vectors have 2,147,483,647 numbers each"),
    (changed(SETTINGS_AT, "<i", 2**20), r"shape \(56, 4\), .* need \(56, 1048576\)"),
    (changed(SETTINGS_AT + 32, "<i", -1), "damaged: the number of buckets is -1"),
    (changed(SETTINGS_AT + 32, "<i", 2**31 - 1), r"shape \(56, 4\), but .* need \(2147483653, 4"),
    (changed(SETTINGS_AT + 36, "<i", -3), "damaged: the shortest n-gram is -3"),
    (changed(SETTINGS_AT + 40, "<i", 10**9), "up to 1000000000 characters, .* at most 50 are"),
    (changed(64, "<i", 2**31 - 1), "damaged: 2147483647 entries cannot be 6 words and 0 labels"),
    (changed(64, "<2i", 10**9, 10**9), "cut off: .* within the dictionary of 1000000000 entries"),
    (changed(64, "<3i", 7, 6, 1), "entry 7 .* type .* instead of 1"),
    (changed(84, "<q", 0), "pruned .* not quantised"),
    (changed(84, "<q", 2**62), "cut off: .* within the list of n-grams that were kept"),
    (changed(START + 4 + 1, "<q", -5), r"entry 1 \('</s>', byte offset 92\) was seen -5 times"),
    (changed(START + 4 + 9, "<b", 3), r"entry 1 \('</s>'\) has type 3 instead of 0"),
    (changed(MATRIX_AT - 17, "<b", 1), "is a quantised fastText model"),
    (changed(MATRIX_AT - 16, "<q", 2**60), "the input matrix has shape"),
    (
        changed(MATRIX_AT + 20, "<f", NAN),
        rf"entry 2 .'the', byte offset {MATRIX_AT + 16}. has a vector",
    ),
    (
        changed(MATRIX_AT + 100, "<f", NAN),
        f"entry 7 .byte offset {MATRIX_AT + 96}. of the input matrix",
    ),
    (changed(OUTPUT_AT + 1, "<2q", -1, 4), r"output matrix has shape \(-1, 4\)"),
    (changed(OUTPUT_AT + 1, "<2q", 2**62, 4), "cut off: .* output weights; .* or .* limit=6"),
    (MODEL + b"x", f"extra bytes at byte offset {len(MODEL)}, after the output weights"),
    (MODEL[:-1], f"it ends at byte offset {len(MODEL) - 1}, within the output weights"),
    (MODEL[: OUTPUT_AT - 1], "within row 56 of the input matrix"),
    (MODEL[: MATRIX_AT + 17], "within row 2 of the input matrix"),
    (MODEL[: START + 20], "within the dictionary of 6 entries|within entry 2"),
    (MODEL[:70], "within the sizes"),
    (MODEL[:20], "within the settings"),
    (MODEL.replace("naï".encode(), b"na\0a"), "entry 5 .* has type 136 instead of 0"),
    (
        MODEL.replace(b"the\0", b"th\xff\0"),
        r"entry 2 .*, byte offset 106\) has a word .* not UTF-8",
    ),
    (MODEL.replace("e\u0301\0".encode(), b"the\0"), r"entry 6 .* repeats the word of entry 2"),
]


@pytest.mark.parametrize(("content", "message"), DAMAGED)
@pytest.mark.parametrize("pack", ["plain", "zstandard"])
def test_damage_is_one_sentence(write, content: bytes, message: str, pack: str) -> None:
    path = write(COMPRESSORS[pack](content))
    if pack != "plain":  # where it ends is then found out only on the way
        message = message.replace("cut off: .* within the dictionary of 10", "damaged: entry 7|10")
    with pytest.raises(w2v.FormatError, match=message) as caught:
        w2v.load(path)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_model_cut_off_in_its_output_weights_loads_with_limit(write) -> None:
    path = write(MODEL[:-1])
    assert w2v.load(path, limit=6).vectors.tolist() == VECTORS.tolist()
    assert w2v.load(path, on_defect="skip").vectors.tolist() == VECTORS.tolist()


@pytest.mark.parametrize(("dtype", "size"), [("float16", 2), ("int8", 1)])
def test_in_less_memory(write, dtype: str, size: int) -> None:
    whole, less = w2v.load(write(MODEL)), w2v.load(write(MODEL), dtype=dtype)
    assert less.subwords is not None
    assert less.subwords.rows.nbytes == len(NGRAM_ROWS) * (4 * size + 4)
    assert less["unseen"].dtype == np.float32
    np.testing.assert_allclose(less["unseen"], whole["unseen"], atol=0.05)


def test_bad_entries_are_skipped(write) -> None:
    words = ["</s>", b"\xff\xfe", "the", "", "the", "b" * 20_000, b"\x80" * 70, "last"]
    vectors = RNG.integers(-9, 9, (8, 4)).astype(np.float32)
    content = model(words, vectors, NGRAM_ROWS)
    with pytest.raises(w2v.FormatError, match="entry 2"):
        w2v.load(write(content))
    with pytest.warns(UserWarning, match="left out 5 damaged entries"):
        found = w2v.load(write(content), on_defect="skip")
    assert found.index_to_key == ["</s>", "the", "last"]
    assert found.vectors.tolist() == vectors[[0, 2, 7]].tolist()
    assert found.counts is not None
    assert found.counts.tolist() == [14, 12, 7]
    assert [defect.entry for defect in found.defects] == [2, 4, 5, 6, 7]
    with pytest.warns(UserWarning, match="left out"):
        replaced = w2v.load(write(content), on_defect="skip", invalid_utf8="replace")
    assert replaced.vectors[1].tolist() == vectors[1].tolist()  # by the n-grams of its bytes


def test_a_bad_row_of_ngrams_counts_as_zeros(write) -> None:
    path = write(changed(MATRIX_AT + 100, "<f", NAN))
    with pytest.warns(UserWarning, match="1 non-finite rows of n-grams"):
        found = w2v.load(path, on_defect="skip")
    assert found.index_to_key == WORDS
    assert found.subwords is not None
    assert found.subwords.rows[0].tolist() == [0, 0, 0, 0]
    assert np.isfinite(found.vectors).all()


@examples(300)
@given(st.integers(0, len(MODEL) - 1), st.binary(min_size=1, max_size=8), st.booleans())
def test_mutations_and_cuts(tmp_path_factory, place: int, piece: bytes, cut: bool) -> None:
    path = tmp_path_factory.mktemp("mutated") / "model"
    path.write_bytes(MODEL[:place] if cut else MODEL[:place] + piece + MODEL[place + len(piece) :])
    try:
        found = fasttext_binary.read(path)
    except w2v.W2VError as error:
        assert str(error)
        return
    assert not cut
    assert len(found.words) == 6
    assert np.isfinite(found.matrix).all()


def test_matrices_of_another_shape(write) -> None:
    content = header(1, buckets=2) + entry(b"a") + matrix(np.ones((1, 3), np.float32))
    with pytest.raises(w2v.FormatError, match=r"shape \(1, 3\), but words and n-grams need"):
        w2v.load(write(content))
