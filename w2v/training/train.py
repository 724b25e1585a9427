"""The whole way from a corpus to a model, in one call."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from w2v.arguments import named_settings
from w2v.errors import CorpusError
from w2v.phrases.settings import Scoring
from w2v.text.corpus import Corpus, CorpusLike, InvalidUtf8
from w2v.training.callbacks import Callback, Training
from w2v.training.checkpoint import Checkpoint
from w2v.training.checkpoint_reading import read_checkpoint
from w2v.training.checkpointing import Checkpoints, checkpoints_in
from w2v.training.cluster.connecting import Connection, connected
from w2v.training.compiling import CompilationWatch
from w2v.training.config import Architecture, ClusterLike, Loss, TrainConfig
from w2v.training.devices import choose_device, fit_device
from w2v.training.evaluating import Evaluator
from w2v.training.events import OnEvent
from w2v.training.files_used import check_training_files
from w2v.training.initial import choose_initial
from w2v.training.joining import check_continued, joined, origin_of, phrases_of, settings_of
from w2v.training.memory_estimate import Beside
from w2v.training.model import Model
from w2v.training.prepare import in_model_form, open_text, prepare_text
from w2v.training.request import Request
from w2v.training.run import Run
from w2v.training.trainer import Trainer
from w2v.training.versions import prepared
from w2v.training.without_effect import check_effects
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.vectors_like import VectorsLike
from w2v.word_forms import TokenizerName


@named_settings(TrainConfig.names(), TrainConfig.unknown)
def train(
    corpus: CorpusLike | None = None,
    *,
    architecture: Architecture = "skipgram",
    loss: Loss = "negative",
    vector_size: int = 100,
    window: int = 5,
    shrink_windows: bool = True,
    sentence_windows: bool = False,
    negative: int = 5,
    ns_exponent: float = 0.75,
    cbow_mean: bool = True,
    epochs: int | None = None,
    tokenizer: TokenizerName = "whitespace",
    lower: bool = False,
    min_count: int = 5,
    max_vocabulary: int | None = None,
    counting_memory: int | None = None,
    phrases: bool = False,
    phrase_rounds: int = 1,
    phrase_scoring: Scoring = "original",
    phrase_threshold: float | None = None,
    phrase_min_count: int = 5,
    phrase_connector_words: str = "",
    phrase_delimiter: str = "_",
    sample: float | None = None,
    alpha: float | None = None,
    min_alpha: float | None = None,
    workers: int | None = None,
    device: str = "cpu",
    seed: int = 1,
    held_out: float = 0.0,
    deterministic: bool = False,
    cluster: ClusterLike | None = None,
    shards: int | None = None,
    config: TrainConfig | None = None,
    vocabulary: str | os.PathLike[str] | Mapping[str, int] | None = None,
    invalid_utf8: InvalidUtf8 | None = None,
    column: str | None = None,
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

    An argument that would have no effect, because of another one or without it, is an error. One
    that is given with its default value counts as left out.

    Parameters
    ----------
    corpus : str, path-like, iterable or Corpus, optional
        A path, a directory, a glob, a known name ("text8", "toy") or a list of these; an iterable
        of sentences, which are lists of words or, with tokenizer="words", strings (a generator will
        do: it is read once); a table or a column of one from Arrow, Polars, pandas and the like; or
        a corpus from `open_corpus`. With `resume` it may be left out if it was files or a known
        name.
    architecture, loss, ..., shards
        The settings; see `help(w2v.TrainConfig)`. With `resume`, `continue_from` and `init_from`,
        settings that are left out keep the values that they have there.
    config : TrainConfig, optional
        All settings in one object; settings given by name take precedence.
    vocabulary : path-like or mapping of str to int, optional
        The words that get vectors, with their counts, as `load_vocabulary` reads them or
        `count_words` returns them. `min_count` is then 1, unless it or `config` is given. Other
        words of the corpus are left out.
    invalid_utf8 : {"error", "replace"}, optional
        "replace" replaces invalid bytes by U+FFFD. Default: "error"; with `resume`, the value used
        before.
    column : str, optional
        The column that holds the text, in files of JSON Lines, CSV, Parquet and Arrow and in
        tables; see `open_corpus`. Default: "text", or the only column; with `resume`, the column
        read before.
    on_event : callable, optional
        Called in this thread with each event of `w2v.training.events`. An error that it raises
        ends the training.
    callbacks : callable or list of callables, optional
        Called with a `w2v.Training` after every chunk and every epoch; a callback may look, save
        or stop. If one raises an error, training ends with a TrainingError that holds the model.
        `Training.paused` is True every `evaluate_every` million words, at the same places of the
        text in every run.
    evaluate : path-like or list of these, optional
        Analogy and similarity sets to score the vectors on during training: files, or the known
        names "questions-words", "wordsim353" and "simlex999".
    evaluate_every : float, optional
        Million words of the corpus between evaluations, above 0, at most 1,000,000. Default: 100.
        The vectors are scored at the end of the chunk (of 65,536 words) that reaches this number,
        and at the end of training.
    early_stop : str, optional
        "METRIC:PATIENCE" ends the training after PATIENCE evaluations in a row without improvement,
        and returns the best vectors. METRIC is a test set's file name without its suffix, or
        "held-out".
    checkpoint : path-like, optional
        A directory for checkpoints; the last two are kept.
    checkpoint_every : float or str, optional
        Seconds between checkpoints, or a time such as "90s", "5m" or "1h". Default: 60.
    resume : path-like, optional
        A directory of checkpoints to resume from; further ones go there too. Settings, corpus,
        `evaluate`, `evaluate_every` and `early_stop` stay as they were where they are left out.
        Early stopping by another metric begins anew.
    continue_from : path-like or Model, optional
        A full model to train further on this corpus. Settings that are left out are the model's;
        the vocabulary has the counts of both texts.
    new_words : bool, default False
        Add the words of the corpus that the model lacks, if they are seen `min_count` times.
    init_from : path-like, KeyedVectors or vectors like gensim's, optional
        Vectors to start from, for the words in common; they determine `vector_size`.
    freeze : bool, default False
        Leave the vectors of `init_from` as they are.
    notes : dict, optional
        Strings, numbers, lists and dicts to keep in the checkpoints.
    progress : bool, default False
        Print events on standard error, and the progress every ten seconds or more; in a notebook,
        show them above a bar in the output of the cell.

    Returns
    -------
    Model
        The trained model.

    Raises
    ------
    ConfigError
        An argument is unknown, of a wrong kind, out of range or without effect, or differs from
        that of the training that is resumed.
    DivergedError
        Training diverged, mostly because the learning rate was too high.
    CorpusError
        The corpus cannot be read, has changed, or holds nothing to train on.
    FormatError
        A test set, a model or all checkpoints are damaged.
    OutOfMemoryError
        There is not enough memory.
    TrainingError
        A callback raised an error; the model so far is its attribute `model`.
    TrainingInterrupted
        Ctrl-C was pressed. It is a KeyboardInterrupt; the model so far is its attribute `model`.

    Warns
    -----
    UserWarning
        Too little was trained to learn from; the message has the numbers and the cure.
    """
    request = Request.checked(**locals())  # all arguments, by name
    with (
        checkpoints_in(
            request.checkpoint, request.resume, request.checkpoint_every, request.emit
        ) as checkpoints,
        connected(request.cluster, request.threads) as connection,
    ):
        run = _prepare(request, checkpoints, connection)
        run.to_the_end()
        return run.finish()


