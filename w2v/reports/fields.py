"""The fields of an event from a file, which may hold anything: what does not fit is missing."""

import math
from collections.abc import Mapping
from typing import Any

_LARGEST = 1e300  # more would overflow in sums and differences
_LARGEST_COUNT = 2**62


class Fields:
    """The fields of an event, or of a dict within one.

    Parameters
    ----------
    values : object
        A dict from JSON; anything else has no fields.
    """

    def __init__(self, values: object) -> None:
        self._values: Mapping[Any, Any] = values if isinstance(values, Mapping) else {}

    def __bool__(self) -> bool:
        return bool(self._values)

    def number(self, name: str) -> float:
        """Return a finite number; NaN where it is missing."""
        value = self._values.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return math.nan
        return float(value) if -_LARGEST < value < _LARGEST else math.nan

    def count(self, name: str) -> int:
        """Return a whole number of 0 or more; 0 where it is missing, or too large for a count."""
        value = self.number(name)
        return int(value) if 0 <= value < _LARGEST_COUNT else 0

    def text(self, name: str) -> str:
        """Return a text; "" where it is missing."""
        value = self._values.get(name)
        return value if isinstance(value, str) else ""

    def is_true(self, name: str) -> bool:
        """Return whether a field is true."""
        return self._values.get(name) is True

    def inside(self, name: str) -> "Fields":
        """Return the fields of a dict."""
        return Fields(self._values.get(name))

    def items(self, name: str) -> list[Any]:
        """Return the items of a list; none where it is missing."""
        value = self._values.get(name)
        return list(value) if isinstance(value, (list, tuple)) else []

    def names(self) -> list[str]:
        """Return the names of all fields."""
        return [str(name) for name in self._values]

    def texts(self) -> dict[str, str]:
        """Return all fields as text, as a table shows them."""
        return {str(name): shown(value) for name, value in self._values.items()}


def shown(value: object) -> str:
    """Return a value of JSON as a table shows it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)
