"""Counting equals collections.Counter on str.split(), and gensim, however the text is cut."""

import sys
import tracemalloc
from collections import Counter
from string import ascii_letters

import numpy as np
import pytest
from examples import examples
from gensim.models import Word2Vec
from hypothesis import given
from hypothesis import strategies as st
from texts import LETTERS, SPACES, corpus_of, lines_of, real_text

from w2v.errors import CorpusError
from w2v.kernels import word_keys
from w2v.kernels.jit import JIT_ENABLED
from w2v.limits import LONGEST_WORD
from w2v.text import counting_threads
from w2v.text.corpus import open_corpus
from w2v.text.vocabulary import count_vocabulary

needs_jit = pytest.mark.skipif(not JIT_ENABLED, reason="much text is slow without the compiler")


def assert_counts(corpus, text, workers=1):
    """All words with their counts, commonest first, of equal counts the first seen first."""
    vocabulary = count_vocabulary(corpus, min_count=1, workers=workers)
    words = text.split()
    expected = Counter(words).most_common()  # a stable sort of the words as they came
    assert list(zip(vocabulary.words, vocabulary.counts.tolist(), strict=True)) == expected
    assert vocabulary.corpus_words == vocabulary.tokens == len(words)
    assert vocabulary.distinct_words == len(vocabulary) == len(expected)
    assert vocabulary.index == {word: place for place, (word, _) in enumerate(expected)}
    assert vocabulary.counts.dtype == np.int64


@needs_jit
@pytest.mark.parametrize("name", ["wiki-de", "wiki-ko", "wiki-zh"])
@pytest.mark.parametrize(("block_size", "workers"), [(None, 1), (4099, 1), (4099, 2), (30011, 3)])
def test_counts_equal_counter_on_real_text(test_data, name, block_size, workers):
    text = real_text(test_data, name)
    assert {"\xa0", "\u3000"} < {letter for letter in text if letter.isspace()}
    assert_counts(corpus_of(text, block_size), text, workers)


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("block_size", [1, 2, 3, 7, 64])
def test_counts_and_order_do_not_depend_on_blocks_and_workers(block_size, workers):
    text = (
        "z y x é 字\u3000z\ny\xa0x\u2003字\r\nthe last of the words is first\n" * 3 + "tie eit ite"
    )
    assert_counts(corpus_of(text, block_size), text, workers)


@needs_jit
def test_the_white_space_of_str_split_and_no_other_splits():
    """Every code point stands between two letters; surrogates and NUL are not text."""
    points = [chr(k) for k in range(1, sys.maxunicode + 1) if not 0xD800 <= k < 0xE000]
    text = "".join(f"x{point}y\n" for point in points)
    vocabulary = count_vocabulary(corpus_of(text), min_count=1)
    spaces = [point for point in points if point.isspace()]
    joined = {f"x{point}y" for point in points if not point.isspace()}
    assert len(spaces) == 29
    assert vocabulary.words[:2] == ["x", "y"]
    assert vocabulary.counts[:2].tolist() == [len(spaces)] * 2
    assert set(vocabulary.words[2:]) == joined
    assert vocabulary.corpus_words == len(joined) + 2 * len(spaces)


@pytest.mark.parametrize("space", SPACES)
def test_each_kind_of_white_space_splits(space):
    text = f"{space}x{space}y{space}{space}x{space}\n{space}"
    assert_counts(corpus_of(text, block_size=1), text)


@pytest.mark.parametrize(
    "space", [" ", "\n", "\x85", "\u2003", "\u3000", " \u3000\n", "\xa0\u2028"]
)
@pytest.mark.parametrize("shift", [0, 1, 2, 3, 62, 63, 64])
def test_words_and_spaces_lie_anywhere(space, shift):
    """Text is looked at in 64 bytes and in 1024, and words in 8 and 16: at all borders of these."""
    words = [letter * length for length in (1, 7, 8, 9, 15, 16, 17, 63, 1025) for letter in "aé字"]
    text = "x" * shift + space + space.join(words + words[::-1]) + space
    assert_counts(corpus_of(text), text)
    assert_counts(corpus_of(text.strip()), text)


@pytest.mark.parametrize("length", [8, 9, 16, 17, 24, 25, 40])
def test_words_that_differ_in_one_letter_are_two(length):
    """Of long words the table's keys hold no letters; and U+0001 is nearly nothing."""
    words = ["w" * place + letter + "w" * (length - place - 1)
             for place in range(length) for letter in "v\x01"]  # fmt: skip
    text = "\n".join([*words, "w" * length, "w" * (length - 1), *words])
    assert_counts(corpus_of(text), text, workers=2)


@pytest.mark.skipif(JIT_ENABLED, reason="compiled code cannot be patched")
def test_long_words_of_one_hash_are_told_apart(monkeypatch):
    """Their keys are made equal; short words, whose keys they are, are not concerned."""
    one_key = np.uint64(1), word_keys.LONG
    monkeypatch.setattr(word_keys, "_long_key", lambda data, start, end: one_key)
    words = [f"{place:020}" for place in range(9)]
    text = " ".join(words * 2 + ["short", *words[:4], "short"])
    assert_counts(corpus_of(text), text, workers=1)
    assert_counts(corpus_of(text, block_size=32), text, workers=2)


def test_a_short_text_needs_no_table_for_each_worker(monkeypatch):
    """The machine may have many cores, and the text one block."""
    made = []

    class Table(counting_threads.WordTable):
        def __init__(self, *limit):
            made.append(self)
            super().__init__(*limit)

    monkeypatch.setattr(counting_threads, "WordTable", Table)
    text = "one two three two\n" * 10
    assert_counts(corpus_of(text), text, workers=64)
    assert len(made) <= 2  # of the thread that got the block, and of the first one


