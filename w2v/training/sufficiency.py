"""Checks that there is enough to train on: an error for nothing, a warning for too little."""

from collections.abc import Sequence

from w2v.errors import Argument, CorpusError, Part, W2VWarning
from w2v.text.encoding import EncodedCorpus
from w2v.training.config import TrainConfig
from w2v.training.events import EpochEnded

# With ten centre words for each word of the vocabulary, over all epochs, the ten nearest words are
# no better than random ones; from a hundred on they are good (benchmarks/NOTES.md).
_FEW_CENTERS = 10
_ENOUGH_CENTERS = 1_000  # with so many, their share of the text does not matter
_SMALL_SHARE = 0.1


def check_neighbours(corpus: EncodedCorpus, oddity: str | None = None) -> None:
    """Raise CorpusError where no sentence has two words of the vocabulary.

    Parameters
    ----------
    corpus : EncodedCorpus
        The text to train on.
    oddity : str, optional
        A sentence about what the text looks like, which may be the reason.
    """
    if all(lengths.max(initial=0) < 2 for lengths in corpus.lengths()):
        raise CorpusError(
            f"There is nothing to train on: none of the {corpus.sentences:,} sentences has two"
            " words of the vocabulary. A line is a sentence, so put more words on a line, or keep"
            " rarer words with a lower ",
            Argument("min_count"),
            f".{'' if oddity is None else f' {oddity}'}",
        )


def check_trained(epochs: Sequence[EpochEnded], config: TrainConfig) -> None:
    """Raise CorpusError where no word was trained in all these epochs."""
    if epochs and not any(epoch.centers for epoch in epochs):
        mean = _Mean(epochs)
        raise CorpusError(
            f"Nothing was trained: of {mean.tokens:,.0f} words an epoch, {mean.kept} were kept by"
            f" subsampling and none had a neighbour; ",
            _cure(mean, config),
            ".",
        )


def shortage(epochs: Sequence[EpochEnded], words: int, config: TrainConfig) -> W2VWarning | None:
    """Return a warning with the numbers and the cure where too little was trained to learn from.

    Parameters
    ----------
    epochs : sequence of EpochEnded
        The epochs of the training.
    words : int
        Words of the vocabulary.
    config : TrainConfig
        The settings.
    """
    if not epochs:
        return None
    mean = _Mean(epochs)
    for_each = mean.centers * len(epochs) / words
    thin = mean.centers < _SMALL_SHARE * mean.tokens and for_each < _ENOUGH_CENTERS
    if for_each >= _FEW_CENTERS and not thin:
        return None
    each = f"each of {len(epochs):,} epochs" if len(epochs) > 1 else "one epoch"
    return W2VWarning(
        f"Too little was trained to learn much: {mean.trained} of {mean.tokens:,.0f} words in"
        f" {each}, for {words:,} vectors; ",
        _cure(mean, config),
        ".",
    )


class _Mean:
    """The counts of an epoch, on average."""

    def __init__(self, epochs: Sequence[EpochEnded]) -> None:
        self.centers = sum(epoch.centers for epoch in epochs) / len(epochs)
        self.alone = sum(epoch.without_context for epoch in epochs) / len(epochs)
        self.thinned = sum(epoch.subsampled for epoch in epochs) / len(epochs)
        self.tokens = self.centers + self.alone + self.thinned
        self.trained = _number(self.centers)
        self.kept = _number(self.centers + self.alone)


def _number(value: float) -> str:
    """Return a mean number of words as text, rounded where it is large."""
    return f"{value:,.0f}" if value >= 10 or value == round(value) else f"{value:.1f}"


def _cure(mean: _Mean, config: TrainConfig) -> Part:
    """Return what to change, by the reason why most words were not trained."""
    if config.threshold > 0 and mean.thinned >= max(mean.alone, mean.tokens / 4):
        return ("try ", Argument("sample", 0), f" in place of {config.threshold:g}")
    if mean.alone > mean.tokens / 4:
        return "most words have no neighbour, so put more words on a line"
    return f"give it more text, or more epochs than {config.passes:,}"
