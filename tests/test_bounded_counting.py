"""A table of words that may not grow: what is lost is known, and what is kept is exact."""

from collections import Counter
from itertools import chain, pairwise

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from texts import corpus_of

from w2v.errors import CorpusError
from w2v.kernels.jit import JIT_ENABLED
from w2v.kernels.words import Tokens, new_word_buffers
from w2v.text import word_table
from w2v.text.counting import count_words
from w2v.text.encoding import encode_corpus
from w2v.text.known_vocabulary import extend_vocabulary, use_vocabulary
from w2v.text.vocabulary import count_vocabulary
from w2v.text.word_table import WordTable

pytestmark = pytest.mark.skipif(not JIT_ENABLED, reason="much text is slow without the compiler")

TINY = 1  # bytes: the table takes its least size, 1,536 words


def text_of(seed, words=20_000, distinct=30_000, exponent=1.0, longest=0):
    """Lines of words, few of which are common; words come back after a long time."""
    generator = np.random.default_rng(seed)
    weights = 1.0 / np.arange(1, distinct + 1) ** exponent
    ids = generator.choice(distinct, words, p=weights / weights.sum())
    ends = generator.integers(1, 30, words).cumsum()
    names = [f"w{k}" + "x" * (k % (longest + 1)) for k in ids.tolist()]
    borders = [0, *ends[ends < words].tolist(), words]
    return [["the", "of", *names[first:last]] for first, last in pairwise(borders)]


def corpus_of_lines(lines, block_size=3000):
    return corpus_of("\n".join(map(" ".join, lines)) + "\n", block_size)


texts = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 999),
        "words": st.integers(3_000, 9_000),
        "distinct": st.integers(2_000, 50_000),
        "exponent": st.sampled_from([0.3, 0.8, 1.1]),
        "longest": st.sampled_from([0, 30]),
    }
)


@examples(20, derandomize=True)
@given(texts, st.integers(1, 3), st.sampled_from([500, 5000, 200_000]))
def test_no_count_is_further_off_than_is_said(text, workers, block_size):
    lines = text_of(**text)
    true = Counter(chain(*lines))
    counted = count_words(
        corpus_of_lines(lines, block_size), workers, table_limit=TINY, memory_limit=0
    )
    table = counted.table
    words = table.words(np.arange(len(table)))
    assert len(set(words)) == len(words)
    least = dict(zip(words, table.counts().tolist(), strict=True))
    most = dict(zip(words, table.most().tolist(), strict=True))
    assert all(least[word] <= true[word] <= most[word] for word in words)
    assert all(most[word] - least[word] <= table.bound for word in words)
    assert all(count <= table.bound for word, count in true.items() if word not in least)
    assert counted.words == sum(true.values())


@examples(25, derandomize=True)
@given(
    texts, st.integers(1, 3), st.integers(1, 12), st.sampled_from([None, 50, 1000]),
    st.sampled_from([0, 10**9]),
)  # fmt: skip
def test_the_vocabulary_is_exact_but_for_words_that_may_be_missing(
    text, workers, min_count, most, memory_limit
):
    lines = text_of(**text)
    true = Counter(chain(*lines))
    first = {word: k for k, word in reversed([*enumerate(chain(*lines))])}
    corpus = corpus_of_lines(lines)
    found = count_vocabulary(
        corpus, min_count, most, workers, memory_limit=memory_limit, table_limit=TINY
    )
    counts = dict(zip(found.words, found.counts.tolist(), strict=True))
    assert counts == {word: true[word] for word in found.words}
    assert found.words == sorted(found.words, key=lambda word: (-true[word], first[word]))
    expected = count_vocabulary(corpus_of_lines(lines), min_count, most)
    safe = [word for word in expected.words if true[word] > found.dropped]
    assert [word for word in found.words if true[word] > found.dropped] == safe
    if found.dropped < min_count:
        assert (found.words, counts) == (expected.words, {w: true[w] for w in expected.words})
    assert (found.corpus_words, found.tokens) == (sum(true.values()), sum(counts.values()))
    assert found.distinct_words <= len(true)
    encoded = encode_corpus(corpus, found, workers, memory_limit)
    known = [[word for word in line if word in counts] for line in lines]
    known = [line for line in known if line]
    assert [found.words[k] for k in encoded.tokens[:].tolist()] == [*chain(*known)]
    assert encoded.sentence_offsets[:].tolist() == np.cumsum([0, *map(len, known)]).tolist()


