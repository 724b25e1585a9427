"""Many files, in a list, a glob or a directory, are read in order, the small ones together."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from column_files import json_lines
from corpus_texts import read, write

import w2v
from w2v.errors import CorpusError, W2VError
from w2v.text import corpus_names
from w2v.text.corpus import open_corpus
from w2v.text.many_files import ManyFiles

LARGE = "large " * 20_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with files of every kind, whose order is not that of their making."""
    folder = tmp_path / "folder"
    (folder / "b").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    write(folder / "c.txt", "three")
    write(folder / "b" / "z", "two and more ")
    write(folder / "b" / "a.gz", gzip.compress(b"two"))
    write(folder / "a.txt", "\ufeffone\n")
    write(folder / "a.txt~", "")
    write(folder / "d.txt", LARGE)
    write(folder / "e.jsonl", json_lines(["five", "six"], "text"))
    write(folder / ".hidden" / "x", "not this")
    write(folder / ".DS_Store", b"\0\1")
    (folder / "f.txt").symlink_to(folder / "a.txt")
    (folder / "loop").symlink_to(folder)
    return folder


EXPECTED = f"one\ntwo\ntwo and more \nthree\n{LARGE}\nfive\nsix\none\n"


@pytest.mark.parametrize("block_size", [1, 40, 1 << 21])
def test_a_directory_is_read_in_the_order_of_names(folder: Path, block_size: int) -> None:
    corpus = open_corpus(folder)
    assert read(corpus, block_size) == read(corpus, block_size) == EXPECTED
    assert (corpus.name, corpus.paths) == ("folder", [folder])
    assert str(corpus) == f"the 8 files in {folder}"
    assert corpus.size is not None
    assert abs(corpus.bytes_read - corpus.size) < 10  # the line feeds that were added


def test_lists_and_globs_give_the_same(folder: Path) -> None:
    names = ["a.txt", "b/a.gz", "b/z", "c.txt", "d.txt", "e.jsonl", "f.txt"]
    paths = [folder / name for name in names]
    assert read(open_corpus(paths)) == EXPECTED
    assert read(open_corpus(*paths)) == EXPECTED
    both = open_corpus(folder / "[a-c].txt", folder / "b" / "*")
    assert read(both) == "one\nthree\ntwo\ntwo and more \n"
    assert both.paths == [paths[0], paths[3], paths[1], paths[2]]


def test_thousands_of_files_make_few_blocks(tmp_path: Path) -> None:
    expected = []
    for number in range(3000):
        write(tmp_path / f"{number:04}.txt", f"file {number} größe")
        expected.append(f"file {number} größe\n")
    corpus = open_corpus(tmp_path)
    blocks = list(corpus.blocks())
    assert b"".join(block.data for block in blocks).decode() == "".join(expected)
    assert len(blocks) == 1
    assert len(corpus.paths) == len(corpus.sources) == 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"caf\xe9", "b.txt is not valid UTF-8 at byte 3"),
        ("größe".encode()[:3], "b.txt is not valid UTF-8 at byte 2"),
        (b"a\0b", "b.txt holds a NUL byte at byte 1"),
        (gzip.compress(b"whole", mtime=0)[:-4], "Cannot decompress .*b.txt"),
    ],
)
def test_a_fault_is_reported_of_its_file(tmp_path: Path, data: bytes, message: str) -> None:
    for name in "abc":
        write(tmp_path / f"{name}.txt", "sound" if name != "b" else data)
    with pytest.raises(CorpusError, match=message):
        read(open_corpus(tmp_path))


def test_what_is_replaced_and_left_out_is_counted(tmp_path: Path) -> None:
    write(tmp_path / "a", b"caf\xe9")
    write(tmp_path / "b", "sound")
    write(tmp_path / "c", "x" * 70_000 + " y")
    corpus = open_corpus(tmp_path, invalid_utf8="replace")
    assert read(corpus).split() == ["caf\N{REPLACEMENT CHARACTER}", "sound", "y"]
    assert (corpus.replaced, corpus.left_out) == (1, 1)
    assert f"byte 0 of {tmp_path / 'c'}" in corpus.about_left_out()


def test_a_file_that_goes_away_is_an_error(folder: Path) -> None:
    corpus = open_corpus(folder)
    (folder / "c.txt").unlink()
    with pytest.raises(CorpusError, match=r"Cannot read .*c\.txt: No such file"):
        read(corpus)


def test_one_that_goes_away_while_the_directory_is_listed_is_passed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = corpus_names._entries

    def vanishing(directory: str) -> Iterator["os.DirEntry[str]"]:
        for entry in entries(directory):
            if entry.name == "c.txt":
                (folder / "c.txt").unlink()
            yield entry

    monkeypatch.setattr(corpus_names, "_entries", vanishing)
    assert read(open_corpus(folder)) == EXPECTED.replace("three\n", "")


def test_a_link_to_itself_is_passed_over(folder: Path) -> None:
    (folder / "self").symlink_to("self")
    assert read(open_corpus(folder)) == EXPECTED


def test_files_opened_in_different_ways_are_each_read_as_they_were_opened(tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", '{"title": "one", "text": "not this"}\n')
    second = write(tmp_path / "b.jsonl", '{"title": "not this", "text": "two"}\n')
    third = write(tmp_path / "c.txt", b"caf\xff\n")
    both = open_corpus(open_corpus(first, column="title"), open_corpus(second, column="text"))
    assert read(both) == "one\ntwo\n"
    replaced = open_corpus(second, open_corpus(third, invalid_utf8="replace"))
    assert read(replaced) == "two\ncaf\N{REPLACEMENT CHARACTER}\n"


def test_a_pipe_in_a_directory_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CorpusError, match="no files in the directory"):
        open_corpus(tmp_path)
    write(tmp_path / "a", "one")
    assert read(open_corpus(tmp_path)) == "one\n"


def test_nothing_is_written_into_the_directory_that_is_read(folder: Path) -> None:
    with pytest.raises(W2VError, match=r"all files in .*folder are the corpus; name another place"):
        w2v.check_output(folder / "b" / "vectors.bin", open_corpus(folder).paths)
    w2v.check_output(folder.parent / "vectors.bin", open_corpus(folder).paths)


def test_a_training_on_a_directory_goes_on(folder: Path, tmp_path: Path) -> None:
    for number in range(40):
        write(folder / f"g{number}", "the cat sat\nthe dog sat\n" * 9)
    checkpoints = tmp_path / "checkpoints"
    whole = w2v.train(
        folder, vector_size=4, epochs=2, workers=1, checkpoint=checkpoints, checkpoint_every=0
    )
    again = w2v.train(resume=checkpoints)
    assert again.vectors.vectors.tobytes() == whole.vectors.vectors.tobytes()


def test_a_source_of_many_files_holds_names_alone(folder: Path) -> None:
    [source] = open_corpus(folder).sources
    assert isinstance(source, ManyFiles)
    assert set(map(type, source.names)) == {str}
