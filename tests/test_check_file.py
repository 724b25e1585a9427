"""`w2v.check_file` lists every defect at its entry and offset.

Each file is put together here, so that the offsets of its entries are known.
"""

import gzip
import struct
import tracemalloc
from collections import Counter
from pathlib import Path

import fasttext_files
import numpy as np
import pytest
import safetensors.numpy
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

import w2v
from w2v.errors import FormatError
from w2v.formats import binary_entries, word2vec_binary
from w2v.training.config import TrainConfig

NAN, INF = float("nan"), float("inf")
# An entry, and the kinds of defects that it has; the word "a" comes first.
ENTRIES = [
    (b"a", (1.0, 2.0), ()),
    (b"a", (3.0, 4.0), ("duplicate words",)),
    (b"b", (NAN, 1.0), ("non-finite rows",)),
    (b"c", (0.0, -0.0), ("zero rows",)),
    (b"\xff", (1.0, 1.0), ("words of invalid UTF-8",)),
    (b"b", (INF, 1.0), ("duplicate words", "non-finite rows")),
    (b"\xff", (0.0, 0.0), ("words of invalid UTF-8", "duplicate words", "zero rows")),
    (b"\xe5\xad\x97", (1.0, 5.0), ()),
]
SPACED = (b"new york", (1.0, 1.0), ("words with spaces",))
EMPTY = (b"", (1.0, 1.0), ("empty words",))
TAB = (b"d\te", (1.0, 1.0), ("words with spaces",))


def as_binary(entries, newline: bytes) -> tuple[list[bytes], bytes]:
    pieces = [word + b" " + struct.pack("<2f", *row) for word, row, _ in entries]
    return [piece + newline for piece in pieces], newline


def as_text(entries, newline: bytes) -> tuple[list[bytes], bytes]:
    return [b"%s %r %r" % (word, *row) + newline for word, row, _ in entries], newline


def assembled(entries, pieces: list[bytes], start: bytes) -> tuple[bytes, list[tuple]]:
    """Return the file, and (kind, entry, offset) of all defects."""
    content, expected = start, []
    for number, (piece, (_, _, kinds)) in enumerate(zip(pieces, entries, strict=True), 1):
        expected += [(kind, number, len(content)) for kind in kinds]
        content += piece
    return content, expected


def found(path: Path) -> list[tuple[str, int, int]]:
    check = w2v.check_file(path)
    defects = [(defect.kind, defect.entry, defect.offset) for defect in check]
    assert check.kinds == Counter(kind for kind, _, _ in defects)
    entries = [entry for _, entry, _ in defects if entry]  # 0 is the file itself
    assert entries == sorted(entries)
    return defects


def written(directory: Path, content: bytes, name: str = "vectors") -> Path:
    path = directory / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("newline", [b"", b"\n"])
@pytest.mark.parametrize("rows_at_once", [1, 3, 1 << 16])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_binary(tmp_path: Path, newline: bytes, rows_at_once: int, pack, monkeypatch) -> None:
    monkeypatch.setattr(binary_entries, "_BLOCK_ROWS", rows_at_once)
    entries = [*ENTRIES, EMPTY, TAB, *ENTRIES[:1]]
    entries[-1] = (b"a", (1.0, 2.0), ("duplicate words",))
    pieces, _ = as_binary(entries, newline)
    content, expected = assembled(entries, pieces, b"11 2\n")
    assert sorted(found(written(tmp_path, pack(content)))) == sorted(expected)


@pytest.mark.parametrize("newline", [b"\n", b" \n", b"\r\n", b"\n\n"])
@pytest.mark.parametrize("header", [b"", b"10 2\n"])
def test_text(tmp_path: Path, newline: bytes, header: bytes) -> None:
    entries = [*ENTRIES, SPACED, TAB]
    pieces, _ = as_text(entries, newline)
    content, expected = assembled(entries, pieces, header)
    assert sorted(found(written(tmp_path, content))) == sorted(expected)


