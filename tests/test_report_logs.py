"""What a report makes of logs: resumed, interrupted, damaged, old or foreign ones."""

import gzip
import json
import math

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from pages import cards, numbers, read_page, section, text_of
from report_events import BEGIN, RESUMED, WORDS, epoch, progress

import w2v
from w2v.reports.runs import collect


def page_of(tmp_path, content):
    if isinstance(content, list):
        content = "".join(json.dumps(line) + "\n" for line in content).encode()
    (tmp_path / "run.jsonl").write_bytes(content)
    w2v.report(tmp_path / "run.jsonl", tmp_path / "report.html")
    return read_page((tmp_path / "report.html").read_text(encoding="utf-8"))


def about(page):
    return text_of(next(iter(page.iter("header"))))


class TestInterrupted:
    def test_it_is_shown_as_far_as_it_goes(self, tmp_path):
        page = page_of(tmp_path, [*BEGIN, progress(500), epoch(1), progress(1500, 2.0)])
        assert "Not finished: the log ends after 38 % of the work." in about(page)
        assert numbers(page, "Loss")[-1] == ["epochs", "1,000", "2"]
        assert numbers(page, "Ledger") == [["1", "1,000", "100", "0", "300", "600", "1"]]

    def test_before_training(self, tmp_path):
        page = page_of(tmp_path, BEGIN)
        assert "The log ends before training began." in about(page)
        assert "Loss" not in cards(page)

    def test_in_the_middle_of_a_line(self, tmp_path):
        whole = "".join(json.dumps(line) + "\n" for line in [*BEGIN, epoch(1), epoch(2)])
        page = page_of(tmp_path, whole[:-30].encode())
        assert "The last line, 4, is cut off; the report ends before it." in about(page)
        assert len(numbers(page, "Ledger")) == 1

    def test_damaged_lines_are_passed_over(self, tmp_path):
        lines = [json.dumps(line).encode() for line in [*BEGIN, epoch(1), epoch(2)]]
        lines[2:2] = [b"\xff\xfe\x00", b"", b"[1, 2]", b'{"event": 3}', b"{" * 100_000]
        page = page_of(tmp_path, b"\n".join(lines))
        assert "Lines 3, 5, 6, 7 are not events and were passed over." in about(page)
        assert len(numbers(page, "Ledger")) == 2


class TestResumed:
    EVENTS = (
        *BEGIN, progress(500), progress(1000), epoch(1, 3.0), progress(1500), progress(1800),
        epoch(2, 9.0), *BEGIN, RESUMED, progress(1600), progress(2000), epoch(2, 2.5),
    )  # fmt: skip

    def test_what_was_done_again_counts_once(self):
        training = collect("run", self.EVENTS)
        assert [step.words for step in training.steps] == [500, 1000, 1500, 1600, 2000]
        assert [(each.epoch, each.loss) for each in training.epochs] == [(1, 3.0), (2, 2.5)]
        assert training.notes == ["Interrupted, and resumed after 1,500 words."]

    def test_twice(self):
        again = {**RESUMED, "words": 1900}
        training = collect("run", [*self.EVENTS, *BEGIN, again, progress(1950), epoch(2, 2.4)])
        assert [step.words for step in training.steps] == [500, 1000, 1500, 1600, 1950]
        assert training.resumed == [1500, 1900]
        assert [each.loss for each in training.epochs] == [3.0, 2.4]

    def test_the_place_is_marked(self, tmp_path):
        page = page_of(tmp_path, list(self.EVENTS))
        assert "resumed" in [each.text for each in cards(page)["Loss"].iter("text")]

    def test_from_another_log(self):
        training = collect("run", [*BEGIN, RESUMED, progress(1600)])
        assert "what was trained before is not in this log" in training.notes[0]

    def test_an_attempt_that_came_to_nothing(self):
        training = collect("run", [*BEGIN, progress(500), epoch(1), *BEGIN])
        assert len(training.epochs) == 1
        assert training.notes == ["A later attempt to go on ended before it trained anything."]

    def test_another_training_in_the_same_file(self):
        training = collect("run", [*BEGIN, epoch(1, 5.0), *BEGIN, epoch(1, 4.0)])
        assert [each.loss for each in training.epochs] == [4.0]
        assert training.notes == ["The log holds 2 trainings; this is the last."]

    def test_a_real_one(self, tmp_path):
        events = []
        settings = {"vector_size": 8, "workers": 1, "on_event": events.append}

        def stop(training):
            if training.done >= 0.5:
                training.stop()

        w2v.train("toy", epochs=4, checkpoint=tmp_path / "c", callbacks=stop, **settings)
        first = [event for event in events if not isinstance(event, w2v.Summary)]
        events.clear()
        whole = w2v.train(resume=tmp_path / "c", **settings)
        training = collect("run", [event.as_dict() for event in [*first, *events]])
        assert [each.loss for each in training.epochs] == [each.loss for each in whole.history]
        words = [step.words for step in training.steps]
        assert words == sorted(set(words))
        assert training.state == "Complete."


