"""Settings that would have no effect are refused, from Python and on the command line."""

import gzip
import itertools
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import SMALL, Shell

import w2v
from w2v.training.without_effect import NEEDS
from w2v_cli.commands import cli
from w2v_cli.wording import in_options

SENTENCES = [["one", "two", "three", "four"], ["five", "six"]] * 20
TRAINED = {"vector_size": 4, "epochs": 1, "workers": 1}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with models of both losses, and one whose vocabulary is full."""
    directory = tmp_path_factory.mktemp("models")
    for name, settings in {
        "negative": {}, "hierarchical": {"loss": "hierarchical"}, "full": {"max_vocabulary": 6}
    }.items():  # fmt: skip
        w2v.train(SENTENCES, **TRAINED, **settings).save(directory / f"{name}.safetensors")
    return directory


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    shell = Shell(tmp_path, monkeypatch)
    Path("text.txt").write_text("one two three four\nfive six\n" * 20)
    return shell


# (given, what the error says), of Python and so of the command line.
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"evaluate_every": 3.0}, "evaluate_every has no effect without evaluate or held_out; "),
    ({"checkpoint_every": 5.0}, "checkpoint_every has no effect without checkpoint or resume; "),
    ({"new_words": True}, "new_words has no effect without continue_from; "),
    ({"freeze": True}, "freeze has no effect without init_from; "),
    ({"shards": 4}, "shards has no effect without cluster or deterministic or resume; "),
    ({"loss": "hierarchical", "negative": 7}, "negative has no effect with loss='hierarchical', "),
    (
        {"continue_from": "hierarchical", "negative": 7},
        "negative has no effect with loss='hierarchical', ",
    ),
    (
        {"continue_from": "negative", "min_count": 3},
        "min_count has no effect without new_words where continue_from is given; ",
    ),
    (
        {"continue_from": "negative", "max_vocabulary": 9},
        "max_vocabulary has no effect without new_words where continue_from is given; ",
    ),
    (
        {"continue_from": "negative", "new_words": True, "max_vocabulary": 5},
        "new_words has no effect with max_vocabulary=5: the model has 6 words already; ",
    ),
    ({"continue_from": "full", "new_words": True}, "new_words has no effect with max_vocabulary=6"),
]


def with_path(given: dict[str, Any], models: Path) -> dict[str, Any]:
    """Return the settings with the file in the place of a model's name."""
    if "continue_from" not in given:
        return given
    return {**given, "continue_from": str(models / f"{given['continue_from']}.safetensors")}


def as_options(given: dict[str, Any]) -> list[str]:
    """Return settings as the command line has them."""
    flags = {"continue_from": "--continue"}
    options: list[str] = []
    for name, value in given.items():
        options.append(flags.get(name, f"--{name.replace('_', '-')}"))
        options += [] if value is True else [str(value)]
    return options


class TestTraining:
    @pytest.mark.parametrize(("given", "said"), [*REFUSED, (
        {"notes": {"a": 1}}, "notes has no effect without checkpoint or resume; "
    )])  # fmt: skip
    def test_from_python(self, given: dict[str, Any], said: str, models: Path) -> None:
        with pytest.raises(w2v.ConfigError) as caught:
            w2v.train(SENTENCES, **with_path(given, models))
        assert str(caught.value).startswith(said)

    @pytest.mark.parametrize(("given", "said"), REFUSED)
    def test_on_the_command_line(
        self, given: dict[str, Any], said: str, models: Path, shell: Shell
    ) -> None:
        message = shell.fail("train", "text.txt", *as_options(with_path(given, models)))
        with pytest.raises(w2v.ConfigError) as caught:
            w2v.train(SENTENCES, **with_path(given, models))
        assert message == in_options(caught.value, cli.commands["train"])
        assert message.startswith(f"--{said.partition(' has no effect')[0].replace('_', '-')} has")
        assert not any(f" {name} " in message for name in ("new_words", "held_out", "init_from"))
        assert shell.files() == ["text.txt"]

    def test_every_need_is_tried(self) -> None:
        tried = {said.split()[0] for _, said in REFUSED} | {"notes"}
        assert {need.argument for need in NEEDS} <= tried

    @pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.argument)
    def test_each_of_those_needed_is_enough(self, need: Any) -> None:
        beside = {} if need.beside is None else {need.beside: "there"}
        for other in need.needs:
            given = {"held_out": 0.1, "deterministic": True, "cluster": "local:2"}.get(
                other, "there"
            )
            w2v.check_settings(**{**beside, need.argument: 1, other: given})

    def test_what_is_given_on_the_command_line_counts_with_its_default(self, shell: Shell) -> None:
        options = ("--loss", "hierarchical", "--negative", 5)
        assert "--negative has no effect" in shell.fail("train", "text.txt", *options)
        w2v.train(SENTENCES, loss="hierarchical", negative=5, **TRAINED)  # cannot be told

    def test_it_is_found_before_anything_is_read(self, shell: Shell) -> None:
        message = shell.fail("train", "-", "-o", "out.bin", "--checkpoint-every", "5s", text="")
        assert "--checkpoint-every has no effect" in message

    def test_settings_alone_are_never_refused(self) -> None:
        """Nor any two of them, but for the pairs above."""
        others = {
            "architecture": "cbow", "loss": "hierarchical", "vector_size": 8, "window": 3,
            "epochs": 2, "min_count": 1, "max_vocabulary": 9, "sample": 0.5, "alpha": 0.04,
            "min_alpha": 0.01, "workers": 1, "seed": 3, "held_out": 0.1, "deterministic": True,
            "evaluate": ["a"], "checkpoint": "here", "init_from": "vectors",
        }  # fmt: skip
        for first, second in itertools.combinations(others, 2):
            w2v.check_settings(**{first: others[first], second: others[second]})


