"""Texts that do not look like words: one sentence with numbers and the cure."""

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, Part, W2VWarning
from w2v.text.sources import shorten
from w2v.text.word_table import WordTable

# In ordinary texts (also German and Korean ones, code and reviews), at most 28 % of the words are
# seen only once, and one in 500 is long or holds a comma. Of the first few hundred words three in
# four are seen once, so a short text says little.
_LONG = 30  # letters
_FEWEST_WORDS = 100
_FEWEST_FOR_ONCE = 1_000
_MOST_ONCE, _MOST_LONG, _MOST_COMMAS = 0.75, 0.2, 0.1  # of all words
_MOST_JSON = 0.005
_RARE = 5  # a long word seen this often names something, such as a product by its hash
_SAMPLE = 1_000  # words that are decoded and looked at

_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f"
    "\U00020000-\U0003ffff]"
)
_NUMBER = re.compile(r"\W*(\d{1,3}(,\d{3})+(\.\d+)?|\d+,\d+)\W*")  # 1,234,567.8 and 3,5
_JSON = (
    "it looks like lines of JSON: let the name of the file end in .jsonl, and name the column with"
    " the text"
)
# About 14 % of the words of a German, a Korean and an English text have punctuation attached, none
# of a text in which it was separated or taken out.
_MOST_ATTACHED = 0.05
_ATTACHED = '.,;:!?()"'
_FEW_CAPITALS = 0.01
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{31,}={0,2}")


def odd_appearance(table: WordTable) -> str | None:
    """Return a sentence about a text that does not look like words, or None.

    The words of such a text are mostly seen once, or they often hold commas or have more than
    thirty letters. It may be a comma-separated file, lines of JSON, a language without spaces or
    encoded data.

    Parameters
    ----------
    table : WordTable
        The words of the text and their counts.
    """
    counts = table.counts()
    total = int(counts.sum())
    if total < _FEWEST_WORDS:
        return None
    lengths, commas = _letters_and_commas(table)
    is_long, has_comma = lengths > _LONG, _commas_between(table, commas)

    def share(chosen: NDArray[np.bool_]) -> float:
        return float(counts[chosen].sum()) / total

    once, long, with_comma = share(counts == 1), share(is_long), share(has_comma)
    is_json = share(_begins_json(table)) > _MOST_JSON
    is_odd = share(is_long & (counts < _RARE)) > _MOST_LONG or with_comma > _MOST_COMMAS or is_json
    if not is_odd and (once <= _MOST_ONCE or total < _FEWEST_FOR_ONCE):
        return None
    chosen = is_long | has_comma if is_odd else counts == 1
    some = _some(table, np.flatnonzero(chosen))
    looks = _JSON if is_json else _looks_like(some, with_comma > _MOST_COMMAS)
    return (
        f"Of {total:,} words {100 * once:.0f} % are seen only once, {100 * long:.0f} % are longer"
        f" than {_LONG} letters and {100 * with_comma:.0f} % hold commas; {looks}."
    )


def attached_punctuation(table: WordTable, are_lists: bool) -> W2VWarning | None:
    """Return a warning about a text whose words often have punctuation attached, or None.

    Parameters
    ----------
    table : WordTable
        The words of the text and their counts.
    are_lists : bool
        Whether the text was given as lists of words.
    """
    counts, (is_attached, is_capital) = table.counts(), _attached_and_capital(table)
    total = int(counts.sum())
    share = float(counts[is_attached].sum()) / max(total, 1)
    if total < _FEWEST_WORDS or share <= _MOST_ATTACHED:
        return None
    chosen = np.flatnonzero(is_attached)
    commonest = _some(table, chosen[counts[chosen].argmax()][None])[0]
    bare = commonest.strip(_ATTACHED)
    case: tuple[Part, ...] = ()
    if float(counts[is_capital].sum()) > _FEW_CAPITALS * total:
        case = (", and ", Argument("lower", True), " ignores case")
    return W2VWarning(
        f"Of {total:,} words {100 * share:.0f} % have punctuation attached, and"
        f" {shorten(commonest, 40)} is another word than {shorten(bare, 40)}; ",
        Argument("tokenizer", "words"),
        f" separates it{' if texts are given instead of lists of words' if are_lists else ''}",
        case,
        ".",
    )


