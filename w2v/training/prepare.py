"""The corpus of a training: counted, encoded, a part of it held out, and its ledger begun."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from w2v.text.corpus import Corpus
from w2v.text.encoding import EncodedCorpus, encode_corpus
from w2v.text.held_out import hold_out
from w2v.text.vocabulary import Vocabulary
from w2v.training.config import TrainConfig
from w2v.training.events import CorpusEncoded, Counting, OnEvent, VocabularyCounted
from w2v.training.ledger import Ledger
from w2v.training.memory_estimate import Beside, check_memory
from w2v.training.sufficiency import check_neighbours
from w2v.training.warn import warn_caller

Watch = Callable[[], object]
Count = Callable[[Corpus, TrainConfig, Watch], Vocabulary]


@dataclass(frozen=True)
class PreparedText:
    """What training is given of a corpus.

    encoded: without what is held out.
    """

    vocabulary: Vocabulary
    encoded: EncodedCorpus
    held_out: EncodedCorpus | None
    ledger: Ledger

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the words, their ids and the sentences, by which a checkpoint knows them."""
        words = self.vocabulary.words
        parts = [self.encoded] if self.held_out is None else [self.encoded, self.held_out]
        return " ".join(part.fingerprint(words) for part in parts)


def prepare_text(
    corpus: Corpus,
    count: Count,
    config: TrainConfig,
    tell: OnEvent,
    watch: Watch,
    beside: Beside | None = None,
) -> PreparedText:
    """Count a corpus with `count` and encode it, telling of both; `watch` is called meanwhile.

    beside: what will be done beside training, which takes memory too.

    Raises CorpusError for a corpus that cannot be read or holds nothing to train on, and
    OutOfMemoryError where training would need more memory than there is. Warns (UserWarning) where
    the text looks like no words.
    """
    began = time.perf_counter()
    seen = 0

    def look() -> None:
        nonlocal seen
        if corpus.bytes_read != seen:  # else it waits, perhaps for the compiler
            seen = corpus.bytes_read
            tell(Counting(seen, corpus.size, time.perf_counter() - began))
        watch()

    vocabulary = count(corpus, config, look)
    counted = time.perf_counter()
    if corpus.left_out:
        warn_caller(corpus.about_left_out())
    tell(
        VocabularyCounted(
            corpus_words=vocabulary.corpus_words,
            distinct_words=vocabulary.distinct_words,
            vocabulary=len(vocabulary),
            tokens=vocabulary.tokens,
            replaced=corpus.replaced,
            left_out=corpus.left_out,
            seconds=counted - began,
        )
    )
    rarest = int(vocabulary.counts[-1])
    check_memory(len(vocabulary), config, vocabulary.tokens, rarest, beside)
    encoded = encode_corpus(corpus, vocabulary, config.threads)
    sentences = len(encoded.sentence_offsets) - 1
    held_out = None
    if config.held_out > 0:
        encoded, held_out = hold_out(encoded, config.held_out, config.seed)
    held = 0 if held_out is None else len(held_out.tokens)
    check_neighbours(encoded, vocabulary.oddity)
    if vocabulary.oddity is not None:
        warn_caller(vocabulary.oddity)
    tell(CorpusEncoded(vocabulary.tokens, sentences, held, time.perf_counter() - counted))
    ledger = Ledger.of(vocabulary, held, sentences, corpus.replaced, corpus.left_out)
    return PreparedText(vocabulary, encoded, held_out, ledger)
