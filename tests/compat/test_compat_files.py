"""The files of w2v.compat.KeyedVectors: word2vec's as gensim has them, and our own."""

import gzip

import gensim.models
import numpy as np
import pytest
from gensim.test.utils import datapath

import w2v
from w2v.compat import KeyedVectors
from w2v.word_forms import WordForm

WORDS = ["the", "naïve", "cat", "sat", "on"]
ROWS = np.random.default_rng(2).normal(size=(5, 3)).astype(np.float32)


@pytest.fixture
def ours():
    vectors = KeyedVectors(3)
    vectors.add_vectors(WORDS, ROWS)
    vectors.expandos["count"] = np.array([9, 4, 7, 4, 1])
    return vectors


@pytest.fixture
def theirs():
    vectors = gensim.models.KeyedVectors(3)
    vectors.add_vectors(WORDS, ROWS)
    vectors.expandos["count"] = np.array([9, 4, 7, 4, 1])
    return vectors


def assert_same(ours, theirs, rtol=0.0):
    assert ours.index_to_key == theirs.index_to_key
    assert ours.vectors.dtype == theirs.vectors.dtype
    np.testing.assert_allclose(ours.vectors, theirs.vectors, rtol)
    np.testing.assert_array_equal(ours.expandos["count"], theirs.expandos["count"])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"binary": True},
        {"prefix": "*dt_"},
        {"write_header": False},
        {"total_vec": 12},
        {"sort_attr": "none"},
        {"binary": True, "append": True},
        {"append": True},
    ],
)
def test_word2vec_files_are_gensim_s_byte_for_byte(tmp_path, ours, theirs, options):
    written = []
    for name, vectors in (("ours", ours), ("theirs", theirs)):
        files = [tmp_path / f"{name}.{end}" for end in ("txt", "vocab")]
        for file in files:
            file.write_bytes(b"before\n" if options.get("append") else b"")
        named = str(files[1]) if "sort_attr" not in options else None
        vectors.save_word2vec_format(str(files[0]), named, **options)
        written.append([file.read_bytes() for file in files])
    assert written[0] == written[1]
    assert len(written[0][0]) > 30


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of gensim
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"binary": True},
        {"limit": 3},
        {"binary": True, "limit": 2},
        {"limit": 0},
        {"fvocab": "counts.vocab"},
        {"datatype": np.float64},
        {"binary": True, "datatype": np.float16},
        {"no_header": True},
        {"no_header": True, "limit": 2},
        {"encoding": "latin-1"},
        {"encoding": "ascii", "unicode_errors": "ignore"},
        {"unicode_errors": "replace"},
    ],
)
def test_word2vec_files_are_read_as_gensim_reads_them(tmp_path, monkeypatch, theirs, options):
    monkeypatch.chdir(tmp_path)
    theirs.save_word2vec_format(
        "file", "counts.vocab", options.get("binary", False),
        write_header=not options.get("no_header"),
    )  # fmt: skip
    assert_same(
        KeyedVectors.load_word2vec_format("file", **options),
        gensim.models.KeyedVectors.load_word2vec_format("file", **options),
        rtol=1e-7 if options.get("datatype") is np.float64 else 0,  # text is read as float32
    )


def test_the_first_of_two_equal_words_is_kept(tmp_path):
    path = tmp_path / "twice.txt"
    path.write_text("4 2\na 1 2\nb 3 4\na 5 6\nc 7 8\n")
    ours = KeyedVectors.load_word2vec_format(path)
    theirs = gensim.models.KeyedVectors.load_word2vec_format(str(path))
    assert [*ours.index_to_key, None] == theirs.index_to_key  # theirs has a row without a key
    np.testing.assert_array_equal(ours.vectors, theirs.vectors[:3])
    assert ours.expandos["count"].tolist() == [3, 2, 1]


