"""Schedules whose learning rates somebody else gives, epoch by epoch."""

from collections.abc import Callable

from w2v.kernels.state import Schedule
from w2v.training.config import TrainConfig
from w2v.training.schedule import Schedules

Rates = Callable[[int], tuple[float, float]]


class GivenRates(Schedules):
    """The schedules of a training whose learning rate falls, or rises, linearly in each epoch.

    The rates are asked for when an epoch begins, so they may depend on what happened before.
    """

    def __init__(self, config: TrainConfig, tokens: int, usual: Schedules, rates: Rates) -> None:
        """Take the rates.

        Parameters
        ----------
        config : TrainConfig
            Its own learning rates have no effect.
        tokens : int
            Tokens of an epoch.
        usual : Schedules
            Those of the same text at the learning rates of `config`.
        rates : callable
            Takes the number of an epoch, from 0, and returns the rates at its first token and
            after its last one.
        """
        self._config, self._tokens = config, tokens
        self.batch, self.pool = usual.batch, usual.pool
        self._rates = rates

    def epoch(self, number: int) -> Schedule:
        """Return the schedule of an epoch, from 0."""
        first, last = self._rates(number)
        fall = (first - last) / self._tokens
        usual = super().epoch(number)
        return usual._replace(alpha=first, fall=fall, final_alpha=last, tokens_before=0)
