"""Values as JSON can hold them."""

import math
from typing import Any


def finite_or_none(value: Any) -> Any:
    """Return a value with None for each NaN and infinity in it, which JSON lacks.

    Dicts, lists and tuples are copied, with all that is in them; other values stay.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite_or_none(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(finite_or_none, value))
    return value
