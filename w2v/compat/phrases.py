"""gensim's Phrases and FrozenPhrases, whose counting runs on the engine's kernels."""

import contextlib
import os
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from w2v.arguments import checked_path
from w2v.compat.odd_words import hidden, hidden_sentences, shown_counts
from w2v.compat.phrase_files import damage_reported, read, write
from w2v.compat.phrase_joining import Joining, Scored
from w2v.compat.phrase_scoring import (
    NEVER,
    Scorer,
    checked_scorer,
    npmi_scorer,
    original_scorer,
    scorer_name,
    scorer_of,
)
from w2v.errors import CorpusError
from w2v.machine import available_cores
from w2v.phrases.finding import spelled_counts
from w2v.phrases.settings import ENGLISH as ENGLISH_CONNECTOR_WORDS
from w2v.phrases.text import PhraseText
from w2v.text.corpus import open_corpus
from w2v.text.vocabulary import NoWordsError

__all__ = [
    "ENGLISH_CONNECTOR_WORDS",
    "FrozenPhrases",
    "Phraser",
    "Phrases",
    "npmi_scorer",
    "original_scorer",
]


class Phrases(Joining):
    """Words and pairs of words that were counted, and the phrases that follow from them.

    Parameters
    ----------
    sentences : iterable of list of str, optional
        The sentences to count; more can be added by `add_vocab`.
    min_count : float, above 0
        The scorers' `min_count`.
    threshold : float
        A phrase scores more than this.
    max_vocab_size : int
        When more words and pairs than this were counted, rare ones are dropped. gensim does so
        while it counts; here it is done at the end of `add_vocab`, so that fewer are lost.
    delimiter : str
        What joins the words of a phrase.
    progress_per : int
        Has no effect here.
    scoring : {"default", "npmi"} or callable
        The scorer; a function takes gensim's six parameters by name.
    connector_words : iterable of str
        Words that may stand inside a phrase, but do not begin or end one.

    Raises
    ------
    ValueError
        An argument is out of range.
    CorpusError
        A sentence is not a list of words.
    """

    def __init__(
        self,
        sentences: Iterable[Sequence[str]] | None = None,
        min_count: float = 5,
        threshold: float = 10.0,
        max_vocab_size: int = 40_000_000,
        delimiter: str = "_",
        progress_per: int = 10_000,
        scoring: str | Scorer = "default",
        connector_words: Iterable[str] = frozenset(),
    ) -> None:
        super().__init__(connector_words)
        if min_count <= 0:
            raise ValueError(f"min_count must be above 0, not {min_count!r}.")
        if threshold <= 0 and scoring == "default":
            raise ValueError(f"threshold must be above 0 for default scoring, not {threshold!r}.")
        if scoring == "npmi" and not -1 <= threshold <= 1:
            raise ValueError(f"threshold must be from -1 to 1 for npmi scoring, not {threshold!r}.")
        if not delimiter:
            raise ValueError("delimiter must be one or more characters, not ''.")
        self.scoring = checked_scorer(scoring)
        self.min_count = min_count
        self.threshold = threshold
        self.max_vocab_size = max_vocab_size
        self.delimiter = delimiter
        self.progress_per = progress_per
        self.vocab: dict[str, int] = {}
        self.min_reduce = 1
        self.corpus_word_count = 0
        if sentences is not None:
            self.add_vocab(sentences)

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<{len(self.vocab)} vocab, min_count={self.min_count},"
            f" threshold={self.threshold}, max_vocab_size={self.max_vocab_size}>"
        )

    def add_vocab(self, sentences: Iterable[Sequence[str]]) -> None:
        """Count the words and pairs of more sentences."""
        counts, words = self._counted(sentences)
        self.corpus_word_count += words
        if not self.vocab:
            self.vocab, counts = counts, {}
        for text, count in counts.items():
            self.vocab[text] = self.vocab.get(text, 0) + count
        while len(self.vocab) > self.max_vocab_size:
            self.vocab = {
                text: count for text, count in self.vocab.items() if count > self.min_reduce
            }
            self.min_reduce += 1

    def _counted(self, sentences: Iterable[Sequence[str]]) -> tuple[dict[str, int], int]:
        beginning = iter(sentences)
        first = next(beginning, None)
        if first is None:
            return {}, 0
        if beginning is not sentences and self.delimiter.split() == [self.delimiter]:
            with contextlib.suppress(CorpusError):  # of odd words, which are rare
                return self._counted_words(sentences, self.connector_words, self.delimiter)
        given = chain([first], beginning) if beginning is sentences else sentences
        connectors = frozenset(map(hidden, self.connector_words))
        counts, words = self._counted_words(
            hidden_sentences(given), connectors, hidden(self.delimiter)
        )
        return shown_counts(counts), words

    @staticmethod
    def _counted_words(
        sentences: Iterable[Sequence[str]], connectors: Iterable[str], delimiter: str
    ) -> tuple[dict[str, int], int]:
        try:
            text = PhraseText(open_corpus(sentences), connectors, available_cores())
        except NoWordsError:
            return {}, 0
        return spelled_counts(text, delimiter), len(text.tokens)

    def score_candidate(self, word_a: str, word_b: str, in_between: list[str]) -> Scored:
        """Return a candidate joined and its score; (None, None) where it is not a phrase."""
        phrase = self.delimiter.join([word_a, *in_between, word_b])
        counts = [self.vocab.get(text, 0) for text in (word_a, word_b, phrase)]
        if min(counts) <= 0:
            return None, None
        score = self.scoring(
            worda_count=counts[0], wordb_count=counts[1], bigram_count=counts[2],
            len_vocab=len(self.vocab), min_count=self.min_count,
            corpus_word_count=self.corpus_word_count,
        )  # fmt: skip
        return (phrase, score) if score > self.threshold else (None, None)

    def export_phrases(self) -> dict[str, float]:
        """Return all phrases with their scores, also those that joining never reaches.

        As in gensim, what was counted is split at the delimiter, so that words which hold it are
        taken as several.
        """
        found = {}
        for text in self.vocab:
            words = text.split(self.delimiter)
            if len(words) > 1:
                phrase, score = self.score_candidate(words[0], words[-1], words[1:-1])
                if phrase is not None and score is not None:
                    found[phrase] = score
        return found

    def freeze(self) -> "FrozenPhrases":
        """Return the phrases alone, without the counts."""
        return FrozenPhrases(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the counts and settings to a text file; no pickle."""
        more = {
            "max_vocab_size": self.max_vocab_size, "min_reduce": self.min_reduce,
            "corpus_word_count": self.corpus_word_count,
        }  # fmt: skip
        write(checked_path("path", path), "Phrases", {**_settings(self), **more}, self.vocab)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Phrases":
        """Read what `save` wrote; a pickle of gensim's is not read."""
        file = checked_path("path", path)
        header, counts = read(file, "Phrases")
        with damage_reported(file):
            model = cls(**_arguments(header), max_vocab_size=int(header["max_vocab_size"]))
            model.vocab = {text: int(count) for text, count in counts.items()}
            model.min_reduce = int(header["min_reduce"])
            model.corpus_word_count = int(header["corpus_word_count"])
        return model


class FrozenPhrases(Joining):
    """Phrases and their scores, without the counts: smaller, and faster to apply.

    Parameters
    ----------
    phrases_model : Phrases
        The phrases to take.
    """

    def __init__(self, phrases_model: Phrases) -> None:
        super().__init__(phrases_model.connector_words)
        self.threshold = phrases_model.threshold
        self.min_count = phrases_model.min_count
        self.delimiter = phrases_model.delimiter
        self.scoring = phrases_model.scoring
        self.phrasegrams = phrases_model.export_phrases()

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<{len(self.phrasegrams)} phrases, min_count={self.min_count},"
            f" threshold={self.threshold}>"
        )

    def score_candidate(self, word_a: str, word_b: str, in_between: list[str]) -> Scored:
        """Return a candidate joined and its score; (None, None) where it is not a phrase."""
        phrase = self.delimiter.join([word_a, *in_between, word_b])
        score = self.phrasegrams.get(phrase, NEVER)
        return (phrase, score) if score > self.threshold else (None, None)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the phrases and settings to a text file; no pickle."""
        write(checked_path("path", path), "FrozenPhrases", _settings(self), self.phrasegrams)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "FrozenPhrases":
        """Read what `save` wrote; a pickle of gensim's is not read."""
        file = checked_path("path", path)
        header, scores = read(file, "FrozenPhrases")
        with damage_reported(file):
            model = cls(Phrases(**_arguments(header)))
        model.phrasegrams = scores
        return model


def _settings(model: Phrases | FrozenPhrases) -> dict[str, Any]:
    return {
        "delimiter": model.delimiter, "scoring": scorer_name(model.scoring),
        "threshold": model.threshold, "min_count": model.min_count,
        "connector_words": sorted(model.connector_words),
    }  # fmt: skip


def _arguments(header: dict[str, Any]) -> dict[str, Any]:
    names = ("delimiter", "threshold", "min_count", "connector_words")
    return {"scoring": scorer_of(header["scoring"]), **{name: header[name] for name in names}}


Phraser = FrozenPhrases
