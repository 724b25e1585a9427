"""The events that training reports to its caller, in the order in which they occur."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from w2v.tables import html_table, number
from w2v.training.start_events import DeviceChosen, Prepared, Resumed, Started
from w2v.training.text_events import (
    Compiling,
    CorpusEncoded,
    Counting,
    Event,
    FindingPhrases,
    VocabularyCounted,
)
from w2v.vectors.evaluation_scores import AnalogySection

__all__ = [
    "Checkpointed",
    "Compiling",
    "CorpusEncoded",
    "Counting",
    "DeviceChosen",
    "EpochEnded",
    "Evaluated",
    "Event",
    "FindingPhrases",
    "OnEvent",
    "Prepared",
    "Progress",
    "Resumed",
    "Started",
    "Summary",
    "VocabularyCounted",
]


@dataclass(frozen=True)
class Progress(Event):
    """A chunk has been trained.

    Attributes
    ----------
    epoch, epochs : int
        The current epoch, from 1, and the number of epochs.
    done : float
        Share of all the work, 0 to 1.
    words : int
        Words of the corpus that were passed, over all epochs so far.
    words_per_second : float
        Speed in words of the corpus, including those outside the vocabulary.
    loss : float
        Mean negative log-likelihood of a pair in this epoch, in nats; NaN before the first pair.
    interval_loss : float
        The same over the last complete interval of a million tokens or more; NaN before the first.
    held_out_loss : float or None
        The same on the held-out text after the last epoch; None before that.
    learning_rate : float
        The learning rate at the last position that was begun.
    seconds, seconds_left : float
        Time since training began, and an estimate of the time left.
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
    """An epoch has ended.

    Attributes
    ----------
    epoch : int
        The epoch, from 1.
    loss : float
        Mean negative log-likelihood of a pair, in nats; NaN without any pairs. A pair is a centre
        word with one context word, or in CBOW with its whole window. Its likelihood is that of the
        centre word and its noise, or of its Huffman path.
    loss_pairs : int
        Pairs that the loss was measured on: all pairs of a text below 65,536 tokens, one in 32
        from a million tokens on, chosen by position.
    held_out_loss : float or None
        The loss on all pairs of the held-out text after this epoch, with the same windows and noise
        in every run with this seed; None where nothing is held out.
    trained : int
        Tokens kept as centre words.
    without_context : int
        Tokens among them whose window was empty.
    subsampled : int
        Tokens that subsampling left out.
    saturated : float
        Share of the updates with a score beyond ±6, among those that the loss was measured on;
        hierarchical softmax skips them. NaN without any.
    seconds : float
        Time that the epoch took.
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
    """The vectors were scored, during training or at its end.

    Attributes
    ----------
    words : int
        Words of the corpus that were passed, over all epochs so far.
    scores : dict of str to float or None
        For each test set, by name, the share of correct analogies, 0 to 1, or Spearman's
        correlation, −1 to 1; None where the vectors have too few of its words.
    held_out_loss : float or None
        Mean loss of a pair of the held-out text; None where nothing is held out.
    seconds : float
        Time that scoring took.
    sections : dict of str to tuple of AnalogySection
        For each analogy set, by name, the counts of its sections.
    """

    event: ClassVar[str] = "evaluated"
    words: int
    scores: dict[str, float | None] = field(hash=False)
    held_out_loss: float | None
    seconds: float
    sections: dict[str, tuple[AnalogySection, ...]] = field(
        default_factory=dict, hash=False, repr=False
    )


@dataclass(frozen=True)
class Checkpointed(Event):
    """A checkpoint was written.

    Attributes
    ----------
    path : str
        The file.
    words : int
        Words of the corpus that were passed, over all epochs so far.
    seconds : float
        Time that writing took.
    """

    event: ClassVar[str] = "checkpoint"
    path: str
    words: int
    seconds: float


@dataclass(frozen=True)
class Summary(Event):
    """Training has ended; the last line of the log. Its repr leaves out `ledger` and `config`.

    Attributes
    ----------
    tokens, corpus_words : int
        Words of the corpus that are in the vocabulary, and all words of the corpus.
    vocabulary : int
        Words that have vectors.
    epochs : int
        The number of epochs.
    done : float
        Share of the epochs that was trained, 0 to 1; below 1 where training was stopped.
    train_seconds, compile_seconds : float
        Time of the epochs, and of compilation, which is not part of it.
    words_per_second : float
        corpus_words × epochs trained / train_seconds.
    loss, held_out_loss : float
        The losses of the last epoch; `held_out_loss` is None where nothing is held out.
    scores : dict of str to float or None
        Scores of the test sets at the last evaluation or, with early stopping, at the best one.
    ledger : dict
        What became of every word of the corpus (w2v/training/ledger.py).
    config : dict
        The settings.
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

    def _repr_html_(self) -> str:
        """Return a table of the figures, for notebooks."""
        return html_table("Training", self.figures())

    def figures(self) -> list[tuple[str, str]]:
        """Return the name and the text of each figure; what nobody measured is left out."""
        return [
            ("words of the corpus", f"{self.corpus_words:,}"),
            ("words with vectors", f"{self.vocabulary:,}"),
            ("epochs", f"{self.epochs}" if self.done == 1 else f"{self.done * self.epochs:.1f}"),
            ("seconds", number(self.train_seconds, 1)),
            ("words a second", f"{self.words_per_second:,.0f}"),
            ("loss", number(self.loss)),
            *([] if self.held_out_loss is None else [("held out", number(self.held_out_loss))]),
            *((name, number(score)) for name, score in self.scores.items()),
        ]


OnEvent = Callable[[Event], None]
