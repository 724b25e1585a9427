"""`w2v.describe_file` says what a file of vectors is."""

import gzip
import json
from pathlib import Path

import pytest
from test_check_file import written

import w2v


class TestDescription:
    @pytest.mark.parametrize(
        ("newlines", "expected"),
        [((b"", b""), "none"), ((b"\n", b"\n"), "after each vector"),
         ((b"\n", b""), "after some vectors")],
    )  # fmt: skip
    def test_newlines_of_a_binary_file(self, tmp_path: Path, newlines, expected: str) -> None:
        pieces = [b"%c \0\0\0\x40" % letter for letter in b"abc"]
        content = b"3 1\n" + pieces[0] + newlines[0] + pieces[1] + newlines[1] + pieces[2]
        about = w2v.describe_file(written(tmp_path, content))
        assert about.newlines == expected
        assert (about.shortest, about.mean_length, about.longest) == (2, 2, 2)

    @pytest.mark.parametrize(("end", "expected"), [(b"\n", "LF"), (b"\r\n", "CRLF")])
    def test_text(self, tmp_path: Path, end: bytes, expected: str) -> None:
        content = end.join([b"3 2", b"a 3 4", b"b 6 8", b"c nan 1", b""])
        about = w2v.describe_file(written(tmp_path, gzip.compress(content), "x.gz"))
        assert (about.format, about.newlines, about.compression) == (
            "word2vec text",
            expected,
            "gzip",
        )
        assert (about.words, about.promised, about.vector_size) == (3, 3, 2)
        assert (about.shortest, about.mean_length, about.longest) == (5, 7.5, 10)
        assert about.first_words == ("a", "b", "c")
        assert about.bytes == (tmp_path / "x.gz").stat().st_size
        json.dumps(about.as_dict())

    def test_a_file_that_is_cut_off(self, tmp_path: Path) -> None:
        about = w2v.describe_file(written(tmp_path, b"9 1\na 1\nb 2\nc"))
        assert (about.words, about.promised, about.defects) == (2, 9, 2)
        empty = w2v.describe_file(written(tmp_path, b"0 5\n"))
        assert (empty.words, empty.vector_size, empty.shortest) == (0, 5, None)
