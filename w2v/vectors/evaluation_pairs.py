"""The score on a similarity set, equal to that of gensim's evaluate_word_pairs."""

import math
import warnings

from w2v.arguments import truth
from w2v.errors import W2VError
from w2v.vectors.comparisons import similarity
from w2v.vectors.evaluation_scores import SimilarityScores
from w2v.vectors.evaluation_sets import PairSet
from w2v.vectors.evaluation_vocabulary import evaluation_vocabulary
from w2v.vectors.types import WordVectors


def evaluate_pairs(
    vectors: WordVectors,
    judged: PairSet,
    restrict_vocab: int | None = None,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
) -> SimilarityScores:
    """Correlate the cosine similarities of pairs of words with the scores that people gave them.

    Parameters
    ----------
    vectors : KeyedVectors
        The vectors to score.
    judged : PairSet
        The pairs and their scores, from read_pairs.
    restrict_vocab : int, 1 or more, or None
        Use only so many of the first words; None uses all.
    case_insensitive : bool
        Compare words in capitals; of several spellings the first has the vector.
    dummy4unknown : bool
        Give pairs with unknown words the similarity 0 instead of leaving them out.

    Returns
    -------
    SimilarityScores
        Both correlations, and how many pairs were compared.

    Raises
    ------
    ConfigError
        A value is out of range.
    W2VError
        Fewer than two pairs can be compared.
    """
    dummy4unknown = truth("dummy4unknown", dummy4unknown)
    known = evaluation_vocabulary(vectors, restrict_vocab, case_insensitive)
    people, ours, missing = [], [], 0
    for first, second, score in judged.pairs:
        rows = known.row(first), known.row(second)
        if min(rows) < 0:
            missing += 1
            if not dummy4unknown:
                continue
        people.append(score)
        ours.append(0.0 if min(rows) < 0 else similarity(vectors, *rows))
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
