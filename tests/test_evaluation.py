"""Evaluation equals gensim's to the last question; bad test sets are one clear sentence."""

from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors as GensimVectors

from w2v.vectors import KeyedVectors, analogy_search
from w2v.vectors.evaluation import AnalogyScores

WIDTH = 20


def made_vectors(questions: Path, seed: int) -> tuple[list[str], np.ndarray]:
    """Vectors for most words of a question set, so that about half of the questions come right.

    The second word of a pair lies off the first by a step of its section, with noise. Words come
    in either case, some in several, some not at all, among words that nobody asks for.
    """
    rng = np.random.default_rng(seed)
    place: dict[str, np.ndarray] = {}
    for line in questions.read_text().splitlines():
        if line.startswith(":"):
            step = rng.standard_normal(WIDTH) * 0.8
            continue
        words = line.split()
        for first, second in (words[:2], words[2:]):
            start = place.setdefault(first, rng.standard_normal(WIDTH))
            place.setdefault(second, start + step + rng.standard_normal(WIDTH) * 0.8)
    spelled: dict[str, np.ndarray] = {}
    for word, vector in place.items():
        forms = [word, word.lower(), word.upper(), word.swapcase(), word.title(), word[:-1] + "x"]
        count = rng.choice([0, 1, 1, 1, 1, 1, 2, 6])
        for form in forms[-1:] if count == 0 else rng.permutation(forms[:5])[:count]:
            spelled[str(form)] = vector + rng.standard_normal(WIDTH) * 0.1
    for number in range(600):
        spelled[f"filler{number}"] = rng.standard_normal(WIDTH)
    order = rng.permutation(len(spelled))
    words = [list(spelled)[row] for row in order]
    return words, np.array(list(spelled.values()), dtype=np.float32)[order]


def both(words: list[str], rows: np.ndarray) -> tuple[KeyedVectors, GensimVectors]:
    theirs = GensimVectors(rows.shape[1])
    theirs.add_vectors(words, rows)
    return KeyedVectors(words, rows), theirs


@pytest.fixture(scope="module")
def pair(test_data: Path) -> tuple[KeyedVectors, GensimVectors]:
    return both(*made_vectors(test_data / "eval/questions-words.txt", 8))


def assert_same_scores(ours: AnalogyScores, theirs: tuple[float, list[dict]]) -> None:
    score, sections = theirs
    counted = [(part.name, part.correct, part.answered) for part in (*ours.sections, ours.total)]
    expected = [
        (part["section"], len(part["correct"]), len(part["correct"]) + len(part["incorrect"]))
        for part in sections
    ]
    expected[-1] = ("total", *expected[-1][1:])
    assert counted == expected
    assert ours.total.accuracy == score


def test_analogies_equal_gensims(pair, test_data: Path) -> None:
    ours, theirs = pair
    path = test_data / "eval/questions-words.txt"
    scores = ours.evaluate_word_analogies(path)
    assert_same_scores(scores, theirs.evaluate_word_analogies(str(path), restrict_vocab=30_000))
    assert scores.total.asked == 19_544
    assert 0.3 < scores.total.accuracy < 0.8
    assert 0.3 < scores.total.answered / scores.total.asked < 0.9
    assert scores.total.skipped == scores.total.asked - scores.total.answered
    names = [part.name for part in scores.sections if part.is_syntactic]
    assert len(names) == 9
    assert all(name.startswith("gram") for name in names)
    assert scores.semantic.correct + scores.syntactic.correct == scores.total.correct


