"""How a report is drawn: axes, curves and flows, the picture, and the page in a browser."""

import json
import shutil
import subprocess
import sys
from itertools import pairwise

import pytest
from test_report_logs import BEGIN, epoch, progress

import w2v
from w2v.reports import colours
from w2v.reports.charts import Chart, Curve, Flow
from w2v.reports.curves import pace_charts
from w2v.reports.ribbons import ribbons
from w2v.reports.runs import collect
from w2v.reports.scales import labels, linear, logarithmic
from w2v.reports.svg_chart import TOP, chart_svg

SECTION = [{"name": "family", "asked": 9, "answered": 8, "correct": 6}]


def run(rate):
    """The events of a training whose loss falls at this rate."""
    events = [*BEGIN]
    for number in (1, 2, 3):
        words = 1000 * number
        events += [progress(words - 500, number - 0.5), progress(words, number)]
        events.append(epoch(number, 3 - rate * number, held_out_loss=3.2 - rate * number))
        events.append(
            {"event": "evaluated", "words": words, "scores": {"a": 0.2 * number, "b": 0.5},
             "held_out_loss": None, "seconds": 1, "sections": {"a": SECTION}}
        )  # fmt: skip
    return events


RUNS = [run(0.3), run(0.5)]


class TestDrawing:
    def test_points_lie_where_the_axes_say(self):
        points = [(0.0, 1.0), (50.0, 2.0), (100.0, 4.0)]
        svg = chart_svg(Chart("t", "a", "x", "y", [Curve(0, "n", points)]), "name")
        [line] = svg.iter("polyline")
        places = [tuple(map(float, each.split(","))) for each in line.get("points").split()]
        ticks = {each.text: float(each.get("y")) - 4 for each in svg.iter("text")
                 if each.get("text-anchor") == "end" and each.get("class") == "tick"}  # fmt: skip
        assert ticks["1"] == pytest.approx(places[0][1], abs=0.2)
        assert ticks["4"] == pytest.approx(places[2][1], abs=0.2) == TOP
        assert places[1][0] == pytest.approx((places[0][0] + places[2][0]) / 2, abs=0.2)

    @pytest.mark.parametrize(
        ("values", "texts"),
        [
            ([0, 5_414_670], ["0", "2 M", "4 M", "6 M"]),
            ([1.27, 2.4], ["1.25", "1.50", "1.75", "2.00", "2.25", "2.50"]),
            ([0.0001, 0.05], ["0", "0.01", "0.02", "0.03", "0.04", "0.05"]),
            ([3], ["2.6", "2.8", "3.0", "3.2", "3.4"]),
            ([0], ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
            ([-0.2, 0.3], ["-0.2", "-0.1", "0", "0.1", "0.2", "0.3"]),
            ([0, 25_000], ["0", "5 k", "10 k", "15 k", "20 k", "25 k"]),
        ],
    )
    def test_ticks_are_round(self, values, texts):
        scale = linear(values)
        assert labels(scale) == texts
        assert all(0 <= scale.at(value) <= 1 for value in values)

    def test_decades(self):
        scale = logarithmic([1, 7, 253_854])
        assert labels(scale) == ["1", "10", "100", "1,000", "10 k", "100 k", "1 M"]
        assert scale.at(1000) == pytest.approx(0.5)

    def test_ribbons_are_as_wide_as_their_words(self):
        parts = [("out of vocabulary", 1), ("held out", 0), ("subsampled", 299), ("trained", 700)]
        found = ribbons(Flow(0, "t", "a", 1000, parts, []))
        assert [each.name for each in found] == ["out of vocabulary", "subsampled", "trained"]
        for each, words in zip(found, (1, 299, 700), strict=True):
            low, high = each.left
            assert high - low == pytest.approx(words / 1000)
        assert found[-1].right[1] == pytest.approx(1)
        places = [each.label for each in found]
        assert min(b - a for a, b in pairwise(places)) >= 0.13


class TestCurvesThatLookAlike:
    def rates(self, second):
        lines = [progress(words, learning_rate=1 - words / 4000) for words in range(500, 3600, 500)]
        others = [progress(words, learning_rate=second(words)) for words in range(600, 3600, 700)]
        trainings = [collect("a", [*BEGIN, *lines]), collect("b", [*BEGIN, *others])]
        return [curve.name for curve in pace_charts(trainings)[0].curves]

    def test_they_are_one(self):
        assert self.rates(lambda words: 1 - words / 4000) == ["a, b"]

    def test_others_are_not(self):
        assert self.rates(lambda words: 1 - words / 3900) == ["a", "b"]


class TestPicture:
    def test_it_shows_every_figure(self, tmp_path):
        pytest.importorskip("matplotlib")
        w2v.report(RUNS, tmp_path / "a.png")
        data = (tmp_path / "a.png").read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = (int.from_bytes(data[k : k + 4], "big") for k in (16, 20))
        assert width == 1800
        assert height > 4 * 500  # eight figures in two columns

    def test_of_a_single_chart(self, tmp_path):
        pytest.importorskip("matplotlib")
        counted = {"event": "vocabulary", "corpus_words": 1000, "frequencies": [[1, 10], [5, 2]]}
        w2v.report([counted], tmp_path / "a.png")
        assert (tmp_path / "a.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"

    def test_without_matplotlib(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(w2v.W2VError, match="needs Matplotlib: pip install matplotlib"):
            w2v.report("missing.jsonl", tmp_path / "a.png")  # before anything is read
        assert not (tmp_path / "a.png").exists()

    def test_every_name_is_in_the_legend(self, tmp_path, monkeypatch):
        figures = pytest.importorskip("matplotlib.figure")
        drawn, save = [], figures.Figure.savefig
        monkeypatch.setattr(
            figures.Figure,
            "savefig",
            lambda self, *a, **b: (drawn.append(self), save(self, *a, **b)),
        )
        for name, events in zip(("_a", "b"), RUNS, strict=True):
            lines = "".join(json.dumps(event) + "\n" for event in events)
            (tmp_path / f"{name}.jsonl").write_text(lines)
        w2v.report([tmp_path / "_a.jsonl", tmp_path / "b.jsonl"], tmp_path / "a.png")
        [figure] = drawn
        axes = {each.get_title(loc="left"): each for each in figure.get_axes()}
        assert [text.get_text() for text in axes["a"].get_legend().get_texts()] == ["_a", "b"]

    def test_names_are_no_formulas(self, tmp_path):
        mpl = pytest.importorskip("matplotlib")
        lines = "".join(json.dumps(event) + "\n" for event in RUNS[0])
        (tmp_path / "$x^$.jsonl").write_text(lines)
        with mpl.rc_context({"text.usetex": True}):  # of a user who writes in TeX
            w2v.report(tmp_path / "$x^$.jsonl", tmp_path / "a.png")


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium to open the page with")
def test_in_a_browser(tmp_path):
    """Chromium opens the page without a complaint, and draws it in both trainings' colours."""
    image = pytest.importorskip("PIL.Image")
    w2v.report(RUNS, tmp_path / "report.html")
    flags = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars"
        " --disable-background-networking --disable-component-update --disable-sync"
        " --enable-logging=stderr --window-size=1200,2000"
    )
    own = [f"--user-data-dir={tmp_path / 'user'}", f"--screenshot={tmp_path / 'page.png'}"]
    command = [CHROMIUM, *flags.split(), *own, (tmp_path / "report.html").as_uri()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "CONSOLE" not in ran.stderr
    with image.open(tmp_path / "page.png") as picture:
        drawn = picture.convert("RGB").getcolors(1 << 24)
    count = {f"#{r:02x}{g:02x}{b:02x}": number for number, (r, g, b) in drawn}
    for colour in (*colours.TRAININGS[:2], colours.FATES["subsampled"]):
        assert count.get(colour, 0) > 200
