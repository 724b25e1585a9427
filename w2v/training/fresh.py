"""The start of a training from random numbers, on which the other starts build."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.phrases.phrases import Phrases
from w2v.text.corpus import Corpus
from w2v.text.known_vocabulary import use_vocabulary
from w2v.text.vocabulary import Vocabulary, count_vocabulary
from w2v.training.checkpoint import ResumedFrom
from w2v.training.config import TrainConfig
from w2v.training.evaluating import Evaluator
from w2v.training.events import OnEvent
from w2v.training.prepare import PreparedText, Watch
from w2v.training.trainer import Trainer
from w2v.training.vocabularies import commonest


class Fresh:
    """From random numbers, with the words of the corpus or of a vocabulary that was given.

    Attributes
    ----------
    is_new : bool
        Whether the training takes over what a corpus records about its words.
    phrases : Phrases or None
        The phrases to join where the settings ask for them; None leaves them to the corpus.
    """

    is_new = True
    phrases: Phrases | None = None

    def __init__(self, vocabulary: Mapping[str, int] | None = None) -> None:
        """Take the words and their counts; None leaves them to the corpus."""
        self._vocabulary = vocabulary

    def config(self, settings: Mapping[str, Any]) -> TrainConfig:
        """Return the settings; those that are left out depend on the start.

        Raises ConfigError for a setting that is unknown, out of range or does not fit the start.
        """
        return TrainConfig.of({**self._defaults, **settings})

    @property
    def _defaults(self) -> dict[str, int]:
        """The settings that are other than the defaults where they are left out."""
        return {} if self._vocabulary is None else {"min_count": 1}

    def given_words(self, config: TrainConfig) -> frozenset[str] | None:
        """Return the words of the vocabulary that was given; None where none was."""
        given = self._given(config)
        return None if given is None else frozenset(given[0])

    def _given(self, config: TrainConfig) -> tuple[list[str], NDArray[np.int64]] | None:
        if self._vocabulary is None:
            return None
        return commonest(self._vocabulary, config.min_count, config.max_vocabulary)

    def count(self, corpus: Corpus, config: TrainConfig, watch: Watch) -> Vocabulary:
        """Read the corpus and return the vocabulary; call `watch` twice a second.

        Raises CorpusError where no vocabulary is left.
        """
        given = self._given(config)
        if given is not None:
            return use_vocabulary(corpus, *given, config.threads, watch, config.counting_bytes)
        return count_vocabulary(
            corpus, config.min_count, config.max_vocabulary, config.threads, watch=watch,
            table_limit=config.counting_bytes,
        )  # fmt: skip

    def begin(
        self, trainer: Trainer, text: PreparedText, evaluator: Evaluator, emit: OnEvent
    ) -> ResumedFrom | None:
        """Give the trainer, whose weights are random, its start.

        Returns what was taken from a checkpoint, if anything.
        """
        return None
