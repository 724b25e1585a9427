"""The defaults of the settings that depend on the text, chosen by measurement.

benchmarks/short_texts.py measured them; benchmarks/NOTES.md has its tables.
"""

import math
from dataclasses import replace

from w2v.training.config import TrainConfig

LEAST_EPOCHS, MOST_EPOCHS = 12, 40
CLUSTER_SHARDS = 8  # as many workers have work, and quality is that of one machine
_LEAST_SHARD = 327_680  # tokens: 160 blocks, which are 26 rounds of an epoch (round_shape.py)
_LONG_TEXT = 1_000_000  # words, for which the fewest epochs are enough
_LEAST_SAMPLE = 1e-3
_UNIFORM_SHARE = 0.25
_LEAST_ALPHA = 1e-4
_LAST_WORDS = 10_000


def fitted(config: TrainConfig, tokens: int, words: int) -> TrainConfig:
    """Return the settings with a number for each one that depends on the text.

    Parameters
    ----------
    config : TrainConfig
        The settings, with None for those that were not given.
    tokens : int
        Tokens to train on in an epoch.
    words : int
        Words of the vocabulary.
    """
    epochs = config.epochs or default_epochs(tokens)
    return replace(
        config,
        epochs=epochs,
        shards=default_shards(tokens) if config.cluster and not config.shards else config.shards,
        sample=default_sample(words) if config.sample is None else config.sample,
        min_alpha=(
            default_min_alpha(config.learning_rate, tokens, epochs)
            if config.min_alpha is None
            else config.min_alpha
        ),
    )


def default_shards(tokens: int) -> int:
    """Return the number of shards on a cluster; a short text has fewer, with longer stretches."""
    shards = CLUSTER_SHARDS
    while shards > 1 and tokens < _LEAST_SHARD * shards:
        shards //= 2
    return shards


def default_epochs(tokens: int) -> int:
    """Return the number of passes over a text, 12 to 40; a shorter text gets more.

    Below a million tokens it is 12 (1,000,000 / tokens)^(1/3), rounded.
    """
    factor = math.pow(_LONG_TEXT / max(1, tokens), 1 / 3)
    return round(min(MOST_EPOCHS, max(LEAST_EPOCHS, LEAST_EPOCHS * factor)))


def default_sample(words: int) -> float:
    """Return the threshold of subsampling: at least a quarter of an equal share for each word.

    So a small vocabulary is not thinned to nothing. If all words are equally common, three quarters
    of each are kept; at a threshold of 0.001, ten words would keep a ninth.
    """
    return max(_LEAST_SAMPLE, _UNIFORM_SHARE / words)


def default_min_alpha(alpha: float, tokens: int, epochs: int) -> float:
    """Return the learning rate at the end of training.

    word2vec.c and gensim adjust the rate every 10,000 words, so that it never falls below its value
    10,000 words before the end. A shorter text that is passed over once has the first rate
    throughout.
    """
    last = alpha * min(tokens, _LAST_WORDS) / max(1, epochs * tokens)
    return min(alpha, max(_LEAST_ALPHA, last))
