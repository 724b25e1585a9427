"""Joins the phrases of sentences, as gensim does: the part that Phrases and FrozenPhrases share."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

Scored = tuple[str, float] | tuple[None, None]


class Joining(ABC):
    """Joins each candidate that `score_candidate` takes for a phrase."""

    def __init__(self, connector_words: Iterable[str]) -> None:
        self.connector_words = frozenset(connector_words)

    @abstractmethod
    def score_candidate(self, word_a: str, word_b: str, in_between: list[str]) -> Scored:
        """Return a candidate joined and its score; (None, None) where it is not a phrase."""

    def analyze_sentence(self, sentence: Iterable[str]) -> Iterator[tuple[str, float | None]]:
        """Yield the words of a sentence, with phrases joined; each with its score, or None."""
        waiting: list[str] = []  # a word that may begin a phrase, and the connectors after it
        for word in sentence:
            if word in self.connector_words:
                if waiting:
                    waiting.append(word)
                else:
                    yield word, None
                continue
            if waiting:
                phrase, score = self.score_candidate(waiting[0], word, waiting[1:])
                if phrase is not None:
                    yield phrase, score
                    waiting = []
                    continue
                yield from ((each, None) for each in waiting)
            waiting = [word]
        yield from ((each, None) for each in waiting)

    def __getitem__(self, sentence: Iterable[Any]) -> Any:
        """Return a sentence with its phrases joined; for a corpus, an iterable of such."""
        beginning = iter(sentence)
        first = next(beginning, None)
        if first is not None and not isinstance(first, str):
            is_spent = beginning is sentence
            return _JoinedSentences(self, chain([first], beginning) if is_spent else sentence)
        words = [] if first is None else chain([first], beginning)
        return [word for word, _ in self.analyze_sentence(words)]

    def find_phrases(self, sentences: Iterable[Iterable[str]]) -> dict[str, float]:
        """Return the phrases that joining finds in sentences, with their scores."""
        found = chain.from_iterable(map(self.analyze_sentence, sentences))
        return {phrase: score for phrase, score in found if score is not None}


class _JoinedSentences:
    """Sentences with their phrases joined as they are read."""

    def __init__(self, phrases: Joining, sentences: Iterable[Iterable[str]]) -> None:
        self._phrases, self._sentences = phrases, sentences

    def __iter__(self) -> Iterator[list[str]]:
        for sentence in self._sentences:
            yield self._phrases[sentence]
