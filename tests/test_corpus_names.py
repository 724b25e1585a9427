"""A corpus is a path, a glob, a directory or a stream; a wrong name gets a clear message."""

import io
import os
import re
import threading
from pathlib import Path

import pytest
from corpus_texts import COMPRESSORS, TEXT, read, write

import w2v
import w2v.opening
import w2v_corpora
from w2v.errors import CorpusError
from w2v.text.corpus import open_corpus


class TestNames:
    @pytest.mark.parametrize(
        ("file_name", "name"),
        [
            ("text8", "text8"),
            ("wiki8.xz", "wiki8"),
            ("wiki8-sentences.txt.xz", "wiki8-sentences"),
            ("news.2020.TXT.GZ", "news.2020"),
            ("corpus.en", "corpus.en"),
            (".txt", ".txt"),
        ],
    )
    def test_the_name_is_the_file_without_its_suffixes(
        self, tmp_path: Path, file_name: str, name: str
    ) -> None:
        assert open_corpus(write(tmp_path / file_name, "x")).name == name

    def test_a_path_beats_a_known_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        toy = open_corpus("toy")
        assert (toy.name, toy.paths, str(toy)) == ("toy", [], "toy")
        assert read(toy, 1 << 20).encode() == w2v_corpora.toy.text()
        write(tmp_path / "toy", "my own toy")
        assert read(open_corpus("toy")) == "my own toy\n"

    def test_a_path_with_glob_characters_beats_the_glob(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        write(tmp_path / "[ab]", "literal")
        write(tmp_path / "a", "matched")
        assert read(open_corpus("[ab]")) == "literal\n"

    def test_a_glob_is_sorted_and_skips_directories(self, tmp_path: Path) -> None:
        (tmp_path / "deep" / "er.txt").mkdir(parents=True)
        for name in ("c.txt", "a.txt", "deep/b.txt", "z.tsv"):
            write(tmp_path / name, name)
        corpus = open_corpus(str(tmp_path / "*.txt"))
        assert read(corpus) == "a.txt\nc.txt\n"
        assert corpus.name is None
        assert open_corpus(tmp_path / "**" / "*.txt").paths == [
            tmp_path / name for name in ("a.txt", "c.txt", "deep/b.txt")
        ]

    def test_several_sources_and_corpora_become_one(self, sample: Path) -> None:
        corpus = open_corpus(sample)
        assert open_corpus(corpus) is corpus
        both = open_corpus(corpus, [["some", "words"]])
        assert read(both) == TEXT + "\nsome words\n"
        assert (both.name, both.paths) == (None, [sample])


class TestMissing:
    def test_a_bare_name_lists_the_known_ones_and_close_spellings(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(CorpusError) as caught:
            open_corpus("texte8")
        assert str(caught.value) == (
            "There is no file 'texte8' and no known corpus of this name (known: text8, toy);"
            " did you mean text8?"
        )

    def test_a_path_gets_the_close_spellings_of_its_directory(self, sample: Path) -> None:
        missing = sample.with_name("sampel.txt")
        with pytest.raises(CorpusError, match=re.escape(f"did you mean {sample}?")):
            open_corpus(missing)

    @pytest.mark.parametrize("text", ["", "nothing/here/at.all", "\0", "no*match", "x" * 5000])
    def test_what_does_not_exist_is_one_sentence(self, text: str) -> None:
        with pytest.raises(CorpusError, match=r"There is no file|No file matches") as caught:
            open_corpus(text)
        assert len(str(caught.value)) < 250

    def test_an_address_with_one_slash_is_set_right(self) -> None:
        """`Path` drops the other."""
        with pytest.raises(CorpusError) as caught:
            open_corpus(Path("https://example.org/text.zip"))
        assert str(caught.value) == (
            "There is no text https:/example.org/text.zip; an address is a str with two slashes,"
            " https://example.org/text.zip."
        )

    @pytest.mark.parametrize("length", [10, 1000])
    def test_a_text_in_place_of_a_path_is_told_what_to_do(self, length: int) -> None:
        with pytest.raises(CorpusError, match="a text in memory is given as a list"):
            open_corpus("the quick brown fox " * length)

    def test_an_empty_directory_is_no_corpus(self, tmp_path: Path) -> None:
        with pytest.raises(CorpusError, match=r"There are no files in the directory"):
            open_corpus(tmp_path)

    def test_a_file_that_may_not_be_read(
        self, sample: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        corpus = open_corpus(sample)

        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        # Permissions do not stop a superuser, whom tests may run as.
        monkeypatch.setattr(Path, "open", refuse)
        monkeypatch.setattr(w2v.opening, "CountedFile", refuse)
        with pytest.raises(CorpusError, match=f"Cannot read {sample}: Permission denied"):
            open_corpus(sample)
        with pytest.raises(CorpusError, match=f"Cannot read {sample}: Permission denied"):
            read(corpus)

    def test_a_file_that_vanishes_between_readings(self, sample: Path) -> None:
        corpus = open_corpus(sample)
        sample.unlink()
        with pytest.raises(CorpusError, match=r"Cannot read .*No such file"):
            read(corpus)

    @pytest.mark.parametrize("source", [b"path", 7, None])
    def test_what_is_neither_path_nor_sentences(self, source: object) -> None:
        with pytest.raises(CorpusError, match="A corpus is a path or an iterable of lists"):
            open_corpus(source)  # type: ignore[arg-type]

    def test_nothing_at_all(self) -> None:
        with pytest.raises(CorpusError, match="No corpus was given"):
            open_corpus()


class TestStreams:
    @pytest.fixture
    def spool_directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        directory = tmp_path / "spool"
        directory.mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(directory))
        return directory

    @pytest.mark.parametrize("suffix", COMPRESSORS)
    def test_standard_input_is_spooled_and_cleaned_up(
        self, spool_directory: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
    ) -> None:
        piped = io.TextIOWrapper(io.BytesIO(COMPRESSORS[suffix](TEXT.encode())))
        monkeypatch.setattr("sys.stdin", piped)
        corpus = open_corpus("-")
        assert len(list(spool_directory.iterdir())) == 1
        assert read(corpus) == read(corpus) == TEXT + "\n"
        assert (corpus.name, corpus.paths, str(corpus)) == (None, [], "standard input")
        del corpus
        assert list(spool_directory.iterdir()) == []

    def test_errors_in_standard_input_call_it_so(
        self, spool_directory: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"caf\xe9")))
        with pytest.raises(CorpusError, match=r"^standard input is not valid UTF-8 at byte 3"):
            read(open_corpus("-"))

    def test_standard_input_only_once(self) -> None:
        with pytest.raises(CorpusError, match="only once"):
            open_corpus("-", "-")

    def test_no_standard_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", None)
        with pytest.raises(CorpusError, match="no standard input"):
            open_corpus("-")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
    def test_a_pipe_is_spooled_too(self, tmp_path: Path, spool_directory: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_bytes, args=(TEXT.encode(),), daemon=True)
        writer.start()
        corpus = open_corpus(pipe)
        assert len(list(spool_directory.iterdir())) == 1  # reading the pipe again would wait
        writer.join()
        assert read(corpus) == read(corpus) == TEXT + "\n"
        assert str(corpus) == str(pipe)
