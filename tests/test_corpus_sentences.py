"""Sentences from Python are a corpus, too."""

import math
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from corpus_texts import TEXT, read

import w2v
import w2v.text.sources
from w2v.errors import CorpusError
from w2v.text.corpus import Block, open_corpus


class TestSentences:
    def test_lists_tuples_and_iterables_of_words(self) -> None:
        class Sentences:
            def __iter__(self) -> Iterator[Iterator[str]]:
                return iter([iter(["one", "two"]), iter(["three"])])

        for sentences in ([["one", "two"], ["three"]], (("one", "two"), ("three",)), Sentences()):
            corpus = open_corpus(sentences)
            assert list(corpus.blocks(1)) == [
                Block("the sentences", 0, b"one two\n"),
                Block("the sentences", 8, b"three\n"),
            ]
            assert read(corpus, 1 << 20) == "one two\nthree\n"
            assert (corpus.name, corpus.paths) == (None, [])

    def test_empty_corpora_are_left_to_the_vocabulary(self) -> None:
        assert list(open_corpus([]).blocks()) == []
        assert read(open_corpus([[], ["日本"]])) == "\n日本\n"

    def test_a_generator_is_read_once_and_says_so_the_second_time(self, sample: Path) -> None:
        with sample.open(encoding="utf-8") as lines:
            corpus = open_corpus(line.split() for line in lines)
            words = read(corpus).split()
        assert words == TEXT.split()
        with pytest.raises(CorpusError, match=r"a generator, can be read only once, and has been;"):
            read(corpus)

    def test_a_generator_is_never_held_as_a_whole(self) -> None:
        alive: list[int] = [0]
        most = 0

        class Counted(list[str]):
            def __init__(self, *words: str) -> None:
                super().__init__(words)
                alive[0] += 1

            def __del__(self) -> None:
                alive[0] -= 1

        for _ in open_corpus(Counted("some", "words") for _ in range(1000)).blocks(100):
            most = max(most, alive[0])
        assert most < 5

    def test_training_takes_a_generator(self) -> None:
        sentences = [["the", "cat", "sat"], ["the", "dog", "sat"]] * 50
        settings = {"vector_size": 8, "epochs": 2, "workers": 1}
        once = w2v.train((list(sentence) for sentence in sentences), **settings)
        again = w2v.train(sentences, **settings)
        assert once.vectors.index_to_key == again.vectors.index_to_key
        assert (once.vectors.vectors == again.vectors.vectors).all()

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ({"train": [["a"]], "test": []}, r"type dict, .* keys .*corpus\['train'\]\.$"),
            ({}, "of type dict, and only its keys would be read"),
            ({("a", "b")}, r"is a set, which has no order, .*give a list\.$"),
            (frozenset([("a", "b")]), "is a frozenset, which has no order"),
        ],
    )
    def test_a_corpus_whose_rows_would_be_something_else(self, source: Any, message: str) -> None:
        with pytest.raises(CorpusError, match=message):
            open_corpus(source)

    def test_a_table_is_not_read_as_the_names_of_its_columns(self) -> None:
        class DataFrame:
            columns = ("title", "label")
            shape = (1, 2)

            def __iter__(self) -> Iterator[str]:
                return iter(self.columns)

        with pytest.raises(CorpusError, match=r"'title', 'label'; choose .*column='title'"):
            open_corpus(DataFrame())  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("sentence", "message"),
        [
            ("a plain string", "'a plain string', not a list of words; split each text into words"),
            ("word", r"'word', not a list .* put one list of words into a list, as in \[words\]"),
            (b"some bytes", r"b'some bytes', not a list of words; decode and split it"),
            (7, "7, not a list of words; give a list of words"),
            (None, "None, not a list of words; give a list of words"),
            (np.array("word"), r"array\('word'.*\), not a list of words; give a list of words"),
            (
                {"label": 1, "text": "the cat"},
                r"only its keys would be read; .*\(row\['text'\]\.split\(\) for row in rows\)\.$",
            ),
            ({"words": ["the", "cat"]}, r"only its keys .*\(row\['words'\] for row in rows\)\.$"),
            ({}, r"only its keys .*\(row\['text'\]\.split\(\) for row in rows\)\.$"),
            ({"the", "cat"}, "a set, which has no order, .*give a list of words"),
            (frozenset({"the", "cat"}), "a frozenset, which has no order"),
        ],
    )
    def test_a_sentence_that_is_no_list_of_words(self, sentence: Any, message: str) -> None:
        corpus = open_corpus([["fine"], sentence])
        with pytest.raises(CorpusError, match=f"^Sentence 2 is .*{message}"):
            read(corpus)

    def test_what_is_a_list_in_another_dress_is_read(self) -> None:
        array = np.array([["the", "cat"], ["a", "dog"]])
        objects = np.array(["the", "cat"], dtype=object)
        ordered = dict.fromkeys(["the", "cat"]).keys()
        assert read(open_corpus(array)) == "the cat\na dog\n"
        assert read(open_corpus([objects, deque(["a", "dog"]), ordered])) == (
            "the cat\na dog\nthe cat\n"
        )

    @pytest.mark.parametrize(
        ("word", "fault"),
        [
            (True, "of type bool; words are strings or whole numbers: use str(word)."),
            (1.5, "of type float; words are strings or whole numbers: use str(word)."),
            (7.0, "of type float; words are strings or whole numbers: use int(word)."),
            (("a", 1), "of type tuple; words are strings or whole numbers: join its parts, as in"),
            (None, "of type NoneType; words are strings or whole numbers: leave it out."),
            (math.nan, "of type float; words are strings or whole numbers: leave it out."),
            (b"bytes", "of type bytes; words are strings: decode it, as in word.decode()."),
            (
                np.array(["a", "b"]),
                "of type ndarray; a sentence is a flat list of strings or",
            ),
            (["nested"], "of type list; a sentence is a flat list of strings or"),
            ("", "empty or nothing but white space; leave it out."),
            (" \t", "empty or nothing but white space; leave it out."),
            ("New York", "with white space in it; a name becomes one word with an underscore, as"),
            ("New York", "as in 'New_York', and a text is split, as in text.split()."),
            ("line\n", "as in 'line', and a text is split"),
            ("non\u00a0breaking", "as in 'non_breaking', and a text is split"),
            ("unit\x1fseparator", "as in 'unit_separator', and a text is split"),
            ("nul\0", "a NUL character"),
            ("\ud800", "a lone surrogate"),
        ],
    )
    def test_a_word_that_is_none(self, word: object, fault: str) -> None:
        corpus = open_corpus([["fine"], ["fine", "too"], ["fine", word]])  # type: ignore[list-item]
        with pytest.raises(CorpusError) as caught:
            read(corpus)
        assert str(caught.value).startswith(f"Word 2 of sentence 3 is {word!r}, ")
        assert fault in str(caught.value)

    @pytest.mark.parametrize("word", [" \t", "New York", "non\u00a0breaking", "\ud800"])
    def test_a_word_that_is_none_in_a_list_that_is_used_again(self, word: str) -> None:
        def sentences() -> Iterator[list[str]]:
            words = ["日本", word]
            yield words
            words[1] = "fine"
            yield words

        with pytest.raises(CorpusError, match=r"A word in one of the sentences 1 to 2 has white"):
            read(open_corpus(sentences()), 1 << 20)

    def test_faults_that_would_make_up_for_each_other(self) -> None:
        for words in (["", "New York"], [" \t", "a\tb", "c"]):
            with pytest.raises(CorpusError, match="Word 1 of sentence 1"):
                read(open_corpus([words]))

    def test_an_overlong_word_beside_a_long_sentence(self) -> None:
        words = ["word"] * 30_000
        assert read(open_corpus([words])) == " ".join(words) + "\n"
        with pytest.raises(CorpusError, match=r"Word 30001 of sentence 1 .* 65,536 bytes"):
            read(open_corpus([[*words, "w" * 70_000]]))

    def test_errors_of_the_iterable_pass_through(self) -> None:
        class Broken:
            def __iter__(self) -> Iterator[list[str]]:
                yield ["fine"]
                raise LookupError("the user's own")

        with pytest.raises(LookupError, match="the user's own"):
            read(open_corpus(Broken()))


