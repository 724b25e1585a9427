"""gensim's Word2Vec over this engine: its arguments, methods and attributes."""

import os
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.compat import model_files
from w2v.compat.word2vec_fitting import Callbacks, Fitting
from w2v.compat.word2vec_predicting import SentenceScorer, output_probabilities
from w2v.compat.word2vec_settings import check_names, logger
from w2v.compat.word2vec_text import check_corpus
from w2v.compat.word2vec_vocabulary import TrimRule


class Word2Vec(Fitting):
    """A word2vec model with gensim's interface, trained by this engine.

    Without a corpus the model has no words yet; `build_vocab` and `train` do the rest. Attributes
    have the names of the arguments. A corpus is read once to count words, and once for all epochs.

    Parameters
    ----------
    sentences : iterable of lists of words, optional
        The corpus: strings, or any other hashable tokens. It is read twice, so a generator will
        not do.
    corpus_file : path-like, optional
        Instead, a text file with a sentence a line, which is read much faster; it may be
        compressed.
    vector_size : int
        Numbers in a vector.
    alpha, min_alpha : float
        The learning rate at the beginning and at the end.
    window : int
        Largest distance between a word and its context; above 1,000 it counts as 1,000.
    min_count : int
        Leave out words seen less often.
    max_vocab_size : int, optional
        While counting, forget the rarest words whenever more are known.
    sample : float
        Thin out words that are more than this share of the text; from 1 on, words seen more often
        than this. 0 thins out none.
    seed : int or None
        Seed of all random choices; None draws one.
    workers : int
        Threads; with one, every run gives the same vectors. Short texts use fewer.
    sg : {0, 1}
        1 trains skip-gram, 0 CBOW.
    hs : {0, 1}
        Train with hierarchical softmax.
    negative : int
        Noise words for each word; 0 trains without negative sampling.
    ns_exponent : float
        Power of the counts by which noise words are drawn.
    cbow_mean : {0, 1}
        In CBOW, train the mean of the vectors of a window, else their sum.
    hashfxn : callable
        Kept, but never called: the vectors begin with numbers drawn by `seed`, the same as
        gensim 4's.
    epochs : int
        Passes over the text.
    null_word : {0, 1}
        Add a word NUL.
    trim_rule : callable, optional
        Called with a word, its count and `min_count`; returns RULE_KEEP, RULE_DISCARD or
        RULE_DEFAULT. It is not kept.
    sorted_vocab : {0, 1}
        Sort the words by count; else they stay in the order of their appearance.
    batch_words : int
        The words that gensim trains with one learning rate. Here the rate changes with every word;
        it lags behind by half as many words, which is the same on average.
    compute_loss : bool
        Sum up the loss; see `get_latest_training_loss`.
    callbacks : iterable of CallbackAny2Vec
        Called during training.
    comment : str, optional
        Kept.
    max_final_vocab : int, optional
        Raise `min_count` until at most this many words are left.
    shrink_windows : bool
        Draw the size of each window, from 1 to `window`.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        Where gensim raises them: a corpus that cannot be read twice, arguments that contradict
        each other, no word left.
    """

    def __init__(
        self,
        sentences: Iterable[Any] | None = None,
        corpus_file: str | os.PathLike[str] | None = None,
        vector_size: int = 100,
        alpha: float = 0.025,
        window: int = 5,
        min_count: int = 5,
        max_vocab_size: int | None = None,
        sample: float = 1e-3,
        seed: int | None = 1,
        workers: int = 3,
        min_alpha: float = 0.0001,
        sg: int = 0,
        hs: int = 0,
        negative: int = 5,
        ns_exponent: float = 0.75,
        cbow_mean: int = 1,
        hashfxn: Callable[..., Any] = hash,
        epochs: int = 5,
        null_word: int = 0,
        trim_rule: TrimRule | None = None,
        sorted_vocab: int = 1,
        batch_words: int = 10_000,
        compute_loss: bool = False,
        callbacks: Callbacks = (),
        comment: str | None = None,
        max_final_vocab: int | None = None,
        shrink_windows: bool = True,
        **unknown: Any,
    ) -> None:
        check_names(unknown, type(self).__name__)
        super().__init__(
            vector_size=vector_size, alpha=alpha, window=window, min_count=min_count,
            max_vocab_size=max_vocab_size, sample=sample, seed=seed, workers=workers,
            min_alpha=min_alpha, sg=sg, hs=hs, negative=negative, ns_exponent=ns_exponent,
            cbow_mean=cbow_mean, hashfxn=hashfxn, epochs=epochs, null_word=null_word,
            sorted_vocab=sorted_vocab, batch_words=batch_words, compute_loss=compute_loss,
            comment=comment, max_final_vocab=max_final_vocab, shrink_windows=shrink_windows,
        )  # fmt: skip
        vars(self)["load"] = model_files.load_of_instance
        if sentences is None and corpus_file is None:
            if trim_rule is not None or callbacks:
                logger.warning(
                    "trim_rule and callbacks have no effect without a corpus; give them to"
                    " build_vocab and to train."
                )
            return
        check_corpus(sentences, corpus_file, passes=epochs + 1)
        self.build_vocab(sentences, corpus_file, trim_rule=trim_rule)
        self.train(
            sentences, corpus_file, total_examples=self.corpus_count,
            total_words=self.corpus_total_words, epochs=self.epochs,
            compute_loss=self.compute_loss, callbacks=callbacks,
        )  # fmt: skip

    def __str__(self) -> str:
        words = len(self.wv.index_to_key)
        return (
            f"{type(self).__name__}<vocab={words}, vector_size={self.vector_size},"
            f" alpha={self.alpha}>"
        )

    def get_latest_training_loss(self) -> float:
        """Return the sum of the loss over all epochs of the last `train`, with `compute_loss`.

        Of texts of more than 65,536 tokens it is estimated from a part, up to one word in 32.
        """
        return self.running_training_loss

    def predict_output_word(
        self, context_words_list: Iterable[Any], topn: int = 10
    ) -> list[tuple[Any, float]] | None:
        """Return the most probable words between some context words, with their probabilities.

        Parameters
        ----------
        context_words_list : iterable of words or ints
            Words, or numbers of rows; unknown words are left out.
        topn : int
            How many to return.

        Returns
        -------
        list of (word, float), or None if no context word is known
        """
        if not self.negative:
            raise RuntimeError(
                "predict_output_word needs a model of negative sampling; train with negative=5."
            )
        if "syn1neg" not in vars(self) or not len(self.wv.vectors):
            raise RuntimeError("The model has no output vectors; train it first.")
        rows = [self.wv.get_index(word) for word in context_words_list if word in self.wv]
        if not rows:
            logger.warning("No context word is in the vocabulary.")
            return None
        shares = output_probabilities(self.wv.vectors, self.syn1neg, rows, bool(self.cbow_mean))
        best = np.argsort(-shares, kind="stable")[:topn]
        return [(self.wv.index_to_key[row], float(shares[row])) for row in best]

    def score(
        self,
        sentences: Iterable[Any],
        total_sentences: int = 1_000_000,
        chunksize: int = 100,
        queue_factor: int = 2,
        report_delay: float = 1,
    ) -> NDArray[np.float32]:
        """Return the log-likelihood of each sentence, by hierarchical softmax.

        Source: Taddy, "Document Classification by Inversion of Distributed Language
        Representations" (2015).

        Parameters
        ----------
        sentences : iterable of lists of words
            Unknown words are left out.
        total_sentences : int
            Score only the first ones.
        chunksize, queue_factor, report_delay
            Have no effect.

        Returns
        -------
        float32 (n,)
        """
        if not self.wv.key_to_index:
            raise RuntimeError("There are no words yet; call build_vocab and train before score.")
        if not self.hs:
            raise RuntimeError("score needs hierarchical softmax; train with hs=1, negative=0.")
        scorer = SentenceScorer(
            self.wv, self.syn1, bool(self.sg), bool(self.cbow_mean), self.window
        )
        return scorer.scores(sentences, total_sentences)

    def init_sims(self, replace: bool = False) -> None:
        """Do nothing, as queries need no preparation; with `replace`, scale vectors to length 1."""
        if replace:
            self.wv.unit_normalize_all()

    def save(self, fname: str | os.PathLike[str], **unused: Any) -> None:
        """Write the model to one file, atomically, which `load` and `w2v.load_model` read.

        Parameters
        ----------
        fname : path-like
            The file, with any name. It is a safetensors file, never a pickle.
        **unused
            gensim's other arguments have no effect.

        Raises
        ------
        W2VError
            The file cannot be written, or a word is of a type that it cannot hold.
        """
        model_files.write(fname, self)

    @classmethod
    def load(cls, fname: str | os.PathLike[str], **unused: Any) -> "Word2Vec":
        """Read a model that `save` wrote, or a full model of w2v.

        Parameters
        ----------
        fname : path-like
            The file. A model that gensim saved is a pickle, which is not read.
        **unused
            gensim's other arguments have no effect.

        Raises
        ------
        FormatError
            The file is not a model. Where it holds vectors alone, this is an AttributeError too.
        """
        model = cls.__new__(cls)
        Word2Vec.__init__(model)
        model_files.read(fname, model)
        return model
