"""The shape of a flow: ribbons from all words on the left to each part on the right."""

from collections.abc import Sequence
from dataclasses import dataclass

from w2v.reports.charts import Flow

_GAP = 0.03  # between two parts on the right, of the height
_LABEL = 0.16  # least distance of two labels


@dataclass(frozen=True)
class Ribbon:
    """A part of a flow; places are from 0, at the top, to 1.

    Attributes
    ----------
    name, words : str, int
        The part.
    share : float
        Of all words.
    left, right : (float, float)
        Its upper and lower end on either side.
    label : float
        The place of its label.
    """

    name: str
    words: int
    share: float
    left: tuple[float, float]
    right: tuple[float, float]
    label: float


def ribbons(flow: Flow) -> list[Ribbon]:
    """Return a ribbon for each part that has words, from the top."""
    parts = [(name, words) for name, words in flow.parts if words > 0]
    total = sum(words for _, words in parts) or 1
    room = 1 - _GAP * (len(parts) - 1)
    left = right = 0.0
    ends = []
    for _, words in parts:
        share = words / total
        ends.append(((left, left + share), (right, right + share * room)))
        left, right = left + share, right + share * room + _GAP
    places = _spread([(upper + lower) / 2 for _, (upper, lower) in ends])
    return [
        Ribbon(name, words, words / max(flow.total, 1), *end, place)
        for (name, words), end, place in zip(parts, ends, places, strict=True)
    ]


def _spread(places: Sequence[float]) -> list[float]:
    """Move labels apart that would overlap, and none beyond the edge."""
    spread = list(places)
    for k in range(1, len(spread)):
        spread[k] = max(spread[k], spread[k - 1] + _LABEL)
    limit = 1 - _LABEL / 2
    for k in reversed(range(len(spread))):
        spread[k] = min(spread[k], limit)
        limit = spread[k] - _LABEL
    return spread