def test_words_were_dropped_and_came_back():
    """Otherwise the tests above prove nothing."""
    lines = text_of(1)
    counted = count_words(corpus_of_lines(lines), 1, table_limit=TINY)
    assert len(counted.drops[0]) > 2
    gone, back = set(), set()
    for drops in counted.drops:
        for number in range(len(drops)):
            dropped = drops[number]
            letters = dropped.letters.tobytes()
            words = {letters[a:b] for a, b in pairwise(dropped.starts)}
            back |= gone & words
            gone |= words
    assert len(back) > 100
    table = counted.table.words(np.arange(len(counted.table)))
    assert len(gone & {word.encode() for word in table}) > 100


@pytest.mark.parametrize("workers", [1, 2])
def test_white_space_longer_than_the_room_for_letters_is_passed_over(workers):
    """There is nothing to drop from a table without words."""
    text = 50_000 * " " + "the cat sat" + 50_000 * "\n" + "the dog\n"
    counted = count_words(corpus_of(text, 10**6), workers, table_limit=TINY)
    words = counted.table.words(np.arange(len(counted.table)))
    assert dict(zip(words, counted.table.counts().tolist(), strict=True)) == Counter(text.split())


@pytest.mark.parametrize("end", [" ".join(f"u{k}" for k in range(9_000)), 50_000 * "\n"])
def test_where_no_word_is_left_the_cure_is_memory(end):
    text = 3 * " ".join([*(f"w{k}" for k in range(20_000)), ""]) + end + "\n"
    with pytest.raises(CorpusError, match=r" 3: the memory for counting was full, .* give more "):
        count_vocabulary(corpus_of(text, 10**6), 3, table_limit=TINY)


def test_a_table_with_room_drops_nothing():
    lines = text_of(2)
    for limit in (None, 10**9):
        found = count_vocabulary(corpus_of_lines(lines), 2, workers=2, table_limit=limit)
        assert found.dropped == 0
        assert found.distinct_words == len(set(chain(*lines)))


@pytest.mark.parametrize("limit", [300_000, 3_000_000])
@pytest.mark.parametrize("workers", [1, 3])
def test_the_tables_take_no_more_than_they_may(limit, workers, monkeypatch):
    """Also while they grow; the table of all words too."""
    sizes = []
    grow = WordTable._grow

    def watched(self, letters_wanted):
        before = sum(column.nbytes for column in self.columns)
        columns = self.columns
        grow(self, letters_wanted)
        new = sum(
            after.nbytes
            for after, column in zip(self.columns, columns, strict=True)
            if after is not column
        )
        sizes.append((self.limit, before + new))

    monkeypatch.setattr(WordTable, "_grow", watched)
    lines = text_of(3, words=60_000, distinct=200_000, exponent=0.5)
    counted = count_words(corpus_of_lines(lines), workers, table_limit=limit)
    assert all(limit is None or size <= limit for limit, size in sizes)
    assert sum(column.nbytes for column in counted.table.columns) <= limit
    assert counted.table.bound > 0


