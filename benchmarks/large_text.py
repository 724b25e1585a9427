"""A text of many distinct words: they look like words, and their counts follow Zipf's law."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.spelling import spell

_ONSETS = [*"bdfghjklmnprstvwz", "br", "ch", "kl", "pr", "sch", "st", "str", "tr"]
_VOWELS = [*"aeiouéü", "ei", "ou"]
_CODAS = ["", "", "n", "s", "r", "ng", "ts"]
_SYLLABLES = ["".join(pair) for pair in product(_ONSETS, _VOWELS)]
_MIXING = 1_000_003  # prime to the number of syllables: neighbours in rank are not alike
_LINE = 20  # words
_TOKENS_AT_ONCE = 1 << 22


def made_words(size: int) -> list[str]:
    """Return distinct words, the commonest first, which are shorter.

    A word is a number written in syllables, so two words are never the same. One in five has a
    capital, and one in four a letter of two bytes.
    """
    words: list[str] = []
    first, length = 0, 1
    while len(words) < size:
        count = len(_SYLLABLES) ** length
        ranks = np.arange(min(count, size - len(words)), dtype=np.int64)
        numbers = ranks * _MIXING % count
        digits = numbers[:, np.newaxis] // len(_SYLLABLES) ** np.arange(length) % len(_SYLLABLES)
        parts = np.array(_SYLLABLES, dtype=object)[digits]
        made = parts[:, 0]
        for place in range(1, length):
            made = made + parts[:, place]
        made = made + np.array(_CODAS, dtype=object)[numbers % len(_CODAS)]
        words += [*made.tolist()]
        first, length = first + count, length + 1
    for row in range(4, size, 5):
        words[row] = words[row].capitalize()
    return words


def zipf_counts(size: int, least: int) -> NDArray[np.int64]:
    """Return the counts of words by Zipf's law, int64 (size,); the rarest is seen `least` times."""
    return least * size // np.arange(1, size + 1, dtype=np.int64)


def write_text(path: Path, words: list[str], counts: NDArray[np.int64]) -> None:
    """Write a text in which each word occurs as often as its count, in lines of twenty words."""
    letters, starts = packed(words)
    with path.open("wb") as stream:
        for tokens in _shuffled(counts):
            ends = np.append(np.arange(_LINE, len(tokens), _LINE), len(tokens)).astype(np.int64)
            size = int((np.diff(starts)[tokens] + 1).sum())
            text = np.empty(size, dtype=np.uint8)
            spell(tokens, ends, letters, starts, text)
            stream.write(text.data)


def packed(words: list[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the bytes of all words, end to end, and where each begins (one more than words)."""
    encoded = [word.encode() for word in words]
    starts = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), starts


def _shuffled(counts: NDArray[np.int64]) -> Iterator[NDArray[np.int32]]:
    """Yield the text as ids, in parts, each word spread evenly over them, in any order inside."""
    generator = np.random.default_rng(1)
    parts = -(-int(counts.sum()) // _TOKENS_AT_ONCE)
    shift = generator.random(len(counts))
    before = np.floor(shift)
    for part in range(1, parts + 1):
        after = np.floor(counts * (part / parts) + shift)
        ids = np.repeat(np.arange(len(counts), dtype=np.int32), (after - before).astype(np.int64))
        generator.shuffle(ids)
        before = after
        yield ids
