"""The queries: analogy, similar, distance, odd, evaluate; --help of everything; a light start."""

import json
import re
import warnings
from pathlib import Path
from typing import Any

import click
import gensim
import numpy as np
import pytest
from command_line import COMMANDS, Shell, shell_with_vectors

import w2v
import w2v_corpora.toy
from w2v_cli.commands import cli


@pytest.fixture
def shell(tmp_path: Path, toy_vectors: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return shell_with_vectors(tmp_path, toy_vectors, monkeypatch)


@pytest.fixture(scope="module")
def theirs(toy_vectors: Path) -> Any:
    return gensim.models.KeyedVectors.load_word2vec_format(str(toy_vectors), binary=True)


def as_json(shell: Shell, *arguments: object) -> Any:
    """Return what a query prints with --json, which is one line."""
    result = shell.succeed(*arguments, "--json")
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))


def write_vectors(name: str, **rows: list[float]) -> str:
    w2v.KeyedVectors(list(rows), np.array(list(rows.values()))).save(name)
    return name


class TestNeighbours:
    def test_analogy_is_a_minus_b_plus_c(self, shell: Shell, theirs: Any) -> None:
        found = as_json(shell, "analogy", "king", "man", "woman")
        assert found[0]["word"] == "queen"
        expected = theirs.most_similar(positive=["king", "woman"], negative=["man"])
        assert [each["word"] for each in found] == [word for word, _ in expected]
        similarities = [each["similarity"] for each in found]
        assert similarities == pytest.approx([value for _, value in expected], abs=1e-6)
        assert all(set(each) == {"word", "similarity"} for each in found)

    def test_similar_lists_neighbours(self, shell: Shell, theirs: Any) -> None:
        found = as_json(shell, "similar", "cat", "-n", 4)
        assert [each["word"] for each in found] == [w for w, _ in theirs.most_similar("cat")[:4]]

    def test_similar_to_several_words_is_similar_to_their_mean(
        self, shell: Shell, theirs: Any
    ) -> None:
        found = as_json(shell, "similar", "cat", "dog", "cow")
        expected = theirs.most_similar(positive=["cat", "dog", "cow"])
        assert [each["word"] for each in found] == [word for word, _ in expected]

    def test_people_get_two_aligned_columns(self, shell: Shell) -> None:
        result = shell.succeed("analogy", "king", "man", "woman", "-n", 3)
        assert result.stderr == "Reading toy.bin (from $W2V_VECTORS)\n"
        lines = result.stdout.splitlines()
        assert len(lines) == 3
        assert re.fullmatch(r"queen +0\.\d{4}", lines[0])
        assert len({len(line) for line in lines}) == 1

    def test_more_are_asked_for_than_there_are(self, shell: Shell, theirs: Any) -> None:
        assert len(as_json(shell, "similar", "cat", "-n", 10**6)) == len(theirs) - 1

    def test_an_analogy_can_multiply(self, shell: Shell, theirs: Any) -> None:
        found = as_json(shell, "analogy", "king", "man", "woman", "--cosmul", "-n", 5)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # gensim's, of its own method
            expected = theirs.most_similar_cosmul(["king", "woman"], ["man"], topn=5)
        assert [each["word"] for each in found] == [word for word, _ in expected]
        similarities = [each["similarity"] for each in found]
        assert similarities == pytest.approx([value for _, value in expected], abs=1e-6)

    def test_similar_lists_the_neighbours_of_each(self, shell: Shell, theirs: Any) -> None:
        found = as_json(shell, "similar", "--each", "cat", "king", "cat", "-n", 4)
        assert [each["word"] for each in found] == ["cat", "king", "cat"]
        for each in found:
            expected = theirs.most_similar(each["word"], topn=4)
            assert [near["word"] for near in each["neighbours"]] == [word for word, _ in expected]
            values = [near["similarity"] for near in each["neighbours"]]
            assert values == pytest.approx([value for _, value in expected], abs=1e-6)
        piped = shell.succeed("similar", "--each", "-", "-n", 4, "--json", text="cat\nking  cat\n")
        assert json.loads(piped.stdout) == found

    def test_the_neighbours_of_each_stand_in_three_columns(self, shell: Shell) -> None:
        name = write_vectors("four.txt", 고양이=[1, 0], 개=[1, 1], cat=[1, 2], kitten=[-1, 2])
        result = shell.succeed("similar", "--each", "고양이", "cat", "-n", 2, "-v", name)
        assert result.stdout == (
            "고양이  개      0.7071\n"
            "고양이  cat     0.4472\n"
            "cat     개      0.9487\n"
            "cat     kitten  0.6000\n"
        )

    def test_a_missing_word_among_many(self, shell: Shell) -> None:
        message = shell.fail("similar", "--each", "cat", "dgo")
        assert "'dgo' is not among the 582 words" in message

    def test_standard_input_without_words(self, shell: Shell) -> None:
        result = shell("similar", "--each", "-", text=" \n")
        assert result.exit_code == 1
        assert "Standard input holds no words" in result.stderr

    def test_wide_letters_take_two_columns(self, shell: Shell) -> None:
        name = write_vectors("korean.txt", 고양이=[1, 0], 개=[1, 1], cat=[1, 2])
        result = shell.succeed("similar", "고양이", "-v", name)
        assert result.stdout == "개   0.7071\ncat  0.4472\n"


