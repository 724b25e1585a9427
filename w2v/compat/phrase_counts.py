"""Counts of words and of pairs of words, which become strings no sooner than somebody looks.

A text has several times as many different pairs as words, and hardly any pair is a phrase. To make
a string of each takes longer than to count them all.
"""

import contextlib
import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain

from w2v.compat.odd_words import HiddenSentences, hidden, shown_counts
from w2v.errors import CorpusError
from w2v.machine import available_cores
from w2v.phrases.counting import count_phrases
from w2v.phrases.finding import spelled_counts
from w2v.phrases.text import PhraseText
from w2v.text.corpus import open_corpus
from w2v.text.vocabulary import NoWordsError

_MOST = 1 << 62  # no text has as many words


def count_sentences(
    sentences: Iterable[Sequence[str]], connectors: frozenset[str], delimiter: str, min_count: float
) -> "PhraseCounts | None":
    """Count sentences, or return None where they have no words.

    Parameters
    ----------
    sentences : iterable of list of str
        The sentences; they are read once, or begun anew where odd words are found in a list.
    connectors : frozenset of str
        Words that may stand inside a phrase, but do not begin or end one.
    delimiter : str
        What stands between the words of a candidate.
    min_count : float, above 0
        Candidates that are rarer than this are not among the frequent ones.

    Raises
    ------
    CorpusError
        A sentence is not a list of words.
    """
    beginning = iter(sentences)
    first = next(beginning, None)
    if first is None:
        return None
    least = max(1, math.ceil(min(min_count, _MOST)))
    is_plain = delimiter.split() == [delimiter]
    if beginning is not sentences and is_plain:
        with contextlib.suppress(CorpusError):  # of odd words, which are rare
            return _counted(sentences, connectors, delimiter, least)
    given = HiddenSentences(chain([first], beginning) if beginning is sentences else sentences)
    counts = _counted(given, frozenset(map(hidden, connectors)), hidden(delimiter), least)
    if counts is not None:
        counts.are_odd = given.are_odd or not is_plain
    return counts


def _counted(
    sentences: Iterable[Sequence[str]], connectors: frozenset[str], delimiter: str, least: int
) -> "PhraseCounts | None":
    try:
        text = PhraseText(open_corpus(sentences), connectors, available_cores())
    except NoWordsError:
        return None
    return PhraseCounts(text, delimiter, least)


class PhraseCounts:
    """How often the words and the candidates of a text are spelled.

    Parameters
    ----------
    text : PhraseText
        The text, which is counted at once.
    delimiter : str
        What stands between the words of a candidate.
    least : int
        The least count of the candidates in `frequent`.

    Attributes
    ----------
    words : int
        The words of the text, connectors among them.
    are_odd : bool
        Whether the text holds others in the place of odd words. Then only `all` is right.
    """

    def __init__(self, text: PhraseText, delimiter: str, least: int) -> None:
        self._text, self._delimiter = text, delimiter
        self._found = count_phrases(text, delimiter, least)
        self.words, self.least = len(text.tokens), least
        self.are_odd = False

    def __len__(self) -> int:
        """Return the number of different words and candidates, connectors apart."""
        return self._found.distinct

    @cached_property
    def frequent(self) -> dict[str, int]:
        """The counts of all words and of frequent candidates."""
        return spelled_counts(self._text, self._found, self._delimiter)

    def all(self) -> dict[str, int]:
        """Return the counts of all words and candidates."""
        found = self._found
        if self.least > 1:
            found = count_phrases(self._text, self._delimiter, least=1)
        counts = spelled_counts(self._text, found, self._delimiter)
        return shown_counts(counts) if self.are_odd else counts