def _prepare(
    request: Request, checkpoints: Checkpoints | None, connection: Connection | None
) -> Run:
    """Check what depends on files, read the text, and make everything ready to train.

    The model or checkpoint to start from is released again: it may be as large as the weights.
    """
    emit = request.emit
    compilation = CompilationWatch(emit)
    resumed = None if request.resume is None else read_checkpoint(request.resume)
    initial = choose_initial(request, resumed)
    brought = settings_of(request.corpus, request.given)
    config = initial.config({**request.settings, **(brought if initial.is_new else {})})
    device = choose_device(config)
    config = replace(config, device=device.name)
    evaluator = _evaluator(request, config, resumed)
    corpus = _open(request, config, resumed)
    if request.continue_from is not None:
        check_continued(corpus, config, initial.phrases)
    files = check_training_files(
        corpus.paths, (), evaluate=request.evaluate, continue_from=request.continue_from,
        init_from=request.init_from, vocabulary=request.vocabulary, checkpoint=request.checkpoint,
        resume=request.resume,
    )  # fmt: skip
    beside = _beside(request, evaluator, checkpoints, resumed)
    among = initial.given_words(config)
    read = _spread(joined(corpus, config, initial.phrases, among), connection)
    with compilation.watching():
        text = prepare_text(read, initial.count, config, emit, compilation.look, beside)
    device = fit_device(device, config, len(text.vocabulary), len(text.encoded.tokens))
    if device.event is not None:
        emit(device.event)
    config = replace(config, device=device.name)
    trainer = Trainer(text.encoded, text.vocabulary, config, text.held_out, connection)
    emit(prepared(corpus, trainer.config.as_dict()))
    origin = initial.begin(trainer, text, evaluator, emit)
    if evaluator.measures or request.callbacks:
        trainer.pause_every(evaluator.every)
    if checkpoints is not None:
        checkpoints.begin(text, origin_of(read), request.notes, evaluator, origin)
    phrases = phrases_of(read, among)
    training = Training(trainer, text.vocabulary, text.ledger, files, phrases)
    with compilation.watching():
        training.compile_seconds = trainer.compile()
    return Run(training, text.ledger, evaluator, checkpoints, request.callbacks, emit)


