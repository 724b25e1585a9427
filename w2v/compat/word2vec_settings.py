"""The settings of a gensim model: attributes with gensim's names, and w2v's settings from them."""

import logging
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

import numpy as np

from w2v.compat.keyed_vectors import KeyedVectors
from w2v.compat.lifecycle import add_lifecycle_event
from w2v.compat.word2vec_vocabulary import sample_share
from w2v.errors import ConfigError
from w2v.phrases.phrases import Phrases
from w2v.training.config import TrainConfig

logger = logging.getLogger(__name__)

# What moved or was renamed in gensim 4, and where it is.
_RENAMED = {"size": "vector_size", "iter": "epochs", "sentences": "corpus_iterable"}
_MOVED = {
    "size": "vector_size", "iter": "epochs", "vocab": "wv.key_to_index", "vocabulary": "wv",
    "trainables": "wv", "index2word": "wv.index_to_key", "index2entity": "wv.index_to_key",
    "syn0": "wv.vectors", "syn0norm": "wv.get_normed_vectors()", "vectors": "wv.vectors",
}  # fmt: skip
WIDEST_WINDOW = 1_000
# By hs and negative; without both, nothing is trained.
_LOSSES: dict[tuple[bool, bool], Any] = {
    (True, True): "both", (True, False): "hierarchical", (False, True): "negative",
    (False, False): "negative",
}  # fmt: skip


