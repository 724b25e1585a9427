"""The page of a map in a real browser: what it shows, and that it stays offline."""

from urllib.parse import quote

import numpy as np
import pytest
from browser import Visit
from map_visits import ODD_WORDS, check_neighbours, overlapping

import w2v


@pytest.mark.parametrize(("query", "way"), [("", "webgl"), ("?canvas", "canvas")])
def test_the_page_draws_points_and_labels(opened, query, way):
    visit = opened(query)
    assert visit.js("document.documentElement.dataset.ready") == way
    visit.until("wordMap.drawn().labels.length > 20")
    visit.until(
        "(() => { const canvas = document.getElementById('sheet');"
        "const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;"
        "return new Set(new Uint32Array(data.buffer)).size > 20; })()"
    )
    assert visit.page.locator("#without-webgl").is_visible() == (way == "canvas")
    assert visit.page.title() == "<b>Title</b> & {{data}}"
    assert visit.page.locator("h1").inner_text() == "<b>Title</b> & {{data}}"


def test_points_are_drawn_where_labels_and_clicks_take_them_to_be(opened):
    """Both ways to draw put the same word at the same pixel."""
    pixels = []
    for query in ("", "?canvas"):
        visit = opened(query)
        visit.page.keyboard.press("+")
        visit.page.keyboard.press("ArrowLeft")
        pixels.append(
            visit.js(
                "() => { const { data, view } = wordMap;"
                "const canvas = document.createElement('canvas');"
                "[canvas.width, canvas.height] = [view.width, view.height];"
                "const context = canvas.getContext('2d');"
                "wordMap.points().draw(context, view);"
                "const found = context.getImageData(0, 0, view.width, view.height).data;"
                "const paper = found.slice(0, 3);"
                "return data.words.map((_, word) =>"
                "view.toScreen(data.x[word], data.y[word]).map(Math.round))"
                ".filter(([left, top]) => left > 0 && left < view.width && top > 0 && "
                "top < view.height).map(([left, top]) => Math.max(...paper.map((shade, part) =>"
                "Math.abs(shade - found[4 * (top * view.width + left) + part]))) > 20); }"
            )
        )
    assert len(pixels[0]) == len(pixels[1]) > 100
    assert all(map(all, pixels))


def test_labels_never_overlap_and_keep_their_place_in_closer_views(opened):
    visit = opened()
    seen = set()
    for _ in range(7):
        visit.page.wait_for_timeout(150)
        labels = visit.js("wordMap.drawn().labels")
        assert len(labels) > 5
        assert overlapping(labels) == []
        size = visit.js("[wordMap.view.width, wordMap.view.height]")
        within = {
            label["word"] for label in labels
            if label["left"] > 0 and label["left"] + label["width"] < size[0]
            and 0 < label["top"] < size[1] - 30
        }  # fmt: skip
        still = visit.js(
            "words => words.filter(word => { const [left, top] = wordMap.view.toScreen("
            "wordMap.data.x[word], wordMap.data.y[word]);"
            "return left > 200 && left < wordMap.view.width - 200 && top > 60 && "
            "top < wordMap.view.height - 60; })",
            sorted(seen),
        )
        assert set(still) <= within
        seen |= within
        visit.page.keyboard.press("+")
    assert max(seen) > 100  # rarer words appeared


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system_and_the_button(opened, scheme):
    visit = opened(color_scheme=scheme)
    papers = {"light": "rgb(251, 251, 250)", "dark": "rgb(20, 23, 28)"}
    paper = "getComputedStyle(document.body).backgroundColor"
    other = "dark" if scheme == "light" else "light"
    assert (visit.js(paper), visit.js("wordMap.theme().name")) == (papers[scheme], scheme)
    visit.page.emulate_media(color_scheme=other)
    visit.until(f"wordMap.theme().name === '{other}'")
    visit.page.locator("#theme").click()
    assert (visit.js(paper), visit.js("wordMap.theme().name")) == (papers[scheme], scheme)
    contrast = visit.js("wordMap.theme().labels.map(colour => [colour, wordMap.theme().paper])")
    assert min(contrast_of(*pair) for pair in contrast) > 4.5


def contrast_of(one, other):
    """The contrast ratio of WCAG 2."""
    shades = []
    for colour in (one, other):
        parts = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        shades.append(linear @ [0.2126, 0.7152, 0.0722])
    return (max(shades) + 0.05) / (min(shades) + 0.05)


def test_a_phone_shows_it_all(opened):
    visit = opened(width=390, height=844, has_touch=True, is_mobile=True, device_scale_factor=2)
    assert visit.js("document.documentElement.scrollWidth") <= 390
    visit.until("wordMap.drawn().labels.length > 5")
    assert visit.page.locator("#head").bounding_box()["height"] < 844 / 5  # the map shows
    visit.js("wordMap.choose(20)")
    for name in ("head", "tools", "word"):
        box = visit.page.locator(f"#{name}").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["y"] + box["height"] <= 844
    assert (
        visit.js("parseFloat(getComputedStyle(document.querySelector('.neighbour')).fontSize)")
        >= 13
    )


def test_any_word_is_text(opened, map_vectors):
    visit = opened()
    for number, word in enumerate(ODD_WORDS):
        assert visit.js("number => wordMap.data.words[number]", number) == word
        visit.js("number => wordMap.choose(number)", number)
        name = visit.page.locator("#word-name").text_content()
        assert name == word.replace("\u2028", "\ufffd").replace("l" * 500, "l" * 299 + "…")
        check_neighbours(visit, map_vectors, word)
    assert visit.js("document.querySelectorAll('img, script:not([type])').length") == 2


def test_a_long_name_of_a_group_is_shortened(browser, map_vectors, tmp_path):
    groups = {"word14": "g" * 5000, "word15": "short"}
    map_vectors.map(groups=groups).save(tmp_path / "map.html")
    context = browser.new_context()
    visit = Visit(context.new_page(), tmp_path / "map.html")
    visit.js("wordMap.choose(wordMap.data.words.indexOf('word14'))")
    for place in ("#word-group", "#groups button >> nth=0"):
        assert "g" * 59 + "…" in visit.page.locator(place).text_content()
    assert visit.complaints == []
    context.close()


def test_a_complaint_is_heard_and_what_a_driver_says_of_speed_is_not(browser, map_file):
    context = browser.new_context()
    visit = Visit(context.new_page(), map_file)
    for kind in ("Performance", "Error"):
        visit.js(f"console.warn('[.WebGL-0x1]GL Driver Message (OpenGL, {kind}, 1, High): words')")
    visit.until("true")  # what the console said has come by now
    assert visit.complaints == ["[.WebGL-0x1]GL Driver Message (OpenGL, Error, 1, High): words"]
    context.close()


def test_an_address_may_name_a_word(opened):
    visit = opened("#" + quote("猫科动物"))
    assert visit.page.locator("#word-name").text_content() == "猫科动物"
    assert opened("#%E0%A4%A").js("wordMap.state.selected") == -1


def test_half_a_character_does_not_break_the_page(browser, tmp_path):
    words = ["a\udc80b", "\ud83d", "whole"]
    w2v.KeyedVectors(words, np.eye(3)).map().save(tmp_path / "map.html", title="\udc80")
    context = browser.new_context()
    visit = Visit(context.new_page(), tmp_path / "map.html")
    assert visit.js("wordMap.data.words.map(word => word.charCodeAt(word.length - 1))") == [
        98, 0xD83D, 101,
    ]  # fmt: skip
    visit.js("wordMap.choose(1)")
    assert visit.complaints == []
    context.close()