def _evaluator(request: Request, config: TrainConfig, resumed: Checkpoint | None) -> Evaluator:
    """Return the evaluator; a resumed training is evaluated as before."""
    before = None if resumed is None else resumed.evaluation
    given = request.given if before is None else {"evaluate": before.sets, **request.given}
    check_effects(given, config)
    return Evaluator(
        request.evaluate, request.evaluate_every, request.early_stop, config.held_out > 0,
        request.emit, before,
    )  # fmt: skip


def _open(request: Request, config: TrainConfig, resumed: Checkpoint | None) -> Corpus:
    corpus, invalid_utf8, form = request.corpus, request.invalid_utf8, config.word_form
    if corpus is None:
        if resumed is None:
            raise CorpusError("No corpus was given; name a file, or 'toy' for a built-in text.")
        return resumed.open_corpus(invalid_utf8, request.column).in_words(form)
    if "tokenizer" not in request.given and request.column is None:
        # The tokenizer is that of a model or of a joined corpus.
        corpus, form = in_model_form(corpus, form)
    return open_text(corpus, invalid_utf8, form, request.column)


def _spread(corpus: Corpus, connection: Connection | None) -> Corpus:
    """Return a corpus that the workers of a cluster read, where there are any that can."""
    if connection is None:
        return corpus
    from w2v.training.cluster.counting import spread  # noqa: PLC0415  (an extra)

    return spread(corpus, connection)


def _beside(
    request: Request,
    evaluator: Evaluator,
    checkpoints: Checkpoints | None,
    resumed: Checkpoint | None,
) -> Beside:
    """Return the parts that take memory besides training itself."""
    return Beside(
        best=evaluator.keeps_best,
        analogies=evaluator.asks_analogies,
        checkpoints=checkpoints is not None,
        earlier=request.continue_from is not None or request.init_from is not None,
        frozen=request.freeze or (resumed is not None and len(resumed.frozen) > 0),
    )
