"""Windows that are whole sentences: the longest sentence of a text in, numbers for the kernels out.

Order is left out of account by windows that reach across the whole sentence from every word of it
and are never shrunk. So kernels need not know of them.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from w2v.errors import W2VWarning
from w2v.text.encoding import EncodedCorpus
from w2v.training.config import TrainConfig

LONGEST = 1_001  # words of a sentence that are each other's context: the largest window and one


def in_numbers(config: TrainConfig, *texts: EncodedCorpus | None) -> TrainConfig:
    """Return the settings with the windows that the kernels need for some texts.

    Parameters
    ----------
    config : TrainConfig
    *texts : EncodedCorpus or None
        The texts, after words outside the vocabulary were left out.
    """
    if not config.sentence_windows:
        return config
    longest = max(int(_lengths(text).max(initial=2)) for text in texts if text is not None)
    return replace(config, window=min(longest, LONGEST) - 1, shrink_windows=False)


def warning_of_length(config: TrainConfig, text: EncodedCorpus) -> W2VWarning | None:
    """Return a warning where sentences are too long for windows that are whole sentences."""
    if not config.sentence_windows:
        return None
    lengths = _lengths(text)
    too_long = int((lengths > LONGEST).sum())
    if not too_long:
        return None
    these = "One sentence has" if too_long == 1 else f"{too_long:,} sentences have"
    return W2VWarning(
        f"{these} more than {LONGEST:,} words, and {lengths.max():,} at most: there the context of"
        f" a word is the {LONGEST - 1:,} words on either side, which takes long; put each basket"
        " on a line of its own, or train running text with a window."
    )


def _lengths(text: EncodedCorpus) -> NDArray[np.int64]:
    """Return the number of words in each sentence."""
    return np.diff(text.sentence_offsets)
