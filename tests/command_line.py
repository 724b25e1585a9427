"""How the tests call the command line: in this process, or as one that can be interrupted."""

import inspect
import os
import pty
import resource
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, ClassVar

import pytest
from click.testing import CliRunner, Result

import w2v
from w2v_cli.commands import cli

QUERIES = ("analogy", "similar", "distance", "odd", "evaluate")
FILE_COMMANDS = ("convert", "info", "check")
COMMANDS = ("train", *QUERIES, "map", "report", "index", *FILE_COMMANDS, "phrases", "walks")
GOOD_TEXT = "one two three four five six seven\n" * 50
SMALL = ("--vector-size", "8", "--epochs", "1", "--workers", "1")  # for runs of a tenth of a second


class Shell:
    """A user in an empty directory, with a home of their own.

    Calling it runs a command in this process; `start` starts one as its own process.
    """

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = directory / "home"
        self.directory = directory / "work"
        self.directory.mkdir()
        monkeypatch.chdir(self.directory)
        monkeypatch.setenv("XDG_STATE_HOME", str(self.home / "state"))
        monkeypatch.setenv("XDG_CACHE_HOME", str(self.home / "cache"))
        monkeypatch.setenv("COLUMNS", "100")
        for name in ("W2V_VECTORS", "W2V_CORPORA", "FORCE_COLOR", "NO_COLOR"):
            monkeypatch.delenv(name, raising=False)

    def __call__(self, *arguments: object, text: str | bytes | None = None) -> Result:
        # From click 8.2 on standard error is always kept apart.
        apart: Any = {"mix_stderr": False}
        known = inspect.signature(CliRunner).parameters
        runner = CliRunner(**{name: value for name, value in apart.items() if name in known})
        return runner.invoke(cli, [str(argument) for argument in arguments], text, prog_name="w2v")

    def succeed(self, *arguments: object, text: str | bytes | None = None) -> Result:
        """Run a command that has to succeed."""
        result = self(*arguments, text=text)
        assert result.exit_code == 0, (result.stderr, result.exception)
        return result

    def fail(self, *arguments: object, text: str | bytes | None = None) -> str:
        """Run a command that has to fail with exit code 1 and one sentence; return this."""
        result = self(*arguments, text=text)
        assert isinstance(result.exception, SystemExit), result.exception  # not a traceback
        assert result.exit_code == 1
        assert result.stdout == ""
        lines = [line for line in result.stderr.splitlines() if not line.startswith("Reading ")]
        assert len(lines) == 1, lines
        assert lines[0].startswith("Error: ")
        assert lines[0].endswith((".", "?"))
        return lines[0].removeprefix("Error: ")

    def files(self) -> list[str]:
        """Return the names of all files in the working directory, hidden ones too."""
        return sorted(path.name for path in self.directory.iterdir())

    def start(self, *arguments: object, **options: Any) -> "Process":
        """Start a command as a process of its own."""
        return Process([sys.executable, "-m", "w2v_cli", *map(str, arguments)], **options)


def shell_with_temporary(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return a shell whose commands have a directory of their own for temporary files."""
    temporary = directory / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    return Shell(directory, monkeypatch)


def shell_with_vectors(directory: Path, vectors: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return the shell of a user who has toy.bin in the working directory and in $W2V_VECTORS."""
    shell = Shell(directory, monkeypatch)
    shutil.copy(vectors, "toy.bin")
    monkeypatch.setenv("W2V_VECTORS", "toy.bin")
    return shell


def shell_with_files(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return the shell of a user who has a text, good.txt, and vectors of three words, good.bin."""
    shell = Shell(directory, monkeypatch)
    Path("good.txt").write_text(GOOD_TEXT)
    w2v.KeyedVectors(["a", "b", "c"], [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]).save("good.bin")
    return shell


def ignore_no_signals() -> None:
    """Let signals end this process: a job in the background, or under nohup, inherits otherwise."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Process(subprocess.Popen[str]):
    """A process whose standard error is collected while it runs.

    One that a failed test leaves behind is killed after the test (`end_processes`).
    """

    running: ClassVar[set["Process"]] = set()

    def __init__(self, command: list[str], **options: Any) -> None:
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, **options}
        super().__init__(
            command,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=ignore_no_signals,
            **streams,
        )
        self.errors: list[str] = []
        self._told = threading.Condition()
        assert self.stderr is not None
        self._reader = threading.Thread(target=self._collect, args=(self.stderr,), daemon=True)
        self._reader.start()
        self.running.add(self)

    def _collect(self, stream: IO[str]) -> None:
        for line in stream:
            with self._told:
                self.errors.append(line)
                self._told.notify_all()

    def wait_for(self, text: str, timeout: float = 60) -> None:
        """Wait until standard error has the text."""
        with self._told:
            assert self._told.wait_for(lambda: text in "".join(self.errors), timeout), self.errors

    def interrupt(self) -> None:
        """Send what Ctrl-C sends."""
        self.send_signal(signal.SIGINT)

    def processor_seconds(self) -> float:
        """Return the processor time of the running process, 0 where the system does not say it."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def ends_within(self, seconds: float) -> tuple[int, str]:
        """Wait for the end, which must take no more processor time; return what `finish` does.

        By the clock a machine with other work would fail: the time counted is this process's own.
        """
        used = self.processor_seconds() + children_seconds()
        ended = self.finish()
        assert children_seconds() - used < seconds
        return ended

    def finish(self, timeout: float = 60) -> tuple[int, str]:
        """Wait for the end; return the exit code and standard error."""
        try:
            code = self.wait(timeout)
        finally:
            self.end()
        return code, "".join(self.errors)

    def end(self) -> None:
        """Kill the process if it still runs, and close its streams."""
        self.running.discard(self)
        self.kill()
        self.wait()
        self._reader.join(10)  # a child of its own may keep standard error open
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                stream.close()


def end_processes() -> None:
    """End the processes that a test has left running: pytest would wait for them for ever."""
    for process in list(Process.running):
        process.end()


class Terminal:
    """A command as a process whose standard error is a terminal; use it in a `with`."""

    def __init__(self, *arguments: str, columns: int = 100) -> None:
        self._ours, theirs = pty.openpty()
        self._shown = b""
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "w2v_cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            env=environment,
            preexec_fn=ignore_no_signals,  # noqa: PLW1509
        )
        os.close(theirs)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._ours)
        self.process.wait(60)

    def read_until(self, text: str | None) -> str:
        """Return all that has been shown, once it has the text, or with None at the end."""
        while text is None or text.encode() not in self._shown:
            try:
                piece = os.read(self._ours, 1 << 16)
            except OSError:  # the other side has closed
                piece = b""
            if not piece:
                assert text is None, self._shown
                break
            self._shown += piece
        return self._shown.decode()


def children_seconds() -> float:
    """Return the processor time of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def is_root() -> bool:
    """Return whether permissions do not hold for this process."""
    return hasattr(os, "geteuid") and os.geteuid() == 0
