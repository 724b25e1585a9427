"""The starts of a training: random numbers, an earlier model, given vectors or a checkpoint."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import checked_path
from w2v.errors import Argument, ConfigError, CorpusError, FormatError
from w2v.kernels.state import BLOCK
from w2v.phrases.phrases import Phrases
from w2v.text.corpus import Corpus
from w2v.text.vocabulary import (
    Vocabulary,
    count_vocabulary,
    extend_vocabulary,
    use_vocabulary,
)
from w2v.training.checkpoint import Checkpoint, ResumedFrom
from w2v.training.config import TrainConfig
from w2v.training.defaults import default_epochs, default_min_alpha, default_sample
from w2v.training.engines.tables import first_node
from w2v.training.evaluating import Evaluator
from w2v.training.events import OnEvent, Resumed, Started
from w2v.training.model import Model
from w2v.training.prepare import PreparedText, Watch
from w2v.training.pretrained import (
    PretrainedModel,
    in_blocks,
    nodes_in_common,
    place_rows,
    words_in_common,
)
from w2v.training.request import Request
from w2v.training.trainer import Trainer
from w2v.training.vocabularies import commonest, given_vocabulary
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.vectors_like import as_vectors


def choose_initial(request: Request, checkpoint: Checkpoint | None) -> "Fresh":
    """Return the start of a training.

    Parameters
    ----------
    request : Request
        The arguments of `w2v.train`.
    checkpoint : Checkpoint or None
        The checkpoint to resume from, if any.

    Raises
    ------
    ConfigError
        An argument is of a wrong kind.
    FormatError
        A file cannot be read.
    """
    model, vectors = request.continue_from, request.init_from
    if checkpoint is not None:
        return FromCheckpoint(checkpoint)
    if model is not None:
        if not isinstance(model, Model):
            model = checked_path("continue_from", model, "a Model or ")
        return FromModel(model, request.new_words)
    if vectors is not None:
        given = given_vocabulary(request.vocabulary)
        return FromVectors(as_vectors("init_from", vectors), request.freeze, given)
    return Fresh(given_vocabulary(request.vocabulary))


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
            return use_vocabulary(corpus, *given, config.threads, watch)
        return count_vocabulary(
            corpus, config.min_count, config.max_vocabulary, config.threads, watch=watch
        )

    def begin(
        self, trainer: Trainer, text: PreparedText, evaluator: Evaluator, emit: OnEvent
    ) -> ResumedFrom | None:
        """Give the trainer, whose weights are random, its start.

        Returns what was taken from a checkpoint, if anything.
        """
        return None


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
            corpus, words, counts, min_count, config.max_vocabulary, config.threads, watch
        )

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


class FromCheckpoint(Fresh):
    """From a checkpoint of a training with the same settings and corpus."""

    is_new = False

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        self._checkpoint = checkpoint
        self.phrases = checkpoint.phrases

    def config(self, settings: Mapping[str, Any]) -> TrainConfig:
        """Return the settings of the checkpoint; raise ConfigError where a given one differs."""
        stored = self._checkpoint.config
        given = TrainConfig.of({**stored.as_dict(), **settings})
        scopes = {name: setting.scope for name, setting in TrainConfig.settings().items()}
        for name, value in stored.as_dict().items():
            if scopes[name] != "machine" and getattr(given, name) != value:
                raise ConfigError(
                    Argument(name),
                    f" was {value!r} in the training that {self._checkpoint.path} is of, not"
                    f" {getattr(given, name)!r}; leave it out to resume, or start a new training.",
                )
        return replace(stored, workers=given.workers, device=given.device)

    def count(self, corpus: Corpus, config: TrainConfig, watch: Watch) -> Vocabulary:
        """Count the corpus again, or find in it the words of a model or a given vocabulary.

        The training that is resumed has warned already.
        """
        return replace(self._count(corpus, config, watch), warning=None)

    def _count(self, corpus: Corpus, config: TrainConfig, watch: Watch) -> Vocabulary:
        if not self._checkpoint.continued:
            return super().count(corpus, config, watch)
        stored = self._checkpoint.stored
        words, counts = stored.words, stored.counts
        return use_vocabulary(corpus, words, counts, config.threads, watch)

    def begin(
        self, trainer: Trainer, text: PreparedText, evaluator: Evaluator, emit: OnEvent
    ) -> ResumedFrom:
        """Go on from the checkpoint, with any number of workers.

        Raises CorpusError where the checkpoint is of another corpus, and FormatError where training
        never reaches its place.
        """
        found, stored = self._checkpoint, self._checkpoint.stored
        if text.fingerprint != found.fingerprint or text.vocabulary.words != stored.words:
            raise CorpusError(
                f"The corpus is not the one that {found.path} was trained on: its words or their"
                " order differ; give that corpus, or start a new training."
            )
        self._check_place(trainer)
        weights = trainer.weights
        for name, matrix in (("vectors", weights.input), ("output", weights.output)):
            for first, rows in stored.rows(name):
                matrix[first : first + len(rows), : stored.vector_size] = rows
        trainer.engine.weights_in(weights)
        trainer.go_on_from(found.place, found.monitor_state, found.loss_curves)
        trainer.freeze(found.frozen)
        best = evaluator.go_on_from(found.evaluation, found.read_best)
        emit(Resumed(str(found.path), trainer.words, found.passed_over))
        return ResumedFrom(found.path, best)

    def _check_place(self, trainer: Trainer) -> None:
        found = self._checkpoint
        if found.division != trainer.engine.division:
            raise FormatError(
                f"{found.path} comes from a training that divided the text into"
                f" {_division(found.division)}, where this version of w2v has"
                f" {_division(trainer.engine.division)}; start a new training."
            )
        position, tokens = found.place.position, trainer.tokens
        unit = trainer.piece if trainer.engine.division else BLOCK  # chunks may become others
        if position > tokens or (position % unit and position < tokens):
            raise FormatError(
                f"{found.path} stands at token {position:,} of {tokens:,}, which training never"
                " reaches; start a new training."
            )


def _division(division: tuple[int, ...]) -> str:
    return f"{division[0]} shards of {division[1]:,} tokens" if len(division) == 2 else "no shards"


def _listed(words: Sequence[str]) -> str:
    return ", ".join(map(repr, words[:3]))
