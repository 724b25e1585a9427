"""All that a report shows, made from trainings and vectors before anything is drawn."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from w2v.reports import knowledge, tables
from w2v.reports.charts import Bars, Chart, Flow, Neighbours, Row
from w2v.reports.curves import frequency_chart, learning_charts, pace_charts
from w2v.reports.fates import fates
from w2v.reports.runs import Training
from w2v.reports.sources import Subject


@dataclass(frozen=True)
class Contents:
    """The contents of a report, in the order in which it shows them."""

    title: str
    version: str
    trainings: list[Training]
    results: list[Row]
    learning: list[Chart]
    sections: list[Bars]
    neighbours: list[Neighbours]
    flows: list[Flow]
    frequencies: list[Chart]
    pace: list[Chart]
    settings: list[Row]
    versions: list[Row]


def contents_of(
    subjects: Sequence[Subject], words: Sequence[str] | None, sets: Sequence[Path], number: int
) -> Contents:
    """Return the contents of a report.

    Parameters
    ----------
    subjects : sequence of Subject
        The trainings.
    words : sequence of str or None
        Words whose neighbours are listed; None chooses some.
    sets : sequence of Path
        Test sets to score the vectors on.
    number : int
        Neighbours of each word.
    """
    trainings = [subject.training for subject in subjects]
    counted = [knowledge.counted(subject.vectors) for subject in subjects]
    frequencies = frequency_chart(trainings, counted)
    results = knowledge.evaluated(subjects, sets)
    return Contents(
        "Report of a training" if len(trainings) == 1 else "Report of trainings",
        sys.modules["w2v"].__version__,
        trainings,
        tables.at_a_glance(trainings, knowledge.scores(results)),
        learning_charts(trainings),
        knowledge.sections(subjects, results),
        knowledge.neighbours(subjects, words, number),
        fates(trainings),
        [] if frequencies is None else [frequencies],
        pace_charts(trainings),
        tables.settings(trainings),
        tables.versions(trainings),
    )
