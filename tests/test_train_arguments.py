"""What `w2v.train` takes: settings by name or in one, files and functions one or several."""

import dataclasses
import inspect
from pathlib import Path

import gensim
import numpy as np
import pytest

import w2v
from w2v.arguments import checked_seconds
from w2v.training import config as config_module

QUICK = {"vector_size": 4, "epochs": 1, "workers": 1}
TEXT = "the cat sat on the mat\nthe dog sat on the cat\n" * 40


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(TEXT)
    Path("b.txt").write_text("a bird flew over the mat\n" * 40)
    Path("questions").write_text(": family\ncat dog mat sat\n")
    return tmp_path


def message_of(*arguments, error=w2v.ConfigError, **named):
    with pytest.raises(error) as caught:
        w2v.train(*arguments, **named)
    return str(caught.value)


class TestSettings:
    def test_the_signature_names_every_setting_with_its_type_and_default(self):
        parameters = inspect.signature(w2v.train).parameters
        for field in dataclasses.fields(w2v.TrainConfig):
            parameter = parameters[field.name]
            assert parameter.kind is parameter.KEYWORD_ONLY
            assert parameter.default == field.default
            assert eval(parameter.annotation, vars(config_module)) == field.type
        assert not any(each.kind is each.VAR_KEYWORD for each in parameters.values())

    def test_settings_in_one(self):
        config = w2v.TrainConfig(**QUICK, seed=7, window=2)
        model = w2v.train("toy", config=config)
        expected = w2v.train("toy", **QUICK, seed=7, window=2)
        assert model.config == expected.config
        np.testing.assert_array_equal(model.vectors.vectors, expected.vectors.vectors)

    def test_those_named_beside_it_go_first(self):
        config = w2v.TrainConfig(**QUICK, seed=7, window=2)
        found = w2v.train("toy", config=config, window=5, seed=8).config
        assert (found.window, found.seed, found.vector_size) == (5, 8, 4)

    def test_a_learning_rate_that_is_the_default_follows_the_architecture(self):
        other = {"architecture": "cbow", "loss": "hierarchical"}
        assert w2v.train("toy", config=w2v.TrainConfig(**QUICK), **other).config.alpha == 0.025
        given = w2v.TrainConfig(**QUICK, alpha=0.04)
        assert w2v.train("toy", config=given, **other).config.alpha == 0.04

    def test_what_is_left_out_is_the_models_that_is_continued(self):
        """A setting that is given, though it is the default, differs from one that is left out."""
        model = w2v.train("toy", **QUICK, window=2)
        assert w2v.train("toy", continue_from=model, epochs=1).config.window == 2
        assert w2v.train("toy", continue_from=model, epochs=1, window=5).config.window == 5
        message = message_of("toy", continue_from=model, vector_size=100)
        assert message.startswith("vector_size is 4 in the model to continue and cannot become 100")

    def test_what_is_none_of_them(self):
        assert message_of("toy", config={"window": 3}).startswith(
            "config must be a w2v.TrainConfig, not {'window': 3}; settings by name are given as in"
        )
        assert message_of("toy", 50, error=TypeError) == (
            "train takes corpus without a name, but 2 values were given; name the others, as in"
            " train(corpus, vector_size=100)."
        )
        assert "did you mean checkpoint? " in message_of("toy", chekpoint="x")


