"""Maps: which words are on them, their places, groups and neighbours, and the files written."""

import json
import re
import subprocess
import sys
import warnings

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

import w2v
from w2v.maps import layout
from w2v.maps.colours import palette
from w2v.maps.layout import lay_out, principal_components


def planted(clusters=4, each=15, size=12, seed=1):
    """Vectors in tight clusters far apart; words are named by their cluster: a0, b0, …, a1, …"""
    generator = np.random.default_rng(seed)
    centres = np.eye(size)[:clusters]
    rows = [
        centres[number % clusters] + generator.normal(scale=0.1, size=size)
        for number in range(clusters * each)
    ]
    words = [f"{'abcdefgh'[number % clusters]}{number // clusters}" for number in range(len(rows))]
    return w2v.KeyedVectors(words, np.array(rows), counts=np.arange(len(rows), 0, -1) * 10)


@pytest.fixture(scope="module")
def vectors():
    return planted()


def test_neighbours_are_those_of_most_similar(vectors):
    shown = vectors.map()
    assert shown.words == vectors.index_to_key
    assert shown.neighbours.shape == shown.similarities.shape == (60, 10)
    for row, word in enumerate(shown.words):
        expected = vectors.most_similar(word, topn=10)
        assert [shown.words[near] for near in shown.neighbours[row]] == [w for w, _ in expected]
        np.testing.assert_allclose(shown.similarities[row], [s for _, s in expected], atol=1e-6)


def test_the_commonest_words_are_shown():
    counts = [5, 9, 1, 7, 3]
    vectors = w2v.KeyedVectors(list("abcde"), np.eye(5), counts)
    shown = vectors.map(top=4)
    assert shown.words == ["b", "d", "a", "e"]
    assert shown.counts.tolist() == [9, 7, 5, 3]
    assert shown.neighbours.shape == (4, 3)
    assert vectors.map(words=["e", "missing", "c", "a", "e"]).words == ["a", "e", "c"]
    assert vectors.map(top=3, words=iter("edcba")).words == ["b", "d", "a"]
    assert w2v.KeyedVectors(list("abcde"), np.eye(5)).map(top=3).words == ["a", "b", "c"]


def test_neighbours_of_a_chosen_few_are_among_them(vectors):
    shown = vectors.map(words=["a0", "a1", "b0", "b1", "c0"])
    assert [shown.words[near] for near in shown.neighbours[:, 0]][:4] == [
        "b0",
        "a0",
        "b1",
        "a1",
    ] or {
        (word, shown.words[near[0]])
        for word, near in zip(shown.words, shown.neighbours, strict=True)
    } >= {("a0", "a1"), ("a1", "a0"), ("b0", "b1"), ("b1", "b0")}


def test_pca_is_that_of_scikit_learn():
    from sklearn.decomposition import PCA

    units = planted(size=9).get_normed_vectors()
    found, expected = principal_components(units), PCA(2).fit_transform(units.astype(np.float64))
    for axis in range(2):
        sign = np.sign(found[:, axis] @ expected[:, axis])
        np.testing.assert_allclose(found[:, axis], sign * expected[:, axis], atol=1e-5)
        assert found[np.abs(found[:, axis]).argmax(), axis] > 0


@pytest.mark.parametrize("size", [1, 2, 3])
def test_vectors_of_few_numbers_are_laid_out(size):
    matrix = np.random.default_rng(1).normal(size=(20, size))
    shown = w2v.KeyedVectors([f"w{row}" for row in range(20)], matrix).map()
    assert shown.positions.shape == (20, 2)
    assert shown.positions.dtype == np.float32
    assert np.abs(shown.positions).max() == pytest.approx(1)


