"""One call of `Word2Vec.train`: the engine trains the model's own vectors."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.compat.word2vec_text import EncodedText
from w2v.text.encoding import EncodedCorpus
from w2v.text.vocabulary import Vocabulary
from w2v.training.compiling import CompilationWatch
from w2v.training.config import TrainConfig
from w2v.training.events import EpochEnded, Event
from w2v.training.given_rates import GivenRates
from w2v.training.progress import ProgressLines
from w2v.training.schedule import loss_interval
from w2v.training.trainer import Trainer

Matrix = NDArray[np.float32]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelWeights:
    """The matrices of a model, which training reads and writes.

    Attributes
    ----------
    vectors : float32 (V, d)
        The word vectors.
    nodes : float32 (V, d) or None
        The vectors of the inner nodes of the Huffman tree, if there is one.
    outputs : float32 (V, d) or None
        The output vectors of the words, in negative sampling.
    locks : float32 (V,)
        By what each word vector's updates are multiplied, 0 or more.
    """

    vectors: Matrix
    nodes: Matrix | None
    outputs: Matrix | None
    locks: Matrix


@dataclass(frozen=True)
class Epoch:
    """What an epoch did.

    Attributes
    ----------
    number : int
        From 1.
    trained : int
        The tokens that it trained: those in the vocabulary that subsampling kept.
    loss : float
        The sum of the loss, estimated from a part of the text where that is long.
    seconds : float
    """

    number: int
    trained: int
    loss: float
    seconds: float


class LinearRates:
    """gensim's learning rates: a line over all epochs, a little behind.

    gensim trains every `batch_words` words with the rate that is due at the first of them. On
    average that is the rate of half a batch earlier, and it is the rate here. In a text of a single
    batch this matters: five epochs at 0.025 have a mean rate of 0.015, not 0.0125.

    Parameters
    ----------
    ends : callable
        Returns the rates at the beginning and at the end of all epochs; a callback may change them.
    epochs : int
    batch : float
        The words of a batch as a share of the text, 1 at most.
    share : float
        The text as a share of what `total_examples` or `total_words` announced.
    """

    def __init__(
        self, ends: Callable[[], tuple[float, float]], epochs: int, batch: float, share: float
    ) -> None:
        self._ends, self._epochs, self._behind, self._share = ends, epochs, batch / 2, share

    def __call__(self, epoch: int) -> tuple[float, float]:
        """Return the rates at the beginning and at the end of an epoch, from 0."""
        return self._rate(epoch, -self._behind), self._rate(epoch, 1 - self._behind)

    def _rate(self, epoch: int, place: float) -> float:
        first, last = self._ends()
        done = min(1.0, (epoch + place * self._share) / self._epochs)
        return first - (first - last) * done


class Session:
    """The engine, ready to train some text.

    Parameters
    ----------
    text : EncodedText
        The text, with one token at least.
    counts : int64 (V,)
        The counts of the words, in any order.
    config : TrainConfig
    rates : callable
        Returns the learning rates of an epoch, as `GivenRates` takes them.
    """

    def __init__(
        self,
        text: EncodedText,
        counts: NDArray[np.int64],
        config: TrainConfig,
        rates: Callable[[int], tuple[float, float]],
    ) -> None:
        order = np.argsort(-counts, kind="stable")  # the engine wants the commonest word first
        is_sorted = bool((order[1:] > order[:-1]).all())
        self._order = slice(None) if is_sorted else order
        tokens, offsets = text.encoded.tokens[:], text.encoded.sentence_offsets
        if not is_sorted:
            place = np.empty(len(order), dtype=np.int32)
            place[order] = np.arange(len(order), dtype=np.int32)
            tokens = place[tokens]
        self._size = len(counts)
        used = np.maximum(counts[order], 1)  # a count of 0 can be given, but has no formula
        vocabulary = Vocabulary([""] * len(used), used, text.words, len(used))
        self._trainer = Trainer(EncodedCorpus(tokens, offsets), vocabulary, config)
        self._interval = loss_interval(len(tokens))
        usual = self._trainer.schedules
        self._trainer.schedules = GivenRates(config, len(tokens), usual, rates)

    def give(self, model: ModelWeights) -> None:
        """Copy the vectors of a model to the engine."""
        weights, size = self._trainer.weights, model.vectors.shape[1]
        weights.input[:, :size] = model.vectors[self._order]
        words, nodes = self._output_rows(weights.output[:, :size])
        if model.outputs is not None:
            words[:] = model.outputs[self._order]
        if model.nodes is not None:
            nodes[:] = model.nodes
        self._trainer.engine.weights_in(weights)
        locks = model.locks[self._order]
        locked = np.flatnonzero(locks != 1)
        self._trainer.freeze(locked, locks[locked])

    def take(self, model: ModelWeights) -> None:
        """Copy the vectors of the engine to a model."""
        weights, size = self._trainer.weights, model.vectors.shape[1]
        model.vectors[self._order] = weights.input[:, :size]
        words, nodes = self._output_rows(weights.output[:, :size])
        if model.outputs is not None:
            model.outputs[self._order] = words
        if model.nodes is not None:
            model.nodes[:] = nodes

    def _output_rows(self, output: Matrix) -> tuple[Matrix, Matrix]:
        """Return the output rows of words and of nodes; with both losses, the words come first."""
        return output[: self._size], output[-self._size :]

    def run(self, on_epoch: Callable[[Epoch], None]) -> None:
        """Train all epochs; call `on_epoch` after each, when nothing is running.

        Raises
        ------
        DivergedError
            Training diverged.
        KeyboardInterrupt
            Ctrl-C was pressed; the vectors are those so far.
        """
        lines = ProgressLines(say=logger.info)
        watch = CompilationWatch(lines.show)
        with watch.watching():
            self._trainer.compile()

        def report(event: Event) -> None:
            lines.show(event)
            if isinstance(event, EpochEnded):
                on_epoch(self._epoch(event))

        self._trainer.run(report)

    def _epoch(self, ended: EpochEnded) -> Epoch:
        loss = ended.loss * ended.loss_pairs * self._interval if ended.loss_pairs else 0.0
        return Epoch(ended.epoch, ended.trained, loss, ended.seconds)
