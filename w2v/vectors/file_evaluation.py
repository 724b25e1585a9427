"""Vectors scored on the file of an analogy set or of a similarity set, as gensim's methods do."""

from os import PathLike
from typing import TYPE_CHECKING

from w2v.arguments import checked_path
from w2v.vectors.types import WordVectors

if TYPE_CHECKING:
    from w2v.vectors.evaluation_scores import AnalogyScores, SimilarityScores

# What evaluates is imported late: a query does not need it.


def evaluate_word_analogies(
    vectors: WordVectors,
    analogies: str | PathLike[str],
    restrict_vocab: int | None = 300_000,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
) -> "AnalogyScores":
    """Answer the questions of an analogy set, and count the right answers.

    Parameters
    ----------
    analogies : str or PathLike
        A file of questions, or the name of a known set, such as "questions-words".
    restrict_vocab : int, 1 or more, or None
        Use only so many of the first words, for questions and answers; None uses all. The
        default is gensim's; that of `w2v.evaluate` is 30,000.
    case_insensitive : bool
        Compare words in capitals; of several spellings the first has the vector.
    dummy4unknown : bool
        Count questions with unknown words as answered wrongly instead of skipping them.

    Returns
    -------
    AnalogyScores
        The counts of each section, and their sums.

    Raises
    ------
    FormatError
        The file is missing, or does not hold analogy questions.
    """
    from w2v.vectors.evaluation_analogies import evaluate_analogies  # noqa: PLC0415
    from w2v.vectors.evaluation_sets import read_analogies  # noqa: PLC0415

    questions = read_analogies(checked_path("analogies", analogies))
    return evaluate_analogies(vectors, questions, restrict_vocab, case_insensitive, dummy4unknown)


def evaluate_word_pairs(
    vectors: WordVectors,
    pairs: str | PathLike[str],
    *,
    restrict_vocab: int | None = 300_000,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
) -> "SimilarityScores":
    """Correlate the similarities of pairs of words with the scores that people gave them.

    Parameters
    ----------
    pairs : str or PathLike
        A file of pairs, or the name of a known set, such as "wordsim353".
    restrict_vocab, case_insensitive
        As for evaluate_word_analogies.
    dummy4unknown : bool
        Give pairs with unknown words the similarity 0 instead of leaving them out.

    Returns
    -------
    SimilarityScores
        Spearman's rho and Pearson's r, and how many pairs were compared.

    Raises
    ------
    FormatError
        The file is missing, or does not hold pairs of words with scores.
    W2VError
        Fewer than two pairs can be compared.
    """
    from w2v.vectors.evaluation_pairs import evaluate_pairs  # noqa: PLC0415
    from w2v.vectors.evaluation_sets import read_pairs  # noqa: PLC0415

    judged = read_pairs(checked_path("pairs", pairs))
    return evaluate_pairs(vectors, judged, restrict_vocab, case_insensitive, dummy4unknown)
