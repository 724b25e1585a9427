"""The schedule of a training, by epoch: learning rate, draws, batches, share of the loss."""

import math

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.rng import stream_key
from w2v.kernels.state import POOL, Schedule
from w2v.text.encoding import EncodedCorpus
from w2v.training.config import TrainConfig
from w2v.training.engines.round_shape import round_shape
from w2v.training.sentence_windows import contexts_in, usual_window

# Context words that are trained at once, times the learning rate. At 0.05 it allows all 10 of a
# window of 5.
BATCH_RATE = 0.8
# BATCH_RATE is for this window and narrower ones, SKIPGRAM_POOL for this window.
USUAL_WINDOW = 5
# Noise words that a block of skip-gram draws from. With half as many, five epochs of wiki8 had 0.6
# points less in 0.95 of the time; with twice as many, 0.3 more in 1.05 (benchmarks/NOTES.md).
SKIPGRAM_POOL, LARGEST_POOL = 2 * POOL, 32 * POOL
# In windows above 20 a pool of 16,384 words is drawn over and over. Larger ones help long texts,
# and cost short ones a little: it grows with the text, a word for 64 tokens (benchmarks/NOTES.md).
LARGEST_LONG_POOL, TOKENS_PER_NOISE_WORD = 512 * POOL, 64
# Shards copy, and send, all the rows that they draw from, so that each draws from fewer.
SHARD_POOL, LARGEST_SHARD_POOL = POOL, 8 * POOL
# Context words trained at once where vectors come to rest (`come_to_rest`), at most.
RESTING_BATCH = 2
_OFTEN, _FLAT = 600, 0.5
_RARE = 1e-3  # smaller shares do not count: no batch has more than 1,000 words
# The loss is taken on one centre word in LOSS_INTERVAL, chosen by position; a power of two. In a
# shorter text the interval is shorter, so that the loss is taken on LOSS_TOKENS tokens, or on all.
LOSS_INTERVAL = 32
LOSS_TOKENS = 32_768
_HELD_OUT_EPOCH = 2**62  # the held-out text's random stream, which no epoch has


class Schedules:
    """The schedules of all epochs of a training.

    Parameters
    ----------
    config : TrainConfig
    counts : int64 (V,)
        How often each word is in the text that is trained on.
    kept : float64 (V,)
        The share of each word that subsampling keeps.
    text : EncodedCorpus
        The text itself, of which only the lengths of the sentences are read.

    Attributes
    ----------
    batch : int
        Context words that skip-gram trains at once.
    pool : int
        Noise words that a block draws from.
    """

    def __init__(
        self,
        config: TrainConfig,
        counts: NDArray[np.int64],
        kept: NDArray[np.float64],
        text: EncodedCorpus,
    ) -> None:
        self._config, self._tokens = config, int(counts.sum())
        trained = kept * counts
        share = float(trained.max() / trained.sum())
        self.batch = batch_size(config.highest_rate, usual_window(config), share)
        if come_to_rest(counts, config.passes):
            self.batch = min(self.batch, RESTING_BATCH)
        shape = round_shape(self._tokens, config.shards, config.architecture, config.loss)
        shards = shape.shards if config.deterministic else 1
        contexts = contexts_in(config, text, float(trained.sum()) / self._tokens)
        self.pool = pool_size(config, shards, contexts, self._tokens)

    def epoch(self, number: int) -> Schedule:
        """Return the schedule of an epoch, from 0; the learning rate is linear over all."""
        config, size = self._config, self._tokens
        fall = (config.learning_rate - config.final_learning_rate) / (config.passes * size)
        return Schedule(
            alpha=config.learning_rate,
            fall=fall,
            final_alpha=config.final_learning_rate,
            tokens_before=number * size,
            key=stream_key(config.seed, number),
            window=config.window,
            batch=self.batch,
            pool=self.pool,
            loss_mask=np.uint64(loss_interval(size) - 1),
        )

    def held_out(self) -> Schedule:
        """Return a schedule that changes nothing and takes the loss on every centre word."""
        return self.epoch(0)._replace(
            alpha=0.0,
            fall=0.0,
            final_alpha=0.0,
            key=stream_key(self._config.seed, _HELD_OUT_EPOCH),
            loss_mask=np.uint64(0),
        )


def batch_size(learning_rate: float, window: int, largest_share: float) -> int:
    """Return the number of context words that skip-gram trains at once against the same rows.

    It is so small that all their steps together are small, and that hardly any word is among them
    twice. Wide windows have smaller batches: 2 in windows of 20 and 1 from 50 on, at a rate of
    0.05. (The power is what benchmarks/NOTES.md found.)

    Parameters
    ----------
    learning_rate : float
        The largest of the training, above 0.
    window : int
        1 or more.
    largest_share : float
        The commonest word's share of the words that subsampling keeps, 0 to 1.

    Returns
    -------
    int
        1 or more.
    """
    steps: float = BATCH_RATE / learning_rate * min(1, USUAL_WINDOW / window) ** 1.5
    return max(1, round(min(steps, 1 / max(largest_share, _RARE))))


def pool_size(
    config: TrainConfig, shards: int = 1, contexts: float = math.inf, tokens: float = math.inf
) -> int:
    """Return the number of noise words that a block draws from, 1 or more.

    Wide windows draw each of them more often, and need more: a word that stands against the same
    stretch of text again and again learns only the subject of that stretch. (Windows of 10 on a
    long text lost 2 points with 1,024. Windows of 10 and 20 need a pool that grows with the square
    of the width: benchmarks/NOTES.md.) To draw them takes time, too, so there are fewer where the
    sentences are short.

    Parameters
    ----------
    config : TrainConfig
    shards : int
        How many shards are merged; 1 where none are.
    contexts : float
        The mean number of context words; infinity returns the largest number for any text.
    tokens : int
        Tokens of the text; infinity likewise.
    """
    if config.architecture != "skipgram":
        return POOL
    window = usual_window(config)
    least = POOL * max(1, window // USUAL_WINDOW)
    width = min(window, contexts) / USUAL_WINDOW
    usual, largest = SKIPGRAM_POOL, LARGEST_POOL
    if shards > 1:
        usual, largest = SHARD_POOL, LARGEST_SHARD_POOL
    elif not config.deterministic:
        largest = max(largest, int(min(LARGEST_LONG_POOL, tokens / TOKENS_PER_NOISE_WORD)))
    return max(least, min(largest, round(usual * width**2)))


def come_to_rest(counts: NDArray[np.int64], passes: int) -> bool:
    """Return whether the words are few and alike, as the nodes of a graph are in walks.

    Most of them are trained very often then, and their vectors come to rest. Context words that are
    trained at once, against the same rows and the same noise, keep them farther from it: in a graph
    of 300 nodes 5 in 100 nearest neighbours were lost (benchmarks/NOTES.md). In language, however
    long the text, most words are far rarer than the mean, at most a third as common, and large
    batches cost nothing.

    Parameters
    ----------
    counts : int64 (V,)
        How often each word is in the text.
    passes : int
        Epochs.
    """
    present = counts[counts > 0]
    median = float(np.median(present))
    return median * passes >= _OFTEN and median >= _FLAT * float(present.mean())


def loss_interval(tokens: int) -> int:
    """Return n, where the loss of a text of `tokens` tokens is taken on one centre word in n.

    It is a power of two, up to LOSS_INTERVAL.
    """
    interval = 1
    while interval < LOSS_INTERVAL and 2 * interval * LOSS_TOKENS <= tokens:
        interval *= 2
    return interval
