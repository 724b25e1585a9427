"""A corpus in which phrases are one word each."""

import os
from collections.abc import Callable, Collection
from typing import IO

from w2v.arguments import (
    checked_path,
)
from w2v.errors import Argument, ConfigError
from w2v.machine import available_cores
from w2v.opening import written, written_together
from w2v.phrases.phrase_file import write_phrases
from w2v.phrases.phrases import Phrases
from w2v.phrases.settings import PhraseSettings
from w2v.phrases.source import JoinedSource
from w2v.places import CORPUS, NamedFile, check_apart
from w2v.text.corpus import (
    BLOCK_SIZE,
    Corpus,
)
from w2v.text.sources import Blocks
from w2v.word_forms import AS_IT_IS, WordForm


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
        read = [NamedFile(each, CORPUS) for each in self.paths]
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
