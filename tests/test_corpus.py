"""A corpus reads the same words from every kind of source, whatever bytes are in it."""

import gzip
import io
import lzma
import threading
import time
import zipfile
from pathlib import Path

import pytest
from corpus_texts import COMPRESSORS, TEXT, read, write

import w2v
import w2v.text.sources
from w2v.errors import CorpusError
from w2v.text.corpus import open_corpus


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
        # Joining the carried bytes at every block would copy 64 GB.
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