class TestDistance:
    def test_of_two_words(self, shell: Shell, theirs: Any) -> None:
        (found,) = as_json(shell, "distance", "cat", "dog")
        assert found["words"] == ["cat", "dog"]
        assert found["cosine_distance"] == pytest.approx(theirs.distance("cat", "dog"), abs=1e-6)
        expected = np.linalg.norm(theirs["cat"] - theirs["dog"])
        assert found["euclidean_distance"] == pytest.approx(expected, abs=1e-5)

    def test_of_three_words_are_three(self, shell: Shell) -> None:
        found = as_json(shell, "distance", "cat", "dog", "car")
        pairs = [each["words"] for each in found]
        assert pairs == [["cat", "dog"], ["cat", "car"], ["dog", "car"]]
        assert found[0]["cosine_distance"] < found[1]["cosine_distance"]
        assert found[0]["euclidean_distance"] < found[1]["euclidean_distance"]

    def test_people_get_a_table(self, shell: Shell) -> None:
        name = write_vectors("three.bin", a=[3, 0], b=[0, 4], c=[3, 4])
        result = shell.succeed("distance", "a", "b", "c", "-v", name)
        assert result.stdout == (
            "words  cosine  Euclidean\n"
            "a – b  1.0000     5.0000\n"
            "a – c  0.4000     4.0000\n"
            "b – c  0.2000     3.0000\n"
        )


class TestOdd:
    def test_it_is_the_one_that_does_not_match(self, shell: Shell, theirs: Any) -> None:
        for words in w2v_corpora.toy.ODD_ONE_OUT:
            result = shell.succeed("odd", *words)
            assert result.stdout == f"{words[-1]}\n" == f"{theirs.doesnt_match(words)}\n"

    def test_as_json(self, shell: Shell) -> None:
        assert as_json(shell, "odd", "breakfast", "cereal", "dinner") == {"word": "cereal"}


