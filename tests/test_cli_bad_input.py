"""Bad input through the command line: one clear sentence, exit code 1, no traceback."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from command_line import COMMANDS, FILE_COMMANDS, GOOD_TEXT, SMALL, Shell, shell_with_files

import w2v
from w2v_cli.commands import cli


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return shell_with_files(tmp_path, monkeypatch)


class TestCorpus:
    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "The corpus bad.txt holds no words"),
            (b" \n\t \n", "The corpus bad.txt holds no words"),
            (b"a few words only", "No word of bad.txt is left with --min-count 5"),
            (b"same " * 1000, "The vocabulary of bad.txt has one word only, 'same'"),
            (b"caf\xe9 " * 9, "bad.txt is not valid UTF-8 at byte 3 .*--invalid-utf8 replace"),
            (b"ab\0cd " * 9, "bad.txt holds a NUL byte at byte 2"),
            (bytes(range(256)) * 9, "bad.txt holds a NUL byte at byte 0.*binary file"),
            (GOOD_TEXT.encode("utf-16"), "bad.txt .*NUL byte.*UTF-16"),
            (b"\x1f\x8bnot gzip at all", "Cannot decompress bad.txt: it is damaged or cut off"),
        ],
    )
    def test_what_cannot_be_trained_on(self, shell: Shell, content: bytes, sentence: str) -> None:
        Path("bad.txt").write_bytes(content)
        assert re.match(sentence, shell.fail("train", "bad.txt", "-o", "out.bin"))
        assert re.match(
            sentence.replace("bad.txt", "standard input"),
            shell.fail("train", "-", "-o", "out.bin", text=content),
        )
        assert "out.bin" not in shell.files()

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("missing.txt", "There is no file 'missing.txt'"),
            ("godo.txt", "There is no file 'godo.txt'.*did you mean good.txt"),
            ("text9", ".*known: text8, toy.*did you mean text8"),
            ("*.csv", r"No file matches '\*.csv'"),
            (".", "Cannot write out.bin: all files in . are the corpus; name another place"),
            ("", "There is no file ''"),
        ],
    )
    def test_what_is_not_there(self, shell: Shell, name: str, sentence: str) -> None:
        assert re.match(sentence, shell.fail("train", name, "-o", "out.bin"))

    def test_a_known_corpus_without_a_network(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nobody listens there
        process = shell.start("train", "text8", *SMALL)
        code, errors = process.finish()
        assert code == 1
        message = errors.splitlines()[-1]
        assert message.startswith("Error: Cannot download text8 from https://")
        assert str(shell.home / "cache") in message
        assert "toy" in message


class TestSettings:
    @pytest.mark.parametrize(
        ("option", "value", "allowed"),
        [
            ("--vector-size", 0, "a whole number from 1 to 10,000, not 0"),
            ("--vector-size", 10**30, f"a whole number from 1 to 10,000, not {10**30}"),
            ("--alpha", 0, "a number above 0, at most 10, not 0.0"),
            ("--alpha", "nan", "a number above 0, at most 10, not nan"),
            ("--min-alpha", 11, "a number from 0 to 10, not 11.0"),
            ("--workers", 0, "a whole number from 1 to 1,024, not 0"),
            ("--seed", -1, "a whole number from 0 to 9,223,372,036,854,775,807, not -1"),
            ("--sample", "inf", "a number from 0 to 1, not inf"),
        ],
    )
    def test_out_of_range(
        self, shell: Shell, no_training: None, option: str, value: Any, allowed: str
    ) -> None:
        assert shell.fail("train", "good.txt", option, value) == f"{option} must be {allowed}."

    def test_what_is_no_number_is_as_bad_as_one_out_of_range(self, shell: Shell) -> None:
        """Of every option that takes one, and of those with a choice."""
        tried, unchecked = 0, ("text", "boolean", "file", "dir")
        for name, command in cli.commands.items():
            words = ["x"] * {"analogy": 3, "distance": 2, "odd": 3, "convert": 2}.get(name, 1)
            for option in command.params:
                kind = option.type.name
                if isinstance(option, click.Option) and kind not in unchecked:
                    message = shell.fail(name, *words[name == "index" :], option.opts[0], "some")
                    what = {"choice": "", "time": "a time such"}.get(kind, f"a {kind}, not 'some'.")
                    assert message.startswith(f"{option.opts[0]} must be {what}")
                    assert message.endswith(", not 'some'.")
                    tried += 1
        assert tried >= 50

    def test_training_that_diverges(self, shell: Shell) -> None:
        message = shell.fail("train", "toy", "--alpha", 10, "--quiet", "--epochs", 2)
        assert message.startswith("The training diverged: in epoch ")
        assert message.endswith("lower alpha, which was 10.")
        assert "toy.bin" not in shell.files()

    @pytest.mark.parametrize(
        "arguments",
        [
            ("train",),
            ("train", "good.txt", "--no-such-option"),
            ("analogy", "king", "man"),
            ("analogy", "king", "man", "woman", "queen"),
            ("similar",),
            ("distance", "cat"),
            ("odd", "cat", "dog"),
            ("evaluate",),
            ("teach",),
        ],
    )
    def test_a_malformed_command_line(self, shell: Shell, arguments: tuple[str, ...]) -> None:
        result = shell(*arguments)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr.startswith("Usage: w2v")
        assert "--help" in result.stderr
        assert result.stderr.splitlines()[-1].startswith("Error: ")


class TestVectors:
    @pytest.mark.parametrize(
        ("damage", "sentence"),
        [
            (lambda data: data[:-3], r"bad.bin: entry 3 of 3 .*offset \d+\) is cut off"),
            (lambda data: data + b"more", r"bad.bin: entry 4 \(byte offset \d+\) .* extra bytes"),
            (lambda data: data.replace(b"3 2", b"9 2", 1), "bad.bin: entry 4 of 9 .* is missing"),
            (
                lambda data: data.replace(b"3 2", b"999999999 999999999", 1),
                "bad.bin says .* at most",
            ),
            (lambda data: data.replace(b"b ", b"a ", 1), "bad.bin: entry 2 .*repeats the word of"),
            (lambda data: b"", "bad.bin is empty"),
            (lambda data: b"what is this?\n", "bad.bin holds no word vectors in a known format"),
            (lambda data: b"\x80\x04pickle", "bad.bin is a Python pickle, which is never read"),
        ],
    )
    @pytest.mark.parametrize("query", [("similar", "a"), ("evaluate", "good.txt")])
    def test_a_damaged_file(
        self,
        shell: Shell,
        damage: Callable[[bytes], bytes],
        sentence: str,
        query: tuple[str, ...],
    ) -> None:
        Path("bad.bin").write_bytes(damage(Path("good.bin").read_bytes()))
        assert re.match(sentence, shell.fail(*query, "-v", "bad.bin"))

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("missing.bin", "There is no vector file missing.bin; check the name."),
            (".", ". is a directory; name the vector file in it."),
        ],
    )
    def test_a_file_that_is_none(self, shell: Shell, name: str, sentence: str) -> None:
        assert shell.fail("similar", "a", "-v", name) == sentence

    @pytest.mark.parametrize(
        "query",
        [("analogy", "a", "b"), ("similar",), ("distance", "a"), ("odd", "a", "b")],
    )
    def test_a_missing_word_is_named(self, shell: Shell, query: tuple[str, ...]) -> None:
        message = shell.fail(*query, "A", "-v", "good.bin")
        assert message == "The word 'A' is not among the 3 words, but 'a' is."

    @pytest.mark.parametrize("option", ["-n", "--limit"])
    def test_numbers_out_of_range(self, shell: Shell, option: str) -> None:
        message = shell.fail("similar", "a", "-v", "good.bin", option, 0)
        assert message == f"{option} must be a whole number of 1 or more, not 0."


class TestEvaluation:
    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            ("", "set.txt holds no questions and no pairs"),
            (": section\na b c\n", "set.txt, line 2: an analogy question is four words"),
            ("a b 1\na b\n", "set.txt, line 2: a pair is two words and a number"),
            ("x y 1\nx z 2\n", "set.txt: of 2 pairs only 0 can be compared"),
            ("\0", "set.txt is a binary file"),
        ],
    )
    def test_a_bad_set(self, shell: Shell, content: str, sentence: str) -> None:
        Path("set.txt").write_text(content)
        assert shell.fail("evaluate", "set.txt", "-v", "good.bin").startswith(sentence)

    def test_out_of_range(self, shell: Shell) -> None:
        Path("set.txt").write_text(": section\na b c a\n")
        message = shell.fail("evaluate", "set.txt", "-v", "good.bin", "--restrict-vocab", 0)
        assert message.startswith("--restrict-vocab is the number of words to search, 1 or more")

    def test_a_missing_file(self, shell: Shell) -> None:
        message = shell.fail("evaluate", "sets/missing.txt", "-v", "good.bin")
        assert message == "There is no evaluation set sets/missing.txt; check the name."
        message = shell.fail("evaluate", "missing.txt", "-v", "good.bin")
        assert message == (
            "There is no evaluation set missing.txt and no known one of this name (known:"
            " questions-words, wordsim353, simlex999)."
        )


class TestWhatIsLeft:
    @pytest.mark.parametrize(
        ("error", "sentence"),
        [
            (MemoryError("Unable to allocate 9 TiB"), "There is not enough memory (Unable to"),
            (OSError(5, "Input/output error", "x.bin"), "x.bin: Input/output error."),
        ],
    )
    def test_trouble_of_the_machine_is_a_sentence(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
    ) -> None:
        def fail(*_: Any, **__: Any) -> None:
            raise error

        monkeypatch.setattr(w2v, "load", fail)
        assert shell.fail("similar", "a", "-v", "good.bin").startswith(sentence)

    @pytest.mark.parametrize("command", COMMANDS)
    def test_a_file_named_as_a_setting_keeps_its_name(self, shell: Shell, command: str) -> None:
        if command == "train":
            message = shell.fail("train", "min_count/vector_size", "-o", "min_alpha.bin")
            assert "'min_count/vector_size'" in message
        elif command in FILE_COMMANDS:
            names = ["limit/on_defect.bin", "min_count/to.bin"][: 1 + (command == "convert")]
            assert names[0] in shell.fail(command, *names)
        elif command == "report":
            assert "seed/p.jsonl" in shell.fail(command, "seed/p.jsonl", "-o", "limit.html")
        elif command == "map":
            assert "seed/v.bin" in shell.fail(command, "-v", "seed/v.bin", "-o", "limit.html")
        elif command in ("walks", "phrases"):
            assert "seed/p.txt" in shell.fail(command, "seed/p.txt", "-o", "q.txt")
        else:
            words = {"evaluate": "a", "index": ""}.get(command, "abc")
            message = shell.fail(command, *words, "-v", "on_defect.bin")
            assert "on_defect.bin" in message


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "ADDRESS", "-o", "x.bin"),
        ("train", "toy", "-o", "ADDRESS"),
        ("train", "toy", "-o", "x.bin", "--log", "ADDRESS"),
        ("train", "toy", "--evaluate", "ADDRESS"),
        ("train", "toy", "--init-from", "ADDRESS"),
        ("train", "toy", "--continue", "ADDRESS"),
        ("train", "--resume", "ADDRESS"),
        ("report", "ADDRESS", "-o", "x.html"),
        ("similar", "cat", "-v", "ADDRESS"),
        ("similar", "cat", "-v", "a.txt", "--words", "ADDRESS"),
        ("evaluate", "ADDRESS", "-v", "a.txt"),
        ("convert", "ADDRESS", "b.txt"),
        ("convert", "a.txt", "ADDRESS"),
        ("info", "ADDRESS"),
        ("check", "ADDRESS"),
        ("walks", "ADDRESS", "-o", "b.txt"),
    ],
    ids=" ".join,
)
def test_an_address_that_cannot_be_reached_is_kept_whole(shell: Shell, arguments) -> None:
    Path("a.txt").write_text("1 2\ncat 1 2\n")
    address = "http://127.0.0.1:9/a/b.bin"
    said = shell.fail(*(address if argument == "ADDRESS" else argument for argument in arguments))
    assert address in said
    assert said.count("\n") == 0 and len(said) < 250
