"""The toy corpus is the same everywhere, reads like text and holds what it plants often enough."""

import hashlib
from collections import Counter
from itertools import chain

import pytest

from w2v_corpora import KNOWN, toy

CHECKSUM = "29c4d8bcfac5caf837d77cbda3127a1dd0643f0362bb50c8248b9dd37e89ad83"


@pytest.fixture(scope="module")
def counts() -> Counter[str]:
    return Counter(toy.text().decode().split())


def test_the_text_is_the_same_everywhere() -> None:
    assert hashlib.sha256(toy.text()).hexdigest() == CHECKSUM
    fresh = toy.text.__wrapped__()
    assert fresh == toy.text()
    assert fresh is not toy.text()


def test_it_has_about_300000_words_as_many_as_the_registry_says(counts: Counter[str]) -> None:
    assert abs(counts.total() - 300_000) < 3000
    assert KNOWN["toy"].words == counts.total()
    assert 300 <= len(counts) <= 800


def test_it_is_lines_of_lower_case_words() -> None:
    text = toy.text().decode()
    assert text.endswith("\n")
    lines = text.splitlines()
    assert set(text) == set("abcdefghijklmnopqrstuvwxyz \n")
    assert all(line == " ".join(line.split()) for line in lines)
    assert all(5 <= len(line.split()) <= 30 for line in lines)


def test_function_words_are_as_frequent_as_in_english(counts: Counter[str]) -> None:
    assert counts.most_common(1)[0][0] == "the"
    assert 0.05 < counts["the"] / counts.total() < 0.2
    assert min(counts.values()) >= 20  # nothing is lost to min_count


def test_every_planted_word_is_frequent_enough_to_be_learned(counts: Counter[str]) -> None:
    pairs = chain(toy.GENDERS, toy.CAPITALS, toy.PLURALS, toy.NEARER, toy.ODD_ONE_OUT)
    for word in chain.from_iterable(pairs):
        assert counts[word] >= 150, word


def test_planted_twins_keep_the_same_company() -> None:
    """Of the words around king and queen those of royalty are shared, those of gender are not."""
    contexts = {word: Counter[str]() for word in ("king", "queen", "man", "woman")}
    for line in toy.text().decode().splitlines():
        words = line.split()
        for word in contexts.keys() & set(words):
            contexts[word].update(words)
    shares = {
        marker: {word: context[marker] / context[word] for word, context in contexts.items()}
        for marker in ("castle", "market", "his", "her")
    }
    assert min(shares["castle"][word] for word in ("king", "queen")) > 0.1
    assert min(shares["market"][word] for word in ("man", "woman")) > 0.1
    assert min(shares["his"][word] for word in ("king", "man")) > 0.1
    assert min(shares["her"][word] for word in ("queen", "woman")) > 0.1
    for marker, without in (
        ("castle", ("man", "woman")),
        ("market", ("king", "queen")),
        ("his", ("queen", "woman")),
        ("her", ("king", "man")),
    ):
        assert [shares[marker][word] for word in without] == [0, 0], marker


def test_the_questions_have_the_form_of_questions_words() -> None:
    lines = toy.questions().splitlines()
    sections = [line for line in lines if line.startswith(":")]
    assert sections == [": capitals", ": family", ": gram-plural"]
    rows = [line.split() for line in lines if not line.startswith(":")]
    assert all(len(set(row)) == 4 for row in rows)
    assert len(rows) == sum(
        len(pairs) * (len(pairs) - 1) for pairs in (toy.GENDERS, toy.CAPITALS, toy.PLURALS)
    )
    for question in (
        ["king", "queen", "man", "woman"],
        ["france", "paris", "germany", "berlin"],
        ["cat", "cats", "dog", "dogs"],
    ):
        assert question in rows


def test_the_words_of_the_examples_are_there(counts: Counter[str]) -> None:
    examples = "king man woman queen cat dog car cats dogs cars paris france espresso cappuccino"
    for word in f"{examples} breakfast cereal dinner lunch".split():
        assert counts[word] >= 150, word
