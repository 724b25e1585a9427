"""Scores on test sets: how many analogies are answered, how well similarities agree with people.

Both equal gensim's evaluate_word_analogies and evaluate_word_pairs on the same vectors.
"""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import checked_path, truth
from w2v.errors import W2VError
from w2v.vectors.evaluation_sets import (
    AnalogySet,
    PairSet,
    read_analogies,
    read_evaluation_set,
    read_pairs,
)
from w2v.vectors.keys import check_restriction
from w2v.vectors.lookup import check_vectors
from w2v.vectors.nearest import answer_analogies

if TYPE_CHECKING:
    from w2v.vectors.keyed_vectors import KeyedVectors

__all__ = [
    "AnalogyScores", "AnalogySection", "AnalogySet", "PairSet", "SimilarityScores",
    "evaluate", "evaluate_analogies", "evaluate_pairs",
    "read_analogies", "read_evaluation_set", "read_pairs",
]  # fmt: skip

# Two answers whose scores (sums of three cosines) differ by less are compared again one question
# at a time: blocked products round otherwise than single ones, by a few 1e-7.
_NEAR_TIE = 1e-5
_CANDIDATES = 5  # neighbours that gensim looks at for one that is not a question word

Questions = NDArray[np.intp]


@dataclass(frozen=True)
class AnalogySection:
    """The questions of one section, or of several: how many were asked, answered, and correct.

    answered: those whose four words are all in the (restricted) vocabulary.
    """

    name: str
    asked: int
    answered: int
    correct: int

    def __repr__(self) -> str:
        return f"AnalogySection({self.name!r}, {_share(self)})"

    @property
    def skipped(self) -> int:
        """Questions left out, because a word is not in the vocabulary."""
        return self.asked - self.answered

    @property
    def accuracy(self) -> float:
        """Correct answers among the questions answered, from 0 to 1; 0 when there are none."""
        return self.correct / self.answered if self.answered else 0.0

    @property
    def is_syntactic(self) -> bool:
        """Whether the section is about grammar: its name starts with "gram"."""
        return self.name.startswith("gram")


@dataclass(frozen=True)
class AnalogyScores:
    """The result of an analogy set: its sections, and their sums."""

    sections: tuple[AnalogySection, ...]

    def __repr__(self) -> str:
        return f"AnalogyScores({_share(self.total)}, sections={len(self.sections)})"

    @property
    def accuracy(self) -> float:
        """Correct answers among all questions answered, from 0 to 1."""
        return self.total.accuracy

    @property
    def total(self) -> AnalogySection:
        """All sections together."""
        return _sum("total", self.sections)

    @property
    def semantic(self) -> AnalogySection:
        """The sections about meaning together."""
        return _sum("semantic", [part for part in self.sections if not part.is_syntactic])

    @property
    def syntactic(self) -> AnalogySection:
        """The sections about grammar together."""
        return _sum("syntactic", [part for part in self.sections if part.is_syntactic])


@dataclass(frozen=True)
class SimilarityScores:
    """The result of a similarity set: rank and linear correlation with people's scores.

    spearman, pearson: from -1 to 1, NaN where all similarities are the same.
    pairs_used: the pairs correlated; pairs_missing: those with a word not in the vocabulary.
    """

    spearman: float
    pearson: float
    pairs_used: int
    pairs_missing: int


def _share(section: AnalogySection) -> str:
    return (
        f"accuracy={section.accuracy:.4f}, correct={section.correct}, answered={section.answered},"
        f" asked={section.asked}"
    )


def _sum(name: str, sections: Sequence[AnalogySection]) -> AnalogySection:
    return AnalogySection(
        name,
        sum(section.asked for section in sections),
        sum(section.answered for section in sections),
        sum(section.correct for section in sections),
    )


def evaluate(
    vectors: "KeyedVectors", path: str | PathLike[str], restrict_vocab: int | None = 30_000
) -> AnalogyScores | SimilarityScores:
    """Evaluate vectors on a test set of either kind; restrict_vocab holds for analogies only.

    path: a file, or a known name: "questions-words", "wordsim353" or "simlex999".

    Raises FormatError for a bad file, W2VError where too few of its words are known.
    """
    check_vectors(vectors)
    found = read_evaluation_set(checked_path("path", path))
    if isinstance(found, AnalogySet):
        return evaluate_analogies(vectors, found, restrict_vocab)
    return evaluate_pairs(vectors, found)


def evaluate_analogies(
    vectors: "KeyedVectors",
    questions: AnalogySet,
    restrict_vocab: int | None = 30_000,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
) -> AnalogyScores:
    """Answer analogy questions by the word nearest to b - a + c, and count the right answers.

    restrict_vocab: use only the first so many words, for questions and answers; None uses all.
    case_insensitive: compare words in capitals; the first of several spellings has the vector.
    dummy4unknown: count questions with unknown words as answered wrongly, do not skip them.
    """
    dummy4unknown = truth("dummy4unknown", dummy4unknown)
    known = _known_words(vectors, restrict_vocab, case_insensitive)
    found, owner = _found_rows(questions, known)
    right = _answered_right(vectors, found, known.spelling)
    count = len(questions.sections)
    answered = np.bincount(owner, minlength=count).tolist()
    correct = np.bincount(owner[right], minlength=count).tolist()
    return AnalogyScores(
        tuple(
            AnalogySection(name, len(section), len(section) if dummy4unknown else known_all, good)
            for (name, section), known_all, good in zip(
                questions.sections, answered, correct, strict=True
            )
        )
    )


