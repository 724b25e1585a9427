"""w2v train: the files it writes, the progress it reports, and the options it follows."""

import contextlib
import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import gensim
import numpy as np
import pytest
from command_line import SMALL, Shell, Terminal

import w2v
from w2v.training.defaults import fitted
from w2v_cli.event_log import EventLog

PROGRESS = w2v.Progress(
    epoch=2, epochs=5, done=0.25, words=10_000_000, words_per_second=3.98e6, loss=1.5,
    interval_loss=1.4, held_out_loss=None, learning_rate=0.02, seconds=10.0, seconds_left=95.0,
)  # fmt: skip
TEXT = "one two three four five six seven\n" * 50


def read_log(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def test_toy_is_trained_into_a_file_that_gensim_reads(shell: Shell) -> None:
    result = shell.succeed("train", "toy", *SMALL)
    assert shell.files() == ["toy.bin"]
    theirs = gensim.models.KeyedVectors.load_word2vec_format("toy.bin", binary=True)
    ours = w2v.load("toy.bin")
    assert theirs.index_to_key == ours.index_to_key
    assert np.array_equal(theirs.vectors, ours.vectors)
    assert theirs.vector_size == 8
    assert result.stdout == ""  # all of it is messages
    lines = result.stderr.splitlines()
    assert lines[0] == "Reading toy"
    assert f"{len(ours):,} of these get vectors" in lines[1]
    assert lines[2].startswith(f"Wrote toy.bin: {len(ours):,} words, 8 numbers each; trained in ")
    assert lines[3:] == ["Now ask: w2v analogy king man woman"]


def test_the_question_proposed_can_be_answered(shell: Shell) -> None:
    Path("numbers.txt").write_text("1 2 3 4 word 5\n" * 20)
    result = shell.succeed("train", "numbers.txt", *SMALL)
    command = result.stderr.splitlines()[-1].removeprefix("Now ask: w2v ")
    assert command == "similar word"
    shell.succeed(*command.split())


@pytest.mark.parametrize("name", ["out.bin", "out.txt", "out.vec", "out.VEC", "out"])
def test_the_name_of_the_output_chooses_the_format(shell: Shell, name: str) -> None:
    shell.succeed("train", "toy", "-o", name, *SMALL)
    assert shell.files() == [name]
    is_binary = not name.lower().endswith((".txt", ".vec"))
    theirs = gensim.models.KeyedVectors.load_word2vec_format(name, binary=is_binary)
    assert theirs.index_to_key == w2v.load(name).index_to_key


def test_a_full_model_is_written_and_can_be_asked(shell: Shell) -> None:
    shell.succeed("train", "toy", "-o", "toy.safetensors", "--seed", 7, *SMALL)
    model = w2v.load_model("toy.safetensors")
    assert model.config.seed == 7
    assert model.output.shape == (len(model.vectors), 8)
    result = shell.succeed("similar", "cat", "--json")
    expected = model.vectors.most_similar("cat")
    assert [(each["word"], each["similarity"]) for each in json.loads(result.stdout)] == expected


def test_the_name_comes_from_the_corpus(shell: Shell) -> None:
    Path("data").mkdir()
    Path("data/news.txt").write_text(TEXT)
    shell.succeed("train", "data/news.txt", *SMALL)
    assert shell.files() == ["data", "news.bin"]


def test_an_existing_path_beats_a_known_name(shell: Shell) -> None:
    Path("toy").write_text(TEXT)
    shell.succeed("train", "toy", *SMALL)
    assert set(w2v.load("toy.bin").index_to_key) == set(TEXT.split())


def test_standard_input_files_and_patterns_are_the_same_text(shell: Shell) -> None:
    Path("a.txt").write_text(TEXT)
    Path("b.txt").write_text(TEXT[::-1])
    shell.succeed("train", "a.txt", "b.txt", "-o", "files.bin", *SMALL)
    shell.succeed("train", "?.txt", "-o", "pattern.bin", *SMALL)
    shell.succeed("train", "-", "-o", "input.bin", *SMALL, text=TEXT + TEXT[::-1])
    expected = Path("files.bin").read_bytes()
    assert Path("pattern.bin").read_bytes() == expected
    assert Path("input.bin").read_bytes() == expected


@pytest.mark.parametrize("sources", [("a.txt", "b.txt"), ("*.txt",), ("-",)])
def test_without_a_name_for_the_output_the_command_line_is_malformed(
    shell: Shell, sources: tuple[str, ...]
) -> None:
    Path("a.txt").write_text(TEXT)
    Path("b.txt").write_text(TEXT)
    result = shell("train", *sources, text=TEXT)
    assert result.exit_code == 2
    assert "name the file to write, as in -o vectors.bin." in result.stderr
    assert shell.files() == ["a.txt", "b.txt"]


def test_settings_reach_the_training(shell: Shell) -> None:
    given: dict[str, Any] = {
        "architecture": "cbow", "loss": "hierarchical", "vector_size": 9, "window": 3,
        "epochs": 2, "min_count": 1, "max_vocabulary": 6, "sample": 0.5,
        "alpha": 0.04, "min_alpha": 0.01, "workers": 1, "seed": 3, "held_out": 0.1,
        "shrink_windows": False, "cbow_mean": False, "deterministic": True, "tokenizer": "words",
        "lower": True, "shards": 2, "counting_memory": 500,
    }  # fmt: skip
    not_given = {"negative": 5, "ns_exponent": 0.75, "sentence_windows": False}
    settings = w2v.TrainConfig.settings().items()
    not_given |= {name: it.default for name, it in settings if name.startswith("phrase")}
    not_recorded = {"device", "cluster"}  # they are no part of the result
    names = {field.name for field in fields(w2v.TrainConfig)}
    assert {*given, *not_given} == names - not_recorded
    options = ["--deterministic", "--lower", "--no-shrink-windows", "--no-cbow-mean"] + [
        text
        for name, value in given.items()
        if value is not True and value is not False
        for text in (f"--{name.replace('_', '-')}", str(value))
    ]
    Path("a.txt").write_text(TEXT)
    shell.succeed("train", "a.txt", "--log", "log.jsonl", *options)
    assert read_log("log.jsonl")[-1]["config"] == {**given, **not_given}
    assert len(w2v.load("a.bin")) == 6


def test_defaults_are_those_of_the_library(shell: Shell) -> None:
    Path("a.txt").write_text(TEXT)
    shell.succeed("train", "a.txt", "--log", "log.jsonl")
    summary = read_log("log.jsonl")[-1]
    taken = fitted(w2v.TrainConfig(), summary["tokens"], summary["vocabulary"])
    assert summary["config"] == taken.as_dict()
    shell.succeed(
        "train", "a.txt", "--log", "log.jsonl", "--architecture", "cbow", "--loss", "hierarchical"
    )
    assert read_log("log.jsonl")[-1]["config"]["alpha"] == 0.025


def test_one_worker_gives_the_same_file_again(shell: Shell) -> None:
    for name in ("first.bin", "second.bin", "other.bin"):
        seed = 2 if name == "other.bin" else 1
        shell.succeed("train", "toy", "-o", name, "--seed", seed, *SMALL)
    first, second, other = (
        Path(f"{name}.bin").read_bytes() for name in ("first", "second", "other")
    )
    assert first == second != other


def test_invalid_utf8_can_be_replaced(shell: Shell) -> None:
    Path("bad.txt").write_bytes(b"caf\xe9 au lait " * 20)
    result = shell.succeed("train", "bad.txt", "--invalid-utf8", "replace", *SMALL)
    assert "20 invalid UTF-8 sequences were replaced by U+FFFD" in result.stderr
    assert "caf\N{REPLACEMENT CHARACTER}" in w2v.load("bad.bin")


def test_quiet_says_nothing(shell: Shell) -> None:
    result = shell.succeed("train", "toy", "--quiet", *SMALL)
    assert result.stdout == result.stderr == ""


def test_the_vectors_are_remembered_wherever_one_goes(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.succeed("train", "toy", "-o", "mine.bin", *SMALL)
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    result = shell.succeed("similar", "cat")
    assert result.stderr == f"Reading {shell.directory / 'mine.bin'} (trained last)\n"


def test_that_nothing_can_be_remembered_is_no_error(shell: Shell) -> None:
    shell.home.write_text("a file where a directory should be")
    result = shell.succeed("train", "toy", "--quiet", *SMALL)
    assert result.stderr.startswith("Warning: cannot remember toy.bin")
    assert shell.files() == ["toy.bin"]


class TestLog:
    def test_it_holds_every_event_and_ends_with_the_summary(self, shell: Shell) -> None:
        shell.succeed("train", "toy", "--log", "log.jsonl", *SMALL, "--epochs", 2)
        events = read_log("log.jsonl")
        early = ("compiling", "counting")  # where the machine is slow, or new to it
        kinds = [event["event"] for event in events if event["event"] not in early]
        assert kinds[:4] == ["vocabulary", "encoded", "prepared", "progress"]
        assert kinds.count("epoch") == 2
        assert kinds[-1] == "summary"
        assert kinds.count("summary") == 1
        summary = events[-1]
        assert set(summary) >= {
            "tokens", "vocabulary", "epochs", "train_seconds", "compile_seconds",
            "words_per_second", "loss",
        }  # fmt: skip
        assert summary["epochs"] == 2
        assert summary["vocabulary"] == len(w2v.load("toy.bin"))
        speed = summary["corpus_words"] * 2 / summary["train_seconds"]
        assert summary["words_per_second"] == pytest.approx(speed)

    def test_progress_is_written_about_once_a_second(self, shell: Shell) -> None:
        with contextlib.closing(EventLog("log.jsonl", "w")) as log:
            for tenth in range(50):
                log.write(progress(seconds=tenth / 10))
        seconds = [event["seconds"] for event in read_log("log.jsonl")]
        assert seconds == [0, 1, 2, 3, 4]

    def test_a_loss_that_is_no_number_is_null(self, shell: Shell) -> None:
        with contextlib.closing(EventLog("log.jsonl", "w")) as log:
            log.write(progress(loss=float("nan")))
        assert read_log("log.jsonl")[0]["loss"] is None

    def test_a_line_is_there_as_soon_as_it_is_written(self, shell: Shell) -> None:
        with contextlib.closing(EventLog("log.jsonl", "w")) as log:
            log.write(PROGRESS)
            assert len(read_log("log.jsonl")) == 1

    def test_a_full_disk_is_a_sentence(self, shell: Shell) -> None:
        if not Path("/dev/full").exists():
            pytest.skip("this system has no /dev/full")
        message = shell.fail("train", "toy", "--quiet", "--log", "/dev/full", *SMALL)
        assert "Cannot write the log /dev/full: No space left on device" in message
        assert shell.files() == []


def progress(**changes: float) -> w2v.Progress:
    values = {field.name: getattr(PROGRESS, field.name) for field in fields(PROGRESS)}
    return w2v.Progress(**{**values, **changes})


class TestBar:
    """The bar is drawn for a terminal, so the tests give it one."""

    def test_it_shows_speed_loss_rate_and_time_left(self, shell: Shell) -> None:
        shown = run_on_terminal("train", "toy", "--epochs", "20", "--vector-size", "8")
        assert "Counting words" in shown
        assert "━" in shown
        assert " words/s" in shown
        assert "loss 1." in shown
        assert "rate 0.0" in shown
        assert " left" in shown
        assert re.search(r"Epoch \d+/20", shown)
        assert "Trained" in shown
        assert "100 %" in shown
        assert "Wrote toy.bin" in shown
        assert shown.rstrip().endswith("Now ask: w2v analogy king man woman")
        assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h")  # the cursor is back

    def test_it_fits_a_terminal_of_80_columns(self, shell: Shell) -> None:
        shown = run_on_terminal("train", "toy", "--vector-size", "8", columns=80)
        assert "left" in shown
        assert "…" not in shown

    def test_it_is_silent_when_quiet(self, shell: Shell) -> None:
        assert run_on_terminal("train", "toy", "--quiet", *SMALL) == ""

    def test_it_is_silent_without_a_terminal(self, shell: Shell) -> None:
        code, errors = shell.start("train", "toy", *SMALL).finish()
        assert code == 0
        assert "Epoch" not in errors
        assert "\x1b" not in errors
        assert len([line for line in errors.splitlines() if "Compiling" not in line]) == 4

    def test_its_figures(self) -> None:
        text = w2v.progress_text
        assert text(PROGRESS) == "25 %  3.98 M words/s  loss 1.500  rate 0.0200  1:35 left"
        assert "loss –" in text(progress(loss=float("nan")))
        assert w2v.speed_text(845_000) == "845 k words/s"
        assert text(progress(seconds_left=59.7)).endswith("  1:00 left")
        assert text(progress(seconds_left=3725)).endswith("  1:02:05 left")


def run_on_terminal(*arguments: str, columns: int = 100) -> str:
    """Run a command whose standard error is a terminal; return what that shows."""
    with Terminal(*arguments, columns=columns) as terminal:
        shown = terminal.read_until(None)
    assert terminal.process.returncode == 0, shown
    return shown