class TestEvaluate:
    @pytest.fixture
    def files(self, shell: Shell) -> tuple[str, str]:
        questions = w2v_corpora.toy.questions() + "king man woman nosuchword\n"
        Path("questions.txt").write_text(questions)
        Path("pairs.tsv").write_text("cat\tdog\t9\ncat\tcar\t2\nking\tqueen\t8\nno\tsuch\t1\n")
        return "questions.txt", "pairs.tsv"

    def test_both_kinds_as_json_equal_gensim(
        self, shell: Shell, files: tuple[str, str], theirs: Any
    ) -> None:
        analogies, pairs = as_json(shell, "evaluate", *files)
        accuracy, sections = theirs.evaluate_word_analogies(files[0])
        assert analogies["file"] == "questions.txt"
        assert analogies["kind"] == "analogies"
        assert analogies["restrict_vocab"] == 30_000
        assert analogies["total"]["accuracy"] == accuracy
        for ours, other in zip(analogies["sections"], sections, strict=False):
            assert (ours["name"], ours["correct"]) == (other["section"], len(other["correct"]))
        assert analogies["total"]["asked"] == analogies["total"]["answered"] + 1
        assert analogies["total"]["skipped"] == analogies["syntactic"]["skipped"] == 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pearson, spearman, _ = theirs.evaluate_word_pairs(files[1])
        assert pairs == {
            "file": "pairs.tsv",
            "kind": "similarities",
            "spearman": pytest.approx(spearman[0]),
            "pearson": pytest.approx(pearson[0]),
            "pairs_used": 3,
            "pairs_missing": 1,
        }

    def test_people_get_a_table_of_sections_and_totals(
        self, shell: Shell, files: tuple[str, str]
    ) -> None:
        lines = shell.succeed("evaluate", *files).stdout.splitlines()
        assert lines[0] == "questions.txt: analogies among the 582 commonest words"
        assert lines[1].split() == [
            "section", "asked", "answered", "correct", "skipped", "accuracy",
        ]  # fmt: skip
        names = [line.split()[0] for line in lines[2:8]]
        assert names == ["capitals", "family", "gram-plural", "semantic", "syntactic", "total"]
        assert re.fullmatch(r"total +591 +590 +\d+ +1 +\d+\.\d %", lines[7])
        assert lines[8] == "pairs.tsv: similarities"
        pattern = r"Spearman -?\d\.\d{4}  Pearson -?\d\.\d{4}  3 pairs, 1 more with a missing word"
        assert re.fullmatch(pattern, lines[9])

    def test_the_vocabulary_can_be_restricted(self, shell: Shell, files: tuple[str, str]) -> None:
        (found,) = as_json(shell, "evaluate", files[0], "--restrict-vocab", 5)
        assert found["total"]["answered"] == 0
        assert found["total"]["accuracy"] is None
        result = shell.succeed("evaluate", files[0], "--restrict-vocab", 5)
        assert re.search(r"total +591 +0 +0 +591 +–\n", result.stdout)

    def test_a_correlation_that_is_no_number_is_null(self, shell: Shell) -> None:
        Path("flat.txt").write_text("cat dog 1\ncat car 1\n")
        (found,) = as_json(shell, "evaluate", "flat.txt")
        assert found["spearman"] is None
        assert "Spearman –" in shell.succeed("evaluate", "flat.txt").stdout


class TestHelp:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_option_says_its_default_and_an_example_follows(
        self, shell: Shell, command: str
    ) -> None:
        text = shell.succeed(command, "--help").stdout
        assert text.startswith(f"Usage: w2v {command} [OPTIONS]")
        assert re.search(rf"Examples?:\n +w2v {command} ", text)
        for option in cli.commands[command].params:
            if isinstance(option, click.Option) and not option.is_flag:
                assert option.help, option.name
                has_default = "[default: " in option.help or option.show_default
                assert has_default or option.required, option.name

    def test_the_group_lists_the_commands_in_the_order_of_use(self, shell: Shell) -> None:
        text = shell.succeed("--help").stdout
        lines = text.partition("Commands:\n")[2].splitlines()[: len(COMMANDS)]
        assert [line.split()[0] for line in lines] == list(COMMANDS)
        assert not any(line.endswith("...") for line in lines)
        assert "Exit codes: 0 done, 1 bad input, 2 malformed command line, 130" in text

    @pytest.mark.parametrize("command", COMMANDS)
    def test_help_fits_its_width(self, shell: Shell, command: str) -> None:
        lines = shell.succeed(command, "--help").stdout.splitlines()
        assert max(map(len, lines)) <= 100

    def test_ranges_are_those_that_are_checked(self, shell: Shell) -> None:
        tried = 0
        for option in cli.commands["train"].params:
            if option.type.name not in ("whole number", "number"):
                continue
            if option.name == "phrase_threshold":  # its range depends on the scoring
                continue
            assert isinstance(option, click.Option)
            tried += 1
            bound = shell.fail(
                "train", "toy", "-o", "new.bin", "--held-out", 0.1, option.opts[0], -11
            )
            assert bound.startswith(f"{option.opts[0]} must be ")
            found = re.search(r"(-?[\d.,]+)(?: to|, at most) ([\d.,]+), not -11", bound)
            assert found
            low, high = found.groups()
            told = [f"{low} to {high}", f"above {low}, at most {high}", f"{low} or more"]
            told += [f"{low} to 2^63 − 1", f"{low} to alpha"]
            assert any(text in (option.help or "") for text in told), (option.name, bound)
        assert tried >= 12

    def test_examples_run(self, shell: Shell) -> None:
        for command in ("analogy", "similar", "distance", "odd"):
            text = shell.succeed(command, "--help").stdout
            examples = re.findall(r"^ +w2v (.*?)(?:   .*)?$", text, re.MULTILINE)
            assert examples
            for example in examples:
                assert shell.succeed(*example.split()).stdout

    def test_version(self, shell: Shell) -> None:
        assert shell.succeed("--version").stdout == f"w2v {w2v.__version__}\n"
