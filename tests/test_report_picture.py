"""The picture of a report: it shows what the page shows, and none of its texts is cut."""

import json
import sys
from itertools import combinations

import numpy as np
import pytest
from pages import read_page, rows_of, section, text_of
from report_events import BEGIN, RUNS

import w2v
from w2v.drawing import drawing

LONG = "an_exceedingly_long_phrase_of_many_words_" * 3
CHINESE = "国王女王之间的距离"


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """A function that makes a picture, and returns the figure that Matplotlib drew."""
    figures = pytest.importorskip("matplotlib.figure")
    kept, save = [], figures.Figure.savefig

    def keep_and_save(figure, *arguments, **options):
        kept.append(figure)
        save(figure, *arguments, **options)

    monkeypatch.setattr(figures.Figure, "savefig", keep_and_save)

    def draw(runs, **options):
        w2v.report(runs, tmp_path / "a.png", **options)
        return kept[-1]

    return draw


def logs(tmp_path, *names):
    """Logs of these names."""
    paths = [tmp_path / f"{name}.jsonl" for name in names]
    for number, path in enumerate(paths):
        path.write_text("".join(json.dumps(event) + "\n" for event in RUNS[number % len(RUNS)]))
    return paths


def artists(figure):
    """The texts of a figure that are seen, from the top."""
    from matplotlib.text import Text

    found = [each for each in figure.findobj(Text) if each.get_visible() and each.get_text()]
    return sorted(found, key=lambda each: -each.get_window_extent().y1)


def texts(figure):
    return [each.get_text() for each in artists(figure)]


