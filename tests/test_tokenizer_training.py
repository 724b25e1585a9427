"""Training on words found among punctuation: what is refused, recorded and advised."""

import re
import warnings
from pathlib import Path
from typing import Any, ClassVar

import pytest
from command_line import Shell
from texts import corpus_of, real_text

import w2v
from w2v.text.corpus import open_corpus
from w2v.text.vocabulary import count_vocabulary
from w2v.word_forms import WordForm

SETTINGS: dict[str, Any] = {
    "vector_size": 4, "epochs": 200, "min_count": 1, "sample": 0, "workers": 1,
}  # fmt: skip


class TestRefusals:
    @pytest.mark.parametrize(
        ("corpus", "message"),
        [
            (iter([["a", "b"]]), r"Text 1 is \['a', 'b'\], not a string, .* need no tokenizer"),
            (iter(["a b", b"c"]), r"Text 2 is b'c', .*text\.decode\(\)"),
            (iter(["a b", None]), "Text 2 is None, not a string, as .* needs; leave it out"),
            (iter(["a\0b"]), "with a NUL character or a lone surrogate in it"),
            (iter(["a\ud800b"]), "with a NUL character or a lone surrogate in it"),
            (["pyproject.toml", "A text."], "list of strings, and .* names no file"),
            (open_corpus([["a", "b"]]), "tokenizer has no effect on lists of words"),
            (w2v.walks([("a", "b"), ("b", "c")]), "tokenizer has no effect on walks in a graph"),
        ],
    )
    def test_a_corpus_that_is_no_text(self, corpus: Any, message: str) -> None:
        with pytest.raises(w2v.W2VError, match=message):
            w2v.train(corpus, tokenizer="words", **SETTINGS)

    def test_strings_without_a_tokenizer_name_it(self) -> None:
        with pytest.raises(w2v.CorpusError, match=r"have them found with tokenizer='words'\."):
            w2v.train(iter(["a b", "c d"]), **SETTINGS)
        with pytest.raises(w2v.CorpusError, match=r"or strings with tokenizer='words'\."):
            w2v.train(["a b", "c d"], **SETTINGS)

    def test_an_unknown_tokenizer(self) -> None:
        with pytest.raises(w2v.ConfigError, match="tokenizer must be 'whitespace' or 'words'"):
            w2v.TrainConfig(tokenizer="nltk")  # type: ignore[arg-type]


