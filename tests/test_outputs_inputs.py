"""No command writes over a file that it reads, however the two are spelled."""

from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import SMALL, Shell
from test_outputs import PAIRS, TEXT, content, prepared

import w2v
from w2v.errors import W2VError

EVENT = b'{"event": "progress"}\n'


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return prepared(Shell(tmp_path, monkeypatch))


@pytest.fixture(scope="module")
def model() -> w2v.Model:
    sentences = [line.split() for line in TEXT.splitlines()]
    return w2v.train(sentences, vector_size=8, epochs=1, workers=1)


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