def test_text_line_by_line(tmp_path: Path) -> None:
    content = b"6 2\na 1 2\nb 1\nc x 2\nd 1 2 3\n 1 2\ne 1 2\n"
    assert found(written(tmp_path, content)) == [
        ("malformed lines", 2, 10),
        ("malformed lines", 3, 14),
        ("malformed lines", 4, 20),
        ("empty words", 5, 28),
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        # binary: a header of 4 bytes, entries of 6
        (b"2 1\na \1\0\0Ab \1\0", [("truncated entries", 2, 10)]),
        (b"2 1\na \1\0\0A\nb", [("truncated entries", 2, 11)]),
        (b"2 1\na \1\0\0A\n", [("missing entries", 2, 11)]),
        (b"5 1\na \1\0\0Ab \1\0", [("truncated entries", 2, 10), ("missing entries", 3, 14)]),
        (b"1 1\na \1\0\0A\nb \1\0\0A", [("extra bytes", 2, 11)]),
        (b"0 1\na \1\0\0A", [("extra bytes", 1, 4)]),
        (b"2 1\na \1\0\0Aa \1\0\0Axyz", [("duplicate words", 2, 10), ("extra bytes", 3, 16)]),
        # text
        (b"3 1\na 1\nb 2\n", [("missing entries", 3, 12)]),
        (b"1 1\na 1\nb 2\nc 3\n", [("extra lines", 2, 8)]),
        (b"3 1\na 1\nb 2", [("truncated entries", 2, 8), ("missing entries", 3, 11)]),
        (b"a 1.\nb 2", [("truncated entries", 2, 5)]),
        (b"2 1\na 1\na 2\nc 3\n", [("duplicate words", 2, 8), ("extra lines", 3, 12)]),
        (b"2 1\na 1\nb 2", []),  # complete by count
        (b"0 5\n", []),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_length_and_header(tmp_path: Path, content: bytes, expected, pack) -> None:
    path = written(tmp_path, pack(content))
    assert found(path) == expected


@pytest.mark.parametrize("columns", [1, 2, 9])
def test_signalling_nans_do_not_warn(tmp_path: Path, columns: int) -> None:
    """Any operation on such a number warns, unless NumPy is set not to."""
    row = np.full(columns, 0x7F800001, dtype="<u4").tobytes()
    content = f"2 {columns}\n".encode() + b"a " + bytes(4 * columns) + b"b " + row
    assert [kind for kind, _, _ in found(written(tmp_path, content))] == [
        "zero rows", "non-finite rows",
    ]  # fmt: skip


def test_npy(tmp_path: Path) -> None:
    words = [word for word, _, _ in ENTRIES]
    np.save(tmp_path / "x.npy", np.array([row for _, row, _ in ENTRIES], dtype=np.float32))
    (tmp_path / "x.vocab").write_bytes(b"\n".join(words) + b"\n")
    expected = [
        (kind, number + 1, 128 + 8 * number)
        for number, (_, _, kinds) in enumerate(ENTRIES)
        for kind in kinds
    ]
    assert sorted(found(tmp_path / "x.npy")) == sorted(expected)
    (tmp_path / "x.vocab").write_bytes(b"p\nq\nr\ns\n")
    assert found(tmp_path / "x.npy")[-1] == ("unequal files", 5, 128 + 32)
    (tmp_path / "x.vocab").unlink()
    assert [kind for kind, _, _ in found(tmp_path / "x.npy")] == ["unreadable files"]


def test_full_model(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    tensors = {
        "vocab_utf8": np.frombuffer(b"aab\xff", dtype=np.uint8),
        "vocab_offsets": np.array([0, 1, 2, 3, 4]),
        "counts": np.array([4, 3, 2, 1]),
        "vectors": np.array([[1], [2], [0], [INF]], dtype=np.float32),
        "output": np.array([[1], [NAN], [0], [1]], dtype=np.float32),
    }
    safetensors.numpy.save_file(tensors, path, {"format": "w2v-model", "version": "1"})
    content = path.read_bytes()
    start = content.index(b"aab\xff")
    output = content.index(tensors["output"].tobytes())
    assert sorted(found(path)) == sorted([
        ("duplicate words", 2, start + 1),
        ("non-finite output rows", 2, output + 4),
        ("zero rows", 3, start + 2),
        ("words of invalid UTF-8", 4, start + 3),
        ("non-finite rows", 4, start + 3),
    ])  # fmt: skip
    tensors["counts"] = tensors["counts"][:2]
    safetensors.numpy.save_file(tensors, path, {"format": "w2v-model", "version": "1"})
    [(kind, _, _)] = found(path)
    assert kind == "unreadable files"


def test_the_length_of_a_model(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    w2v.KeyedVectors(["a", "b"], [[1], [2]]).save(path)
    content = path.read_bytes()
    path.write_bytes(content + b"xy")
    assert found(path) == [("extra bytes", 0, len(content))]
    with pytest.raises(w2v.FormatError, match=f"byte offset {len(content)}. goes on here"):
        w2v.load(path)
    path.write_bytes(content[:-3])
    assert found(path) == [("truncated files", 0, len(content) - 3)]
    with pytest.raises(w2v.FormatError, match=f"ends here, .* promises {len(content)} bytes"):
        w2v.load(path)


def test_a_sound_model_has_no_defects(tmp_path: Path) -> None:
    model = w2v.train([["a", "b", "c"]] * 20, vector_size=4, min_count=1, epochs=1, workers=1)
    model.save(tmp_path / "m")
    assert model.config != TrainConfig()
    assert found(tmp_path / "m") == []
    about = w2v.describe_file(tmp_path / "m")
    assert (about.format, about.words, about.vector_size, about.counts) == (
        "full model",
        3,
        4,
        True,
    )


def test_an_archive_that_is_cut_off(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).standard_normal((4000, 20), dtype=np.float32)
    words = [f"w{number}" for number in range(4000)]
    w2v.KeyedVectors(words, rows).save(tmp_path / "x.txt.gz")
    whole = (tmp_path / "x.txt.gz").read_bytes()
    check = w2v.check_file(written(tmp_path, whole[: len(whole) * 3 // 4]))
    cut, missing, defect = check
    assert (cut.kind, missing.kind) == ("truncated entries", "missing entries")
    assert defect.kind == "unreadable files"
    assert "cannot be decompressed beyond here" in defect.problem
    assert 2000 < check.entries < 4000
    with pytest.warns(UserWarning, match="left out 2 damaged entries: .*; the file .byte offset"):
        loaded = w2v.load(tmp_path / "vectors", on_defect="skip")
    assert len(loaded) == check.entries


@pytest.mark.parametrize("content", [b"", b"once upon a time\n", b"\x80\x04x", b"\0" * 99])
def test_what_is_no_vector_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, content)
    for look in (w2v.check_file, w2v.describe_file, lambda p: w2v.convert(p, tmp_path / "o.bin")):
        for bad in (path, tmp_path / "nowhere", tmp_path):
            with pytest.raises(FormatError):
                look(bad)


def test_skipping_loads_what_is_sound_of_a_file_cut_off(tmp_path: Path) -> None:
    for content in (b"3 1\na \1\0\0Ab \1\0", b"3 1\na 1\nb 2", b"1 1\na 1\nb 2\n"):
        path = written(tmp_path, content)
        with pytest.raises(FormatError):
            w2v.load(path)
        with pytest.warns(UserWarning, match="left out"):
            assert w2v.load(path, on_defect="skip").index_to_key == ["a"]


@examples(150)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"a", b"b", b"", b"\xff", b"c"]), st.sampled_from([0.0, 1.0, NAN])
        ),
        max_size=12,
    )
)
def test_whatever_loading_leaves_out_is_a_defect(tmp_path_factory, table) -> None:
    """A bad entry repeats nothing for loading, but does for the check, which lists more."""
    content = b"%d 1\n" % len(table) + b"".join(
        word + b" " + struct.pack("<f", number) for word, number in table
    )
    path = written(tmp_path_factory.mktemp("check"), content)
    left_out = {(d.entry, d.kind) for d in word2vec_binary.read(path, on_defect="skip").defects}
    listed = {(entry, kind) for kind, entry, _ in found(path) if kind != "zero rows"}
    assert left_out <= listed
    gone = {entry for entry, _ in left_out}
    assert all(entry in gone or kind == "duplicate words" for entry, kind in listed - left_out)


