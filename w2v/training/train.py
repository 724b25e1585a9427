"""The whole way from a corpus to a model, in one call."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import NoneType
from typing import Any

from w2v.errors import ConfigError, CorpusError, DivergedError
from w2v.files import is_same_file
from w2v.text.corpus import Corpus, CorpusLike, InvalidUtf8, open_corpus
from w2v.text.encoding import EncodedCorpus, encode_corpus
from w2v.text.held_out import hold_out
from w2v.text.vocabulary import Vocabulary, count_vocabulary
from w2v.training.callbacks import Callback, Training, TrainingError
from w2v.training.checkpoint import (
    BEST,
    Checkpoint,
    Checkpoints,
    fingerprint,
    is_used,
    read_checkpoint,
)
from w2v.training.config import TrainConfig
from w2v.training.evaluating import Evaluator
from w2v.training.events import (
    CorpusEncoded,
    Event,
    OnEvent,
    Resumed,
    VocabularyCounted,
)
from w2v.training.ledger import Ledger
from w2v.training.model import Model, load_model
from w2v.training.trainer import Trainer


def train(
    corpus: CorpusLike | None = None,
    *,
    invalid_utf8: InvalidUtf8 = "error",
    on_event: OnEvent | None = None,
    callbacks: Sequence[Callback] = (),
    evaluate: Sequence[str | os.PathLike[str]] = (),
    evaluate_every: float = 100.0,
    early_stop: str | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: float = 60.0,
    resume: str | os.PathLike[str] | Checkpoint | None = None,
    notes: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Model:
    """Train word vectors on a corpus.

    Parameters:
        corpus: a path, a glob, a known name ("text8", "toy"), an iterable of sentences (lists of
            words) that can be read twice, or what `open_corpus` returned. With `resume` it may be
            left out where it was files or a known name.
        invalid_utf8: "error", or "replace" to put U+FFFD in the place of invalid bytes.
        on_event: called in this thread with each event of `w2v.training.events`; what it raises
            ends the training and is raised again.
        callbacks: each called with a `w2v.Training` after every chunk and epoch, to look, save or
            stop; what one raises ends the training with a TrainingError that holds the model.
        evaluate: analogy and similarity sets to score the vectors on while they are trained.
        evaluate_every: million words of the corpus between evaluations; the last is at the end.
        early_stop: "METRIC:PATIENCE" ends the training after so many evaluations in a row that
            brought nothing better, and returns the best vectors. METRIC is a test set's file name
            without suffix, or "held-out".
        checkpoint: a directory for checkpoints, of which the last two are kept.
        checkpoint_every: seconds between them.
        resume: a directory of checkpoints to go on from, or what `read_checkpoint` found in it;
            further ones go there too.
        notes: whatever of strings, numbers, lists and dicts the checkpoints shall keep.
        settings: those of TrainConfig, by name: `architecture`, `loss`, `vector_size`, `window`,
            `negative`, `epochs`, `min_count`, `max_vocabulary`, `sample`, `alpha`, `min_alpha`,
            `workers`, `seed`, `held_out`. With `resume` they may be left out.

    Returns the model. Raises ConfigError for a setting that is out of range or unknown, or another
    than it was where training is resumed; DivergedError for a learning rate that was too high;
    CorpusError for a corpus that cannot be read, holds nothing to train on, or has changed;
    FormatError for a bad test set or where no checkpoint is whole.
    """
    tell = on_event or _ignore
    start = resume if isinstance(resume, (Checkpoint, NoneType)) else read_checkpoint(resume)
    config = TrainConfig.of(settings) if start is None else _same_config(start, settings)
    evaluator = Evaluator(evaluate, evaluate_every, early_stop, config.held_out > 0, tell)
    checkpoints = _checkpoints(checkpoint, checkpoint_every, start, tell)
    opened = _open(corpus, invalid_utf8, start)
    text = _read(opened, config, with_fingerprint=checkpoints is not None, tell=tell)
    trainer = Trainer(text.corpus, text.vocabulary, config, text.held_out)
    training = Training(trainer, text.vocabulary, text.ledger)
    own: list[Callback] = [evaluator]
    if start is not None:
        _go_on(start, text, trainer, evaluator, tell)
    if checkpoints is not None:
        origin = opened.origin and dataclasses.asdict(opened.origin)
        checkpoints.begin(text.fingerprint, origin, notes or {}, evaluator)
        own.append(checkpoints)
    training.compile_seconds = trainer.compile()
    try:
        _run(training, own, callbacks, tell)
        if checkpoints is not None:
            checkpoints.write(training)
    except DivergedError as error:
        last = "" if checkpoints is None else checkpoints.last_good()
        raise DivergedError(f"{error}{last}") from error
    return _finish(training, evaluator, text.ledger, tell)


@dataclasses.dataclass(frozen=True)
class _ReadText:
    """A corpus, counted and encoded; the fingerprint is empty where it was not wanted."""

    vocabulary: Vocabulary
    corpus: EncodedCorpus
    held_out: EncodedCorpus | None
    ledger: Ledger
    fingerprint: str


def _same_config(start: Checkpoint, settings: Mapping[str, Any]) -> TrainConfig:
    """Return the settings of a checkpoint; ConfigError where one is given and differs."""
    stored = start.model.config
    given = TrainConfig.of({**stored.as_dict(), **settings})
    for name, value in stored.as_dict().items():
        if getattr(given, name) != value:
            raise ConfigError(
                f"{name} was {value!r} in the training that {start.path} is of, not"
                f" {getattr(given, name)!r}; leave it out to resume, or start a new training."
            )
    return stored


def _checkpoints(
    directory: str | os.PathLike[str] | None,
    every: float,
    start: Checkpoint | None,
    tell: OnEvent,
) -> Checkpoints | None:
    """Return what writes checkpoints, if any are wanted."""
    if directory is None:
        return None if start is None else Checkpoints(start.path.parent, every, tell)
    checkpoints = Checkpoints(directory, every, tell)
    is_resumed = start is not None and is_same_file(Path(directory), start.path.parent)
    if is_used(directory) and not is_resumed:
        raise ConfigError(
            f"{directory} holds the checkpoints of another training; resume that"
            f" (resume={str(directory)!r}, --resume {directory}) or name another directory."
        )
    return checkpoints


def _open(corpus: CorpusLike | None, invalid_utf8: InvalidUtf8, start: Checkpoint | None) -> Corpus:
    if corpus is not None:
        return open_corpus(corpus, invalid_utf8=invalid_utf8)
    if start is None:
        raise CorpusError("No corpus was given; name a file, or 'toy' for a built-in text.")
    if start.corpus is None:
        raise CorpusError(
            f"The corpus of {start.path} was no file that could be found again; give it once more."
        )
    return open_corpus(*start.corpus["sources"], invalid_utf8=start.corpus["invalid_utf8"])


def _read(
    corpus: Corpus, config: TrainConfig, *, with_fingerprint: bool, tell: OnEvent
) -> _ReadText:
    """Count and encode the corpus, and hold out a part of it if that is wanted."""
    began = time.perf_counter()
    vocabulary = count_vocabulary(corpus, config.min_count, config.max_vocabulary, config.threads)
    counted = time.perf_counter()
    tell(
        VocabularyCounted(
            corpus_words=vocabulary.corpus_words,
            distinct_words=vocabulary.distinct_words,
            vocabulary=len(vocabulary),
            tokens=vocabulary.tokens,
            replaced=corpus.replaced,
            seconds=counted - began,
        )
    )
    encoded = encode_corpus(corpus, vocabulary, config.threads)
    mark = fingerprint(vocabulary, encoded) if with_fingerprint else ""
    sentences = len(encoded.sentence_offsets) - 1
    held_out = None
    if config.held_out > 0:
        encoded, held_out = hold_out(encoded, config.held_out, config.seed)
    held = 0 if held_out is None else len(held_out.tokens)
    tell(CorpusEncoded(vocabulary.tokens, sentences, held, time.perf_counter() - counted))
    ledger = Ledger.of(vocabulary, held, sentences, corpus.replaced)
    return _ReadText(vocabulary, encoded, held_out, ledger, mark)


def _go_on(
    start: Checkpoint, text: _ReadText, trainer: Trainer, evaluator: Evaluator, tell: OnEvent
) -> None:
    """Let a trainer go on from a checkpoint; CorpusError where it was of another corpus."""
    if text.fingerprint != start.fingerprint:
        raise CorpusError(
            f"The corpus is not the one that {start.path} was trained on: its words or their order"
            " are others; give that corpus, or start a new training."
        )
    trainer.go_on_from(start.place, start.model.vectors.vectors, start.model.output)
    best = start.path.parent / BEST
    evaluator.go_on_from(start.evaluation, load_model(best) if best.exists() else None)
    tell(Resumed(str(start.path), trainer.words, start.passed_over))


def _run(
    training: Training, own: list[Callback], callbacks: Sequence[Callback], tell: OnEvent
) -> None:
    """Train to the end, or until a callback wants to stop."""

    def told(event: Event) -> None:
        tell(event)
        training.see(event)
        for callback in own:
            callback(training)
        for callback in callbacks:
            _call(callback, training)

    training.trainer.run(told)


def _call(callback: Callback, training: Training) -> None:
    try:
        callback(training)
    except Exception as error:
        raise TrainingError(
            f"A callback ended the training: {type(error).__name__}: {error}. The model as it was"
            " then is the attribute `model` of this error.",
            training.model(),
        ) from error


def _finish(training: Training, evaluator: Evaluator, ledger: Ledger, tell: OnEvent) -> Model:
    """Return the model; with early stopping the best one that was seen."""
    model = training.final_model()
    if evaluator.best is not None:
        model = dataclasses.replace(
            model,
            vectors=evaluator.best.vectors,
            output=evaluator.best.output,
            summary=dataclasses.replace(model.summary, scores=evaluator.best_scores),
        )
    fault = ledger.fault(model.history)
    if fault is not None:
        raise TrainingError(fault, model)
    tell(model.summary)
    return model


def _ignore(event: Event) -> None:
    """Take an event and do nothing."""
