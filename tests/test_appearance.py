"""A text whose words look like something else gets one warning; an ordinary one gets none."""

import base64
import csv
import io
import json
import random
import re
import warnings
from pathlib import Path

import pytest
from command_line import Shell
from texts import corpus_of, real_text

import w2v
from w2v.text.appearance import odd_appearance
from w2v.text.corpus import open_corpus
from w2v.text.counting import count_words

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = {"vector_size": 8, "epochs": 1, "workers": 1}
WORDS = ["the", "cat", "sat", "on", "a", "mat", "and", "dog", "barked", "at", "it", "while"]


def appearance(text):
    return odd_appearance(count_words(corpus_of(text), 1).table)


def separated(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def drawn(words, count, seed=1):
    return random.Random(seed).choices(words, k=count)


def lines(words, length=8):
    return "\n".join(" ".join(words[k : k + length]) for k in range(0, len(words), length))


COLUMNS = [[f"milk{k % 40}", f"bread{k % 7}", k % 30] for k in range(500)]
NUMBERS = [[k * k % 97, k % 13, k % 31, k % 7] for k in range(500)]
RECORDS = [{"id": k, "text": " ".join(drawn(WORDS, 6, k))} for k in range(500)]
JSON = "looks like lines of JSON: let the name of the file end in .jsonl"
SEPARATED = "looks like a comma-separated file: let its name end in .csv"
ODD = {
    "columns": (separated(COLUMNS), SEPARATED),
    "columns of numbers": (separated(NUMBERS), SEPARATED),
    "columns with short texts": (
        separated([k, lines(drawn(WORDS, 6, k))] for k in range(500)),
        SEPARATED,
    ),
    "JSON": ("\n".join(map(json.dumps, RECORDS)), JSON),
    "JSON without spaces": (
        "\n".join(
            json.dumps({"words": drawn(WORDS, 6, k)}, separators=(",", ":")) for k in range(500)
        ),
        JSON,
    ),
    "base64": (
        "\n".join(base64.b64encode(random.Random(k).randbytes(57)).decode() for k in range(500)),
        "looks like encoded data, such as base64: decode it first",
    ),
    "Thai": (
        "\n".join("แมวนั่งบนเสื่อและหมาเห่า" * 3 + str(k) for k in range(200)),
        "jieba, MeCab or PyThaiNLP",
    ),
    "numbers that never return": (
        lines([str(k * 7919) for k in range(2000)]),
        r"seen only once, .* one of these is '0': check whether this is the text you meant",
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_what_it_looks_like(name):
    text, looks = ODD[name]
    found = appearance(text)
    assert found is not None
    assert re.search(looks, found)
    assert found.endswith(".")


def test_the_numbers_are_right():
    text = lines(
        ["a,b"] * 300 + ["word"] * 500 + [f"once{k}" for k in range(100)] + ["x" * 31] * 100
    )
    assert appearance(text).startswith(
        "Of 1,000 words 10 % are seen only once, 10 % are longer than 30 letters and 30 % hold"
        " commas; it looks like a comma-separated file:"
    )


def test_chinese_without_spaces(test_data):
    assert appearance(real_text(test_data, "wiki-zh")) == (
        "Of 15,873 words 85 % are seen only once, 55 % are longer than 30 letters and 3 % hold"
        " commas; it looks like a text without spaces between words, as Chinese, Japanese and Thai"
        " have: segment it first, for example with jieba, MeCab or PyThaiNLP."
    )
    letters = " ".join(real_text(test_data, "wiki-zh")[:100_000])
    assert appearance(letters) is None  # segmented, if into letters


NUMBER = random.Random(3)
ORDINARY = {
    "empty": "",
    "ten words": "the cat sat on a mat and the dog barked",
    "words that are all different": lines([f"word{k}" for k in range(900)]),
    "products": lines([f"SKU-{NUMBER.randrange(3000):08d}" for _ in range(20_000)]),
    "hashes of products": lines([f"{NUMBER.randrange(300):040x}" for _ in range(10_000)]),
    "walks": lines([str(NUMBER.randrange(2000)) for _ in range(20_000)], 20),
    "amounts": lines([*drawn(WORDS, 3000), *(f"{k:,}" for k in range(100_000, 101_000))]),
    "decimals": lines([*drawn(WORDS, 3000), *(f"{k},{k % 7}" for k in range(1_000))]),
    "lists without spaces": lines([*drawn(WORDS, 3000), *["red,green"] * 150]),
    "addresses": lines(
        [*drawn(WORDS, 3000), *(f"https://example.org/news/{k:020}" for k in range(300))]
    ),
    "German": lines(
        [*drawn(WORDS, 3000), *(f"Donaudampfschifffahrtsgesellschaften{k}" for k in range(200))]
    ),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_text_is_none_of_these(name):
    assert appearance(ORDINARY[name]) is None


def test_code_is_no_json():
    paths = sorted((ROOT / "w2v").rglob("*.py"))
    assert appearance("\n".join(path.read_text(encoding="utf-8") for path in paths)) is None


@pytest.mark.parametrize("size", [200, 2_000, 20_000, 200_000, None])
@pytest.mark.parametrize("name", ["wiki-de", "wiki-ko", "text8-prefix"])
def test_real_texts_and_their_beginnings(test_data, name, size):
    assert appearance(real_text(test_data, name)[:size]) is None


@pytest.mark.parametrize(
    "path", ["eval/questions-words.txt", "eval/wordsim353.tsv", "corpora/wiki8-articles.tsv.xz"]
)
def test_real_tables_with_tabs_and_spaces(test_data, path, tmp_path):
    plain = tmp_path / "table.txt"  # in a file of that name, all of it is text
    plain.symlink_to(test_data / path)
    assert odd_appearance(count_words(open_corpus(plain), 1).table) is None


def test_training_warns_once_and_names_the_callers_line():
    rows = [[",".join(map(str, row)), "pad"] for row in COLUMNS]
    with pytest.warns(UserWarning, match=SEPARATED) as caught:
        w2v.train(rows, min_count=1, sample=0, **{**SETTINGS, "epochs": 20})
    looks = [warning for warning in caught if "comma-separated" in str(warning.message)]
    assert [Path(warning.filename).name for warning in looks] == ["test_appearance.py"]


def test_an_error_says_it_too(test_data):
    lonely = separated([f"item{k}", k] for k in range(200))
    with pytest.raises(
        w2v.CorpusError, match=rf"lower min_count or give more text\. Of 200.*{SEPARATED}"
    ):
        w2v.train([line.split() for line in lonely.splitlines()], **SETTINGS)


def test_an_ordinary_training_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        w2v.train("toy", **SETTINGS)


def test_the_command_warns_once(tmp_path, monkeypatch):
    shell = Shell(tmp_path, monkeypatch)
    Path("a.txt").write_text(separated([[*row, "and more"] for row in COLUMNS] * 10))
    for quiet in ([], ["--quiet"]):
        said = shell.succeed("train", "a.txt", "--epochs", "1", "--vector-size", "8", *quiet).stderr
        assert len(re.findall(r"(?m)^Warning: Of 10,000 words .* comma-separated", said)) == 1


def test_one_column_a_line_is_the_reason_that_nothing_can_be_trained(tmp_path):
    path = tmp_path / "rows.txt"
    path.write_text("".join(f"id{k},name{k},value{k % 7}\n" for k in range(400)))
    with pytest.raises(w2v.CorpusError, match=rf"nothing to train on.*{SEPARATED}"):
        w2v.train(path, min_count=1)