def test_memory_stays_that_of_the_words(tmp_path: Path) -> None:
    rows = np.ones((60_000, 300), dtype=np.float32)
    path = tmp_path / "big.bin"
    w2v.KeyedVectors([f"w{n}" for n in range(60_000)], rows).save(path)
    del rows
    tracemalloc.start()
    try:
        assert found(path) == []
        assert w2v.describe_file(path).words == 60_000
        assert tracemalloc.get_traced_memory()[1] < 60 << 20  # of 72 MB
    finally:
        tracemalloc.stop()


def test_defects_of_a_fasttext_model(tmp_path: Path):
    words, rows = ["a", "b", "a", "c"], np.array([[1, 2], [np.nan, 1], [3, 4], [0, 0]], np.float32)
    content = fasttext_files.model(words, rows)
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    offsets = [content.index(b"b\0"), content.rindex(b"a\0"), content.index(b"c\0")]
    assert found(path) == [
        ("non-finite rows", 2, offsets[0]),
        ("duplicate words", 3, offsets[1]),
        ("zero rows", 4, offsets[2]),
    ]
    about = w2v.describe_file(path)
    assert (about.format, about.words, about.vector_size) == ("fastText model", 4, 2)
    path.write_bytes(content[:-1])
    assert found(path)[-1][0] == "unreadable files"
