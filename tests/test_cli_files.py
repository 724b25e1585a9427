"""`w2v convert`, `info` and `check`: what they print and write, and every kind of bad input."""

import gzip
import json
import pickle
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from command_line import FILE_COMMANDS, Shell

import w2v
from w2v.formats.writing import writable_formats

WORDS = ["a", "né", "字"]
ROWS = np.array([[3, 4], [6, 8], [0.5, -1]], dtype=np.float32)
DAMAGED = b"5 1\na 1\na 2\nb nan\nc 0\n"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    shell = Shell(tmp_path, monkeypatch)
    w2v.KeyedVectors(WORDS, ROWS, [9, 5, 1]).save("good.bin")
    Path("bad.txt").write_bytes(DAMAGED)
    return shell


class TestConvert:
    @pytest.mark.parametrize("to", ["word2vec", "text", "glove", "safetensors", "npy"])
    def test_every_format(self, shell: Shell, to: str) -> None:
        result = shell.succeed("convert", "good.bin", "out.any", "--to", to)
        assert result.stdout == ""
        assert f"3 words, 2 numbers each, format {to}" in result.stderr
        found = w2v.load("out.any")
        assert found.index_to_key == WORDS
        assert found.vectors.tobytes() == ROWS.tobytes()

    @pytest.mark.parametrize(
        ("name", "expected"),
        [("x.bin", "word2vec"), ("x.txt", "text"), ("x.vec.gz", "text"), ("x.npy.xz", "npy"),
         ("x.safetensors", "safetensors"), ("vectors.tsv", "projector")],
    )  # fmt: skip
    def test_the_name_tells_the_format(self, shell: Shell, name: str, expected: str) -> None:
        assert f"format {expected}" in shell.succeed("convert", "good.bin", name).stderr
        assert w2v.convert("good.bin", name).format == expected

    def test_the_projector_gets_both_files(self, shell: Shell) -> None:
        result = shell.succeed("convert", "good.bin", "vectors.tsv")
        assert "Wrote vectors.tsv and metadata.tsv: 3 words" in result.stderr
        assert Path("metadata.tsv").read_text(encoding="utf-8") == "a\nné\n字\n"
        assert np.loadtxt("vectors.tsv").shape == (3, 2)

    def test_counts_go_where_they_can(self, shell: Shell) -> None:
        vectors = w2v.KeyedVectors(WORDS, ROWS, [9, 5, 1])
        vectors.save("counted.npy")
        assert "with counts" in shell.succeed("convert", "counted.npy", "x.safetensors").stderr
        assert "it keeps no counts" in shell.succeed("convert", "x.safetensors", "x.txt").stderr
        assert "counts" not in shell.succeed("convert", "x.txt", "y.npy").stderr
        counts = w2v.load("x.safetensors").counts
        assert counts is not None
        assert counts.tolist() == [9, 5, 1]

    def test_a_full_model_keeps_its_counts(self, shell: Shell) -> None:
        model = w2v.train([["a", "b"]] * 9, vector_size=3, min_count=1, epochs=2, sample=0)
        model.save("m.safetensors")
        done = w2v.convert("m.safetensors", "m.npy")
        assert (done.counts, done.words, done.vector_size) == ("kept", 2, 3)
        assert [str(file) for file in done.files] == ["m.npy", "m.vocab"]
        assert Path("m.vocab").read_text() == "a 9\nb 9\n"

    def test_limit_and_normalize(self, shell: Shell) -> None:
        shell.succeed("convert", "good.bin", "x.txt", "--limit", 2, "--normalize")
        assert Path("x.txt").read_bytes().decode() == "2 2\na 0.6 0.8\nné 0.6 0.8\n"

    def test_defects_are_left_out_when_asked(self, shell: Shell) -> None:
        Path("twice.txt").write_bytes(b"a 1.5\na 2\n")
        assert "--on-defect skip" in shell.fail("convert", "twice.txt", "x.bin")
        assert not Path("x.bin").exists()
        result = shell.succeed("convert", "bad.txt", "x.bin", "--on-defect", "skip")
        assert "Warning: bad.txt: left out" in result.stderr
        assert w2v.load("x.bin").index_to_key == ["a", "c"]

    def test_words_that_are_not_there_are_told(self, shell: Shell) -> None:
        Path("list.vocab").write_text("a\nb\n字\n")
        result = shell.succeed("convert", "good.bin", "x.txt", "--words", "list.vocab")
        assert "1 of the 3 words in list.vocab are not there" in result.stderr
        result = shell.succeed("similar", "a", "-v", "good.bin", "--words", "list.vocab")
        assert "1 of the 3 words in list.vocab are not there" in result.stderr
        for name in ("list.npy", "list.vocab"):
            arguments = ("convert", "good.bin", name, "--words", "list.vocab", "--to", "npy")
            assert "it is read by this conversion" in shell.fail(*arguments)
        assert Path("list.vocab").read_text() == "a\nb\n字\n"

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (
                ("good.bin", "out.doc"),
                r"not written as \.doc; name it out\.bin \(word2vec's .*"
                r"\.txt or \.vec \(word2vec's text\).* choose a format with --to word2vec\.",
            ),
            (("good.bin", "out.bin", "--to", "excel"), "There is no format 'excel'; .*projector"),
            (("good.bin", "x.safetensors.gz"), "save x.safetensors in the place"),
            (("good.bin", "good.bin"), "Cannot write good.bin: it is read by this conversion"),
            (("good.bin", "./link.txt"), "Cannot write link.txt: it is read by this conversion"),
            (("pair.npy", "pair.vocab", "--to", "text"), "pair.vocab: it is read by this"),
            (("pair.npy", "other/../pair.npy"), "it is read by this conversion"),
            (("good.bin", "missing/x.bin"), "the directory missing does not exist"),
            (("good.bin", "other"), "Cannot write other: it is a directory"),
            (("good.bin", "other", "--to", "text"), "Cannot write other: it is a directory"),
            (("good.bin", "clash.npy"), "Cannot write clash.vocab: it is a directory"),
            (("good.bin", "clash.tsv"), "Cannot write clash-metadata.tsv: it is a directory"),
            (("good.bin", "other/"), "'other/' names no file"),
            (("good.bin", ""), "'' names no file"),
            (("good.bin", "-"), "Vectors are not written to standard output"),
            (("good.bin", "/dev/null", "--to", "text"), "it is a device"),
            (("good.bin", "x.bin", "--limit", 0), "--limit must be a whole number of 1 or more"),
        ],
    )
    def test_refused(self, shell: Shell, arguments: tuple[object, ...], sentence: str) -> None:
        for name in ("other", "clash.vocab", "clash-metadata.tsv"):
            Path(name).mkdir()
        Path("link.txt").symlink_to("good.bin")
        w2v.KeyedVectors(WORDS, ROWS).save("pair.npy")
        before = {name: Path(name).stat().st_mtime_ns for name in shell.files()}
        assert re.search(sentence, shell.fail("convert", *arguments))
        assert {name: Path(name).stat().st_mtime_ns for name in shell.files()} == before


