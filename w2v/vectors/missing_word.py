"""The message about a missing word: it suggests near spellings, searched for only when shown."""

import difflib
import numbers
import reprlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

_WORDS_COMPARED = 200_000  # the commonest; comparing more takes longer than a user waits
_CUTOFF = 0.75
_LONGEST = 100  # letters looked at in a word


class MissingWordMessage:
    """The message of a MissingWordError, composed when it is shown.

    Code that catches the error of many words therefore does not pay for the search.
    """

    def __init__(self, word: object, words: Sequence[str], index: Mapping[str, int]) -> None:
        self._word = word
        self._words = words
        self._index = index

    def __str__(self) -> str:
        size = len(self._words)
        if isinstance(self._word, numbers.Integral):
            return (
                f"There is no row {self._word}: the {size:,} words have the rows 0 to {size - 1}."
            )
        if not isinstance(self._word, str):
            return f"A word is text, or the number of its row, not {reprlib.repr(self._word)}."
        message = f"The word {self._word!r} is not among the {size:,} words"
        near = near_spellings(self._word, self._words, self._index)
        lower = self._word.lower()
        if lower in near:
            message += f", but {lower!r} is"
            near.remove(lower)
            if not near:
                return f"{message}."
        if not near:
            return f"{message}, nor is any spelled like it."
        return f"{message}; near spellings: {', '.join(map(repr, near))}."

    def __repr__(self) -> str:
        return repr(str(self))

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        # Another process gets the sentence, without the vocabulary that it was made from.
        return str, (str(self),)


def near_spellings(
    word: object, words: Sequence[str], index: Mapping[str, int], count: int = 3
) -> list[str]:
    """Return words spelled like another one.

    The word in other cases comes first, then with two neighbouring letters exchanged, then the
    words most alike.

    Parameters
    ----------
    word : object
        The word to suggest spellings for; anything but text has none.
    words : sequence of str (V,)
        The vocabulary, the commonest words first.
    index : mapping of str to int
        The row of each word.
    count : int, 0 or more
        How many words to return at most.
    """
    if not isinstance(word, str) or not word.strip():
        return []
    joined = "_".join(word.split())
    variants = [joined.lower(), joined.capitalize(), joined.title(), joined.upper(), joined]
    found = _known(variants, index)
    found += [other for other in _known(_exchanged(joined), index) if other not in found]
    if len(found) < count:
        common = words[:_WORDS_COMPARED]
        # Twice as many, since some are found already.
        alike = difflib.get_close_matches(joined.lower(), common, 2 * count, _CUTOFF)
        found += [other for other in alike if other not in found]
    return found[:count]


def _known(spellings: Iterable[str], index: Mapping[str, int]) -> list[str]:
    """Return the spellings that are words, the commonest first."""
    known = {spelling for spelling in spellings if spelling in index}
    return sorted(known, key=lambda spelling: index[spelling])


def _exchanged(word: str) -> Iterator[str]:
    """Yield a word, then its lower case, with each pair of neighbouring letters exchanged.

    difflib counts an exchange as two slips, so it misses these spellings of short words.
    """
    for spelled in (word, word.lower()):
        for place in range(min(len(spelled), _LONGEST) - 1):
            exchanged = spelled[place + 1] + spelled[place]
            yield f"{spelled[:place]}{exchanged}{spelled[place + 2 :]}"
