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
OTHER_KINDS = (
    "o.csv", "o.json", "o.npz", "o.parquet", "o.pkl", "o.h5", "o.xyz", "o.model", "o.kv", "o.300d",
    "o.csv.gz", "o.tar.gz", "o.bin.7z",
)  # fmt: skip


def prepared(shell: Shell) -> Shell:
    """Write the files that the tests start from."""
    Path("text.txt").write_text(TEXT)
    Path("pairs.tsv").write_text(PAIRS)
    VECTORS.save("start.bin")
    VECTORS.save("start.npy")
    return shell


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return prepared(Shell(tmp_path, monkeypatch))


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