class TestRecord:
    TEXTS: ClassVar = ["The King’s cat, the king's dog.", "A King; a cat!", "The cat - a dog."]

    def test_queries_apply_it(self, tmp_path: Path) -> None:
        model = w2v.train(self.TEXTS, tokenizer="words", lower=True, **SETTINGS)
        path = tmp_path / "model.safetensors"
        model.save(path)
        loaded = [w2v.load(path), w2v.load(path, mmap=True), w2v.load_model(path).vectors]
        for vectors in (model.vectors, *loaded):
            assert vectors.form == WordForm("words", True)
            assert (vectors["KING’S"] == vectors["king's"]).all()
            assert "King" in vectors and vectors.get_index("King") == vectors.get_index("king")
            assert "King" not in dict(vectors.most_similar("King", topn=9))
            assert "king" not in dict(vectors.most_similar("King", topn=9))
            assert (vectors.vectors_for_all(["king"])["KING"] == vectors["king"]).all()
            assert vectors.embedding_matrix(["King"], missing="zero")[1].any()
        with pytest.raises(KeyError, match="'Cow' is not among"):
            loaded[0].get_index("Cow")

    def test_other_files_suggest_lower_case(self, tmp_path: Path) -> None:
        model = w2v.train(self.TEXTS, tokenizer="words", lower=True, **SETTINGS)
        model.vectors.save(tmp_path / "vectors.bin")
        with pytest.raises(KeyError, match="'King' is not among the 6 words, but 'king' is"):
            w2v.load(tmp_path / "vectors.bin")["King"]

    def test_a_model_of_before_has_no_record(self, tmp_path: Path) -> None:
        model = w2v.train(self.TEXTS, tokenizer="words", **SETTINGS)
        stored = model.stored()
        config = re.sub(r'"(tokenizer|lower)": [^,]*, ', "", stored.metadata["config"])
        assert "lower" not in config
        stored.metadata["config"] = config
        w2v.formats.full_model.write(tmp_path / "old.safetensors", stored)
        assert w2v.load_model(tmp_path / "old.safetensors").config.tokenizer == "whitespace"
        assert w2v.load(tmp_path / "old.safetensors").form == WordForm()

    def test_training_goes_on_with_it(self, tmp_path: Path) -> None:
        directory = tmp_path / "checkpoints"
        first = w2v.train(
            self.TEXTS, tokenizer="words", lower=True, checkpoint=directory, **SETTINGS
        )
        resumed = w2v.train(self.TEXTS, resume=directory)
        assert resumed.config.word_form == first.config.word_form
        assert resumed.vectors.index_to_key == first.vectors.index_to_key
        further = w2v.train(["A KING: new"], continue_from=first)
        assert further.vectors.get_count("king") == 2
        with pytest.raises(w2v.ConfigError, match="lower was True in the training"):
            w2v.train(self.TEXTS, resume=directory, lower=False)
        with pytest.raises(w2v.ConfigError, match="tokenizer is 'words' in the model to continue"):
            w2v.train(self.TEXTS, continue_from=first, tokenizer="whitespace")

    def test_the_command_line(self, shell: Shell, tmp_path: Path) -> None:
        Path("text.txt").write_text("\n".join(self.TEXTS * 9))
        shell.succeed(
            "train", "text.txt", "-o", "m.safetensors", "--tokenizer", "words", "--lower",
            "--vector-size", "4", "--epochs", "200", "--sample", "0", "--workers", "1",
        )  # fmt: skip
        model = w2v.train("text.txt", tokenizer="words", lower=True, **{**SETTINGS, "min_count": 5})
        loaded = w2v.load_model("m.safetensors")
        assert (loaded.vectors.vectors == model.vectors.vectors).all()
        assert "cat" in shell.succeed("similar", "King", "-v", "m.safetensors").stdout


class TestAdvice:
    ENGLISH: ClassVar = ["The cat sat, and the dog barked.", "It said: (no) “word”."] * 20

    def warnings_of(self, corpus: Any, **settings: Any) -> list[str]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            w2v.train(corpus, **SETTINGS, **settings)
        return [str(warning.message) for warning in caught if "attached" in str(warning.message)]

    def test_attached_punctuation_is_named_once(self, tmp_path: Path) -> None:
        path = tmp_path / "text.txt"
        path.write_text("\n".join(self.ENGLISH))
        assert self.warnings_of(path) == [
            "Of 220 words 45 % have punctuation attached, and 'sat,' is another word than 'sat';"
            " tokenizer='words' separates it, and lower=True ignores case."
        ]
        lists = [line.lower().split() for line in self.ENGLISH]
        assert self.warnings_of(lists) == [
            "Of 220 words 45 % have punctuation attached, and 'sat,' is another word than 'sat';"
            " tokenizer='words' separates it if texts are given instead of lists of words."
        ]
        assert self.warnings_of(path, tokenizer="words") == []
        assert self.warnings_of([re.findall(r"\w+|\W", line.replace(" ", "")) for line in
                                 self.ENGLISH]) == []  # fmt: skip

    def test_resuming_does_not_repeat_it(self, tmp_path: Path) -> None:
        lists, directory = [line.split() for line in self.ENGLISH], tmp_path / "checkpoints"
        assert len(self.warnings_of(lists, checkpoint=directory)) == 1
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            w2v.train(lists, resume=directory)

    @pytest.mark.parametrize("name", ["wiki-de", "wiki-ko"])
    def test_real_texts(self, test_data: Path, name: str) -> None:
        corpus = corpus_of(real_text(test_data, name)[:100_000])
        assert "1" in str(count_vocabulary(corpus).warning).split(" %")[0]
        assert count_vocabulary(corpus.in_words(WordForm("words"))).warning is None
