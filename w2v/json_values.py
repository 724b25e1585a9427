"""Values in the form that JSON can hold."""

import math
from typing import Any


def finite_or_none(value: Any) -> Any:
    """Return a value in which None replaces each NaN and infinity; JSON has neither.

    Dicts, lists and tuples are copied together with their contents; other values are returned as
    they are.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite_or_none(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(finite_or_none, value))
    return value