class TestInfo:
    def test_what_it_prints(self, shell: Shell) -> None:
        assert shell.succeed("info", "good.bin").stdout.splitlines() == [
            "format       word2vec binary",
            f"bytes        {Path('good.bin').stat().st_size}",
            "words        3",
            "dimension    2",
            "numbers      float32",
            "newlines     none",
            "counts       no",
            "first words  a né 字",
            "lengths      1.1180 to 10.0000, 5.3727 on average",
        ]

    def test_control_characters_are_written_out(self, shell: Shell) -> None:
        Path("odd.txt").write_bytes(b"a\x1b[31m\r! 1 2\nb 2 3\n")
        w2v.KeyedVectors(["a\x1b[31m!", "b"], ROWS[:2]).save("odd.bin")
        assert "first words  a\\x1b[31m! b" in shell.succeed("info", "odd.bin").stdout
        assert shell.succeed("similar", "b", "-v", "odd.bin").stdout == "a\\x1b[31m!  1.0000\n"

    def test_a_damaged_file(self, shell: Shell) -> None:
        lines = shell.succeed("info", "bad.txt").stdout.splitlines()
        assert "words        4, of 5 promised" in lines
        assert lines[-1] == "defects      1 or more: see 'w2v check'"

    def test_json(self, shell: Shell) -> None:
        Path("x.gz").write_bytes(gzip.compress(Path("good.bin").read_bytes()))
        about = json.loads(shell.succeed("info", "x.gz", "--json").stdout)
        assert about == w2v.describe_file("x.gz").as_dict() | {"first_words": WORDS}
        assert about["compression"] == "gzip"


