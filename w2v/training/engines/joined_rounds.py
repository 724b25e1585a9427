"""How many rounds of an epoch are joined to one.

At a lower learning rate a row goes a shorter way in a stretch of text. So where the number of
shards is chosen, several rounds of a later epoch are joined to one. All rows are merged after it,
and hot ones after two of the rounds or earlier. A shard trains the same stretches of the text in
every epoch: a worker of a cluster has them already.
"""

from w2v.kernels.state import Schedule
from w2v.kernels.windows import learning_rate
from w2v.training.config import TrainConfig
from w2v.training.engines.round_shape import RoundShape

# How many are joined, at most, and how many rounds are left of an epoch then (benchmarks/NOTES.md).
MOST_JOINED, LEAST_JOINED_ROUNDS = 8, 6


class JoinedRounds:
    """The rounds of all epochs of a training.

    Parameters
    ----------
    shape : RoundShape
        That of `round_shape`: of a round at the highest learning rate.
    tokens : int
        Tokens of the text.
    config : TrainConfig
        With its learning rates and its epochs; where they are not known yet, `most` is a bound.

    Attributes
    ----------
    most : int
        How many rounds are joined to one, at most, in any epoch.
    """

    def __init__(self, shape: RoundShape, tokens: int, config: TrainConfig) -> None:
        self._shape, self._highest = shape, config.highest_rate
        self.most = 1
        first, last = config.learning_rate, config.min_alpha or 0.0
        if shape.hot and last < first:  # else the number of shards is not chosen
            fitting = tokens // (LEAST_JOINED_ROUNDS * shape.tokens)
            self.most = max(1, min(MOST_JOINED, fitting))
            before_last = 1 - 1 / config.epochs if config.epochs else 1.0  # of the training
            self.most = self._number(first - (first - last) * before_last)

    def number(self, schedule: Schedule) -> int:
        """Return how many rounds of an epoch are joined to one.

        It is the square of the highest learning rate over that at the start of the epoch, rounded:
        the "quadratic synchronization rule" (Gu et al., 2024). None are joined while the rate
        rises, or where an epoch trains nothing.

        Parameters
        ----------
        schedule : Schedule
            Of the epoch.
        """
        return self._number(float(learning_rate(0, schedule))) if schedule.fall > 0 else 1

    def _number(self, rate: float) -> int:
        if self._highest**2 >= self.most * rate**2:
            return self.most
        return max(1, round((self._highest / rate) ** 2))

    def tokens(self, schedule: Schedule) -> int:
        """Return the tokens of a round of an epoch, whose schedule is given."""
        return self._shape.tokens * self.number(schedule)

    @property
    def longest(self) -> RoundShape:
        """The shape of one round that is as long as the longest joined one."""
        return self._shape._replace(stretch=self._shape.stretch * self.most)

    @property
    def division(self) -> tuple[int, ...]:
        """What the result of a training depends on, as checkpoints record it.

        It has the fields of the shape, without laps where there is one, and `most`, if it is not 1.
        """
        if self.most > 1:
            return *self._shape, self.most
        return tuple(self._shape) if self._shape.laps > 1 else tuple(self._shape)[:2]
