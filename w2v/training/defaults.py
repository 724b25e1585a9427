"""The settings that depend on the text, where they are left to w2v; chosen by measurement.

benchmarks/short_texts.py measured them, and benchmarks/NOTES.md has its tables.
"""

import math
from dataclasses import replace

from w2v.training.config import TrainConfig

LEAST_EPOCHS, MOST_EPOCHS = 12, 40
_LONG_TEXT = 1_000_000  # words, for which the fewest epochs are enough
_LEAST_SAMPLE = 1e-3
_UNIFORM_SHARE = 0.25
_LEAST_ALPHA = 1e-4
_LAST_WORDS = 10_000


def fitted(config: TrainConfig, tokens: int, words: int) -> TrainConfig:
    """Return the settings with numbers for all that is left to the text.

    Parameters: `tokens`, those trained on in an epoch; `words`, the size of the vocabulary.
    """
    epochs = config.epochs or default_epochs(tokens)
    return replace(
        config,
        epochs=epochs,
        sample=default_sample(words) if config.sample is None else config.sample,
        min_alpha=(
            default_min_alpha(config.learning_rate, tokens, epochs)
            if config.min_alpha is None
            else config.min_alpha
        ),
    )


def default_epochs(tokens: int) -> int:
    """Return the passes over a text: the more, the shorter it is."""
    factor = math.pow(_LONG_TEXT / max(1, tokens), 1 / 3)
    return round(min(MOST_EPOCHS, max(LEAST_EPOCHS, LEAST_EPOCHS * factor)))


def default_sample(words: int) -> float:
    """Return the threshold of subsampling, at which few words are not thinned to nothing.

    Three quarters of each word are kept where all are as common; without that bound ten words
    would keep a ninth.
    """
    return max(_LEAST_SAMPLE, _UNIFORM_SHARE / words)


def default_min_alpha(alpha: float, tokens: int, epochs: int) -> float:
    """Return the learning rate at the end of a text.

    word2vec.c and gensim adjust it every 10,000 words, so that with them it never falls below
    that of the last 10,000; a short text that is passed over once is trained at the first rate.
    """
    last = alpha * min(tokens, _LAST_WORDS) / max(1, epochs * tokens)
    return min(alpha, max(_LEAST_ALPHA, last))
