"""The whole way from a corpus to a model, in one call."""

import time
from typing import Any

from w2v.errors import ConfigError
from w2v.formats.checks import finite_rows
from w2v.text.corpus import CorpusLike, InvalidUtf8, open_corpus
from w2v.text.encoding import EncodedCorpus, encode_corpus
from w2v.text.held_out import hold_out
from w2v.text.vocabulary import Vocabulary, count_vocabulary
from w2v.training.config import TrainConfig
from w2v.training.events import (
    CorpusEncoded,
    EpochEnded,
    Event,
    OnEvent,
    Summary,
    VocabularyCounted,
)
from w2v.training.ledger import Ledger
from w2v.training.model import Model
from w2v.training.trainer import Trainer
from w2v.vectors.keyed_vectors import KeyedVectors


def train(
    corpus: CorpusLike,
    *,
    invalid_utf8: InvalidUtf8 = "error",
    on_event: OnEvent | None = None,
    **settings: Any,
) -> Model:
    """Train word vectors on a corpus.

    Parameters:
        corpus: a path, a glob, a known name ("text8", "toy"), an iterable of sentences (lists of
            words) that can be read twice, or what `open_corpus` returned.
        invalid_utf8: "error", or "replace" to put U+FFFD in the place of invalid bytes.
        on_event: called in this thread with each event of `w2v.training.events`; what it raises
            ends the training and is raised again.
        settings: those of TrainConfig, by name: `architecture`, `loss`, `vector_size`, `window`,
            `negative`, `epochs`, `min_count`, `max_vocabulary`, `sample`, `alpha`, `min_alpha`,
            `workers`, `seed`.

    Returns the model. Raises ConfigError for a setting that is out of range or unknown, or a
    learning rate at which the training diverged, and CorpusError for a corpus that cannot be read
    or holds nothing to train on.
    """
    config = TrainConfig.of(settings)
    tell = on_event or _ignore
    vocabulary, encoded, held_out, ledger = _read(corpus, invalid_utf8, config, tell)
    trainer = Trainer(encoded, vocabulary, config, held_out)
    compile_seconds = trainer.compile()
    began = time.perf_counter()
    history = trainer.run(on_event)
    train_seconds = time.perf_counter() - began
    ledger.check(history)
    if not finite_rows(trainer.weights.input).all():
        raise ConfigError(
            "The training diverged, so that vectors are no finite numbers any more; lower alpha,"
            f" which was {config.learning_rate:g}."
        )
    summary = _summary(vocabulary, config, history, ledger, train_seconds, compile_seconds)
    vectors, output = trainer.weights.released(config.vector_size)
    model = Model(
        vectors=KeyedVectors(vocabulary.words, vectors, vocabulary.counts),
        output=output,
        config=config,
        history=history,
        summary=summary,
    )
    tell(summary)
    return model


def _read(
    source: CorpusLike, invalid_utf8: InvalidUtf8, config: TrainConfig, tell: OnEvent
) -> tuple[Vocabulary, EncodedCorpus, EncodedCorpus | None, Ledger]:
    """Count and encode the corpus, and hold out a part of it if that is wanted."""
    corpus = open_corpus(source, invalid_utf8=invalid_utf8)
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
    sentences = len(encoded.sentence_offsets) - 1
    held_out = None
    if config.held_out > 0:
        encoded, held_out = hold_out(encoded, config.held_out, config.seed)
    held = 0 if held_out is None else len(held_out.tokens)
    tell(CorpusEncoded(vocabulary.tokens, sentences, held, time.perf_counter() - counted))
    ledger = Ledger.of(vocabulary, held, sentences, corpus.replaced)
    return vocabulary, encoded, held_out, ledger


def _summary(
    vocabulary: Vocabulary,
    config: TrainConfig,
    history: list[EpochEnded],
    ledger: Ledger,
    train_seconds: float,
    compile_seconds: float,
) -> Summary:
    return Summary(
        tokens=vocabulary.tokens,
        corpus_words=vocabulary.corpus_words,
        vocabulary=len(vocabulary),
        epochs=config.epochs,
        train_seconds=train_seconds,
        compile_seconds=compile_seconds,
        words_per_second=vocabulary.corpus_words * config.epochs / train_seconds,
        loss=history[-1].loss,
        held_out_loss=history[-1].held_out_loss,
        ledger=ledger.as_dict(history),
        config=config.as_dict(),
    )


def _ignore(event: Event) -> None:
    """Take an event and do nothing."""
