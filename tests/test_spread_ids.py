"""Ids that lie in pieces on workers, as a text and as parts of one, without any cluster."""

from dataclasses import replace

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from w2v.kernels.state import Schedule, Text
from w2v.kernels.windows import find_reach
from w2v.text.distant_ids import DistantIds, Runs
from w2v.text.encoded_pieces import (
    EncodedPiece,
    fingerprint_of,
    frequencies_of,
    sentence_offsets,
)
from w2v.text.encoding import EncodedCorpus
from w2v.text.held_out import hold_out
from w2v.text.id_prints import joined_print, print_of
from w2v.training.cluster import text_store
from w2v.training.cluster.orders import Order, Stretch
from w2v.training.cluster.pieces import ahead_of
from w2v.training.cluster.source import Source, Sources
from w2v.training.cluster.text_store import TextStore
from w2v.training.engines.stretches import as_text
from w2v.training.sampling import keep_thresholds


class Future:
    """A result that is there."""

    def __init__(self, result):
        self.value = result

    def done(self):
        return True


class Pieces(DistantIds):
    """Ids in pieces that are here."""

    def __init__(self, pieces, runs=None):
        starts = np.cumsum([0, *(len(each.tokens) for each in pieces)])
        runs = Runs.of(np.array([[0, starts[-1]]])) if runs is None else runs
        self.pieces = pieces
        self.source = Source(tuple(map(str, range(len(pieces)))), starts, runs)
        self.asked = 0

    def fetch(self, spans):
        self.asked += 1

        def give(function, piece, ranges):
            return Future(function(piece, ranges))

        def wait(futures):
            return [each.value for each in futures]

        return self.source.fetch(spans, self.pieces.__getitem__, give, wait)

    def __len__(self):
        return self.source.size

    def __getitem__(self, part):
        return self.fetch([part.indices(len(self))[:2]])[0].tokens

    def counts(self, words):
        raise NotImplementedError

    def fingerprint(self):
        return joined_print(
            fingerprint_of(self.pieces[piece], starts, stops)
            for piece, starts, stops in self.source.ranges()
        )

    def part(self, runs):
        return Pieces(self.pieces, runs)


def text_of(lengths, borders):
    """A text in pieces of these lengths, whose sentences end at these places and at its end."""
    size = sum(lengths)
    tokens = np.arange(size, dtype=np.int32)
    ends = np.unique([*(border % (size + 1) for border in borders), size])
    stops = np.cumsum(lengths)
    bounds = [(int(stop) - length, int(stop)) for stop, length in zip(stops, lengths, strict=True)]
    owned = [[] for _ in bounds]
    for end in ends.tolist():
        # A sentence that ends between pieces was seen in any of them, perhaps in an empty one.
        owners = [k for k, (start, stop) in enumerate(bounds) if start <= end <= stop]
        owned[owners[end % len(owners)]].append(end)
    pieces = [
        EncodedPiece(tokens[start:stop].copy(), np.array(own, dtype=np.int64) - start)
        for (start, stop), own in zip(bounds, owned, strict=True)
    ]
    offsets = sentence_offsets([(len(each.tokens), each.ends) for each in pieces], False)
    return Pieces(pieces), EncodedCorpus(tokens, offsets)


TEXTS = st.tuples(
    st.lists(st.integers(0, 30), min_size=1, max_size=6).filter(lambda each: sum(each) > 20),
    st.lists(st.integers(0, 200), max_size=12),
)


def assert_fetched(distant, corpus, low, high):
    """What is fetched has all borders inside, and those at its ends that are known."""
    [found] = distant.fetch([(low, high)])
    np.testing.assert_array_equal(found.tokens, corpus.tokens[low:high])
    offsets = corpus.sentence_offsets
    inside = offsets[(offsets > low) & (offsets < high)]
    borders = found.borders
    np.testing.assert_array_equal(borders[(borders > low) & (borders < high)], inside)
    assert set(found.borders.tolist()) <= set(offsets.tolist())
    assert found.offset == low


@examples(200, derandomize=True)
@given(TEXTS, st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=5),
       st.floats(0.05, 0.6), st.integers(0, 5))  # fmt: skip
def test_any_part_of_a_text_is_fetched(text, spans, share, seed):
    distant, corpus = text_of(*text)
    both = [(distant, corpus)]
    if len(corpus.sentence_offsets) > 4:
        away = hold_out(EncodedCorpus(distant, corpus.sentence_offsets), share, seed)
        here = hold_out(EncodedCorpus(corpus.tokens.copy(), corpus.sentence_offsets), share, seed)
        for one, other in zip(away, here, strict=True):
            np.testing.assert_array_equal(one.sentence_offsets, other.sentence_offsets)
            both.append((one.tokens, other))
    for ids, expected in both:
        size = len(expected.tokens)
        assert len(ids) == size
        assert ids.fingerprint() == print_of(expected.tokens)
        for low, high in [(0, size), *spans]:
            assert_fetched(ids, expected, *sorted((low % (size + 1), high % (size + 1))))


def test_long_sentences_are_held_out_in_blocks():
    distant, corpus = text_of([5_000, 3_000, 4_000], [100, 9_000])
    kept, held = hold_out(EncodedCorpus(distant, corpus.sentence_offsets), 0.3, 1)
    expected = hold_out(corpus, 0.3, 1)
    for one, other in zip((kept, held), expected, strict=True):
        np.testing.assert_array_equal(one.sentence_offsets, other.sentence_offsets)
        np.testing.assert_array_equal(one.tokens[:], other.tokens)


