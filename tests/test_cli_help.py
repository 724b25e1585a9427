"""The help of every command is whole, and shells complete commands, options and files."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from w2v_cli.commands import cli

COMMANDS = list(cli.commands)
W2V = Path(sys.executable).with_name("w2v")
SHELLS = ["bash", "fish", "zsh"]


def help_of(name: str) -> str:
    command = cli.commands[name]
    return command.get_help(click.Context(command, info_name=f"w2v {name}"))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_in_one_line(name: str) -> None:
    command = cli.commands[name]
    assert command.help, name
    for line in (command.short_help, command.help.partition("\n\n")[0]):
        assert line is not None
        assert line.endswith(".")
        assert len(line) < 240
    listed = cli.get_help(click.Context(cli, info_name="w2v"))
    assert re.search(rf"^  {name} +\S.*\.$", listed, flags=re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help_that_is_shown(name: str) -> None:
    shown = help_of(name)
    for option in cli.commands[name].params:
        if isinstance(option, click.Option):
            assert max(option.opts, key=len) in shown
            record = option.get_help_record(click.Context(cli.commands[name]))
            assert record is not None, option
            assert len(record[1]) > 10, option


def examples() -> list[str]:
    """The commands in the examples below the help."""
    epilogs = [cli.epilog, *(command.epilog for command in cli.commands.values())]
    lines = [line.strip() for text in epilogs for line in (text or "").splitlines()]
    return [re.split(r" {3,}", line)[0] for line in lines if line.startswith("w2v ")]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_ends_with_an_example(name: str) -> None:
    assert any(re.search(rf"\bw2v {name}\b", example) for example in examples())


@pytest.mark.parametrize("example", examples())
def test_an_example_can_be_read(example: str) -> None:
    for part in re.split(r" (?:&&|\|) ", example):
        first, *words = shlex.split(part)
        if first == "w2v":
            name, *arguments = words
            cli.commands[name].make_context(name, arguments)


def completed(monkeypatch: pytest.MonkeyPatch, line: str) -> list[str]:
    """What a shell is offered after a line, as kind,value."""
    words = line.split(" ")
    monkeypatch.setenv("_W2V_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    ran = subprocess.run([W2V], capture_output=True, text=True, check=True)
    assert ran.stderr == ""
    return ran.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("w2v tr", ["plain,train"]),
        ("w2v train --arch", ["plain,--architecture"]),
        ("w2v train --architecture ", ["plain,skipgram", "plain,cbow"]),
        ("w2v train wik", ["file,wik"]),
        ("w2v train text8 --resume che", ["dir,che"]),
        ("w2v similar king -v tex", ["file,tex"]),
        ("w2v info te", ["file,te"]),
    ],
)
def test_what_is_offered(monkeypatch: pytest.MonkeyPatch, line: str, offered: list[str]) -> None:
    assert completed(monkeypatch, line) == offered


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_a_shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shell: str) -> None:
    """It is one that the shell can read, and in bash and fish it completes."""
    monkeypatch.setenv("_W2V_COMPLETE", f"{shell}_source")
    script = tmp_path / f"w2v.{shell}"
    script.write_text(subprocess.run([W2V], capture_output=True, text=True, check=True).stdout)
    monkeypatch.delenv("_W2V_COMPLETE")
    assert f"_W2V_COMPLETE={shell}_complete" in script.read_text()
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    subprocess.run([shell, "-n", script], check=True)
    monkeypatch.setenv("PATH", f"{W2V.parent}:/usr/bin:/bin")
    ask = {
        "bash": 'COMP_WORDS=(w2v vocab); COMP_CWORD=1; _w2v_completion w2v; echo "${COMPREPLY[@]}"',
        "fish": 'complete -C "w2v vocab"',
        "zsh": "whence -w _w2v_completion",
    }[shell]
    before = "compdef() {}; " if shell == "zsh" else ""
    found = subprocess.run(
        [shell, "-c", f"{before}source {script}; {ask}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ("_w2v_completion: function" if shell == "zsh" else "vocabulary") in found.stdout
