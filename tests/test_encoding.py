"""Encoded words decode to the text; sentences are its lines; the mapped file equals memory."""

import errno
import os
import tempfile
from itertools import chain

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from texts import LETTERS, SPACES, corpus_of, lines_of, real_text

from w2v.errors import CorpusError
from w2v.kernels.jit import JIT_ENABLED
from w2v.kernels.prints import ID_FACTOR
from w2v.text import draft, id_prints
from w2v.text.corpus import open_corpus
from w2v.text.encoding import EncodedCorpus, encode_corpus
from w2v.text.id_prints import joined_print, print_of
from w2v.text.number_file import FilePart, NumberFile
from w2v.text.vocabulary import count_vocabulary

TEXT = (
    "the cat sat\r\non the mat\rthe\n\n\n dog \u3000 of\xa0the\u2028cat\r\r\n\n"
    "one\nsat on\x0bthe log"
)


def assert_encodes(corpus, text, min_count=1, workers=1, **options):
    """The ids and sentence offsets are those of the text's lines, unknown words left out."""
    vocabulary = count_vocabulary(corpus, min_count)
    encoded = encode_corpus(corpus, vocabulary, workers, **options)
    known = [[word for word in line if word in vocabulary.index] for line in lines_of(text)]
    sentences = [line for line in known if line]
    offsets = encoded.sentence_offsets[:].tolist()
    assert (encoded.tokens.dtype, encoded.sentence_offsets.dtype) == (np.int32, np.int64)
    assert [vocabulary.words[token] for token in encoded.tokens[:].tolist()] == list(
        chain(*sentences)
    )
    assert offsets == np.cumsum([0, *map(len, sentences)]).tolist()
    return encoded


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("block_size", [None, 1, 2, 3, 5, 16])
@pytest.mark.parametrize("min_count", [1, 2, 4])
def test_lines_are_sentences_however_the_text_is_cut(block_size, min_count, workers):
    text = TEXT.replace("on", "the cat")  # so that more than one word is seen four times
    assert_encodes(corpus_of(text, block_size), text, min_count, workers)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", ""])
@pytest.mark.parametrize("start", ["", "\n", "\r\n\n"])
def test_ends_of_lines_and_of_the_text(start, end):
    text = f"{start}a b{end or ' '}b c\n{end}a"
    encoded = assert_encodes(corpus_of(text, 1), text)
    assert len(encoded.sentence_offsets) - 1 == len(lines_of(text)) == (3 if end else 2)


def test_the_end_of_a_file_ends_a_sentence(tmp_path):
    paths = [tmp_path / name for name in "123"]
    for path, text in zip(paths, ["a b", "b a\na", "a"], strict=True):
        path.write_text(text)
    corpus = open_corpus(*paths)
    assert encode_corpus(corpus, count_vocabulary(corpus, 1)).sentence_offsets.tolist() == [
        0, 2, 4, 5, 6,
    ]  # fmt: skip


def test_lists_of_words_are_sentences():
    sentences = [["a", "b"], [], ["rare"], ["b", "rare2", "a"]]
    corpus = open_corpus(sentences)
    encoded = encode_corpus(corpus, count_vocabulary(corpus, min_count=2))
    assert encoded.tokens.tolist() == [0, 1, 1, 0]
    assert encoded.sentence_offsets.tolist() == [0, 2, 4]


@pytest.mark.skipif(not JIT_ENABLED, reason="much text is slow without the compiler")
@pytest.mark.parametrize("name", ["wiki-de", "wiki-ko", "wiki-zh"])
@pytest.mark.parametrize(("block_size", "workers"), [(None, 1), (4099, 3)])
def test_real_text(test_data, name, block_size, workers):
    text = real_text(test_data, name)
    assert_encodes(corpus_of(text, block_size), text, min_count=3, workers=workers)


