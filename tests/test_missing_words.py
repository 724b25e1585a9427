"""Words that are not there, and wrong kinds of words: what the messages say and advise."""

import difflib
from typing import Any

import numpy as np
import pytest

from w2v.errors import ConfigError, MissingWordError
from w2v.vectors import KeyedVectors
from w2v.vectors.missing_word import near_spellings


@pytest.fixture(scope="module")
def ours() -> KeyedVectors:
    return KeyedVectors([f"word{number}" for number in range(2_000)], np.ones((2_000, 2)))


def missing_message(vectors: KeyedVectors, word: Any) -> str:
    with pytest.raises(MissingWordError) as caught:
        vectors.similarity(vectors.index_to_key[0], word)
    return str(caught.value)


def test_missing_words_are_named_with_near_spellings() -> None:
    words = ["king", "Paris", "queen", "New_York", "cappuccino", "kings", "USA", "usa"]
    vectors = KeyedVectors(words, np.eye(8))
    assert missing_message(vectors, "paris").endswith("near spellings: 'Paris'.")
    assert missing_message(vectors, "capuccino").endswith("near spellings: 'cappuccino'.")
    assert missing_message(vectors, "new york").endswith("near spellings: 'New_York'.")
    assert missing_message(vectors, "kinq").endswith("near spellings: 'king'.")
    assert missing_message(vectors, "KING").endswith(
        "8 words, but 'king' is; near spellings: 'kings'."
    )
    assert missing_message(vectors, "Usa").endswith(", but 'usa' is; near spellings: 'USA'.")
    assert missing_message(vectors, "zzzz") == (
        "The word 'zzzz' is not among the 8 words, nor is any spelled like it."
    )
    assert missing_message(vectors, "")
    for row in (8, -1):
        assert missing_message(vectors, row) == (
            f"There is no row {row}: the 8 words have the rows 0 to 7."
        )
    for thing in (None, 1.5, ["king"]):
        assert missing_message(vectors, thing) == (
            f"A word is text, or the number of its row, not {thing!r}."
        )


@pytest.mark.parametrize(
    "ask",
    [
        lambda vectors: vectors["nothing"],
        lambda vectors: vectors[["word1", "nothing"]],
        lambda vectors: vectors.most_similar("nothing"),
        lambda vectors: vectors.most_similar(["word1"], [("nothing", 2)]),
        lambda vectors: vectors.similar_by_word("nothing"),
        lambda vectors: vectors.doesnt_match(["word1", "word2", "nothing"]),
        lambda vectors: vectors.n_similarity(["word1"], ["nothing"]),
        lambda vectors: vectors.distances("word1", ["nothing"]),
        lambda vectors: vectors.euclidean_distance("word1", "nothing"),
        lambda vectors: vectors.rank("word1", "nothing"),
        lambda vectors: vectors.get_count("nothing"),
    ],
)
def test_every_question_about_a_missing_word_is_a_key_error(ours: KeyedVectors, ask) -> None:
    with pytest.raises(KeyError, match="'nothing' is not among the 2,000 words"):
        ask(ours)


def test_near_spellings_are_searched_only_when_shown(
    ours: KeyedVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(difflib, "get_close_matches", None)
    with pytest.raises(KeyError) as caught:
        ours["nothing"]
    with pytest.raises(TypeError):  # so the search would have failed
        str(caught.value)


def test_near_spellings_prefer_common_words() -> None:
    words = ["The", "the", "THE", "tHe", "them"]
    assert near_spellings("thE", words, {word: row for row, word in enumerate(words)}) == [
        "The", "the", "THE",
    ]  # fmt: skip


class TestHints:
    """What a message advises works when it is followed."""

    VECTORS = KeyedVectors(["dog", "cat", "car", "form", "from", "New_York"], np.eye(6))

    def hint(self, ask: Any) -> Any:
        with pytest.raises(ConfigError) as caught:
            ask()
        return eval(str(caught.value).rpartition("; give ")[2].removesuffix("."))

    @pytest.mark.parametrize("text", ["dog cat car", " dog\tcat ", "dog", 2, np.int64(1)])
    def test_a_text_in_the_place_of_a_list(self, text: Any) -> None:
        hint = self.hint(lambda: self.VECTORS.doesnt_match(text))
        assert hint == (text.split() if isinstance(text, str) else [text])
        assert self.VECTORS.doesnt_match(hint) in [*hint, "car", "cat"]
        assert self.VECTORS.wmdistance(hint, ["form"]) > 0

    def test_a_long_text(self) -> None:
        with pytest.raises(ConfigError, match=r"; give its words, as in text\.split\(\)\.$"):
            self.VECTORS.doesnt_match("dog " * 50)

    @pytest.mark.parametrize("thing", [None, 1.5, b"dog", True, object(), np.array(3.5)])
    def test_what_is_no_list_gets_no_hint_that_fails(self, thing: Any) -> None:
        with pytest.raises(ConfigError, match=r"takes a list of words") as caught:
            self.VECTORS.doesnt_match(thing)
        assert "give" not in str(caught.value)

    def test_slices_are_of_rows(self) -> None:
        rows = self.VECTORS.vectors
        for part in (slice(0, 3), slice(None), slice(-2, None), slice(4, 0, -2), slice(9, 12)):
            assert self.VECTORS[part].tolist() == rows[part].tolist()
        with pytest.raises(ValueError, match="read-only"):
            self.VECTORS[0:3][0, 0] = 7
        rows[0, 0] = 1  # the matrix itself is the caller's
        for part in (slice("dog", "car"), slice(0, 3, 0), slice(0.5)):
            with pytest.raises(ConfigError, match=r"goes by the numbers of rows, as in vectors"):
                self.VECTORS[part]

    @pytest.mark.parametrize(
        ("word", "near"),
        [
            ("dgo", "dog"), ("odg", "dog"), ("Dgo", "dog"), ("fomr", "form"), ("ofrm", "form"),
            ("New_Yrok", "New_York"), ("New Yrok", "New_York"),
        ],
    )  # fmt: skip
    def test_exchanged_letters(self, word: str, near: str) -> None:
        """Of three letters two are exchanged: difflib, which counts two slips, finds nothing."""
        message = missing_message(self.VECTORS, word)
        found = eval(f"[{message.rpartition('near spellings: ')[2].removesuffix('.')}]")
        assert found[0] == near
        assert self.VECTORS[found].shape == (len(found), 6)
