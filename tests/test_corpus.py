"""A corpus reads the same words from every kind of source, and says clearly what it cannot read."""

import bz2
import gzip
import io
import lzma
import math
import os
import re
import threading
import time
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import w2v
import w2v.text.sources
import w2v_corpora
from w2v.compression import zstd
from w2v.errors import CorpusError
from w2v.text.corpus import Block, Corpus, open_corpus

TEXT = "The cat sat.\nThe dog\tbarked at it;\r\n\nœuvre naïve 日本語 end"
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd.compress,
}


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(corpus: Corpus, block_size: int = 16) -> str:
    """All text of the corpus; the blocks are checked on the way."""
    blocks = list(corpus.blocks(block_size))
    for block in blocks:
        assert block.data.decode()[-1].isspace()
        assert block.data.decode().encode() == block.data
    return b"".join(block.data for block in blocks).decode()


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return write(tmp_path / "sample.txt", TEXT)


class TestReading:
    @pytest.mark.parametrize("suffix", COMPRESSORS)
    def test_every_compression_gives_the_same_text_under_any_name(
        self, tmp_path: Path, suffix: str
    ) -> None:
        for name in (f"sample.txt{suffix}", "sample"):
            path = write(tmp_path / name, COMPRESSORS[suffix](TEXT.encode()))
            corpus = open_corpus(path)
            assert read(corpus) == TEXT + "\n"
            assert (corpus.name, corpus.paths) == ("sample", [path])

    def test_all_members_of_a_zip_are_read_by_name(self, tmp_path: Path) -> None:
        path = tmp_path / "two.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("folder/", "")
            archive.writestr("folder/b", "three four")
            archive.writestr("a", "one two")
        corpus = open_corpus(path)
        assert read(corpus) == "one two\nthree four\n"
        sources = list(dict.fromkeys(block.source for block in corpus.blocks()))
        assert sources == [f"{path}:a", f"{path}:folder/b"]

    @pytest.mark.parametrize("block_size", [1, 2, 3, 5, 64, 4099, 1 << 23])
    @pytest.mark.parametrize(
        "text",
        [
            TEXT,
            "",
            " ",
            "\n\n",
            "word",
            "no-white-space" * 500,
            "a b " * 3000,
            "日本　語 　文\u2028x\u00a0y\x85z\x1cw",
            "one\r\ntwo\rthree\vfour\ffive ",
        ],
        ids=lambda text: text[:8].encode("unicode_escape").decode(),
    )
    def test_no_block_size_changes_the_text(
        self, tmp_path: Path, text: str, block_size: int
    ) -> None:
        path = write(tmp_path / "text", text)
        joined = read(open_corpus(path), block_size)
        assert joined in (text, text + "\n")
        assert joined.endswith("\n") or not text
        by_words = [block.data.decode().split() for block in open_corpus(path).blocks(block_size)]
        assert [word for words in by_words for word in words] == text.split()

    def test_offsets_point_into_the_decompressed_source(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x.gz", gzip.compress(TEXT.encode()))
        data = TEXT.encode() + b"\n"
        blocks = list(open_corpus(path).blocks(10))
        assert len(blocks) > 3
        for block in blocks:
            assert data[block.offset : block.offset + len(block.data)] == block.data

    def test_blocks_are_about_as_large_as_asked_for(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x", "word " * 10_000)
        sizes = [len(block.data) for block in open_corpus(path).blocks(1000)]
        assert max(sizes) < 1010
        assert len(sizes) <= 52

    def test_a_text_without_white_space_takes_linear_time(self, tmp_path: Path) -> None:
        # Joining what was carried at every block would copy 64 GB.
        path = write(tmp_path / "x", b"x" * (16 << 20))
        started = time.process_time()
        corpus = open_corpus(path)
        blocks = list(corpus.blocks(2048))
        assert time.process_time() - started < 5
        assert [block.data for block in blocks] == [b"\n"]
        assert corpus.left_out == 1  # no word is that long

    def test_a_byte_order_mark_is_dropped_at_the_start_of_each_file(self, tmp_path: Path) -> None:
        marked = "\ufeffone two \ufeffthree"
        first = write(tmp_path / "a", marked)
        second = write(tmp_path / "b", marked)
        assert read(open_corpus(first, second), 1) == "one two \ufeffthree\n" * 2
        assert next(open_corpus(first).blocks()).offset == 3

    def test_files_are_read_again_and_again_and_sentences_end_between_them(
        self, tmp_path: Path
    ) -> None:
        corpus = open_corpus(write(tmp_path / "a", "one"), write(tmp_path / "b", "two "))
        assert read(corpus) == read(corpus) == "one\ntwo \n"
        assert str(corpus) == f"{tmp_path / 'a'}, {tmp_path / 'b'}"

    @pytest.mark.parametrize("language", ["ko", "zh", "de"])
    def test_real_unicode_text_keeps_its_words(self, test_data: Path, language: str) -> None:
        path = test_data / "corpora" / f"wiki-{language}.txt.xz"
        words = lzma.decompress(path.read_bytes()).decode().split()
        for block_size in (997, 1 << 20):
            blocks = open_corpus(path).blocks(block_size)
            assert [word for block in blocks for word in block.data.decode().split()] == words

    def test_leaving_early_stops_the_reader_thread_and_closes_the_file(self, sample: Path) -> None:
        threads = threading.active_count()
        blocks = open_corpus(sample).blocks(4)
        next(blocks)
        assert threading.active_count() == threads + 1
        blocks.close()
        assert threading.active_count() == threads


class TestInvalidText:
    def test_invalid_utf8_is_an_error_with_its_offset(self, tmp_path: Path) -> None:
        data = "größe ".encode() * 100 + b"caf\xe9 au lait"
        path = write(tmp_path / "latin", data)
        offset = data.index(b"\xe9")
        for block_size in (7, 64, 1 << 20):
            with pytest.raises(
                CorpusError, match=f"latin is not valid UTF-8 at byte {offset} .*invalid_utf8='rep"
            ):
                read(open_corpus(path), block_size)

    def test_replacing_gives_what_python_gives_and_counts(self, tmp_path: Path) -> None:
        data = b"\xff\xfe ok \xe9t\xe9 \xef\xbf\xbd \xf0\x9f\x98 end\xc3"
        path = write(tmp_path / "x", data)
        corpus = open_corpus(path, invalid_utf8="replace")
        assert corpus.replaced == 0
        for block_size in (5, 64):
            assert read(corpus, block_size) == data.decode(errors="replace") + "\n"
            assert corpus.replaced == 6

    def test_utf8_cut_at_the_end_of_the_file_is_invalid(self, tmp_path: Path) -> None:
        path = write(tmp_path / "x", "größe 日".encode()[:-1])
        with pytest.raises(CorpusError, match="at byte 8"):
            read(open_corpus(path))

    @pytest.mark.parametrize("invalid_utf8", ["error", "replace"])
    def test_a_nul_byte_is_an_error_with_its_offset(
        self, tmp_path: Path, invalid_utf8: w2v.text.sources.InvalidUtf8
    ) -> None:
        for data, offset in ((b"some text " * 9 + b"\0", 90), ("hello".encode("utf-16"), 3)):
            path = write(tmp_path / "x", data)
            with pytest.raises(CorpusError, match=f"NUL byte at byte {offset},"):
                read(open_corpus(path, invalid_utf8=invalid_utf8))

    def test_a_wrong_policy_is_named(self, sample: Path) -> None:
        with pytest.raises(CorpusError, match="'error' or 'replace', not 'ignore'"):
            open_corpus(sample, invalid_utf8="ignore")  # type: ignore[arg-type]

    @pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst"])
    def test_a_cut_off_archive_is_an_error(self, tmp_path: Path, suffix: str) -> None:
        text = " ".join(str(number**3) for number in range(20_000)).encode()
        compressed = COMPRESSORS[suffix](text)
        for length in (len(compressed) // 2, len(compressed) - 3):
            path = write(tmp_path / f"cut{suffix}", compressed[:length])
            with pytest.raises(CorpusError, match=r"Cannot decompress .*cut.* copy or download"):
                read(open_corpus(path), 1 << 16)

    @pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst"])
    def test_a_damaged_archive_is_an_error(self, tmp_path: Path, suffix: str) -> None:
        text = " ".join(str(number**3) for number in range(20_000)).encode()
        compressed = bytearray(COMPRESSORS[suffix](text))
        middle = len(compressed) // 2
        compressed[middle : middle + 64] = bytes(64)
        path = write(tmp_path / "damaged", bytes(compressed))
        with pytest.raises(CorpusError, match="damaged"):
            read(open_corpus(path), 1 << 16)

    def test_a_damaged_zip_is_an_error(self, tmp_path: Path) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("a", "one two three")
        whole = stream.getvalue()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("é", "one two three")
        no_name = stream.getvalue().replace("é".encode(), b"\xff\xfe")
        for damaged in (whole[:40], whole.replace(b"one", b"two"), no_name):
            path = write(tmp_path / "damaged", damaged)
            with pytest.raises(CorpusError, match="Cannot decompress"):
                read(open_corpus(path))


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

    @pytest.mark.parametrize("kind", [str, Path])
    def test_an_address_is_kept_whole_and_has_to_be_downloaded(self, kind: Any) -> None:
        with pytest.raises(CorpusError) as caught:
            open_corpus(kind("https://example.org/corpora/text.zip"))
        assert str(caught.value) == (
            "https://example.org/corpora/text.zip is an address, and w2v reads files; download the"
            " text and name its file."
        )
        with pytest.raises(CorpusError, match=r"^https://example\.org/a is an address"):
            open_corpus(["toy", "https://example.org/a"])

    @pytest.mark.parametrize("length", [10, 1000])
    def test_a_text_in_place_of_a_path_is_told_what_to_do(self, length: int) -> None:
        with pytest.raises(CorpusError, match="a text in memory is given as a list"):
            open_corpus("the quick brown fox " * length)

    def test_a_directory_is_no_corpus(self, tmp_path: Path) -> None:
        with pytest.raises(CorpusError, match=r"is a directory; name the files in it"):
            open_corpus(tmp_path)

    def test_a_file_that_may_not_be_read(
        self, sample: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        corpus = open_corpus(sample)

        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        # Permissions do not stop a superuser, whom tests may run as.
        monkeypatch.setattr(Path, "open", refuse)
        monkeypatch.setattr(w2v.text.sources, "_CountedFile", refuse)
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


class TestSentences:
    def test_lists_tuples_and_iterables_of_words(self) -> None:
        class Sentences:
            def __iter__(self) -> Iterator[Iterator[str]]:
                return iter([iter(["one", "two"]), iter(["three"])])

        for sentences in ([["one", "two"], ["three"]], (("one", "two"), ("three",)), Sentences()):
            corpus = open_corpus(sentences)
            assert list(corpus.blocks(1)) == [
                Block("the sentences", 0, b"one two\n"),
                Block("the sentences", 8, b"three\n"),
            ]
            assert read(corpus, 1 << 20) == "one two\nthree\n"
            assert (corpus.name, corpus.paths) == (None, [])

    def test_empty_corpora_are_left_to_the_vocabulary(self) -> None:
        assert list(open_corpus([]).blocks()) == []
        assert read(open_corpus([[], ["日本"]])) == "\n日本\n"

    def test_a_generator_is_read_once_and_says_so_the_second_time(self, sample: Path) -> None:
        with sample.open(encoding="utf-8") as lines:
            corpus = open_corpus(line.split() for line in lines)
            words = read(corpus).split()
        assert words == TEXT.split()
        with pytest.raises(CorpusError, match=r"a generator, can be read only once, and has been;"):
            read(corpus)

    def test_a_generator_is_never_held_as_a_whole(self) -> None:
        alive: list[int] = [0]
        most = 0

        class Counted(list[str]):
            def __init__(self, *words: str) -> None:
                super().__init__(words)
                alive[0] += 1

            def __del__(self) -> None:
                alive[0] -= 1

        for _ in open_corpus(Counted("some", "words") for _ in range(1000)).blocks(100):
            most = max(most, alive[0])
        assert most < 5

    def test_training_takes_a_generator(self) -> None:
        sentences = [["the", "cat", "sat"], ["the", "dog", "sat"]] * 50
        settings = {"vector_size": 8, "epochs": 2, "workers": 1}
        once = w2v.train((list(sentence) for sentence in sentences), **settings)
        again = w2v.train(sentences, **settings)
        assert once.vectors.index_to_key == again.vectors.index_to_key
        assert (once.vectors.vectors == again.vectors.vectors).all()

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ({"train": [["a"]], "test": []}, r"type dict, .* keys .*corpus\['train'\]\.$"),
            ({}, "of type dict, and only its keys would be read"),
            ({("a", "b")}, r"is a set, which has no order, .*give a list\.$"),
            (frozenset([("a", "b")]), "is a frozenset, which has no order"),
        ],
    )
    def test_a_corpus_whose_rows_would_be_something_else(self, source: Any, message: str) -> None:
        with pytest.raises(CorpusError, match=message):
            open_corpus(source)

    def test_a_table_is_not_read_as_the_names_of_its_columns(self) -> None:
        class DataFrame:
            columns = ("text", "label")
            shape = (1, 2)

            def __iter__(self) -> Iterator[str]:
                return iter(self.columns)

        with pytest.raises(CorpusError, match=r"a table \(of type DataFrame\), .*table\['text'\]"):
            open_corpus(DataFrame())  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("sentence", "message"),
        [
            ("a plain string", "'a plain string', not a list of words; split each text into words"),
            ("word", r"'word', not a list .* put one list of words into a list, as in \[words\]"),
            (b"some bytes", r"b'some bytes', not a list of words; decode and split it"),
            (7, "7, not a list of words; give a list of strings"),
            (None, "None, not a list of words; give a list of strings"),
            (np.array("word"), r"array\('word'.*\), not a list of words; give a list of strings"),
            (
                {"label": 1, "text": "the cat"},
                r"only its keys would be read; .*\(row\['text'\]\.split\(\) for row in rows\)\.$",
            ),
            ({"words": ["the", "cat"]}, r"only its keys .*\(row\['words'\] for row in rows\)\.$"),
            ({}, r"only its keys .*\(row\['text'\]\.split\(\) for row in rows\)\.$"),
            ({"the", "cat"}, "a set, which has no order, .*give a list of words"),
            (frozenset({"the", "cat"}), "a frozenset, which has no order"),
        ],
    )
    def test_a_sentence_that_is_no_list_of_words(self, sentence: Any, message: str) -> None:
        corpus = open_corpus([["fine"], sentence])
        with pytest.raises(CorpusError, match=f"^Sentence 2 is .*{message}"):
            read(corpus)

    def test_what_is_a_list_in_another_dress_is_read(self) -> None:
        array = np.array([["the", "cat"], ["a", "dog"]])
        objects = np.array(["the", "cat"], dtype=object)
        ordered = dict.fromkeys(["the", "cat"]).keys()
        assert read(open_corpus(array)) == "the cat\na dog\n"
        assert read(open_corpus([objects, deque(["a", "dog"]), ordered])) == (
            "the cat\na dog\nthe cat\n"
        )

    @pytest.mark.parametrize(
        ("word", "fault"),
        [
            (7, "of type int; words are strings: use str(word)."),
            (np.int64(7), "of type int64; words are strings: use str(word)."),
            (None, "of type NoneType; words are strings: leave it out."),
            (math.nan, "of type float; words are strings: leave it out."),
            (b"bytes", "of type bytes; words are strings: decode it, as in word.decode()."),
            (np.array(["a", "b"]), "of type ndarray; a sentence is a flat list of strings."),
            (["nested"], "of type list; a sentence is a flat list of strings."),
            ("", "empty or nothing but white space; leave it out."),
            (" \t", "empty or nothing but white space; leave it out."),
            ("New York", "with white space in it; a name becomes one word with an underscore, as"),
            ("New York", "as in 'New_York', and a text is split, as in text.split()."),
            ("line\n", "as in 'line', and a text is split"),
            ("non\u00a0breaking", "as in 'non_breaking', and a text is split"),
            ("unit\x1fseparator", "as in 'unit_separator', and a text is split"),
            ("nul\0", "a NUL character"),
            ("\ud800", "a lone surrogate"),
        ],
    )
    def test_a_word_that_is_none(self, word: object, fault: str) -> None:
        corpus = open_corpus([["fine"], ["fine", "too"], ["fine", word]])  # type: ignore[list-item]
        with pytest.raises(CorpusError) as caught:
            read(corpus)
        assert str(caught.value).startswith(f"Word 2 of sentence 3 is {word!r}, ")
        assert fault in str(caught.value)

    def test_errors_of_the_iterable_pass_through(self) -> None:
        class Broken:
            def __iter__(self) -> Iterator[list[str]]:
                yield ["fine"]
                raise LookupError("the user's own")

        with pytest.raises(LookupError, match="the user's own"):
            read(open_corpus(Broken()))
