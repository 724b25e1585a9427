"""Maps that are opened in a browser, for the tests of their page."""

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
    """A browser for the tests of a file; as long as it lives, no other event loop can run."""
    with started() as browser:
        yield browser


def some_vectors(count, size=8, odd=()):
    """Vectors around twenty centres, with counts that fall as in a text."""
    generator = np.random.default_rng(1)
    centres = generator.normal(size=(20, size))
    matrix = centres[np.arange(count) % 20] + generator.normal(scale=0.3, size=(count, size))
    words = [*odd, *(f"word{number}" for number in range(count - len(odd)))]
    return w2v.KeyedVectors(words, matrix, 1_000_000 // np.arange(1, count + 1))


@pytest.fixture(scope="session")
def map_vectors():
    """Vectors of words, some of which look like markup."""
    return some_vectors(1500, odd=ODD_WORDS)


@pytest.fixture(scope="session")
def map_file(map_vectors, tmp_path_factory):
    """The page of their map."""
    path = tmp_path_factory.mktemp("map") / "map.html"
    map_vectors.map().save(path, title="<b>Title</b> & {{data}}")
    return path


@pytest.fixture
def opened(browser, map_file):
    """Opens the page; at the end nothing was complained of, and nothing but the file was asked."""
    visits = []

    def visit(query="", width=1280, height=800, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        visits.append(Visit(context.new_page(), map_file, query))
        return visits[-1]

    yield visit
    for each in visits:
        assert each.js("window.broken") is None
        assert each.complaints == []
        assert {address.partition("?")[0].partition("#")[0] for address in each.requests} == {
            each.address
        }
        each.page.context.close()


def overlapping(labels):
    """The pairs of labels that lie on each other."""
    return [
        (one["word"], other["word"])
        for place, one in enumerate(labels)
        for other in labels[:place]
        if one["left"] < other["left"] + other["width"]
        and other["left"] < one["left"] + one["width"]
        and one["top"] < other["top"] + other["height"]
        and other["top"] < one["top"] + one["height"]
    ]


def found_neighbours(visit):
    """The neighbours that the panel lists: their words and similarities."""
    return visit.js(
        "[...document.querySelectorAll('.neighbour')].map(row => "
        "[wordMap.data.words[row.dataset.word], Number(row.querySelector('.number').textContent)])"
    )


def check_neighbours(visit, vectors, word):
    """The panel lists the neighbours of a word that its vectors have."""
    expected = vectors.most_similar(word, topn=10)
    found = found_neighbours(visit)
    assert [near for near, _ in found] == [near for near, _ in expected]
    np.testing.assert_allclose([s for _, s in found], [s for _, s in expected], atol=6e-5)
