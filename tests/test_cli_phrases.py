"""The command that joins phrases in a text."""

import gzip

import pytest
from command_line import SMALL, Shell

import w2v

LINES = [
    "they saw new york", "new york city saw it", "the bank of america",
    "it saw a new bank of glass",
]  # fmt: skip
TEXT = "".join(f"{line}\n" for line in LINES * 6)


@pytest.fixture(autouse=True)
def text(shell: Shell):
    path = shell.directory / "text.txt"
    path.write_text(TEXT)
    return path


def test_the_text_is_that_of_python(shell: Shell, text) -> None:
    options = ("--rounds", 2, "--threshold", 1, "--min-count", 1, "--connector-words", "of the")
    result = shell.succeed(
        "phrases",
        "text.txt",
        "-o",
        "out.txt.gz",
        *options,
        "--delimiter",
        "~",
        "--save",
        "found.tsv",
    )
    assert result.stdout == ""
    joined = w2v.join_phrases(
        text, rounds=2, threshold=1, min_count=1, connector_words=["of", "the"], delimiter="~"
    )
    expected = b"".join(block.data for block in joined.blocks())
    assert b"bank~of~america" in expected
    assert gzip.decompress((shell.directory / "out.txt.gz").read_bytes()) == expected
    before, after = joined.words
    found = len(joined.phrases)
    assert f"out.txt.gz: {found} phrases, {before} words became {after}" in result.stderr
    assert w2v.load_phrases(shell.directory / "found.tsv").scores == joined.phrases.scores


def test_phrases_that_were_saved_are_joined_in_another_text(shell: Shell) -> None:
    shell.succeed(
        "phrases",
        "text.txt",
        "-o",
        "out.txt",
        "--min-count",
        1,
        "--threshold",
        1,
        "--save",
        "found.tsv",
    )
    shell.succeed("phrases", "-", "-o", "more.txt", "--phrases", "found.tsv", text="x new york x")
    assert (shell.directory / "more.txt").read_text() == "x new_york x\n"
    message = shell.fail(
        "phrases", "text.txt", "-o", "more.txt", "--phrases", "found.tsv", "--rounds", 2
    )
    assert "--rounds has no effect with --phrases" in message
    message = shell.fail("phrases", "text.txt", "-o", "found.tsv", "--phrases", "found.tsv")
    assert "Cannot write found.tsv: it is the file of phrases to join" in message


def test_training_joins_phrases_itself(shell: Shell) -> None:
    options = (
        "--phrases",
        "--phrase-threshold",
        1,
        "--phrase-min-count",
        1,
        "--phrase-connector-words",
        "english",
    )
    shell.succeed("train", "text.txt", *options, *SMALL, "--min-count", 1)
    assert "new_york" in w2v.load(shell.directory / "text.bin")
    message = shell.fail("train", "text.txt", "--phrase-rounds", 2)
    assert "--phrase-rounds has no effect without --phrases; give --phrases too" in message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.txt", "-o", "out.txt"), "nowhere.txt"),
        (("nowhere.txt", "-o", "out.txt", "--tokenizer", "words"), "nowhere.txt"),
        (("text.txt", "-o", "text.txt"), "Cannot write text.txt: it is the corpus; name another"),
        (("text.txt", "-o", "out.txt", "--save", "out.txt"), "Cannot write out.txt: it is the j"),
        (("text.txt", "-o", "out.txt", "--threshold", 0), "--threshold must be a number above 0"),
        (("text.txt", "-o", "out.txt", "--delimiter", " "), "--delimiter must be one or more"),
        (
            ("text.txt", "-o", "out.txt", "--phrases", "text.txt"),
            "text.txt is not a file of phrases",
        ),
        (("bad.txt", "-o", "out.txt", "--save", "found.tsv"), "bad.txt is not valid UTF-8"),
    ],
)
def test_bad_input(shell: Shell, text, arguments, message: str) -> None:
    (shell.directory / "bad.txt").write_bytes(TEXT.encode() + b"\xff\n")
    assert message in shell.fail("phrases", *arguments)
    assert text.read_text() == TEXT
    assert not (shell.directory / "out.txt").exists()
    assert not (shell.directory / "found.tsv").exists()


def test_the_file_of_standard_input_is_not_replaced(shell: Shell, text) -> None:
    for command in ("phrases", "vocabulary"):
        with text.open() as stream:
            process = shell.start(command, "-", "-o", str(text), stdin=stream)
            assert process.ends_within(60)[0] == 1
        assert text.read_text() == TEXT


def test_what_is_left_out_and_replaced_is_reported(shell: Shell) -> None:
    (shell.directory / "odd.txt").write_bytes(TEXT.encode() + b"\xff " + b"a" * 70_000 + b"\n")
    options = ("odd.txt", "-o", "out.txt", "--invalid-utf8", "replace")
    messages = shell.succeed("phrases", *options).stderr
    assert "Left out 1 word" in messages
    assert "1 invalid UTF-8 sequences were replaced" in messages


def test_progress_is_shown_while_phrases_are_found(shell: Shell, monkeypatch) -> None:
    shown = []
    monkeypatch.setattr("w2v.text.counting._PERIOD", 0.0)
    monkeypatch.setattr("w2v_cli.phrases.Display.show", lambda self, event: shown.append(event))
    # Of a shorter text all may be found before anybody looks.
    (shell.directory / "long.txt").write_text(TEXT * (5_000_000 // len(TEXT)))
    shell.succeed("phrases", "long.txt", "-o", "out.txt", "--rounds", 2)
    kinds = {type(event) for event in shown}
    assert kinds <= {w2v.Counting, w2v.FindingPhrases}
    assert w2v.FindingPhrases in kinds
