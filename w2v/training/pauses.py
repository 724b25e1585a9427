"""Where training pauses to be evaluated: places of the text that depend on no clock or thread."""

import math
from typing import NamedTuple

_SHORTEST = 0.25  # of the distance between pauses: a pause nearer to the end adds nothing


class Stop(NamedTuple):
    """Where the engine stops.

    Attributes
    ----------
    token : int
        The token of the epoch up to which it trains.
    pauses : bool
        Whether training pauses there, to be evaluated.
    """

    token: int
    pauses: bool


class Pauses:
    """A pause every so many words, at the end of the piece that reaches them, in every run.

    There is no pause shortly before the end, where training is evaluated anyway.
    """

    def __init__(self, every: float, tokens: int, corpus_words: int, epochs: int) -> None:
        """Spread the pauses.

        Parameters
        ----------
        every : float
            Words of the corpus from one pause to the next, above 0; infinity for no pauses.
        tokens : int
            Tokens of the text that is trained on.
        corpus_words : int
            All words of the corpus, including those that are not trained on.
        epochs : int
        """
        self._tokens, self._all = tokens, tokens * epochs
        self._each = max(1.0, every * tokens / corpus_words)  # in tokens

    def next(self, epoch: int, position: int, piece: int) -> Stop:
        """Return where to stop next: at a pause, or at the end of the epoch.

        Parameters
        ----------
        epoch : int
            From 0.
        position : int
            Tokens of the epoch that are trained.
        piece : int
            Training ends at multiples of it, and at the end of the epoch.
        """
        if math.isinf(self._each):
            return Stop(self._tokens, pauses=False)
        start = epoch * self._tokens
        number = math.floor((start + position) / self._each) + 1
        while (place := self._place(number, start, piece)) <= position:  # a product was rounded
            number += 1
        stop = min(place, self._tokens)
        is_here = number * self._each <= start + self._tokens
        left = self._all - (start + stop)
        if is_here and left >= self._each * _SHORTEST:
            return Stop(stop, pauses=True)
        return Stop(self._tokens, pauses=False)

    def _place(self, number: int, start: int, piece: int) -> int:
        return math.ceil((number * self._each - start) / piece) * piece
