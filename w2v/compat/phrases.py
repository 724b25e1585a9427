"""gensim's Phrases and FrozenPhrases, whose counting runs on the engine's kernels."""

import os
from collections.abc import Iterable, Sequence
from typing import Any

from w2v.arguments import checked_path
from w2v.compat.phrase_counts import PhraseCounts, count_sentences
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
from w2v.phrases.settings import ENGLISH as ENGLISH_CONNECTOR_WORDS

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
        self._vocab: dict[str, int] = {}
        self._waiting: PhraseCounts | None = None  # becomes the vocabulary when somebody looks
        self.min_reduce = 1
        self.corpus_word_count = 0
        if sentences is not None:
            self.add_vocab(sentences)

    def __str__(self) -> str:
        return (
            f"{type(self).__name__}<{self._distinct} vocab, min_count={self.min_count},"
            f" threshold={self.threshold}, max_vocab_size={self.max_vocab_size}>"
        )

    @property
    def vocab(self) -> dict[str, int]:
        """The counts of words and pairs of words."""
        if self._waiting is not None:
            self._vocab, self._waiting = self._waiting.all(), None
        return self._vocab

    @vocab.setter
    def vocab(self, counts: dict[str, int]) -> None:
        self._vocab, self._waiting = counts, None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_vocab": self.vocab, "_waiting": None}

    def add_vocab(self, sentences: Iterable[Sequence[str]]) -> None:
        """Count the words and pairs of more sentences."""
        counted = count_sentences(sentences, self.connector_words, self.delimiter, self.min_count)
        if counted is None:
            return
        self.corpus_word_count += counted.words
        if not (self._distinct or counted.are_odd or len(counted) > self.max_vocab_size):
            self._waiting = counted
            return
        counts = counted.all()
        if not self.vocab:
            self.vocab, counts = counts, {}
        for text, count in counts.items():
            self.vocab[text] = self.vocab.get(text, 0) + count
        while len(self.vocab) > self.max_vocab_size:
            self.vocab = {
                text: count for text, count in self.vocab.items() if count > self.min_reduce
            }
            self.min_reduce += 1

    @property
    def _distinct(self) -> int:
        return len(self._vocab if self._waiting is None else self._waiting)

    def _frequent(self) -> dict[str, int]:
        """Return the counts of all that can be a phrase, and of words; those of rare pairs lack.

        gensim's scorers let no pair pass that is rarer than `min_count`. For other scorers, and
        where a setting was changed since the pairs were counted, these are all counts.
        """
        waiting = self._waiting
        if waiting is None or self.min_count <= waiting.least - 1:
            return self.vocab
        if self.scoring is npmi_scorer or (self.scoring is original_scorer and self.threshold >= 0):
            return waiting.frequent
        return self.vocab

    def score_candidate(self, word_a: str, word_b: str, in_between: list[str]) -> Scored:
        """Return a candidate joined and its score; (None, None) where it is not a phrase."""
        phrase = self.delimiter.join([word_a, *in_between, word_b])
        counts = self._frequent()
        together = counts.get(phrase, 0)
        if together <= 0:
            return None, None
        first, last = counts.get(word_a, 0), counts.get(word_b, 0)
        if not (first and last) and self.delimiter in word_a + word_b:  # maybe a rare pair
            first, last = self.vocab.get(word_a, 0), self.vocab.get(word_b, 0)
        if first <= 0 or last <= 0:
            return None, None
        score = self.scoring(
            worda_count=first, wordb_count=last, bigram_count=together,
            len_vocab=self._distinct, min_count=self.min_count,
            corpus_word_count=self.corpus_word_count,
        )  # fmt: skip
        return (phrase, score) if score > self.threshold else (None, None)

    def export_phrases(self) -> dict[str, float]:
        """Return all phrases with their scores, also those that joining never reaches.

        As in gensim, what was counted is split at the delimiter, so that words which hold it are
        taken as several.
        """
        found = {}
        for text in self._frequent():
            if self.delimiter in text:
                words = text.split(self.delimiter)
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
