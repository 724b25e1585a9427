"""The events before training begins: the kernels are compiled and the text is read."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from w2v.training import records

Kind = TypeVar("Kind", bound="Event")


@dataclass(frozen=True)
class Event:
    """Something that happened; `event` names its kind."""

    event: ClassVar[str]

    def as_dict(self) -> dict[str, Any]:
        """Return the fields, the kind first, as a line of the log has them.

        A number that is not known is None, because JSON has no NaN.
        """
        return {"event": self.event, **self.stored()}

    def stored(self) -> dict[str, Any]:
        """Return the fields alone, as the file of a model holds them."""
        return records.stored(self)

    @classmethod
    def restored(cls: type[Kind], stored: object) -> Kind:
        """Return the event that `stored` was called on; raise ValueError for anything else."""
        return records.restored(cls, stored)


@dataclass(frozen=True)
class Compiling(Event):
    """The kernels are being compiled. It happens once: afterwards they are read from the disk."""

    event: ClassVar[str] = "compiling"


@dataclass(frozen=True)
class Counting(Event):
    """The corpus is being read; reported about twice a second while there is progress.

    Attributes
    ----------
    read : int
        Bytes read of the files, as they are stored, compressed or not.
    size : int or None
        Bytes of all files; None where that is not known.
    seconds : float
        Time since reading began.
    """

    event: ClassVar[str] = "counting"
    read: int
    size: int | None
    seconds: float

    @property
    def done(self) -> float | None:
        """Share of the corpus that has been read, 0 to 1; None where its size is not known."""
        return min(1.0, self.read / self.size) if self.size else None


@dataclass(frozen=True)
class FindingPhrases(Event):
    """Phrases are being found in the text; reported about twice a second.

    Attributes
    ----------
    round, rounds : int
        The current round, from 1, and the number of rounds.
    done : float
        Share of this round, 0 to 1.
    seconds : float
        Time since reading began.
    """

    event: ClassVar[str] = "phrases"
    round: int
    rounds: int
    done: float
    seconds: float


@dataclass(frozen=True)
class VocabularyCounted(Event):
    """The corpus has been read once.

    Attributes
    ----------
    corpus_words : int
        Words of the corpus.
    distinct_words : int
        Different words; there are more if `dropped` is not 0.
    vocabulary : int
        Words that get vectors.
    tokens : int
        Words of the corpus that are in the vocabulary.
    replaced : int
        Invalid UTF-8 sequences that were replaced.
    left_out : int
        Words that were left out because they are too long.
    seconds : float
        Time that reading took.
    is_given : bool
        Whether the words or their counts do not come from this corpus alone. Otherwise they are
        its commonest words.
    frequencies : list of [int, int]
        Rank, from 1, and count of some words of the corpus, those outside the vocabulary too; the
        ranks are about evenly spaced on a logarithmic scale.
    dropped : int
        How often a word may have been seen, at most, that was dropped because the memory for
        counting was full; 0 where none were. Words seen more often, and all that get vectors, are
        counted exactly.
    """

    event: ClassVar[str] = "vocabulary"
    corpus_words: int
    distinct_words: int
    vocabulary: int
    tokens: int
    replaced: int
    left_out: int
    seconds: float
    is_given: bool = False
    frequencies: list[list[int]] = field(default_factory=list, hash=False, repr=False)
    dropped: int = 0


@dataclass(frozen=True)
class CorpusEncoded(Event):
    """The words of the corpus have been replaced by ids.

    Attributes
    ----------
    tokens : int
        Number of ids.
    sentences : int
        Sentences with words of the vocabulary.
    held_out : int
        Ids that are never trained on.
    seconds : float
        Time that encoding took.
    """

    event: ClassVar[str] = "encoded"
    tokens: int
    sentences: int
    held_out: int
    seconds: float
