"""A corpus as gensim's users give it, counted, and as ids to train on."""

import os
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice, repeat
from types import GeneratorType
from typing import Any

import numpy as np

from w2v.arguments import shown
from w2v.compat.sentences import MAX_WORDS_IN_BATCH
from w2v.compat.word2vec_vocabulary import TrimRule, prune
from w2v.remote.addresses import located
from w2v.text.corpus import Corpus, open_corpus
from w2v.text.counting import CountedCorpus, count_words
from w2v.text.elsewhere import AnyDraft
from w2v.text.encoding import EncodedCorpus, encode_corpus
from w2v.text.vocabulary import Vocabulary

_SENTENCES_AT_ONCE = 4_096


@dataclass(frozen=True)
class Scan:
    """A corpus, counted.

    Attributes
    ----------
    counts : Counter
        How often each word was seen, in the order of first appearance.
    words, sentences : int
        The number of words and of sentences.
    text : CountedText or None
        The text as numbers of words; None for sentences from Python.
    """

    counts: Counter[Any]
    words: int
    sentences: int
    text: "CountedText | None" = None


@dataclass(frozen=True)
class EncodedText:
    """A corpus as rows of words, for training.

    Attributes
    ----------
    encoded : EncodedCorpus
        The rows; words without one are left out.
    words, sentences : int
        All words, and all sentences.
    """

    encoded: EncodedCorpus
    words: int
    sentences: int


