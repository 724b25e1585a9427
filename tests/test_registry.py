"""A format is one record: a made-up one is loaded, saved, described and checked by it alone."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from command_line import Shell

import w2v
from w2v.errors import ConfigError, FormatError
from w2v.files import atomic_write
from w2v.formats import registry
from w2v.formats.checks import checked_word_matrix
from w2v.formats.record import FileFacts, Format, Reading, Sample, Writing
from w2v.formats.selection import narrowed
from w2v.formats.word_matrix import EntryBlock, WordMatrix
from w2v.matrices import Matrix

MAGIC = b"hexadecimal vectors\n"


def lines(path: Path) -> tuple[list[bytes], Matrix]:
    pairs = [line.split() for line in path.read_bytes().removeprefix(MAGIC).splitlines()]
    rows = [np.frombuffer(bytes.fromhex(number.decode()), "<f4") for _, number in pairs]
    return [word for word, _ in pairs], np.array(rows, dtype=np.float32)


def place(row: int) -> tuple[int, int]:
    return row + 1, 0


def read(
    path: Path,
    *,
    limit: int | None = None,
    words: Collection[str] | None = None,
    dtype: str = "float32",
    invalid_utf8: str = "error",
    on_defect: str = "error",
) -> WordMatrix:
    raw_words, matrix = lines(path)
    found = checked_word_matrix(
        path, raw_words, matrix, place, invalid_utf8=invalid_utf8, on_defect=on_defect
    )
    return narrowed(found, limit, words, dtype)


def blocks(path: Path) -> Iterator[EntryBlock]:
    yield EntryBlock(*lines(path), place)


def write(path: Path, words: Sequence[str], matrix: Matrix, counts: object) -> None:
    with atomic_write(path) as stream:
        stream.write(MAGIC)
        for word, row in zip(words, matrix, strict=True):
            stream.write(f"{word} {row.tobytes().hex()}\n".encode())


def detect(sample: Sample) -> bool:
    return sample.start.startswith(MAGIC)


def describe(path: Path) -> FileFacts:
    return FileFacts("hexadecimal", "float32")


HEXADECIMAL = Format(
    "hexadecimal",
    detect=detect,
    reading=Reading(read, blocks, describe),
    writing=Writing("numbers in hexadecimal", write, (".hex",), compresses=False),
)
WORDS = ["king", "queen", "man"]
ROWS = np.array([[1, 2.5], [3, -4], [0, 0.5]], dtype=np.float32)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = registry.FORMATS
    monkeypatch.setattr(registry, "FORMATS", (first, HEXADECIMAL, *others))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.hex"
    w2v.KeyedVectors(WORDS, ROWS).save(path)
    return path


def test_it_is_saved_by_its_suffix_and_loaded_by_its_content(saved: Path, tmp_path: Path) -> None:
    assert saved.read_bytes().startswith(MAGIC)
    renamed = saved.rename(tmp_path / "anything.bin")
    found = w2v.load(renamed)
    assert found.index_to_key == WORDS
    np.testing.assert_array_equal(found.vectors, ROWS)


def test_the_options_of_loading_hold(saved: Path) -> None:
    assert w2v.load(saved, limit=2).index_to_key == WORDS[:2]
    assert w2v.load(saved, words=["man"], dtype="int8").index_to_key == ["man"]
    with pytest.raises(ConfigError, match="cannot be mapped"):
        w2v.load(saved, mmap=True)


def test_it_is_described_and_checked(saved: Path) -> None:
    about = w2v.describe_file(saved)
    assert (about.format, about.words, about.vector_size) == ("hexadecimal", 3, 2)
    assert about.newlines is None
    assert list(w2v.check_file(saved)) == []
    again = saved.read_bytes().splitlines(keepends=True)[1]
    saved.write_bytes(saved.read_bytes() + again)
    assert [defect.kind for defect in w2v.check_file(saved)] == ["duplicate words"]
    with pytest.raises(FormatError, match="repeats the word of entry 1"):
        w2v.load(saved)


def test_it_is_converted_from_and_to(saved: Path, tmp_path: Path) -> None:
    assert w2v.convert(saved, tmp_path / "a.txt").format == "text"
    done = w2v.convert(tmp_path / "a.txt", tmp_path / "b.any", to="hexadecimal")
    assert (done.format, done.counts) == ("hexadecimal", "unknown")
    assert (tmp_path / "b.any").read_bytes() == saved.read_bytes()
    with pytest.raises(ConfigError, match=r"vectors\.bin .*\.hex \(numbers in hexadecimal\)"):
        w2v.KeyedVectors(WORDS, ROWS).save(tmp_path / "vectors.none")
    with pytest.raises(ConfigError, match="hexadecimal is not compressed"):
        w2v.KeyedVectors(WORDS, ROWS).save(tmp_path / "vectors.hex.gz")


def test_the_command_line_needs_no_change(saved: Path, shell: Shell) -> None:
    ran = shell.succeed("info", saved, "--json")
    assert json.loads(ran.stdout)["format"] == "hexadecimal"
    shell.succeed("check", saved)
    shell.succeed("convert", saved, "c.out", "--to", "hexadecimal")


def test_a_format_that_is_only_recognised_says_why_it_is_not_read(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = Format("hexadecimal", detect=detect, refusal="is made up; name another file.")
    monkeypatch.setattr(registry, "FORMATS", (refused, *registry.FORMATS))
    for function in (w2v.load, w2v.describe_file, w2v.check_file):
        with pytest.raises(FormatError, match=f"^{re.escape(str(saved))} is made up; name another"):
            function(saved)


def test_names_and_suffixes_are_distinct() -> None:
    names = [known.name for known in registry.FORMATS]
    assert len(set(names)) == len(names)
    writings = [known.writing for known in registry.FORMATS if known.writing is not None]
    suffixes = [suffix for writing in writings for suffix in writing.suffixes]
    assert len(set(suffixes)) == len(suffixes)
    assert all(suffix == suffix.lower() for suffix in suffixes)
    assert all(known.detect or known.writing for known in registry.FORMATS)


def test_every_format_to_write_stands_in_the_help(shell: Shell) -> None:
    text = shell.succeed("convert", "--help").stdout
    for known in registry.FORMATS:
        if known.writing is not None:
            for name in (known.name, *known.writing.suffixes, *known.writing.about.split()):
                assert name in text, f"'w2v convert --help' does not name {name}"


def test_the_formats_are_described() -> None:
    found = w2v.output_formats()
    assert found["hexadecimal"] == "numbers in hexadecimal (.hex)"
    assert found["npy"] == "NumPy's matrix, with NAME.vocab beside it (.npy, keeps counts)"
    assert found["glove"] == "text without a header"
