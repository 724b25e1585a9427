"""fastText's n-grams: the rows that each word's n-grams are hashed to, and the means of rows.

Words are bytes here, because fastText hashes bytes. A character is one byte together with all
bytes of the form 10xxxxxx that follow it, whether or not this is valid UTF-8.

Source: `Dictionary::computeSubwords` in https://github.com/facebookresearch/fastText.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from w2v.formats.word_matrix import Ngrams
from w2v.matrices import Matrix

LONGEST_NGRAM = 50  # characters; longer n-grams of long words would take too long to hash
LONGEST_HASHED_WORD = 10_000  # bytes
_LONGEST_RUN = 64  # bytes of one character; valid UTF-8 has at most four
_RUN = re.compile(rb"[\x80-\xbf]{%d}" % _LONGEST_RUN)

_FIRST_HASH, _PRIME = np.uint32(2166136261), np.uint32(16777619)  # FNV-1a
_TEXT_AT_ONCE = 1 << 14  # bytes of words in a block: their hashes fit the cache
_NUMBERS_AT_ONCE = 1 << 19  # numbers in a block of sums: these fit the cache, too
_FEW = 8  # for so few words, a loop over words is faster than a loop over rows


def words_too_long(words: Sequence[bytes]) -> list[int]:
    """Return the places of words that are so long that their n-grams are not computed."""
    # Real words are far shorter. Without the bounds a small malicious file could take hours.
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    return [
        place
        for place in np.flatnonzero(lengths >= _LONGEST_RUN).tolist()
        if lengths[place] > LONGEST_HASHED_WORD or _RUN.search(words[place])
    ]


def average_with_ngrams(matrix: Matrix, words: Sequence[bytes], ngrams: Ngrams) -> None:
    """Replace each word's own row, in place, by the mean of it and the rows of its n-grams.

    The sums are rounded as in fastText and gensim.

    Parameters
    ----------
    matrix : ndarray of float32, shape (V, d)
        The words' own rows; overwritten.
    words : sequence of bytes
        V words.
    ngrams : Ngrams
        The rows of n-grams.
    """
    lengths = np.fromiter(map(len, words), np.int64, len(words)) + 2
    ends = np.cumsum(lengths)
    most = max(1, _NUMBERS_AT_ONCE // matrix.shape[1])
    start = 0
    while start < len(words):
        text_end = int(ends[start] - lengths[start]) + _TEXT_AT_ONCE
        stop = max(start + 1, int(np.searchsorted(ends, text_end)))
        stop = min(stop, start + most)
        buckets, counts = ngram_buckets(words[start:stop], ngrams)
        _add_rows(matrix[start:stop], ngrams.rows, buckets, counts)
        matrix[start:stop] /= (counts + 1).astype(np.float32)[:, np.newaxis]
        start = stop


def _add_rows(
    sums: Matrix, rows: Matrix, buckets: NDArray[np.intp], counts: NDArray[np.intp]
) -> None:
    """Add the rows of its buckets to each of the sums (n, d); sum i has counts[i] buckets."""
    # Each step adds the next row of all words at once. Words with most rows come first, so the
    # words that still have a next row are always at the front.
    order = np.argsort(-counts, kind="stable")
    falling = -counts[order]
    first = (np.cumsum(counts) - counts)[order]
    steps = -int(falling[_FEW]) if len(order) > _FEW else 0
    ordered = sums[order]
    taken = np.empty_like(ordered)
    for step in range(steps):
        active = int(np.searchsorted(falling, -step))
        np.take(rows, buckets[first[:active] + step], axis=0, out=taken[:active], mode="clip")
        ordered[:active] += taken[:active]
    at_once = max(1, _NUMBERS_AT_ONCE // sums.shape[1])
    for place in range(min(_FEW, len(order))):
        end = int(first[place] - falling[place])
        for start in range(int(first[place]) + steps, end, at_once):
            some = buckets[start : min(end, start + at_once)]
            summands = np.concatenate([ordered[place : place + 1], rows[some]])
            ordered[place] = np.add.accumulate(summands, axis=0)[-1]  # always in this order
    sums[order] = ordered


def ngram_buckets(
    words: Sequence[bytes], ngrams: Ngrams
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows that the n-grams of words are hashed to.

    Parameters
    ----------
    words : sequence of bytes
        n words, at least one.
    ngrams : Ngrams
        The lengths of n-grams and their rows.

    Returns
    -------
    buckets : ndarray of intp, shape (sum of counts,)
        The row of each n-gram, word after word. The n-grams of a word come in fastText's order: by
        first character, then by length.
    counts : ndarray of intp, shape (n,)
        The number of n-grams of each word.
    """
    text = np.frombuffer(b"<" + b"><".join(words) + b">", dtype=np.uint8)
    starts = np.flatnonzero((text & 0xC0) != 0x80)  # where characters start
    lengths = np.fromiter(map(len, words), np.int64, len(words)) + 2
    ends = np.searchsorted(starts, np.cumsum(lengths))  # where words end, in characters
    sizes = np.diff(ends, prepend=0)
    left = np.repeat(ends, sizes) - np.arange(len(starts))  # characters from here to the word's end
    longest = min(ngrams.longest, int(sizes.max()))
    hashes = _hashes(text, starts, ngrams.shortest, longest)
    present = left[:, np.newaxis] >= np.arange(ngrams.shortest, longest + 1)
    if ngrams.shortest == 1 and longest:  # < and > alone are not n-grams
        present[ends - sizes, 0] = present[ends - 1, 0] = False
    if ngrams.whole:
        for place, word in enumerate(words):
            if word == ngrams.whole:
                present[ends[place] - sizes[place] : ends[place]] = False
    counts = np.add.reduceat(np.count_nonzero(present, axis=1), ends - sizes)
    buckets = hashes[present] % np.uint32(len(ngrams.rows))
    return buckets.astype(np.intp), counts


def _hashes(
    text: NDArray[np.uint8], starts: NDArray[np.intp], shortest: int, longest: int
) -> NDArray[np.uint32]:
    """Return the hashes of `shortest` to `longest` characters from each start, as (n, sizes).

    A hash that goes beyond the end of its word is meaningless; the caller ignores it.
    """
    table = np.zeros((len(starts), max(0, longest - shortest + 1)), dtype=np.uint32)
    values = text.view(np.int8).astype(np.uint32)  # sign-extended, as in fastText
    first_bytes, later_bytes = values[starts], _later_bytes(values, starts)
    hashes = np.full(len(starts), _FIRST_HASH)
    for size in range(1, longest + 1):
        hashes = hashes[: len(starts) - size + 1]
        hashes ^= first_bytes[size - 1 :]
        hashes *= _PRIME
        for characters, following in later_bytes:
            cut = int(np.searchsorted(characters, size - 1))
            places = characters[cut:] - (size - 1)
            hashes[places] = (hashes[places] ^ following[cut:]) * _PRIME
        if size >= shortest:
            table[: len(hashes), size - shortest] = hashes
    return table


def _later_bytes(
    values: NDArray[np.uint32], starts: NDArray[np.intp]
) -> list[tuple[NDArray[np.intp], NDArray[np.uint32]]]:
    """Return (characters, their byte) for the second byte of characters, the third, and so on."""
    widths = np.diff(starts, append=len(values))
    characters = np.flatnonzero(widths > 1)
    found: list[tuple[NDArray[np.intp], NDArray[np.uint32]]] = []
    while len(characters):
        place = len(found) + 1
        found.append((characters, values[starts[characters] + place]))
        characters = characters[widths[characters] > place + 1]
    return found
