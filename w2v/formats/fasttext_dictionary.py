"""The beginning of a fastText model (`.bin`): settings, then words with their counts."""

import re
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.errors import FormatError
from w2v.formats.byte_reader import ByteReader
from w2v.formats.checks import check_vector_size
from w2v.formats.ngrams import LONGEST_NGRAM
from w2v.limits import LONGEST_WORD

MAGIC = struct.pack("<i", 793712314)
_NEWEST = 12  # version
_SETTINGS = struct.Struct("<12id")
_SUPERVISED = 3
_WORD, _LABEL = 0, 1  # the types of entries
_TAIL = 10  # bytes of an entry after its word: a zero, the count and the type
_BLOCK = 1 << 20  # bytes read at once


@dataclass(frozen=True)
class FastTextSettings:
    """The settings that the reader needs.

    Attributes
    ----------
    version : int or None
        None in files of the first version, which have no magic number.
    vector_size : int
        The length of a vector.
    buckets : int
        The number of n-gram rows.
    shortest, longest : int
        The lengths of n-grams in characters.
    """

    version: int | None
    vector_size: int
    buckets: int
    shortest: int
    longest: int

    @property
    def has_ngrams(self) -> bool:
        """Whether words have n-grams in this model."""
        return self.buckets > 0 and self.longest >= self.shortest


@dataclass(frozen=True)
class DictionarySizes:
    """The sizes of the dictionary.

    Attributes
    ----------
    words, labels : int
        The number of entries of each type.
    pruned : int
        The number of buckets that pruning kept; -1 for a model that was not pruned.
    """

    words: int
    labels: int
    pruned: int


@dataclass(frozen=True)
class DictionaryWords:
    """The words that were read.

    Attributes
    ----------
    words : list of bytes
        V words.
    offsets : ndarray of int64, shape (V,)
        The byte offset of each entry.
    counts : ndarray of int64, shape (V,)
        How often each word was seen.
    """

    words: list[bytes]
    offsets: NDArray[np.int64]
    counts: NDArray[np.int64]


def read_settings(source: ByteReader) -> FastTextSettings:
    """Return the settings at the start of a model; raise FormatError if they are not valid."""
    start = source.take(8, "the settings")
    version = None
    if start.startswith(MAGIC):
        version, start = struct.unpack("<i", start[4:])[0], b""
        if not 0 < version <= _NEWEST:
            raise FormatError(
                f"{source.path} is a fastText model of version {version}; versions up to {_NEWEST} "
                "are read, so load the .vec file that was written beside it."
            )
    values = _SETTINGS.unpack(start + source.take(_SETTINGS.size - len(start), "the settings"))
    vector_size, model, buckets, shortest, longest = values[0], *values[7:11]
    if model == _SUPERVISED and version != _NEWEST:
        longest = 0  # these models have no n-grams of characters, whatever the settings say
    for name, value, least in [
        ("vector size", vector_size, 1),
        ("number of buckets", buckets, 0),
        ("shortest n-gram", shortest, 0),
        ("longest n-gram", longest, 0),
    ]:
        if value < least:
            raise contradiction(source, f"the {name} is {value}")
    check_vector_size(source.path, vector_size)
    if longest > LONGEST_NGRAM and buckets:
        raise FormatError(
            f"{source.path}: its n-grams have up to {longest} characters, but at most "
            f"{LONGEST_NGRAM} are supported; load the .vec file that was written beside it."
        )
    return FastTextSettings(version, vector_size, buckets, max(1, shortest), longest)


def read_sizes(source: ByteReader, settings: FastTextSettings) -> DictionarySizes:
    """Return the sizes that follow the settings; raise FormatError if they are not valid."""
    name = "the sizes of the dictionary"
    entries, words, labels, _ = struct.unpack("<3iq", source.take(20, name))
    pruned = -1 if settings.version is None else struct.unpack("<q", source.take(8, name))[0]
    if words < 0 or labels < 0 or entries != words + labels:
        raise contradiction(
            source, f"{entries} entries cannot be {words} words and {labels} labels"
        )
    source.check_room(entries * _TAIL, f"the dictionary of {entries} entries")
    return DictionarySizes(words, labels, pruned)


def read_words(source: ByteReader, sizes: DictionarySizes, limit: int | None) -> DictionaryWords:
    """Read the whole dictionary; return the first `limit` words, or all for None."""
    count = sizes.words + sizes.labels
    wanted = sizes.words if limit is None else min(limit, sizes.words)
    words: list[bytes] = []
    offsets, counts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    done = 0
    while done < count:
        start = source.position
        block = source.some(_BLOCK)
        found, ends = _find_entries(block, count - done)
        if not found:
            place = f"entry {done + 1} of {count} (byte offset {start})"
            if len(block) < _BLOCK:
                raise source.cut_off(place)
            raise contradiction(source, f"{place} has a word of more than {LONGEST_WORD:,} bytes")
        source.unread(block[int(ends[-1]) :])
        tails = np.frombuffer(block, np.uint8)[ends[:, np.newaxis] + np.arange(1 - _TAIL, 0)]
        _check_types(source, sizes, done, found, tails[:, -1])
        keep = max(0, min(len(found), wanted - done))
        words += found[:keep]
        word_starts = start + np.concatenate([[0], ends[:-1]])
        offsets.append(word_starts[:keep])
        counts.append(np.ascontiguousarray(tails[:keep, :-1]).view("<i8")[:, 0].astype(np.int64))
        done += len(found)
    return DictionaryWords(words, np.concatenate(offsets), np.concatenate(counts))


def _find_entries(block: bytes, wanted: int) -> tuple[list[bytes], NDArray[np.int64]]:
    """Return the words of the first complete entries in a block, and where the entries end."""
    # As in the word2vec format, the pattern matches a complete entry or everything that is left.
    found: list[bytes] = re.findall(rb"([^\0]*)\0.{%d}|.+" % (_TAIL - 1), block, re.DOTALL)
    ends = np.cumsum(np.fromiter(map(len, found), np.int64, len(found)) + _TAIL)
    if found and (ends[-1] != len(block) or block[-_TAIL] != 0):
        found.pop()
    count = min(wanted, len(found))
    return found[:count], ends[:count]


def _check_types(
    source: ByteReader,
    sizes: DictionarySizes,
    done: int,
    words: list[bytes],
    types: NDArray[np.uint8],
) -> None:
    """Raise FormatError unless all words come before all labels."""
    expected = np.where(np.arange(done, done + len(words)) < sizes.words, _WORD, _LABEL)
    wrong = np.flatnonzero(types != expected)
    if len(wrong):
        place = int(wrong[0])
        word = words[place][:100].decode("utf-8", "replace")
        number = f"entry {done + place + 1} ({word!r})"
        raise contradiction(
            source, f"{number} has type {types[place]} instead of {expected[place]}"
        )


def contradiction(source: ByteReader, what: str) -> FormatError:
    """Return the error for a model with values that contradict each other or are out of range."""
    return FormatError(
        f"{source.path} is damaged: {what} (before byte offset {source.position}); fetch it again."
    )
