"""Preparing the text: it is counted and encoded, and a part of it is held out."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from w2v.errors import Argument, ConfigError
from w2v.phrases.joined_corpus import JoinedCorpus
from w2v.text.corpus import (
    Corpus,
    CorpusLike,
    CorpusMaker,
    InvalidUtf8,
    is_columns,
    is_named,
    open_corpus,
)
from w2v.text.encoding import EncodedCorpus, encode_corpus
from w2v.text.held_out import hold_out
from w2v.text.vocabulary import Vocabulary
from w2v.training.config import TrainConfig
from w2v.training.events import (
    CorpusEncoded,
    Counting,
    FindingPhrases,
    OnEvent,
    VocabularyCounted,
)
from w2v.training.ledger import Ledger
from w2v.training.memory_estimate import Beside, check_memory
from w2v.training.sentence_windows import fit_window, warning_of_length
from w2v.training.sufficiency import check_neighbours
from w2v.training.warn import warn_caller
from w2v.word_forms import AS_IT_IS, WordForm

Watch = Callable[[], object]
Count = Callable[[Corpus, TrainConfig, Watch], Vocabulary]


@dataclass(frozen=True)
class PreparedText:
    """A corpus that is ready to train on.

    Attributes
    ----------
    vocabulary : Vocabulary
        Its words.
    encoded : EncodedCorpus
        The ids to train on, without those held out.
    held_out : EncodedCorpus or None
        The ids to measure the loss on; None where nothing is held out.
    ledger : Ledger
        The account of all its words.
    """

    vocabulary: Vocabulary
    encoded: EncodedCorpus
    held_out: EncodedCorpus | None
    ledger: Ledger

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the words, the ids and the sentences; a checkpoint keeps it."""
        words = self.vocabulary.words
        parts = [self.encoded] if self.held_out is None else [self.encoded, self.held_out]
        return " ".join(part.fingerprint(words) for part in parts)


def open_text(
    corpus: CorpusLike,
    invalid_utf8: InvalidUtf8 | None,
    form: WordForm,
    column: str | None = None,
) -> Corpus:
    """Open a corpus whose words get this form.

    Raises ConfigError for an argument that has no effect, CorpusError as `open_corpus` does.
    """
    if column is not None and isinstance(corpus, Corpus | CorpusMaker):
        raise ConfigError(
            Argument("column"),
            " has no effect on a corpus that is open already; give it to open_corpus.",
        )
    if invalid_utf8 is not None and not is_named(corpus):
        raise ConfigError(
            Argument("invalid_utf8"),
            " has no effect on a corpus that is open already (give it to open_corpus), nor on"
            " sentences from Python; leave it out.",
        )
    opened = open_corpus(
        corpus,
        invalid_utf8="error" if invalid_utf8 is None else invalid_utf8,
        texts=form.tokenizer != "whitespace",
        column=column,
    )
    return opened.in_words(form)


def in_model_form(corpus: CorpusLike, form: WordForm) -> tuple[CorpusLike, WordForm]:
    """Return a corpus, and the form that its words still have to get to be those of a model.

    A model's tokenizer finds words in texts; lists of words, and phrases that are joined, need
    none. A generator whose first element was taken is returned whole.
    """
    if isinstance(corpus, CorpusMaker):
        corpus = corpus.as_corpus()
    if isinstance(corpus, JoinedCorpus):
        return corpus, AS_IT_IS
    if (
        form.tokenizer == "whitespace"
        or is_named(corpus)
        or not isinstance(corpus, Iterable | Corpus)
        or is_columns(corpus)
        or getattr(corpus, "ndim", 1) == 0
    ):
        return corpus, form
    as_lists = WordForm(lower=form.lower)
    if isinstance(corpus, Corpus):
        return corpus, as_lists if corpus.has_lists else form
    beginning: Iterator[Any] = iter(corpus)
    first = next(beginning, None)
    if first is None or isinstance(first, str):
        as_lists = form
    if beginning is corpus and first is not None:
        corpus = chain([first], beginning)
    return corpus, as_lists


def prepare_text(
    corpus: Corpus,
    count: Count,
    config: TrainConfig,
    emit: OnEvent,
    watch: Watch,
    beside: Beside | None = None,
) -> PreparedText:
    """Count and encode a corpus.

    Parameters
    ----------
    corpus : Corpus
        The corpus.
    count : callable
        Counts its words.
    config : TrainConfig
        The settings.
    emit : callable
        Called with events of the progress.
    watch : callable
        Called about twice a second while the corpus is read.
    beside : Beside, optional
        What else takes memory.

    Returns
    -------
    PreparedText
        The text to train on, and the part held out.

    Raises
    ------
    CorpusError
        The corpus cannot be read or holds nothing to train on.
    OutOfMemoryError
        Training would need more memory than there is.

    Warns
    -----
    UserWarning
        The text does not look like words, many have punctuation attached, some were left out
        because they are too long or may be missing because the memory for counting was full, or
        sentences are too long for windows that are whole sentences.
    """
    began = time.perf_counter()
    report = _reports(corpus, emit)

    def look() -> None:
        report(time.perf_counter() - began)
        watch()

    vocabulary = count(corpus, config, look)
    counted = time.perf_counter()
    if left_out := corpus.about_left_out():
        warn_caller(left_out)
    emit(
        VocabularyCounted(
            corpus_words=vocabulary.corpus_words,
            distinct_words=vocabulary.distinct_words,
            vocabulary=len(vocabulary),
            tokens=vocabulary.tokens,
            replaced=corpus.replaced,
            left_out=corpus.left_out,
            seconds=counted - began,
            is_given=vocabulary.is_given,
            frequencies=vocabulary.frequencies,
            dropped=vocabulary.dropped,
        )
    )
    encoded = encode_corpus(corpus, vocabulary, config.threads)
    rarest = int(vocabulary.counts[-1])
    with_window = fit_window(config, encoded)
    check_memory(len(vocabulary), with_window, vocabulary.tokens, rarest, beside)
    sentences = encoded.sentences
    held_out = None
    if config.held_out > 0:
        encoded, held_out = hold_out(encoded, config.held_out, config.seed)
    held = 0 if held_out is None else len(held_out.tokens)
    check_neighbours(encoded, vocabulary.oddity)
    lacks = vocabulary.about_missing(config.min_count, config.max_vocabulary)
    length = warning_of_length(config, encoded)
    for warning in (lacks, vocabulary.oddity, vocabulary.warning, length):
        if warning is not None:
            warn_caller(warning)
    emit(CorpusEncoded(vocabulary.tokens, sentences, held, time.perf_counter() - counted))
    ledger = Ledger.of(vocabulary, held, sentences, corpus.replaced, corpus.left_out)
    return PreparedText(vocabulary, encoded, held_out, ledger)


def _reports(corpus: Corpus, emit: OnEvent) -> Callable[[float], None]:
    """Return a function that reports how far reading a corpus came, given the seconds so far."""
    read, found = 0, (0, 0.0)  # bytes; a round of phrases and the share of it

    def report(seconds: float) -> None:
        nonlocal read, found
        if corpus.bytes_read != read:  # otherwise reading waits, perhaps for the compiler
            read = corpus.bytes_read
            emit(Counting(read, corpus.size, seconds))
        elif isinstance(corpus, JoinedCorpus) and corpus.found != found:
            found = corpus.found
            emit(FindingPhrases(found[0], corpus.settings.rounds, found[1], seconds))

    return report
