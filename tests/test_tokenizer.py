"""Words found among punctuation, by the rule of a regular expression, in any corpus."""

import itertools
import lzma
import re
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st
from texts import LETTERS, SPACES, corpus_of, lines_of, real_text

import w2v
from raw_text import WORD
from w2v.kernels.rewriting import CONTINUE, JOINER
from w2v.text.corpus import Corpus, open_corpus
from w2v.text.encoding import encode_corpus
from w2v.text.tokenizer import Tokenizer
from w2v.text.vocabulary import count_vocabulary
from w2v.word_forms import WordForm

FORMS = [WordForm("words", True), WordForm("words"), WordForm("whitespace", True)]
GUIDE = Path(__file__).resolve().parent.parent / "docs" / "guides" / "raw-text.md"
SETTINGS: dict[str, Any] = {
    "vector_size": 4, "epochs": 200, "min_count": 1, "sample": 0, "workers": 1,
}  # fmt: skip
# The signs that the rule knows, letters that change their length, a sigma and what surrounds it.
SIGNS = "'’-‐‑\u00ad_.,@:/<>\"#!?()" + "aZ19é" + "ÄİȺẞΣσς" + "\u0301\u200d\u20e3½²Ⓐ٣‿"
STRINGS = st.text(st.sampled_from(SIGNS + "\n " + LETTERS))
PIECES = st.sampled_from(["http://", "www.", "WWW.", "a@b.c", "://", "x" * 63, "...", "1,0", "Σ"])
LINES = st.lists(st.one_of(STRINGS, PIECES, st.text(max_size=5))).map("".join)


def expected(text: str, form: WordForm) -> list[str]:
    found = WORD.findall(text) if form.tokenizer == "words" else text.split()
    return [form.of(word) for word in found]


def words_of(text: str, form: WordForm) -> list[str]:
    data = np.frombuffer(f"{text}\n".encode(), dtype=np.uint8)
    return bytes(Tokenizer(form).rewritten(data)).decode().split()


def sentences_of(corpus: Corpus) -> list[list[str]]:
    """The words of each sentence of a corpus, as training gets them."""
    vocabulary = count_vocabulary(corpus, 1)
    encoded = encode_corpus(corpus, vocabulary)
    words = [vocabulary.words[token] for token in encoded.tokens]
    borders = encoded.sentence_offsets.tolist()
    return [words[start:stop] for start, stop in itertools.pairwise(borders)]


