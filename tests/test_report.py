"""The report of trainings: the page, its figures and its numbers, and the command."""

import json
import math
import re
from pathlib import Path

import pytest
from pages import cards, numbers, read_page, rows_of, section, text_of
from test_evaluating import write_sets

import w2v
from w2v.reports import colours

CSS = (Path(w2v.__file__).parent / "reports" / "page.css").read_text()


def train(directory, **settings):
    events = []
    common = {"vector_size": 8, "held_out": 0.05, "workers": 1, "evaluate_every": 0.3}
    sets = write_sets(directory)
    model = w2v.train("toy", on_event=events.append, evaluate=sets, **{**common, **settings})
    return model, events


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return train(tmp_path_factory.mktemp("skipgram"), epochs=3)


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return train(tmp_path_factory.mktemp("cbow"), epochs=2, architecture="cbow")


def written(path, events):
    path.write_text("".join(json.dumps(event.as_dict()) + "\n" for event in events))
    return path


def made(tmp_path, runs, **options):
    """The page of a report, read again."""
    target = tmp_path / "report.html"
    w2v.report(runs, target, **options)
    return read_page(target.read_text(encoding="utf-8"))


@pytest.fixture
def page(trained, tmp_path):
    model, events = trained
    return made(tmp_path, written(tmp_path / "run.jsonl", events), vectors=model.vectors)


def of_kind(events, kind):
    return [event for event in events if isinstance(event, kind)]


class TestNumbers:
    def test_the_loss_is_that_of_the_log(self, page, trained):
        _, events = trained
        rows = numbers(page, "Loss")
        epochs = of_kind(events, w2v.EpochEnded)
        size = events[-1].corpus_words
        assert [row[1:] for row in rows if row[0] == "epochs"] == [
            [f"{epoch.epoch * size:,}", f"{epoch.loss:.4f}"] for epoch in epochs
        ]
        held_out = {each.words: each.held_out_loss for each in of_kind(events, w2v.Evaluated)}
        held_out |= {epoch.epoch * size: epoch.held_out_loss for epoch in epochs}
        assert [row[1:] for row in rows if row[0] == "held out"] == [
            [f"{words:,}", f"{loss:.4f}"] for words, loss in sorted(held_out.items())
        ]

    def test_the_scores_are_those_of_the_log(self, page, trained):
        _, events = trained
        evaluated = of_kind(events, w2v.Evaluated)
        assert len(evaluated) > 2
        assert numbers(page, "genders") == [
            [f"{each.words:,}", f"{100 * each.scores['genders']:.2f} %"] for each in evaluated
        ]
        assert numbers(page, "likeness") == [
            [f"{each.words:,}", f"{each.scores['likeness']:.4f}"] for each in evaluated
        ]
        last = events[-1].scores["genders"]
        [gender] = evaluated[-1].sections["genders"]
        counts = f"{gender.correct:,} of {gender.answered:,}"
        assert numbers(page, "genders, by section")[0] == [
            "gender", "run", counts, f"{100 * last:.1f} %",
        ]  # fmt: skip

    def test_the_ledger_is_that_of_the_log(self, page, trained):
        ledger = trained[1][-1].ledger
        rows = numbers(page, "Ledger")
        assert [[int(cell.replace(",", "")) for cell in row] for row in rows] == [
            [each["epoch"], ledger["read"], ledger["out_of_vocabulary"], ledger["held_out"],
             each["subsampled"], each["trained"], each["without_context"]]
            for each in ledger["epochs"]
        ]  # fmt: skip
        titles = [text_of(each) for each in cards(page)["Ledger"].iter("title")]
        trained_words = sum(each["trained"] for each in ledger["epochs"])
        total = 3 * ledger["read"]
        share = f"{100 * trained_words / total:.1f} %"
        assert f"trained: {trained_words:,} words, {share}" in titles
        assert f"{total:,} words read in 3 epochs." in text_of(cards(page)["Ledger"])
        dropped = sum(each["subsampled"] for each in ledger["epochs"])
        assert any(title.startswith(f"subsampled: {dropped:,} words, ") for title in titles)
        assert "do not add up" not in text_of(cards(page)["Ledger"])

    def test_rate_speed_and_frequencies_are_those_of_the_log(self, page, trained):
        _, events = trained
        progress = of_kind(events, w2v.Progress)
        rates = numbers(page, "Learning rate")
        assert rates[-1] == [f"{progress[-1].words:,}", f"{progress[-1].learning_rate:.4g}"]
        speeds = [row for row in numbers(page, "Speed") if row[0] == "mean so far"]
        assert speeds[-1][2] == f"{progress[-1].words_per_second:,.0f}"
        [counted] = of_kind(events, w2v.VocabularyCounted)
        rows = numbers(page, "Frequencies")
        for row in (rows[0], rows[-1]):
            assert [int(cell.replace(",", "")) for cell in row] in counted.frequencies

    def test_results_settings_and_versions(self, page, trained):
        model, events = trained
        shown = {text_of(each[0]): each[1].text for each in section(page, "Results").iter("div")
                 if len(each) == 2}  # fmt: skip
        assert shown["loss"] == f"{model.summary.loss:.4f}"
        assert shown["held-out loss"] == f"{model.summary.held_out_loss:.4f}"
        assert shown["speed"] == w2v.speed_text(model.summary.words_per_second)
        assert shown["vocabulary"] == f"{len(model.vectors):,}"
        assert shown["likeness"] == f"{model.summary.scores['likeness']:.4f}"
        settings = {
            row[0]: row[1] for row in rows_of(next(section(page, "Settings").iter("table")))
        }
        assert settings["held_out"] == "0.05"
        assert set(model.config.as_dict()) <= set(settings)
        versions = dict(rows_of(next(section(page, "Versions").iter("table")))[1:])
        assert versions["w2v"] == w2v.__version__
        [prepared] = of_kind(events, w2v.Prepared)
        assert versions["began"] == f"{prepared.time} UTC"

    def test_settings_that_are_not_the_default_are_marked(self, page):
        marked = [each for each in page.iter("tr") if each.get("class") == "different"]
        assert {each[0].text for each in marked} == {"vector_size", "held_out"}

    def test_neighbours_are_those_of_the_vectors(self, trained, tmp_path):
        model, events = trained
        page = made(
            tmp_path, [events], vectors=[model.vectors], words=["king", "none"], neighbours=4
        )
        assert numbers(page, "king")[0:] == [
            [word, f"{likeness:.3f}"]
            for word, likeness in model.vectors.most_similar("king", topn=4)[1:]
        ]
        assert "Not in the vocabulary." in text_of(cards(page)["none"])


