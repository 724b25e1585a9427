"""Words that are whole numbers, as those of a corpus of numbers: an int asks for the word."""

import re
from collections.abc import Sequence

_WHOLE_NUMBER = re.compile("0|-?[1-9][0-9]*")


def are_numbers(words: Sequence[str]) -> bool:
    """Return whether there are words, and all of them are spelled as `str(int)` spells them."""
    return len(words) > 0 and all(map(_WHOLE_NUMBER.fullmatch, words))
