"""How the figures of a report are drawn: axes, curves and flows."""

from itertools import pairwise

import pytest
from report_events import BEGIN, progress

from w2v.reports.charts import Chart, Curve, Flow
from w2v.reports.curves import pace_charts
from w2v.reports.ribbons import ribbons
from w2v.reports.runs import collect
from w2v.reports.scales import labels, linear, logarithmic
from w2v.reports.svg_chart import TOP, chart_svg


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
