"""Finding phrases: candidates are counted and scored, and those above the threshold are joined."""

from collections.abc import Collection

import numpy as np

from w2v.phrases.counting import Candidates, count_phrases
from w2v.phrases.joining import join
from w2v.phrases.rounds import Round
from w2v.phrases.scoring import scores
from w2v.phrases.settings import PhraseSettings
from w2v.phrases.text import PhraseText


def find_rounds(
    text: PhraseText, settings: PhraseSettings, among: Collection[str] | None = None
) -> list[Round]:
    """Find the phrases of a text in all rounds, and join those of all but the last in it.

    With `among`, only phrases whose joined form is one of these words are kept.
    """
    rounds: list[Round] = []
    for _ in range(settings.rounds):
        if rounds:
            join(text, rounds[-1].words, settings.delimiter)
        found = find_round(text, settings)
        rounds.append(found if among is None else found.among(among, settings.delimiter))
    return rounds


def find_round(text: PhraseText, settings: PhraseSettings) -> Round:
    """Find the phrases of a text as it stands."""
    found = count_phrases(text, settings.delimiter, settings.min_count)
    begins, ends = found.places.T
    firsts, lasts = (found.word_counts[text.tokens[places]] for places in (begins, ends))
    values = scores(
        settings.scoring, firsts, lasts, found.counts, found.distinct, settings.min_count,
        len(text.tokens),
    )  # fmt: skip
    kept = np.flatnonzero(values > settings.threshold)
    kept = kept[np.argsort(-values[kept], kind="stable")]
    words = text.spelled(begins[kept], ends[kept])
    return Round(words, found.counts[kept], values[kept])


def spelled_counts(text: PhraseText, found: Candidates, delimiter: str) -> dict[str, int]:
    """Return how often each word of a text and each candidate found in it is spelled in it.

    Connectors are left out.
    """
    entries = np.flatnonzero(found.word_counts)
    counts = dict(zip(text.table.words(entries), found.word_counts[entries].tolist(), strict=True))
    begins, ends = found.places.T
    spelled = text.joined(begins, ends, delimiter)
    counts.update(zip(spelled, found.counts.tolist(), strict=True))
    return counts