@pytest.mark.parametrize("method", layout.METHODS)
@pytest.mark.parametrize("count", [3, 45])
def test_every_layout_keeps_planted_clusters_together(method, count):
    needed = layout.METHODS[method].module
    if needed:
        pytest.importorskip(needed, reason=f"the layout {method} needs {needed}")
    vectors = planted(clusters=3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shown = vectors.map(top=count, method=method)
        again = vectors.map(top=count, method=method)
    places = shown.positions
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()
    np.testing.assert_array_equal(places, again.positions)
    if count > 3:
        apart = np.linalg.norm(places[:, None] - places, axis=2) + 9 * np.eye(count)
        same = [
            shown.words[row][0] == shown.words[near][0] for row, near in enumerate(apart.argmin(1))
        ]
        assert np.mean(same) > 0.95


def test_clusters_are_the_planted_ones_and_named_by_their_words():
    shown = planted(clusters=4, each=15).map()
    assert not shown.groups.are_given
    pure = [set() for _ in shown.groups.names]
    for word, group in zip(shown.words, shown.groups.numbers, strict=True):
        pure[group].add(word[0])
    assert all(len(letters) == 1 for letters in pure)
    for name, letters in zip(shown.groups.names, pure, strict=True):
        assert {word[0] for word in name.split(", ")} == letters
    sizes = np.bincount(shown.groups.numbers)
    assert (np.diff(sizes) <= 0).all()


def test_given_groups_colour_their_words(vectors):
    shown = vectors.map(groups={"a0": "first", "b0": "second", "a1": "first", "zzz": "third"})
    assert shown.groups.names == ["first", "second"]
    assert shown.groups.are_given
    assert shown.groups.numbers[:6].tolist() == [0, 1, -1, -1, 0, -1]


def test_groups_come_from_files(tmp_path):
    animals, rest = tmp_path / "animals.txt", tmp_path / "rest.tsv"
    animals.write_text("cat\nnew york\n")
    rest.write_text("oak\tplants\nrome\tcities\ncat\tanimals\n", encoding="utf-8")
    found = w2v.read_groups([animals, str(rest)])
    assert found == {"cat": "animals", "new york": "animals", "oak": "plants", "rome": "cities"}
    rest.write_text("cat\tpets\n")
    with pytest.raises(w2v.FormatError, match="'cat' in the group 'pets', but it is in 'animals'"):
        w2v.read_groups([animals, rest])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"top": 2}, "top must be a whole number from 3 to 10,000,000, not 2"),
        ({"words": ["a0", "nothing"]}, "needs 3 words or more, but 1 of the words given"),
        ({"words": "a0"}, "a list of words"),
        ({"method": "umpa"}, "method must be one of 'pca', 'tsne', 'umap', not 'umpa'"),
        ({"groups": {"q": "x"}}, "None of the 1 words of the groups is on the map"),
        ({"groups": ["a0"]}, "groups must be a mapping"),
        ({"seed": -1}, "seed must be a whole number"),
    ],
)
def test_bad_arguments_are_sentences(vectors, arguments, message):
    with pytest.raises(w2v.ConfigError, match=re.escape(message)):
        vectors.map(**arguments)


def test_too_few_alike_and_broken_vectors_are_refused():
    with pytest.raises(w2v.ConfigError, match=r"3 words or more, but there are only 2\."):
        w2v.KeyedVectors(["a", "b"], np.eye(2)).map()
    with pytest.raises(w2v.ConfigError, match="all point the same way"):
        w2v.KeyedVectors(list("abcd"), np.ones((4, 3)) * [[1], [2], [3], [4]]).map()
    broken = np.eye(4)
    broken[2, 0] = np.nan
    with pytest.raises(w2v.ConfigError, match="vector of 'c' holds NaN"):
        w2v.KeyedVectors(list("abcd"), broken).map()


