"""What is wrong with sentences from Python, in words, with the cure."""

import contextlib
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from w2v.errors import Argument, Part
from w2v.limits import LONGEST_WORD
from w2v.text.sources import shorten


def corpus_fault(sentences: Iterable[object]) -> str | None:
    """Return what is wrong with the whole, and what to give instead; None if it can be read."""
    kind = type(sentences).__name__
    if isinstance(sentences, Mapping):
        key = next(iter(sentences), "key")
        return (
            f"of type {kind}, and only its keys would be read; give its values, as in"
            f" corpus.values(), or one of them, as in corpus[{shorten(key)}]"
        )
    if isinstance(sentences, (set, frozenset)):
        return f"a {kind}, which has no order, so that every run would differ; give a list"
    return None


def sentence_fault(sentence: object) -> "Part | None":
    """Return what is wrong with a sentence, and the cure; None if it is a list of words."""
    if isinstance(sentence, str):
        one_word = " or put one list of words into a list, as in [words]"
        return (
            f"{shorten(sentence)}, not a list of words; split each text into words, as in"
            f" (text.split() for text in texts){one_word if len(sentence.split()) == 1 else ''},"
            " or have them found with ",
            Argument("tokenizer", "words"),
        )
    if isinstance(sentence, bytes):
        return (
            f"{shorten(sentence)}, not a list of words; decode and split it, as in"
            " (line.decode().split() for line in lines)"
        )
    if isinstance(sentence, Mapping):
        texts = [key for key, value in sentence.items() if isinstance(value, str)]
        key = repr((texts or list(sentence) or ["text"])[0])
        split = ".split()" if texts or not sentence else ""
        return (
            f"{shorten(sentence)}, and only its keys would be read; name one, as in column={key},"
            f" or give its words, as in (row[{key}]{split} for row in rows)"
        )
    if isinstance(sentence, (set, frozenset)):
        return (
            f"a {type(sentence).__name__}, which has no order, and a word is learned from those"
            " beside it; give a list of words"
        )
    with contextlib.suppress(TypeError):  # of an array without dimensions, too
        iter(sentence)  # type: ignore[call-overload]
        return None
    return f"{shorten(sentence)}, not a list of words; give a list of words for each sentence"


def is_overlong(word: str) -> bool:
    """Return whether a word has more bytes than any word may have."""
    return 4 * len(word) > LONGEST_WORD and len(word.encode()) > LONGEST_WORD


def are_sound(words: Sequence[object]) -> bool:
    """Return whether `word_fault` finds nothing in any of these words; much faster, for many."""
    if not all(issubclass(kind, str) for kind in set(map(type, words))):
        return False
    lines = "\n".join(cast(Sequence[str], words))
    try:
        lines.encode()
    except UnicodeEncodeError:
        return False
    is_short = 4 * max(map(len, cast(Sequence[str], words)), default=0) <= LONGEST_WORD
    return is_short and "\0" not in lines and lines.split() == list(words)


def word_fault(word: object) -> str | None:
    """Return what is wrong with a word, and the cure; None for a good one."""
    if isinstance(word, bytes):
        return "of type bytes; words are strings: decode it, as in word.decode()"
    if not isinstance(word, str):
        kind = type(word).__name__
        if isinstance(word, tuple):
            return (
                "of type tuple; words are strings or whole numbers: join its parts, as in"
                " '_'.join(map(str, word))"
            )
        if isinstance(word, Iterable):
            return f"of type {kind}; a sentence is a flat list of strings or whole numbers"
        is_missing = word is None or (isinstance(word, float) and math.isnan(word))
        is_whole = isinstance(word, float) and word.is_integer()
        cure = "leave it out" if is_missing else f"use {'int' if is_whole else 'str'}(word)"
        return f"of type {kind}; words are strings or whole numbers: {cure}"
    if not word.strip():
        return "empty or nothing but white space; leave it out"
    if word.split() != [word]:
        joined = "_".join(word.split())
        return (
            "with white space in it; a name becomes one word with an underscore, as in"
            f" {shorten(joined)}, and a text is split, as in text.split()"
        )
    if "\0" in word:
        return "with a NUL character in it; words are text"
    try:
        word.encode()
    except UnicodeEncodeError:
        return "with a lone surrogate, which UTF-8 cannot hold; decode the text it came from anew"
    if is_overlong(word):
        return f"of more than {LONGEST_WORD:,} bytes, which no word has; leave it out"
    return None
