"""Phrases are counted in parts: fingerprints, cuts of the text, the same result from any parts."""

import itertools
from collections import Counter

import numpy as np
import pytest

import w2v
from w2v.kernels.jit import JIT_ENABLED
from w2v.kernels.joining import join_phrases, next_cut
from w2v.kernels.prints import add_prints
from w2v.phrases.counting import count_phrases
from w2v.phrases.prints import SPACE, GrowingTable, fingerprints
from w2v.phrases.text import PhraseText


def text_of(sentences, workers=1, memory_limit=None, connectors=()):
    corpus = w2v.open_corpus(sentences)
    return PhraseText(corpus, connectors, workers, memory_limit)


class TestFingerprints:
    def test_they_are_compositions_of_maps_modulo_a_prime(self):
        prime = 2**61 - 1
        maps = fingerprints([bytes([letter]) for letter in range(256)]).tolist()
        assert all(0 < number < prime for pair in maps for number in pair)
        for text in (b"", b"a", bytes(range(256)), "한국 new york".encode() * 9, b"\xff" * 99):
            factor, total = 1, 0
            for letter in text:
                factor = factor * maps[letter][0] % prime
                total = (total * maps[letter][0] + maps[letter][1]) % prime
            assert fingerprints([text]).tolist() == [[factor, total]]

    def test_texts_that_are_alike_differ(self):
        """Modulo 2^64, words of the Thue-Morse sequence collide, whatever their letters are."""
        one, other = b"a", b"b"
        while len(one) < (1 << 11 if JIT_ENABLED else 1 << 7):
            one, other = one + other, other + one
        texts = [one, other, one + b"_" + other, other + b"_" + one, b"ab" * 512 + b"cd" * 512]
        texts += [b"cd" * 512 + b"ab" * 512, *map(bytes, itertools.permutations(b"listen"))]
        sums = fingerprints(texts)[:, 1].tolist()
        assert len(set(sums)) == len(texts)
        # No bit of the sum is the same in all anagrams.
        anagrams = sums[-720:]
        assert all({total >> bit & 1 for total in anagrams} == {0, 1} for bit in range(61))


class TestParts:
    @pytest.mark.parametrize(("workers", "limit"), [(1, 10_000), (3, None), (2, 5_000)])
    def test_the_result_is_the_same_from_any_number_of_parts(self, workers, limit):
        rng = np.random.default_rng(5)
        names = [f"word{number}" for number in range(60)]
        sentences = [[names[k] for k in rng.integers(60, size=9)] for _ in range(200)]
        whole = count_phrases(text_of(sentences), "_", 2)
        other = count_phrases(text_of(sentences, workers, limit), "_", 2)
        for name in ("places", "counts", "word_counts"):
            assert np.array_equal(getattr(whole, name), getattr(other, name))
        pairs = Counter(pair for words in sentences for pair in itertools.pairwise(words))
        assert whole.distinct == other.distinct == len(pairs) + 60
        assert sorted(whole.counts) == sorted(count for count in pairs.values() if count >= 2)

    def test_a_table_grows(self):
        table = GrowingTable()
        texts = [f"{number}".encode() for number in range(100_000 if JIT_ENABLED else 40_000)]
        prints = fingerprints(texts)
        for first, stop in table.steps(len(texts)):
            add_prints(prints[first:stop], table.columns)
        assert len(table) == len(texts)
        assert len(table.columns.records) > 1 << 16

    def test_the_text_is_cut_where_no_phrase_reaches_across(self):
        """Joined in two parts, cut at any place, the text is that joined in one."""
        sentences = ["a b c of d a b a of b of", "c of of d b c d of c a b d"]
        phrases = ["a b", "b c", "c of d", "a of b", "c of of d"]
        connectors = {"of"}
        for first in range(25):
            texts = [text_of(map(str.split, sentences), connectors=connectors) for _ in range(2)]
            results = []
            for text, place in zip(texts, (0, first), strict=True):
                targets = text.entries([phrase.replace(" ", "_") for phrase in phrases])
                table = GrowingTable()
                add_prints(fingerprints([phrase.encode() for phrase in phrases]), table.columns)
                known = text.words, fingerprints([SPACE])[0], table.columns
                cut = next_cut(text.tokens, text.offsets, place, *known)
                assert cut >= min(place, len(text.tokens))
                ids, sizes = [], []
                for begin, end in ((0, cut), (cut, len(text.tokens))):
                    ends = text.ends(begin, end) - begin
                    kept = join_phrases(text.tokens[begin:end], ends, *known, targets)
                    ids += text.tokens[begin : begin + kept].tolist()
                    sizes += ends.tolist()
                results.append(text.table.words(np.array(ids)))
            assert results[0] == results[1]
        assert "c_of_of_d" in results[0]

    def test_fingerprints_of_parts_make_that_of_the_whole(self):
        texts = [b"new", b"_", b"york", b"new_york", b"n", b"ew_york", "한국".encode(), b""]
        prints = fingerprints(texts).tolist()

        def followed(first, second):
            factor, total = first[0] * second[0], first[1] * second[0] + second[1]
            return [factor % (2**61 - 1), total % (2**61 - 1)]

        assert followed(followed(prints[0], prints[1]), prints[2]) == prints[3]
        assert followed(prints[4], prints[5]) == prints[3]
        assert prints[7] == [1, 0]
        assert len({tuple(each) for each in prints}) == len(prints) - 0