class TestSeveral:
    @pytest.fixture
    def both(self, trained, other, tmp_path):
        logs = [written(tmp_path / f"{name}.jsonl", events)
                for name, (_, events) in (("first", trained), ("second", other))]  # fmt: skip
        return made(tmp_path, logs)

    def test_they_share_axes_and_are_told_apart(self, both):
        loss = cards(both)["Loss"]
        classes = " ".join(each.get("class", "") for each in loss.iter("g"))
        assert "run0" in classes
        assert "run1" in classes
        legend = [text_of(each) for each in loss.iter("li")]
        assert legend == [
            "first, epochs", "first, held out", "second, epochs", "second, held out",
        ]  # fmt: skip
        assert "first, intervals" not in legend  # toy is shorter than an interval
        assert {"Ledger of first", "Ledger of second"} <= set(cards(both))

    def test_equal_curves_are_one(self, both):
        legend = [text_of(each) for each in cards(both)["Frequencies"].iter("li")]
        assert legend == ["first, second"]
        assert {row[0] for row in numbers(both, "Loss")} == {
            "first, epochs", "first, held out", "second, epochs", "second, held out",
        }  # fmt: skip
        rates = cards(both)["Learning rate"]  # these end at other places
        assert [text_of(each) for each in rates.iter("li")] == ["first", "second"]

    def test_differing_settings_are_marked(self, both):
        settings = section(both, "Settings")
        marked = [each for each in settings.iter("tr") if each.get("class") == "different"]
        # The text decides the last learning rate by the epochs.
        assert {each[0].text for each in marked} == {"architecture", "epochs", "min_alpha"}
        [kind] = [each for each in marked if each[0].text == "architecture"]
        assert [cell.text for cell in kind[1:3]] == ["skipgram", "cbow"]

    def test_equal_names_are_told_apart(self, trained, tmp_path):
        logs = []
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            logs.append(written(tmp_path / name / "run.jsonl", trained[1]))
        page = made(tmp_path, [*logs, logs[0]])
        names = [each.text for each in page.iter("strong")]
        assert names == [f"{logs[0]} (1)", str(logs[1]), f"{logs[0]} (2)"]

    def test_more_than_there_are_colours(self, trained, tmp_path):
        page = made(tmp_path, [trained[1]] * 10)
        classes = {each.get("class") for each in next(iter(page.iter("ul")))}
        assert classes == {f"run{number}" for number in range(8)}


