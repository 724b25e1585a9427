"""Counting: a corpus in, a frozen vocabulary out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, CorpusError, W2VWarning
from w2v.text.appearance import attached_punctuation, odd_appearance
from w2v.text.corpus import Corpus
from w2v.text.counting import count_words
from w2v.text.elsewhere import AnyDraft, CountedElsewhere, CountedText
from w2v.text.frequencies import frequency_curve
from w2v.word_rows import rows_by_word


@dataclass(frozen=True)
class Vocabulary:
    """The words that get vectors, commonest first; among equal counts, in order of appearance.

    Attributes
    ----------
    words : list of str
        V distinct words; a word's place is its id.
    counts : int64 (V,)
        How often each word occurs, descending.
    corpus_words : int
        Words of the corpus, including those outside the vocabulary.
    distinct_words : int
        Different words of the corpus; there are more where some were dropped.
    dropped : int
        How often a word may have been seen, at most, that was dropped because the memory for
        counting was full; 0 where none were.
    earlier_tokens : int
        The part of the counts that comes from the corpus of an earlier model.
    oddity : str or None
        A sentence about a text that does not look like words.
    warning : W2VWarning or None
        A warning about punctuation attached to words, which a tokenizer would separate, or about
        words of a given vocabulary that the corpus lacks.
    is_given : bool
        Whether the words or their counts do not come from this corpus alone.
    frequencies : list of [int, int]
        Rank and count of some words of this corpus, those outside the vocabulary too.
    drafts : list of Draft or DistantDraft
        The corpus as it was counted; empty once `encode_corpus` has taken it.
    """

    words: list[str]
    counts: NDArray[np.int64]
    corpus_words: int
    distinct_words: int
    earlier_tokens: int = 0
    dropped: int = 0
    oddity: str | None = field(default=None, compare=False)
    warning: W2VWarning | None = field(default=None, compare=False)
    is_given: bool = False
    frequencies: list[list[int]] = field(default_factory=list, repr=False, compare=False)
    drafts: list[AnyDraft] = field(default_factory=list, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.words)

    def about_missing(self, min_count: int, max_vocabulary: int | None) -> W2VWarning | None:
        """Return a warning where words may be missing because the table of words was full.

        Parameters
        ----------
        min_count, max_vocabulary : int, int or None
            The settings by which the words were chosen.
        """
        is_cut = len(self) == max_vocabulary
        if self.is_given or self.dropped < (self.counts[-1] if is_cut else min_count):
            return None
        return missing_words(self.dropped)

    @cached_property
    def index(self) -> dict[str, int]:
        """The id of each word."""
        return rows_by_word(self.words)

    @property
    def tokens(self) -> int:
        """Words of the corpus that are in the vocabulary."""
        return int(self.counts.sum()) - self.earlier_tokens


def missing_words(dropped: int) -> W2VWarning:
    """Return the warning that words may be missing which were seen up to `dropped` times."""
    return W2VWarning(
        f"The memory for counting words was full, so rare words were dropped: some that are"
        f" seen up to {dropped:,} times may have no vector. Those that have one are"
        " counted exactly. Give more ",
        Argument("counting_memory"),
        ", or train only words that are seen more often, with ",
        Argument("min_count", dropped + 1),
        ".",
    )


def count_vocabulary(
    corpus: Corpus,
    min_count: int = 5,
    max_vocabulary: int | None = None,
    workers: int = 1,
    memory_limit: int | None = None,
    watch: Callable[[], object] | None = None,
    table_limit: int | None = None,
) -> Vocabulary:
    """Read a corpus, count its words and keep the common ones.

    Parameters
    ----------
    corpus : Corpus
        The corpus, from `open_corpus`.
    min_count : int
        Words seen less often are left out.
    max_vocabulary : int, optional
        Keep at most this many words. Default: all.
    workers : int
        Threads that count.
    memory_limit : int, optional
        Bytes above which the text as numbers, which is kept for encoding, goes to unnamed temporary
        files (in $TMPDIR). Default: a quarter of the available memory.
    watch : callable, optional
        Called twice a second while the corpus is read.
    table_limit : int, optional
        Bytes that the tables of words may take; see `count_words`. Default: any number.

    Returns
    -------
    Vocabulary
        The words and their counts.

    Raises
    ------
    CorpusError
        The corpus has no words, or fewer than two words are left.
    """
    text = count(corpus, workers, memory_limit, watch, table_limit)
    table, size = text.table, len(text.table)
    if table.bound:
        text.count_again(table.most() >= min_count)
    counts = table.counts()
    kept = np.flatnonzero(counts >= min_count)
    oddity = oddity_of(text)
    advice = (
        "lower ",
        Argument("min_count"),
        f" or give more text.{f' {oddity}' if oddity else ''}",
    )
    if len(kept) == 0 and table.bound >= min_count:
        raise CorpusError(
            f"No word of {corpus} is left with ",
            Argument("min_count"),
            f" {min_count}: the memory for counting was full, and words that are seen up to"
            f" {table.bound:,} times were dropped; give more ",
            Argument("counting_memory"),
            ".",
        )
    if len(kept) == 0:
        raise CorpusError(
            f"No word of {corpus} is left with ",
            Argument("min_count"),
            f" {min_count}: the commonest of its {size:,} words is seen"
            f" {counts.max(initial=0):,} times; ",
            advice,
        )
    order = np.lexsort((table.first_seen[kept], -counts[kept]))
    kept = kept[order][:max_vocabulary]
    words = table.words(kept)
    if len(words) == 1:
        raise CorpusError(
            f"The vocabulary of {corpus} has one word only, {shown(words[0])}: there is nothing"
            " to distinguish it from; ",
            advice,
        )
    ids = np.full(size, -1, dtype=np.int32)
    ids[kept] = np.arange(len(kept))
    return Vocabulary(
        words, counts[kept], text.words, size, dropped=table.bound, oddity=oddity,
        warning=None if oddity else _attached(text),
        frequencies=frequency_curve(counts, [len(kept), len(kept) + 1]), drafts=[text.draft(ids)],
    )  # fmt: skip


def count(
    corpus: Corpus,
    workers: int,
    memory_limit: int | None = None,
    watch: Callable[[], object] | None = None,
    table_limit: int | None = None,
) -> CountedText:
    """Count a corpus as `count_words` does; raise NoWordsError where it has no words."""
    text: CountedText
    if isinstance(corpus, CountedElsewhere):
        text = corpus.counted(watch, table_limit)
    else:
        text = count_words(corpus, workers, memory_limit, watch, table_limit)
    if text.words == 0:
        raise no_words(corpus)
    return text


class NoWordsError(CorpusError):
    """The corpus holds no words."""


def no_words(corpus: Corpus) -> NoWordsError:
    """Return the error for a corpus without words, which has been read."""
    left_out = corpus.about_left_out()
    return NoWordsError(
        f"The corpus {corpus} holds no words; give a text with words in it."
        f"{left_out and ' '}{left_out}"
    )


def oddity_of(text: CountedText) -> str | None:
    """Return a sentence about a text that does not look like words; names of nodes may be odd."""
    numbered = text.corpus.numbered
    return odd_appearance(text.table) if numbered is None or numbered.is_text else None


def _attached(text: CountedText) -> W2VWarning | None:
    """Return a warning about punctuation attached to words, if a tokenizer would separate it."""
    corpus, tokenizer = text.corpus, text.corpus.tokenizer
    is_text = corpus.numbered is None or corpus.numbered.is_text
    if not is_text or (tokenizer and tokenizer.form.tokenizer == "words"):
        return None
    return attached_punctuation(text.table, corpus.has_lists)


def shown(word: str) -> str:
    """Return a word in quotes for a message, cut where it is very long."""
    return repr(word if len(word) <= 40 else word[:40] + "…")
