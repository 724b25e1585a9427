"""Vocabularies that users write, give and read; every odd one is refused in a sentence."""

import re
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import Shell
from hypothesis import given
from hypothesis import strategies as st

import w2v
from w2v.errors import W2VWarning

TEXTS = ["The cat sat. The dog sat!", "A cat, a dog; the end.", "The dog's cat sat."] * 20
LISTS = [re.findall(r"[\w']+", text.lower()) for text in TEXTS]
COUNTS = dict(Counter(word for line in LISTS for word in line).most_common())
SETTINGS: dict[str, Any] = {"vector_size": 4, "epochs": 3, "sample": 0, "workers": 1}
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
    lambda word: word.split() == [word] and "\0" not in word
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "words.txt"


class TestCounting:
    def test_it_is_the_vocabulary_of_training(self, tmp_path: Path) -> None:
        path = tmp_path / "text.txt"
        path.write_text("\n".join(TEXTS))
        for settings in ({}, {"min_count": 21}, {"max_vocabulary": 3}, {"min_count": 1}):
            given: dict[str, Any] = {"tokenizer": "words", "lower": True, **settings}
            vectors = w2v.train(path, **SETTINGS, **given).vectors
            counted = w2v.count_words(path, **given)
            assert list(counted) == vectors.index_to_key
            assert [vectors.get_count(word) for word in counted] == list(counted.values())
            assert w2v.count_words(TEXTS, **given) == counted

    def test_counter(self) -> None:
        assert w2v.count_words(LISTS) == COUNTS
        assert w2v.count_words(LISTS, workers=3) == COUNTS

    def test_it_warns_as_training_does(self) -> None:
        with pytest.warns(W2VWarning, match="have punctuation attached, and 'sat.' is another"):
            w2v.count_words([text.split() for text in TEXTS])

    def test_refusals(self) -> None:
        with pytest.raises(w2v.CorpusError, match="No word of the sentences is left with min_"):
            w2v.count_words(LISTS, min_count=1000)
        with pytest.raises(w2v.ConfigError, match="max_vocabulary must be"):
            w2v.count_words(LISTS, max_vocabulary=0)
        with pytest.raises(w2v.ConfigError, match="invalid_utf8 has no effect"):
            w2v.count_words(LISTS, invalid_utf8="replace")


class TestFiles:
    @given(st.dictionaries(WORDS, st.integers(0, 10**18 - 1), min_size=1))
    def test_round_trip(self, tmp_path_factory: pytest.TempPathFactory, words: Any) -> None:
        path = tmp_path_factory.mktemp("words") / "words.txt"
        words["."] = 3
        w2v.save_vocabulary(path, words)
        assert w2v.load_vocabulary(path) == words
        if next(iter(words)) != "</s>":
            assert list(w2v.load_vocabulary(path)) == list(words)

    @pytest.mark.parametrize("suffix", ["", ".gz", ".xz"])
    def test_compressed(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"words.txt{suffix}"
        w2v.save_vocabulary(path, COUNTS)
        assert w2v.load_vocabulary(path) == COUNTS
        assert (path.read_bytes()[:4] == b"the ") == (not suffix)

    def test_word2vecs_file(self, file: Path) -> None:
        file.write_text("</s> 60\nthe 80\ncat\t60\r\nsat 60")
        assert w2v.load_vocabulary(file) == {"the": 80, "cat": 60, "sat": 60}

    def test_a_word_like_word2vecs_line_end_is_kept(self, file: Path) -> None:
        words = {"</s>": 90, "the": 80, "cat": 60}
        w2v.save_vocabulary(file, words)
        assert file.read_text() == "the 80\n</s> 90\ncat 60\n"
        assert w2v.load_vocabulary(file) == words
        text = [["</s>", "the", "cat", "</s>"]] * 300
        model = w2v.train(text, vocabulary=file, vector_size=8, workers=1)
        assert model.vectors.index_to_key[0] == "</s>"
        assert model.summary.tokens == 1200

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "is not a vocabulary, .*: it is empty; write one with 'w2v vocabulary'"),
            (b"cat\ndog\n", "is not a vocabulary, .*: line 1 is 'cat'"),
            (b"cat 5\ndog\n", r"line 2: 'dog' is not a word and a whole number, as the lines be"),
            (b"cat 5\n\ndog 2\n", "line 2: '' is not a word and a whole number"),
            (b"cat 5\ndog 2.5\n", "line 2: 'dog 2.5' is not a word and a whole number"),
            (b"cat 5\ndog -2\n", "line 2: 'dog -2' is not a word and a whole number"),
            (b"cat 5\ndog " + b"9" * 19, "line 2: 'dog 9{19}' is not a word and a whole number"),
            (b"cat 5\nnew york 2\n", "line 2: 'new york' is with white space in it; a name be"),
            (b"cat 5\ndog 3\ncat 2\n", "line 3: 'cat' is also on line 1; keep one of the lines"),
            (b"cat 5\n\xff 3\n", r"line 2: b'\\xff' is not UTF-8 \(invalid start byte\)"),
            (b"cat 5\na\0b 3\n", "line 2: .* is with a NUL character in it"),
            (b"3 2\ncat 0.1 0.2\ndog 1.1 2.5\n", "line 2: 'cat 0.1 0.2' is not a word and a wh"),
            (b"x" * 70_000, "line 1: 'x*' is longer than a word can be"),
            (b"\x1f\x8b\x08 damaged", "is damaged: it cannot be decompressed"),
        ],
    )
    def test_odd_files(self, file: Path, content: bytes, message: str) -> None:
        file.write_bytes(content)
        for read in (w2v.load_vocabulary, lambda path: w2v.train(LISTS, vocabulary=path)):
            with pytest.raises(w2v.FormatError, match=message):
                read(file)

    def test_missing_files_and_directories(self, tmp_path: Path) -> None:
        with pytest.raises(w2v.FormatError, match="There is no vocabulary file"):
            w2v.train(LISTS, vocabulary=tmp_path / "none")
        with pytest.raises(w2v.FormatError, match="is a directory"):
            w2v.load_vocabulary(tmp_path)

    def test_what_cannot_be_saved(self, file: Path) -> None:
        for words in ({"new york": 3}, {"": 1}, {5: 1}, {"a": -1}, {"a": 1.5}, ["a"], None):
            with pytest.raises(w2v.ConfigError, match="vocabulary"):
                w2v.save_vocabulary(file, words)  # type: ignore[arg-type]
        assert not file.exists()


