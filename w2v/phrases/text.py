"""A text as ids of all its words, in which phrases are counted and joined."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.entries import count_entries
from w2v.kernels.phrases import Words
from w2v.kernels.spelling import spell
from w2v.machine import available_memory
from w2v.phrases.prints import word_fingerprints
from w2v.phrases.work import Work
from w2v.text.corpus import Corpus
from w2v.text.counting import MEMORY_SHARE, add_names, count_words
from w2v.text.encoding import encode_draft
from w2v.text.sources import Numbers
from w2v.text.vocabulary import no_words
from w2v.text.word_table import WordTable

PIECE = 1 << 20  # words that a thread joins at a time, and that are spelled together


class PhraseText:
    """A corpus as ids, no word left out.

    Attributes
    ----------
    tokens : int32 (T,)
        The ids.
    offsets : int64 (S + 1,)
        Where each sentence begins; the last is T.
    words : Words
        The fingerprint of each word, and whether it is a connector.
    memory_limit : int
        Bytes that tables may take.
    work : Work
        The progress of finding phrases in it.
    """

    def __init__(
        self,
        corpus: Corpus,
        connectors: Iterable[str],
        workers: int,
        memory_limit: int | None = None,
        watch: Callable[[], object] | None = None,
    ) -> None:
        """Read a corpus; parameters as in `count_words`. `connectors` are the connector words.

        Raises CorpusError where it cannot be read, or has no words.
        """
        limit = available_memory() // MEMORY_SHARE if memory_limit is None else memory_limit
        counted = count_words(corpus, workers, limit, watch)
        self.memory_limit = limit
        self.work = Work(watch)
        self.workers = workers
        self.table: WordTable = counted.table
        if not len(self.table):
            raise no_words(corpus)
        draft = counted.draft(np.arange(len(self.table), dtype=np.int32))
        del counted
        encoded = encode_draft(draft, workers, limit).in_arrays()
        self.tokens, self.offsets = encoded.tokens[:], encoded.sentence_offsets[:]
        self._connectors = frozenset(connectors)
        self.words = Words(np.zeros((0, 2), dtype=np.uint64), np.zeros(0, dtype=np.uint8))
        self.entries(sorted(self._connectors))

    def entries(self, names: list[str]) -> NDArray[np.int32]:
        """Return the ids of words, which are added where the text lacks them."""
        added = add_names(self.table, names)
        prints = word_fingerprints(self.table, self.words.prints)
        is_connector = np.zeros(len(self.table), dtype=np.uint8)
        is_connector[: len(self.words.is_connector)] = self.words.is_connector
        if not len(self.words.prints):
            is_connector[added] = 1
        self.words = Words(prints, is_connector)
        return added

    def counts(self) -> NDArray[np.int64]:
        """Return how often each word stands in the text."""
        counts, first_seen = np.zeros((2, len(self.table)), dtype=np.int64)
        count_entries(self.tokens, 0, counts, first_seen)
        return counts

    def has_letters(self, some: str) -> bool:
        """Return whether a word holds a byte of these characters."""
        used = self.table.columns.letters[: self.table.columns.starts[len(self.table)]]
        return any((used == byte).any() for byte in set(some.encode()))

    def spelled(self, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> list[tuple[str, ...]]:
        """Return the words of tokens[begin : end + 1], for each begin and end."""
        lengths = ends - begins + 1
        stops = np.cumsum(lengths)
        places = np.arange(lengths.sum()) + np.repeat(begins - (stops - lengths), lengths)
        words = iter(self.table.words(self.tokens[places].astype(np.int64)))
        return [tuple(islice(words, length)) for length in lengths.tolist()]

    def joined(
        self, begins: NDArray[np.int64], ends: NDArray[np.int64], delimiter: str
    ) -> list[str]:
        """Return what `spelled` returns, each joined by the delimiter."""
        names = np.array(self.table.words(np.arange(len(self.table))), dtype=object)
        joined = np.empty(len(begins), dtype=object)
        is_pair = ends - begins == 1
        firsts, lasts = (names[self.tokens[places[is_pair]]] for places in (begins, ends))
        joined[is_pair] = firsts + delimiter + lasts  # most are pairs; this is three times as fast
        joined[~is_pair] = [*map(delimiter.join, self.spelled(begins[~is_pair], ends[~is_pair]))]
        found: list[str] = joined.tolist()
        return found

    def shorten(self, size: int, offsets: NDArray[np.int64]) -> None:
        """Keep the first `size` ids, in sentences with these offsets."""
        self.tokens, self.offsets = self.tokens[:size], offsets

    def numbers(self) -> Numbers:
        """Return the text in one piece, which the reader may write to: ids, and sentences' ends."""
        return Numbers(self.tokens, self.offsets[1:])

    def ends(self, first: int, stop: int) -> NDArray[np.int64]:
        """Return the ends of sentences after `first`, up to `stop`."""
        begin, end = np.searchsorted(self.offsets, [first, stop], side="right")
        return self.offsets[begin:end]

    def renumbered(self) -> list[str]:
        """Number the words that the text still has anew, and return them in that order."""
        kept = np.flatnonzero(self.counts())
        ids = np.full(len(self.table), -1, dtype=np.int32)
        ids[kept] = np.arange(len(kept), dtype=np.int32)
        for first in range(0, len(self.tokens), PIECE):
            piece = self.tokens[first : first + PIECE]
            piece[:] = ids[piece]
        return self.table.words(kept)

    def lines(self) -> Iterator[bytes]:
        """Yield the text, a sentence a line, in blocks."""
        starts = self.table.columns.starts[: len(self.table) + 1]
        lengths = np.diff(starts) + 1
        for first in range(0, len(self.tokens), PIECE):
            stop = min(first + PIECE, len(self.tokens))
            tokens, ends = self.tokens[first:stop], self.ends(first, stop) - first
            is_open = not len(ends) or ends[-1] < len(tokens)
            lines = np.append(ends, len(tokens)) if is_open else ends
            text = np.empty(int(lengths[tokens].sum()), dtype=np.uint8)
            spell(tokens, lines, self.table.columns.letters, starts, text)
            if is_open:
                text[-1:] = ord(" ")
            yield text.tobytes()
