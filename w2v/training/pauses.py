"""Where training pauses to be looked at: places of the text, which no clock and no thread moves."""

import math

_SHORTEST = 0.25  # of the distance between pauses: one so near the end would show no more


class Pauses:
    """A pause every so many words: at the end of the piece that reaches them, in every run.

    Few words before the end there is none, since training is looked at there anyway.
    """

    def __init__(self, every: float, tokens: int, corpus_words: int, epochs: int) -> None:
        """Spread the pauses.

        Parameters: `every`, words of the corpus from one to the next; `tokens`, of the text that
        is trained on; `corpus_words`, of the whole corpus, those that are not trained on too.
        """
        self._tokens, self._all = tokens, tokens * epochs
        self._each = max(1.0, every * tokens / corpus_words)  # in tokens

    def next(self, epoch: int, position: int, piece: int) -> tuple[int, bool]:
        """Return the token of an epoch to train up to, and whether to pause there.

        epoch: from 0. position: the tokens of it that are trained. piece: training ends at its
        multiples, and at the end of the epoch.
        """
        start = epoch * self._tokens
        number = math.floor((start + position) / self._each) + 1
        while (place := self._place(number, start, piece)) <= position:  # a product was rounded
            number += 1
        stop = min(place, self._tokens)
        is_here = number * self._each <= start + self._tokens
        left = self._all - (start + stop)
        if is_here and left >= self._each * _SHORTEST:
            return stop, True
        return self._tokens, False

    def _place(self, number: int, start: int, piece: int) -> int:
        return math.ceil((number * self._each - start) / piece) * piece