class TestTraining:
    def test_the_texts_own_vocabulary_changes_nothing(self, file: Path) -> None:
        w2v.save_vocabulary(file, COUNTS)
        plain = w2v.train(LISTS, **SETTINGS)
        for vocabulary in (COUNTS, Counter(COUNTS), file, str(file)):
            model = w2v.train(LISTS, vocabulary=vocabulary, **SETTINGS)
            assert model.vectors.index_to_key == plain.vectors.index_to_key
            assert (model.vectors.vectors == plain.vectors.vectors).all()
            assert (model.output == plain.output).all()

    @pytest.mark.parametrize("loss", ["negative", "hierarchical"])
    @pytest.mark.parametrize("workers", [1, 2])
    def test_words_and_counts_are_those_given(self, loss: Any, workers: int) -> None:
        given = {"dog": 7, "cat": 900, "unseen": 7, "the": 2, "zero": 0}
        settings = {**SETTINGS, "workers": workers, "loss": loss}
        with pytest.warns(W2VWarning, match="Not in the sentences: 1 of the 4 words of the vo"):
            vectors = w2v.train(LISTS, vocabulary=given, **settings).vectors
        assert vectors.index_to_key == ["cat", "dog", "unseen", "the"]
        assert vectors.counts is not None
        assert vectors.counts.tolist() == [900, 7, 7, 2]
        assert np.isfinite(vectors.vectors).all()

    def test_min_count_and_max_vocabulary_choose_among_them(self) -> None:
        given = {"the": 9, "cat": 4, "dog": 4, "sat": 4}
        for settings, words in (
            ({}, ["the", "cat", "dog", "sat"]),
            ({"min_count": 5, "max_vocabulary": 2}, None),
            ({"min_count": 2, "max_vocabulary": 2}, ["the", "cat"]),
        ):
            if words is None:
                with pytest.raises(w2v.ConfigError, match="4 words, and 1 with a count of 5"):
                    w2v.train(LISTS, vocabulary=given, **SETTINGS, **settings)
            else:
                model = w2v.train(LISTS, vocabulary=given, **SETTINGS, **settings)
                assert model.vectors.index_to_key == words

    def test_a_tokenizer_finds_its_words(self) -> None:
        model = w2v.train(TEXTS, vocabulary=COUNTS, tokenizer="words", lower=True, **SETTINGS)
        assert model.vectors.index_to_key == list(COUNTS)

    def test_vectors_to_start_from(self) -> None:
        first = w2v.train(LISTS, **SETTINGS)
        vocabulary = {"cat": 3, "dog": 2}
        model = w2v.train(
            LISTS, vocabulary=vocabulary, init_from=first.vectors, freeze=True, epochs=1, workers=1
        )
        assert (model.vectors["cat"] == first.vectors["cat"]).all()
        assert model.vectors.index_to_key == ["cat", "dog"]

    def test_resuming_needs_no_file(self, file: Path, tmp_path: Path) -> None:
        w2v.save_vocabulary(file, {"sat": 500, "cat": 30, "the": 30, "dog": 2, "none": 1})
        directory, whole = tmp_path / "checkpoints", []

        def stop(training: w2v.Training) -> None:
            training.stop()

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            whole.append(w2v.train(LISTS, vocabulary=file, **SETTINGS))
            w2v.train(LISTS, vocabulary=file, checkpoint=directory, callbacks=stop, **SETTINGS)
        file.unlink()
        resumed = w2v.train(LISTS, resume=directory)
        assert resumed.vectors.index_to_key == whole[0].vectors.index_to_key
        assert (resumed.vectors.vectors == whole[0].vectors.vectors).all()
        with pytest.raises(w2v.ConfigError, match="vocabulary has no effect with resume, which"):
            w2v.train(LISTS, resume=directory, vocabulary=COUNTS)
        with pytest.raises(w2v.ConfigError, match="vocabulary has no effect with continue_from"):
            w2v.train(LISTS, continue_from=resumed, vocabulary=COUNTS)

    @pytest.mark.parametrize(
        ("vocabulary", "message"),
        [
            ({}, "vocabulary has 0 words, and 0 with a count of 1 or more"),
            ({"a": 1, "b": 0}, "vocabulary has 2 words, and 1 with a count of 1 or more"),
            ({"a": 1, "b": "2"}, "vocabulary has the count '2' for 'b'; counts are whole numbers"),
            ({"a": 1, "b": True}, "vocabulary has the count True for 'b'"),
            ({"a": 2**62, "b": 1}, "vocabulary has counts of more than 4,611,"),
            ({"a b": 1, "b": 1}, "vocabulary has the word 'a b', which is with white space in it"),
            (["a", "b"], r"vocabulary must be a file, or a dict of words and their counts, not \["),
            (5, "vocabulary must be a file, or a dict of words and their counts, not 5"),
        ],
    )
    def test_odd_mappings(self, vocabulary: Any, message: str) -> None:
        with pytest.raises(w2v.ConfigError, match=message):
            w2v.train(LISTS, vocabulary=vocabulary, **SETTINGS)

    def test_a_vocabulary_of_another_text(self) -> None:
        with pytest.raises(w2v.CorpusError, match="No word of the sentences is in the vocabulary"):
            w2v.train(LISTS, vocabulary={"Katze": 3, "Hund": 2}, **SETTINGS)


