"""The rule for what is a word: text in, the same text with nothing but its words out.

Words are parts of letters, digits and marks, joined by an apostrophe, a hyphen or an underscore.
As a pattern of the `regex` module, where S is [\\p{Alphabetic}\\p{Nd}--\\p{M}] and W is S with
\\p{M}, U+200C and U+200D:

    [A-Za-z]+://[^\\s<>"]*[W/] | (?i:www)\\.[^\\s<>"]*[W/]
    | S[W._+-]{0,63}@SW*(?:[.-]+SW*)*
    | SW*(?:['’‐‑\\u00ad\\p{Pc}-]SW* | (?<=\\p{Nd})[.,]\\p{Nd}W*)*

The first alternative that matches is taken. Then ’ becomes ', ‐ and ‑ become -, and a soft hyphen
is left out. W with \\p{Pc} is the module's \\w.
"""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from w2v.kernels.rewriting import (
    CASED,
    CONTINUE,
    DIGIT,
    IGNORABLE,
    JOINER,
    SIGMA,
    SPACE,
    START,
    Rule,
    rewrite,
)
from w2v.word_forms import SIGNS, WordForm

_CODES = 0x110000
# Unicode has letters and marks in these planes only, and none with case in planes 2 and 3.
_LETTERED = (*range(0x40000), *range(0xE0000, 0xE0200))
_CASED = tuple(k for k in _LETTERED if not 0x20000 <= k < 0x40000 and not 0xD800 <= k < 0xE000)
_JOINERS = ("'", "-", *SIGNS)
_INVISIBLE_JOINERS = ("\N{ZERO WIDTH NON-JOINER}", "\N{ZERO WIDTH JOINER}")
_PROBE = "\N{GREEK CAPITAL LETTER SIGMA}"
_FINAL = "\N{GREEK SMALL LETTER FINAL SIGMA}"
# A character that changes takes two bytes and becomes three at most, or is ASCII; a space follows
# a word where at least one byte did before.
_ROOM = (3, 2)


class Tokenizer:
    """A rule, ready to use; several threads may share it.

    Parameters
    ----------
    form : WordForm
        Its tokenizer is "words", for the rule above, or "whitespace", for words as `str.split()`
        separates them; and whether they become lower case.
    """

    def __init__(self, form: WordForm) -> None:
        self.form = form
        self._rule = _rule(form)

    def rewritten(self, data: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the words of a text with spaces between them, and its line ends.

        Parameters
        ----------
        data : uint8 (n,)
            UTF-8 that ends in white space.

        Returns
        -------
        uint8 (n,)
            UTF-8; a word is `form.of` of what the rule found.
        """
        out = np.empty(len(data) * _ROOM[0] // _ROOM[1] + 1, dtype=np.uint8)
        text = out[: rewrite(data, self._rule, out)]
        text.setflags(write=False)  # as blocks are: kernels are compiled for one kind of array
        return text


@cache
def _rule(form: WordForm) -> Rule:
    kinds = _kinds_of_words() if form.tokenizer == "words" else _kinds_between_white_space()
    changed: dict[int, str] = {}
    if form.lower:
        kinds |= _kinds_of_case()
        small = ((code, chr(code).lower()) for code in _CASED)
        changed |= {code: letter for code, letter in small if letter != chr(code)}
    if form.tokenizer == "words":
        changed |= {ord(sign): other for sign, other in SIGNS.items()}
    changes = np.zeros(_CODES, dtype=np.int32)
    replacements = np.zeros((1 + len(changed), 4), dtype=np.uint8)
    lengths = np.zeros(1 + len(changed), dtype=np.uint8)
    for row, (code, text) in enumerate(changed.items(), start=1):
        letters = np.frombuffer(text.encode(), dtype=np.uint8)
        changes[code], lengths[row] = row, len(letters)
        replacements[row, : len(letters)] = letters
    ascii = [ord(changed.get(code, chr(code))) for code in range(128)]
    return Rule(kinds, changes, replacements, lengths, np.array(ascii, dtype=np.uint8))


def _kinds_between_white_space() -> NDArray[np.uint8]:
    """Return the flags for which everything between white space is one word."""
    kinds = np.full(_CODES, START | CONTINUE, dtype=np.uint8)
    for code in range(0x10000):
        if chr(code).isspace():
            kinds[code] = SPACE
    return kinds


def _kinds_of_words() -> NDArray[np.uint8]:
    kinds = np.zeros(_CODES, dtype=np.uint8)
    for code in _LETTERED:
        kinds[code] = _kind(chr(code))
    return kinds


def _kind(character: str) -> int:
    category = unicodedata.category(character)
    if category == "Nd":
        return START | CONTINUE | DIGIT
    if category[0] == "L" or category == "Nl" or _is_letter_in_a_sign(character):
        return START | CONTINUE
    if category[0] == "M" or character in _INVISIBLE_JOINERS:
        return CONTINUE
    if category == "Pc" or character in _JOINERS:
        return JOINER
    return SPACE if character.isspace() else 0


def _is_letter_in_a_sign(character: str) -> bool:
    """Return whether a sign is a circled or squared letter, which is alphabetic in Unicode."""
    return any(
        first <= character <= last
        for first, last in (("Ⓐ", "ⓩ"), ("🄰", "🅉"), ("🅐", "🅩"), ("🅰", "🆉"))
    )


def _kinds_of_case() -> NDArray[np.uint8]:
    """Return the flags of case, as `str.lower()` itself shows them beside a capital sigma."""
    kinds = np.zeros(_CODES, dtype=np.uint8)
    for code in _CASED:
        if (chr(code) + _PROBE).lower()[-1] == _FINAL:
            kinds[code] = CASED
        elif ("A" + chr(code) + _PROBE).lower()[-1] == _FINAL:
            kinds[code] = IGNORABLE
    return kinds


assert ord(_PROBE) == SIGMA
