"""Names that a terminal would obey: they reach standard output and error written out only."""

import json
import os
import re
import struct
import zipfile
from pathlib import Path

import pytest
from command_line import SMALL, Shell

import w2v
from w2v.characters import WHITE_SPACE, printable, printable_json

# Title, colour, C1's CSI and OSC, bell, backspace, carriage return, right-to-left, isolate, line
# separator; and letters that have to stay.
EVIL = "\x1b]0;pwned\x07\x1b[2J\x9b31m\x9d0;x\x9c\b\r\u202eltr\u2066\u2028é字"
WORD = EVIL.replace("\r", "").replace("\u2028", "")
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    made = Shell(tmp_path, monkeypatch)
    Path("vectors.txt").write_text(f"3 2\n{WORD} 1 2\nb 2 1\nc 1 1\n", encoding="utf-8")
    Path(EVIL).write_text(f"2 2\n{WORD} 1 2\n{WORD} 2 1\n", encoding="utf-8")
    return made


def archive(member: str) -> str:
    with zipfile.ZipFile("archive.zip", "w") as written:
        written.writestr(member, b"\xff\0")
        written.writestr("other", b"")
    return "archive.zip"


def model(name: str, dtype: str) -> str:
    tensor = {"dtype": dtype, "shape": "x"}
    header = json.dumps({name: tensor, "__metadata__": {"format": name}}).encode()
    Path("model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    return "model.safetensors"


def analogies() -> str:
    text = f": {WORD}\n{WORD} b c b\nb c {WORD} b\n"
    Path(f"set{EVIL}").write_text(text, encoding="utf-8", newline="")
    return f"set{EVIL}"


@pytest.mark.parametrize(
    "arguments",
    [
        lambda: ("info", archive(EVIL)),
        lambda: ("check", archive(EVIL)),
        lambda: ("train", archive(EVIL), "-o", "out.bin"),
        lambda: ("info", model(EVIL, "F32")),
        lambda: ("similar", "b", "-v", model("vectors", EVIL)),
        lambda: ("train", "--continue", model(EVIL, EVIL), "vectors.txt"),
        lambda: ("check", EVIL),
        lambda: ("check", EVIL, "--json"),
        lambda: ("info", EVIL),
        lambda: ("info", EVIL, "--json"),
        lambda: ("similar", "b", "-v", EVIL),
        lambda: ("similar", "b", "-v", EVIL, "--on-defect", "skip"),
        lambda: ("similar", "b", "-v", "vectors.txt"),
        lambda: ("similar", "b", "-v", "vectors.txt", "--json"),
        lambda: ("similar", EVIL, "-v", "vectors.txt"),
        lambda: ("similar", "--each", WORD, "-v", "vectors.txt"),
        lambda: ("odd", "b", "c", WORD, "-v", "vectors.txt"),
        lambda: ("distance", "b", WORD, "-v", "vectors.txt"),
        lambda: ("evaluate", analogies(), "-v", "vectors.txt"),
        lambda: ("evaluate", analogies(), "-v", "vectors.txt", "--json"),
        lambda: ("convert", "vectors.txt", f"{EVIL}.txt"),
        lambda: ("convert", EVIL, "out.txt"),
        lambda: ("train", EVIL, "-o", f"{EVIL}.bin", "--min-count", "1", *SMALL),
        lambda: ("train", f"{EVIL}*", "-o", "none/out.bin"),
        lambda: ("train", f"--{EVIL}"),
        lambda: (f"--{EVIL}",),
        lambda: (EVIL,),
        lambda: ("train", "vectors.txt", "--epochs", EVIL),
        lambda: ("train", "vectors.txt", "--loss", EVIL),
        lambda: ("train", "--resume", EVIL),
    ],
)  # fmt: skip
def test_nothing_is_obeyed(shell: Shell, arguments) -> None:
    result = shell(*arguments())
    printed = result.stdout + result.stderr
    assert printed
    assert not OBEYED.search(printed), printed
    assert "Traceback" not in printed


def test_json_gives_back_what_was_there(shell: Shell) -> None:
    printed = shell.succeed("similar", "b", "-v", "vectors.txt", "--json").stdout
    assert "é字" in printed
    assert WORD in [found["word"] for found in json.loads(printed)]


def test_a_name_that_is_not_utf8(shell: Shell) -> None:
    name = os.fsdecode(b"\xff\x9b\x1b")
    Path(name).write_text("2 2\na 1 2\nb 2 1\n")
    found = json.loads(shell.succeed("info", name, "--json").stdout)
    assert found["file"] == name
    assert "\\udcff\\udc9b\\x1b" in shell("info", f"{name}x").stderr


def test_errors_are_printable_in_python_too() -> None:
    with pytest.raises(w2v.FormatError) as caught:
        w2v.load(f"nothing{EVIL}")
    assert not OBEYED.search(str(caught.value))


def test_every_line_leaves_through_one_place() -> None:
    """`click.echo` prints as it is: it belongs to the module that makes texts printable."""
    folder = Path(__file__).parent.parent / "cli"
    users = {path.name for path in folder.glob("*.py") if "click.echo(" in path.read_text()}
    assert users <= {"output.py", "files.py"}  # files.py prints JSON piece by piece, and fields


def test_the_characters_themselves() -> None:
    everything = "".join(map(chr, range(0x3100)))
    assert not OBEYED.search(printable(everything).replace("\n", ""))
    assert "\n" not in printable(everything)
    assert printable("naïve 字 \N{ZERO WIDTH NON-JOINER}") == "naïve 字 \N{ZERO WIDTH NON-JOINER}"
    line = json.dumps({"a": everything}, ensure_ascii=False)
    assert json.loads(printable_json(line)) == {"a": everything}
    spaces = [chr(number) for number in range(0x110000) if chr(number).isspace()]
    assert all(WHITE_SPACE.fullmatch(space.encode()) for space in spaces)
    others = [chr(number) for number in range(0xD800) if not chr(number).isspace()]
    assert not WHITE_SPACE.search("".join(others).encode())