@dataclass(frozen=True)
class CountedText:
    """A text as numbers of words; training need not read it again while its files are the same.

    Attributes
    ----------
    stamp : tuple
        The path, the size and the time of the last change of each file; () without files.
    counted : CountedCorpus
        Its words and text.
    """

    stamp: tuple[object, ...]
    counted: CountedCorpus

    @classmethod
    def of(cls, corpus: Corpus, workers: int) -> "CountedText":
        """Read a corpus; raise CorpusError if it cannot be read."""
        stamp = _stamp(corpus)
        return cls(stamp, count_words(corpus, workers))

    def scan(self) -> Scan:
        """Return the counts of its words."""
        table = self.counted.table
        order = np.argsort(table.first_seen, kind="stable")
        counts = Counter(dict(zip(table.words(order), table.counts()[order].tolist(), strict=True)))
        return Scan(counts, counts.total(), self.sentences(), self)

    def sentences(self) -> int:
        """Return the number of lines with words; longer ones count as gensim counts them."""
        blocks = self.counted.blocks
        starts = np.cumsum([0, *(len(block.entries) for block in blocks)])
        parts = [block.ends[:] + start for block, start in zip(blocks, starts, strict=False)]
        lengths = np.diff(np.concatenate([[0], *parts]))
        return int((-(-lengths // MAX_WORDS_IN_BATCH)).sum())

    def encode(self, rows: Mapping[Any, int], workers: int) -> EncodedText:
        """Return its text as rows; the numbers of words are used up."""
        table, sentences = self.counted.table, self.sentences()
        words = table.words(np.arange(len(table)))
        ids = np.array([rows.get(word, -1) for word in words], dtype=np.int32)
        counts = table.counts()
        total = int(counts.sum())
        drafts: list[AnyDraft] = [self.counted.draft(ids)]
        vocabulary = Vocabulary([], counts[ids >= 0], total, len(table), drafts=drafts)
        return EncodedText(
            encode_corpus(self.counted.corpus, vocabulary, workers).in_arrays(), total, sentences
        )

    def is_of(self, corpus: Corpus) -> bool:
        """Return whether this is the text of a corpus as it is now."""
        return bool(self.stamp) and self.stamp == _stamp(corpus)


def _stamp(corpus: Corpus) -> tuple[object, ...]:
    """Return what shows whether files are the same; () where nothing shows it, as of a directory.

    The origin says which column of them is read.
    """
    if not corpus.paths or any(path.is_dir() for path in corpus.paths):
        return ()
    states = ((path.absolute(), path.stat()) for path in corpus.paths)
    files = ((path, state.st_size, state.st_mtime_ns) for path, state in states)
    return (corpus.origin, *files)


def as_corpus(sentences: object, path: str | os.PathLike[str] | None) -> Corpus | None:
    """Return a corpus that the engine reads by itself; None for sentences from Python.

    Parameters
    ----------
    sentences : object
        The corpus: of w2v, a reader such as LineSentence, or sentences.
    path : path-like or None
        Instead, a text file.
    """
    if path is not None:
        return open_corpus(path)
    if isinstance(sentences, Corpus):
        return sentences
    own = getattr(sentences, "as_corpus", None)
    corpus = own() if callable(own) else None
    return corpus if isinstance(corpus, Corpus) else None


def scan_sentences(
    sentences: Iterable[Any], most_words: int | None = None, trim_rule: TrimRule | None = None
) -> Scan:
    """Count the words of an iterable of sentences.

    Parameters
    ----------
    sentences : iterable of iterables of hashables
        The corpus.
    most_words : int, optional
        When more words are known after a sentence, the rarest are forgotten: those seen once at
        first, those seen twice the next time, and so on.
    trim_rule : callable, optional
        Saves words from that, as in `is_kept`.
    """
    counts: Counter[Any] = Counter()
    words = number = 0
    least = 1
    for batch, lengths in _batches(sentences, 1 if most_words else _SENTENCES_AT_ONCE):
        counts.update(chain.from_iterable(batch))
        words += sum(lengths)
        number += len(batch)
        if most_words and len(counts) > most_words:
            prune(counts, least, trim_rule)
            least += 1
    return Scan(counts, words, number)


def encode_sentences(sentences: Iterable[Any], rows: Mapping[Any, int]) -> EncodedText:
    """Return an iterable of sentences as rows of words.

    Parameters
    ----------
    sentences : iterable of iterables of hashables
        The corpus, which is read once.
    rows : mapping of hashable to int
        The row of each word that has one.
    """
    parts, ends = [], array("q", [0])
    words = number = filled = 0
    for batch, lengths in _batches(sentences, _SENTENCES_AT_ONCE):
        size = sum(lengths)
        found = map(rows.get, chain.from_iterable(batch), repeat(-1))
        ids = np.fromiter(found, dtype=np.int32, count=size)
        known = ids >= 0
        kept = np.append(0, np.cumsum(known))[np.cumsum(lengths)]
        ends.extend((kept + filled).tolist())
        parts.append(ids[known])
        filled += int(known.sum())
        words, number = words + size, number + len(batch)
    offsets = np.unique(np.frombuffer(ends, dtype=np.int64))  # without empty sentences
    tokens = np.concatenate([np.zeros(0, np.int32), *parts])
    return EncodedText(EncodedCorpus(tokens, offsets), words, number)


def _batches(sentences: Iterable[Any], size: int) -> Iterator[tuple[list[Any], list[int]]]:
    """Yield some sentences at a time, with the number of words of each."""
    iterator, number = iter(sentences), 0
    while batch := list(islice(iterator, size)):
        try:
            lengths = list(map(len, batch))
        except TypeError:
            place = next(k for k, sentence in enumerate(batch) if not hasattr(sentence, "__len__"))
            raise TypeError(
                f"Sentence {number + place + 1} is {shown(batch[place])}, not a list of words; give"
                " an iterable of lists of words."
            ) from None
        yield batch, lengths
        number += len(batch)


def encode_text(
    corpus: Corpus, rows: Mapping[Any, int], workers: int, counted: CountedText | None
) -> EncodedText:
    """Return a text as rows of words.

    Parameters
    ----------
    corpus : Corpus
        The text.
    rows : mapping of hashable to int
        The row of each word that has one.
    workers : int
        Threads that read.
    counted : CountedText or None
        The text that was read last; if it is this one, it is not read again.
    """
    if counted is None or not counted.is_of(corpus):
        counted = CountedText.of(corpus, workers)
    return counted.encode(rows, workers)


def check_corpus(
    corpus_iterable: object, corpus_file: str | os.PathLike[str] | None, passes: int
) -> None:
    """Raise TypeError, as gensim does, unless exactly one corpus is given that can be read.

    Parameters
    ----------
    corpus_iterable, corpus_file : object
        The two arguments.
    passes : int
        How often the corpus is read; a generator can be read once.
    """
    if (corpus_iterable is None) == (corpus_file is None):
        raise TypeError("Give one corpus: sentences (corpus_iterable), or the path corpus_file.")
    if corpus_file is not None:
        _check_file(corpus_file)
    elif not isinstance(corpus_iterable, Iterable):
        raise TypeError(
            f"A corpus is an iterable of lists of words, not {shown(corpus_iterable)}; a path is"
            " given as corpus_file."
        )
    elif isinstance(corpus_iterable, GeneratorType) and passes > 1:
        raise TypeError(
            "A generator can be read only once, which is too little to count words and to train on"
            " them; give a list, or an object whose __iter__ starts anew each time."
        )


def _check_file(path: object) -> None:
    if not isinstance(path, (str, os.PathLike)) or not located(path).is_file():
        raise TypeError(f"corpus_file must be the path of a file, not {shown(path)}.")