class TestForeign:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "is empty, without any event of a training; give a file that 'w2v train --log"),
            (b"\n\n", "is not a log of w2v: no line of it is an event"),
            (b'{"loss": 3}\n', "is not a log of w2v"),
            (b"\x00\x01\xff" * 99, "is not a log of w2v"),
        ],
    )
    def test_they_are_refused_in_a_sentence(self, shell, content, said):
        (shell.directory / "log.jsonl").write_bytes(content)
        assert said in shell.fail("report", "log.jsonl", "-o", "a.html")
        assert shell.files() == ["log.jsonl"]

    def test_a_directory(self, shell):
        assert ". is a directory; name the log in it." in shell.fail("report", ".", "-o", "a.html")

    def test_compressed(self, tmp_path):
        lines = "".join(json.dumps(line) + "\n" for line in [*BEGIN, epoch(1)])
        (tmp_path / "run.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
        w2v.report(tmp_path / "run.jsonl.gz", tmp_path / "report.html")
        page = read_page((tmp_path / "report.html").read_text())
        assert about(page).startswith("Report of a trainingrun. ")

    def test_compressed_and_cut_off(self, tmp_path):
        lines = [json.dumps(line) for line in [*BEGIN, *map(epoch, range(1, 300))]]
        data = gzip.compress("\n".join(lines).encode())
        (tmp_path / "run.jsonl.gz").write_bytes(data[: len(data) // 2])
        w2v.report(tmp_path / "run.jsonl.gz", tmp_path / "report.html")
        page = read_page((tmp_path / "report.html").read_text())
        assert 0 < len(numbers(page, "Ledger")) < 299
        assert "The file cannot be decompressed beyond line" in about(page)

    def test_compressed_and_damaged_from_the_start(self, shell):
        (shell.directory / "log.gz").write_bytes(b"\x1f\x8b\x08 damaged")
        said = shell.fail("report", "log.gz", "-o", "a.html")
        assert "log.gz is damaged: it cannot be decompressed" in said
        assert said.rstrip().endswith("; fetch it again.")


class TestOld:
    def test_a_log_without_settings_at_its_beginning(self, tmp_path):
        summary = {
            "event": "summary", "tokens": 900, "corpus_words": WORDS, "vocabulary": 50, "epochs": 1,
            "done": 1.0, "train_seconds": 2.0, "compile_seconds": 0.1, "words_per_second": 500.0,
            "loss": 2.0, "held_out_loss": None, "scores": {"genders": 0.25}, "ledger": {},
            "config": {"window": 7},
        }  # fmt: skip
        scored = {"event": "evaluated", "words": WORDS, "scores": {"genders": 0.25},
                  "held_out_loss": None, "seconds": 0.1}  # fmt: skip
        page = page_of(tmp_path, [*BEGIN, progress(WORDS), epoch(1), scored, summary])
        assert "Complete." in about(page)
        assert "window" in text_of(section(page, "Settings"))
        assert numbers(page, "genders") == [["1,000", "0.2500"]]
        assert "Frequencies" not in cards(page)


class TestAnUnknownSize:
    """Without the events "vocabulary" and "summary" nothing names the words of an epoch."""

    def test_epochs_are_apart(self, tmp_path):
        page = page_of(tmp_path, [epoch(number, 3 - number) for number in (1, 2)])
        assert numbers(page, "Loss") == [["1", "2"], ["2", "1"]]
        assert "epochs" in [each.text for each in cards(page)["Loss"].iter("text")]

    def test_others_are_counted_in_epochs_too(self, tmp_path):
        known = [*BEGIN, progress(1500), epoch(2, 2.5)]
        w2v.report([[epoch(1, 3.0)], known], tmp_path / "a.html")
        page = read_page((tmp_path / "a.html").read_text())
        assert [row[1:] for row in numbers(page, "Loss")] == [
            ["1", "3"], ["1.5000", "2"], ["2", "2.5000"],
        ]  # fmt: skip

    def test_progress_reveals_it(self, tmp_path):
        page = page_of(tmp_path, [progress(1500), epoch(1, 3.0), epoch(2, 2.5)])
        ended = [row[1:] for row in numbers(page, "Loss") if row[0] == "epochs"]
        assert ended == [["1,000", "3"], ["2,000", "2.5000"]]


class TestCurves:
    def test_numbers_that_are_not_known_leave_no_point(self, tmp_path):
        events = [*BEGIN, epoch(1, None), epoch(2, 2.5), epoch(3, math.nan), epoch(4, math.inf)]
        page = page_of(tmp_path, events)
        assert numbers(page, "Loss") == [["2,000", "2.5000"]]
        assert "NaN" not in text_of(page)
        assert "nan" not in text_of(page)

    def test_of_many_lines_some_are_shown(self, tmp_path):
        events = [progress(words, float(words)) for words in range(1, 20_000)]
        page = page_of(tmp_path, [*BEGIN, *events])
        rates = numbers(page, "Learning rate")
        assert (len(rates), rates[0][0], rates[-1][0]) == (40, "1", "19,999")
        assert (tmp_path / "report.html").stat().st_size < 200_000

    def test_time_that_stands_still(self, tmp_path):
        page_of(tmp_path, [*BEGIN, progress(1, 0.0), progress(2, 0.0), progress(2, 1.0)])


@pytest.mark.parametrize("form", ["html", "png"])
@pytest.mark.parametrize(
    "events",
    [
        [{**BEGIN[0], "corpus_words": 1e200}, {**epoch(1), "epoch": 1e200}],
        [*BEGIN, progress(500, learning_rate=5e-324), progress(900, learning_rate=0.0)],
        [*BEGIN, progress(500, learning_rate=-9e299), progress(900, learning_rate=9e299)],
        [*BEGIN, progress(500, 1e-300), progress(10**18, 2e-300, words_per_second=9e299)],
        [progress(10**18, done=1e-300), epoch(1)],
        [*BEGIN, {**epoch(1), "loss": 1e-320}, {**epoch(2), "loss": 9e299}],
    ],
)
def test_extreme_numbers_are_drawn_or_left_out(tmp_path, events, form):
    w2v.report([events], tmp_path / f"a.{form}")


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9),
    st.lists(st.integers() | st.lists(st.integers(), max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers() | st.floats() | st.text(), max_size=2),
)  # fmt: skip


@examples(250)
@given(st.data())
def test_whatever_the_fields_hold_there_is_a_page(tmp_path_factory, data):
    """Events whose fields are replaced by anything; some are left out or repeated."""
    frequencies = {**BEGIN[0], "frequencies": [[1, 50], [2, 9]], "is_given": False}
    scored = {
        "event": "evaluated", "words": 5, "scores": {"a": 0.5}, "held_out_loss": 2.0,
        "sections": {"a": [{"name": "b", "answered": 3, "correct": 1}]}, "seconds": 1.0,
    }  # fmt: skip
    prepared = {"event": "prepared", "corpus": "x", "time": "now", "versions": {}, "config": {}}
    summary = {"event": "summary", "done": 1.0, "ledger": {"epochs": [epoch(1)], "read": 5}}
    known = [frequencies, BEGIN[1], prepared, RESUMED, progress(5), epoch(1), scored, summary]
    events = []
    for event in data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=9)):
        changed = dict(event)
        for name in data.draw(st.lists(st.sampled_from(sorted(event)[1:]), max_size=4)):
            if name != "event":
                changed[name] = data.draw(VALUES)
        events.append(changed)
    path = tmp_path_factory.mktemp("page") / "report.html"
    w2v.report([events], path)
    read_page(path.read_text(encoding="utf-8"))
