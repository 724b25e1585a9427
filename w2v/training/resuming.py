"""The start of a training from a checkpoint of its own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from w2v.arguments import whole_number
from w2v.errors import Argument, ConfigError, CorpusError, FormatError
from w2v.kernels.state import BLOCK
from w2v.text.corpus import Corpus
from w2v.text.known_vocabulary import use_vocabulary
from w2v.text.vocabulary import Vocabulary
from w2v.training.checkpoint import Checkpoint, ResumedFrom
from w2v.training.config import TrainConfig
from w2v.training.evaluating import Evaluator
from w2v.training.events import OnEvent, Resumed
from w2v.training.fresh import Fresh
from w2v.training.model import read_settings
from w2v.training.prepare import PreparedText, Watch
from w2v.training.trainer import Trainer


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
        if given.cluster is not None and stored.shards is None:
            kind = "chose no number of shards" if stored.deterministic else "was not deterministic"
            raise ConfigError(
                Argument("cluster"),
                f" cannot go on with the training of {self._checkpoint.path}, which {kind}; leave"
                " it out to resume on this machine, or start a new training.",
            )
        scopes = {name: setting.scope for name, setting in TrainConfig.settings().items()}
        for name, value in stored.as_dict().items():
            if scopes[name] != "machine" and getattr(given, name) != value:
                raise ConfigError(
                    Argument(name),
                    f" was {value!r} in the training of {self._checkpoint.path}, not"
                    f" {getattr(given, name)!r}; leave it out to resume, or start a new training.",
                )
        return replace(
            stored, workers=given.workers, device=given.device, cluster=given.cluster,
            counting_memory=given.counting_memory,
        )  # fmt: skip

    def count(self, corpus: Corpus, config: TrainConfig, watch: Watch) -> Vocabulary:
        """Count the corpus again, or find in it the words of a model or a given vocabulary.

        The training that is resumed has warned already.
        """
        return replace(self._count(corpus, config, watch), warning=None)

    def _count(self, corpus: Corpus, config: TrainConfig, watch: Watch) -> Vocabulary:
        stored = self._checkpoint.stored
        words, counts = stored.words, stored.counts
        limit = config.counting_bytes
        if self._checkpoint.continued:
            return use_vocabulary(corpus, words, counts, config.threads, watch, limit)
        found = super().count(corpus, config, watch)
        was = read_settings(stored).summary
        # What a full table drops depends on the memory that is free, and on the workers, then and
        # now. Where none dropped anything, the vocabulary of the same text is the same.
        dropped = whole_number(was.ledger.get("dropped")) or 0
        may_differ = (dropped or found.dropped) and found.corpus_words == was.corpus_words
        if found.words == words or not may_differ:
            return found
        known = use_vocabulary(corpus, words, counts, config.threads, watch, limit)
        return replace(known, dropped=dropped)

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
        # Chunks may become others.
        unit = trainer.piece(found.place.epoch) if trainer.engine.division else BLOCK
        if position > tokens or (position % unit and position < tokens):
            raise FormatError(
                f"{found.path} stands at token {position:,} of {tokens:,}, which training never"
                " reaches; start a new training."
            )


def _division(division: tuple[int, ...]) -> str:
    if not division:
        return "no shards"
    laps = f" in {division[2]} laps" if len(division) > 2 and division[2] > 1 else ""
    joined = f", of which up to {division[4]} are joined" if len(division) > 4 else ""
    hot = f", with {division[3]:,} rows that are merged more often" if len(division) > 3 else ""
    return f"{division[0]} shards of {division[1]:,} tokens{laps}{joined}{hot}"
