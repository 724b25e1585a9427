"""Loading a part of a file, in less memory, or mapped: every format, every option."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from vector_files import (
    CHOICES,
    LIMITS,
    NAMES,
    ROWS,
    SIZE,
    WORDS,
    WRITERS,
    check,
    in_file,
    write_all,
)

import w2v
from w2v.formats import full_model, npy, word2vec_binary, word2vec_text
from w2v.formats.packed_words import pack, unpack
from w2v.matrices import CompactMatrix, compacted


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_all(tmp_path_factory.mktemp("files"))


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("words", CHOICES, ids=lambda words: str(len(words or "")))
@pytest.mark.parametrize("name", NAMES)
def test_words_and_limit(
    directory: Path, name: str, words: list[str] | None, limit: int | None
) -> None:
    chosen = None if words is None else in_file(name, words)
    if words is not None and (limit == 0 or (limit == 1 and WORDS[0] not in words)
                              or (limit == 8 and not set(words) & set(WORDS[:8]))):  # fmt: skip
        with pytest.raises(w2v.MissingWordError, match="None of the words to load"):
            w2v.load(directory / name, words=chosen, limit=limit)
        return
    check(w2v.load(directory / name, words=chosen, limit=limit), name, limit, words)


@pytest.mark.parametrize("dtype", ["float16", "int8"])
@pytest.mark.parametrize("limit", [None, 1700])
@pytest.mark.parametrize("words", [None, CHOICES[-1]], ids=["all", "some"])
@pytest.mark.parametrize("name", [*WRITERS, "a.bin.gz", "a.txt.xz"])
def test_dtype(directory: Path, name: str, words, limit, dtype: str) -> None:
    chosen = None if words is None else in_file(name, words)
    plain = w2v.load(directory / name, words=chosen, limit=limit)
    found = w2v.load(directory / name, words=chosen, limit=limit, dtype=dtype)
    assert found.index_to_key == plain.index_to_key
    matrix, expected = found.vectors, compacted(plain.vectors, dtype)
    assert isinstance(matrix, CompactMatrix)
    assert isinstance(expected, CompactMatrix)
    assert matrix.codes.tobytes() == expected.codes.tobytes()
    assert matrix.scales.tobytes() == expected.scales.tobytes()
    assert matrix.codes.dtype == dtype


@pytest.mark.parametrize("block", [1, 100, 5000])
def test_blocks_of_any_size(directory: Path, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from w2v.formats import binary_entries, model_vectors, npy_rows

    for module in (binary_entries, word2vec_text, npy_rows, model_vectors):
        monkeypatch.setattr(module, "_BLOCK", block)
    for name in WRITERS if block > 1 else ["a.safetensors"]:
        words = CHOICES[2]
        assert words is not None
        check(w2v.load(directory / name, words=in_file(name, words)), name, None, words)
        found = w2v.load(directory / name, dtype="int8").vectors
        np.testing.assert_array_equal(found, np.asarray(compacted(ROWS, "int8")))


class TestWords:
    def test_any_iterable(self, directory: Path) -> None:
        for words in ({"wörd1", "wörd2"}, iter(["wörd2", "wörd1"]), {"wörd1": 0, "wörd2": 1}):
            found = w2v.load(directory / "a.bin", words=words)
            assert found.index_to_key == ["wörd1", "wörd2"]

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ("cat", r"words is a list of words to load, but is 'cat'; give \['cat'\]\."),
            (b"cat", "words is a list of words to load, but is b'cat'"),
            ([], "but it is empty"),
            ([1, "cat"], "but 1 in it is not a word"),
            (5, "but is 5"),
            ([["cat"]], "words is a list"),
        ],
    )
    def test_what_is_no_list_of_words(self, directory: Path, words, said: str) -> None:
        with pytest.raises(w2v.ConfigError, match=said):
            w2v.load(directory / "a.bin", words=words)

    def test_none_is_there(self, directory: Path) -> None:
        words = ["b", "a", "c\ud800", "d", ""]
        for name in WRITERS:
            path = directory / name
            with pytest.raises(KeyError) as caught:
                w2v.load(path, words=words)
            assert str(caught.value) == (
                f"None of the words to load ('', 'a', 'b', …) is in {path}; check them."
            )
        with pytest.raises(w2v.MissingWordError, match=r"\('wörd9'\) is in the first 9 of "):
            w2v.load(path, words=["wörd9"], limit=9)

    def test_the_rest_of_the_file_does_not_matter_once_all_are_found(
        self, directory: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "a.vocab").write_bytes((directory / "a.vocab").read_bytes())
        for name in ("a.bin", "a.txt", "a.vec", "a.npy"):
            (tmp_path / name).write_bytes((directory / name).read_bytes()[:-60])
            words = in_file(name, ["京都", "two words 10"])
            found = w2v.load(tmp_path / name, words=words)
            assert found.index_to_key == words
            with pytest.raises(w2v.FormatError, match=r"cut off|numbers after its word"):
                w2v.load(tmp_path / name, words=[*words, "wörd2999"])

    @pytest.mark.parametrize("binary", [True, False])
    def test_damage_in_other_words_does_not_matter(self, tmp_path: Path, binary: bool) -> None:
        path = tmp_path / "a"
        if binary:
            good, bad = np.float32([1, 2]).tobytes(), np.float32([np.nan, 2]).tobytes()
            path.write_bytes(b"5 2\na " + good + b"b " + bad + b"\xff " + good + b"c " + good
                             + b"c " + bad)  # fmt: skip
        else:
            path.write_bytes(b"5 2\na 1 2\nb nan 2\n\xff 1 2\nc 1 2\nc 1 nan\n")
        assert w2v.load(path, words=["a", "c"]).index_to_key == ["a", "c"]
        with pytest.raises(w2v.FormatError, match=r"entry 2 \('b'.*not finite"):
            w2v.load(path, words=["b", "c"])
        with pytest.raises(w2v.FormatError, match=r"entry 5 \('c'.*(entry 4|not finite)"):
            w2v.load(path, words=["a", "c", "z"])
        with pytest.warns(UserWarning, match="left out 1"):
            found = w2v.load(path, words=["c", "z"], on_defect="skip")
        assert found.index_to_key == ["c"]
        assert found.defects[0].entry == 5
        replaced = w2v.load(path, words=["\ufffd"], invalid_utf8="replace")
        assert replaced.index_to_key == ["\ufffd"]

    def test_malformed_lines_of_other_words_are_passed_over(self, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_text("a 1 2\nb 1\nc d 3 4\nc 5 6\nc d e 7 8\n")
        assert w2v.load(path, words=["a", "c d"]).index_to_key == ["a", "c d"]
        with pytest.raises(w2v.FormatError, match=r"entry 2 \('b'.*1 numbers"):
            w2v.load(path, words=["a", "b"])


@pytest.mark.parametrize("dtype", ["float16", "int8"])
def test_damage_is_noticed_in_any_dtype(tmp_path: Path, dtype: str) -> None:
    for value, said in (("nan", "not finite"), ("1e39", "not finite")):
        path = tmp_path / "a.txt"
        path.write_text(f"a 1 2\nb 1 {value}\nc 1 2\n")
        with pytest.raises(w2v.FormatError, match=rf"entry 2 \('b', byte offset 6\).*{said}"):
            w2v.load(path, dtype=dtype)
        with pytest.warns(UserWarning, match="1 non-finite rows"):
            found = w2v.load(path, dtype=dtype, on_defect="skip")
        assert found.index_to_key == ["a", "c"]
        np.testing.assert_allclose(found.vectors, [[1, 2], [1, 2]], rtol=0.01)


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith((".gz", ".bz2", ".xz"))])
def test_what_there_is_of_a_compressed_file_that_is_cut_off(
    directory: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "a.vocab").write_bytes((directory / "a.vocab").read_bytes())
    content = (directory / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(w2v.FormatError, match="cannot be decompressed to its end"):
        w2v.load(tmp_path / name)
    if name.endswith(".bz2"):  # it has blocks of 100 kB, and this file has only two
        return
    with pytest.warns(UserWarning, match=r"offset \d+\) cannot be decompressed beyond here"):
        found = w2v.load(tmp_path / name, on_defect="skip")
    assert SIZE // 4 < len(found) < SIZE
    assert found.index_to_key == in_file(name, WORDS[: len(found)])
    np.testing.assert_array_equal(found.vectors, ROWS[: len(found)])


@pytest.mark.parametrize("limit", ["3", 2.5, -1])
def test_a_limit_that_is_none(directory: Path, limit: object) -> None:
    with pytest.raises(w2v.ConfigError, match="limit is the number of vectors to read, 0 or more"):
        w2v.load(directory / "a.bin", limit=limit)  # type: ignore[arg-type]


def test_a_dtype_that_is_none(directory: Path) -> None:
    for dtype in ("float64", "int4", "", None):
        with pytest.raises(w2v.ConfigError, match="dtype must be one of 'float32', 'float16', 'i"):
            w2v.load(directory / "a.bin", dtype=dtype)  # type: ignore[arg-type]


MEMORY = """
import re, sys
import w2v
def peak():  # not that of getrusage, which begins with the peak of the process that forked
    return int(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1])
