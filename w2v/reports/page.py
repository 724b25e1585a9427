"""The page: everything that a report shows, as one file of HTML that needs nothing else."""

from collections.abc import Iterable, Sequence
from importlib import resources

from w2v.reports.charts import Bars, Chart, Curve, Flow, Neighbours, Row
from w2v.reports.colours import run_class
from w2v.reports.contents import Contents
from w2v.reports.elements import Element, element, style, written
from w2v.reports.runs import Training
from w2v.reports.scales import exact_text
from w2v.reports.svg_bars import bars_svg
from w2v.reports.svg_chart import chart_svg, symbol, thinned
from w2v.reports.svg_flow import flow_svg
from w2v.reports.tables import about_marks

_MOST_ROWS = 40  # of a curve in a table
# Nothing may be fetched, whatever a log holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(contents: Contents) -> str:
    """Return the page of a report."""
    names = ", ".join(training.name for training in contents.trainings)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="generator", content=f"w2v {contents.version}"),
        element("title", f"{contents.title}: {names}"),
        style(resources.files("w2v.reports").joinpath("page.css").read_text(encoding="utf-8")),
    )
    body = element(
        "body",
        _header(contents),
        element("main", *_sections(contents)),
        element("footer", f"Written by w2v {contents.version}. This file needs no network."),
    )
    return written(element("html", head, body, lang="en"))


def _header(contents: Contents) -> Element:
    runs = element("ul", class_="runs")
    for run, training in enumerate(contents.trainings):
        runs.append(_about_training(run, training))
    return element("header", element("h1", contents.title), runs)


def _about_training(run: int, training: Training) -> Element:
    corpus = training.about.text("corpus")
    return element(
        "li",
        element("strong", training.name),
        f" on {corpus}. " if corpus else ". ",
        training.state,
        *(element("p", note, class_="soft") for note in training.notes),
        class_=run_class(run),
    )


def _sections(contents: Contents) -> list[Element]:
    figures = _Figures(contents.trainings)
    words = "grid words several" if len(contents.trainings) > 1 else "grid words"
    learning = [*map(figures.chart, contents.learning), *map(figures.bars, contents.sections)]
    text = [*map(figures.flow, contents.flows), *map(figures.chart, contents.frequencies)]
    sections = [
        _section("Results", _results(contents)),
        _section("Learning", _grid(learning)),
        _section("Neighbours", _grid(map(figures.neighbours, contents.neighbours), words)),
        _section("The text", _grid(text)),
        _section("Pace", _grid(map(figures.chart, contents.pace))),
        _section("Settings", _table(contents.trainings, contents.settings)),
        _section("Versions", _table(contents.trainings, contents.versions)),
    ]
    return [section for section in sections if section is not None]


def _section(title: str, content: Element | None) -> Element | None:
    return None if content is None else element("section", element("h2", title), content)


def _grid(cards: Iterable[Element], names: str = "grid") -> Element | None:
    found = list(cards)
    return element("div", *found, class_=names) if found else None


def _results(contents: Contents) -> Element | None:
    """Return the results as cards, or as a table where they are those of several trainings."""
    if len(contents.trainings) > 1 or not contents.results:
        return _table(contents.trainings, contents.results)
    return element(
        "dl",
        *(
            element(
                "div",
                element("dt", row.name),
                element("dd", row.values[0], element("small", row.meaning)),
            )
            for row in contents.results
        ),
        class_="cards",
    )


def _table(trainings: Sequence[Training], rows: list[Row]) -> Element | None:
    """Return a table with a column for each training."""
    if not rows:
        return None
    has_meaning = any(row.meaning for row in rows)
    body = element("tbody")
    for row in rows:
        values = (element("td", value) for value in row.values)
        meaning = element("td", row.meaning, class_="meaning") if has_meaning else None
        name = element("th", row.name, scope="row")
        body.append(
            element("tr", name, *values, meaning, class_="different" if row.is_different else None)
        )
    heads = [
        element("th", training.name, scope="col", class_=f"run {run_class(run)}")
        for run, training in enumerate(trainings)
    ]
    head = element("tr", element("th", "", scope="col"), *heads)
    if has_meaning:
        head.append(element("th", "", scope="col", class_="meaning"))
    names = "wide single" if len(trainings) == 1 else "wide"
    table = element("table", element("thead", head), body, class_=names)
    parts = [element("p", about_marks(trainings), class_="soft")] if _has_marks(rows) else []
    return element("div", *parts, element("div", table, class_="overflow", tabindex=0))