class TestRule:
    @pytest.mark.parametrize("form", FORMS)
    @given(LINES)
    @example("ab\u0301c ΑΣ'Α ΑΣ.Α 1Σ2 'Σ ΣΑ\u00adΣ\u00ad")
    @example("http:// www. http://x.y/). a@ @b a..b@c-d. -a- _a_ a--b 1.2.3, 1.a a.1 x.y")
    @example(f"{'x' * 64}@y {'x' * 65}@y")
    @example("\u0301a \u200da \u0301 é\u0301@\u0301 İ")
    def test_it_is_the_pattern(self, form: WordForm, text: str) -> None:
        text = text.replace("\0", "").encode(errors="replace").decode()
        assigned = "".join(c for c in text if unicodedata.category(c) != "Cn")  # in this Python
        assert words_of(assigned, form) == expected(assigned, form)

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("name", ["wiki-de", "wiki-ko", "wiki-zh"])
    def test_real_texts(self, test_data: Path, name: str, form: WordForm) -> None:
        text = real_text(test_data, name)[:200_000]
        assert words_of(text, form) == expected(text, form)

    @pytest.mark.parametrize("form", FORMS)
    def test_reviews(self, test_data: Path, form: WordForm) -> None:
        text = lzma.decompress((test_data / "eval" / "imdb-11k.tsv.xz").read_bytes())
        reviews = text[:500_000].decode(errors="ignore")
        assert words_of(reviews, form) == expected(reviews, form)

    def test_word_characters_are_those_of_the_module(self) -> None:
        kinds = Tokenizer(WordForm("words"))._rule.kinds
        word = regex.compile(r"\w")
        for code in (*range(0xD800), *range(0xE000, 0x110000)):
            character = chr(code)
            category = unicodedata.category(character)
            if category == "Cn" or (code > 0x20000 and category in ("Lo", "Co")):
                continue  # the module knows a newer Unicode; the rest are ideographs
            is_word = bool(kinds[code] & CONTINUE) or category == "Pc"
            assert is_word == bool(word.match(character)), hex(code)
            assert category != "Pc" or kinds[code] == JOINER

    def test_lower_case_of_words_is_that_of_the_text(self) -> None:
        text = "ΟΔΟΣ ΣΑΣ Σ İstanbul ẞ Ⱥ ǅ ΑΣ\u0301 Σ\u0301Α"
        assert words_of(text, WordForm("whitespace", True)) == text.lower().split()

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("The cat's tail, well-known!", "the cat's tail well-known"),
            ("“Don’t,” she said—twice.", "don't she said twice"),
            ("3.14 of 1,000 (50%), in 1999.", "3.14 of 1,000 50 in 1999"),
            ("See https://example.com/a?b=c.", "see https://example.com/a?b=c"),
            ("(www.example.com), me@example.com!", "www.example.com me@example.com"),
            ("@anna: #cats rock :-)", "anna cats rock"),
            ("U.S.A. e.g. AT&T C++", "u s a e g at t c"),
            ("_so_ new_york __init__", "so new_york init"),
            ("rock 'n' roll, dogs' ’tis", "rock n roll dogs tis"),
            ("naïve Ångström Straße ΟΔΟΣ हिन्दी", "naïve ångström straße οδος हिन्दी"),
            ("x² ½ ❤️ 👨‍👩‍👧", "x"),
        ],
    )
    def test_examples(self, text: str, words: str) -> None:
        assert words_of(text, WordForm("words", True)) == words.split()

    def test_the_table_of_the_guide(self) -> None:
        row = r"^\| [^|]* \| `([^`|]*)` \| (`[^|]*`) \|$"
        rows = re.findall(row, GUIDE.read_text(encoding="utf-8"), re.M)
        assert len(rows) == 10
        for text, words in rows:
            assert words_of(text, WordForm("words", True)) == words.strip("`").split("` `")

    def test_many_addresses_that_are_none_take_no_time(self) -> None:
        for text in ("a." * 30_000 + "!@", "www." * 10_000, "a@" * 20_000, "a://" * 10_000):
            assert words_of(text, WordForm("words"))