def _attached_and_capital(table: WordTable) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which words have punctuation at a letter at one end, and which begin with A to Z."""
    starts, stops = table.columns.starts[: len(table)], table.columns.starts[1 : len(table) + 1]
    first, second = (table.columns.letters[np.minimum(starts + k, stops - 1)] for k in (0, 1))
    last, before = (table.columns.letters[np.maximum(stops - k, starts)] for k in (1, 2))
    is_attached = (_CLOSES[last] & _IS_LETTER[before]) | (_OPENS[first] & _IS_LETTER[second])
    return is_attached, (first >= ord("A")) & (first <= ord("Z"))


def _flags(characters: bytes) -> NDArray[np.bool_]:
    """Return for each byte whether it is one of these."""
    flags = np.zeros(256, dtype=np.bool_)
    flags[list(characters)] = True
    return flags


_OPENS, _CLOSES = _flags(b'("'), _flags(_ATTACHED.replace("(", "").encode())
_IS_LETTER = _flags(bytes(code for code in range(256) if code > 127 or chr(code).isalnum()))


def _letters_and_commas(table: WordTable) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the number of letters of each word, and of commas before its last letter."""
    size = len(table)
    starts, stops = table.columns.starts[:size], table.columns.starts[1 : size + 1]
    letters = table.columns.letters[: stops[-1]]
    lengths = np.add.reduceat((letters & 0xC0) != 0x80, starts, dtype=np.int32)
    is_comma = letters == ord(",")
    commas = np.add.reduceat(is_comma, starts, dtype=np.int32) - is_comma[stops - 1]
    return lengths, commas


def _begins_json(table: WordTable) -> NDArray[np.bool_]:
    """Return which words begin as a line of JSON does."""
    starts = table.columns.starts[: len(table)]
    second = np.minimum(starts + 1, table.columns.starts[1 : len(table) + 1] - 1)
    first_letters, letters = table.columns.letters[starts], table.columns.letters[second]
    begins: NDArray[np.bool_] = (first_letters == ord("{")) & (letters == ord('"'))
    return begins


def _commas_between(table: WordTable, commas: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return which words have commas inside; none if most of them are numbers, such as 1,234."""
    has_comma = commas > 0
    some = _some(table, np.flatnonzero(has_comma))
    if sum(map(bool, map(_NUMBER.fullmatch, some))) > len(some) / 2:
        return np.zeros_like(has_comma)
    return has_comma


def _some(table: WordTable, entries: NDArray[np.int64]) -> list[str]:
    """Return some words of these entries, evenly spread, each cut to a thousand bytes."""
    chosen = entries[:: max(1, len(entries) // _SAMPLE)][:_SAMPLE]
    starts = table.columns.starts
    return [
        bytes(table.columns.letters[starts[k] : min(starts[k + 1], starts[k] + 1000)]).decode(
            errors="ignore"
        )
        for k in chosen.tolist()
    ]


def _looks_like(words: list[str], has_commas: bool) -> str:
    """Return what the odd words of a text look like, and what to do."""

    def mostly(matches: Callable[[str], object]) -> bool:
        return sum(map(bool, map(matches, words))) > len(words) / 2

    if mostly(lambda word: 2 * len(_WITHOUT_SPACES.findall(word)) > len(word)):
        return (
            "it looks like a text without spaces between words, as Chinese, Japanese and Thai have:"
            " segment it first, for example with jieba, MeCab or PyThaiNLP"
        )
    if has_commas:
        return (
            "it looks like a comma-separated file: let its name end in .csv, and name the column"
            " with the text; or replace the commas by spaces"
        )
    if mostly(_BASE64.fullmatch):
        return "it looks like encoded data, such as base64: decode it first"
    return (
        f"words are what white space separates, and one of these is {shorten(words[0], 40)}:"
        " check whether this is the text you meant"
    )