class TestInvalidUtf8:
    def test_where_there_are_no_bytes(self) -> None:
        for corpus in (SENTENCES, w2v.open_corpus(SENTENCES)):
            with pytest.raises(w2v.ConfigError, match="invalid_utf8 has no effect on a corpus"):
                w2v.train(corpus, invalid_utf8="replace", **TRAINED)

    def test_resuming_takes_what_it_was(self, shell: Shell) -> None:
        given = ("--vector-size", 4, "--epochs", 1, "--checkpoint", "kept", "--quiet")
        shell.succeed("train", "text.txt", *given)
        message = shell.fail("train", "--resume", "kept", "--invalid-utf8", "replace")
        assert message.startswith("--invalid-utf8 was 'error' in the training of kept/")
        shell.succeed("train", "--resume", "kept", "--invalid-utf8", "error")
        with pytest.raises(w2v.ConfigError, match="invalid_utf8 was 'error' in the training"):
            w2v.train(resume="kept", invalid_utf8="replace")
        w2v.train(resume="kept")


class TestQueries:
    @pytest.fixture
    def words(self, shell: Shell) -> None:
        words = ["-", "a", "b", "c", "d"]
        w2v.KeyedVectors(words, np.arange(10.0).reshape(5, 2) ** 2 + 1).save("good.bin")

    @pytest.mark.usefixtures("words")
    def test_a_lone_dash_is_standard_input(self, shell: Shell) -> None:
        v = ("-v", "good.bin")
        for command in (("similar",), ("similar", "--each"), ("distance",), ("odd",)):
            expected = shell.succeed(*command, "a", "b", "c", *v).stdout
            assert shell.succeed(*command, "-", *v, text="a b\nc\n").stdout == expected
        given = shell.succeed("similar", "-", *v, text="-").stdout
        assert "a " in given
        assert shell("distance", "-", *v, text="a").exit_code == 2
        assert "Standard input holds no words" in shell.fail("similar", "-", *v, text=" ")
        assert shell.succeed("distance", "-", "a", *v, text="").stdout.count("– a") == 1

    @pytest.mark.usefixtures("words")
    def test_a_limit_of_analogies_without_any(self, shell: Shell) -> None:
        Path("pairs.tsv").write_text("a\tb\t1\na\tc\t2\nb\td\t3\n")
        Path("analogies.txt").write_text(": s\na b c d\n")
        ask = ("evaluate", "pairs.tsv", "-v", "good.bin")
        warning = "Warning: --restrict-vocab has no effect on similarity sets\n"
        assert warning in shell.succeed(*ask, "--restrict-vocab", 3).stderr
        assert warning not in shell.succeed(*ask).stderr
        assert warning not in shell.succeed(*ask, "analogies.txt", "--restrict-vocab", 3).stderr


