"""Phrases that were found in a corpus; they can be applied to sentences and saved."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from w2v.arguments import checked_path, not_allowed
from w2v.opening import written
from w2v.phrases.phrase_file import read_phrases, write_phrases
from w2v.phrases.rounds import Round
from w2v.phrases.settings import PhraseSettings


class Phrases:
    """Phrases, to be joined into one word each; see `w2v.find_phrases`.

    Attributes
    ----------
    settings : PhraseSettings
        How they were found.
    rounds : list of Round
        The phrases of each round; a later one joins words of an earlier one further.
    path : Path or None
        The file that they were read from.
    """

    def __init__(
        self, settings: PhraseSettings, rounds: Sequence[Round], path: Path | None = None
    ) -> None:
        self.settings = settings
        self.rounds = list(rounds)
        self.path = path

    def __len__(self) -> int:
        return sum(len(each.words) for each in self.rounds)

    def __repr__(self) -> str:
        many = "1 round" if len(self.rounds) == 1 else f"{len(self.rounds)} rounds"
        return f"<Phrases: {len(self):,} in {many}>"

    @property
    def scores(self) -> dict[str, float]:
        """The score of each phrase, by its joined form; of two scores of one form, the highest."""
        found: dict[str, float] = {}
        for each in self.rounds:
            for words, score in zip(each.words, each.scores.tolist(), strict=True):
                joined = self.settings.delimiter.join(words)
                found[joined] = max(score, found.get(joined, score))
        return found

    def join(self, sentence: Iterable[str]) -> list[str]:
        """Join the phrases of a sentence, from left to right.

        Parameters
        ----------
        sentence : iterable of str
            Its words.

        Returns
        -------
        list of str
            The words, each phrase as one.

        Raises
        ------
        ConfigError
            The sentence is a text, which has to be split into words first.
        """
        if isinstance(sentence, (str, bytes)) or not isinstance(sentence, Iterable):
            raise not_allowed("sentence", "a list of words", sentence)
        words = list(sentence)
        for each in self.rounds:
            words = self._joined_once(words, each.known)
        return words

    def _joined_once(self, sentence: list[str], known: frozenset[tuple[str, ...]]) -> list[str]:
        joined: list[str] = []
        waiting: list[str] = []  # a word that may begin a phrase, and the connectors after it
        for word in sentence:
            if word in self.settings.connector_words:
                (waiting or joined).append(word)
            elif waiting and (*waiting, word) in known:
                joined.append(self.settings.delimiter.join((*waiting, word)))
                waiting = []
            else:
                joined += waiting
                waiting = [word]
        return joined + waiting

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the phrases and their settings to a text file, which `w2v.load_phrases` reads.

        The first line is a JSON object of the settings; then each line has a count, a score and the
        words of a phrase.

        Parameters
        ----------
        path : str or path-like
            The file; compressed where its name ends in .gz or the like.

        Raises
        ------
        W2VError
            The file cannot be written; an old one stays as it was.
        """
        with written(checked_path("path", path)) as stream:
            write_phrases(stream, self.settings, self.rounds)


def load_phrases(path: str | os.PathLike[str]) -> Phrases:
    """Read phrases that `Phrases.save` or 'w2v phrases --save' wrote.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    Phrases
        The phrases.

    Raises
    ------
    FormatError
        The file is missing, is damaged, or is not a file of phrases.
    """
    file = checked_path("path", path)
    return Phrases(*read_phrases(file), path=file)
