"""Phrases of a corpus, found and joined: `w2v.find_phrases` and `w2v.join_phrases`."""

from collections.abc import Iterable
from typing import Any

from w2v.arguments import (
    checked_choice,
    checked_flag,
    checked_whole,
    not_allowed,
)
from w2v.errors import Argument, ConfigError
from w2v.machine import MOST_WORKERS
from w2v.phrases.joined_corpus import JoinedCorpus
from w2v.phrases.phrases import Phrases
from w2v.phrases.settings import PhraseSettings, Scoring
from w2v.text.corpus import (
    CorpusLike,
    InvalidUtf8,
    is_named,
    open_corpus,
)
from w2v.word_forms import TOKENIZERS, TokenizerName, WordForm


def find_phrases(
    corpus: CorpusLike,
    *,
    rounds: int = 1,
    scoring: Scoring = "original",
    threshold: float | None = None,
    min_count: int = 5,
    connector_words: str | Iterable[str] = (),
    delimiter: str = "_",
    tokenizer: TokenizerName = "whitespace",
    lower: bool = False,
    workers: int | None = None,
    invalid_utf8: InvalidUtf8 | None = None,
    column: str | None = None,
) -> Phrases:
    """Find phrases in a corpus: words that stand together far oftener than by chance.

    The phrases and their scores are those of gensim's `Phrases`, which never forgets a rare phrase
    here, as gensim does above 40 million. The result is the same with any number of workers.

    Beside the text, 4 bytes a word, this takes up to a quarter of the available memory; a text with
    more candidates is read several times, a part of them each time.

    Parameters
    ----------
    corpus : str, path-like, iterable or Corpus
        A corpus, as in `open_corpus`. Phrases lie within a sentence.
    rounds : int, default 1
        1 to 3. The first round joins two words, or more where connectors are between them; each
        further one joins what the one before has made.
    scoring : {"original", "npmi"}
        With n(x) for the count of x, "original" is (n(a b) − min_count) / (n(a) · n(b)) times the
        number of different words and candidates, after Mikolov et al. (2013, arXiv 1310.4546).
        "npmi" is normalised pointwise mutual information, −1 to 1, after Bouma (2009).
    threshold : float, optional
        A phrase scores more than this. Above 0 for "original", −1 to 1 for "npmi". Default: 10,
        for "npmi" 0.5.
    min_count : int, default 5
        With "original", a phrase is seen more often than this; with "npmi", as often or more.
    connector_words : str or iterable of str, optional
        Words that may stand inside a phrase but do not begin or end one, such as "of" in
        bank_of_america; or "english" for the articles, prepositions and conjunctions of English
        that gensim has. A text is split at white space. Default: none.
    delimiter : str, default "_"
        What joins the words of a phrase.
    tokenizer, lower : optional
        How words are found in the text, as in training.
    workers : int, optional
        Threads, 1 to 1,024. Default: one for each core this process may use.
    invalid_utf8 : {"error", "replace"}, optional
        "replace" replaces invalid bytes by U+FFFD. Default: "error".
    column : str, optional
        The column that holds the text, as in `open_corpus`.

    Returns
    -------
    Phrases
        The phrases.

    Raises
    ------
    ConfigError
        An argument is out of range.
    CorpusError
        The corpus cannot be read, or has no words.
    """
    joined = join_phrases(
        corpus, rounds=rounds, scoring=scoring, threshold=threshold, min_count=min_count,
        connector_words=connector_words, delimiter=delimiter, tokenizer=tokenizer, lower=lower,
        workers=workers, invalid_utf8=invalid_utf8, column=column,
    )  # fmt: skip
    return joined.phrases


def join_phrases(
    corpus: CorpusLike,
    *,
    phrases: Phrases | None = None,
    tokenizer: TokenizerName = "whitespace",
    lower: bool = False,
    workers: int | None = None,
    invalid_utf8: InvalidUtf8 | None = None,
    column: str | None = None,
    **settings: Any,
) -> JoinedCorpus:
    """Return a corpus with its phrases joined: `w2v.train` takes it, and it can be saved as text.

    Parameters
    ----------
    corpus : str, path-like, iterable or Corpus
        A corpus, as in `open_corpus`.
    phrases : Phrases, optional
        The phrases to join. Default: those that `find_phrases` finds in the corpus.
    tokenizer, lower : optional
        How words are found in the text, as in training.
    workers : int, optional
        Threads, 1 to 1,024. Default: one for each core this process may use.
    invalid_utf8 : {"error", "replace"}, optional
        "replace" replaces invalid bytes by U+FFFD. Default: "error".
    column : str, optional
        The column that holds the text, as in `open_corpus`.
    **settings
        The settings of `find_phrases`; with `phrases` there are none.

    Returns
    -------
    JoinedCorpus
        The corpus; it is read when it is used.

    Raises
    ------
    ConfigError
        An argument is out of range or has no effect.
    CorpusError
        The corpus cannot be opened.
    """
    if workers is not None:
        workers = checked_whole("workers", workers, 1, MOST_WORKERS)
    if phrases is None:
        checked = PhraseSettings.of(settings)
    elif not isinstance(phrases, Phrases):
        raise not_allowed("phrases", "phrases from find_phrases or load_phrases", phrases)
    elif settings:
        raise ConfigError(
            Argument(next(iter(settings))), " has no effect with ", Argument("phrases"),
            ", which were found with settings of their own; leave one of them out.",
        )  # fmt: skip
    else:
        checked = phrases.settings
    form = WordForm(
        checked_choice("tokenizer", tokenizer, TOKENIZERS), checked_flag("lower", lower)
    )
    if invalid_utf8 is None or is_named(corpus):
        texts = form.tokenizer != "whitespace"
        opened = open_corpus(
            corpus, invalid_utf8=invalid_utf8 or "error", texts=texts, column=column
        )
    else:
        raise ConfigError(
            Argument("invalid_utf8"),
            " has no effect on a corpus that is open already (give it to open_corpus), nor on lists"
            " of words; leave it out.",
        )
    return JoinedCorpus(opened.in_words(form), checked, phrases, workers)