class TestHints:
    """Each is followed."""

    def test_a_command_with_checkpoints_that_is_given_again(self, shell: Shell) -> None:
        command = ("train", "toy", *SMALL, "--checkpoint", "it's kept")
        shell.succeed(*command)
        before = Path("toy.bin").read_bytes()
        Path("toy.bin").rename("first.bin")
        message = shell.fail(*command)
        assert message == (
            "it's kept already holds the checkpoints of a training: to go on with that, give"
            " --resume 'it'\"'\"'s kept'; to begin a new one, name another directory."
        )
        shell.succeed(*command, "--resume", "it's kept")
        shell.succeed("train", "--resume", "it's kept")
        assert Path("toy.bin").read_bytes() == before
        shell.succeed(*command[:-1], "another")
        with pytest.raises(w2v.ConfigError, match="give resume='another'; to begin"):
            w2v.train("toy", checkpoint="another")
        w2v.train(resume="another")

    @pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.safetensors", "v.npy", "v.bin.gz"])
    def test_vectors_in_the_place_of_a_model(self, shell: Shell, name: str) -> None:
        w2v.KeyedVectors(["one", "two", "x"], np.eye(3, 4) + 1).save(name)
        message = shell.fail("train", "text.txt", "-o", "out.bin", "--continue", name)
        assert message.startswith(f"{name} holds word vectors alone, without the output vectors ")
        assert f"give --init-from {name}, to read" in message
        shell.succeed("train", "text.txt", "-o", "out.bin", "--epochs", 1, "--init-from", name)
        with pytest.raises(w2v.FormatError, match=f"give init_from='{name}', to read them in"):
            w2v.load_model(name)
        assert len(w2v.load(name)) == 3

    @pytest.mark.parametrize("load", [w2v.load, w2v.load_model])
    def test_a_pickle(self, load: Callable[[str], Any], shell: Shell) -> None:
        Path("x.model").write_bytes(pickle.dumps({"a": 1}))
        hint = "x.model is a Python pickle.*call save_word2vec_format on its vectors"
        with pytest.raises(w2v.FormatError, match=hint):
            load("x.model")
        for option in ("--continue", "--init-from"):
            assert "Python pickle" in shell.fail("train", "text.txt", option, "x.model")

    def test_a_gensim_model_as_the_hint_has_it(self, shell: Shell) -> None:
        gensim = pytest.importorskip("gensim")
        model = gensim.models.Word2Vec(SENTENCES, vector_size=4, min_count=1, epochs=1)
        model.save("x.model")
        with pytest.raises(w2v.FormatError, match=r"a model's are model\.wv"):
            w2v.load_model("x.model")
        model = gensim.models.Word2Vec.load("x.model")
        model.wv.save_word2vec_format("x.bin", binary=True)
        assert np.array_equal(w2v.load("x.bin").vectors, model.wv.vectors)

    def test_a_compressed_model(self, shell: Shell, models: Path) -> None:
        packed = gzip.compress((models / "negative.safetensors").read_bytes())
        Path("m.safetensors.gz").write_bytes(packed)
        message = shell.fail("train", "text.txt", "--continue", "m.safetensors.gz")
        assert message == "m.safetensors.gz is a compressed full model; decompress it first."

    @pytest.mark.parametrize(
        ("other", "ours"),
        [
            ("lr", "alpha"), ("learning-rate", "alpha"), ("size", "vector-size"),
            ("dim", "vector-size"), ("ws", "window"), ("neg", "negative"), ("iter", "epochs"),
            ("epoch", "epochs"), ("minCount", "min-count"), ("thread", "workers"), ("hs", "loss"),
            ("max-final-vocab", "max-vocabulary"), ("sg", "architecture"), ("t", "sample"),
        ],
    )  # fmt: skip
    def test_what_other_tools_call_it(self, shell: Shell, other: str, ours: str) -> None:
        result = shell("train", "text.txt", f"--{other}", "1")
        assert result.exit_code == 2
        assert f"No such option '--{other}'" in result.stderr
        assert f"'--{ours}'" in result.stderr
        with pytest.raises(w2v.ConfigError, match=f"did you mean {ours.replace('-', '_')}"):
            w2v.TrainConfig.of({other.replace("-", "_"): 1})

    def test_another_command_has_hints_of_its_own(self, shell: Shell) -> None:
        assert "--alpha" not in shell("similar", "a", "--lr", "1").stderr

    def test_bytes_that_are_no_text(self, shell: Shell) -> None:
        Path("bad.txt").write_bytes(b"caf\xe9 au lait\n" * 900)
        message = shell.fail("train", "bad.txt", *SMALL)
        assert message.endswith("convert it, or let it pass with --invalid-utf8 replace.")
        shell.succeed("train", "bad.txt", *SMALL, "--invalid-utf8", "replace")
        with pytest.raises(w2v.CorpusError, match=r"let it pass with invalid_utf8='replace'\.$"):
            w2v.train("bad.txt", **TRAINED)
        w2v.train("bad.txt", invalid_utf8="replace", sample=0, **TRAINED)

    def test_a_text_that_is_thinned_to_nothing(self, shell: Shell) -> None:
        options = ("--epochs", 1, "--vector-size", 4, "--sample", 1e-4)
        warning = shell.succeed("train", "text.txt", *options).stderr
        assert "; try --sample 0 in place of 0.0001." in warning
        assert "try --sample" not in shell.succeed("train", "text.txt", *options[:4]).stderr
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            w2v.train("text.txt", sample=1e-4, **TRAINED)
        assert "; try sample=0 in place of 0.0001." in str(caught[0].message)
