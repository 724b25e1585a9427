"""The whole way from a corpus to a model, in one call."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from w2v.arguments import (
    checked_flag,
    checked_functions,
    checked_number,
    checked_path,
    checked_paths,
    checked_seconds,
    named_settings,
)
from w2v.errors import Argument, ConfigError, CorpusError, DivergedError
from w2v.places import is_same_file
from w2v.text.corpus import Corpus, CorpusLike, InvalidUtf8, is_named, open_corpus
from w2v.training.callbacks import Callback, Training, TrainingError, TrainingInterrupted
from w2v.training.checkpoint import Checkpoint, check_used, numbered, read_checkpoint
from w2v.training.checkpointing import Checkpoints, check_notes
from w2v.training.compiling import CompilationWatch
from w2v.training.config import Architecture, Loss, TrainConfig
from w2v.training.evaluating import Evaluator
from w2v.training.events import Event, OnEvent
from w2v.training.files_used import check_training_files
from w2v.training.given import given_directory, given_settings, teller
from w2v.training.ledger import Ledger
from w2v.training.memory_estimate import Beside
from w2v.training.model import Model
from w2v.training.reading import read_text
from w2v.training.starting import Fresh, FromCheckpoint, FromModel, FromVectors
from w2v.training.sufficiency import check_trained, shortage
from w2v.training.trainer import Trainer
from w2v.training.without_effect import check_effects, joined, not_defaults
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.vectors_like import VectorsLike, as_vectors

_EVERY = 60.0  # seconds between checkpoints


@named_settings(TrainConfig.names(), TrainConfig.unknown)
def train(
    corpus: CorpusLike | None = None,
    *,
    architecture: Architecture = "skipgram",
    loss: Loss = "negative",
    vector_size: int = 100,
    window: int = 5,
    negative: int = 5,
    epochs: int | None = None,
    min_count: int = 5,
    max_vocabulary: int | None = None,
    sample: float | None = None,
    alpha: float | None = None,
    min_alpha: float | None = None,
    workers: int | None = None,
    seed: int = 1,
    held_out: float = 0.0,
    deterministic: bool = False,
    config: TrainConfig | None = None,
    invalid_utf8: InvalidUtf8 | None = None,
    on_event: OnEvent | None = None,
    callbacks: Callback | Sequence[Callback] = (),
    evaluate: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
    evaluate_every: float | None = None,
    early_stop: str | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: float | str | None = None,
    resume: str | os.PathLike[str] | None = None,
    continue_from: str | os.PathLike[str] | Model | None = None,
    new_words: bool = False,
    init_from: str | os.PathLike[str] | KeyedVectors | VectorsLike | None = None,
    freeze: bool = False,
    notes: Mapping[str, Any] | None = None,
    progress: bool = False,
) -> Model:
    """Train word vectors on a corpus.

    Parameters:
        corpus: a path, a glob, a known name ("text8", "toy") or a list of them, an iterable of
            sentences (lists of words; a generator too, for it is read once), or what `open_corpus`
            returned. With `resume` it may be left out where it was files or a known name.
        architecture … deterministic: the settings; `help(w2v.TrainConfig)` says what each is.
            With `resume`, `continue_from` and `init_from` those left out are as they were there.
        config: settings in one; those that are named as well go before them.
        invalid_utf8: "error", or "replace" to put U+FFFD in the place of invalid bytes; None is
            "error", and with `resume` what it was.
        on_event: called in this thread with each event of `w2v.training.events`; what it raises
            ends the training and is raised again.
        callbacks: functions, or one, each called with a `w2v.Training` after every chunk and epoch,
            to look, save or stop; what one raises ends the training with a TrainingError that
            holds the model.
            Every `evaluate_every` million words its `paused` is True, at the same places of the
            text in every run.
        evaluate: analogy and similarity sets, or one, to score the vectors on meanwhile: files, or
            the known names "questions-words", "wordsim353" and "simlex999".
        evaluate_every: million words of the corpus between evaluations, 100 where none are given;
            the last is at the end.
            They come where a chunk (of 65,536 words) ends that reaches so many words, in every run.
        early_stop: "METRIC:PATIENCE" ends the training after so many evaluations in a row that
            brought nothing better, and returns the best vectors. METRIC is a test set's file name
            without suffix, or "held-out".
        checkpoint: a directory for checkpoints, of which the last two are kept.
        checkpoint_every: seconds between them, also as "90s", "5m" or "1h"; None is 60.
        resume: a directory of checkpoints to go on from; further ones go there too. Settings,
            corpus, `evaluate`, `evaluate_every` and `early_stop` are as they were, where they are
            left out. Early stopping by another metric begins anew.
        continue_from: a full model to train further on this corpus, with its settings where none
            are given; its counts and the corpus's together make the new tables.
        new_words: whether words that the model lacks are added (if seen `min_count` times).
        init_from: vectors to start from, for the words in common: a file, KeyedVectors, or
            gensim's (anything that has `index_to_key` and `vectors`). They set `vector_size`.
        freeze: whether those stay as they are.
        notes: whatever of strings, numbers, lists and dicts the checkpoints shall keep.
        progress: whether lines on standard error say what happens and, every ten seconds or more,
            how far training is, as the command does where there is no terminal.

    A setting that has no effect, because of another or without it, is an error, as it is on the
    command line; but one given with its default value is taken for one that is left out.

    Returns the model. Raises ConfigError for an argument that is out of range, of a wrong kind,
    unknown or without effect, or another than it was where training is resumed; DivergedError where
    training came to make nonsense, mostly since the learning rate was too high; CorpusError for a
    corpus that cannot be read, holds nothing to train on, or has changed, and where no word was
    trained; FormatError for a bad test set or where no checkpoint is whole; OutOfMemoryError where
    the memory does not suffice; after Ctrl-C TrainingInterrupted, a KeyboardInterrupt that holds
    the model. Warns (UserWarning) where too little was trained to learn from, with the numbers and
    the cure.
    """
    settings = given_settings(
        config, architecture=architecture, loss=loss, vector_size=vector_size, window=window,
        negative=negative, epochs=epochs, min_count=min_count, max_vocabulary=max_vocabulary,
        sample=sample, alpha=alpha, min_alpha=min_alpha, workers=workers, seed=seed,
        held_out=held_out, deterministic=deterministic,
    )  # fmt: skip
    evaluate = checked_paths("evaluate", evaluate)
    called = checked_functions("callbacks", callbacks)
    checkpoint = given_directory("checkpoint", checkpoint)
    resume = given_directory("resume", resume)
    check_notes({} if notes is None else notes)
    given = not_defaults(
        callbacks=called, evaluate=evaluate, evaluate_every=evaluate_every, checkpoint=checkpoint,
        checkpoint_every=checkpoint_every, resume=resume, continue_from=continue_from,
        new_words=new_words, init_from=init_from, freeze=freeze, notes=notes or None, **settings,
    )  # fmt: skip
    check_effects(given, None)
    tell = teller(on_event, progress)
    compilation = CompilationWatch(tell)
    every = checked_seconds(
        "checkpoint_every", _EVERY if checkpoint_every is None else checkpoint_every
    )
    if evaluate_every is not None:
        checked_number("evaluate_every", evaluate_every, 0, 1_000_000, above=True)
    with _checkpoints(checkpoint, every, resume, tell) as checkpoints:
        found = None if resume is None else read_checkpoint(resume)
        start = _start(found, continue_from, new_words, init_from, freeze)
        config = start.config(settings)
        before = None if found is None else found.evaluation
        check_effects({"evaluate": before.sets, **given} if before else given, config)
        evaluator = Evaluator(
            evaluate, evaluate_every, early_stop, config.held_out > 0, tell, before
        )
        opened = _open(corpus, invalid_utf8, found)
        files = check_training_files(
            opened.paths, (), evaluate=evaluate, continue_from=continue_from, init_from=init_from,
            checkpoint=checkpoint, resume=resume,
        )  # fmt: skip
        beside = Beside(
            evaluator.keeps_best, evaluator.asks_analogies, checkpoints is not None,
            continue_from is not None or init_from is not None,
            freeze or (found is not None and len(found.frozen) > 0),
        )  # fmt: skip
        with compilation.watching():
            text = read_text(opened, start.count, config, tell, compilation.look, beside)
        trainer = Trainer(text.encoded, text.vocabulary, config, text.held_out)
        taken = start.begin(trainer, text, evaluator, tell)
        del start, found  # and the matrices that they hold
        if evaluator.measures or called:
            trainer.pause_every(evaluator.every)
        training = Training(trainer, text.vocabulary, text.ledger, files)
        if checkpoints is not None:
            checkpoints.begin(text, opened.origin, notes or {}, evaluator, taken)
        with compilation.watching():
            training.compile_seconds = trainer.compile()
        _to_the_end(training, evaluator, checkpoints, called, tell)
        return _finish(training, evaluator, text.ledger, tell)


def _start(
    resume: Checkpoint | None,
    continue_from: str | os.PathLike[str] | Model | None,
    new_words: bool,
    init_from: str | os.PathLike[str] | KeyedVectors | VectorsLike | None,
    freeze: bool,
) -> Fresh:
    """Return what training starts from; ConfigError where that is not one thing."""
    given = {"resume": resume, "continue_from": continue_from, "init_from": init_from}
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1:
        raise ConfigError(
            "Training starts from one thing, not ", joined(map(Argument, names), " and "),
            " at once.",
        )  # fmt: skip
    new_words, freeze = checked_flag("new_words", new_words), checked_flag("freeze", freeze)
    if resume is not None:
        return FromCheckpoint(resume)
    if continue_from is not None:
        if not isinstance(continue_from, Model):
            continue_from = checked_path("continue_from", continue_from, "a Model or ")
        return FromModel(continue_from, new_words)
    if init_from is not None:
        return FromVectors(as_vectors("init_from", init_from), freeze)
    return Fresh()


@contextlib.contextmanager
def _checkpoints(
    directory: str | os.PathLike[str] | None,
    every: float,
    resume: str | os.PathLike[str] | None,
    tell: OnEvent,
) -> Iterator[Checkpoints | None]:
    """Give what writes checkpoints, if any are wanted; nobody else writes there meanwhile."""
    if resume is not None:
        check_used(resume)
    chosen = resume if directory is None else directory
    if chosen is None:
        yield None
        return
    with contextlib.closing(Checkpoints(chosen, every, tell)) as checkpoints:
        is_resumed = resume is not None and is_same_file(Path(chosen), Path(resume))
        if numbered(Path(chosen)) and not is_resumed:
            raise ConfigError(
                f"{chosen} already holds the checkpoints of a training: to go on with that, give ",
                Argument("resume", str(chosen)),
                "; to begin a new one, name another directory.",
            )
        yield checkpoints


def _open(
    corpus: CorpusLike | None, invalid_utf8: InvalidUtf8 | None, start: Checkpoint | None
) -> Corpus:
    if corpus is None:
        if start is None:
            raise CorpusError("No corpus was given; name a file, or 'toy' for a built-in text.")
        return start.open_corpus(invalid_utf8)
    if invalid_utf8 is not None and not is_named(corpus):
        raise ConfigError(
            Argument("invalid_utf8"),
            " has no effect on a corpus that is open already (give it to open_corpus), nor on lists"
            " of words; leave it out.",
        )
    return open_corpus(corpus, invalid_utf8="error" if invalid_utf8 is None else invalid_utf8)


def _to_the_end(
    training: Training,
    evaluator: Evaluator,
    checkpoints: Checkpoints | None,
    callbacks: Sequence[Callback],
    tell: OnEvent,
) -> None:
    """Train, evaluate and write the last checkpoint; name the last good one where that fails."""
    own: list[Callback] = [evaluator] if checkpoints is None else [evaluator, checkpoints]
    try:
        if not evaluator.is_over:
            _run(training, own, callbacks, tell)
            evaluator.finish(training)
        if checkpoints is not None:
            checkpoints.write(training)
    except DivergedError as error:
        last = "" if checkpoints is None else checkpoints.last_good()
        raise DivergedError(*error.parts, last) from error
    except KeyboardInterrupt as error:
        raise _interrupted(training) from error


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

    history = training.trainer.run(told)
    check_trained(history, training.trainer.config)


def _call(callback: Callback, training: Training) -> None:
    try:
        callback(training)
    except Exception as error:
        raise TrainingError(
            f"A callback ended the training: {type(error).__name__}: {error}. The model as it was"
            " then is the attribute `model` of this error.",
            training.final_model(),
        ) from error


def _interrupted(training: Training) -> TrainingInterrupted:
    model = training.final_model()
    return TrainingInterrupted(
        f"Interrupted after {100 * model.summary.done:.0f} % of the training. The model as it was"
        " then is the attribute `model` of this error; at a prompt, sys.last_value.model.",
        model,
    )


def _finish(training: Training, evaluator: Evaluator, ledger: Ledger, tell: OnEvent) -> Model:
    """Return the model; with early stopping the best one that was seen."""
    model = training.final_model(evaluator.best, evaluator.best_scores)
    fault = ledger.fault(model.history)
    if fault is not None:
        raise TrainingError(fault, model)
    short = shortage(model.history, len(model.vectors), model.config)
    if short is not None:
        warnings.warn(short, stacklevel=4)  # to whoever called train
    tell(model.summary)
    return model
