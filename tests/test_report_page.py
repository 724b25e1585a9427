"""The page of a report: one file, accessible, whatever its texts hold; and in a browser."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pages import cards, text_of
from report_events import RUNS
from report_runs import made

import w2v
from w2v.reports import colours

CSS = (Path(w2v.__file__).parent / "reports" / "page.css").read_text()


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

    def test_markup_in_names_is_text(self, skipgram_run, tmp_path):
        bad = "<script>alert('1')</script><b>&amp;\x07"
        events = [event.as_dict() for event in skipgram_run[1]]
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
        for name in ("INK", "SOFT", "LINE", "TINT", "CHANGE", "ALL"):
            assert CSS.count(f"--{name.lower()}: {getattr(colours, name)};") >= 1

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
