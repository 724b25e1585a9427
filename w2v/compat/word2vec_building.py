"""A model gets its words."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from w2v.compat.keyed_vectors import KeyedVectors
from w2v.compat.sentences import sentences_of
from w2v.compat.word2vec_settings import logger
from w2v.compat.word2vec_text import (
    CountedText,
    Scan,
    as_corpus,
    check_corpus,
    scan_sentences,
)
from w2v.compat.word2vec_vocabulary import (
    Choice,
    TrimRule,
    final_min_count,
    sample_share,
    thinned,
)
from w2v.compat.word2vec_weights import Weights
from w2v.training.huffman import huffman_paths
from w2v.training.sampling import keep_probabilities

_NULL_WORD = "\0"


class Building(Weights):
    """A model with gensim's methods that make its vocabulary."""

    _counted: CountedText | None = None  # the text that was read last

    def build_vocab(
        self,
        corpus_iterable: Iterable[Any] | None = None,
        corpus_file: str | os.PathLike[str] | None = None,
        update: bool = False,
        progress_per: int = 10_000,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        **settings: Any,
    ) -> None:
        """Read a corpus, choose its words and make weights for them.

        Parameters
        ----------
        corpus_iterable, corpus_file
            The corpus, as in the constructor; a generator will do.
        update : bool
            Add the words to those that the model has. They keep their rows, and the weights theirs.
        progress_per : int
            Has no effect.
        keep_raw_vocab : bool
            Keep the counts of all words in `raw_vocab`.
        trim_rule : callable, optional
            Decides about each word, as in the constructor.
        **settings
            `min_count` and `sample`, in place of the model's.
        """
        check_corpus(corpus_iterable, corpus_file, passes=1)
        self.corpus_total_words, self.corpus_count = self.scan_vocab(
            corpus_iterable, corpus_file, progress_per, trim_rule=trim_rule
        )
        self.prepare_vocab(update, keep_raw_vocab, trim_rule, **settings)
        self.prepare_weights(update)
        self.add_lifecycle_event("build_vocab", update=update, words=len(self.wv.index_to_key))

    def build_vocab_from_freq(
        self,
        word_freq: Mapping[Any, int],
        keep_raw_vocab: bool = False,
        corpus_count: int | None = None,
        trim_rule: TrimRule | None = None,
        update: bool = False,
    ) -> None:
        """Choose words by given counts and make weights for them.

        Parameters
        ----------
        word_freq : mapping of word to int
            How often each word was seen.
        corpus_count : int, optional
            The number of sentences.
        keep_raw_vocab, trim_rule, update
            As in `build_vocab`.
        """
        self.corpus_count = corpus_count or 0
        self.raw_vocab = dict(word_freq)
        self.prepare_vocab(update, keep_raw_vocab, trim_rule)
        self.prepare_weights(update)

    def scan_vocab(
        self,
        corpus_iterable: Iterable[Any] | None = None,
        corpus_file: str | os.PathLike[str] | None = None,
        progress_per: int = 10_000,
        workers: int | None = None,
        trim_rule: TrimRule | None = None,
    ) -> tuple[int, int]:
        """Count the words of a corpus in `raw_vocab`; return how many words and sentences it has.

        For the parameters see `build_vocab`.
        """
        scan = self._scan(corpus_iterable, corpus_file, workers or self.workers, trim_rule)
        self.raw_vocab, self._counted = scan.counts, scan.text
        logger.info(
            "collected %s word types from a corpus of %s raw words and %s sentences",
            len(scan.counts), scan.words, scan.sentences,
        )  # fmt: skip
        return scan.words, scan.sentences

    def _scan(
        self,
        sentences: Iterable[Any] | None,
        path: str | os.PathLike[str] | None,
        workers: int,
        trim_rule: TrimRule | None,
    ) -> Scan:
        corpus = as_corpus(sentences, path)
        if corpus is not None and not self.max_vocab_size:
            return CountedText.of(corpus, workers).scan()
        sentences = sentences if corpus is None else sentences_of(corpus)
        assert sentences is not None
        if isinstance(sentences, list) and sentences and isinstance(sentences[0], str):
            logger.warning(
                "Each 'sentences' item should be a list of words (usually unicode strings)."
                " The first one is the string %r, whose letters are taken for words.",
                sentences[0][:40],
            )
        return scan_sentences(sentences, self.max_vocab_size, trim_rule)

    def prepare_vocab(
        self,
        update: bool = False,
        keep_raw_vocab: bool = False,
        trim_rule: TrimRule | None = None,
        min_count: int | None = None,
        sample: float | None = None,
        dry_run: bool = False,
    ) -> dict[str, int]:
        """Choose among the words in `raw_vocab`; return how many are kept and dropped.

        Parameters
        ----------
        min_count, sample
            In place of the model's.
        dry_run : bool
            Change nothing.
        update, keep_raw_vocab, trim_rule
            As in `build_vocab`.
        """
        min_count, sample = min_count or self.min_count, sample or self.sample
        self.effective_min_count = final_min_count(
            self.raw_vocab.values(), min_count, self.max_final_vocab
        )
        choice = Choice.of(self.raw_vocab, self.effective_min_count, trim_rule)
        counts = np.array([self.raw_vocab[word] for word in choice.words], dtype=np.int64)
        share = sample_share(sample, choice.total)
        unique, left = thinned(counts, keep_probabilities(np.maximum(counts, 1), share))
        if not dry_run:
            if not update:
                self.min_count, self.sample = min_count, sample
            self._set_words(choice.words, update)
            if not keep_raw_vocab:
                self.raw_vocab = {}
        return {
            "drop_unique": choice.dropped_words, "retain_total": choice.total,
            "downsample_unique": unique, "downsample_total": left,
            "num_retained_words": len(choice.words),
            "memory": self.estimate_memory(len(choice.words))["total"],
        }  # fmt: skip

    def _set_words(self, words: list[Any], update: bool) -> None:
        """Give the vocabulary these words, or add them to it; their counts are in `raw_vocab`."""
        wv = self.wv
        before = wv.index_to_key if update else []
        old = wv.expandos["count"] if update and before else np.zeros(0, dtype=np.int64)
        self._tree_before = (list(before), np.array(old, dtype=np.int64))
        new = [word for word in words if not update or word not in wv.key_to_index]
        wv.index_to_key = [*before, *new]
        wv.key_to_index = {word: row for row, word in enumerate(wv.index_to_key)}
        wv.next_index = len(wv.index_to_key)
        counts = np.zeros(len(wv.index_to_key), dtype=np.int64)
        counts[: len(old)] = old
        seen = [self.raw_vocab.get(word, 0) for word in wv.index_to_key]
        counts += np.array(seen, dtype=np.int64)
        wv.expandos["count"] = counts
        if self.null_word and _NULL_WORD not in wv.key_to_index:
            self.add_null_word()
        if self.sorted_vocab and not update:
            wv.vectors = np.zeros((0, self.vector_size), dtype=np.float32)
            wv.sort_by_descending_frequency()
        if self.hs:
            self.create_binary_tree()

    def add_null_word(self) -> None:
        """Add the word NUL, with count 1, which gensim uses to fill up windows."""
        wv = self.wv
        wv.key_to_index[_NULL_WORD] = len(wv.index_to_key)
        wv.index_to_key.append(_NULL_WORD)
        wv.next_index = len(wv.index_to_key)
        wv.expandos["count"] = np.append(wv.expandos["count"], 1)

    def create_binary_tree(self) -> None:
        """Note the Huffman path of each word, as the attributes "code" and "point" of `wv`."""
        counts = self.wv.expandos["count"]
        if not len(counts):
            return
        order = np.argsort(-counts, kind="stable")  # as training has it
        paths = huffman_paths(np.maximum(counts[order], 1))
        for name, parts in (("code", paths.codes), ("point", paths.points)):
            column = np.empty(len(counts), dtype=object)
            column[order] = np.split(parts, paths.offsets[1:-1])
            self.wv.expandos[name] = column

    def make_cum_table(self, domain: int = 2**31 - 1) -> None:
        """Do nothing: the table of noise words is made when training begins."""

    def reset_from(self, other_model: "Building") -> None:
        """Take the words and counts of another model, and begin with new weights."""
        theirs = other_model.wv
        self.wv = KeyedVectors(self.vector_size)
        self.wv.vectors_lockf = np.ones(1, dtype=np.float32)
        self.wv.index_to_key, self.wv.key_to_index = theirs.index_to_key, theirs.key_to_index
        self.wv.expandos = theirs.expandos
        self.corpus_count = other_model.corpus_count
        if self.hs:
            self.create_binary_tree()
        self.init_weights()
