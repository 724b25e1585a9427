"""Test sets: both kinds are recognised by their content, and bad ones are one sentence."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from test_evaluation import written

from w2v.errors import ConfigError, FormatError, W2VError
from w2v.vectors import KeyedVectors
from w2v.vectors.evaluation import AnalogyScores, SimilarityScores, evaluate

VECTORS = KeyedVectors(
    ["king", "queen", "man", "woman", "tree"],
    [[1, 1, 0], [1, 1, 1], [1, 0, 0], [1, 0, 1], [-1, 3, 0]],
)
ROYAL = "man king woman queen\n"


def test_kind_is_told_by_content(tmp_path: Path) -> None:
    found = evaluate(VECTORS, written(tmp_path, f"# a comment\n\n: royal\n{ROYAL}\r\n"))
    assert isinstance(found, AnalogyScores)
    assert (found.total.asked, found.total.correct) == (1, 1)
    found = evaluate(VECTORS, written(tmp_path, "king queen 9\nking tree 2\nman tree 1\n"))
    assert isinstance(found, SimilarityScores)
    assert found.pairs_used == 3
    compressed = gzip.compress(f"\ufeff: royal\n{ROYAL}".encode())
    assert evaluate(VECTORS, written(tmp_path, compressed)).total.correct == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (": king 5\nking queen 9\n", SimilarityScores),
        (":\tking\t5\n:)\tman\t3\nking\tqueen\t9\nman\ttree\t1\n", SimilarityScores),
        (":,king,5\nman,tree,1\nking,queen,9\n", SimilarityScores),
        (": king 5\n: queen 9\n", SimilarityScores),
        (f": section 1\n{ROYAL}", AnalogyScores),
        (f": section 1\n: section 2\n{ROYAL}", AnalogyScores),
        (f": section 1\n: royal\n{ROYAL}", AnalogyScores),
        (f":royal\n{ROYAL}", AnalogyScores),
    ],
)
def test_a_colon_may_be_the_first_word_of_a_pair(tmp_path: Path, content: str, kind: type) -> None:
    vectors = KeyedVectors(
        [*VECTORS.index_to_key, ":", ":)"], [*VECTORS.vectors, [0, 1, 0], [0, 0, 1]]
    )
    found = evaluate(vectors, written(tmp_path, content))
    assert isinstance(found, kind)
    if isinstance(found, SimilarityScores):
        assert found.pairs_used == len(content.splitlines())


@pytest.mark.parametrize("separator", ["\t", ",", ", ", " ", "   "])
def test_separators_comments_and_column_names(tmp_path: Path, separator: str) -> None:
    rows = [
        ("Word1", "Word2", "Score"),
        ("King", "queen", "9.5"),
        ("man", "tree", "1"),
        ("x", "y", "3"),
    ]
    lines = [separator.join(row) for row in rows]
    lines.insert(2, "# comment")
    scores = evaluate(VECTORS, written(tmp_path, "\r\n".join(lines)))
    assert scores == SimilarityScores(pytest.approx(1), pytest.approx(1), 2, 1)


def test_no_question_is_answerable(tmp_path: Path) -> None:
    scores = evaluate(VECTORS, written(tmp_path, ": none\na b c d\n"))
    assert (scores.total.asked, scores.total.answered, scores.total.accuracy) == (1, 0, 0)


def test_constant_similarities_have_no_correlation(tmp_path: Path) -> None:
    scores = evaluate(VECTORS, written(tmp_path, "king queen 9\nking tree 9\n"))
    assert np.isnan(scores.spearman)
    assert np.isnan(scores.pearson)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no questions and no pairs"),
        ("# only a comment\n", "no questions and no pairs"),
        (": section\n", "only names of sections"),
        (f": section\n{ROYAL}one two three\n", "line 3: an analogy question is four words.* 3"),
        (f": section\n{ROYAL}a b c d e\n", "line 3: .* has 5"),
        ("man king woman queen\n", "line 1: a pair is two words and a number"),
        ("king queen 9\nking man\n", "line 2: a pair"),
        ("king queen 9\nking man x\n", "line 2: a pair"),
        ("king\t\t9\n", "line 1: a pair is two words"),
        ("king,queen,9\n,,9\n", "line 2: a pair is two words"),
        ("king queen nan\n", "line 1: a pair .* number"),
        ("king queen 9\nking man 1e999\n", "line 2: a pair .* number"),
        ("king,queen,9,9\n", "line 1: a pair"),
        ("word1 word2 score\n", "no pairs of words with a score"),
        (b": section\nb\xff c d e\n", "not UTF-8 text: the byte at offset 11"),
        (b": section\n\0\1\2\3\n", "is a binary file"),
        (gzip.compress(b": section\na b c d\n", mtime=0)[:-9], "is damaged"),
    ],
)
def test_bad_sets_are_one_sentence(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message) as caught:
        evaluate(VECTORS, written(tmp_path, content))
    assert str(caught.value).endswith(".")


def test_files_that_are_not_there_or_of_the_other_kind(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="There is no evaluation set"):
        evaluate(VECTORS, tmp_path / "nothing.txt")
    with pytest.raises(FormatError, match="is a directory"):
        evaluate(VECTORS, tmp_path)
    with pytest.raises(FormatError, match="not pairs of words"):
        VECTORS.evaluate_word_pairs(written(tmp_path, f": royal\n{ROYAL}"))
    with pytest.raises(FormatError, match="not analogy questions"):
        VECTORS.evaluate_word_analogies(written(tmp_path, "king queen 9\n"))


def test_too_little_to_compare(tmp_path: Path) -> None:
    path = written(tmp_path, "king queen 9\nking nobody 3\n")
    with pytest.raises(W2VError, match="of 2 pairs only 1 can be compared, as 1 have a word"):
        evaluate(VECTORS, path)
    with pytest.raises(ConfigError, match="restrict_vocab is"):
        evaluate(VECTORS, written(tmp_path, f": royal\n{ROYAL}"), restrict_vocab=0)