def _has_marks(rows: list[Row]) -> bool:
    return any(row.is_different for row in rows)


class _Figures:
    """Makes the cards of figures; each gets a number of its own."""

    def __init__(self, trainings: Sequence[Training]) -> None:
        self._trainings, self._number = trainings, 0
        self._several = len(trainings) > 1

    def _name(self) -> str:
        self._number += 1
        return f"figure-{self._number}"

    def chart(self, chart: Chart) -> Element:
        """Return a chart with its legend and its numbers."""
        legend = _legend(chart.curves) if self._several or len(chart.curves) > 1 else None
        drawing = chart_svg(chart, self._name())
        return _card(chart.title, chart.about, legend, drawing, _chart_numbers(chart))

    def flow(self, flow: Flow) -> Element:
        """Return a flow with the account of each epoch."""
        drawing = flow_svg(flow, self._name())
        return _card(flow.title, flow.about, None, drawing, _numbers(flow.rows))

    def bars(self, bars: Bars) -> Element:
        """Return bars with the counts behind them."""
        rows = [
            (name, self._trainings[bar.run].name, bar.about, f"{100 * bar.share:.1f} %")
            for name, each in bars.groups
            for bar in each
        ]
        curves = [Curve(run, training.name, []) for run, training in enumerate(self._trainings)]
        legend = _legend(curves) if self._several else None
        heading = ("section", "training", "correct", "share")
        drawing, title = bars_svg(bars, self._name()), f"{bars.title}, by section"
        return _card(title, bars.about, legend, drawing, _numbers([heading, *rows]))

    def neighbours(self, near: Neighbours) -> Element:
        """Return the neighbours of a word."""
        lists = element("div", class_="near")
        for run, found in near.lists:
            head = element("h4", self._trainings[run].name) if self._several else None
            lists.append(element("div", head, _near(found), class_=run_class(run)))
        return element("article", element("h3", near.word), lists, class_="card")


def _near(found: list[tuple[str, float]] | None) -> Element:
    if found is None:
        return element("p", "Not in the vocabulary.", class_="soft")
    rows = []
    for word, likeness in found:
        width = f"--w: {max(0.0, min(likeness, 1.0)) * 3:.2f}rem"
        meter = element("span", f"{likeness:.3f}", style=width)
        rows.append(element("tr", element("td", word), element("td", meter, class_="meter")))
    return element("table", element("tbody", *rows))


def _card(title: str, about: str, legend: Element | None, *parts: Element) -> Element:
    caption = element("figcaption", element("h3", title), element("p", about), legend)
    return element("figure", caption, *parts, class_="card")


def _legend(curves: list[Curve]) -> Element:
    """Return the names of curves with a piece of each."""
    legend = element("ul", class_="legend")
    for curve in curves:
        kinds = (("dashed", curve.is_dashed), ("faint", curve.is_faint))
        names = " ".join([run_class(curve.run), *(name for name, is_so in kinds if is_so)])
        sign = element("g", element("line", x1=0, x2=28, y1=6, y2=6), class_=f"curve {names}")
        if not curve.is_faint:
            sign.append(symbol(curve.run, 14, 6))
        picture = element("svg", sign, viewBox="0 0 28 12", aria_hidden="true")
        legend.append(element("li", picture, curve.name))
    return legend


def _chart_numbers(chart: Chart) -> Element:
    """Return the numbers of a chart as a table."""
    several = len(chart.curves) > 1
    rows = [("curve",) * several + (chart.x_name, chart.y_name)]
    for curve in chart.curves:
        rows += [
            (curve.name,) * several + (exact_text(x), exact_text(y, chart.as_percent))
            for x, y in thinned(curve.points, _MOST_ROWS)
        ]
    return _numbers(rows)


def _numbers(rows: Sequence[tuple[str, ...]]) -> Element:
    """Return a table that is folded away; the first row is its heading."""
    head, *rest = rows
    table = element(
        "table",
        element("thead", element("tr", *(element("th", name, scope="col") for name in head))),
        element("tbody", *(element("tr", *map(_cell, row)) for row in rest)),
    )
    scrolled = element("div", table, class_="overflow", tabindex=0)
    return element("details", element("summary", "Numbers"), scrolled)


def _cell(text: str) -> Element:
    return element("td", text)