class TestCheck:
    def test_a_sound_file(self, shell: Shell) -> None:
        assert shell.succeed("check", "good.bin").stdout == "good.bin: 3 entries, no defects\n"
        about = json.loads(shell.succeed("check", "good.bin", "--json").stdout)
        assert about == {"file": "good.bin", "defects": [], "entries": 3, "kinds": {}}

    def test_every_defect_on_a_line(self, shell: Shell) -> None:
        result = shell("check", "bad.txt")
        assert result.exit_code == 1
        assert result.stderr == ""
        *defects, summary = result.stdout.splitlines()
        assert defects == [
            "entry 2 ('a', byte offset 8) repeats the word of entry 1",
            "entry 3 ('b', byte offset 12) holds a number that is not finite",
            "entry 4 ('c', byte offset 18) has a vector of zeros alone",
            "entry 5 of 5 (byte offset 22) is missing: the file ends here and has nothing of it",
        ]
        assert summary.startswith("bad.txt: 4 entries, 4 defects (duplicate words 1, non-finite")
        Path("one.txt").write_bytes(b"a 0.0\n")
        assert "1 entries, 1 defect (zero rows 1)" in shell("check", "one.txt").stdout

    def test_json(self, shell: Shell) -> None:
        result = shell("check", "bad.txt", "--json")
        assert result.exit_code == 1
        about = json.loads(result.stdout)
        assert about["entries"] == 4
        assert about["kinds"]["zero rows"] == 1
        assert [(d["entry"], d["offset"]) for d in about["defects"]] == [
            (2, 8), (3, 12), (4, 18), (5, 22),
        ]  # fmt: skip


@pytest.mark.parametrize("command", FILE_COMMANDS)
class TestBadInput:
    def fail(self, shell: Shell, command: str, name: str) -> str:
        return shell.fail(command, name, *["out.txt"][: command == "convert"])

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "file is empty; it should hold word vectors"),
            (pickle.dumps([1]), "file is a Python pickle, which is never read"),
            (b"what is this?\n", "file holds no word vectors in a known format"),
            (
                gzip.compress(b"3 1\na 1\n" * 99, mtime=0)[:10],
                "file is damaged: it cannot be decompressed",
            ),
        ],
    )
    def test_no_vectors(self, shell: Shell, command: str, content: bytes, sentence: str) -> None:
        Path("file").write_bytes(content)
        assert self.fail(shell, command, "file").startswith(sentence)

    def test_no_file(self, shell: Shell, command: str) -> None:
        assert self.fail(shell, command, "none") == "There is no vector file none; check the name."
        assert self.fail(shell, command, ".") == ". is a directory; name the vector file in it."

    def test_a_malformed_command_line(self, shell: Shell, command: str) -> None:
        assert shell(command).exit_code == 2
        assert shell(command, "a", "b", "c").exit_code == 2

    def test_a_matrix_without_words(self, shell: Shell, command: str) -> None:
        np.save("alone.npy", ROWS)
        result = shell(command, "alone.npy", *["out.txt"][: command == "convert"])
        if command == "info":
            assert result.exit_code == 1
        shown = result.stdout + result.stderr
        assert "there is no vocabulary file alone.vocab beside it" in shown


FASTTEXT = {
    "crime-and-punishment.bin", "fasttext.bin", "lee_fasttext.bin", "lee_fasttext_new.bin",
    "toy-model.bin",
}  # fmt: skip


def all_files(test_data: Path) -> list[Path]:
    return sorted(path for path in (test_data / "vectors").glob("*/*") if path.is_file())


def test_every_file_of_other_tools_is_read_or_refused_for_its_reason(
    shell: Shell, test_data: Path
) -> None:
    seen = 0
    for path in all_files(test_data):
        if path.name in FASTTEXT:
            continue  # these models have tests of their own
        name = path.name
        seen += 1
        broken = "utf8-incomplete" in name or "pang_lee" in name
        result = shell("check", path)
        assert result.exit_code == broken, result.output
        if broken:
            kinds = {line.split(") ")[1][:29] for line in result.stdout.splitlines()[:-1]}
            assert kinds == {"has a word that is not UTF-8 "}
            shell.fail("convert", path, "x.npy")
        options = ["--invalid-utf8", "replace"] if broken else []
        for to in writable_formats():
            shell.succeed("convert", path, f"{to}.out", "--to", to, *options)
        invalid = "replace" if broken else "error"
        source = w2v.load(path, invalid_utf8=invalid)
        for to in writable_formats().keys() - {"projector"}:
            found = w2v.load(f"{to}.out")
            assert found.index_to_key == source.index_to_key
            assert found.vectors.tobytes() == source.vectors.tobytes()
    assert seen >= 16


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("googlenews/google_news_30.bin.gz", "googlenews/google_news_30.txt"),
        ("bnosac/example.bin", "bnosac/example.txt"),
        ("finalfusion/embeddings.w2v", "finalfusion/embeddings.txt"),
        ("finalfusion/embeddings.w2v", "finalfusion/embeddings.dims.txt"),
    ],
)
def test_twins_agree_once_normalized(
    shell: Shell, test_data: Path, first: str, second: str
) -> None:
    for number, name in enumerate((first, second)):
        shutil.copy(test_data / "vectors" / name, f"file{number}")
        shell.succeed("convert", f"file{number}", f"{number}.npy", "--normalize")
    assert Path("0.vocab").read_bytes() == Path("1.vocab").read_bytes()
    np.testing.assert_allclose(np.load("0.npy"), np.load("1.npy"), atol=2e-5)