@dataclass(frozen=True)
class _KnownWords:
    """The words that may be used. spelling: (V,), for each row the first that is spelled alike."""

    rows: Mapping[str, int]
    spelling: NDArray[np.intp]
    case_insensitive: bool

    def row(self, word: str) -> int:
        """Return the row of a word of a test set, or -1."""
        return self.rows.get(word.upper() if self.case_insensitive else word, -1)


def _known_words(
    vectors: "KeyedVectors", restrict_vocab: int | None, case_insensitive: bool
) -> _KnownWords:
    case_insensitive = truth("case_insensitive", case_insensitive)
    if restrict_vocab is not None:
        check_restriction(restrict_vocab)
    words = vectors.index_to_key[:restrict_vocab]
    folded = [word.upper() for word in words] if case_insensitive else words
    rows = dict(zip(reversed(folded), range(len(words) - 1, -1, -1), strict=True))
    spelling = np.array([rows[word] for word in folded], dtype=np.intp)
    return _KnownWords(rows, spelling, case_insensitive)


def _found_rows(questions: AnalogySet, known: _KnownWords) -> tuple[Questions, NDArray[np.intp]]:
    """Return the rows (n, 4) of the questions whose words are all known, and their sections."""
    sections = [section for _, section in questions.sections]
    words = list(chain.from_iterable(chain.from_iterable(sections)))
    row_of = {word: known.row(word) for word in set(words)}
    rows = np.array([row_of[word] for word in words], dtype=np.intp).reshape(-1, 4)
    owner = np.repeat(np.arange(len(sections)), [len(section) for section in sections])
    is_known = (rows >= 0).all(axis=1)
    return rows[is_known], owner[is_known]


def _answered_right(
    vectors: "KeyedVectors", questions: Questions, spelling: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Return which questions (n, 4), as rows, are answered by their fourth word, as bool (n,)."""
    if not len(questions):
        return np.zeros(0, dtype=np.bool_)
    searched = len(spelling)
    unit = vectors.vectors[:searched] / vectors.norms[:searched, np.newaxis]
    given, expected = questions[:, :3], questions[:, 3]
    best, score, runner_up = answer_analogies(unit, given, spelling)
    right: NDArray[np.bool_] = spelling[best] == expected
    with np.errstate(invalid="ignore"):  # no answer at all: -inf less -inf
        unsure = ~(score - runner_up >= _NEAR_TIE)
    # Other spellings of the question words are no answers, but gensim looks only so far beyond.
    others = np.bincount(spelling, minlength=searched) - 1
    unsure |= others[given].sum(axis=1) >= _CANDIDATES
    for number in np.flatnonzero(unsure):
        right[number] = _answered_right_singly(vectors, questions[number].tolist(), spelling)
    return right


def _answered_right_singly(
    vectors: "KeyedVectors", question: list[int], spelling: NDArray[np.intp]
) -> bool:
    """Return the same for one question, by the very steps that gensim takes."""
    first, second, third, expected = question
    neighbours = vectors.most_similar(
        [second, third], [first], topn=_CANDIDATES, restrict_vocab=len(spelling)
    )
    predicted = -1
    for word, _ in neighbours:
        predicted = int(spelling[vectors.key_to_index[word]])
        if predicted not in (first, second, third):
            break
    return predicted == expected


def evaluate_pairs(
    vectors: "KeyedVectors",
    judged: PairSet,
    restrict_vocab: int | None = None,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
) -> SimilarityScores:
    """Correlate the cosine similarities of pairs of words with the scores that people gave them.

    restrict_vocab, case_insensitive: as for analogies.
    dummy4unknown: give pairs with unknown words the similarity 0, do not leave them out.

    Raises W2VError where fewer than two pairs can be compared.
    """
    dummy4unknown = truth("dummy4unknown", dummy4unknown)
    known = _known_words(vectors, restrict_vocab, case_insensitive)
    people, ours, missing = [], [], 0
    for first, second, score in judged.pairs:
        rows = known.row(first), known.row(second)
        if min(rows) < 0:
            missing += 1
            if not dummy4unknown:
                continue
        people.append(score)
        ours.append(0.0 if min(rows) < 0 else vectors.similarity(*rows))
    if len(people) < 2:
        raise W2VError(
            f"{judged.path}: of {len(judged.pairs)} pairs only {len(people)} can be compared, as "
            f"{missing} have a word that the vectors lack; a correlation needs at least two."
        )
    return SimilarityScores(*_correlations(people, ours), len(people), missing)


def _correlations(people: list[float], ours: list[float]) -> tuple[float, float]:
    """Return Spearman's rho and Pearson's r, NaN where one side is constant."""
    if min(people) == max(people) or min(ours) == max(ours):
        return math.nan, math.nan
    from scipy import stats  # noqa: PLC0415  (slow to import, and needed only here)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about nearly constant input: the result says so itself
        spearman, pearson = stats.spearmanr(people, ours), stats.pearsonr(people, ours)
    return float(spearman[0]), float(pearson[0])