@pytest.mark.parametrize("binary", [True, False])
def test_a_file_that_ends_too_early(tmp_path, ours, binary):
    path = tmp_path / "short"
    ours.save_word2vec_format(path, binary=binary, total_vec=7)
    with pytest.raises(EOFError, match=r"entry 6 of 7 .* is missing"):
        KeyedVectors.load_word2vec_format(path, binary=binary)
    assert len(KeyedVectors.load_word2vec_format(path, binary=binary, limit=5)) == 5
    ours.save_word2vec_format(path, binary=binary, total_vec=3)
    assert len(KeyedVectors.load_word2vec_format(path, binary=binary)) == 3


def test_a_malformed_line_is_named(tmp_path):
    path = tmp_path / "bad.txt"
    path.write_text("2 2\na 1 2\nb 3 x\n")
    with pytest.raises(w2v.FormatError, match="entry 2 "):
        KeyedVectors.load_word2vec_format(path)


def test_words_that_are_not_utf8(tmp_path):
    path = tmp_path / "latin.txt"
    path.write_bytes("1 2\nnaïve 1 2\n".encode("latin-1"))
    with pytest.raises(UnicodeDecodeError):
        KeyedVectors.load_word2vec_format(path)
    assert KeyedVectors.load_word2vec_format(path, encoding="latin-1").index_to_key == ["naïve"]


def test_compressed_files(tmp_path, ours):
    path = tmp_path / "vectors.txt.gz"
    ours.save_word2vec_format(path)
    assert gzip.decompress(path.read_bytes()).startswith(b"5 3\nthe ")
    ours.save_word2vec_format(path, append=True, write_header=False, prefix="again_")
    assert gzip.decompress(path.read_bytes()).count(b"\n") == 11


def test_intersection_as_in_gensim(tmp_path, ours, theirs):
    other = gensim.models.KeyedVectors(3)
    other.add_vectors(["cat", "dog", "on"], ROWS[:3] + 1)
    for end, binary in ((".txt", False), (".bin", True)):
        path = tmp_path / f"other{end}"
        other.save_word2vec_format(str(path), binary=binary)
        ours.intersect_word2vec_format(path, lockf=0.25, binary=binary)
    theirs.vectors_lockf = np.ones(5, dtype=np.float32)
    theirs.intersect_word2vec_format(str(tmp_path / "other.txt"), lockf=0.25)
    assert_same(ours, theirs)
    np.testing.assert_array_equal(ours.vectors_lockf, theirs.vectors_lockf)
    KeyedVectors(2).save(tmp_path / "shorter")
    with pytest.raises(w2v.ConfigError, match="vectors of 4 numbers, but these have 3"):
        wide = KeyedVectors(4)
        wide.add_vectors(["cat"], [[1, 2, 3, 4]])
        wide.save_word2vec_format(tmp_path / "wide")
        ours.intersect_word2vec_format(tmp_path / "wide")


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_saved_vectors_come_back_whole(tmp_path, dtype):
    path = tmp_path / "any name"
    vectors = KeyedVectors(3, dtype=dtype)
    vectors.add_vectors(["word", 7, ("a", (1, "b"))], np.random.default_rng(5).normal(size=(3, 3)))
    vectors.set_vecattr("word", "count", 5)
    vectors.set_vecattr(7, "weight", np.float32(0.5))
    vectors.set_vecattr(7, "colour", "blue")
    vectors.vectors_lockf = np.array([0, 1, 0.5], dtype=np.float32)
    vectors.save(path)
    loaded = KeyedVectors.load(path)
    assert loaded.index_to_key == vectors.index_to_key
    assert loaded.vectors.dtype == dtype
    np.testing.assert_array_equal(loaded.vectors, vectors.vectors)
    assert loaded.expandos.keys() == vectors.expandos.keys()
    for name, values in vectors.expandos.items():
        np.testing.assert_array_equal(loaded.expandos[name], values)
        assert loaded.expandos[name].dtype == values.dtype
    np.testing.assert_array_equal(loaded.vectors_lockf, vectors.vectors_lockf)
    assert loaded.most_similar(7, topn=1) == vectors.most_similar(7, topn=1)


