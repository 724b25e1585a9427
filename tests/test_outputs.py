"""Output never destroys input or files that the user did not name; a suffix implies a format."""

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import SMALL, Shell

import w2v
from w2v.errors import ConfigError, W2VError
from w2v.places import NamedFile, check_apart, is_same_file

TEXT = "one two three four five six seven\n" * 50
PAIRS = "one\ttwo\t5\nthree\tfour\t4\nfive\tsix\t1\n"
VECTORS = w2v.KeyedVectors(["one", "two"], np.eye(2, 8, dtype=np.float32))
EVENT = b'{"event": "progress"}\n'
OTHER_KINDS = (
    "o.csv", "o.json", "o.npz", "o.parquet", "o.pkl", "o.h5", "o.xyz", "o.model", "o.kv", "o.300d",
    "o.csv.gz", "o.tar.gz", "o.bin.7z",
)  # fmt: skip


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    shell = Shell(tmp_path, monkeypatch)
    Path("text.txt").write_text(TEXT)
    Path("pairs.tsv").write_text(PAIRS)
    VECTORS.save("start.bin")
    VECTORS.save("start.npy")
    return shell


@pytest.fixture(scope="module")
def model() -> w2v.Model:
    sentences = [line.split() for line in TEXT.splitlines()]
    return w2v.train(sentences, vector_size=8, epochs=1, workers=1)


def content() -> dict[str, bytes]:
    """Every file below the working directory."""
    return {str(path): path.read_bytes() for path in sorted(Path().rglob("*")) if path.is_file()}


SAVERS: dict[str, Callable[[w2v.Model, str], object]] = {
    "vectors": lambda model, name: model.vectors.save(name),
    "model": w2v.save,
    "check": lambda _, name: w2v.check_output(name),
    "convert": lambda _, name: w2v.convert("start.bin", name),
    "full model": lambda model, name: model.save(name),
}


class TestNames:
    @pytest.mark.parametrize("name", OTHER_KINDS)
    def test_another_kind_of_file_is_refused_by_all(
        self, shell: Shell, model: w2v.Model, name: str
    ) -> None:
        before = content()
        for save in SAVERS.values():
            with pytest.raises(ConfigError, match=f"^Cannot write {re.escape(name)}: .*name it o"):
                save(model, name)
        message = shell.fail("train", "text.txt", "-o", name, *SMALL)
        assert message == shell.fail("train", "missing.txt", "-o", name)  # before any reading
        plain = name.removesuffix(".gz")
        assert f"not written as {Path(plain).suffix}; name it {Path(plain).stem}.bin" in message
        assert content() == before

    @pytest.mark.parametrize("name", ["o", "o.w2v", "o.BIN", "o.gz"])
    def test_word2vec_s_binary_format(self, shell: Shell, model: w2v.Model, name: str) -> None:
        for kind in ("vectors", "model", "convert"):
            SAVERS[kind](model, name)
            assert w2v.describe_file(name).format == "word2vec binary"
            Path(name).unlink()
        shell.succeed("train", "text.txt", "-o", name, *SMALL)
        assert w2v.describe_file(name).format == "word2vec binary"

    def test_a_format_that_is_asked_for_goes_by_any_name(self, shell: Shell) -> None:
        VECTORS.save("o.csv", binary=False)
        assert w2v.describe_file("o.csv").format == "word2vec text"
        shell.succeed("convert", "start.bin", "o.h5", "--to", "word2vec")
        assert w2v.describe_file("o.h5").format == "word2vec binary"

    def test_a_full_model_is_no_bin(self, shell: Shell, model: w2v.Model) -> None:
        with pytest.raises(ConfigError, match=r"name it o\.safetensors, or .* vectors alone"):
            model.save("o.bin")
        model.save("o.SAFETENSORS")
        model.save("o")
        assert len(w2v.load_model("o").vectors) == 7


