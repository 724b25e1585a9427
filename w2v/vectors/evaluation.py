"""Scores of vectors on test sets of either kind: analogies, and similarities that people judged."""

from os import PathLike

from w2v.arguments import checked_path
from w2v.vectors.evaluation_analogies import evaluate_analogies
from w2v.vectors.evaluation_pairs import evaluate_pairs
from w2v.vectors.evaluation_scores import AnalogyScores, AnalogySection, SimilarityScores
from w2v.vectors.evaluation_sets import AnalogySet, read_evaluation_set
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.vectors_like import check_vectors

__all__ = [
    "AnalogyScores", "AnalogySection", "SimilarityScores",
    "evaluate", "evaluate_analogies", "evaluate_pairs",
]  # fmt: skip


def evaluate(
    vectors: KeyedVectors, path: str | PathLike[str], restrict_vocab: int | None = 30_000
) -> AnalogyScores | SimilarityScores:
    """Score vectors on a test set of either kind; the results equal gensim's.

    Parameters
    ----------
    vectors : KeyedVectors
        The vectors to score.
    path : str or PathLike
        A file, or the name of a known set: "questions-words", "wordsim353" or "simlex999".
    restrict_vocab : int, 1 or more, or None
        Answer analogies with only so many of the first words; None uses all. Similarities are
        not restricted.

    Returns
    -------
    AnalogyScores or SimilarityScores
        According to the kind of the test set.

    Raises
    ------
    FormatError
        The file is missing, or is not a test set.
    W2VError
        Fewer than two pairs can be compared.
    ConfigError
        An argument has a wrong type or is out of range.
    """
    check_vectors(vectors)
    found = read_evaluation_set(checked_path("path", path))
    if isinstance(found, AnalogySet):
        return evaluate_analogies(vectors, found, restrict_vocab)
    return evaluate_pairs(vectors, found)
