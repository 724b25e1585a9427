"""The whole way from a corpus to a model, in one call."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from w2v.arguments import named_settings
from w2v.errors import Argument, ConfigError, CorpusError
from w2v.places import is_same_file
from w2v.text.corpus import Corpus, CorpusLike, InvalidUtf8, is_named, open_corpus
from w2v.training.callbacks import Callback, Training
from w2v.training.checkpoint import Checkpoint, check_used, numbered, read_checkpoint
from w2v.training.checkpointing import Checkpoints
from w2v.training.compiling import CompilationWatch
from w2v.training.config import Architecture, Loss, TrainConfig
from w2v.training.evaluating import Evaluator
from w2v.training.events import OnEvent
from w2v.training.files_used import check_training_files
from w2v.training.initial import choose_initial
from w2v.training.memory_estimate import Beside
from w2v.training.model import Model
from w2v.training.prepare import prepare_text
from w2v.training.request import Request
from w2v.training.run import Run
from w2v.training.trainer import Trainer
from w2v.training.without_effect import check_effects
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.vectors_like import VectorsLike


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
    request = Request.checked(**locals())  # all arguments, by name
    with _checkpoint_directory(request) as checkpoints:
        run = _prepare(request, checkpoints)
        run.to_the_end()
        return run.finish()


@contextlib.contextmanager
def _checkpoint_directory(request: Request) -> Iterator[Checkpoints | None]:
    """Yield what writes checkpoints, if any are wanted; nobody else writes there meanwhile."""
    resume = request.resume
    if resume is not None:
        check_used(resume)
    directory = resume if request.checkpoint is None else request.checkpoint
    if directory is None:
        yield None
        return
    every, emit = request.checkpoint_every, request.emit
    with contextlib.closing(Checkpoints(directory, every, emit)) as checkpoints:
        is_resumed = resume is not None and is_same_file(directory, resume)
        if numbered(directory) and not is_resumed:
            raise ConfigError(
                f"{directory} already holds the checkpoints of a training: to go on with that,"
                " give ",
                Argument("resume", str(directory)),
                "; to begin a new one, name another directory.",
            )
        yield checkpoints


def _prepare(request: Request, checkpoints: Checkpoints | None) -> Run:
    """Check what depends on files, read the text, and make everything ready to train.

    What training starts from is released again: it may be as large as the weights.
    """
    emit = request.emit
    compilation = CompilationWatch(emit)
    resumed = None if request.resume is None else read_checkpoint(request.resume)
    initial = choose_initial(request, resumed)
    config = initial.config(request.settings)
    evaluator = _evaluator(request, config, resumed)
    corpus = _open(request, resumed)
    files = check_training_files(
        corpus.paths, (), evaluate=request.evaluate, continue_from=request.continue_from,
        init_from=request.init_from, checkpoint=request.checkpoint, resume=request.resume,
    )  # fmt: skip
    beside = _beside(request, evaluator, checkpoints, resumed)
    with compilation.watching():
        text = prepare_text(corpus, initial.count, config, emit, compilation.look, beside)
    trainer = Trainer(text.encoded, text.vocabulary, config, text.held_out)
    origin = initial.begin(trainer, text, evaluator, emit)
    if evaluator.measures or request.callbacks:
        trainer.pause_every(evaluator.every)
    if checkpoints is not None:
        checkpoints.begin(text, corpus.origin, request.notes, evaluator, origin)
    training = Training(trainer, text.vocabulary, text.ledger, files)
    with compilation.watching():
        training.compile_seconds = trainer.compile()
    return Run(training, text.ledger, evaluator, checkpoints, request.callbacks, emit)


def _evaluator(request: Request, config: TrainConfig, resumed: Checkpoint | None) -> Evaluator:
    """Return what evaluates; a training that is resumed is evaluated as before."""
    before = None if resumed is None else resumed.evaluation
    given = request.given if before is None else {"evaluate": before.sets, **request.given}
    check_effects(given, config)
    return Evaluator(
        request.evaluate, request.evaluate_every, request.early_stop, config.held_out > 0,
        request.emit, before,
    )  # fmt: skip


def _open(request: Request, resumed: Checkpoint | None) -> Corpus:
    corpus, invalid_utf8 = request.corpus, request.invalid_utf8
    if corpus is None:
        if resumed is None:
            raise CorpusError("No corpus was given; name a file, or 'toy' for a built-in text.")
        return resumed.open_corpus(invalid_utf8)
    if invalid_utf8 is not None and not is_named(corpus):
        raise ConfigError(
            Argument("invalid_utf8"),
            " has no effect on a corpus that is open already (give it to open_corpus), nor on lists"
            " of words; leave it out.",
        )
    return open_corpus(corpus, invalid_utf8="error" if invalid_utf8 is None else invalid_utf8)


def _beside(
    request: Request,
    evaluator: Evaluator,
    checkpoints: Checkpoints | None,
    resumed: Checkpoint | None,
) -> Beside:
    """Return what takes memory besides training itself."""
    return Beside(
        best=evaluator.keeps_best,
        analogies=evaluator.asks_analogies,
        checkpoints=checkpoints is not None,
        earlier=request.continue_from is not None or request.init_from is not None,
        frozen=request.freeze or (resumed is not None and len(resumed.frozen) > 0),
    )
