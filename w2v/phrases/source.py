"""A text with its phrases joined, as a source: it is read whole, as ids."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from w2v.phrases.finding import find_rounds
from w2v.phrases.joining import join
from w2v.phrases.phrases import Phrases
from w2v.phrases.settings import PhraseSettings
from w2v.phrases.text import PhraseText
from w2v.phrases.work import Work
from w2v.text.corpus import Block, Corpus
from w2v.text.sources import Blocks, Numbers


class JoinedSource:
    """A corpus with its phrases joined, as a part of another corpus."""

    path: Path | None = None
    is_text = True

    def __init__(
        self, corpus: Corpus, settings: PhraseSettings, phrases: Phrases | None, workers: int,
        when_read: Callable[[], object], among: Collection[str] | None,
    ) -> None:  # fmt: skip
        self.corpus = corpus
        self.label = str(corpus)
        self.phrases = phrases
        self.names: list[str] = []
        self.words = self.words_before = 0
        self.work: Work | None = None
        self.watch: Callable[[], object] | None = None
        self.settings = settings
        self._workers = workers
        self._when_read = when_read
        self._among = among

    def numbers(
        self, workers: int, memory_limit: int, watch: Callable[[], object]
    ) -> Iterator[Numbers]:
        text = self._read(workers, memory_limit, watch)
        self.names = text.renumbered()
        yield text.numbers()

    def blocks(self, block_size: int) -> Blocks:
        offset = 0
        for data in self._read(self._workers, None, self.watch).lines():
            yield Block(self.label, offset, data)
            offset += len(data)

    def find(self) -> Phrases:
        """Return the phrases, which are found where they are not known."""
        if self.phrases is None:
            self._find(PhraseText(self.corpus, self.settings.connector_words, self._workers))
            self._when_read()
        assert self.phrases is not None
        return self.phrases

    def _find(self, text: PhraseText) -> Phrases:
        self.work = text.work
        self.phrases = Phrases(self.settings, find_rounds(text, self.settings, self._among))
        return self.phrases

    def _read(
        self, workers: int, memory_limit: int | None, watch: Callable[[], object] | None
    ) -> PhraseText:
        """Read the text and join its phrases, which are found first if they are not known."""
        settings = self.settings
        text = PhraseText(self.corpus, settings.connector_words, workers, memory_limit, watch)
        self.words_before = len(text.tokens)
        left = self._find(text).rounds[-1:] if self.phrases is None else self.phrases.rounds
        for each in left:
            join(text, each.words, settings.delimiter)
        self.words = len(text.tokens)
        self._when_read()
        return text
