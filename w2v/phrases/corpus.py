"""A corpus with its phrases joined: `w2v.find_phrases` and `w2v.join_phrases`."""

import os
from collections.abc import Callable, Collection, Iterable
from typing import IO, Any

from w2v.arguments import (
    checked_choice,
    checked_flag,
    checked_path,
    checked_whole,
    not_allowed,
)
from w2v.errors import Argument, ConfigError
from w2v.machine import MOST_WORKERS, available_cores
from w2v.opening import written, written_together
from w2v.phrases.phrase_file import write_phrases
from w2v.phrases.phrases import Phrases
from w2v.phrases.settings import PhraseSettings, Scoring
from w2v.phrases.source import JoinedSource
from w2v.places import NamedFile, check_apart
from w2v.text.corpus import (
    BLOCK_SIZE,
    Corpus,
    CorpusLike,
    InvalidUtf8,
    is_named,
    open_corpus,
)
from w2v.text.sources import Blocks
from w2v.word_forms import AS_IT_IS, TOKENIZERS, TokenizerName, WordForm


class JoinedCorpus(Corpus):
    """A corpus in which phrases are one word each, joined when it is read; see `w2v.join_phrases`.

    `w2v.train` takes it, and its model keeps the phrases.
    """

    def __init__(
        self,
        corpus: Corpus,
        settings: PhraseSettings,
        phrases: Phrases | None = None,
        workers: int | None = None,
        among: Collection[str] | None = None,
    ) -> None:
        """Take a corpus; phrases that are found in it are kept if they are `among` these words."""
        workers = available_cores() if workers is None else workers
        self._source = JoinedSource(corpus, settings, phrases, workers, self._take_over, among)
        super().__init__([self._source], corpus.name)
        self.paths, self.tokenizer = corpus.paths, corpus.tokenizer

    def in_words(self, form: WordForm) -> "JoinedCorpus":
        """Return this corpus; raise ConfigError for a rule for words, which would come too late."""
        if form != AS_IT_IS:
            name = "lower" if form.tokenizer == "whitespace" else "tokenizer"
            raise ConfigError(
                Argument(name),
                " has no effect on a text whose phrases are joined; give it to join_phrases.",
            )
        return self

    @property
    def unjoined(self) -> Corpus:
        """The corpus without its phrases joined."""
        return self._source.corpus

    @property
    def form(self) -> WordForm:
        """What became of the words before their phrases were joined."""
        return AS_IT_IS if self.tokenizer is None else self.tokenizer.form

    @property
    def settings(self) -> PhraseSettings:
        """How its phrases are found."""
        return self._source.settings

    @property
    def found(self) -> tuple[int, float]:
        """How far finding phrases has come: the round, from 1, and the share of it that is done.

        (0, 0.0) before it begins, and where they were known.
        """
        work = self._source.work
        return (0, 0.0) if work is None else (work.round, work.done)

    @property
    def has_lists(self) -> bool:
        """Whether sentences in it are lists of words."""
        return self._source.corpus.has_lists

    @property
    def size(self) -> int | None:
        """Bytes of all sources, as they are stored; None where the size of one is not known."""
        return self._source.corpus.size

    @property
    def bytes_read(self) -> int:
        """Bytes of `size` that the last reading has read; bytes of text if `size` is None."""
        return self._source.corpus.bytes_read

    @property
    def phrases(self) -> Phrases:
        """The phrases; where they are not known, the corpus is read to find them."""
        return self._source.find()

    @property
    def known(self) -> Phrases | None:
        """The phrases if they were given or found already, else None; nothing is read."""
        return self._source.phrases

    @property
    def words(self) -> tuple[int, int]:
        """How many words the text had before and after joining, when it was read last."""
        return self._source.words_before, self._source.words

    def blocks(self, block_size: int = BLOCK_SIZE) -> Blocks:
        """Yield the joined text in order, in blocks of about `block_size` bytes."""
        yield from super().blocks(block_size)
        self._take_over()  # the blocks of the joined text know of no word that was left out

    def about_left_out(self) -> str:
        """Return a sentence about the words that were left out; "" where there were none."""
        return self._source.corpus.about_left_out()

    def _take_over(self) -> None:
        """Take over what the corpus reports about its last reading."""
        read = self._source.corpus
        self.replaced, self.left_out, self.nulls = read.replaced, read.left_out, read.nulls

    def save(
        self,
        path: str | os.PathLike[str],
        phrases: str | os.PathLike[str] | None = None,
        watch: Callable[[], object] | None = None,
    ) -> None:
        """Write the text, one sentence a line, compressed where the name ends in .gz or the like.

        Parameters
        ----------
        path : str or path-like
            The file; it is not there, or still what it was, until all of the text is written.
        phrases : str or path-like, optional
            A file for the phrases, as `Phrases.save` writes it. Default: none.
        watch : callable, optional
            Called twice a second while the text is read and phrases are found; `bytes_read` and
            `found` then report how far it is. Default: none.

        Raises
        ------
        W2VError
            A file cannot be written, or is one that is read.
        CorpusError
            The corpus cannot be read.
        """
        targets = [NamedFile(checked_path("path", path), "the joined text")]
        if phrases is not None:
            targets.append(NamedFile(checked_path("phrases", phrases), "the phrases"))
        read = [NamedFile(each, "the corpus") for each in self.paths]
        if self._source.phrases is not None and self._source.phrases.path is not None:
            read.append(NamedFile(self._source.phrases.path, "the file of phrases to join"))
        check_apart(read, targets)
        self._source.watch = watch
        if phrases is None:
            with written(targets[0].path) as stream:
                self._write(stream)
            return
        with written_together(targets[0].path, targets[1].path) as (stream, other):
            self._write(stream)
            found = self.phrases
            write_phrases(other, found.settings, found.rounds)

    def _write(self, stream: IO[bytes]) -> None:
        for block in self.blocks():
            stream.write(block.data)


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
