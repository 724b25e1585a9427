"""The starts of a training from existing vectors: an earlier model's, or given ones."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from w2v.errors import Argument, ConfigError
from w2v.text.corpus import Corpus
from w2v.text.known_vocabulary import extend_vocabulary
from w2v.text.vocabulary import Vocabulary
from w2v.training.checkpoint import ResumedFrom
from w2v.training.config import TrainConfig
from w2v.training.defaults import default_epochs, default_min_alpha, default_sample
from w2v.training.engines.tables import first_node
from w2v.training.evaluating import Evaluator
from w2v.training.events import OnEvent, Started
from w2v.training.fresh import Fresh
from w2v.training.model import Model
from w2v.training.prepare import PreparedText, Watch
from w2v.training.pretrained import (
    PretrainedModel,
    in_blocks,
    nodes_in_common,
    place_rows,
    words_in_common,
)
from w2v.training.trainer import Trainer
from w2v.vectors.keyed_vectors import KeyedVectors


class FromModel(Fresh):
    """From an earlier model, to whose counts those of the corpus are added."""

    is_new = False

    def __init__(self, source: str | os.PathLike[str] | Model, new_words: bool) -> None:
        """Take or read a model; `new_words`: whether new words of the corpus get vectors too."""
        super().__init__()
        self._model = PretrainedModel.of(source)
        self.phrases = self._model.phrases
        self._new_words = new_words

    def config(self, settings: Mapping[str, Any]) -> TrainConfig:
        """Return the model's settings, replaced by those that were given."""
        stored = self._model.config.as_dict()
        scopes = {name: setting.scope for name, setting in TrainConfig.settings().items()}
        kept = {name: value for name, value in stored.items() if scopes[name] != "machine"}
        config = TrainConfig.of({**kept, **self._left_to_the_text(), **settings})
        for name, scope in scopes.items():
            if scope == "model" and getattr(config, name) != stored[name]:
                before = "its default" if stored[name] is None else repr(stored[name])
                raise ConfigError(
                    Argument(name),
                    f" is {before} in the model to continue and cannot become"
                    f" {getattr(config, name)!r}; leave it out, or train a new model.",
                )
        size, most = len(self._model.words), config.max_vocabulary
        if self._new_words and most is not None and most <= size:
            raise ConfigError(
                Argument("new_words"), " has no effect with ", Argument("max_vocabulary", most),
                f": the model has {size:,} words already; give a larger ",
                Argument("max_vocabulary"), ", or leave ", Argument("new_words"), " out.",
            )  # fmt: skip
        return config

    def _left_to_the_text(self) -> dict[str, None]:
        """Return None for the settings that were not given, but chosen by the model's own text.

        They are chosen again by the new text: forty epochs, right for a thousand words, are far too
        many for a million.
        """
        config = self._model.config
        tokens = round(self._model.tokens * (1 - config.held_out))
        chosen = {
            "epochs": default_epochs(tokens),
            "sample": default_sample(len(self._model.words)),
            "min_alpha": default_min_alpha(config.learning_rate, tokens, config.passes),
        }
        return {name: None for name, value in chosen.items() if getattr(config, name) == value}

    def count(self, corpus: Corpus, config: TrainConfig, watch: Watch) -> Vocabulary:
        """Add the counts of the corpus to the model's."""
        words, counts = self._model.words, self._model.counts
        min_count = config.min_count if self._new_words else None
        return extend_vocabulary(
            corpus, words, counts, min_count, config.max_vocabulary, config.threads, watch,
            config.counting_bytes,
        )  # fmt: skip

    def begin(
        self, trainer: Trainer, text: PreparedText, evaluator: Evaluator, emit: OnEvent
    ) -> ResumedFrom | None:
        """Give the model's words their vectors; new ones keep random numbers.

        In negative sampling, words keep their output vectors too. In hierarchical softmax, the tree
        is made again from all counts, and an inner node keeps its vector if it separates the same
        words as before. The output vectors of other nodes, and of new words, start at zero.
        """
        model, weights, vocabulary = self._model, trainer.weights, text.vocabulary
        config = model.config
        known, rows = words_in_common(model.words, vocabulary)
        place_rows(model.rows("vectors"), rows, weights.input, known)
        if config.has_noise:
            place_rows(model.rows("output"), rows, weights.output, known)
        if config.has_paths:
            nodes, places, signs = nodes_in_common(
                model.words, model.counts, vocabulary.words, vocabulary.counts
            )
            nodes = nodes + first_node(len(model.words), config)
            places = places + first_node(len(vocabulary), config)
            place_rows(model.rows("output"), nodes, weights.output, places)
            weights.output[places[signs < 0]] *= -1
        trainer.engine.weights_in(weights)
        emit(Started(len(known), len(vocabulary), frozen=False))
        return None


class FromVectors(Fresh):
    """From given vectors, for the words that they share with the corpus."""

    def __init__(
        self, vectors: KeyedVectors, frozen: bool, vocabulary: Mapping[str, int] | None
    ) -> None:
        """Take vectors; `frozen`: whether they stay as they are."""
        super().__init__(vocabulary)
        self._vectors = vectors
        self._frozen = frozen

    def config(self, settings: Mapping[str, Any]) -> TrainConfig:
        """Return the settings, with the vectors' own vector_size."""
        size = self._vectors.vector_size
        config = TrainConfig.of({"vector_size": size, **self._defaults, **settings})
        if config.vector_size != size:
            raise ConfigError(
                Argument("vector_size"),
                f" must be {size}, as in the vectors to start from, not {config.vector_size};"
                " leave it out.",
            )
        return config

    def begin(
        self, trainer: Trainer, text: PreparedText, evaluator: Evaluator, emit: OnEvent
    ) -> ResumedFrom | None:
        """Give the words in common their vectors; raise ConfigError where there are none."""
        known, rows = words_in_common(self._vectors.index_to_key, text.vocabulary)
        if not len(known):
            raise ConfigError(
                "The vectors to start from and the corpus have no word in common; the first words"
                f" are {_listed(self._vectors.index_to_key)} and {_listed(text.vocabulary.words)}."
            )
        weights = trainer.weights
        place_rows(in_blocks(self._vectors.vectors), rows, weights.input, known)
        trainer.engine.weights_in(weights)
        if self._frozen:
            trainer.freeze(known)
        emit(Started(len(known), len(text.vocabulary), self._frozen))
        return None


def _listed(words: Sequence[str]) -> str:
    return ", ".join(map(repr, words[:3]))