def test_every_part_of_w2v_reads_what_was_saved(tmp_path, ours):
    ours.save(tmp_path / "vectors.kv")
    loaded = w2v.load(tmp_path / "vectors.kv")
    assert loaded.index_to_key == WORDS
    assert loaded.get_count("cat") == 7
    mapped = KeyedVectors.load(tmp_path / "vectors.kv", mmap="r")
    assert not mapped.vectors.flags.writeable
    assert mapped.similarity("cat", "sat") == pytest.approx(loaded.similarity("cat", "sat"))
    mapped["cat"] = ROWS[0]
    assert mapped["cat"].tolist() == ROWS[0].tolist()
    mapped.unit_normalize_all()
    KeyedVectors(3).save(tmp_path / "none.kv")
    assert len(KeyedVectors.load(tmp_path / "none.kv")) == 0


def test_other_files_are_loaded_too(tmp_path, ours):
    w2v.KeyedVectors(WORDS, ROWS, [5, 4, 3, 2, 1]).save(tmp_path / "vectors.npy")
    loaded = KeyedVectors.load(tmp_path / "vectors.npy")
    assert loaded.get_vecattr("cat", "count") == 3
    loaded["new"] = ROWS[0]
    assert len(loaded) == 6
    fasttext = KeyedVectors.load(datapath("lee_fasttext_new.bin"))
    assert "nightly" not in fasttext.key_to_index
    assert fasttext.similarity("nightly", "night") > 0.9


def test_the_form_of_words_is_kept(tmp_path, ours):
    ours.form = WordForm("words", lower=True)
    ours.save(tmp_path / "vectors")
    loaded = KeyedVectors.load(tmp_path / "vectors")
    assert loaded.get_index("CAT") == w2v.load(tmp_path / "vectors").get_index("CAT") == 2


def test_a_pickle_is_never_read(tmp_path, theirs):
    path = tmp_path / "gensim.kv"
    theirs.save(str(path), sep_limit=0)
    with pytest.raises(w2v.FormatError, match=r"pickle.*save_word2vec_format") as caught:
        KeyedVectors.load(path)
    # The other way that the message names is one that works.
    assert f"'w2v convert {path}.vectors.npy gensim.safetensors'" in str(caught.value)
    (tmp_path / "gensim.kv.vectors.vocab").write_text("\n".join(theirs.index_to_key))
    w2v.convert(f"{path}.vectors.npy", tmp_path / "gensim.safetensors")
    loaded = KeyedVectors.load(tmp_path / "gensim.safetensors")
    np.testing.assert_array_equal(loaded.vectors, theirs.vectors)
    assert loaded.index_to_key == theirs.index_to_key


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda kv, p: kv.save_word2vec_format(p, p, sort_attr="x"), "needs the attribute 'x'"),
        (lambda kv, p: kv.load_word2vec_format(p, binary=True, no_header=True), "is for text"),
        (lambda kv, p: kv.load_word2vec_format(p, encoding="utf9"), "encoding must be"),
        (lambda kv, p: kv.load_word2vec_format(p, unicode_errors="skip"), "unicode_errors must be"),
        (lambda kv, p: kv.load_word2vec_format(p), "no vector file"),
        (lambda kv, p: kv.load(p, mmap="w"), "mmap must be None or 'r'"),
        (lambda kv, p: kv.load_word2vec_format(3), "fname must be the name of a file"),
    ],
)
def test_errors_are_sentences(tmp_path, ours, call, message):
    with pytest.raises(w2v.W2VError, match=message):
        call(ours, tmp_path / "missing")


def test_a_key_that_a_file_cannot_hold(tmp_path):
    vectors = KeyedVectors(1)
    vectors.add_vectors([frozenset("a")], [[1]])
    with pytest.raises(w2v.FormatError, match="a key is text, a number or a tuple"):
        vectors.save(tmp_path / "vectors")
    assert not (tmp_path / "vectors").exists()