@examples(50, derandomize=True)
@given(st.integers(0, 999), st.integers(0, 5), st.sampled_from([0, 40]))
def test_what_is_dropped_is_what_a_dict_drops(seed, times, longest):
    """The rule in words: half of the room stays, all that is as rare as what goes goes, too."""
    generator = np.random.default_rng(seed)
    table, buffers = WordTable(TINY), new_word_buffers()
    counts, missed, bound = Counter(), {}, 0
    for _ in range(times + 1):
        words = [
            f"{k}" + longest * "y" for k in generator.zipf(1.3, 900).tolist() if k < 10**9
        ]  # fmt: skip
        text = np.frombuffer(" ".join([*words, ""]).encode(), dtype=np.uint8)
        tokens = Tokens(np.empty(9999, np.int32), np.empty(9999, np.int64), np.zeros(2, np.int64))
        if table.add_text(text, 0, buffers, tokens) < len(text):
            return  # another test's matter
        for word in words:
            missed.setdefault(word, bound)
            counts[word] += 1
        names = table.words(np.arange(len(table)))
        dropped = table.drop_rare()
        most = {word: counts[word] + missed[word] for word in counts}
        ranked = sorted(most, key=most.get, reverse=True)
        room, letters = len(table.columns.first_seen) // 2, len(table.columns.letters) // 2
        fit = 0
        while fit < min(room, len(ranked)) and sum(map(len, ranked[: fit + 1])) <= letters:
            fit += 1
        bound = most[ranked[min(fit, len(ranked) - 1)]]
        for word in [word for word in counts if most[word] <= bound]:
            del counts[word], missed[word]
        kept = table.words(np.arange(len(table)))
        assert kept == [word for word in names if word in counts]
        assert table.bound == bound
        assert table.counts().tolist() == [counts[word] for word in kept]
        assert table.most().tolist() == [counts[word] + missed[word] for word in kept]
        again = [names[k] for k in np.flatnonzero(dropped.places < 0)]
        spelled = dropped.letters.tobytes().decode()
        starts = dropped.starts.tolist()
        assert [spelled[a:b] for a, b in pairwise(starts)] == again
        found = table.find(dropped, buffers)
        assert (found == -1).all()


class TestKnownWords:
    """Words that are given are found, and counted, however rare they are."""

    @pytest.mark.parametrize("workers", [1, 3])
    def test_a_given_vocabulary(self, workers):
        lines = text_of(4)
        true = Counter(chain(*lines))
        rare = [word for word, count in true.items() if count == 1][::50]
        words = [*[word for word, _ in true.most_common(20)], *rare, "absent"]
        given = np.arange(len(words), 0, -1)
        corpus = corpus_of_lines(lines)
        found = use_vocabulary(corpus, words, given, workers, table_limit=TINY)
        assert found.words == words
        assert "1 of the" in str(found.warning)
        assert found.dropped > 0
        encoded = encode_corpus(corpus, found, workers)
        kept = [word for word in chain(*lines) if word in set(words)]
        assert [words[k] for k in encoded.tokens[:].tolist()] == kept
        assert found.tokens == len(kept)
        assert found.corpus_words == sum(true.values())

    def test_new_words_for_which_there_is_no_place_are_not_missing(self):
        lines, counts = text_of(5), np.array([7, 7])
        settings = {"min_count": 1, "table_limit": TINY}
        for most, may_be_missing in [(2, False), (4, False), (2000, True)]:
            found = extend_vocabulary(
                corpus_of_lines(lines), ["the", "w1"], counts, max_vocabulary=most, **settings
            )
            assert found.dropped > 0
            assert len(found) == most or may_be_missing
            assert (found.warning is not None) == may_be_missing

    @pytest.mark.parametrize("min_count", [None, 3, 20])
    def test_an_earlier_model(self, min_count):
        lines = text_of(5)
        true = Counter(chain(*lines))
        rare = [word for word, count in true.items() if count == 1][::50]
        counts = np.full(len(rare) + 1, 7, dtype=np.int64)
        corpus = corpus_of_lines(lines)
        found = extend_vocabulary(
            corpus, [*rare, "absent"], counts, min_count, workers=2, table_limit=TINY
        )
        expected = extend_vocabulary(
            corpus_of_lines(lines), [*rare, "absent"], counts, min_count, workers=2
        )
        if min_count is None or found.dropped < min_count:
            assert found.words == expected.words
            assert found.counts.tolist() == expected.counts.tolist()
        may_be_missing = min_count is not None and found.dropped >= min_count
        assert ("some that are seen up to" in str(found.warning)) == may_be_missing
        both = set(found.words) & set(expected.words)
        assert {*rare, "absent"} <= both
        encoded = encode_corpus(corpus, found, 2)
        kept = [word for word in chain(*lines) if word in set(found.words)]
        assert [found.words[k] for k in encoded.tokens[:].tolist()] == kept


def test_the_least_size_holds_a_stretch():
    assert 3 * word_table._FEWEST_SLOTS // 4 > 2 * 576
