"""What a user sees while a training goes on: compiling, counting, lines, and a bar that fits."""

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import Terminal
from rich.console import Console

import w2v
from w2v.text import counting
from w2v.training import progress as lines_module
from w2v_cli.commands import cli
from w2v_cli.event_log import EventLog
from w2v_cli.progress import Bar


def progress(done: float, **changes: Any) -> w2v.Progress:
    values = {
        "epoch": 10, "epochs": 12, "done": done, "words": 10**7, "words_per_second": 3.98e6,
        "loss": 1.5, "interval_loss": 1.4, "held_out_loss": 1.625, "learning_rate": 0.02,
        "seconds": 10.0, "seconds_left": 95.0,
    }  # fmt: skip
    return w2v.Progress(**{**values, **changes})


class TestFigures:
    @pytest.mark.parametrize(
        ("columns", "text"),
        [
            (None, "25 %  3.98 M words/s  loss 1.500  held out 1.625  rate 0.0200  1:35 left"),
            (60, "25 %  3.98 M words/s  loss 1.500  held out 1.625  1:35 left"),
            (59, "25 %  3.98 M words/s  loss 1.500  held out 1.625  1:35 left"),
            (58, "25 %  3.98 M words/s  loss 1.500  1:35 left"),
            (42, "25 %  3.98 M words/s  1:35 left"),
            (30, "25 %  1:35 left"),
            (3, "25 %"),
        ],
    )
    def test_the_chief_ones_stay(self, columns: int | None, text: str) -> None:
        assert w2v.progress_text(progress(0.25), columns) == text

    def test_those_of_counting(self) -> None:
        assert w2v.progress_text(w2v.Counting(30_000_000, 120_000_000, 0.5)) == (
            "25 %  of 120 MB  60 MB/s"
        )
        assert w2v.progress_text(w2v.Counting(30_000_000, None, 0.5)) == "30 MB  60 MB/s"
        assert w2v.Counting(7, 5, 1.0).done == 1  # a file that grows

    @pytest.mark.parametrize("columns", range(30, 201, 10))
    def test_the_bar_fits(self, columns: int) -> None:
        stream = io.StringIO()
        bar = Bar(Console(file=stream, width=columns, force_terminal=True, color_system=None))
        events = [
            w2v.Compiling(),
            w2v.Counting(3 * 10**9, 10**11, 30.0),
            progress(0.25, seconds_left=86_400.0, words_per_second=845_000.0),
        ]
        for event in events:
            bar.show(event)
            bar._progress.refresh()
        bar.stop()
        shown = [line.strip() for line in stream.getvalue().replace("\x1b", "\n").splitlines()]
        last = next(line for line in reversed(shown) if "Epoch" in line).partition("Epoch")[2]
        assert last.startswith(" 10/12 ━")
        assert len(last.removeprefix(" 10/12 ").partition("25 %")[0]) > 8
        assert " 25 %" in last
        assert "…" not in stream.getvalue()
        assert max(map(len, shown)) <= columns + len("[2K")
        assert ("24:00:00 left" in last) == (columns >= 40)
        assert ("rate" in last) == (columns >= 100)


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(lines_module.time, "monotonic", lambda: self.now)


