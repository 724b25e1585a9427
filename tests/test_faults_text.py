"""A corpus that changes while it is read."""

import bz2
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from command_line import SMALL, Process, Shell, shell_with_temporary
from faults import (
    W2V,
)
from test_faults import cut

import w2v
from w2v_corpora import toy


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    return shell_with_temporary(tmp_path, monkeypatch)


@pytest.fixture
def old() -> bytes:
    """A file of vectors, small but good."""
    w2v.KeyedVectors(["a", "b"], np.eye(2)).save("old.bin")
    return Path("old.bin").read_bytes()


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"one more line\n")


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-9, os.SEEK_END)
        file.write(b"other end")


def replace(path: Path) -> None:
    Path("other").write_bytes(toy.text())
    Path("other").replace(path)


@pytest.mark.skipif(not Path("/proc/self/fdinfo").exists(), reason="sees in /proc what is read")
class TestACorpusThatChangesWhileItIsRead:
    @pytest.mark.parametrize("change", [cut, append, overwrite, replace, Path.unlink])
    def test_plain(self, shell: Shell, old: bytes, change: Callable[[Path], object]) -> None:
        Path("text.txt").write_bytes(toy.text() * 30)
        error = self.train(Path("text.txt"), change, old)
        if change is Path.unlink:
            assert error == "Error: Cannot read text.txt: No such file or directory.\n"
        else:
            assert error == (
                "Error: text.txt was changed or replaced while it was read; leave it alone and"
                " start again.\n"
            )

    @pytest.mark.parametrize("change", [cut, replace])
    def test_compressed(self, shell: Shell, old: bytes, change: Callable[[Path], object]) -> None:
        Path("text.bz2").write_bytes(bz2.compress(toy.text()) * 12)
        error = self.train(Path("text.bz2"), change, old)
        assert re.match(r"Error: (Cannot decompress )?text.bz2(:| was changed)", error)

    def train(self, corpus: Path, change: Callable[[Path], object], old: bytes) -> str:
        """Change the corpus while it is read; return the error of a process that failed."""
        process = Process([*W2V, "train", str(corpus), "-o", "old.bin", "--quiet", *SMALL])
        stop_while_reading(process, corpus)
        change(corpus)
        process.send_signal(signal.SIGCONT)
        code, errors = process.finish()
        assert code == 1
        assert Path("old.bin").read_bytes() == old
        assert not list(Path().glob(".*"))
        return errors


def stop_while_reading(process: subprocess.Popen[str], corpus: Path) -> None:
    """Stop a process when it has read the first part of a file, but not the last."""
    size = corpus.stat().st_size
    deadline = time.monotonic() + 60
    while not 0 < read_of(process.pid, corpus) < size:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.001)
    process.send_signal(signal.SIGSTOP)
    assert read_of(process.pid, corpus) < size


def read_of(pid: int, path: Path) -> int:
    """Return how many bytes of a file a process has read, 0 while it is not open."""
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if link.resolve() == path.resolve():
                info = Path(f"/proc/{pid}/fdinfo/{link.name}").read_text()
                return int(info.split()[1])
        except OSError:  # closed meanwhile
            continue
    return 0