class TestTheDefaultOutput:
    def test_it_says_what_it_replaces(self, shell: Shell) -> None:
        assert "replaced" not in shell.succeed("train", "text.txt", *SMALL).stderr
        again = shell.succeed("train", "text.txt", *SMALL).stderr.splitlines()
        assert re.fullmatch(
            r"text\.bin will be replaced: 7 words, 8 numbers each, of \d{4}-\d\d-\d\d \d\d:\d\d",
            again[1],
        )
        assert shell.succeed("train", "text.txt", "--quiet", *SMALL).stderr == ""
        assert "replaced" not in shell.succeed("train", "text.txt", "-o", "text.bin", *SMALL).stderr

    @pytest.mark.parametrize("kind", ["notes", "text", "npy", "empty"])
    def test_it_replaces_nothing_else(self, shell: Shell, kind: str) -> None:
        if kind == "text":
            VECTORS.save("text.bin", binary=False)
        else:
            data = {"npy": Path("start.npy").read_bytes(), "empty": b""}.get(kind, b"my notes\n")
            Path("text.bin").write_bytes(data)
        before = content()
        message = shell.fail("train", "text.txt", *SMALL)
        assert message.startswith("text.bin exists and does not hold vectors in word2vec's binary")
        assert content() == before


SPELLINGS: dict[str, Callable[[Path], str]] = {
    "plain": str,
    "dotted": lambda path: f"./missing/../{path}",
    "absolute": lambda path: str(path.absolute()),
    "symbolic": lambda path: _linked(path, Path.symlink_to),
    "hard": lambda path: _linked(path, Path.hardlink_to),
}


def _linked(path: Path, link: Callable[[Path, Path], None]) -> str:
    name = Path(f"linked-{path.stem}.bin")
    link(name, path)
    return str(name)


