"""What training tells its caller while it goes on: small records, in the order of their coming."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from w2v.training import records

Kind = TypeVar("Kind", bound="Event")


@dataclass(frozen=True)
class Event:
    """Something that happened; `event` names its kind."""

    event: ClassVar[str]

    def as_dict(self) -> dict[str, Any]:
        """Return the fields with the kind first, as a line of the log holds them.

        A number that is not known is None, since JSON has no NaN.
        """
        return {"event": self.event, **self.stored()}

    def stored(self) -> dict[str, Any]:
        """Return the fields alone, as the file of a model holds them."""
        return records.stored(self)

    @classmethod
    def restored(cls: type[Kind], stored: object) -> Kind:
        """Make an event from what `stored` returned; ValueError where it is anything else."""
        return records.restored(cls, stored)


@dataclass(frozen=True)
class Compiling(Event):
    """The kernels are being compiled: once, since the next training finds them on the disk."""

    event: ClassVar[str] = "compiling"


@dataclass(frozen=True)
class Counting(Event):
    """Where the reading of the corpus stands, about twice a second while it moves.

    read: bytes of its files, as they lie there, compressed or not. size: of all of them; None
    where it is not known. seconds: since reading began.
    """

    event: ClassVar[str] = "counting"
    read: int
    size: int | None
    seconds: float

    @property
    def done(self) -> float | None:
        """Share of the corpus that was read, 0 to 1; None where its size is not known."""
        return min(1.0, self.read / self.size) if self.size else None


@dataclass(frozen=True)
class VocabularyCounted(Event):
    """The corpus has been read once.

    corpus_words: all words. distinct_words: different ones. vocabulary: words that get vectors.
    tokens: words of the corpus that are in the vocabulary. replaced: invalid UTF-8 sequences.
    left_out: what was too long to be a word.
    """

    event: ClassVar[str] = "vocabulary"
    corpus_words: int
    distinct_words: int
    vocabulary: int
    tokens: int
    replaced: int
    left_out: int
    seconds: float


@dataclass(frozen=True)
class CorpusEncoded(Event):
    """The corpus has become token ids.

    tokens: all of them. held_out: of these, the ones never trained on.
    """

    event: ClassVar[str] = "encoded"
    tokens: int
    sentences: int
    held_out: int
    seconds: float


@dataclass(frozen=True)
class Progress(Event):
    """Where training stands, after each chunk.

    epoch: counted from 1. epochs: how many there are.
    done: share of all the work, 0 to 1. words: of the corpus, over all epochs so far.
    words_per_second: words of the corpus, those outside the vocabulary too.
    loss: mean negative log-likelihood of a pair, of this epoch so far; NaN before the first one.
    interval_loss: the same of the last million tokens or more that ended before; NaN before that.
    held_out_loss: the same of the held-out text after the last epoch; None before that.
    learning_rate: at the place last begun.
    seconds: since training began. seconds_left: an estimate.
    """

    event: ClassVar[str] = "progress"
    epoch: int
    epochs: int
    done: float
    words: int
    words_per_second: float
    loss: float
    interval_loss: float
    held_out_loss: float | None
    learning_rate: float
    seconds: float
    seconds_left: float


@dataclass(frozen=True)
class EpochEnded(Event):
    """One epoch's sums.

    loss: mean negative log-likelihood of a pair, in nats. A pair is a centre word with one
        context word, in CBOW with its whole window; its likelihood is that of the centre word
        and its noise, or of its Huffman path.
        NaN where it was taken on none.
    loss_pairs: number of pairs that the loss was taken on: all of a text below 65,536 tokens, one
        in 32 from a million on, chosen by position.
    held_out_loss: the loss on the held-out text after this epoch, on all its pairs, with the same
        windows and noise in every run of this seed; None where there is none.
    trained: tokens kept as centre words. without_context: of these, the ones whose window was
        empty. subsampled: tokens that subsampling left out.
    saturated: share of the updates whose score lay beyond ±6, of those that the loss was taken
        on; hierarchical softmax leaves them out. NaN without any.
    """

    event: ClassVar[str] = "epoch"
    epoch: int
    loss: float
    loss_pairs: int
    held_out_loss: float | None
    trained: int
    without_context: int
    subsampled: int
    saturated: float
    seconds: float

    @property
    def centers(self) -> int:
        """Centre words trained that had a context."""
        return self.trained - self.without_context


@dataclass(frozen=True)
class Evaluated(Event):
    """The vectors were scored while training went on, or at its end.

    words: of the corpus, over all epochs so far.
    scores: by the test set's name, the share of analogies answered right, 0 to 1, or Spearman's
        correlation, −1 to 1; None where the vectors have too few of its words.
    held_out_loss: mean loss of a pair of the held-out text; None where nothing was held out.
    seconds: that scoring took.
    """

    event: ClassVar[str] = "evaluated"
    words: int
    scores: dict[str, float | None] = field(hash=False)
    held_out_loss: float | None
    seconds: float


@dataclass(frozen=True)
class Checkpointed(Event):
    """A checkpoint was written. words: of the corpus, over all epochs so far."""

    event: ClassVar[str] = "checkpoint"
    path: str
    words: int
    seconds: float


@dataclass(frozen=True)
class Resumed(Event):
    """Training goes on from a checkpoint.

    words: of the corpus, trained before. passed_over: sentences about newer checkpoints that
    could not be used.
    """

    event: ClassVar[str] = "resumed"
    path: str
    words: int
    passed_over: tuple[str, ...]


@dataclass(frozen=True)
class Started(Event):
    """Training starts from an earlier model, or from anybody's vectors.

    taken: words that have their vectors from there. words: in the vocabulary. frozen: whether
    those taken stay as they are.
    """

    event: ClassVar[str] = "started"
    taken: int
    words: int
    frozen: bool


@dataclass(frozen=True)
class Summary(Event):
    """The whole run; the last line of the log, and short when it is printed: see `as_dict`.

    tokens: words of the corpus that are in the vocabulary. corpus_words: all of them.
    done: share of the epochs that was trained, below 1 where training was stopped.
    train_seconds: the epochs alone, compilation apart in compile_seconds.
    words_per_second: corpus_words × epochs trained / train_seconds.
    loss, held_out_loss: of the last epoch.
    scores: of each test set at the last evaluation, or, with early stopping, at the best one.
    ledger: what became of every word of the corpus (w2v.training.ledger).
    """

    event: ClassVar[str] = "summary"
    tokens: int
    corpus_words: int
    vocabulary: int
    epochs: int
    done: float
    train_seconds: float
    compile_seconds: float
    words_per_second: float
    loss: float
    held_out_loss: float | None
    scores: dict[str, float | None] = field(hash=False)
    ledger: dict[str, Any] = field(hash=False, repr=False)
    config: dict[str, Any] = field(hash=False, repr=False)


OnEvent = Callable[[Event], None]