class Settings:
    """The settings of a model, as attributes that may be changed between two trainings."""

    def __init__(
        self, *, vector_size: int, alpha: float, window: int, min_count: int,
        max_vocab_size: int | None, sample: float, seed: int | None, workers: int,
        min_alpha: float, sg: int, hs: int, negative: int, ns_exponent: float, cbow_mean: int,
        hashfxn: Callable[..., Any], epochs: int, null_word: int, sorted_vocab: int,
        batch_words: int, compute_loss: bool, comment: str | None,
        max_final_vocab: int | None, shrink_windows: bool,
    ) -> None:  # fmt: skip
        """Take the arguments of `Word2Vec`, which documents them."""
        self.vector_size = self.layer1_size = int(vector_size)
        self.alpha, self.min_alpha = float(alpha), float(min_alpha)
        self.window, self.shrink_windows = int(window), bool(shrink_windows)
        self.min_count, self.max_vocab_size = min_count, max_vocab_size
        self.max_final_vocab, self.sorted_vocab = max_final_vocab, sorted_vocab
        self.sample, self.null_word, self.comment = sample, null_word, comment
        self.seed, self.hashfxn = seed, hashfxn
        self.workers, self.epochs, self.batch_words = int(workers), epochs, batch_words
        self.sg, self.hs, self.negative = int(sg), int(hs), int(negative)
        self.ns_exponent, self.cbow_mean = ns_exponent, int(cbow_mean)
        self.compute_loss = bool(compute_loss)
        self.running_training_loss = 0.0
        self.min_alpha_yet_reached = self.alpha
        self.corpus_count = self.corpus_total_words = 0
        self.train_count, self.total_train_time = 0, 0.0
        self.effective_min_count = min_count
        self.raw_vocab: dict[Any, int] = {}
        self.lifecycle_events: list[dict[str, Any]] | None = []
        self.phrases: Phrases | None = None  # of a model that w2v.train made
        self.wv = KeyedVectors(self.vector_size)
        self.wv.vectors_lockf = np.ones(1, dtype=np.float32)

    add_lifecycle_event = add_lifecycle_event

    def __getattr__(self, name: str) -> NoReturn:
        """Raise AttributeError; name the new place of what moved."""
        kind = type(self).__name__
        if name in _MOVED:
            raise AttributeError(f"{kind} has no {name} since gensim 4; use {_MOVED[name]}.")
        if hasattr(KeyedVectors, name) and not name.startswith("_"):
            raise AttributeError(f"{kind} has no {name} since gensim 4; use wv.{name}.")
        if name == "cum_table":
            raise AttributeError(
                f"{kind} has no cum_table: noise words are drawn from another table; see"
                " ns_exponent."
            )
        raise AttributeError(f"{kind} has no attribute {name!r}.")

    def engine_settings(self, epochs: int, longest: int, tokens: int) -> TrainConfig:
        """Return the settings of the engine.

        Parameters
        ----------
        epochs : int
        longest : int
            Words of the longest sentence.
        tokens : int
            The sum of the counts of all words with vectors.

        Raises
        ------
        ConfigError
            A setting is out of range.
        """
        window = self.window
        if window > WIDEST_WINDOW:
            if longest > WIDEST_WINDOW:
                logger.warning("window is %s; it is taken as %s.", window, WIDEST_WINDOW)
            window = WIDEST_WINDOW
        return TrainConfig(
            architecture="skipgram" if self.sg else "cbow",
            loss=_LOSSES[bool(self.hs), bool(self.negative)],
            vector_size=self.vector_size, window=window, shrink_windows=self.shrink_windows,
            negative=self.negative or 5, ns_exponent=self.ns_exponent,
            cbow_mean=bool(self.cbow_mean), epochs=epochs, min_count=1,
            sample=sample_share(self.sample, tokens), alpha=self.alpha or self.min_alpha,
            min_alpha=max(0.0, self.min_alpha), workers=self.workers,
            seed=drawn_seed(self.seed, self.train_count),
        )  # fmt: skip

    def _check_trainable(
        self, total_examples: int | None, total_words: int | None, epochs: int | None
    ) -> None:
        """Raise or warn, as gensim does, where training makes no sense."""
        if not self.hs and not self.negative:
            raise ValueError("Give hs=1 or negative=5: without both, nothing is trained.")
        if self.hs and self.negative:
            logger.warning(
                "Both hierarchical softmax and negative sampling are activated. To train with one"
                " of them, give hs=0, or negative=0."
            )
        if self.alpha > self.min_alpha_yet_reached:
            logger.warning(
                "Effective 'alpha' higher than previous training cycles: it begins at %g, and the"
                " last training ended at %g.",
                self.alpha, self.min_alpha_yet_reached,
            )  # fmt: skip
        if min(self.alpha, self.min_alpha) < 0:
            raise ConfigError(
                f"The learning rate falls from {self.alpha:g} to {self.min_alpha:g}, below 0;"
                " give a higher alpha, or lower it less between trainings."
            )
        if not self.wv.key_to_index:
            raise RuntimeError("There are no words yet; call build_vocab before train.")
        if not len(self.wv.vectors):
            raise RuntimeError("There are no vectors yet; call init_weights before train.")
        if total_words is None and total_examples is None:
            raise ValueError(
                "Give total_examples, the number of sentences, or total_words; for the corpus that"
                " build_vocab has read they are model.corpus_count and model.corpus_total_words."
            )
        if epochs is None or epochs <= 0:
            raise ValueError("Give epochs, 1 or more; model.epochs has those of the constructor.")


def check_names(names: Iterable[str], method: str) -> None:
    """Raise TypeError for arguments that a method does not take, with the name they have now.

    Parameters
    ----------
    names : iterable of str
        The unknown arguments.
    method : str
        The method's name.
    """
    for name in names:
        now = _RENAMED.get(name)
        hint = "" if now is None else f"; since gensim 4 it is {now}"
        raise TypeError(f"{method} has no argument {name}{hint}.")


def drawn_seed(seed: int | None, calls: int = 0) -> int:
    """Return the seed of the first vectors and of each call of `train`; no two calls draw the same.

    Parameters
    ----------
    seed : int or None
        The model's; None draws one.
    calls : int
        The earlier calls of `train`.
    """
    if seed is not None and calls == 0:
        return seed
    keys = np.random.SeedSequence(None if seed is None else [seed, calls])
    return int(keys.generate_state(1, np.uint64)[0] >> np.uint64(1))