@examples(100, derandomize=True)
@given(
    st.lists(st.text(SPACES + LETTERS, max_size=8), max_size=20),
    st.integers(1, 30),
    st.integers(1, 3),
    st.integers(1, 2),
)
def test_random_text(parts, block_size, workers, min_count):
    text = "\n".join(["one two one two", *parts])
    assert_encodes(corpus_of(text, block_size), text, min_count, workers)


def test_the_file_equals_memory_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    text = TEXT * 100
    stored = assert_encodes(corpus_of(text, 64), text, 2, workers=2, memory_limit=0)
    assert isinstance(stored.tokens, NumberFile)
    assert not list(tmp_path.iterdir())  # the file has no name, even while it is used
    held = assert_encodes(corpus_of(text, 64), text, 2, memory_limit=10**6)
    assert isinstance(held.tokens, np.ndarray)
    np.testing.assert_array_equal(stored.tokens[:], held.tokens)
    assert stored.fingerprint(["a"]) == held.fingerprint(["a"])
    mapped = stored.in_arrays()
    np.testing.assert_array_equal(mapped.sentence_offsets, held.sentence_offsets)
    mapped.tokens[0] = 1  # writable, so that compiled code takes it for an ordinary array
    assert stored.tokens[:1].tolist() == [1]


def test_the_fingerprint_of_ids_is_a_polynomial_modulo_a_prime(monkeypatch):
    monkeypatch.setattr(id_prints, "PIECE", 7)
    ids = np.random.default_rng(1).integers(0, 2**31 - 1, 100).astype(np.int32)
    ids[:3] = 0, 0, 2**31 - 1
    prime, factor = 2**61 - 1, int(ID_FACTOR)
    total = 0
    for each in ids.tolist():
        total = (total * factor + each + 1) % prime
    assert print_of(ids) == (pow(factor, 100, prime), total)
    assert print_of(ids[:0]) == (1, 0)
    assert joined_print([print_of(ids[:30]), (1, 0), print_of(ids[30:])]) == print_of(ids)


@pytest.mark.parametrize("change", ["swapped", "one word more", "one word less", "another border"])
def test_every_change_of_a_text_changes_its_fingerprint(change):
    tokens, offsets = np.arange(50, dtype=np.int32) % 7, np.array([0, 20, 50])
    found = EncodedCorpus(tokens.copy(), offsets).fingerprint(["a"])
    if change == "swapped":
        tokens[[3, 4]] = tokens[[4, 3]]
    elif change == "one word more":
        tokens = np.append(tokens, np.int32(0))
    elif change == "one word less":
        tokens = tokens[:-1]
    else:
        offsets = np.array([0, 21, 50])
    assert EncodedCorpus(tokens, offsets).fingerprint(["a"]) != found