def seen(text):
    """The picture of a text, as numbers."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1, 1))
    canvas = FigureCanvasAgg(figure)
    figure.text(0.2, 0.4, text, fontsize=20)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


def check_nothing_is_cut(figure):
    """No text leaves the picture, and none lies on another."""
    figure.canvas.draw()
    boxes = [(each.get_text(), each.get_window_extent()) for each in artists(figure)]
    width, height = figure.bbox.width, figure.bbox.height
    for text, box in boxes:
        assert box.x0 >= 0, text
        assert box.x1 <= width, text
        assert box.y0 >= 0, text
        assert box.y1 <= height, text
    for (one, first), (other, second) in combinations(boxes, 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        along = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert across <= 2 or along <= 5, f"{one!r} lies on {other!r}"


class TestContents:
    def test_it_shows_what_the_page_shows(self, skipgram_run, drawn, tmp_path):
        model, events = skipgram_run
        options = {"vectors": model.vectors, "words": ["king", "none"], "neighbours": 4}
        w2v.report([events], tmp_path / "a.html", **options)
        page = read_page((tmp_path / "a.html").read_text(encoding="utf-8"))
        figure = drawn([events], **options)
        shown = texts(figure)
        for title in ("Settings", "Versions"):
            for name, *values in rows_of(next(section(page, title).iter("table")))[1:]:
                assert {name, f"{name} •"} & set(shown)
                assert values[0] in shown or values[0] in " ".join(shown)  # on two lines
        for result in section(page, "Results").iter("dt"):
            assert text_of(result) in shown
        headings = [text_of(each) for each in page.iter("h2")]
        assert [text for text in shown if text in headings] == headings
        titles = {text_of(each) for each in page.iter("h3")}
        assert titles <= set(shown)
        for word, likeness in model.vectors.most_similar("king", topn=4):
            assert word in shown
            assert f"{likeness:.3f}" in shown
        assert "Not in the vocabulary." in shown
        assert "vector_size •" in shown
        check_nothing_is_cut(figure)

    def test_a_report_without_vectors_has_no_neighbours(self, drawn):
        shown = texts(drawn(RUNS[:1]))
        assert "Neighbours" not in shown
        assert {"Results", "Learning", "The text", "Pace"} <= set(shown)

    def test_the_cut_of_the_vocabulary(self, drawn):
        counted = {"event": "vocabulary", "corpus_words": 1000, "vocabulary": 3,
                   "frequencies": [[1, 10], [5, 2]]}  # fmt: skip
        figure = drawn([[counted]])
        assert "cut at 3" in texts(figure)
        check_nothing_is_cut(figure)

    def test_sections_of_several_trainings_are_told_apart(self, tmp_path, drawn):
        shown = texts(drawn(logs(tmp_path, "_x", "y")))
        # In the head, in a table, and in the legends of two scores and of the sections; others join
        # the names of equal curves, or add the kind of a curve.
        assert shown.count("_x") == shown.count("y") == 5
        assert shown.count("family") == 1
        assert shown.count("75.0 %") == 4  # of the section, and of all; of each training


class TestRoom:
    def test_several_trainings_side_by_side(self, skipgram_run, cbow_run, drawn):
        (first, events), (second, others) = skipgram_run, cbow_run
        figure = drawn([events, others], vectors=[first.vectors, second.vectors])
        shown = texts(figure)
        assert {"architecture ≠", "skipgram", "cbow", "epochs ≠", "3", "2"} <= set(shown)
        check_nothing_is_cut(figure)

    def test_many_trainings(self, tmp_path, drawn):
        number = 8  # more than stand side by side
        names = [f"a run with a long name, number {k}" for k in range(number)]
        vectors = w2v.KeyedVectors(["king", "cat"], [[1, 0], [1, 1]])
        figure = drawn(logs(tmp_path, *names), vectors=[vectors] * number)
        assert figure.bbox.width == 1800
        check_nothing_is_cut(figure)

    def test_long_words_and_other_scripts(self, skipgram_run, drawn):
        events = [event.as_dict() for event in skipgram_run[1]]
        for event in events:
            if event["event"] == "prepared":
                event["corpus"] = LONG
                event["versions"] = {CHINESE: LONG, LONG: CHINESE, "a\nb": "\x1b[1m", "$x^$": "$"}
                event["config"][LONG] = LONG
        words = [LONG, CHINESE, "e\u0301" * 60, "$x^$", "\\frac", "_a"]
        vectors = w2v.KeyedVectors(words, np.eye(6) + 1)
        figure = drawn([events], vectors=vectors, words=words)
        check_nothing_is_cut(figure)
        shown = texts(figure)
        assert shown.count(CHINESE) >= 3  # elsewhere on two lines
        assert r"\x1b[1m" in shown
        assert not any(text.startswith("\u0301") for text in shown)

    def test_letters_of_other_scripts_are_drawn(self):
        fonts = pytest.importorskip("matplotlib.font_manager")
        if "Noto Sans CJK JP" not in fonts.fontManager.get_font_names():
            pytest.skip("no font with Chinese letters is installed")
        with drawing():
            assert (seen("国") != seen("王")).any()  # not two boxes
            assert (seen("\ue000") == seen("\ue001")).all()  # as those that no font has are

    def test_a_letter_is_of_the_first_font_that_has_it(self, monkeypatch):
        pytest.importorskip("matplotlib")  # both fonts are its own, and one has no Cyrillic
        for second, is_drawn in (({}, False), ({"DejaVu Sans": "DejaVuSans"}, True)):
            monkeypatch.setattr("w2v.drawing._FONTS", {"cmr10": "cmr10", **second})
            with drawing():
                assert (seen("Ж") != seen("Я")).any() == is_drawn

    def test_fonts_installed_since_the_list_was_made_are_found(self, tmp_path, monkeypatch):
        fonts = pytest.importorskip("matplotlib.font_manager")
        path = next(each.fname for each in fonts.fontManager.ttflist if each.name == "cmr10")
        broken = tmp_path / "cmr10-broken.ttf"
        broken.write_bytes(b"no font")
        known = [each for each in fonts.fontManager.ttflist if each.name != "cmr10"]
        monkeypatch.setattr(fonts.fontManager, "ttflist", known)
        monkeypatch.setattr(fonts, "findSystemFonts", lambda: [str(broken), path])
        monkeypatch.setattr("w2v.drawing._FONTS", {"cmr10": "cmr10"})
        with drawing():
            assert sys.modules["matplotlib"].rcParams["font.family"] == ["cmr10"]

    def test_it_is_refused_where_it_would_be_too_high(self, tmp_path):
        pytest.importorskip("matplotlib")
        words = [f"w{k}" for k in range(300)]
        vectors = w2v.KeyedVectors(words, np.random.default_rng(1).normal(size=(300, 4)))
        options = {"vectors": vectors, "words": words, "neighbours": 100}
        with pytest.raises(w2v.W2VError, match="pixels high, and at most 30,000 are allowed"):
            w2v.report(RUNS[0:1], tmp_path / "a.png", **options)
        assert list(tmp_path.iterdir()) == []


class TestFile:
    def test_it_is_a_png(self, tmp_path):
        pytest.importorskip("matplotlib")
        w2v.report(RUNS, tmp_path / "a.png")
        data = (tmp_path / "a.png").read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = (int.from_bytes(data[k : k + 4], "big") for k in (16, 20))
        assert width == 1800
        assert height > 4 * 500  # eight figures in two columns

    @pytest.mark.parametrize("events", [BEGIN, [{"event": "prepared"}]])
    def test_of_nearly_nothing(self, tmp_path, events):
        pytest.importorskip("matplotlib")
        w2v.report([events], tmp_path / "a.png")
        assert (tmp_path / "a.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"

    def test_without_matplotlib(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(w2v.W2VError, match="needs Matplotlib: pip install matplotlib"):
            w2v.report("missing.jsonl", tmp_path / "a.png")  # before anything is read
        assert not (tmp_path / "a.png").exists()

    def test_names_are_no_formulas(self, tmp_path):
        mpl = pytest.importorskip("matplotlib")
        with mpl.rc_context({"text.usetex": True}):  # of a user who writes in TeX
            w2v.report(logs(tmp_path, "$x^$"), tmp_path / "a.png")
