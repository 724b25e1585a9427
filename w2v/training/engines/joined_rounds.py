"""How many rounds of an epoch are joined to one.

At a lower learning rate a row goes no further in several stretches than in one at the highest. So
where the number of shards is chosen, the rows are merged less often in later epochs. A shard trains
the same stretches of the text in every epoch: a worker of a cluster has them already.
"""

from w2v.kernels.state import Schedule
from w2v.kernels.windows import learning_rate
from w2v.training.engines.round_shape import RoundShape

# How many are joined, at most, and how many rounds are left of an epoch then. Up to four cost
# skip-gram nothing and CBOW half a point, with 8 shards (benchmarks/NOTES.md).
MOST_JOINED, LEAST_ROUNDS = 4, 12


class JoinedRounds:
    """The rounds of all epochs of a training.

    Parameters
    ----------
    shape : RoundShape
        That of `round_shape`: of a round at the highest learning rate.
    tokens : int
        Tokens of the text.
    highest : float
        The highest learning rate.

    Attributes
    ----------
    most : int
        How many are joined, at most.
    """

    def __init__(self, shape: RoundShape, tokens: int, highest: float = 0.0) -> None:
        self._shape, self._tokens, self._highest = shape, tokens, highest
        fitting = min(MOST_JOINED, tokens // (LEAST_ROUNDS * shape.tokens))
        self.most = max(1, fitting) if shape.hot else 1  # else the number is not chosen

    def number(self, schedule: Schedule) -> int:
        """Return how many rounds of an epoch are joined to one.

        They are as many as its learning rate is lower, rounded: workers that train apart drift
        apart by the rate times the steps between two merges (Stich, 2019, "Local SGD converges fast
        and communicates little"). An epoch that trains nothing has the rounds as they are.
        """
        rate = float(learning_rate(self._tokens // 2, schedule))
        if schedule.alpha == schedule.fall == 0 or rate >= self._highest:
            return 1
        return self.most if rate * self.most <= self._highest else round(self._highest / rate)

    def tokens(self, schedule: Schedule) -> int:
        """Return the tokens of a round of an epoch."""
        return self._shape.tokens * self.number(schedule)

    @property
    def longest(self) -> RoundShape:
        """The shape of a single round of as many tokens as are in one, at most."""
        return self._shape._replace(stretch=self._shape.stretch * self.most)

    @property
    def division(self) -> tuple[int, ...]:
        """What the result of a training depends on, as checkpoints record it.

        It has the fields of the shape, without laps where there is one, and `most`, if it is not 1.
        """
        if self.most > 1:
            return *self._shape, self.most
        return tuple(self._shape) if self._shape.laps > 1 else tuple(self._shape)[:2]
