"""The report of trainings: its numbers are those of the log, of one training and of several."""

import pytest
from pages import cards, numbers, rows_of, section, text_of
from report_runs import made, of_kind, written

import w2v


class TestNumbers:
    def test_the_loss_is_that_of_the_log(self, page, skipgram_run):
        _, events = skipgram_run
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

    def test_the_scores_are_those_of_the_log(self, page, skipgram_run):
        _, events = skipgram_run
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

    def test_the_ledger_is_that_of_the_log(self, page, skipgram_run):
        ledger = skipgram_run[1][-1].ledger
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

    def test_rate_speed_and_frequencies_are_those_of_the_log(self, page, skipgram_run):
        _, events = skipgram_run
        progress = of_kind(events, w2v.Progress)
        rates = numbers(page, "Learning rate")
        assert rates[-1] == [f"{progress[-1].words:,}", f"{progress[-1].learning_rate:.4g}"]
        speeds = [row for row in numbers(page, "Speed") if row[0] == "mean so far"]
        assert speeds[-1][2] == f"{progress[-1].words_per_second:,.0f}"
        [counted] = of_kind(events, w2v.VocabularyCounted)
        rows = numbers(page, "Frequencies")
        for row in (rows[0], rows[-1]):
            assert [int(cell.replace(",", "")) for cell in row] in counted.frequencies

    def test_results_settings_and_versions(self, page, skipgram_run):
        model, events = skipgram_run
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

    def test_neighbours_are_those_of_the_vectors(self, skipgram_run, tmp_path):
        model, events = skipgram_run
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
    def both(self, skipgram_run, cbow_run, tmp_path):
        logs = [
            written(tmp_path / f"{name}.jsonl", events)
            for name, (_, events) in zip(("first", "second"), (skipgram_run, cbow_run), strict=True)
        ]
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

    def test_equal_names_are_told_apart(self, skipgram_run, tmp_path):
        logs = []
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            logs.append(written(tmp_path / name / "run.jsonl", skipgram_run[1]))
        page = made(tmp_path, [*logs, logs[0]])
        names = [each.text for each in page.iter("strong")]
        assert names == [f"{logs[0]} (1)", str(logs[1]), f"{logs[0]} (2)"]

    def test_more_than_there_are_colours(self, skipgram_run, tmp_path):
        page = made(tmp_path, [skipgram_run[1]] * 10)
        classes = {each.get("class") for each in next(iter(page.iter("ul")))}
        assert classes == {f"run{number}" for number in range(8)}