class TestOthers:
    @pytest.mark.parametrize(
        ("given", "seconds"),
        [
            (60, 60),
            (1.5, 1.5),
            ("60s", 60),
            ("5m", 300),
            ("2h", 7200),
            ("90", 90),
            (np.int64(3), 3),
        ],
    )
    def test_times_as_in_the_shell(self, given, seconds):
        assert checked_seconds("checkpoint_every", given) == seconds

    @pytest.mark.parametrize("given", ["", "s", "5d", "-1s", -1, float("nan"), True, [60]])
    def test_no_times(self, given, files):
        message = message_of("toy", checkpoint="c", checkpoint_every=given, **QUICK)
        assert message.startswith(
            "checkpoint_every must be 0 seconds or more, as a number or as in"
        )
        assert not Path("c").exists()

    @pytest.mark.parametrize(
        ("named", "message"),
        [
            ({"early_stop": 3}, "early_stop must be METRIC:PATIENCE"),
            ({"callbacks": 3}, "callbacks must be a list of functions, or one, not 3."),
            ({"callbacks": [print, "x"]}, "callbacks must be a list of functions"),
            ({"on_event": 3}, "on_event must be a function, not 3."),
            ({"on_event": 0}, "on_event must be a function, not 0."),
            ({"freeze": 1, "init_from": "x"}, "freeze must be True or False, not 1."),
            (
                {"evaluate_every": "1"},
                "evaluate_every must be a number above 0, at most 1,000,000, not",
            ),
            ({"init_from": 3}, "init_from must be the name of a file of vectors, KeyedVectors, or"),
            ({"continue_from": 3}, "continue_from must be a Model or the name of a file, as a str"),
        ],
    )
    def test_wrong_ones_get_a_sentence(self, named, message):
        assert message_of("toy", **named).startswith(message)

    def test_one_file_and_one_function_are_lists_of_one(self, files):
        seen = []
        one = w2v.train("toy", evaluate="questions", callbacks=seen.append, **QUICK)
        assert one.summary.scores.keys() == {"questions"}
        assert isinstance(seen[0], w2v.Training)
        assert w2v.train("toy", evaluate=Path("questions"), **QUICK).summary.scores == (
            one.summary.scores
        )

    def test_vectors_of_other_libraries(self):
        """gensim's vectors and model, and ours, are where training starts, as their file is."""
        ours = w2v.train("toy", **QUICK)
        theirs = gensim.models.KeyedVectors(4)
        theirs.add_vectors(ours.vectors.index_to_key, ours.vectors.vectors)
        model = gensim.models.Word2Vec(vector_size=4)
        model.wv = theirs
        settings = {"freeze": True, "workers": 1, "epochs": 1}
        for given in (ours, ours.vectors, theirs, model):
            found = w2v.train("toy", init_from=given, **settings)
            np.testing.assert_array_equal(found.vectors.vectors, ours.vectors.vectors)
        theirs.vectors[3, 2] = np.nan
        assert message_of("toy", init_from=theirs) == (
            "init_from must have finite numbers, but holds NaN or infinity."
        )

    def test_vectors_alone_are_saved_too(self, files):
        model = w2v.train("toy", **QUICK)
        for name in ("vectors.bin", "vectors.safetensors"):
            w2v.save(model.vectors, name)
            np.testing.assert_array_equal(w2v.load(name).vectors, model.vectors.vectors)
        with pytest.raises(
            w2v.ConfigError, match="Only a Model or KeyedVectors can be saved, not 3"
        ):
            w2v.save(3, "vectors.bin")


class TestFiles:
    """A list of paths is files, as in the shell; strings that are not files are a mistake."""

    @pytest.mark.parametrize(
        "corpus",
        [
            ["a.txt", "b.txt"], ("a.txt", Path("b.txt")), [Path("a.txt"), Path("b.txt")],
            ["[ab].txt"], "*.txt",
        ],
    )  # fmt: skip
    def test_lists_of_files(self, files, corpus):
        model = w2v.train(corpus, min_count=1, **QUICK)
        expected = w2v.train(w2v.open_corpus("a.txt", "b.txt"), min_count=1, **QUICK)
        assert model.vectors.index_to_key == expected.vectors.index_to_key
        np.testing.assert_array_equal(model.vectors.vectors, expected.vectors.vectors)

    def test_invalid_bytes_of_listed_files(self, files):
        Path("b.txt").write_bytes(b"caf\xe9 the cat\n" * 40)
        with pytest.raises(w2v.CorpusError, match=r"b\.txt is not valid UTF-8"):
            w2v.train(["a.txt", "b.txt"], **QUICK)
        model = w2v.train(["a.txt", "b.txt"], invalid_utf8="replace", **QUICK)
        assert "caf\ufffd" in model.vectors

    def test_known_names(self, files):
        corpus = w2v.open_corpus(["toy", "a.txt"])
        assert str(corpus) == "toy, a.txt"
        assert corpus.name is None
        assert corpus.paths == [Path("a.txt")]
        assert [Path(name).name for name in corpus.origin.sources] == ["toy", "a.txt"]

    @pytest.mark.parametrize(
        "corpus", [["the cat sat", "a dog"], ["a.txt", "c.txt"], ["a.txt", ""]]
    )
    def test_strings_that_are_no_files(self, files, corpus):
        with pytest.raises(w2v.CorpusError) as caught:
            w2v.train(corpus, **QUICK)
        missing = next(name for name in corpus if name != "a.txt")
        assert str(caught.value) == (
            f"The corpus is a list of strings, and {missing!r} names no file. In a list of files"
            " each has to be there; sentences are lists of words, as in"
            " [sentence.split() for sentence in sentences], or strings with tokenizer='words'."
        )

    def test_a_path_that_is_missing(self, files):
        with pytest.raises(w2v.CorpusError, match=r"There is no file 'c\.txt'"):
            w2v.train([Path("a.txt"), Path("c.txt")], **QUICK)