def test_ids_are_counted_in_ranges(monkeypatch):
    from w2v.text import encoded_pieces

    monkeypatch.setattr(encoded_pieces, "_AT_ONCE", 10)
    ids = np.random.default_rng(1).integers(0, 5, 100).astype(np.int32)
    piece = EncodedPiece(ids, np.array([100]))
    starts, stops = np.array([0, 30, 90]), np.array([25, 31, 100])
    expected = np.bincount(np.concatenate([ids[:25], ids[30:31], ids[90:]]), minlength=7)
    np.testing.assert_array_equal(frequencies_of(piece, starts, stops, 7), expected)


class TestTheTextOfAWorker:
    """It fetches as much as the windows of an epoch reach, and no more often than it must."""

    LENGTHS = (700, 800, 0, 1_500)

    def order(self, key, stretches):
        schedule = Schedule(0.05, 0.0, 0.05, 0, np.uint64(key), 5, 1, 512, np.uint64(0))
        return Order(
            number=1, text="text", schedule=schedule, peers=(), place=0, begins=(0,),
            rounds=(stretches,), laps=1, joined=1, trees=(), pieces=(), changes_nothing=False,
        )  # fmt: skip

    @pytest.mark.parametrize("borders", [[], [1_000], list(range(0, 3_000, 7))])
    @pytest.mark.parametrize("memory_limit", [0, 10**9])
    def test_has_all_that_windows_reach(self, monkeypatch, borders, memory_limit):
        monkeypatch.setattr(text_store, "_MARGIN", 4)
        monkeypatch.setattr(text_store, "_MARGIN_EACH", 1)
        distant, corpus = text_of(self.LENGTHS, borders)
        keep = keep_thresholds(np.full(3_000, 0.2))  # windows reach far
        store = TextStore(
            keep, Sources({"text": distant.source}, memory_limit),
            lambda source, spans, check: distant.fetch(spans),
        )  # fmt: skip
        whole = Text(corpus.tokens, 0, corpus.sentence_offsets, keep)
        spans = [(0, 100), (100, 1_499), (1_499, 1_500), (1_500, 2_900), (2_900, 3_000)]
        stretches = (*(Stretch(k, *span) for k, span in enumerate(spans)), Stretch(5, 3_000, 3_000))
        for key in range(40):
            schedule = self.order(key, stretches).schedule
            store.fill(self.order(key, stretches), lambda: None)
            for start, stop in spans:
                text = store.text("text", start)
                low, high = find_reach(whole, start, stop, schedule)
                assert find_reach(text, start, stop, schedule) == (low, high)
                assert text.offset <= low <= high <= text.offset + len(text.tokens)
                part = slice(low - text.offset, high - text.offset)
                np.testing.assert_array_equal(text.tokens[part], corpus.tokens[low:high])
        assert len(store.text("text", 3_000).tokens) == 0
        assert distant.asked < 20
        assert distant.asked > 1 or len(borders) > 9  # short sentences end at once

    def test_that_is_replaced_takes_no_memory(self, monkeypatch):
        """Each time more is fetched, it takes the room of what was there."""
        monkeypatch.setattr(text_store, "_MARGIN", 0)
        monkeypatch.setattr(text_store, "_MARGIN_EACH", 1)
        distant, corpus = text_of(self.LENGTHS, [])
        keep = keep_thresholds(np.full(3_000, 0.05))  # windows reach far
        whole = corpus.tokens.nbytes + corpus.sentence_offsets.nbytes
        store = TextStore(
            keep, Sources({"text": distant.source}, whole),
            lambda source, spans, check: distant.fetch(spans),
        )  # fmt: skip
        store.fill(self.order(1, (Stretch(0, 10, 2_990),)), lambda: None)
        assert distant.asked > 1
        assert isinstance(store._kept["text", 10].tokens, np.ndarray)

    def test_is_fetched_ahead(self):
        distant, _ = text_of(self.LENGTHS, [1_000])
        ahead = ahead_of(
            as_text(EncodedCorpus(distant, np.array([0, 3_000])), np.zeros(1, np.uint64)),
            [[(600, 900), (900, 1_200)], [(1_200, 1_500), (1_500, 1_700)]], range(1, 2),
        )  # fmt: skip
        assert ahead == (Stretch(1, 900, 1_200), Stretch(1, 1_500, 1_700))
        store = TextStore(
            keep_thresholds(np.ones(3_000)), Sources({"text": distant.source}, 10**9),
            lambda source, spans, check: distant.fetch(spans),
        )  # fmt: skip
        first = replace(self.order(1, (Stretch(1, 0, 300),)), ahead=ahead)
        store.fill(first, lambda: None)
        store.fill(self.order(1, (Stretch(1, 900, 1_200), Stretch(1, 1_500, 1_700))), lambda: None)
        assert distant.asked == 1

    def test_ends_where_it_is_not_wanted(self):
        distant, _ = text_of(self.LENGTHS, [])

        def fetch(source, spans, check):
            check()

        def stop():
            raise InterruptedError

        keep = keep_thresholds(np.ones(3_000))
        store = TextStore(keep, Sources({"text": distant.source}, 0), fetch)
        with pytest.raises(InterruptedError):
            store.fill(self.order(1, (Stretch(0, 0, 100),)), stop)