@needs_jit
@pytest.mark.parametrize("workers", [1, 3])
def test_the_table_grows(workers):
    """More words than the 32,768 it starts with, more letters, and a word longer than all."""
    long = "w" * LONGEST_WORD
    words = [f"{'é' * (k % 30)}{k}" for k in range(100_000)]
    text = "\n".join([*words, long, *words[::3], *words[::7], long, long])
    assert_counts(corpus_of(text, block_size=50_000), text, workers)


@needs_jit
@pytest.mark.parametrize(("min_count", "most"), [(1, None), (5, None), (2, 500), (40, 3000)])
def test_gensim_keeps_the_same_words_with_the_same_counts(test_data, min_count, most):
    text = real_text(test_data, "wiki-de")
    counts = sorted(Counter(text.split()).values(), reverse=True)
    while most is not None and counts[most - 1] == counts[most]:
        most += 1  # gensim cuts between two counts, never among words of one count
    theirs = Word2Vec(min_count=min_count, max_final_vocab=most)
    theirs.build_vocab(lines_of(text))
    ours = count_vocabulary(corpus_of(text), min_count, most, workers=2)
    assert dict(zip(ours.words, ours.counts.tolist(), strict=True)) == {
        word: theirs.wv.get_vecattr(word, "count") for word in theirs.wv.index_to_key
    }
    assert (ours.corpus_words, ours.distinct_words) == (len(text.split()), len(counts))


def test_min_count_and_max_vocabulary_keep_the_commonest():
    text = "b a c a b d e d a c b"
    kept = {
        (1, None): ["b", "a", "c", "d", "e"],
        (2, None): ["b", "a", "c", "d"],
        (3, None): ["b", "a"],
        (1, 3): ["b", "a", "c"],  # c and d are seen twice; c came first
        (2, 9): ["b", "a", "c", "d"],
    }
    for (min_count, most), words in kept.items():
        vocabulary = count_vocabulary(corpus_of(text), min_count, most)
        assert vocabulary.words == words
        assert vocabulary.tokens == sum(text.count(word) for word in words)
        assert (vocabulary.corpus_words, vocabulary.distinct_words) == (11, 5)


@needs_jit
def test_one_line_and_many_lines_give_the_same_counts(test_data):
    text = real_text(test_data, "wiki-ko")
    many, one = (
        count_vocabulary(corpus_of(form), min_count=2) for form in (text, " ".join(text.split()))
    )
    assert many.words == one.words
    assert many.counts.tolist() == one.counts.tolist()
    assert many.corpus_words == one.corpus_words


def test_every_kind_of_corpus_is_counted(tmp_path):
    text = "the cat and\nthe dog\nand the cow"
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text(text)
    second.write_text(text)
    assert_counts(open_corpus(first), text)
    assert_counts(open_corpus(first, second), f"{text} {text}", workers=2)
    assert_counts(open_corpus([line.split() for line in text.splitlines()]), text)


@examples(100, derandomize=True)
@given(
    st.lists(st.text(SPACES + LETTERS, max_size=12), max_size=20),
    st.integers(1, 40),
    st.integers(1, 3),
)
def test_random_text_equals_counter(parts, block_size, workers):
    text = "one two\n" + "".join(parts)
    assert_counts(corpus_of(text, block_size), text, workers)


@pytest.mark.parametrize("text", ["", " \n\t \u3000\n", "\x1c\n"])
def test_a_corpus_without_words_is_an_error(text):
    with pytest.raises(CorpusError, match=r"^The corpus the text holds no words; give .*\.$"):
        count_vocabulary(corpus_of(text), min_count=1)


def test_no_word_left_is_an_error_that_says_how_far_off():
    with pytest.raises(CorpusError) as caught:
        count_vocabulary(corpus_of("a b a c a b"), min_count=5)
    assert str(caught.value) == (
        "No word of the text is left with min_count 5: the commonest of its 3 words is seen 3 "
        "times; lower min_count or give more text."
    )


@pytest.mark.parametrize(
    ("text", "min_count", "shown"),
    [("w w w w", 1, "'w'"), ("a b a c", 2, "'a'"), ("é" * 60, 1, "'" + "é" * 40 + "…'")],
)
def test_one_word_alone_is_an_error_that_shows_it(text, min_count, shown):
    with pytest.raises(CorpusError) as caught:
        count_vocabulary(corpus_of(text), min_count)
    assert str(caught.value) == (
        f"The vocabulary of the text has one word only, {shown}: there is nothing to "
        "distinguish it from; lower min_count or give more text."
    )


@pytest.mark.parametrize("workers", [1, 3])
def test_an_error_of_the_corpus_comes_through(workers):
    corpus = corpus_of("some words here\n" * 100 + "a\0b\n", block_size=64)
    with pytest.raises(CorpusError, match="NUL byte at byte 1601"):
        count_vocabulary(corpus, workers=workers)


@needs_jit
def test_long_words_take_little_more_room_than_themselves():
    words = ["a", *(letter * LONGEST_WORD for letter in ascii_letters[1:]), "字" * 20_000]
    text = " ".join([*words, "a"])
    tracemalloc.start()
    try:
        vocabulary = count_vocabulary(corpus_of(text), min_count=1)
        assert tracemalloc.get_traced_memory()[1] < 100 << 20  # it was 129 MB
    finally:
        tracemalloc.stop()
    assert vocabulary.words == words