@pytest.mark.parametrize("limit", [0, 4000, None])
def test_where_numbers_wait_for_their_ids_makes_no_difference(tmp_path, monkeypatch, limit):
    """In memory, in files or in both, in many pieces or in one."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(draft, "SLAB", 100)
    text = TEXT * 100
    expected = assert_encodes(corpus_of(text, 64), text, 2)
    corpus = corpus_of(text, 64)
    vocabulary = count_vocabulary(corpus, 2, workers=2, memory_limit=limit)
    waiting = [block.entries for block in vocabulary.drafts[0].blocks]
    stored = [isinstance(entries, FilePart) for entries in waiting]
    assert (any(stored), all(stored)) == (limit is not None, limit == 0)
    assert not list(tmp_path.iterdir())  # the files have no names
    encoded = encode_corpus(corpus, vocabulary, workers=2)
    np.testing.assert_array_equal(encoded.tokens, expected.tokens)
    np.testing.assert_array_equal(encoded.sentence_offsets, expected.sentence_offsets)


def test_files_of_a_long_text_grow_with_it(monkeypatch):
    """Each keeps a file descriptor open, and a process may have only 1,024."""
    monkeypatch.setattr(draft, "SLAB", 100)
    [waiting] = count_vocabulary(corpus_of("a b c d " * 25_000, 64), 1, memory_limit=0).drafts
    files = {block.entries.file for block in waiting.blocks}
    assert sum(map(len, files)) == 100_000  # a thousand of them, if they did not grow
    assert len(files) < 80


def test_no_room_for_the_mapped_file_is_an_error(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(NumberFile, "_write", full)
    corpus = corpus_of("a b a b")
    with pytest.raises(CorpusError, match=r"No room for [\d,]+ bytes of token ids in"):
        count_vocabulary(corpus, 1, memory_limit=0)
    with pytest.raises(CorpusError) as caught:
        encode_corpus(corpus, count_vocabulary(corpus, 1), memory_limit=0)
    assert str(caught.value) == (
        f"No room for 8 bytes of token ids in {tmp_path}: No space left on device; "
        "name a directory with more room in TMPDIR."
    )


def test_the_corpus_is_read_once():
    """The corpus is read once, even if it could be read again; encoding frees the draft."""
    corpus = corpus_of("a b a b")
    whole, readings = corpus.blocks, []
    corpus.blocks = lambda: readings.append(None) or whole()
    vocabulary = count_vocabulary(corpus, 1)
    first = encode_corpus(corpus, vocabulary)
    assert (len(readings), vocabulary.drafts) == (1, [])
    again = encode_corpus(corpus, vocabulary)
    assert len(readings) == 2
    assert first.tokens.tolist() == again.tokens.tolist() == [0, 1, 0, 1]


def test_a_vocabulary_encodes_another_corpus_with_the_same_words():
    vocabulary = count_vocabulary(corpus_of("a b a b c"), 2)
    encoded = encode_corpus(corpus_of("b b\nc a a"), vocabulary)
    assert encoded.tokens.tolist() == [1, 1, 0, 0]
    assert encoded.sentence_offsets.tolist() == [0, 2, 4]


def test_a_corpus_that_changes_after_it_is_counted_makes_no_difference(tmp_path):
    path = tmp_path / "text"
    path.write_text("a b\nb c\n")
    corpus = open_corpus(path)
    vocabulary = count_vocabulary(corpus, 1)
    path.unlink()
    encoded = encode_corpus(corpus, vocabulary)
    assert [vocabulary.words[token] for token in encoded.tokens] == ["a", "b", "b", "c"]
    assert encoded.sentence_offsets.tolist() == [0, 2, 4]


@pytest.mark.parametrize(
    "changed",
    ["a b a b c\n", "a b a\n", "", "a b a c\n", "a b a b x\n", "a b " * 5000, "c a b a b"],
)
@pytest.mark.parametrize("workers", [1, 3])
def test_a_corpus_that_has_changed_when_it_is_read_again_is_an_error(tmp_path, changed, workers):
    path = tmp_path / "text"
    path.write_text("a b a b\n")
    corpus = open_corpus(path)
    vocabulary = count_vocabulary(corpus, 1)
    encode_corpus(corpus, vocabulary, workers)
    path.write_text(changed)
    with pytest.raises(CorpusError) as caught:
        encode_corpus(corpus, vocabulary, workers)
    assert str(caught.value) == (
        f"The corpus {path} changed between counting and encoding: 4 words were counted; "
        "leave it alone and start again."
    )


def test_no_directory_for_temporary_files_is_an_error(monkeypatch):
    def nowhere():
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "gettempdir", nowhere)
    with pytest.raises(CorpusError, match="No directory for temporary files can be written"):
        count_vocabulary(corpus_of("a b a b"), 1, memory_limit=0)


def test_other_failures_of_the_mapped_file_are_no_lack_of_room(tmp_path, monkeypatch):
    def broken(*arguments):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(NumberFile, "_write", broken)
    with pytest.raises(CorpusError, match=r"Cannot keep [\d,]+ bytes .*: Input/output error"):
        count_vocabulary(corpus_of("a b a b"), 1, memory_limit=0)