before = peak()
found = w2v.load(sys.argv[1], **eval(sys.argv[2]))
print(len(found), (peak() - before) / 1024)
"""


def megabytes(path: Path, **options: object) -> tuple[int, float]:
    """How many words were loaded in a new process, and how much its peak grew."""
    command = [sys.executable, "-c", MEMORY, str(path), repr(options)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    count, grown = ran.stdout.split()
    return int(count), float(grown)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is there only")
def test_memory_stays_near_what_is_kept(tmp_path: Path) -> None:
    rows, width = 40_000, 300  # 48 MB
    words = [f"w{row}" for row in range(rows)]
    matrix = np.random.default_rng(1).standard_normal((rows, width), dtype=np.float32)
    word2vec_binary.write(tmp_path / "a.bin", words, matrix)
    model = full_model.FullModel(words, np.ones(rows, np.int64), matrix, 0 * matrix[:, :300], {})
    full_model.write(tmp_path / "a.safetensors", model)
    npy.write(tmp_path / "a.npy", words, matrix)
    for name in ("a.bin", "a.npy", "a.safetensors"):
        assert megabytes(tmp_path / name)[1] > 52
        assert megabytes(tmp_path / name, dtype="float16")[1] < 50
        assert megabytes(tmp_path / name, dtype="int8")[1] < 38
        count, grown = megabytes(tmp_path / name, words=words[::1000])
        assert count == 40
        assert grown < 16
    assert megabytes(tmp_path / "a.safetensors", mmap=True)[1] < 15


@pytest.mark.parametrize("words", [[], ["a"], ["", "é\n", "\n", "京都", ""], WORDS * 40])
def test_packed_words_come_back(words: list[str]) -> None:
    letters, offsets = pack(words)
    assert len(offsets) == len(words) + 1
    assert unpack(letters, offsets) == words


def test_packed_words_that_are_damaged() -> None:
    letters, offsets = pack(["né", "a\nb", "c"])
    half = offsets.copy()
    half[1] -= 1
    for bad in (half, offsets[1:], offsets[:-1], offsets[:0], offsets[::-1], offsets * 2):
        with pytest.raises(ValueError, match=r"offsets|utf-8"):
            unpack(letters, bad)
    with pytest.raises(UnicodeDecodeError):
        unpack(letters[:3], half[[0, 1, 1]] + [0, 0, 1])
