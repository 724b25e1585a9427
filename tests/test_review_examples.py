"""The examples of film reviews: what they read, and that word vectors help where planted to."""

import importlib
import lzma
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
TORCH = "this example needs PyTorch"


@pytest.fixture
def example(monkeypatch):
    """Imports a file of the examples."""
    monkeypatch.syspath_prepend(EXAMPLES)
    return importlib.import_module


def planted_lines(count):
    """Reviews of opposite words, each so rare that most are in no review that is learned from."""
    draws = random.Random(1)
    for number in range(count):
        label = number % 2
        words = [
            word
            for _ in range(8)
            for word in (f"the{draws.randrange(20)}", f"{'bg'[label]}ood{draws.randrange(200)}")
        ]
        yield f"{label}\t{number}\t{' '.join(words)}.\n"


def run(name, *options):
    ran = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *map(str, options)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def figures(output, table, name):
    """The means of a line of a table."""
    line = next(
        line for line in output[output.index(table) :].splitlines() if line.startswith(name)
    )
    return [float(part.split()[-1]) for part in line.split(" ±")[:-1]]


def test_reviews_are_read_from_a_file_and_from_a_directory(example, tmp_path):
    lines = [f"{number % 2}\t{number}_7\tIt's <br />No. {number}\n" for number in range(240)]
    (tmp_path / "reviews.tsv").write_text("".join(lines))
    (tmp_path / "reviews.tsv.xz").write_bytes(lzma.compress("".join(lines).encode()))
    for line in lines:
        label, name, text = line.rstrip("\n").split("\t")
        folder = tmp_path / "aclImdb" / "train" / ("neg", "pos")[int(label)]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.txt").write_text(text)
    for name in ("reviews.tsv", "reviews.tsv.xz", "aclImdb"):
        reviews = example("reviews").read(tmp_path / name)
        found = [(words[-1], label) for words, label in zip(*reviews, strict=True)]
        assert sorted(found) == sorted((str(number), number % 2) for number in range(240)), name
        assert all(words[:2] == ["it's", "no"] for words in reviews.words)
        assert found != sorted(found)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["1\t1\tgood\n", "good\n"], "line 2: it is not label \\(0 or 1\\), id and text"),
        (["1\t1\tgood\n", "0\t2\tbad\n"], "1 positive and 1 negative reviews; more than 100"),
        ([], "0 positive and 0 negative"),
    ],
)
def test_what_is_no_file_of_reviews_is_refused(example, tmp_path, lines, said):
    (tmp_path / "reviews.tsv").write_text("".join(lines))
    with pytest.raises(SystemExit, match=said):
        example("reviews").read(tmp_path / "reviews.tsv")


def test_without_reviews_it_says_where_they_are(example, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["sentiment.py"])
    monkeypatch.setenv("W2V_TEST_DATA", str(tmp_path))
    with pytest.raises(SystemExit, match="1"):
        example("reviews").arguments("About.")
    said = capsys.readouterr().err
    assert f"{tmp_path}/eval/imdb-11k.tsv.xz does not exist" in said
    assert "https://ai.stanford.edu/~amaas/data/sentiment/" in said
    assert "python examples/sentiment.py aclImdb" in said


def test_the_real_reviews_are_split(example, test_data):
    reviews = example("reviews").read(test_data / "eval" / "imdb-11k.tsv.xz")
    words, texts = example("reviews").known_words(reviews)
    assert (len(reviews.labels), len(words), max(map(len, texts))) == (11_000, 10_000, 100)
    assert words[0] == "the"
    one, other = (example("reviews").split(reviews, seed) for seed in (1, 2))
    assert (len(one.training), len(one.validation)) == (200, 10_000)
    assert sum(reviews.labels[one.training]) == 100
    assert not set(one.training) & set(one.validation)
    assert set(one.training) != set(other.training)


def test_word_vectors_help_where_words_are_rare(tmp_path):
    pytest.importorskip("torch", reason=TORCH)
    reviews, picture = tmp_path / "reviews.tsv", tmp_path / "curves.svg"
    reviews.write_text("".join(planted_lines(800)))
    output = run("sentiment.py", reviews, "--seeds", 2, "--epochs", 2, "-o", picture)
    assert "800 reviews; 2 times 200 of them to learn from, and 600 others" in output
    (random_places, random_mean) = figures(output, "network", "random")
    frozen_places, _ = figures(output, "network", "reviews, frozen")
    assert random_places < 75
    assert frozen_places > 90
    gain = figures(output, "gain over random", "reviews, frozen")[0]
    assert gain == pytest.approx(frozen_places - random_places, abs=0.11)
    assert random_mean <= 100
    assert min(figures(output, "linear model", "reviews")) > 95
    assert picture.read_text().rstrip().endswith("</svg>")


def test_the_mean_of_words_leaves_padding_out(example):
    torch = pytest.importorskip("torch", reason=TORCH)
    sentiment = example("sentiment")
    matrix = torch.arange(8.0).reshape(4, 2)
    rows = sentiment.padded_rows([["b", "a", "b"], []], ["a", "b", "c"])
    assert rows[0, :4].tolist() == [2, 1, 2, 0]
    first, second = sentiment.mean_of_words(matrix, True)[0](rows)
    assert first.tolist() == pytest.approx([(4 + 2 + 4) / 3, (5 + 3 + 5) / 3])
    assert second.tolist() == [0, 0]


def test_a_frozen_layer_stays(example):
    torch = pytest.importorskip("torch", reason=TORCH)
    sentiment, learning = example("sentiment"), example("learning")
    rows = torch.randint(1, 9, (40, sentiment.FIRST_WORDS))
    labels = torch.arange(40) % 2.0
    parts = example("reviews").Split(np.arange(20), np.arange(20, 40))
    for network in (sentiment.places, sentiment.mean_of_words):
        for frozen in (True, False):
            matrix = torch.randn(9, 5)
            model = network(matrix.clone(), frozen)
            accuracies = learning.learn(model, rows, labels, parts, 2)
            assert len(accuracies) == 3
            assert torch.equal(model[0].weight, matrix) == frozen


def test_pretrained_codes_hold_the_inputs(example):
    """A linear map restores inputs, which have ten main directions, better from such codes."""
    torch = pytest.importorskip("torch", reason=TORCH)
    autoencoder = example("autoencoder")
    torch.manual_seed(1)
    spread = 3.0 ** -torch.arange(100).div(10, rounding_mode="floor")
    inputs = torch.randn(8000, 100) * spread @ torch.linalg.qr(torch.randn(100, 100)).Q * 4

    def lost(layers):
        with torch.no_grad():
            codes = torch.nn.Sequential(*layers)(inputs)
        best = torch.linalg.lstsq(codes, inputs).solution
        return float((codes @ best - inputs).square().mean() / inputs.square().mean())

    layers = autoencoder.encoders(100)
    before = lost(layers)
    autoencoder.pretrain(layers, inputs)
    assert lost(layers) < before / 2


def test_the_example_of_autoencoders_runs(tmp_path):
    pytest.importorskip("torch", reason=TORCH)
    reviews = tmp_path / "reviews.tsv"
    reviews.write_text("".join(planted_lines(400)))
    output = run("autoencoder.py", reviews, "--seeds", 2, "--epochs", 20, "-o", tmp_path / "a.png")
    pretrained, without, gain, linear = figures(output, "inputs", "vectors of reviews")
    assert gain == pytest.approx(pretrained - without, abs=0.11)
    assert min(pretrained, linear) > 95
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
