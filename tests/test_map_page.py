"""The page of a map in a real browser: what it shows, how it is used, and that it stays offline."""

import io
from urllib.parse import quote

import numpy as np
import pytest
from browser import Visit, started

import w2v

ODD_WORDS = [
    "</script><script>window.broken=1</script>", "<img src=x onerror=window.broken=2>",
    "it's \"quoted\" & more", "שלום\u202eעולם", "👩‍👩‍👧‍👦",
    "猫科动物", "l" * 500, "a\u2028b", "{{data}}",
    "<!--", "\\u003c", "%", "#word", "constructor",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    with started() as browser:
        yield browser


def some_vectors(count, size=8, odd=()):
    """Vectors around twenty centres, with counts that fall as in a text."""
    generator = np.random.default_rng(1)
    centres = generator.normal(size=(20, size))
    matrix = centres[np.arange(count) % 20] + generator.normal(scale=0.3, size=(count, size))
    words = [*odd, *(f"word{number}" for number in range(count - len(odd)))]
    return w2v.KeyedVectors(words, matrix, 1_000_000 // np.arange(1, count + 1))


@pytest.fixture(scope="module")
def vectors():
    return some_vectors(1500, odd=ODD_WORDS)


@pytest.fixture(scope="module")
def file(vectors, tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "map.html"
    vectors.map().save(path, title="<b>Title</b> & {{data}}")
    return path


@pytest.fixture
def opened(browser, file):
    """Opens the page; at the end nothing was complained of, and nothing but the file was asked."""
    visits = []

    def visit(query="", width=1280, height=800, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        visits.append(Visit(context.new_page(), file, query))
        return visits[-1]

    yield visit
    for each in visits:
        assert each.js("window.broken") is None
        assert each.complaints == []
        assert {address.partition("?")[0].partition("#")[0] for address in each.requests} == {
            each.address
        }
        each.page.context.close()


def found_neighbours(visit):
    """The neighbours that the panel lists: their words and similarities."""
    return visit.js(
        "[...document.querySelectorAll('.neighbour')].map(row => "
        "[wordMap.data.words[row.dataset.word], Number(row.querySelector('.number').textContent)])"
    )


def check_neighbours(visit, vectors, word):
    expected = vectors.most_similar(word, topn=10)
    found = found_neighbours(visit)
    assert [near for near, _ in found] == [near for near, _ in expected]
    np.testing.assert_allclose([s for _, s in found], [s for _, s in expected], atol=6e-5)


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


def overlapping(labels):
    return [
        (one["word"], other["word"])
        for place, one in enumerate(labels)
        for other in labels[:place]
        if one["left"] < other["left"] + other["width"]
        and other["left"] < one["left"] + one["width"]
        and one["top"] < other["top"] + other["height"]
        and other["top"] < one["top"] + one["height"]
    ]


def test_a_click_lists_the_neighbours_and_draws_lines_to_them(opened, vectors):
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
        f"seen {vectors.get_count(word):,} times" in visit.page.locator("#word-about").inner_text()
    )
    check_neighbours(visit, vectors, word)
    visit.until("wordMap.drawn().lines.length === 10")
    ends = visit.js("wordMap.drawn().lines.map(line => [line.from, wordMap.data.words[line.to]])")
    assert {start for start, _ in ends} == {label["word"]}
    assert [near for _, near in ends] == [near for near, _ in vectors.most_similar(word, topn=10)]
    assert overlapping(visit.js("wordMap.drawn().labels")) == []
    near = visit.page.locator(".neighbour").nth(2)
    name = near.locator("bdi").inner_text()
    near.click()
    visit.until("document.querySelector('#word-name').textContent === " + repr(name))
    check_neighbours(visit, vectors, name)


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


def test_search_completes_rings_and_goes_to_a_word(opened, vectors):
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
    check_neighbours(visit, vectors, "word120")
    visit.until(
        f"wordMap.drawn().rings.includes({vectors.get_index('word120')})"
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


def test_any_word_is_text(opened, vectors):
    visit = opened()
    for number, word in enumerate(ODD_WORDS):
        assert visit.js("number => wordMap.data.words[number]", number) == word
        visit.js("number => wordMap.choose(number)", number)
        name = visit.page.locator("#word-name").text_content()
        assert name == word.replace("\u2028", "\ufffd").replace("l" * 500, "l" * 299 + "…")
        check_neighbours(visit, vectors, word)
    assert visit.js("document.querySelectorAll('img, script:not([type])').length") == 2


def test_a_long_name_of_a_group_is_shortened(browser, vectors, tmp_path):
    groups = {"word14": "g" * 5000, "word15": "short"}
    vectors.map(groups=groups).save(tmp_path / "map.html")
    context = browser.new_context()
    visit = Visit(context.new_page(), tmp_path / "map.html")
    visit.js("wordMap.choose(wordMap.data.words.indexOf('word14'))")
    for place in ("#word-group", "#groups button >> nth=0"):
        assert "g" * 59 + "…" in visit.page.locator(place).text_content()
    assert visit.complaints == []
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
