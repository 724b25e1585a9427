"""Counting and encoding a corpus on the workers of a cluster: a map over its pieces.

Each worker counts the pieces that it gets and keeps them as numbers of words. The tables of words
are merged in a tree. What comes of it is what counting on one machine gives, whoever counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.words import new_word_buffers
from w2v.text.corpus import Corpus
from w2v.text.counted_pieces import Account, ChosenWords
from w2v.text.counting import table_share
from w2v.text.dividing import TextPiece, check_unchanged, divided
from w2v.text.encoded_pieces import sentence_offsets
from w2v.text.number_file import Ids, Offsets
from w2v.text.word_table import WordTable
from w2v.training.cluster import tasks
from w2v.training.cluster.connecting import Connection
from w2v.training.cluster.crowd import Crowd
from w2v.training.cluster.spread_ids import SpreadIds


def spread(corpus: Corpus, connection: Connection) -> Corpus:
    """Return a corpus that the workers of a cluster count and encode, where they can.

    They can where it is files alone, and at least one of them sees the same files. Sentences from
    Python, standard input, joined phrases and files that only this machine sees stay here.

    Parameters
    ----------
    corpus : Corpus
    connection : Connection
    """
    if type(corpus) is not Corpus:
        return corpus
    try:
        pieces = divided(corpus)
        crowd = Crowd.of(connection, pieces) if pieces else None
    except OSError:  # whatever is wrong is reported where the files are read here
        return corpus
    return corpus if crowd is None or not pieces else SpreadCorpus(corpus, pieces, crowd)


class SpreadCorpus(Corpus):
    """A corpus that the workers of a cluster count and encode."""

    def __init__(self, corpus: Corpus, pieces: Sequence[TextPiece], crowd: Crowd) -> None:
        vars(self).update(vars(corpus))
        self._pieces, self._crowd = pieces, crowd
        self._bytes_counted = 0

    @property
    def bytes_read(self) -> int:
        """Bytes of `size` that the workers have read, in whole pieces."""
        return self._bytes_counted

    def counted(self, watch: Callable[[], object] | None, table_limit: int | None) -> SpreadText:
        """Count the words; see `CountedElsewhere`."""
        crowd, self._bytes_counted = self._crowd, 0
        most = crowd.table_limit if table_limit is None else min(table_limit, crowd.table_limit)
        limit = table_share(most, crowd.slots)
        memory = crowd.memory_limit
        counted = [
            crowd.give(tasks.count, piece, memory, limit, is_long=True) for piece in self._pieces
        ]
        accounts = [crowd.give(tasks.account, each) for each in counted]
        tables = [crowd.give(tasks.table, each) for each in counted]
        whole = crowd.reduced(tasks.merge, tables, limit)

        def look(number: int, _: Account) -> None:
            self._bytes_counted += self._pieces[number].size

        found: list[Account] = crowd.results(accounts, look, watch)
        crowd.let_go(accounts)
        check_unchanged(self._pieces)
        self._take_account(found)
        [packed] = crowd.results([whole], watch=watch)
        crowd.let_go([whole])
        table = WordTable()
        table.merge(packed, new_word_buffers())
        return SpreadText(self, table, sum(each.words for each in found), counted, crowd)

    def _take_account(self, found: Sequence[Account]) -> None:
        """Take over what the pieces report, as if they had been read here."""
        self.replaced = sum(each.replaced for each in found)
        self.left_out = sum(each.left_out for each in found)
        self.nulls = sum(each.nulls for each in found)
        self.first_left_out = next((each.first_left_out for each in found if each.left_out), "")


class SpreadText:
    """The words of a corpus, counted; its text lies on the workers. See `CountedText`.

    Parameters
    ----------
    corpus : Corpus
    table : WordTable
    words : int
    counted : list of Future
        The pieces, as numbers of words.
    crowd : Crowd
        The workers.
    """

    def __init__(
        self, corpus: Corpus, table: WordTable, words: int, counted: list[Any], crowd: Crowd
    ) -> None:
        self.corpus, self.table, self.words = corpus, table, words
        self._counted, self._crowd = counted, crowd

    def count_again(self, chosen: NDArray[np.bool_]) -> None:
        """Count the chosen entries of the table exactly, if words were dropped."""
        if not self.table.bound:
            return
        crowd = self._crowd
        ids = np.where(chosen, np.cumsum(chosen) - 1, -1).astype(np.int32)
        words = crowd.share(ChosenWords.of(self.table, ids))
        found = [crowd.give(tasks.count_chosen, each, words) for each in self._counted]
        total = crowd.reduced(tasks.add_chosen, found)
        counts, first_seen = self.table.counts(), self.table.first_seen.copy()
        [[counts[chosen], first_seen[chosen]]] = crowd.results([total])
        self.table.set_counts(counts, first_seen)
        crowd.let_go([words, total])

    def draft(self, ids: NDArray[np.int32]) -> SpreadDraft:
        """Return the text, given the id of each entry of the table, or −1."""
        chosen = ChosenWords.of(self.table, ids)
        return SpreadDraft(self.corpus, self.words, chosen, self._counted, self._crowd)


class SpreadDraft:
    """A text on the workers as numbers of words; see `DistantDraft`.

    Parameters
    ----------
    corpus : Corpus
    words : int
    chosen : ChosenWords
        The words that have ids.
    counted : list of Future
        The pieces.
    crowd : Crowd
        The workers.
    """

    def __init__(
        self, corpus: Corpus, words: int, chosen: ChosenWords, counted: list[Any], crowd: Crowd
    ) -> None:
        self.corpus, self.words = corpus, words
        self._chosen, self._counted, self._crowd = chosen, counted, crowd

    def encoded(self, memory_limit: int) -> tuple[Ids, Offsets]:
        """Let the workers encode it and keep the ids; where sentences end is brought here."""
        crowd = self._crowd
        chosen = crowd.share(self._chosen)
        pieces = [
            crowd.give(tasks.encode, each, chosen, crowd.memory_limit, is_long=True)
            for each in self._counted
        ]
        crowd.let_go([chosen, *self._counted])
        borders = [crowd.give(tasks.borders, each) for each in pieces]
        found = crowd.results(borders)
        crowd.let_go(borders)
        starts = np.cumsum([0, *(length for length, _ in found)])
        offsets = sentence_offsets(found, sum(ends.nbytes for _, ends in found) > memory_limit)
        return SpreadIds(pieces, starts, crowd), offsets
