"""In notebooks: tables of results, and the bar of a training."""

import sys
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from texts import evaluation_sets

import w2v
from w2v.tables import html_table
from w2v.training import notebook
from w2v.training.notebook import NotebookProgress, in_notebook

VICIOUS = '<script>alert("1")</script>&\u202e'
QUICK: dict[str, Any] = {"vector_size": 8, "epochs": 2, "workers": 1}


class Table(HTMLParser):
    """The caption and the rows of cells of the tables in a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.caption, self.rows = "", []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert tag in {"table", "caption", "thead", "tbody", "tr", "td", "th"}
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data
        elif self.open[-1] == "caption":
            self.caption += data


def shown(thing: Any) -> Table:
    return Table(thing._repr_html_())


@pytest.fixture(scope="module")
def model() -> w2v.Model:
    return w2v.train("toy", held_out=0.1, **QUICK)


class TestTables:
    def test_text_is_shown_as_it_is_and_never_obeyed(self) -> None:
        html = html_table(VICIOUS, [[VICIOUS, "1"]], [VICIOUS, "n"])
        table = Table(html)
        safe = VICIOUS[:-1] + r"\u202e"
        assert (table.caption, table.rows) == (safe, [[safe, "n"], [safe, "1"]])

    def test_words_flush_left_and_numbers_right(self) -> None:
        assert '<td style="text-align:left">a</td><td>1</td>' in html_table("", [["a", "1"]])

    def test_vectors(self) -> None:
        rows = np.arange(60, dtype=np.float32).reshape(12, 5)
        words = [VICIOUS, *(f"word{row}" for row in range(1, 12))]
        table = shown(w2v.KeyedVectors(words, rows, counts=range(2000, 1988, -1)))
        assert table.caption == "KeyedVectors: 12 words, 5 numbers each (float32)"
        assert table.rows[0] == ["word", "count", "length", "vector"]
        assert table.rows[2] == ["word1", "1,999", "15.969", "5.000  6.000  7.000  8.000  …"]
        assert table.rows[-1] == ["…", "", "", ""]
        assert len(table.rows) == 1 + 8 + 1

    def test_long_words_are_shortened(self) -> None:
        table = shown(w2v.KeyedVectors(["l" * 10_000, "b"], np.eye(2)))
        assert [row[0] for row in table.rows[1:]] == ["l" * 59 + "…", "b"]

    @pytest.mark.parametrize("dtype", ["float16", "int8"])
    def test_vectors_in_less_memory_and_without_counts(self, tmp_path: Any, dtype: str) -> None:
        w2v.KeyedVectors(["a", "b"], np.eye(2)).save(tmp_path / "two.bin")
        table = shown(w2v.load(tmp_path / "two.bin", dtype=dtype))
        assert table.caption == f"KeyedVectors: 2 words, 2 numbers each ({dtype})"
        assert table.rows[1:] == [["a", "1.000", "1.000  0.000"], ["b", "1.000", "0.000  1.000"]]

    @pytest.mark.parametrize("shape", [(0, 4), (2, 0)])
    def test_vectors_without_words_or_numbers(self, shape: tuple[int, int]) -> None:
        vectors = w2v.KeyedVectors(["a", "b"][: shape[0]], np.empty(shape))
        assert len(shown(vectors).rows) == 1 + shape[0]

    def test_gensims_class(self) -> None:
        from w2v.compat import KeyedVectors

        vectors = KeyedVectors(2)
        vectors.add_vectors(["a"], np.ones((1, 2)))
        assert shown(vectors).caption == "KeyedVectors: 1 words, 2 numbers each (float32)"

    def test_a_model(self, model: w2v.Model) -> None:
        facts = dict(shown(model).rows)
        assert facts["architecture"] == "skipgram"
        assert facts["words of the corpus"] == "300,815"
        assert facts["loss"] == f"{model.summary.loss:.4f}"
        assert facts["held out"] == f"{model.summary.held_out_loss:.4f}"
        assert dict(shown(model.summary).rows).items() < facts.items()

    def test_a_history(self, model: w2v.Model, tmp_path: Any) -> None:
        model.save(tmp_path / "toy.safetensors")
        for history in (model.history, w2v.load_model(tmp_path / "toy.safetensors").history):
            assert isinstance(history, w2v.History)
            header, *epochs = shown(history).rows
            assert header[:3] == ["epoch", "loss", "held out"]
            assert [row[0] for row in epochs] == ["1", "2"]
            assert epochs[1][1] == f"{model.summary.loss:.4f}"
            first, last = (f"{epoch.loss:.3f}" for epoch in history)
            assert repr(history) == f"History(2 epochs, loss {first} to {last})"
        assert repr(w2v.History()) == "History(no epochs)"
        many = shown(w2v.History([*model.history] * 30)).rows
        assert len(many) == 1 + 20 + 1 + 20
        assert many[21][0] == "…"

    def test_scores(self, model: w2v.Model, tmp_path: Any) -> None:
        questions, _ = evaluation_sets(tmp_path)
        analogies = w2v.evaluate(model.vectors, questions)
        header, *sections = shown(analogies).rows
        assert header == ["section", "asked", "answered", "correct", "accuracy"]
        assert len(sections) == len(analogies.sections) == 1  # with the sum of all
        assert sections[0][1:] == shown(analogies.total).rows[1][1:]
        similarities = w2v.SimilarityScores(0.5, float("nan"), 1353, 2)
        assert shown(similarities).rows[1] == ["0.5000", "–", "1,353", "2"]
        assert repr(similarities) == (
            "SimilarityScores(spearman=0.5000, pearson=nan, pairs_used=1353, pairs_missing=2)"
        )

    def test_syntactic_sections_have_a_sum_of_their_own(self) -> None:
        parts = [w2v.AnalogySection("capitals", 4, 4, 1), w2v.AnalogySection("gram1", 2, 2, 2)]
        rows = shown(w2v.AnalogyScores(tuple(parts))).rows[3:]
        assert [(row[0], row[-1]) for row in rows] == [
            ("semantic", "0.2500"), ("syntactic", "1.0000"), ("total", "0.5000"),
        ]  # fmt: skip

    def test_the_description_of_a_file(self, tmp_path: Any) -> None:
        path = tmp_path / "<b>.txt"
        path.write_text("3 2\na 1 2\nb 2 nan\n")
        found = w2v.describe_file(path)
        table = shown(found)
        assert table.caption == str(path)
        assert dict(table.rows) == dict(found.facts())
        assert dict(table.rows)["words"] == "2, of 3 promised"
        assert repr(found) == (
            f"FileDescription({str(path)!r}, word2vec text, 2 words,"
            " vector_size=2, decimal, defects=1)"
        )


class Cell:
    """The output of a cell, which keeps every picture it showed."""

    def __init__(self) -> None:
        self.pictures: list[dict[str, str]] = []

    def display(self, picture: dict[str, str]) -> Any:
        self.pictures.append(picture)
        return self.pictures.append


class TestProgress:
    def test_a_training_is_shown_to_its_end(self) -> None:
        cell = Cell()
        w2v.train("toy", on_event=NotebookProgress(cell.display).show, **QUICK)
        last = cell.pictures[-1]
        lines = last["text/plain"].splitlines()
        assert lines[-2] == "300,815 words, 582 different ones; 582 of these get vectors"
        assert lines[-1].startswith("Trained  582 words in ")
        assert '<progress value="1.0000"></progress> Trained' in last["text/html"]
        titles = [picture["text/plain"].splitlines()[-1][:9] for picture in cell.pictures]
        assert titles.index("Encoding") < titles.index("Epoch 1/2") < titles.index("Epoch 2/2")

    def test_a_picture_at_most_every_quarter_of_a_second(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cell, clock = Cell(), [0.0]
        monkeypatch.setattr(notebook.time, "monotonic", lambda: clock[0])
        progress = NotebookProgress(cell.display)
        for step in range(100):
            clock[0] += 0.01
            progress.show(w2v.Counting(step, 1000, 1.0))
        assert len(cell.pictures) == 4
        assert "<progress value=" in cell.pictures[-1]["text/html"]
        progress.show(w2v.FindingPhrases(round=1, rounds=2, done=0.25, seconds=1.0))
        assert cell.pictures[-1]["text/plain"] == "Finding phrases 1/2  25 %"

    def test_a_line_leaves_the_bar_as_it_is(self) -> None:
        cell = Cell()
        progress = NotebookProgress(cell.display)
        progress.show(w2v.Counting(500, 1000, 1.0))
        progress.show(w2v.Resumed(VICIOUS, 5, ()))
        assert cell.pictures[-1]["text/html"].startswith("<div>Going on from &lt;script&gt;")
        assert '<progress value="0.5000"></progress> Counting' in cell.pictures[-1]["text/html"]

    @pytest.mark.parametrize(
        ("shell", "expected"),
        [(None, False), (SimpleNamespace(), False), (SimpleNamespace(kernel=1), True)],
        ids=["python", "ipython", "notebook"],
    )
    def test_where_it_is_shown(
        self, monkeypatch: pytest.MonkeyPatch, shell: Any, expected: bool
    ) -> None:
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
        assert in_notebook() is expected

    def test_nothing_is_imported_elsewhere(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(sys.modules, "IPython", raising=False)
        assert in_notebook() is False
        assert "IPython" not in sys.modules