class TestNumbers:
    """Whole numbers are words, too: those of their decimal digits."""

    NUMBERS: ClassVar = [[7, 0, -12], [], [2**63 - 1, -(2**63)], [10**18]]
    TEXT = f"7 0 -12\n\n{2**63 - 1} {-(2**63)}\n{10**18}\n"

    @pytest.mark.parametrize("size", [1, 1 << 20])
    def test_lists_arrays_and_other_iterables(self, size: int) -> None:
        arrays = [np.array(sentence, dtype=np.int64) for sentence in self.NUMBERS]
        numpy_lists = [list(array) for array in arrays]
        for sentences in (self.NUMBERS, list(map(tuple, self.NUMBERS)), arrays, numpy_lists):
            assert read(open_corpus(sentences), size) == self.TEXT
        assert read(open_corpus(map(iter, self.NUMBERS)), size) == self.TEXT

    @pytest.mark.parametrize("kind", ["b", "B", "h", "H", "i", "I", "l", "q", "L", "Q"])
    def test_arrays_of_each_type(self, kind: str) -> None:
        rows = np.array([[1, 2, 3], [4, 5, np.iinfo(kind).max]], dtype=kind)
        text = f"1 2 3\n4 5 {rows[1, 2]}\n"
        assert read(open_corpus(rows)) == read(open_corpus(list(rows))) == text
        assert read(open_corpus(rows[:, ::2])) == f"1 3\n4 {rows[1, 2]}\n"
        assert read(open_corpus(rows), 1) == text

    def test_numbers_beside_strings_and_numbers_of_any_size(self) -> None:
        sentences = [[1, "shop", np.uint8(2)], ["a"], [3], np.array([4, 5]), [10**30, 1], ["b"]]
        text = f"1 shop 2\na\n3\n4 5\n{10**30} 1\nb\n"
        assert read(open_corpus(sentences)) == read(open_corpus(sentences), 1) == text

    def test_an_array_without_numbers(self) -> None:
        assert read(open_corpus(np.zeros((2, 0), dtype=np.int64))) == "\n\n"

    def test_an_array_of_fractions_or_of_truths(self) -> None:
        with pytest.raises(CorpusError, match=r"Word 1 of sentence 1 is .*1\.0.*: use int\(word\)"):
            read(open_corpus([np.array([1.0, 2.0])]))
        with pytest.raises(CorpusError, match=r"Word 1 of sentence 2 is .*True"):
            read(open_corpus([[1, 2], np.array([True])]))

    def test_a_list_that_a_generator_uses_again(self) -> None:
        def sentences() -> Iterator[Any]:
            numbers, array, words = [0], np.zeros(1, dtype=np.int32), [""]
            for k in range(1, 4):
                numbers[0], array[0], words[0] = k, 10 * k, f"w{k}"
                yield from (numbers, numbers, array, words)

        assert read(open_corpus(sentences())).split() == [
            word for k in range(1, 4) for word in (str(k), str(k), str(10 * k), f"w{k}")
        ]

    def test_training_gives_the_vectors_of_the_same_text(self) -> None:
        generator = np.random.default_rng(1)
        baskets = generator.integers(0, 30, (300, 6))
        settings = {"vector_size": 8, "epochs": 1, "min_count": 1, "workers": 1}
        of_text = w2v.train([list(map(str, basket)) for basket in baskets], **settings)
        for sentences in (baskets, list(baskets), baskets.tolist()):
            model = w2v.train(sentences, **settings)
            assert model.vectors.index_to_key == of_text.vectors.index_to_key
            assert (model.vectors.vectors == of_text.vectors.vectors).all()