class TestCorpus:
    TEXT = "The cat, sat.\nOn\u2028ΟΔΟΣ the-mat!\r\n\nDon’t: 3.14 a@b.c" + SPACES + "(End)"

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("block_size", [1, 2, 7, 16, 1 << 20])
    def test_blocks_and_sentences(self, form: WordForm, block_size: int) -> None:
        sentences = [expected(" ".join(line), form) for line in lines_of(self.TEXT)]
        found = sentences_of(corpus_of(self.TEXT, block_size).in_words(form))
        assert found == [sentence for sentence in sentences if sentence]

    def test_words_stay_in_order_where_a_block_becomes_longer(self) -> None:
        corpus = corpus_of("ȺȺȺȺȺȺ x\ny z\n", 16).in_words(WordForm("whitespace", True))
        assert count_vocabulary(corpus, 1).words == ["ⱥⱥⱥⱥⱥⱥ", "x", "y", "z"]

    def test_files_strings_and_any_number_of_workers_give_the_same(self, tmp_path: Path) -> None:
        lines = [f"Ⱥ{k % 7} The {['cat', 'dog', 'Ⱥ'][k % 3]}, it’s №{k}." for k in range(2000)]
        path = tmp_path / "text.txt"
        path.write_text("\n".join(lines))
        settings = {**SETTINGS, "epochs": 5}
        models = [
            w2v.train(corpus, tokenizer="words", lower=True, **{**settings, "workers": workers})
            for corpus, workers in (
                (path, 1), (path, 3), (lines, 1), ((line for line in lines), 1),
                (open_corpus(lines, texts=True), 1),
            )
        ]  # fmt: skip
        words = models[0].vectors.index_to_key
        assert words[:3] == ["the", "it's", "cat"]
        for model in models:
            assert model.vectors.index_to_key == words
        for model in models[2:]:
            assert (model.vectors.vectors == models[0].vectors.vectors).all()

    def test_lower_also_applies_to_lists_of_words(self) -> None:
        model = w2v.train([["The", "cat"], ["the", "CAT."]], lower=True, **SETTINGS)
        assert model.vectors.index_to_key == ["the", "cat", "cat."]

    @pytest.mark.parametrize(
        "texts",
        [
            ["A short review.", "-", "toy"], ["-", "Yes, good"], ["data", "It is good", "text8"],
            ["a.b", "Not a file, though one looks like one"], ["no suffix", "here"],
        ],
    )  # fmt: skip
    def test_texts_may_be_names_too(
        self, texts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("data").mkdir()
        corpus = open_corpus(texts, texts=True).in_words(WordForm("words"))
        form = WordForm("words")
        assert sentences_of(corpus) == [
            words for words in (words_of(t, form) for t in texts) if words
        ]

    @pytest.mark.parametrize("missing", ["reviws.txt", "there/no", "re*.txt", "c.csv"])
    @pytest.mark.parametrize("other", ["reviews.txt", "toy", "gone.txt"])
    def test_a_mistyped_name_is_no_text(
        self, missing: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("reviews.txt").write_text("A text.")
        if missing == "re*.txt":
            Path("reviews.txt").rename("other.txt")
        for names in ([other, missing], [missing, other], [missing]):
            with pytest.raises(
                w2v.CorpusError, match=r"is a list of strings, and .* names no file"
            ):
                open_corpus(names, texts=True)

    def test_a_line_feed_in_a_string_ends_a_sentence(self) -> None:
        texts = ["A b.\nC, d", "e"]
        corpus = open_corpus(iter(texts), texts=True).in_words(WordForm("words"))
        assert sentences_of(corpus) == [["A", "b"], ["C", "d"], ["e"]]

    def test_overlong_words_of_strings_are_left_out(self) -> None:
        corpus = open_corpus(iter(["a " + "x" * 70_000 + " b"]), texts=True)
        with pytest.warns(UserWarning, match="Left out 1 word of more than 65,536 bytes"):
            model = w2v.train(corpus, tokenizer="words", **SETTINGS)
        assert model.vectors.index_to_key == ["a", "b"]


class TestWordsOf:
    @pytest.mark.parametrize("form", FORMS)
    @given(LINES)
    def test_they_are_those_of_training(self, form: WordForm, text: str) -> None:
        text = text.replace("\0", "").encode(errors="replace").decode()
        words = w2v.words_of(text, tokenizer=form.tokenizer, lower=form.lower)  # type: ignore[arg-type]
        assert words == words_of(text, form)

    def test_a_model_finds_words_and_phrases_as_it_was_trained(self, tmp_path: Path) -> None:
        texts = ["In New York, they saw it.", "New York! A new thing; a York."] * 30
        form = {"tokenizer": "words", "lower": True}
        model = w2v.train(texts, phrases=True, phrase_threshold=0.1, **form, **SETTINGS)
        model.save(tmp_path / "model.safetensors")
        for each in (model, w2v.load_model(tmp_path / "model.safetensors")):
            assert "new_york" in each.words_of("New\tYork: Don’t!")
            assert each.words_of("New\r\nYork Don’t") == ["new", "york", "don't"]
        plain = w2v.train([["a", "b", "c"]] * 60, **SETTINGS)
        assert plain.words_of("In New York,\n it") == ["In", "New", "York,", "it"]

    def test_overlong_words_are_left_out(self) -> None:
        assert w2v.words_of(f"a {'x' * 70_000} b") == ["a", "b"]
        assert w2v.words_of("") == []

    @pytest.mark.parametrize("text", [b"a b", None, ["a"], "a\0b", "a\ud800"])
    def test_what_is_no_text(self, text: Any) -> None:
        with pytest.raises(w2v.ConfigError, match=r"text must be a string|NUL character or a lone"):
            w2v.words_of(text)
        with pytest.raises(w2v.ConfigError, match="tokenizer must be"):
            w2v.words_of("a", tokenizer="split")  # type: ignore[arg-type]