@pytest.fixture(scope="module")
def every_ninth(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = (test_data / "eval/questions-words.txt").read_text().splitlines()
    kept = [line for number, line in enumerate(lines) if line.startswith(":") or number % 9 == 0]
    kept += [": odd ones", "Athens Athens Greece Greece", "Athens Greece Athens Greece"]
    kept += ["Athens Greece Berlin Berlin", "Athens Greece Berlin Athens", "nobody nor any one"]
    path = tmp_path_factory.mktemp("questions") / "questions.txt"
    path.write_text("\n".join(kept) + "\n")
    return path


@pytest.mark.parametrize(
    "options",
    [
        {"restrict_vocab": 300},
        {"restrict_vocab": 30_000, "case_insensitive": False},
        {"restrict_vocab": 30_000, "dummy4unknown": True},
        {"restrict_vocab": None},
        {"restrict_vocab": 900, "case_insensitive": False, "dummy4unknown": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("tile", [7, 4096])
def test_options_equal_gensims(
    pair, every_ninth: Path, options, tile: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pair
    monkeypatch.setattr(analogy_search, "_MAX_TILE", 101 if tile == 7 else tile)
    monkeypatch.setattr(analogy_search, "_RUN", 64 if tile == 7 else 1)
    expected = theirs.evaluate_word_analogies(str(every_ninth), **options)
    assert_same_scores(ours.evaluate_word_analogies(every_ninth, **options), expected)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 9])
def test_few_words_and_many_spellings_equal_gensims(size: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    path = tmp_path / "questions.txt"
    path.write_text(": few\na b c d\nb a d c\nA B D C\na a b b\nd c b a\na b b a\n")
    for _ in range(40):
        words = rng.permutation(["a", "A", "b", "B", "c", "C", "d", "D", "e", "f"])[:size].tolist()
        ours, theirs = both(words, rng.standard_normal((size, 2)).astype(np.float32))
        for folded in (True, False):
            expected = theirs.evaluate_word_analogies(str(path), case_insensitive=folded)
            assert_same_scores(
                ours.evaluate_word_analogies(path, case_insensitive=folded), expected
            )


def test_many_spellings_of_a_question_word_hide_the_answer(tmp_path: Path) -> None:
    # gensim looks at five neighbours only, and here they are all spellings of "abc".
    words = ["abc", "Abc", "aBc", "abC", "ABc", "AbC", "ABC", "start", "end", "answer", "far"]
    rng = np.random.default_rng(12)
    rows = np.array([[1, 1, 0]] * 7 + [[1, 0, 0], [1, 0, 1], [1, 1, 1.5], [-1, 0, 0]])
    path = written(tmp_path, ": spellings\nstart end abc answer\n")
    for count, correct in [(5, 1), (6, 0), (7, 0)]:
        kept = [*range(count), 7, 8, 9, 10]
        noisy = rows[kept] + rng.standard_normal((len(kept), 3)) * 1e-3
        noisy[count + 2] = [0.5, 0, 3] if count > 5 else noisy[count + 2]
        ours, theirs = both([words[row] for row in kept], noisy.astype(np.float32))
        scores = ours.evaluate_word_analogies(path)
        assert_same_scores(scores, theirs.evaluate_word_analogies(str(path)))
        assert scores.total.correct == correct


@pytest.mark.parametrize("tile", [64, 4096])
def test_near_ties_equal_gensims(
    tmp_path: Path, tile: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analogy_search, "_MAX_TILE", tile)
    # The answers come in pairs that differ in the last bits only.
    rng = np.random.default_rng(10)
    words = [f"w{number}" for number in range(300)]
    rows = rng.standard_normal((300, 10)).astype(np.float32)
    rows[150:] = rows[:150] + rng.choice([-1e-7, 0, 1e-7], (150, 10)).astype(np.float32)
    ours, theirs = both(words, rows)
    lines = [" ".join(rng.choice(words, 4, replace=False)) for _ in range(500)]
    for number, line in enumerate(lines):
        first, second, third, _ = line.split()
        near = theirs.most_similar([second, third], [first], topn=2)
        lines[number] = f"{first} {second} {third} {near[number % 2][0]}"
    path = tmp_path / "questions.txt"
    path.write_text(": ties\n" + "\n".join(lines))
    scores = ours.evaluate_word_analogies(path)
    assert_same_scores(scores, theirs.evaluate_word_analogies(str(path)))
    assert 0.3 < scores.total.accuracy < 0.7


@pytest.mark.parametrize("name", ["wordsim353.tsv", "simlex999.txt"])
@pytest.mark.parametrize("options", [{}, {"dummy4unknown": True}, {"case_insensitive": False}])
def test_pairs_equal_gensims(test_data: Path, name: str, options: dict) -> None:
    path = test_data / "eval" / name
    rng = np.random.default_rng(11)
    place: dict[str, np.ndarray] = {}
    for line in path.read_text().splitlines():
        if not line.startswith("#"):
            first, second, score = line.split("\t")
            vector = place.setdefault(first, rng.standard_normal(WIDTH))
            noise = rng.standard_normal(WIDTH) * (12 - float(score)) / 6
            place.setdefault(second, vector + noise)
    words = [word for word in place if rng.random() > 0.05]
    rows = np.array([place[word] for word in words], dtype=np.float32)
    spelled = [word.upper() if rng.random() < 0.2 else word for word in words]
    ours, theirs = both(spelled, rows)
    scores = ours.evaluate_word_pairs(path, **options)
    pearson, spearman, missing = theirs.evaluate_word_pairs(str(path), **options)
    assert scores.pearson == pearson[0]
    assert scores.spearman == spearman[0]
    asked = (
        scores.pairs_used
        if options.get("dummy4unknown")
        else scores.pairs_used + (scores.pairs_missing)
    )
    assert scores.pairs_missing / asked * 100 == missing
    assert scores.pairs_missing > 10
    assert 0.2 < scores.spearman < 0.9


def written(directory: Path, content: str | bytes) -> Path:
    path = directory / "set.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