def test_a_missing_package_is_named(vectors, monkeypatch, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(w2v.W2VError, match=r"needs the package openTSNE; .*'w2v\[tsne\]'"):
        vectors.map(method="tsne")
    with pytest.raises(w2v.W2VError, match=r"needs Matplotlib.*'w2v\[pictures\]'"):
        w2v.check_map_output(tmp_path / "map.png")


def test_a_map_is_written_where_its_name_says(vectors, tmp_path):
    shown = vectors.map()
    assert repr(shown) == "WordMap(60 words, method='pca')"
    for name in ("map.html", "map.htm", "MAP.PNG", "map.svg"):
        shown.save(tmp_path / name, title="A & B")
    assert (tmp_path / "map.html").read_bytes().startswith(b"<!doctype html>")
    assert b"<title>A &amp; B</title>" in (tmp_path / "map.html").read_bytes()
    assert (tmp_path / "map.htm").read_bytes() == (tmp_path / "map.html").read_bytes()
    with Image.open(tmp_path / "MAP.PNG") as picture:
        assert picture.width > 1000
        assert len(picture.getcolors(256)) > 8  # points and labels, not blank paper
    drawing = (tmp_path / "map.svg").read_text()
    assert ">A &amp; B</text>" in drawing
    assert ">a0</text>" in drawing
    with pytest.raises(w2v.ConfigError, match=r"map\.pdf: a map is a page, whose name ends in"):
        shown.save(tmp_path / "map.pdf")


def test_groups_in_the_legend_of_a_picture_have_their_colours(tmp_path):
    generator = np.random.default_rng(1)
    centres = generator.normal(size=(12, 8))
    matrix = centres[np.arange(200) % 12] + generator.normal(scale=0.3, size=(200, 8))
    vectors = w2v.KeyedVectors([f"w{number}" for number in range(200)], matrix)
    vectors.map().save(tmp_path / "map.png")
    with Image.open(tmp_path / "map.png") as picture:
        legend = np.asarray(picture.convert("RGB"))[:, int(0.79 * picture.width) :].reshape(-1, 3)
    for colour in palette(12, "light"):
        sought = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
        apart = np.abs(legend.astype(int) - sought).max(axis=1)
        assert (apart < 8).sum() > 50, colour  # pixels of a dot


def test_the_same_vectors_give_the_same_files(vectors, tmp_path):
    for suffix in ("html", "png", "svg"):
        first, second = tmp_path / f"1.{suffix}", tmp_path / f"2.{suffix}"
        vectors.map().save(first)
        vectors.map().save(second)
        assert first.read_bytes() == second.read_bytes()


def test_pictures_take_any_word(tmp_path):
    words = ["$x^2$", "</svg>", "猫", "שלום", "😀", "l" * 500, "a\nb", "a&b", "\x1b[31m"]
    shown = w2v.KeyedVectors(words, np.random.default_rng(1).normal(size=(9, 4))).map()
    with mpl.rc_context({"text.usetex": True}):  # of a user who writes in TeX
        shown.save(tmp_path / "map.png", title="$1 < 2$")
    shown.save(tmp_path / "map.svg", title="$1 < 2$")
    drawing = (tmp_path / "map.svg").read_text(encoding="utf-8")
    assert "$1 &lt; 2$" in drawing
    assert "\x1b" not in drawing


def test_every_group_is_in_the_legend(vectors, tmp_path):
    vectors.map(groups={"a0": "_x", "b0": "y"}).save(tmp_path / "map.svg")
    drawing = (tmp_path / "map.svg").read_text(encoding="utf-8")
    assert ">_x</text>" in drawing
    assert ">y</text>" in drawing


def test_an_exact_layout_needs_no_large_scale():
    units = planted().get_normed_vectors()
    assert np.abs(lay_out(units, "pca", 1)).max() == pytest.approx(1)


def test_import_of_a_map_is_lazy():
    code = (
        "import sys, w2v\n"
        "print(any(name.startswith('w2v.maps') for name in sys.modules))\n"
        "print('matplotlib' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "False"]


def test_the_command_writes_a_map(shell, vectors, tmp_path):
    vectors.save("v.txt")
    done = shell.succeed("map", "-v", "v.txt", "-o", "map.html", "--top", 40)
    assert "Wrote map.html: 40 words in 5 clusters, laid out by pca in" in done.stderr
    (shell.directory / "first.txt").write_text("a0\na1\nnowhere\n")
    done = shell.succeed(
        "map", "-v", "v.txt", "-o", "m.html", "--groups", "first.txt", "--json", "--title", "Mine"
    )
    facts = json.loads(done.stdout)
    assert (facts["words"], facts["groups"], facts["method"]) == (60, ["first"], "pca")
    assert "1 of the 3 words of the groups are not shown" in done.stderr
    assert "<title>Mine</title>" in (shell.directory / "m.html").read_text()
    (shell.directory / "few.txt").write_text("a0\na1\nb0\nb1\n")
    done = shell.succeed("map", "-v", "v.txt", "-o", "few.html", "--words", "few.txt")
    assert "Wrote few.html: 4 words in 1 cluster," in done.stderr


@pytest.mark.parametrize("has_counts", [True, False])
def test_the_command_shows_the_words_that_the_method_does(shell, has_counts):
    counts = np.arange(1, 41) if has_counts else None
    words = [f"w{row}" for row in range(40)]
    vectors = w2v.KeyedVectors(words, np.random.default_rng(1).normal(size=(40, 4)), counts)
    vectors.save("v.safetensors")
    shell.succeed("map", "-v", "v.safetensors", "-o", "map.html", "--top", 3)
    page = (shell.directory / "map.html").read_text(encoding="utf-8")
    shown = json.loads(re.search(r'"words":(\[.*?\])', page)[1])
    assert shown == vectors.map(top=3).words == (["w39", "w38", "w37"] if has_counts else words[:3])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("-o", "map.jpg"),
            "map.jpg: a map is a page, whose name ends in .html",
        ),
        (("-o", "map.html", "--top", "2"), "--top must be a whole number from 3"),
        (("-o", "map.html", "--method", "x"), "--method must be"),
        (("-o", "v.html", "-v", "v.html"), "Cannot write v.html: it is read for it"),
        (("-o", "nowhere/map.html"), "nowhere"),
        (("-o", "map.html", "--groups", "missing.txt"), "There is no list of words missing.txt"),
        (("-o", "map.html", "--words", "none.txt"), "None of the words to load"),
        (("-o", "map.html", "--words", "two.txt"), "A map needs 3 words or more, but 2"),
    ],
)
def test_bad_commands_are_sentences(shell, vectors, arguments, message):
    vectors.save("v.txt")
    (shell.directory / "v.html").write_text("x")
    (shell.directory / "none.txt").write_text("nowhere\n")
    (shell.directory / "two.txt").write_text("a0\na1\n")
    done = shell("map", *(("-v", "v.txt") if "-v" not in arguments else ()), *arguments)
    assert done.exit_code == 1
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not (shell.directory / "map.html").exists()
