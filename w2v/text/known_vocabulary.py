"""Counting with words that are known: a corpus and a vocabulary in, a vocabulary out."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from w2v.errors import Argument, CorpusError, W2VWarning
from w2v.text.corpus import Corpus
from w2v.text.counting import add_names
from w2v.text.elsewhere import CountedText
from w2v.text.frequencies import frequency_curve
from w2v.text.looking_up import look_up_entries
from w2v.text.vocabulary import Vocabulary, count, missing_words, oddity_of, shown
from w2v.word_rows import words_at


def extend_vocabulary(
    corpus: Corpus,
    words: Sequence[str],
    counts: NDArray[np.int64],
    min_count: int | None,
    max_vocabulary: int | None = None,
    workers: int = 1,
    watch: Callable[[], object] | None = None,
    table_limit: int | None = None,
) -> Vocabulary:
    """Read a corpus and add its counts to those of a vocabulary.

    Parameters
    ----------
    corpus : Corpus
        The corpus.
    words, counts : sequence of str, int64 (V,)
        The words of the vocabulary, and how often each was seen before.
    min_count : int or None
        New words seen at least this often are added; None adds none.
    max_vocabulary : int, optional
        Add new words only up to this many words in all. Default: add all.
    workers, watch, table_limit
        As for `count_vocabulary`.

    Returns
    -------
    Vocabulary
        The vocabulary, sorted again; among equal counts, known words come first. It has a warning
        where new words may be missing because the table of words was full.

    Raises
    ------
    CorpusError
        The corpus has no words, or no word of the vocabulary.
    """
    text, known = _count_known(corpus, words, workers, watch, table_limit, min_count)
    seen = text.table.counts()
    new = np.flatnonzero((known < 0) & (seen >= (np.inf if min_count is None else min_count)))
    new = new[np.lexsort((text.table.first_seen[new], -seen[new]))]
    least: float = np.inf if min_count is None else min_count  # count of a word that is missing
    if max_vocabulary is not None and len(words) + len(new) >= max_vocabulary:
        new = new[: max(0, max_vocabulary - len(words))]
        least = seen[new[-1]] if len(new) else np.inf
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
    found = _known_vocabulary(text, words_at(all_words, order), together[order], ids)
    warning = missing_words(found.dropped) if found.dropped >= least else None
    return replace(found, warning=warning)


def use_vocabulary(
    corpus: Corpus,
    words: Sequence[str],
    counts: NDArray[np.int64],
    workers: int = 1,
    watch: Callable[[], object] | None = None,
    table_limit: int | None = None,
) -> Vocabulary:
    """Read a corpus and find the words of a vocabulary in it, whose counts are known.

    Parameters
    ----------
    corpus : Corpus
        The corpus.
    words, counts : sequence of str, int64 (V,)
        The words of the vocabulary, the commonest first, and their counts, which stay as they are.
    workers, watch, table_limit
        As for `count_vocabulary`.

    Returns
    -------
    Vocabulary
        The same words and counts.

    Raises
    ------
    CorpusError
        The corpus has no words, or no word of the vocabulary.
    """
    text, places = _count_known(corpus, words, workers, watch, table_limit)
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


def _count_known(
    corpus: Corpus,
    words: Sequence[str],
    workers: int,
    watch: Callable[[], object] | None,
    table_limit: int | None,
    min_count: int | None = None,
) -> tuple[CountedText, NDArray[np.int64]]:
    """Count a text; return it, and the place among `words` of each entry of its table, or −1.

    These words, and others that are seen `min_count` times, have their true counts.
    """
    text = count(corpus, workers, watch=watch, table_limit=table_limit)
    if not text.table.bound:
        return text, look_up_entries(text.table, words)
    size = len(text.table)
    add_names(text.table, words)  # their text may have been dropped
    places = look_up_entries(text.table, words)
    chosen = places >= 0
    if min_count is not None:
        chosen |= text.table.most() >= min_count
    text.count_again(chosen)
    places[size:][text.table.counts()[size:] == 0] = -1
    return text, places


def _known_vocabulary(
    text: CountedText, words: list[str], counts: NDArray[np.int64], ids: NDArray[np.int64]
) -> Vocabulary:
    seen = text.table.counts()
    tokens = int(seen[ids >= 0].sum())
    draft = text.draft(ids.astype(np.int32))
    earlier = int(counts.sum()) - tokens
    oddity = oddity_of(text)
    return Vocabulary(
        words, counts, text.words, int((seen > 0).sum()), earlier, text.table.bound, oddity,
        is_given=True, frequencies=frequency_curve(seen[seen > 0]), drafts=[draft],
    )  # fmt: skip
