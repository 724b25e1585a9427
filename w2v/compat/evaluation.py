"""gensim's results of evaluations: the questions answered rightly and wrongly, and p-values."""

import logging
from collections.abc import Iterator
from itertools import chain
from os import PathLike
from typing import Any

from w2v.arguments import checked_path, truth
from w2v.errors import ConfigError, FormatError
from w2v.opening import open_single
from w2v.vectors.comparisons import similarity
from w2v.vectors.evaluation_analogies import judged_questions
from w2v.vectors.evaluation_sets import read_analogies
from w2v.vectors.evaluation_vocabulary import evaluation_vocabulary
from w2v.vectors.types import WordVectors

_logger = logging.getLogger(__name__)


def evaluate_word_analogies(
    vectors: WordVectors,
    analogies: str | PathLike[str],
    restrict_vocab: int | None = 300_000,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
    similarity_function: str = "most_similar",
) -> tuple[float, list[dict[str, Any]]]:
    """Answer the questions of an analogy set.

    Parameters
    ----------
    analogies : str or PathLike
        A file of questions, or the name of a known set, such as "questions-words".
    restrict_vocab : int, 1 or more, or None
        Use only so many of the first words, for questions and answers.
    case_insensitive : bool
        Compare words in capitals; of several spellings the first has the vector.
    dummy4unknown : bool
        Count questions with unknown words as answered wrongly instead of skipping them.
    similarity_function : str
        Without effect, as in gensim.

    Returns
    -------
    score : float
        The share of questions answered rightly, from 0 to 1.
    sections : list of dict
        For each section its name, "section", and its questions, "correct" and "incorrect", each a
        tuple of four words; the last is "Total accuracy", all of them.

    Raises
    ------
    FormatError
        The file is missing, or does not hold analogy questions.
    """
    dummy = truth("dummy4unknown", dummy4unknown)
    questions = read_analogies(checked_path("analogies", analogies))
    verdicts = iter(judged_questions(vectors, questions, restrict_vocab, case_insensitive))
    sections: list[dict[str, Any]] = []
    for name, asked in questions.sections:
        section: dict[str, Any] = {"section": name, "correct": [], "incorrect": []}
        for question in asked:
            verdict = next(verdicts)
            if verdict is not None or dummy:
                words = tuple(word.upper() for word in question) if case_insensitive else question
                section["correct" if verdict else "incorrect"].append(words)
        sections.append(section)
    total = {
        kind: list(chain.from_iterable(section[kind] for section in sections))
        for kind in ("correct", "incorrect")
    }
    sections.append({"section": "Total accuracy", **total})
    for section in sections:
        log_accuracy(section)
    answered = len(total["correct"]) + len(total["incorrect"])
    return (len(total["correct"]) / answered if answered else 0.0), sections


def log_accuracy(section: dict[str, Any]) -> None:
    """Log the score of one section of evaluate_word_analogies."""
    right, wrong = len(section["correct"]), len(section["incorrect"])
    if right + wrong:
        share = 100.0 * right / (right + wrong)
        _logger.info("%s: %.1f%% (%i/%i)", section["section"], share, right, right + wrong)


def evaluate_word_pairs(
    vectors: WordVectors,
    pairs: str | PathLike[str],
    delimiter: str = "\t",
    encoding: str = "utf8",
    restrict_vocab: int | None = 300_000,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
) -> tuple[Any, Any, float]:
    """Correlate the similarities of pairs of words with the scores that people gave them.

    Parameters
    ----------
    pairs : str or PathLike
        A file with two words and a number on each line; other lines are left out.
    delimiter : str
        What separates the three.
    encoding : str
        The encoding of the file.
    restrict_vocab, case_insensitive
        As for evaluate_word_analogies.
    dummy4unknown : bool
        Give pairs with unknown words the similarity 0 instead of leaving them out.

    Returns
    -------
    pearson, spearman : pairs of float
        The correlations, each with its two-tailed p-value.
    oov_ratio : float
        The percentage of pairs with an unknown word.

    Raises
    ------
    FormatError
        The file is missing.
    ConfigError
        It holds no pair of known words.
    """
    from scipy import stats  # noqa: PLC0415  (slow to import, and needed only here)

    dummy = truth("dummy4unknown", dummy4unknown)
    known = evaluation_vocabulary(vectors, restrict_vocab, case_insensitive)
    people, ours, missing = [], [], 0
    for first, second, score in _pairs(pairs, delimiter, encoding):
        rows = known.row(first), known.row(second)
        missing += min(rows) < 0
        if min(rows) >= 0 or dummy:
            people.append(score)
            ours.append(similarity(vectors, *rows) if min(rows) >= 0 else 0.0)
    if not people:
        raise ConfigError(
            f"{pairs} holds no pair of known words with a number, separated by {delimiter!r}; check"
            " the file and the delimiter."
        )
    spearman, pearson = stats.spearmanr(people, ours), stats.pearsonr(people, ours)
    ratio = 100.0 * missing / (len(people) if dummy else len(people) + missing)
    log_evaluate_word_pairs(pearson, spearman, ratio, pairs)
    return pearson, spearman, ratio


def log_evaluate_word_pairs(pearson: Any, spearman: Any, oov: float, pairs: object) -> None:
    """Log the results of evaluate_word_pairs."""
    _logger.info("Pearson correlation coefficient against %s: %.4f", pairs, pearson[0])
    _logger.info("Spearman rank-order correlation coefficient against %s: %.4f", pairs, spearman[0])
    _logger.info("Pairs with unknown words ratio: %.1f%%", oov)


def _pairs(
    path: str | PathLike[str], delimiter: str, encoding: str
) -> Iterator[tuple[str, str, float]]:
    """Yield the pairs of a file with their scores; lines of another form are left out."""
    source = checked_path("pairs", path)
    with open_single(source, "evaluation set") as stream:
        try:
            text = stream.read().decode(encoding)
        except (UnicodeDecodeError, LookupError) as error:
            raise FormatError(f"{source} cannot be read as {encoding}: {error}.") from None
    for line in text.splitlines():
        fields = line.split(delimiter)
        try:
            first, second, score = *fields[:2], float(fields[2])
        except (ValueError, IndexError):
            continue
        if len(fields) == 3 and not line.startswith("#"):
            yield first, second, score