class TestCommandLine:
    OPTIONS = ("--tokenizer", "words", "--lower")

    @pytest.fixture
    def shell(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
        shell = Shell(tmp_path, monkeypatch)
        Path("text.txt").write_text("\n".join(TEXTS))
        return shell

    def test_written_and_given(self, shell: Shell) -> None:
        counted = w2v.count_words("text.txt", tokenizer="words", lower=True)
        result = shell.succeed("vocabulary", "text.txt", *self.OPTIONS)
        lines = "".join(f"{word} {count}\n" for word, count in counted.items())
        assert result.stdout == lines
        shell.succeed("vocabulary", "text.txt", "-o", "words.txt", *self.OPTIONS)
        assert Path("words.txt").read_text() == lines
        options = ("--max-vocabulary", "2", "--min-count", "1")
        assert shell.succeed("vocabulary", "-", *options, text="b b a a a c").stdout == "a 3\nb 2\n"
        trained = shell.succeed(
            "train", "text.txt", "-o", "v.bin", "--vocabulary", "words.txt", *self.OPTIONS
        )
        assert f"{len(counted)} of these get vectors" in trained.stderr
        assert w2v.load("v.bin").index_to_key == list(counted)

    def test_refusals(self, shell: Shell) -> None:
        assert "it is the corpus" in shell.fail("vocabulary", "text.txt", "-o", "text.txt")
        assert "the directory none does not exist" in shell.fail(
            "vocabulary", "text.txt", "-o", "none/words.txt"
        )
        assert "is not a vocabulary" in shell.fail("train", "text.txt", "--vocabulary", "text.txt")
        w2v.save_vocabulary("words.bin", COUNTS)
        message = shell.fail("train", "text.txt", "--vocabulary", "words.bin", "-o", "words.bin")
        assert message == (
            "Cannot write words.bin: it is the vocabulary; name another for the vectors."
        )
        message = shell.fail("train", "--resume", "none", "--vocabulary", "words.bin")
        assert "none" in message or "--vocabulary has no effect with --resume" in message
