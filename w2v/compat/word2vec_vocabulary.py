"""Which words of a corpus get vectors: gensim's rules, applied to counts."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# What a `trim_rule` returns: apply `min_count`, leave the word out, keep the word.
RULE_DEFAULT, RULE_DISCARD, RULE_KEEP = 0, 1, 2

TrimRule = Callable[[Any, int, int], int]

_GOLDEN = (3 + 5**0.5) / 2  # the word seen n times is kept with certainty if t is n / _GOLDEN


def is_kept(word: Hashable, count: int, min_count: int, trim_rule: TrimRule | None) -> bool:
    """Return whether a word gets a vector.

    Parameters
    ----------
    word : hashable
        The word.
    count : int
        How often it was seen.
    min_count : int
        The least count of a word that no rule decides about.
    trim_rule : callable or None
        Called with these three; returns one of the three rules.
    """
    rule = RULE_DEFAULT if trim_rule is None else trim_rule(word, count, min_count)
    return rule == RULE_KEEP or (rule != RULE_DISCARD and count >= min_count)


def prune(counts: Counter[Any], min_count: int, trim_rule: TrimRule | None) -> None:
    """Take the words out of `counts` that would get no vector with this `min_count`."""
    for word in [word for word in counts if not is_kept(word, counts[word], min_count, trim_rule)]:
        del counts[word]


def final_min_count(counts: Iterable[int], min_count: int, most_words: int | None) -> int:
    """Return the least count with which at most `most_words` words are left.

    Words with the same count stay or go together, so that fewer may be left.

    Parameters
    ----------
    counts : iterable of int
        The count of each word.
    min_count : int
        The result is never below it.
    most_words : int or None
        None keeps all words.
    """
    ranked = sorted(counts, reverse=True)
    if most_words is None or most_words >= len(ranked):
        return min_count
    return max(min_count, ranked[most_words] + 1)


@dataclass(frozen=True)
class Choice:
    """The words of a corpus that get vectors, and how many do not.

    Attributes
    ----------
    words : list
        In the order of their first appearance.
    total : int
        How often all of them were seen.
    dropped_words, dropped_total : int
        The other words, and how often they were seen.
    """

    words: list[Any]
    total: int
    dropped_words: int
    dropped_total: int

    @classmethod
    def of(cls, counts: Mapping[Any, int], min_count: int, trim_rule: TrimRule | None) -> "Choice":
        """Choose among the words of `counts`; for the other parameters see `is_kept`."""
        words = [word for word in counts if is_kept(word, counts[word], min_count, trim_rule)]
        total = sum(counts[word] for word in words)
        dropped = len(counts) - len(words)
        return cls(words, total, dropped, sum(counts.values()) - total)


def sample_share(sample: float | None, total: int) -> float:
    """Return gensim's `sample` as a share of all words, 0 to 1; 0 thins out no word.

    Parameters
    ----------
    sample : float or None
        A share below 1; or, from 1 on, the count above which words are thinned out.
    total : int
        How often all words with vectors were seen.
    """
    if not sample:
        return 0.0
    if sample < 1:
        return float(sample)
    share = int(sample * _GOLDEN) / max(1, total)
    return share if share < 1 else 0.0


def thinned(counts: NDArray[np.int64], kept: NDArray[np.float64]) -> tuple[int, int]:
    """Return how many words subsampling thins out, and about how many tokens are left.

    Parameters
    ----------
    counts : int64 (n,)
        The count of each word.
    kept : float64 (n,)
        The probability that a token of it is kept.
    """
    return int((kept < 1).sum()), int((counts * kept).sum())