class TestLines:
    def told(self, monkeypatch: pytest.MonkeyPatch, seconds: int, step: int = 1) -> list[float]:
        """Return the seconds of the lines that a training of so many seconds has."""
        clock, found, begun = Clock(monkeypatch), [], 1000.0
        lines = w2v.ProgressLines(lambda _: found.append(clock.now - begun))
        for second in range(0, seconds + 1, step):
            clock.now = begun + second
            lines.show(progress(second / seconds))
        return found

    def test_a_short_training_has_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.told(monkeypatch, 9) == []

    def test_not_more_often_than_every_ten_seconds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.told(monkeypatch, 40) == [10, 20, 30, 40]

    def test_every_tenth(self, monkeypatch: pytest.MonkeyPatch) -> None:
        told = self.told(monkeypatch, 1000)
        assert told[0] == 10
        assert set(np.diff(told)) <= {100, 101}

    def test_every_ten_minutes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.told(monkeypatch, 100_000, 10)[:4] == [10, 610, 1210, 1810]

    def test_counting_and_training_begin_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock, found = Clock(monkeypatch), []
        lines = w2v.ProgressLines(found.append)
        lines.show(w2v.Counting(0, 10**8, 0.5))
        clock.now += 10
        lines.show(w2v.Counting(6 * 10**7, 10**8, 10.5))
        clock.now += 30  # the compiler, or so
        lines.show(progress(0.01))
        clock.now += 10
        lines.show(progress(0.02, held_out_loss=None))
        assert found == [
            "Counting words  60 %  of 100 MB  6 MB/s",
            "Epoch 10/12  2 %  3.98 M words/s  loss 1.500  rate 0.0200  1:35 left",
        ]

    def test_from_python(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(lines_module, "_LEAST_SECONDS", 0)
        monkeypatch.setattr(counting, "_PERIOD", 10)  # no line for counting
        seen: list[w2v.Event] = []
        settings: dict[str, Any] = {"vector_size": 8, "epochs": 2, "workers": 1}
        w2v.train("toy", on_event=seen.append, progress=True, **settings)
        output = capsys.readouterr()
        told = [line for line in output.err.splitlines() if not line.startswith("Compiling ")]
        assert output.out == ""
        assert told[0] == "300,815 words, 582 different ones; 582 of these get vectors"
        assert told[1].startswith("Epoch 1/2  ")
        assert told[-1].startswith("Epoch 2/2  ")
        assert isinstance(seen[-1], w2v.Summary)
        w2v.train("toy", **settings)
        assert capsys.readouterr().err == ""

    def test_a_process_without_standard_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stderr", None)
        w2v.ProgressLines().show(w2v.Compiling())


class TestLog:
    def test_an_old_log_stays_until_the_corpus_has_been_read(self, tmp_path: Path) -> None:
        path = tmp_path / "log.jsonl"
        path.write_text("old\n")
        log = EventLog(str(path), "w")
        log.write(w2v.Compiling())
        log.write(w2v.Counting(1, 9, 0.5))
        log.write(w2v.Counting(2, 9, 1.0))  # too soon
        assert path.read_text() == "old\n"
        log.write(w2v.CorpusEncoded(1, 1, 0, 0.5))
        log.write(progress(0.1, seconds=0.1))
        log.close()
        kinds = [json.loads(line)["event"] for line in path.read_text().splitlines()]
        assert kinds == ["compiling", "counting", "encoded", "progress"]

    def test_progress_is_written_each_second_or_hundredth_and_at_the_end(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "log.jsonl"
        log = EventLog(str(path), "w")
        for done, seconds in (
            (0.1, 1),
            (0.105, 1.5),
            (0.106, 2),
            (0.116, 2.1),
            (0.999, 2.2),
            (1, 2.21),
        ):
            log.write(progress(done, seconds=seconds))
        log.close()
        written = [json.loads(line)["done"] for line in path.read_text().splitlines()]
        assert written == [0.1, 0.106, 0.116, 0.999, 1]

    def test_a_new_log_has_them_at_once(self, tmp_path: Path) -> None:
        path = tmp_path / "log.jsonl"
        log = EventLog(str(path), "w")
        log.write(w2v.Compiling())
        assert json.loads(path.read_text()) == {"event": "compiling"}
        log.close()


class TestIndexing:
    @pytest.fixture
    def many(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        """A file of vectors, in a directory of its own."""
        pytest.importorskip("usearch")
        monkeypatch.chdir(tmp_path)
        rows = np.random.default_rng(1).normal(size=(3000, 8)).astype(np.float32)
        w2v.KeyedVectors([f"word{row}" for row in range(3000)], rows).save("many.bin")
        return "many.bin"

    @pytest.mark.parametrize("columns", [30, 60])
    def test_the_bar_is_as_wide_as_the_terminal(self, many: str, columns: int) -> None:
        with Terminal("index", "-v", many, columns=columns) as terminal:
            shown = terminal.read_until(None)
        bars = [part for part in re.split(r"[\r\x1b]", shown) if "Indexing" in part]
        assert "#] " in bars[-1]
        assert max(map(len, bars)) <= columns + len("[?25l")

    def test_elsewhere_there_are_lines(
        self, many: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(sys.modules["w2v_cli.index"], "_PERIOD", 0)
        cli(["index", "-v", many], standalone_mode=False)
        lines = [line for line in capsys.readouterr().err.splitlines() if "Indexing" in line]
        assert lines[-1] == "Indexing  100 %"
