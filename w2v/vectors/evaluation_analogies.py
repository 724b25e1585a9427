"""The score on an analogy set, equal to that of gensim's evaluate_word_analogies."""

from itertools import chain

import numpy as np
from numpy.typing import NDArray

from w2v.arguments import truth
from w2v.vectors.analogy_search import answer_analogies
from w2v.vectors.evaluation_scores import AnalogyScores, AnalogySection
from w2v.vectors.evaluation_sets import AnalogySet
from w2v.vectors.evaluation_vocabulary import EvaluationVocabulary, evaluation_vocabulary
from w2v.vectors.neighbours import most_similar
from w2v.vectors.types import Rows, WordVectors

# Two answers whose scores (sums of three cosines) differ by less are compared again, one question
# at a time: products in blocks round otherwise than single ones, by a few 1e-7.
_NEAR_TIE = 1e-5
_CANDIDATES = 5  # neighbours among which gensim looks for one that is not a question word


def evaluate_analogies(
    vectors: WordVectors,
    questions: AnalogySet,
    restrict_vocab: int | None = 30_000,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
) -> AnalogyScores:
    """Answer each question "a is to b as c is to ?" by the word nearest to b - a + c.

    Parameters
    ----------
    vectors : KeyedVectors
        The vectors to score.
    questions : AnalogySet
        The questions, from read_analogies.
    restrict_vocab : int, 1 or more, or None
        Use only so many of the first words, for questions and answers; None uses all.
    case_insensitive : bool
        Compare words in capitals; of several spellings the first has the vector.
    dummy4unknown : bool
        Count questions with unknown words as answered wrongly instead of skipping them.

    Returns
    -------
    AnalogyScores
        How many questions of each section were asked, answered, and correct.

    Raises
    ------
    ConfigError
        A value is out of range.
    """
    dummy4unknown = truth("dummy4unknown", dummy4unknown)
    known = evaluation_vocabulary(vectors, restrict_vocab, case_insensitive)
    rows, is_known, section_of = _rows_of_questions(questions, known)
    right = _are_right(vectors, rows, known.spelling)
    count = len(questions.sections)
    answered = np.bincount(section_of[is_known], minlength=count).tolist()
    correct = np.bincount(section_of[is_known][right], minlength=count).tolist()
    return AnalogyScores(
        tuple(
            AnalogySection(name, len(section), len(section) if dummy4unknown else known_all, good)
            for (name, section), known_all, good in zip(
                questions.sections, answered, correct, strict=True
            )
        )
    )


def judged_questions(
    vectors: WordVectors,
    questions: AnalogySet,
    restrict_vocab: int | None = 30_000,
    case_insensitive: bool = True,
) -> list[bool | None]:
    """Return for each question whether it is answered rightly; None where a word is unknown.

    Parameters
    ----------
    vectors, questions, restrict_vocab, case_insensitive
        As for evaluate_analogies.
    """
    known = evaluation_vocabulary(vectors, restrict_vocab, case_insensitive)
    rows, is_known, _ = _rows_of_questions(questions, known)
    right = iter(_are_right(vectors, rows, known.spelling).tolist())
    return [next(right) if answered else None for answered in is_known.tolist()]


def _rows_of_questions(
    questions: AnalogySet, known: EvaluationVocabulary
) -> tuple[Rows, NDArray[np.bool_], Rows]:
    """Return the rows (n, 4) of the questions whose words are all known.

    Also returns, for each of all questions, whether it is one of these, and its section.
    """
    sections = [section for _, section in questions.sections]
    words = list(chain.from_iterable(chain.from_iterable(sections)))
    row_of = {word: known.row(word) for word in set(words)}
    rows = np.array([row_of[word] for word in words], dtype=np.intp).reshape(-1, 4)
    section_of = np.repeat(np.arange(len(sections)), [len(section) for section in sections])
    is_known = np.all(rows >= 0, axis=1)
    return rows[is_known], is_known, section_of


def _are_right(vectors: WordVectors, questions: Rows, spelling: Rows) -> NDArray[np.bool_]:
    """Return for each question, four rows, whether the fourth word is the answer; bool (n,)."""
    if not len(questions):
        return np.zeros(0, dtype=np.bool_)
    searched = len(spelling)
    unit = vectors.vectors[:searched] / vectors.norms[:searched, np.newaxis]
    given, expected = questions[:, :3], questions[:, 3]
    best, score, runner_up = answer_analogies(unit, given, spelling)
    right: NDArray[np.bool_] = spelling[best] == expected
    with np.errstate(invalid="ignore"):  # no answer at all: -inf less -inf
        unsure = ~(score - runner_up >= _NEAR_TIE)
    # Other spellings of the question words do not count, but gensim looks only so far past them.
    others = np.bincount(spelling, minlength=searched) - 1
    unsure |= others[given].sum(axis=1) >= _CANDIDATES
    for number in np.flatnonzero(unsure):
        right[number] = _is_right(vectors, questions[number].tolist(), spelling)
    return right


def _is_right(vectors: WordVectors, question: list[int], spelling: Rows) -> bool:
    """Return the same for one question, by the same steps as gensim."""
    first, second, third, expected = question
    neighbours = most_similar(
        vectors, [second, third], [first], topn=_CANDIDATES, restrict_vocab=len(spelling)
    )
    predicted = -1
    for word, _ in neighbours:
        predicted = int(spelling[vectors.key_to_index[word]])
        if predicted not in (first, second, third):
            break
    return predicted == expected
