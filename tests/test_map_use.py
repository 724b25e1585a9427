"""A map in a real browser is used: dragged, clicked, searched, by keyboard."""

import io

import numpy as np
import pytest
from map_visits import check_neighbours, overlapping


@pytest.fixture
def counted(opened):
    """A page that counts how often its sheet and its points are drawn."""
    visit = opened()
    visit.until("wordMap.drawn().labels.length > 20")
    visit.js(
        "() => { window.draws = { sheet: 0, points: 0 };"
        "const count = (what, name, method) => { const drawn = what[method].bind(what);"
        "what[method] = (...given) => { window.draws[name] += 1; return drawn(...given); }; };"
        "count(wordMap.sheet, 'sheet', 'draw'); count(wordMap.points(), 'points', 'render'); }"
    )
    return visit


def settled(visit):
    """Wait for the frames that are due."""
    visit.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def press(visit, left, top):
    """Press the button there, and count from now on; a word under the pointer may be ringed."""
    visit.page.mouse.move(left, top)
    visit.page.mouse.down()
    settled(visit)
    visit.js("() => { window.draws = { sheet: 0, points: 0 }; }")


def test_a_drag_moves_what_was_drawn_and_draws_it_again_at_its_end(counted):
    mouse = counted.page.mouse
    press(counted, 700, 400)
    before = counted.js("wordMap.drawn().labels")
    for step in range(1, 7):
        mouse.move(700 + 20 * step, 400 - 10 * step)
        settled(counted)
    assert counted.js("window.draws") == {"sheet": 0, "points": 0}
    after = counted.js("wordMap.drawn().labels")
    assert [label["word"] for label in after] == [label["word"] for label in before]
    shifts = [[new[side] - old[side] for side in ("left", "top")]
              for old, new in zip(before, after, strict=True)]  # fmt: skip
    np.testing.assert_allclose(shifts, np.tile([120, -60], (len(shifts), 1)), atol=1e-9)
    moved = counted.page.screenshot()
    mouse.up()
    settled(counted)
    assert counted.js("window.draws") == {"sheet": 1, "points": 1}
    assert differing(moved, counted.page.screenshot()) < 1e-3


def differing(one, other):
    """The share of pixels of two screenshots that differ visibly."""
    image = pytest.importorskip("PIL.Image", reason="this needs Pillow")
    first, second = (
        np.asarray(image.open(io.BytesIO(shot)).convert("RGB"), dtype=int) for shot in (one, other)
    )
    return np.mean(np.abs(first - second).max(axis=2) > 40)


def test_a_long_drag_draws_before_paper_would_show(counted):
    mouse = counted.page.mouse
    press(counted, 400, 400)
    for step in range(1, 11):
        mouse.move(400 + 60 * step, 400)
        settled(counted)
        left, top = counted.js("wordMap.sheet.origin")
        width, height = counted.js(
            "['width', 'height'].map(side => parseFloat(wordMap.sheet.canvas.style[side]))"
        )
        assert (left <= 0, top <= 0) == (True, True)
        assert (left + width >= 1280, top + height >= 800) == (True, True)
    assert 1 <= counted.js("window.draws.sheet") <= 2


def test_a_hovered_word_does_not_draw_the_points_again(counted):
    label = counted.js("wordMap.drawn().labels.find(box => box.left > 400 && box.top > 200)")
    counted.page.mouse.move(label["left"] + 4, label["top"] + label["height"] / 2)
    counted.until("wordMap.state.hovered >= 0 && window.draws.sheet > 0")
    assert counted.js("window.draws.points") == 0
    counted.page.mouse.wheel(0, -400)
    counted.until("window.draws.points > 0")


def test_a_click_lists_the_neighbours_and_draws_lines_to_them(opened, map_vectors):
    visit = opened()
    visit.page.wait_for_timeout(300)
    label = visit.js(
        "wordMap.drawn().labels.find(box => box.left > 400 && box.top > 200 && box.top < 600)"
    )
    word = visit.js("number => wordMap.data.words[number]", label["word"])
    visit.page.mouse.click(label["left"] + 4, label["top"] + label["height"] / 2)
    visit.until("!document.getElementById('word').hidden")
    assert visit.page.locator("#word-name").inner_text() == word
    assert (
        f"seen {map_vectors.get_count(word):,} times"
        in visit.page.locator("#word-about").inner_text()
    )
    check_neighbours(visit, map_vectors, word)
    visit.until("wordMap.drawn().lines.length === 10")
    ends = visit.js("wordMap.drawn().lines.map(line => [line.from, wordMap.data.words[line.to]])")
    assert {start for start, _ in ends} == {label["word"]}
    assert [near for _, near in ends] == [
        near for near, _ in map_vectors.most_similar(word, topn=10)
    ]
    assert overlapping(visit.js("wordMap.drawn().labels")) == []
    near = visit.page.locator(".neighbour").nth(2)
    name = near.locator("bdi").inner_text()
    near.click()
    visit.until("document.querySelector('#word-name').textContent === " + repr(name))
    check_neighbours(visit, map_vectors, name)


