"""Real faults of files: full disks, permissions, a corpus that changes while it is read."""

import os
import re
import resource
import stat
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import Process, is_root
from faults import (
    W2V,
    Ended,
    can_mount,
    contents,
    ordinary_user,
    run,
    run_on_small_disk,
    script,
    without_powers,
)

import w2v
from w2v_corpora import toy

TRAIN = (*W2V, "train", "toy", "--quiet", "--epochs", 1, "--workers", 1)  # 233 kB of vectors
FULL = "No space left on device"
FORMATS = ["out.bin", "out.vec", "out.safetensors"]


MODULE = "from w2v.kernels.jit import jit\n@jit\ndef twice(x):\n    return 2 * x\n"
TWICE = "from module import twice; print(twice(4), sum(twice.stats.cache_hits.values()))"


@pytest.fixture
def old() -> bytes:
    """A file of vectors, small but good."""
    w2v.KeyedVectors(["a", "b"], np.eye(2)).save("old.bin")
    return Path("old.bin").read_bytes()


@pytest.mark.usefixtures("shell")
class TestAFullDisk:
    @pytest.mark.parametrize("name", FORMATS)
    def test_vectors(self, old: bytes, name: str) -> None:
        before = {name: old}
        ended, after = run_on_small_disk(128 << 10, *TRAIN, "-o", f"disk/{name}", before=before)
        kept = "finished-out.safetensors"
        assert ended.code == 1
        assert ended.errors == (
            f"Error: Cannot write disk/{name}: {FULL}. The finished model is in {kept}.\n"
        )
        assert after == before
        assert len(w2v.load_model(kept).vectors) == 582

    @pytest.mark.parametrize("name", FORMATS)
    def test_files_that_may_not_grow(self, old: bytes, name: str) -> None:
        Path(name).write_bytes(old)
        ended = run(*TRAIN, "-o", name, limits={resource.RLIMIT_FSIZE: 100_000})
        assert (ended.code, ended.errors) == (1, f"Error: Cannot write {name}: File too large.\n")
        assert Path(name).read_bytes() == old
        assert list(contents(Path())) == sorted([name, "old.bin"])

    def test_the_log(self) -> None:
        log = ("--log", "disk/log.jsonl", "-o", "out.bin")
        ended, after = run_on_small_disk(4 << 10, *TRAIN, "--epochs", 40, *log)
        assert ended.code == 1
        assert ended.error.startswith(f"Error: Cannot write the log disk/log.jsonl: {FULL}; ")
        assert list(after) == ["log.jsonl"]
        assert not Path("out.bin").exists()

    def test_the_token_ids(self) -> None:
        patch = (
            "from w2v.text import counting, encoding\n"
            "encoding.MEMORY_SHARE = counting.MEMORY_SHARE = 10**18\n"  # all go to files
        )
        command = script(patch, *TRAIN[3:], "-o", "out.bin")
        ended, after = run_on_small_disk(1 << 20, *command, environment={"TMPDIR": "disk"})
        assert ended.code == 1
        assert re.match(
            rf"Error: No room for [\d,]+ bytes of token ids in .*disk: {FULL}; name a directory"
            " with more room in TMPDIR.$",
            ended.error,
        )
        assert after == {}
        assert not Path("out.bin").exists()

    def test_the_copy_of_standard_input(self) -> None:
        ended, after = run_on_small_disk(
            256 << 10, *W2V, "train", "-", "-o", "out.bin",
            stdin=toy.text(), environment={"TMPDIR": "disk"},
        )  # fmt: skip
        assert ended.code == 1
        assert re.match(
            f"Error: Cannot copy standard input to .*disk: {FULL}; name a directory with more room"
            " in TMPDIR.$",
            ended.error,
        )
        assert after == {}
        assert not Path("out.bin").exists()

    def test_the_note_of_the_vectors_trained_last(self, old: bytes) -> None:
        note = {"w2v/last-vectors": os.fsencode(Path("old.bin").resolve())}
        ended, after = run_on_small_disk(
            8 << 10, *TRAIN, "-o", "out.bin",
            before={**note, "filler": b"x" * 4096},
            environment={"XDG_STATE_HOME": Path("disk").resolve()},
        )  # fmt: skip
        assert ended.code == 0  # for the vectors are there
        assert ended.error.startswith("Warning: cannot remember out.bin as the vectors trained las")
        assert FULL in ended.error
        assert len(w2v.load("out.bin")) == 582
        assert after.items() >= note.items()
        assert len(after) == 2

    def test_the_compiler_needs_no_disk(self) -> None:
        Path("module.py").write_text(MODULE)
        command = (sys.executable, "-c", TWICE)
        ended, _ = run_on_small_disk(
            4 << 10, *command, environment={"NUMBA_CACHE_DIR": Path("disk").resolve()}
        )
        assert (ended.code, ended.output, ended.errors) == (0, "8 0\n", "")

    @pytest.mark.parametrize("kind", ["nbi", "nbc"])
    def test_a_cut_cache_of_the_compiler_is_made_anew(self, kind: str) -> None:
        Path("module.py").write_text(MODULE)

        def compiled() -> Ended:
            return run(sys.executable, "-c", TWICE, environment={"NUMBA_CACHE_DIR": "cache"})

        first = compiled()
        (stored,) = Path("cache").rglob(f"*.{kind}")
        cut(stored)
        results = [first, compiled(), compiled()]
        assert [ended.errors for ended in results] == ["", "", ""]
        assert [ended.output for ended in results] == ["8 0\n", "8 0\n", "8 1\n"]

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device /dev/full")
    @pytest.mark.parametrize("query", [("similar", "a"), ("distance", "a", "b", "--json")])
    def test_the_results_of_a_query(self, old: bytes, query: tuple[str, ...]) -> None:
        with Path("/dev/full").open("wb") as full:
            process = Process([*W2V, *query, "-v", "old.bin"], stdout=full)
            code, errors = process.finish()
        assert code == 1
        assert errors == (
            f"Reading old.bin\nError: Cannot write the results to standard output: {FULL}.\n"
        )