class TestInputs:
    @pytest.mark.parametrize("spelling", SPELLINGS)
    @pytest.mark.parametrize(
        ("option", "name", "role"),
        [
            ("", "text.txt", "the corpus"),
            ("--evaluate", "pairs.tsv", "a test set"),
            ("--continue", "m.safetensors", "the model to continue"),
            ("--init-from", "start.bin", "the vectors to start from"),
            ("--init-from", "start.npy", "the vectors to start from"),
        ],
    )
    def test_no_output_of_a_training_is_one(
        self, shell: Shell, model: w2v.Model, option: str, name: str, role: str, spelling: str
    ) -> None:
        Path("missing").mkdir()
        model.save("m.safetensors")
        target = SPELLINGS[spelling](Path(name))
        command = ["train", "text.txt", "--epochs", 1, *([option, name] if option else [])]
        before = content()
        message = shell.fail(*command, "-o", "new.bin", "--log", target)
        assert role in message or "is not a log of w2v" in message  # the corpus is found later
        if Path(target).suffix != ".tsv":  # such are the Projector's, of two files
            message = shell.fail(*command, "-o", target)
            assert message.startswith(f"Cannot write {Path(target)}: it is {role}")
        assert content() == before

    def test_nor_a_companion_of_one(self, shell: Shell) -> None:
        before = content()
        command = ("train", "text.txt", "--init-from", "start.npy")
        message = shell.fail(*command, "-o", "new.bin", "--log", "start.vocab")
        assert message.startswith("Cannot write start.vocab: it is the vectors to start from;")
        message = shell.fail("train", "text.txt", "-o", "n.npy", "--log", "n.vocab", *SMALL)
        assert message == "Cannot write n.vocab: it is the file of words; name another for the log."
        assert content() == before

    @pytest.mark.parametrize(
        "wrong",
        [
            ("--evaluate", "mistyped.tsv"),
            ("--continue", "mistyped.safetensors"),
            ("--early-stop", "mistyped:1"),
            ("--window", "0"),
            ("-o", "mistyped/new.bin"),
            ("--checkpoint", "text.txt"),
        ],
    )
    def test_an_old_log_is_kept_where_the_command_fails(
        self, shell: Shell, wrong: tuple[str, str]
    ) -> None:
        Path("old.jsonl").write_bytes(EVENT)
        shell.fail("train", "text.txt", "--log", "old.jsonl", *wrong)
        shell.fail("train", "mistyped.txt", "--log", "old.jsonl")
        assert Path("old.jsonl").read_bytes() == EVENT
        shell.succeed("train", "text.txt", "--log", "old.jsonl", *SMALL)
        assert b'"summary"' in Path("old.jsonl").read_bytes()

    @pytest.mark.parametrize("old", [b"my notes\n", b'{"a": 1}\n', b"[1]\n", b"[" * 9999, b"\xff"])
    def test_what_is_no_log_is_not_taken_for_one(self, shell: Shell, old: bytes) -> None:
        Path("notes").write_bytes(old)
        message = shell.fail("train", "text.txt", "--log", "notes", *SMALL)
        assert message.startswith("Cannot write the log notes: the file exists and is not a log")
        assert Path("notes").read_bytes() == old

    def test_checkpoints(self, shell: Shell) -> None:
        command = ("train", "text.txt", "--checkpoint", "ck", *SMALL)
        best = Path("ck/best.safetensors")
        Path("ck").mkdir()
        for name in ("ck", best, "ck/checkpoint-000001.safetensors"):
            assert "name another for the vectors" in shell.fail(*command, "-o", name)
            assert "name another for the log" in shell.fail(*command, "-o", "o.bin", "--log", name)
        assert not Path("o.bin").exists()
        shell.succeed(*command, "-o", "ck/text.bin", "--log", "ck/log.jsonl")
        Path("set").mkdir()
        best = Path("set") / f"best-{'0' * 32}.safetensors"
        best.write_text(PAIRS)
        with pytest.raises(
            W2VError, match=r"is a test set, and may be removed as one of the check"
        ):
            w2v.train("text.txt", evaluate=[best], checkpoint="set")
        mine = best.rename("set/best-mine.safetensors")  # no name of theirs
        stop = ("--evaluate", mine, "--early-stop", "best-mine:9", "--checkpoint-every", 0)
        command = ("train", "text.txt", *SMALL, "--epochs", 3)
        shell.succeed(*command, "--checkpoint", "set", *stop)
        assert mine.read_text() == PAIRS

    def test_a_callback_that_saves(self, shell: Shell) -> None:
        saved: list[str] = []

        def save(training: w2v.Training) -> None:
            for name in ("text.txt", "start.npy", "o.txt"):
                try:
                    training.save(name)
                except W2VError as error:
                    saved.append(str(error))

        before = content()
        w2v.train("text.txt", init_from="start.npy", epochs=1, callbacks=[save])
        assert saved[:2] == [
            "Cannot write text.txt: it is the corpus; name another for the model.",
            "Cannot write start.npy: it is the vectors to start from; name another for the model.",
        ]
        assert content() == {**before, "o.txt": Path("o.txt").read_bytes()}

    def test_standard_input(self, shell: Shell) -> None:
        with Path("text.txt").open() as text:
            code, errors = shell.start("train", "-", "-o", "text.txt", stdin=text).finish()
        assert code == 1
        assert errors.endswith(
            "text.txt: it is the corpus, /dev/stdin; name another for the vectors.\n"
        )
        assert Path("text.txt").read_text() == TEXT

    @pytest.mark.parametrize(
        ("command", "name"),
        [
            (("evaluate", "pairs.tsv", "-v", "start.bin"), "pairs.tsv"),
            (("similar", "one", "-v", "start.bin"), "start.bin"),
            (("similar", "one", "-v", "start.bin", "--words", "list"), "list"),
            (("info", "start.bin"), "start.bin"),
            (("check", "start.bin"), "start.bin"),
        ],
    )
    def test_results_do_not_go_into_one(
        self, shell: Shell, command: tuple[str, ...], name: str
    ) -> None:
        """As with >> in a shell."""
        Path("list").write_text("one\ntwo\n")
        before = content()
        with Path(name).open("a") as results:
            code, errors = shell.start(*command, stdout=results).finish()
        assert code == 1
        assert errors.endswith(
            f"Error: Cannot write /dev/stdout: it is read by this command, {name}; name another for"
            " the results.\n"
        )
        assert content() == before

    def test_an_index(self, shell: Shell) -> None:
        Path("start.bin.index").write_text("one\n")
        message = shell.fail("index", "-v", "start.bin", "--words", "start.bin.index")
        assert message.endswith("index: it is read by this command; name another for the index.")
        Path("start.bin.index").unlink()
        Path("start.bin.index").symlink_to("start.bin")
        assert "name another" in shell.fail("index", "-v", "start.bin")
        assert w2v.load("start.bin").index_to_key == ["one", "two"]


