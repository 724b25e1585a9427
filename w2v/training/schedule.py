"""The schedule of a training: learning rate, draws, batches and the share of the loss, by epoch."""

import numpy as np

from w2v.kernels.rng import stream_key
from w2v.kernels.state import Schedule
from w2v.training.config import TrainConfig

# The centre words of so many bits of positions share their noise in skip-gram. Pairs of positions
# cost no quality (on wiki8 40.4 % of analogies; alone 40.3).
GROUP_BITS = 1
# Context words that are trained at once, times the learning rate: at 0.05 the 12 of a pair of
# windows of 5 still are.
BATCH_RATE = 0.8
# The window that BATCH_RATE and a pool of POOL words are for, and narrower ones.
USUAL_WINDOW = 5
_RARE = 1e-3  # shares below do not count: no batch has more than 1,000 words
# The loss is taken on one group in so many, chosen by position; a power of two. In a shorter text
# the share is larger, so that it is taken on the groups of LOSS_TOKENS tokens, or on all.
LOSS_SHARE = 32
LOSS_TOKENS = 32_768
_HELD_OUT_EPOCH = 2**62  # the stream of the held-out text's draws, which no epoch has


class Schedules:
    """The schedules of all epochs of a training.

    Parameters: `tokens`, of the text that is trained on; `largest_share`, 0 to 1, of the commonest
    word in the words that subsampling keeps.
    """

    def __init__(self, config: TrainConfig, tokens: int, largest_share: float) -> None:
        self._config, self._tokens = config, tokens
        self.batch = batch_size(config.learning_rate, config.window, largest_share)

    def epoch(self, number: int) -> Schedule:
        """Return the schedule of epoch 0, 1, …: the learning rate falls linearly over all."""
        config, size = self._config, self._tokens
        fall = (config.learning_rate - config.final_learning_rate) / (config.passes * size)
        return Schedule(
            alpha=config.learning_rate,
            fall=fall,
            min_alpha=config.final_learning_rate,
            tokens_before=number * size,
            key=stream_key(config.seed, number),
            window=config.window,
            group_bits=GROUP_BITS if config.architecture == "skipgram" else 0,
            batch=self.batch,
            loss_mask=np.uint64(loss_share(size) - 1),
        )

    def held_out(self) -> Schedule:
        """Return a schedule that changes nothing and takes the loss on every group."""
        return self.epoch(0)._replace(
            alpha=0.0,
            fall=0.0,
            min_alpha=0.0,
            key=stream_key(self._config.seed, _HELD_OUT_EPOCH),
            loss_mask=np.uint64(0),
        )


def batch_size(learning_rate: float, window: int, largest_share: float) -> int:
    """Return how many context words skip-gram may train at once against the same rows.

    So few that all their steps together are small, and that hardly any word stands among them
    twice; fewer in wide windows, 2 in those of 20 and 1 from 50 on (at 0.05; the power is what
    benchmarks/NOTES.md found). `largest_share`: of the commonest word, in the words that
    subsampling keeps.
    """
    steps: float = BATCH_RATE / learning_rate * min(1, USUAL_WINDOW / window) ** 1.5
    return max(1, round(min(steps, 1 / max(largest_share, _RARE))))


def loss_share(tokens: int) -> int:
    """Return of how many groups of a text the loss is taken on one; a power of two."""
    share = 1
    while share < LOSS_SHARE and 2 * share * LOSS_TOKENS <= tokens:
        share *= 2
    return share
