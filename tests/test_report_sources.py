"""What a report is made from: logs, models, vectors and test sets; and the command."""

import json
import math
import re
from pathlib import Path

import pytest
from pages import cards, numbers, read_page, section, text_of
from report_runs import made, written
from toy_sets import write_sets

import w2v


class TestSources:
    def test_a_model_remembers_its_epochs(self, skipgram_run, tmp_path):
        model, _ = skipgram_run
        model.save(tmp_path / "model.safetensors")
        for source in (model, tmp_path / "model.safetensors"):
            page = made(tmp_path, source, words=["king"])
            rows = [row for row in numbers(page, "Loss") if row[0] == "epochs"]
            assert [row[2] for row in rows] == [f"{epoch.loss:.4f}" for epoch in model.history]
            assert numbers(page, "king")
            assert numbers(page, "Frequencies")[0][1] == f"{model.vectors.counts[0]:,}"

    def test_the_history_of_a_model(self, skipgram_run, tmp_path):
        history = skipgram_run[0].history
        rows = [row for row in numbers(made(tmp_path, history), "Loss") if row[0] == "epochs"]
        assert rows == [["epochs", f"{each.epoch}", f"{each.loss:.4f}"] for each in history]

    def test_scores_of_the_vectors_by_section(self, skipgram_run, tmp_path):
        model, events = skipgram_run
        (tmp_path / "sets").mkdir()
        analogies, _ = write_sets(tmp_path / "sets")
        plain = [event for event in events if not isinstance(event, w2v.Evaluated)]
        page = made(tmp_path, [plain], vectors=model.vectors, evaluate=analogies)
        total = w2v.evaluate(model.vectors, analogies).total
        counts = f"{total.correct:,} of {total.answered:,}"
        assert numbers(page, "genders, by section")[-1][2] == counts

    def test_every_set_is_shown(self, skipgram_run, tmp_path):
        model, events = skipgram_run
        plain = [event for event in events if isinstance(event, w2v.VocabularyCounted)]
        sets = []
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            sets += write_sets(tmp_path / name)
        page = made(tmp_path, [plain], vectors=model.vectors, evaluate=[*sets, sets[0]])
        shown = {text_of(each[0]): each[1].text for each in section(page, "Results").iter("div")
                 if len(each) == 2}  # fmt: skip
        assert set(shown) >= {str(path) for path in sets}
        likeness = w2v.evaluate(model.vectors, sets[1]).spearman
        assert shown[str(sets[1])] == f"{likeness:.4f}"
        assert {f"{sets[place]}, by section" for place in (0, 2)} <= set(cards(page))

    def test_a_section_named_as_the_total_is(self, skipgram_run, tmp_path):
        parts = [{"name": "all", "answered": 4, "correct": 1},
                 {"name": "x", "answered": 6, "correct": 5}]  # fmt: skip
        scored = {"event": "evaluated", "words": 5, "scores": {"s": 0.6}, "sections": {"s": parts}}
        rows = numbers(made(tmp_path, [[scored]] * 2), "s, by section")
        assert [(row[0], row[2]) for row in rows] == [
            *[("all", "1 of 4")] * 2, *[("x", "5 of 6")] * 2, *[("all", "6 of 10")] * 2,
        ]  # fmt: skip

    @pytest.mark.parametrize("as_list", [False, True])
    def test_the_log_is_not_overwritten_whatever_names_it(self, skipgram_run, tmp_path, as_list):
        class Named:
            def __fspath__(self):
                return str(path)

        path = written(tmp_path / "run.html", skipgram_run[1])
        before = path.read_bytes()
        with pytest.raises(w2v.W2VError, match="read for the report"):
            w2v.report([Named()] if as_list else Named(), path)
        assert path.read_bytes() == before

    @pytest.mark.parametrize(
        ("runs", "options", "said"),
        [
            (5, {}, "runs must be a Model, a list of events, or the name of a file"),
            ([], {}, "runs must be the name of a log"),
            ([[]], {}, "runs must be a Model"),
            ("run", {"vectors": ["a", "b"]}, "vectors must be as many as the trainings, 1"),
            ("run", {"words": ["king"]}, "words has no effect without vectors"),
            ("run", {"evaluate": "none"}, "evaluate has no effect without vectors"),
            ("run", {"words": "king"}, "words must be a list of words"),
            ("run", {"neighbours": 0}, "neighbours must be"),
        ],
    )
    def test_mistakes(self, skipgram_run, tmp_path, runs, options, said):
        if runs == "run":
            runs = written(tmp_path / "run.jsonl", skipgram_run[1])
        with pytest.raises(w2v.ConfigError, match=re.escape(said)):
            w2v.report(runs, tmp_path / "report.html", **options)
        assert not (tmp_path / "report.html").exists()


class TestCommand:
    def test_from_the_log_to_the_page(self, shell):
        shell.succeed("train", "toy", "--vector-size", 8, "--epochs", 2, "--log", "toy.jsonl")
        result = shell.succeed(
            "report", "toy.jsonl", "-v", "toy.bin", "--words", "king cat", "--words", "man", "-n",
            3, "-o", "toy.html",
        )  # fmt: skip
        assert result.stderr == "Wrote toy.html: the report of a training\n"
        page = read_page(Path("toy.html").read_text(encoding="utf-8"))
        assert [text_of(each) for each in section(page, "Neighbours").iter("h3")] == [
            "king", "cat", "man",
        ]  # fmt: skip
        log = [json.loads(line) for line in Path("toy.jsonl").read_text().splitlines()]
        rates = [line["learning_rate"] for line in log if line["event"] == "progress"]
        assert math.isclose(float(numbers(page, "Learning rate")[-1][1]), rates[-1], rel_tol=1e-3)
        assert shell.files() == ["toy.bin", "toy.html", "toy.jsonl"]

    def test_mistakes(self, shell, skipgram_run):
        written(Path("run.jsonl"), skipgram_run[1])
        assert "a page, whose name ends in .html" in shell.fail(
            "report", "run.jsonl", "-o", "a.pdf"
        )
        assert "it is read for the report" in shell.fail(
            "report", "run.jsonl", "-v", "a.html", "-o", "a.html"
        )
        Path("a.html").mkdir()
        # Before the log, which is missing.
        assert "a.html: it is a directory" in shell.fail("report", "none.jsonl", "-o", "a.html")
        Path("a.html").rmdir()
        assert "--vectors must be as many" in shell.fail(
            "report", "run.jsonl", "-v", "a", "-v", "b", "-o", "a.html"
        )
        assert "no log none.jsonl" in shell.fail("report", "none.jsonl", "-o", "a.html")
        assert "--words has no effect" in shell.fail(
            "report", "run.jsonl", "--words", "king", "-o", "a.html"
        )
        assert shell.files() == ["run.jsonl"]
