"""The toy corpus: about 300,000 generated words whose grammar plants the answers.

Every noun has attributes, and a sentence about it is made of phrases that describe them: *king*
is male, adult and royal, hence "in the palace the king shaved his beard and paid the tax".
*Queen* differs in one attribute, so her sentences differ in the phrases of that one. As words
get their vectors from their contexts, a vector becomes a sum over attributes, and the planted
answers (`questions()`, `NEARER`, `ODD_ONE_OUT`) follow:

- king - man + woman = queen, and so on for all pairs of `GENDERS`;
- paris - france + germany = berlin: a country shares phrases with its capital alone;
- cats - cat + dog = dogs, for all pairs of `PLURALS`;
- cat is nearer to dog than to car;
- cereal does not belong to breakfast, lunch and dinner.

The text is the same on every machine and in every version of Python.
"""

import random
from collections.abc import Sequence
from functools import cache
from itertools import permutations
from typing import TypeVar

from w2v_corpora.toy_grammar import CAPITALS, GENDERS, PLURALS, Noun, nouns

__all__ = ["CAPITALS", "GENDERS", "NEARER", "ODD_ONE_OUT", "PLURALS", "questions", "text"]

_LEAST_WORDS = 300_000
_SEED = 2013
_Item = TypeVar("_Item")

# The first word is nearer to the second than to the third, by cosine and by Euclidean distance.
NEARER = [
    ("cat", "dog", "car"),
    ("cats", "dogs", "cars"),
    ("cappuccino", "espresso", "train"),
    ("breakfast", "lunch", "cereal"),
    ("king", "queen", "boy"),
]

# The last word is the one that does not belong.
ODD_ONE_OUT = [
    ("breakfast", "lunch", "dinner", "cereal"),
    ("cat", "dog", "horse", "car"),
    ("espresso", "cappuccino", "tea", "truck"),
    ("king", "queen", "prince", "cow"),
]


class _Draws:
    """Choices by random() alone, whose sequence stays the same in all versions of Python."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def one_of(self, items: Sequence[_Item]) -> _Item:
        return items[int(self._random() * len(items))]

    def shuffled(self, items: Sequence[_Item]) -> list[_Item]:
        rest = list(items)
        return [rest.pop(int(self._random() * len(rest))) for _ in items]


def _sentence(noun: Noun, draws: _Draws) -> str:
    """Put one phrase before the noun and two different ones after it."""
    first, second, third = draws.shuffled(noun.attributes)[:3]
    after = draws.one_of(second.after)
    more = draws.one_of([phrase for phrase in third.after if phrase != after])
    return f"{draws.one_of(first.before)} {noun.word} {after} and {more}"


@cache
def text() -> bytes:
    """Return the corpus as UTF-8: lower-case words, one sentence a line."""
    draws = _Draws(_SEED)
    all_nouns = nouns()
    lines: list[str] = []
    words = 0
    while words < _LEAST_WORDS:
        # Each round has every noun once, so that none is rare by chance.
        round_lines = [_sentence(noun, draws) for noun in draws.shuffled(all_nouns)]
        words += sum(line.count(" ") + 1 for line in round_lines)
        lines += round_lines
    return "\n".join([*lines, ""]).encode()


def questions() -> str:
    """Return the planted analogies in the form of questions-words.txt."""
    lines = []
    for section, pairs in (
        ("capitals", CAPITALS),
        ("family", GENDERS),
        ("gram-plural", PLURALS),
    ):
        lines.append(f": {section}")
        lines += [" ".join((*first, *second)) for first, second in permutations(pairs, 2)]
    return "\n".join([*lines, ""])
