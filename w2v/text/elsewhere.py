"""A text that is counted and encoded elsewhere, on other machines: what is asked of it."""

from collections.abc import Callable
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from w2v.text.corpus import Corpus
from w2v.text.draft import Draft
from w2v.text.number_file import Ids, Offsets
from w2v.text.word_table import WordTable


class DistantDraft(Protocol):
    """A draft that lies elsewhere, as on the workers of a cluster, and is encoded there.

    Attributes
    ----------
    corpus : Corpus
        The corpus.
    words : int
        Words of the text.
    """

    @property
    def corpus(self) -> Corpus: ...
    @property
    def words(self) -> int: ...

    def encoded(self, memory_limit: int) -> tuple[Ids, Offsets]:
        """Return the ids and where sentences end, after a 0; the draft is used up.

        Above `memory_limit` bytes they are in files, as far as they are here.
        """


AnyDraft: TypeAlias = Draft | DistantDraft


class CountedText(Protocol):
    """A text whose words were counted, here or elsewhere; see `CountedCorpus`.

    Attributes
    ----------
    corpus : Corpus
        The corpus.
    table : WordTable
        Its words and their counts.
    words : int
        Words of the text.
    """

    @property
    def corpus(self) -> Corpus: ...
    @property
    def table(self) -> WordTable: ...
    @property
    def words(self) -> int: ...

    def draft(self, ids: NDArray[np.int32]) -> AnyDraft:
        """Return the text, given the id of each entry of the table, or −1."""

    def count_again(self, chosen: NDArray[np.bool_]) -> None:
        """Count the chosen entries of the table exactly, if words were dropped."""


@runtime_checkable
class CountedElsewhere(Protocol):
    """A corpus that is counted and encoded by others, such as the workers of a cluster."""

    def counted(self, watch: Callable[[], object] | None, table_limit: int | None) -> CountedText:
        """Count its words; for the arguments see `count_words`."""
