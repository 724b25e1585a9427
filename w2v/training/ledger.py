"""The ledger: the fate of every word of the corpus, epoch by epoch, and whether it adds up."""

from dataclasses import dataclass
from typing import Any

from w2v.text.vocabulary import Vocabulary
from w2v.training.events import EpochEnded


@dataclass(frozen=True)
class Ledger:
    """The words of the corpus, sorted by their fate.

    In every epoch, read = held_out + out_of_vocabulary + subsampled + trained; EpochEnded has the
    last two.

    Attributes
    ----------
    read : int
        All words.
    held_out : int
        Words that are never trained on.
    out_of_vocabulary : int
        Words without a vector.
    sentences : int
        Lines with words of the vocabulary, or the parts of them between held-out blocks.
    replaced : int
        Invalid UTF-8 sequences that were replaced.
    left_out : int
        Words that are too long, which are not among those read.
    dropped : int
        How often a word may be in the text, at most, that has no vector because it was dropped when
        the memory for counting was full; such words are among those out of the vocabulary.
    """

    read: int
    held_out: int
    out_of_vocabulary: int
    sentences: int
    replaced: int
    left_out: int
    dropped: int = 0

    @classmethod
    def of(
        cls, vocabulary: Vocabulary, held_out: int, sentences: int, replaced: int, left_out: int
    ) -> "Ledger":
        """Return the ledger of a corpus that has been counted and encoded."""
        outside = vocabulary.corpus_words - vocabulary.tokens
        return cls(
            vocabulary.corpus_words, held_out, outside, sentences, replaced, left_out,
            vocabulary.dropped,
        )  # fmt: skip

    def fault(self, epochs: list[EpochEnded]) -> str | None:
        """Return a sentence with the figures where an epoch does not add up, else None."""
        for epoch in epochs:
            total = self.held_out + self.out_of_vocabulary + epoch.subsampled + epoch.trained
            if total != self.read:
                return (
                    f"The ledger of epoch {epoch.epoch} does not add up: of {self.read:,} words"
                    f" {self.held_out:,} were held out, {self.out_of_vocabulary:,} outside the"
                    f" vocabulary, {epoch.subsampled:,} subsampled and {epoch.trained:,} trained,"
                    f" which is {total:,}. This is a bug in w2v; please report it."
                )
        return None

    def as_dict(self, epochs: list[EpochEnded]) -> dict[str, Any]:
        """Return the ledger with the sums of each epoch, as the summary holds it."""
        names = ("epoch", "subsampled", "trained", "without_context", "saturated")
        counted = [{name: getattr(epoch, name) for name in names} for epoch in epochs]
        return {
            "read": self.read,
            "held_out": self.held_out,
            "out_of_vocabulary": self.out_of_vocabulary,
            "sentences": self.sentences,
            "replaced": self.replaced,
            "left_out": self.left_out,
            "dropped": self.dropped,
            "finite": True,  # training ends with an error otherwise
            "epochs": counted,
        }
