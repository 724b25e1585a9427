"""A model is trained: its corpus as rows of words, its callbacks, its learning rates."""

import os
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from w2v.compat.callbacks import CallbackAny2Vec
from w2v.compat.word2vec_building import Building
from w2v.compat.word2vec_settings import check_names, logger
from w2v.compat.word2vec_text import (
    EncodedText,
    as_corpus,
    check_corpus,
    encode_sentences,
    encode_text,
)
from w2v.compat.word2vec_training import Epoch, LinearRates, ModelWeights, Session
from w2v.errors import ConfigError, DivergedError

Callbacks = Iterable[CallbackAny2Vec]


class Fitting(Building):
    """A model with gensim's method that trains it."""

    def train(
        self,
        corpus_iterable: Iterable[Any] | None = None,
        corpus_file: str | os.PathLike[str] | None = None,
        total_examples: int | None = None,
        total_words: int | None = None,
        epochs: int | None = None,
        start_alpha: float | None = None,
        end_alpha: float | None = None,
        word_count: int = 0,
        queue_factor: int = 2,
        report_delay: float = 1.0,
        compute_loss: bool = False,
        callbacks: Callbacks = (),
        **unknown: Any,
    ) -> tuple[int, int]:
        """Train the words of the vocabulary on a corpus; further calls continue.

        Parameters
        ----------
        corpus_iterable, corpus_file
            The corpus, as in the constructor.
        total_examples, total_words : int
            The number of sentences or of words; one of them is needed: if the text is shorter,
            the learning rate falls less within each epoch.
        epochs : int
            Passes over the text.
        start_alpha, end_alpha : float, optional
            The learning rates, which become the model's. The rate may rise.
        word_count, queue_factor, report_delay
            Have no effect.
        compute_loss, callbacks
            As in the constructor.

        Returns
        -------
        tuple of int
            The tokens that were trained and the words of the corpus, in all epochs.
        """
        check_names(unknown, "train")
        self.alpha, self.min_alpha = start_alpha or self.alpha, end_alpha or self.min_alpha
        self._check_trainable(total_examples, total_words, epochs)
        assert epochs is not None
        self.epochs = epochs
        check_corpus(corpus_iterable, corpus_file, passes=epochs)
        self.compute_loss, self.running_training_loss = compute_loss, 0.0
        callbacks = list(callbacks)
        for callback in callbacks:
            callback.on_train_begin(self)
        began = time.perf_counter()
        text = self._encoded(corpus_iterable, corpus_file)
        share = self._announced(text, total_examples, total_words)
        trained = self._train_text(text, epochs, share, callbacks)
        self.total_train_time += time.perf_counter() - began
        self.train_count += 1
        self.add_lifecycle_event("train", epochs=epochs, trained=trained, words=text.words * epochs)
        for callback in callbacks:
            callback.on_train_end(self)
        return trained, text.words * epochs

    def _encoded(
        self, sentences: Iterable[Any] | None, path: str | os.PathLike[str] | None
    ) -> EncodedText:
        rows = self.wv.key_to_index
        corpus = as_corpus(sentences, path)
        if corpus is None:
            assert sentences is not None
            return encode_sentences(sentences, rows)
        counted, self._counted = self._counted, None
        return encode_text(corpus, rows, self.workers, counted)

    def _announced(
        self, text: EncodedText, total_examples: int | None, total_words: int | None
    ) -> float:
        """Return the text as a share of what was announced; gensim counts sentences first."""
        for said, there in ((total_examples, text.sentences), (total_words, text.words)):
            if said:
                if said != there:
                    logger.warning("The corpus has %s items, but %s were announced.", there, said)
                return there / said
        return 1.0

    def _train_text(
        self, text: EncodedText, epochs: int, share: float, callbacks: list[CallbackAny2Vec]
    ) -> int:
        """Train all epochs and return the tokens trained."""
        if not len(text.encoded.tokens) or len(self.wv.index_to_key) < 2:
            logger.warning("The corpus has no two words of the vocabulary: nothing is trained.")
            return 0
        self._check_weights()
        longest = max(int(lengths.max()) for lengths in text.encoded.lengths())
        counts = self.wv.expandos["count"]
        config = self.engine_settings(epochs, longest, int(counts.sum()))
        batch = min(1.0, self.batch_words / max(1, text.words))
        rates = LinearRates(lambda: (self.alpha, self.min_alpha), epochs, batch, share)
        session = Session(text, counts, config, rates)
        trained = 0

        def on_epoch(epoch: Epoch) -> None:
            nonlocal trained
            trained += epoch.trained
            self.running_training_loss += epoch.loss if self.compute_loss else 0.0
            self.min_alpha_yet_reached = rates(epoch.number - 1)[1]
            if callbacks:
                session.take(self._weights())
                self._between_epochs(callbacks, epoch.number < epochs)
                session.give(self._weights())

        for callback in callbacks:
            callback.on_epoch_begin(self)
        session.give(self._weights())
        try:
            session.run(on_epoch)
        except DivergedError:
            raise  # the vectors stay as they were
        except BaseException:
            session.take(self._weights())
            raise
        session.take(self._weights())
        return trained

    def _between_epochs(self, callbacks: list[CallbackAny2Vec], more: bool) -> None:
        for callback in callbacks:
            callback.on_epoch_end(self)
        for callback in callbacks if more else ():
            callback.on_epoch_begin(self)

    def _check_weights(self) -> None:
        names = [name for name, used in (("syn1", self.hs), ("syn1neg", self.negative)) if used]
        if "count" not in self.wv.expandos or not all(name in vars(self) for name in names):
            raise RuntimeError(
                "The model has vectors alone, without counts of words or output weights; call"
                " build_vocab before train."
            )

    def _weights(self) -> ModelWeights:
        """Return the matrices as they are now, with memory that training can write to.

        Callbacks may have put others in their place. The lengths of vectors are computed anew.
        """
        self.wv.vectors = np.require(self.wv.vectors, np.float32, ["C", "W"])
        locks = np.asarray(self.wv.vectors_lockf, dtype=np.float32)
        if not (np.isfinite(locks) & (locks >= 0)).all():
            raise ConfigError(
                "vectors_lockf must hold finite numbers, 0 or more: 0 keeps a vector as it is, and"
                " 1 trains it as usual."
            )
        locks = np.resize(locks, len(self.wv.vectors))  # repeated, as in gensim
        nodes, outputs = (
            getattr(self, name) if used else None
            for name, used in (("syn1", self.hs), ("syn1neg", self.negative))
        )
        return ModelWeights(self.wv.vectors, nodes, outputs, locks)
