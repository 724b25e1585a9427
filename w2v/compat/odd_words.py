"""Words that no text can hold, such as "new york" and "": others are counted in their place.

White space and NUL become noncharacters of Unicode, which are never in a text; so does an empty
word. Afterwards they are put back.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

_ODD = [chr(code) for code in range(0x10000) if chr(code).isspace()] + ["\0"]
_EMPTY = "\ufdef"  # the last of 32 noncharacters; the others stand for _ODD
_HIDDEN = {ord(letter): 0xFDD0 + k for k, letter in enumerate(_ODD)}
_SHOWN = {code: chr(letter) for letter, code in _HIDDEN.items()} | {ord(_EMPTY): ""}
assert max(_HIDDEN.values()) < ord(_EMPTY)


def hidden(word: str) -> str:
    """Return a word as a text can hold it."""
    return word.translate(_HIDDEN) or _EMPTY


class HiddenSentences:
    """Sentences whose words a text can hold, made of others.

    Attributes
    ----------
    are_odd : bool
        Whether any word was hidden, among the sentences that have been read.
    """

    def __init__(self, sentences: Iterable[Iterable[str]]) -> None:
        self._sentences = sentences
        self.are_odd = False

    def __iter__(self) -> Iterator[Sequence[str]]:
        for sentence in self._sentences:
            words = sentence if isinstance(sentence, list | tuple) else list(sentence)
            if _are_plain(words):
                yield words
            else:
                self.are_odd = True
                yield [hidden(word) if isinstance(word, str) else word for word in words]


def _are_plain(words: Sequence[str]) -> bool:
    """Return whether a text can hold these words; a look at each would take five times as long."""
    try:
        letters = "".join(words)
    except TypeError:
        return False
    return not words or (all(words) and letters.split(None, 1) == [letters] and "\0" not in letters)


def shown_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """Return counts by the words and phrases as they are; those that spell the same are added."""
    found: dict[str, int] = {}
    for spelled, count in counts.items():
        text = spelled.translate(_SHOWN)
        found[text] = found.get(text, 0) + count
    return found