def test_a_drag_moves_the_map_and_chooses_nothing(opened):
    visit = opened()
    before = visit.js("wordMap.view.toScreen(0, 0)")
    visit.page.mouse.move(700, 400)
    visit.page.mouse.down()
    visit.page.mouse.move(760, 380, steps=4)
    visit.page.mouse.up()
    after = visit.js("wordMap.view.toScreen(0, 0)")
    np.testing.assert_allclose(np.subtract(after, before), [60, -20], atol=16)
    assert visit.js("wordMap.state.selected") == -1
    point = visit.js("wordMap.view.toPlane(800, 300)")
    visit.page.mouse.move(800, 300)
    visit.page.mouse.wheel(0, -400)
    visit.until("wordMap.view.zoom > 1.2")
    np.testing.assert_allclose(visit.js("wordMap.view.toPlane(800, 300)"), point, atol=1e-6)


def test_search_completes_rings_and_goes_to_a_word(opened, map_vectors):
    visit = opened()
    visit.page.keyboard.press("/")
    assert visit.js("document.activeElement.id") == "search"
    visit.page.keyboard.type("word12")
    visit.until("document.querySelectorAll('#completions li').length === 8")
    options = visit.page.locator("#completions li").all_inner_texts()
    assert options[:3] == ["word12", "word120", "word121"]
    visit.until("wordMap.drawn().rings.length > 10")
    visit.page.keyboard.press("ArrowDown")
    active = visit.js("document.getElementById('search').getAttribute('aria-activedescendant')")
    assert visit.page.locator(f"#{active}").inner_text() == "word120"
    visit.page.keyboard.press("Enter")
    assert visit.page.locator("#word-name").inner_text() == "word120"
    check_neighbours(visit, map_vectors, "word120")
    visit.until(
        f"wordMap.drawn().rings.includes({map_vectors.get_index('word120')})"
        " && wordMap.drawn().lines.length === 10"
    )
    visit.page.keyboard.press("/")
    visit.page.keyboard.type("no such word")
    visit.page.locator("#search-note").wait_for(state="visible")
    assert visit.page.locator("#search-note").inner_text() == "No word of this map matches."


def test_the_keyboard_alone_is_enough(opened):
    visit = opened()
    keys = visit.page.keyboard
    start = visit.js("[wordMap.view.x, wordMap.view.y, wordMap.view.zoom]")
    keys.press("+")
    keys.press("ArrowRight")
    keys.press("ArrowDown")
    x, y, zoom = visit.js("[wordMap.view.x, wordMap.view.y, wordMap.view.zoom]")
    assert x > start[0]
    assert y < start[1]
    assert zoom > start[2]
    keys.press("-")
    keys.press("0")
    visit.until("wordMap.view.zoom === 1 && wordMap.view.x === 0")
    visit.js("wordMap.choose(5)")
    keys.press("Escape")
    assert visit.page.locator("#word").is_hidden()
    order = []
    for _ in range(20):
        keys.press("Tab")
        order.append(visit.js("document.activeElement.id || document.activeElement.className"))
        outline = visit.js(
            "getComputedStyle(document.activeElement, document.activeElement.id === 'stage'"
            " ? '::after' : null)[document.activeElement.id === 'stage' ? 'borderTopStyle' :"
            " 'outlineStyle']"
        )
        assert outline == "solid"
        if order[-1] == "theme":
            break
    assert order[:3] == ["stage", "search", "legend-title"]
    assert order[3:-4] == ["group"] * (len(order) - 7)
    assert order[-4:] == ["closer", "farther", "whole", "theme"]


def test_a_group_steps_forward(opened):
    visit = opened()
    button = visit.page.locator(".group").first
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert visit.js("wordMap.state.group") == 0
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
