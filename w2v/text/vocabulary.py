"""Counting: a corpus in, a frozen vocabulary out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, CorpusError, W2VWarning
from w2v.text.appearance import attached_punctuation, odd_appearance
from w2v.text.corpus import Corpus
from w2v.text.counting import CountedCorpus, Draft, count_words
from w2v.text.frequencies import frequency_curve
from w2v.text.looking_up import look_up_entries
from w2v.word_rows import rows_by_word, words_at


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
        Different words of the corpus.
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
    drafts : list of Draft
        The corpus as it was counted; empty once `encode_corpus` has taken it.
    """

    words: list[str]
    counts: NDArray[np.int64]
    corpus_words: int
    distinct_words: int
    earlier_tokens: int = 0
    oddity: str | None = field(default=None, compare=False)
    warning: W2VWarning | None = field(default=None, compare=False)
    is_given: bool = False
    frequencies: list[list[int]] = field(default_factory=list, repr=False, compare=False)
    drafts: list[Draft] = field(default_factory=list, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def index(self) -> dict[str, int]:
        """The id of each word."""
        return rows_by_word(self.words)

    @property
    def tokens(self) -> int:
        """Words of the corpus that are in the vocabulary."""
        return int(self.counts.sum()) - self.earlier_tokens


def count_vocabulary(
    corpus: Corpus,
    min_count: int = 5,
    max_vocabulary: int | None = None,
    workers: int = 1,
    memory_limit: int | None = None,
    watch: Callable[[], object] | None = None,
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

    Returns
    -------
    Vocabulary
        The words and their counts.

    Raises
    ------
    CorpusError
        The corpus has no words, or fewer than two words are left.
    """
    text = _count(corpus, workers, memory_limit, watch)
    table, size = text.table, len(text.table)
    counts = table.counts()
    kept = np.flatnonzero(counts >= min_count)
    oddity = _oddity(text)
    advice = (
        "lower ",
        Argument("min_count"),
        f" or give more text.{f' {oddity}' if oddity else ''}",
    )
    if len(kept) == 0:
        raise CorpusError(
            f"No word of {corpus} is left with ",
            Argument("min_count"),
            f" {min_count}: the commonest of its {size:,} words is seen {counts.max():,} times; ",
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
    corpus_words = int(counts.sum())
    return Vocabulary(
        words, counts[kept], corpus_words, size, oddity=oddity,
        warning=None if oddity else _attached(text),
        frequencies=frequency_curve(counts, [len(kept), len(kept) + 1]), drafts=[text.draft(ids)],
    )  # fmt: skip


def extend_vocabulary(
    corpus: Corpus,
    words: Sequence[str],
    counts: NDArray[np.int64],
    min_count: int | None,
    max_vocabulary: int | None = None,
    workers: int = 1,
    watch: Callable[[], object] | None = None,
) -> Vocabulary:
    """Read a corpus and add its counts to those of a vocabulary.

    Parameters
    ----------
    corpus : Corpus
        The corpus, from `open_corpus`.
    words, counts : sequence of str, int64 (V,)
        The words of the vocabulary, and how often each was seen before.
    min_count : int or None
        New words seen at least this often are added; None adds none.
    max_vocabulary : int, optional
        Add new words only up to this many words in all. Default: add all.
    workers : int
        Threads that count.
    watch : callable, optional
        Called twice a second while the corpus is read.

    Returns
    -------
    Vocabulary
        The vocabulary, sorted again; among equal counts, known words come first.

    Raises
    ------
    CorpusError
        The corpus has no words, or no word of the vocabulary.
    """
    text = _count(corpus, workers, watch=watch)
    seen, known = text.table.counts(), look_up_entries(text.table, words)
    new = np.flatnonzero((known < 0) & (seen >= (np.inf if min_count is None else min_count)))
    new = new[np.lexsort((text.table.first_seen[new], -seen[new]))]
    if max_vocabulary is not None:
        new = new[: max(0, max_vocabulary - len(words))]
    known[new] = len(words) + np.arange(len(new))
    together = np.concatenate((counts, np.zeros(len(new), dtype=np.int64)))
    together[known[known >= 0]] += seen[known >= 0]
    order = np.argsort(-together, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    all_words = [*words, *text.table.words(new)]
    ids = np.where(known >= 0, place[known], -1)
    if not (ids >= 0).any():
        raise CorpusError(
            f"No word of {corpus} is in the vocabulary of the model; add new ones with ",
            Argument("new_words"),
            ", and a ",
            Argument("min_count"),
            " that they reach.",
        )
    return _known_vocabulary(text, words_at(all_words, order), together[order], ids)


def use_vocabulary(
    corpus: Corpus,
    words: Sequence[str],
    counts: NDArray[np.int64],
    workers: int = 1,
    watch: Callable[[], object] | None = None,
) -> Vocabulary:
    """Read a corpus and find the words of a vocabulary in it, whose counts are known.

    Parameters
    ----------
    corpus : Corpus
        The corpus, from `open_corpus`.
    words, counts : sequence of str, int64 (V,)
        The words of the vocabulary, the commonest first, and their counts, which stay as they are.
    workers : int
        Threads that count.
    watch : callable, optional
        Called twice a second while the corpus is read.

    Returns
    -------
    Vocabulary
        The same words and counts.

    Raises
    ------
    CorpusError
        The corpus has no words, or no word of the vocabulary.
    """
    text = _count(corpus, workers, watch=watch)
    places = look_up_entries(text.table, words)
    found = _known_vocabulary(text, list(words), counts, places)
    missing = len(words) - int((places >= 0).sum())
    if missing == len(words):
        raise CorpusError(
            f"No word of {corpus} is in the vocabulary, whose first words are"
            f" {', '.join(map(shown, words[:3]))}; give the text that it is of, with the same ",
            Argument("tokenizer"),
            " and ",
            Argument("lower"),
            ".",
        )
    if not missing:
        return found
    warning = W2VWarning(
        f"Not in {corpus}: {missing:,} of the {len(words):,} words of the vocabulary, whose vectors"
        " stay as they began."
    )
    return replace(found, warning=warning)


def _count(
    corpus: Corpus,
    workers: int,
    memory_limit: int | None = None,
    watch: Callable[[], object] | None = None,
) -> CountedCorpus:
    text = count_words(corpus, workers, memory_limit, watch)
    if len(text.table) == 0:
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


def _oddity(text: CountedCorpus) -> str | None:
    """Return a sentence about a text that does not look like words; names of nodes may be odd."""
    numbered = text.corpus.numbered
    return odd_appearance(text.table) if numbered is None or numbered.is_text else None


def _attached(text: CountedCorpus) -> W2VWarning | None:
    """Return a warning about punctuation attached to words, if a tokenizer would separate it."""
    corpus, tokenizer = text.corpus, text.corpus.tokenizer
    is_text = corpus.numbered is None or corpus.numbered.is_text
    if not is_text or (tokenizer and tokenizer.form.tokenizer == "words"):
        return None
    return attached_punctuation(text.table, corpus.has_lists)


def _known_vocabulary(
    text: CountedCorpus, words: list[str], counts: NDArray[np.int64], ids: NDArray[np.int64]
) -> Vocabulary:
    seen = text.table.counts()
    tokens = int(seen[ids >= 0].sum())
    draft = text.draft(ids.astype(np.int32))
    earlier = int(counts.sum()) - tokens
    oddity = _oddity(text)
    return Vocabulary(
        words, counts, int(seen.sum()), len(seen), earlier, oddity, is_given=True,
        frequencies=frequency_curve(seen), drafts=[draft],
    )  # fmt: skip


def shown(word: str) -> str:
    """Return a word in quotes for a message, cut where it is very long."""
    return repr(word if len(word) <= 40 else word[:40] + "…")
