"""What the vectors know: their scores by section, and the neighbours of chosen words."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from w2v.reports.charts import Bar, Bars, Neighbours, Points
from w2v.reports.runs import Section, Training
from w2v.reports.sources import Subject, apart
from w2v.text.frequencies import frequency_curve
from w2v.vectors.evaluation import evaluate
from w2v.vectors.evaluation_scores import AnalogyScores, SimilarityScores
from w2v.vectors.keyed_vectors import KeyedVectors

Results = dict[str, dict[int, AnalogyScores | SimilarityScores]]  # by test set and training

_ASKED = ("king", "paris", "water", "music", "cat", "computer", "good", "three", "river", "war")
_MOST = 6  # words that are chosen
_SKIPPED = 100  # the very commonest words say little


def evaluated(subjects: Sequence[Subject], sets: Iterable[Path]) -> Results:
    """Return the scores of vectors, by the name of the test set and the place of the training.

    Parameters
    ----------
    subjects : sequence of Subject
        The trainings; those without vectors are left out.
    sets : iterable of Path
        The test sets; those whose names are equal get names that differ.

    Raises
    ------
    FormatError
        A set cannot be read.
    W2VError
        A set has too few words of the vectors.
    """
    paths = list(dict.fromkeys(sets))
    names = apart([path.stem for path in paths], paths)
    return {
        name: {
            run: evaluate(subject.vectors, path)
            for run, subject in enumerate(subjects)
            if subject.vectors is not None
        }
        for name, path in zip(names, paths, strict=True)
    }


def scores(results: Results) -> dict[str, dict[int, float]]:
    """Return the score of each test set as one number, which is NaN where there is none."""
    return {
        name: {run: _score(each) for run, each in runs.items()} for name, runs in results.items()
    }


def _score(found: AnalogyScores | SimilarityScores) -> float:
    if isinstance(found, AnalogyScores):
        return found.accuracy if found.total.answered else math.nan
    return found.spearman


def sections(subjects: Sequence[Subject], results: Results) -> list[Bars]:
    """Return the scores of each section of analogy sets.

    Parameters
    ----------
    subjects : sequence of Subject
        The trainings; the last evaluation of each counts.
    results : dict of dict
        What `evaluated` returned, which counts instead.
    """
    found: dict[str, dict[int, list[Section]]] = {}
    for run, subject in enumerate(subjects):
        for name, each in _logged(subject.training).items():
            found.setdefault(name, {})[run] = each
    for name, scored in results.items():
        for run, result in scored.items():
            if isinstance(result, AnalogyScores):
                found.setdefault(name, {})[run] = [
                    Section(part.name, part.answered, part.correct) for part in result.sections
                ]
    return [_bars(name, runs) for name, runs in found.items()]


def _logged(training: Training) -> dict[str, list[Section]]:
    """Return the sections of the evaluation that the vectors are of."""
    final = training.summary.inside("scores")
    best = {name: final.number(name) for name in final.names()}
    fitting = [each for each in training.evaluations if best and each.scores == best]
    chosen = (fitting or training.evaluations)[-1:]
    return chosen[0].sections if chosen else {}


def _bars(name: str, runs: dict[int, list[Section]]) -> Bars:
    groups: dict[str, list[Bar]] = {}
    totals: list[Bar] = []  # a section may be named as they are
    for run, parts in runs.items():
        for part in parts:
            if part.answered:
                groups.setdefault(part.name, []).append(_bar(run, part.answered, part.correct))
        answered = sum(part.answered for part in parts)
        if answered:
            totals.append(_bar(run, answered, sum(part.correct for part in parts)))
    about = "Share of the questions answered correctly, of those whose words all have vectors."
    return Bars(name, about, [*groups.items(), *([("all", totals)] if totals else [])])


def _bar(run: int, answered: int, correct: int) -> Bar:
    return Bar(run, min(1.0, correct / answered), f"{correct:,} of {answered:,}")


def counted(vectors: KeyedVectors | None) -> Points:
    """Return ranks and counts of the words of vectors, if they know the counts."""
    counts = None if vectors is None else vectors.counts
    if counts is None or not len(counts):
        return []
    return [(float(rank), float(count)) for rank, count in frequency_curve(counts) if count > 0]


def neighbours(
    subjects: Sequence[Subject], words: Sequence[str] | None, number: int
) -> list[Neighbours]:
    """Return the neighbours of words in all vectors.

    Parameters
    ----------
    subjects : sequence of Subject
        The trainings; those without vectors are left out.
    words : sequence of str or None
        The words; None chooses some.
    number : int
        Neighbours of each, 1 or more.
    """
    known = [
        (run, subject.vectors)
        for run, subject in enumerate(subjects)
        if subject.vectors is not None
    ]
    if not known:
        return []
    chosen = _chosen([vectors for _, vectors in known]) if words is None else list(words)
    return [
        Neighbours(word, [(run, _near(vectors, word, number)) for run, vectors in known])
        for word in chosen
    ]


def _near(vectors: KeyedVectors, word: str, number: int) -> list[tuple[str, float]] | None:
    if word not in vectors:
        return None
    found = vectors.most_similar(word, topn=number)
    return [(str(near), float(likeness)) for near, likeness in found if math.isfinite(likeness)]


def _chosen(all_vectors: list[KeyedVectors]) -> list[str]:
    """Return words that all vectors have: well-known ones, else common ones."""
    shared = [word for word in _ASKED if all(word in vectors for vectors in all_vectors)]
    first = all_vectors[0].index_to_key
    common = [
        word
        for word in [*first[_SKIPPED : _SKIPPED + 1000], *first[:_SKIPPED]]
        if str(word).isalpha() and all(word in vectors for vectors in all_vectors[1:])
    ]
    return list(dict.fromkeys([*shared, *common]))[:_MOST]
