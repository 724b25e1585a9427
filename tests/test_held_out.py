"""Holding out: whole sentences or blocks of long ones, none lost, none in both parts."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v.errors import CorpusError
from w2v.text.encoding import EncodedCorpus
from w2v.text.held_out import LONGEST_UNIT, hold_out


def corpus_of_lengths(lengths):
    """Every token is its own position, so that it tells where it came from."""
    offsets = np.cumsum([0, *lengths], dtype=np.int64)
    return EncodedCorpus(np.arange(offsets[-1], dtype=np.int32), offsets)


def units_of(lengths):
    """The naive way: cut every sentence into blocks."""
    units, start = [], 0
    for length in lengths:
        for first in range(start, start + length, LONGEST_UNIT):
            units.append(range(first, min(first + LONGEST_UNIT, start + length)))
        start += length
    return units


def sentences(corpus):
    offsets = corpus.sentence_offsets
    return [corpus.tokens[a:b].tolist() for a, b in pairwise(offsets)]


@given(
    st.lists(st.sampled_from([1, 2, 7, 999, 1000, 1001, 2500]), min_size=2, max_size=40),
    st.floats(0.001, 0.9),
    st.integers(0, 2**63 - 1),
)
def test_every_unit_is_in_one_part_and_no_sentence_crosses_a_gap(lengths, share, seed):
    units = units_of(lengths)
    wanted = max(1, round(share * len(units)))
    if wanted >= len(units):
        with pytest.raises(CorpusError, match="leaves nothing to train on"):
            hold_out(corpus_of_lengths(lengths), share, seed)
        return
    rest, held = hold_out(corpus_of_lengths(lengths), share, seed)
    chosen = [list(unit) for unit in units if unit[0] in set(held.tokens.tolist())]
    assert sentences(held) == chosen
    assert len(chosen) == wanted
    together = sorted(rest.tokens.tolist() + held.tokens.tolist())
    assert together == list(range(sum(lengths)))
    expected, start = [], 0
    gone = set(held.tokens.tolist())
    for length in lengths:  # what stays of each sentence, cut at the gaps
        run = []
        for token in range(start, start + length):
            if token in gone:
                expected += [run] if run else []
                run = []
            else:
                run.append(token)
        expected += [run] if run else []
        start += length
    assert sentences(rest) == expected


def test_the_choice_is_the_seed_s():
    lengths = [20] * 1000
    held = [
        hold_out(corpus_of_lengths(lengths), 0.01, seed)[1].tokens.tolist() for seed in (1, 1, 2)
    ]
    assert held[0] == held[1] != held[2]
    assert len(held[0]) == 200
