"""Windows and sentences: windows that are whole sentences, and how far sentences fill windows.

The longest sentence of a text goes in, and a window for the kernels comes out.

Order is left out of account by windows that reach across the whole sentence from every word of it
and are never shrunk. So kernels need not know of them.
"""

from dataclasses import asdict, dataclass

import numpy as np

from w2v.errors import W2VWarning
from w2v.text.encoding import EncodedCorpus
from w2v.training.config import TrainConfig

LONGEST = 1_001  # words of a sentence that are each other's context: the largest window and one


@dataclass(frozen=True)
class SentenceConfig(TrainConfig):
    """The settings for sentences of known lengths: `window` reaches across the longest.

    Attributes
    ----------
    contexts : float
        The mean number of context words.
    """

    contexts: float = 1.0


def mean_contexts(config: TrainConfig) -> float:
    """Return the mean number of context words: 1 to `window` on either side, or always `window`."""
    if isinstance(config, SentenceConfig):
        return config.contexts
    return config.window + 1 if config.shrink_windows else 2 * config.window


def contexts_in(config: TrainConfig, text: EncodedCorpus, kept: float = 1.0) -> float:
    """Return the mean number of context words in a text, whose sentences may be shorter.

    Parameters
    ----------
    config : TrainConfig
    text : EncodedCorpus
    kept : float, 0 to 1
        The share of all words that subsampling keeps.
    """
    return _mean_reached(text, mean_contexts(config), kept)


def _mean_reached(text: EncodedCorpus, most: float, kept: float = 1.0) -> float:
    """Return the mean number of other words in a word's sentence, up to `most` of them."""
    reached = sum(
        float((np.clip(kept * lengths - 1, 0, most) * lengths).sum()) for lengths in text.lengths()
    )
    return reached / max(1, len(text.tokens))


def usual_window(config: TrainConfig) -> int:
    """Return the window by which batches and the noise of a block are chosen.

    In whole sentences one context word is trained at a time, as in windows of 50, with noise of its
    own from a pool of 5,120 or more. With six at a time, 87 % of the nearest products of
    examples/items.py were of the same group, in place of 89 %.
    """
    return 50 if config.sentence_windows else config.window


def fit_window(
    config: TrainConfig, text: EncodedCorpus, other: EncodedCorpus | None = None
) -> TrainConfig:
    """Return the settings with the windows that the kernels need.

    Parameters
    ----------
    config : TrainConfig
    text : EncodedCorpus
        The text to train on, after words outside the vocabulary were left out.
    other : EncodedCorpus, optional
        A text that is not trained on, but whose windows have to have room too.
    """
    if not config.sentence_windows:
        return config
    texts = [text] if other is None else [text, other]
    longest = max(int(piece.max(initial=2)) for each in texts for piece in each.lengths())
    reach = min(longest, LONGEST) - 1
    settings = {**asdict(config), "window": reach, "shrink_windows": False}
    return SentenceConfig(**settings, contexts=_mean_reached(text, 2 * reach))


def warning_of_length(config: TrainConfig, text: EncodedCorpus) -> W2VWarning | None:
    """Return a warning where sentences are too long for windows that are whole sentences."""
    if not config.sentence_windows:
        return None
    too_long = sum(int((lengths > LONGEST).sum()) for lengths in text.lengths())
    if not too_long:
        return None
    longest = max(int(lengths.max(initial=0)) for lengths in text.lengths())
    these = "One sentence has" if too_long == 1 else f"{too_long:,} sentences have"
    return W2VWarning(
        f"{these} more than {LONGEST:,} words, and {longest:,} at most: there the context of"
        f" a word is the {LONGEST - 1:,} words on either side, which takes long; put each basket"
        " on a line of its own, or train running text with a window."
    )