class TestSources:
    def test_a_model_remembers_its_epochs(self, trained, tmp_path):
        model, _ = trained
        model.save(tmp_path / "model.safetensors")
        for source in (model, tmp_path / "model.safetensors"):
            page = made(tmp_path, source, words=["king"])
            rows = [row for row in numbers(page, "Loss") if row[0] == "epochs"]
            assert [row[2] for row in rows] == [f"{epoch.loss:.4f}" for epoch in model.history]
            assert numbers(page, "king")
            assert numbers(page, "Frequencies")[0][1] == f"{model.vectors.counts[0]:,}"

    def test_the_history_of_a_model(self, trained, tmp_path):
        history = trained[0].history
        rows = [row for row in numbers(made(tmp_path, history), "Loss") if row[0] == "epochs"]
        assert rows == [["epochs", f"{each.epoch}", f"{each.loss:.4f}"] for each in history]

    def test_scores_of_the_vectors_by_section(self, trained, tmp_path):
        model, events = trained
        (tmp_path / "sets").mkdir()
        analogies, _ = write_sets(tmp_path / "sets")
        plain = [event for event in events if not isinstance(event, w2v.Evaluated)]
        page = made(tmp_path, [plain], vectors=model.vectors, evaluate=analogies)
        total = w2v.evaluate(model.vectors, analogies).total
        counts = f"{total.correct:,} of {total.answered:,}"
        assert numbers(page, "genders, by section")[-1][2] == counts

    def test_every_set_is_shown(self, trained, tmp_path):
        model, events = trained
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

    def test_a_section_named_as_the_total_is(self, trained, tmp_path):
        parts = [{"name": "all", "answered": 4, "correct": 1},
                 {"name": "x", "answered": 6, "correct": 5}]  # fmt: skip
        scored = {"event": "evaluated", "words": 5, "scores": {"s": 0.6}, "sections": {"s": parts}}
        rows = numbers(made(tmp_path, [[scored]] * 2), "s, by section")
        assert [(row[0], row[2]) for row in rows] == [
            *[("all", "1 of 4")] * 2, *[("x", "5 of 6")] * 2, *[("all", "6 of 10")] * 2,
        ]  # fmt: skip

    @pytest.mark.parametrize("as_list", [False, True])
    def test_the_log_is_not_overwritten_whatever_names_it(self, trained, tmp_path, as_list):
        class Named:
            def __fspath__(self):
                return str(path)

        path = written(tmp_path / "run.html", trained[1])
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
    def test_mistakes(self, trained, tmp_path, runs, options, said):
        if runs == "run":
            runs = written(tmp_path / "run.jsonl", trained[1])
        with pytest.raises(w2v.ConfigError, match=re.escape(said)):
            w2v.report(runs, tmp_path / "report.html", **options)
        assert not (tmp_path / "report.html").exists()


class TestPage:
    def test_it_needs_nothing_else(self, page):
        tags = {each.tag for each in page.iter()}
        assert not tags & {"script", "link", "img", "iframe", "object", "embed", "use", "a"}
        for each in page.iter():
            assert not {"src", "href", "srcset", "xlink:href", "onclick"} & set(each.attrib)
            assert "url(" not in each.get("style", "")
        for place in ("http:", "https:", "url(", "@import", "//"):
            assert place not in CSS

    def test_it_is_accessible(self, page):
        assert page.get("lang") == "en"
        identities = [each.get("id") for each in page.iter() if each.get("id")]
        assert len(identities) == len(set(identities))
        drawings = [each for each in page.iter("svg") if each.get("role") == "img"]
        assert len(drawings) >= 7
        for drawing in drawings:
            named = drawing.get("aria-labelledby").split()
            texts = [text_of(each) for each in drawing.iter() if each.get("id") in named]
            assert len(texts) == 2
            assert all(texts)
        for title, card in cards(page).items():
            assert list(card.iter("table")), f"{title} has no table"

    def test_markup_in_names_is_text(self, trained, tmp_path):
        bad = "<script>alert('1')</script><b>&amp;\x07"
        events = [event.as_dict() for event in trained[1]]
        for event in events:
            if event["event"] == "prepared":
                event["corpus"] = bad
                event["versions"] = {bad: bad}
                event["config"] = {bad: bad}
            if event["event"] == "evaluated":
                event["scores"] = {bad: 0.5}
                event["sections"] = {bad: [{"name": bad, "answered": 3, "correct": 1}]}
        page = made(tmp_path, [events], vectors=w2v.KeyedVectors([bad, "b"], [[1, 0], [0, 1]]),
                    words=[bad])  # fmt: skip
        tags = {each.tag for each in page.iter()}
        assert not tags & {"script", "b"}
        assert text_of(page).count("<script>alert('1')</script><b>&amp;\\x07") > 8

    def test_colours_are_the_same_in_pictures(self):
        for number, colour in enumerate(colours.TRAININGS):
            assert CSS.count(f"--c{number}: {colour};") == 2  # on screen, and on paper
        for colour in colours.FATES.values():
            assert CSS.count(f": {colour};") >= 2

    @pytest.mark.parametrize("is_dark", [False, True])
    def test_colours_contrast_with_the_paper(self, is_dark):
        rules = CSS.split("prefers-color-scheme: dark")[is_dark].partition("\n}\n")[0]
        values = dict(re.findall(r"--([\w]+): (#\w{6});", rules))
        for name in ("ink", "soft"):
            assert contrast(values[name], values["card"]) > 4.5
        for name in ("c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "trained", "subsampled"):
            assert contrast(values[name], values["card"]) > 3


def contrast(first, second):
    """The contrast of two colours as WCAG 2 defines it."""

    def light(colour):
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted((light(first), light(second)))
    return (high + 0.05) / (low + 0.05)


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

    def test_mistakes(self, shell, trained):
        written(Path("run.jsonl"), trained[1])
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