class TestFinishedWork:
    """What goes wrong after the training does not lose it."""

    def test_the_directory_goes_away(self, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
        train = w2v.train

        def removing(*arguments: Any, **options: Any) -> w2v.Model:
            model = train(*arguments, **options)
            Path("sub").rmdir()
            return model

        Path("sub").mkdir()
        monkeypatch.setattr(w2v, "train", removing)
        assert shell.fail("train", "text.txt", "-o", "sub/o.bin.gz", "--quiet", *SMALL) == (
            "Cannot write sub/o.bin.gz: the directory sub does not exist; create it. The finished"
            " model is in finished-o.safetensors."
        )
        assert len(w2v.load_model("finished-o.safetensors").vectors) == 7

    def test_the_name_is_taken_meanwhile(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        replace = Path.replace

        def refused(self: Path, target: Path) -> Path:
            if Path(target).name == "o.bin":
                raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", refused)
        assert shell.fail("train", "text.txt", "-o", "o.bin", "--quiet", *SMALL) == (
            "Cannot write o.bin: Operation not permitted; the new content is in finished-o.bin."
        )
        assert len(w2v.load("finished-o.bin")) == 7
        assert "finished-o.safetensors" not in shell.files()

    def test_a_file_is_put_where_the_words_go(
        self, shell: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        train = w2v.train

        def placing(*arguments: Any, **options: Any) -> w2v.Model:
            Path("o.vocab").write_text("mine")
            return train(*arguments, **options)

        monkeypatch.setattr(w2v, "train", placing)
        message = shell.fail("train", "text.txt", "-o", "o.npy", "--quiet", *SMALL)
        assert message.endswith("The finished model is in finished-o.safetensors.")
        assert Path("o.vocab").read_text() == "mine"


class TestCompanions:
    @pytest.mark.parametrize(
        ("name", "companion", "old"),
        [
            ("o.npy", "o.vocab", b"one 2\n"),
            ("vectors.tsv", "metadata.tsv", b"mine\n"),
            ("o.npy.gz", "o.vocab.gz", b""),
        ],
    )
    def test_what_nobody_named_is_kept(
        self, shell: Shell, model: w2v.Model, name: str, companion: str, old: bytes
    ) -> None:
        Path(companion).write_bytes(old)
        before = content()
        for kind in ("vectors", "model", "check", "convert"):
            with pytest.raises(W2VError, match=f"{companion} would be written beside it, but it"):
                SAVERS[kind](model, name)
        assert companion in shell.fail("train", "text.txt", "-o", name, *SMALL)
        assert content() == before

    @pytest.mark.parametrize("name", ["o.npy", "vectors.tsv", "o.npy.gz", "o.tsv.xz"])
    def test_those_of_an_earlier_output_are_replaced(
        self, shell: Shell, model: w2v.Model, name: str
    ) -> None:
        VECTORS.save(name)
        before = content()
        model.vectors.save(name)
        assert len(content()) == len(before)
        assert sum(content()[path] != before[path] for path in before) == 2
        shell.succeed("train", "text.txt", "-o", name, *SMALL)

    def test_those_of_other_tools_too(self, shell: Shell, model: w2v.Model) -> None:
        np.save("o.npy", np.eye(2))
        Path("o.vocab").write_text("one\ntwo\n")
        model.vectors.save("o.npy")
        assert len(w2v.load("o.npy")) == 7

    @pytest.mark.parametrize(
        ("name", "companion", "changed"),
        [
            ("o.npy", "o.vocab", "one\nthree\n"),
            ("vectors.tsv", "metadata.tsv", "word\tcolour\none\tred\ntwo\tblue\n"),
            ("vectors.tsv", "metadata.tsv", "one\n"),
        ],
    )
    def test_those_that_the_user_changed_are_kept(
        self, shell: Shell, name: str, companion: str, changed: str
    ) -> None:
        VECTORS.save(name)
        Path(companion).write_text(changed)
        with pytest.raises(W2VError, match="does not belong to an earlier"):
            VECTORS.save(name)
        assert Path(companion).read_text() == changed


def test_files_that_are_not_there_are_told_apart_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("new")
    (tmp_path / "other").mkdir()
    assert is_same_file(tmp_path / "link", tmp_path / "other" / ".." / "new")
    assert not is_same_file(tmp_path / "a", tmp_path / "b")
    (tmp_path / "round").symlink_to("round")
    assert is_same_file(tmp_path / "round", tmp_path / "round")
    outputs = [NamedFile(tmp_path / "new", "this"), NamedFile(tmp_path / "link", "that")]
    check_apart([], outputs[:1])
    with pytest.raises(W2VError, match=f"link: it is this, {os.fspath(tmp_path)}/new; name"):
        check_apart([], outputs)


def test_a_stream_may_be_read_and_written(tmp_path: Path) -> None:
    """As a terminal is, by a command that reads the text from it and shows the log there."""
    os.mkfifo(tmp_path / "pipe")
    pipe = NamedFile(tmp_path / "pipe", "this")
    check_apart([pipe], [pipe, NamedFile(tmp_path / "pipe", "that")])