@pytest.mark.usefixtures("shell")
class TestPermissions:
    @pytest.fixture
    def locked(self, old: bytes) -> Path:
        locked = Path("locked")
        locked.mkdir()
        (locked / "out.bin").write_bytes(old)
        (locked / "log.jsonl").write_text("old")
        locked.chmod(0o555)
        for path in (Path(), Path.cwd().parent):
            path.chmod(0o777)
        return locked

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            (
                ("-o", "locked/out.bin"),
                "Error: Cannot write locked/out.bin: no permission to write in locked.",
            ),
            (
                ("-o", "out.bin", "--log", "locked/log.jsonl"),
                "Error: Cannot write the log locked/log.jsonl: Permission denied; name another file"
                " with --log.",
            ),
            (
                ("-o", "old.bin"),
                "Error: Cannot write old.bin: the file is protected from writing; name another.",
            ),
        ],
    )
    def test_what_may_not_be_written(
        self, locked: Path, options: tuple[str, ...], sentence: str
    ) -> None:
        Path("old.bin").chmod(0o444)
        (locked / "log.jsonl").chmod(0o444)
        before = contents(Path())
        ended = run(*ordinary_user(), *TRAIN, *options)
        assert (ended.code, ended.error) == (1, sentence)
        assert contents(Path()) == before

    def test_a_home_that_may_not_be_written(self, locked: Path) -> None:
        home = {"XDG_STATE_HOME": locked.resolve(), "HOME": locked.resolve()}
        ended = run(*without_powers(), *TRAIN, "-o", "out.bin", environment=home)
        assert ended.code == 0
        assert ended.errors.startswith("Warning: cannot remember out.bin as the vectors trained la")
        assert len(w2v.load("out.bin")) == 582

    def test_a_corpus_that_may_not_be_read(self, old: bytes) -> None:
        Path("secret.txt").write_bytes(toy.text())
        Path("secret.txt").chmod(0)
        ended = run(*without_powers(), *W2V, "train", "secret.txt", "-o", "old.bin")
        assert (ended.code, ended.error) == (1, "Error: Cannot read secret.txt: Permission denied.")
        assert Path("old.bin").read_bytes() == old

    def test_vectors_that_may_not_be_read(self, old: bytes) -> None:
        Path("old.bin").chmod(0)
        ended = run(*without_powers(), *W2V, "similar", "a", "-v", "old.bin")
        assert ended.code == 1
        assert ended.error.startswith("Error: ")
        assert "Permission denied" in ended.error
        Path("old.bin").chmod(0o644)

    def test_the_mode_of_a_new_file_is_the_old_ones(self, old: bytes) -> None:
        Path("old.bin").chmod(0o640)
        assert run(*TRAIN, "-o", "old.bin").code == 0
        assert stat.S_IMODE(Path("old.bin").stat().st_mode) == 0o640


# Of a process of its own: a single file is mounted, as a container is lent one.
_WITH_MOUNTED = """
mkdir -p "a b" && echo lent > lent && : > "a b/out.bin" || exit 125
mount --bind lent "a b/out.bin" || exit 125
"$@"
"""


@pytest.mark.usefixtures("shell")
class TestWhatCannotBeReplaced:
    """It is refused before training, so that there is no finished work to lose."""

    @pytest.mark.parametrize("name", ["a b/out.bin", "link.bin"])
    def test_a_file_that_is_mounted(self, name: str) -> None:
        if not can_mount():
            pytest.skip("this user may not mount a file")
        Path("link.bin").symlink_to("a b/out.bin")
        command = (*W2V, "train", "missing", "-o", name)
        ended = run("unshare", "-rm", "sh", "-c", _WITH_MOUNTED, "sh", *command)
        assert ended.errors == (
            f"Error: Cannot write {name}: it is mounted as a single file, which cannot be replaced;"
            " name another.\n"
        )
        assert Path("lent").read_text() == "lent\n"
        assert list(contents(Path())) == ["a b/out.bin", "lent", "link.bin"]

    @pytest.mark.parametrize("name", ["sticky/out.bin", "sticky/out.npy", "link.bin"])
    def test_another_user_s_file_in_a_sticky_directory(self, old: bytes, name: str) -> None:
        """Everybody may write to it, and nobody but its owner may replace it."""
        if not is_root():
            pytest.skip("only root can make files of another user")
        Path("sticky").mkdir()
        Path("sticky").chmod(0o1777)
        Path("link.bin").symlink_to("sticky/out.bin")
        Path("sticky/out.bin").write_bytes(old)
        w2v.load("old.bin").save("sticky/out.npy")
        for path in Path("sticky").iterdir():
            path.chmod(0o666)
        for path in (Path(), Path.cwd().parent):
            path.chmod(0o777)
        before = contents(Path())
        ended = run(*ordinary_user(), *W2V, "train", "missing", "-o", name)
        sentence = f"Error: Cannot write {name}: Operation not permitted.\n"
        assert (ended.code, ended.errors) == (1, sentence)
        ended = run(*ordinary_user(), *W2V, "convert", "old.bin", name)
        assert (ended.code, ended.error) == (1, sentence.rstrip())
        assert contents(Path()) == before


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)
