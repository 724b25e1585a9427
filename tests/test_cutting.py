"""What is too long to be a word is left out of a corpus, told, and takes no memory."""

import gzip
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from command_line import Shell
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

import w2v
from w2v.compression import zstd
from w2v.errors import CorpusError
from w2v.limits import LONGEST_WORD
from w2v.text import cutting
from w2v.text.cutting import NulError, cut

LONGEST = "a" * LONGEST_WORD
_SPACES = [" ", "\n", "\t", "\x1c", "\N{NO-BREAK SPACE}", "\x85", "\u1680", "\u2003", "\u3000"]
_TEXTS = st.lists(
    st.one_of(
        st.sampled_from(_SPACES),
        st.sampled_from(["a", "bc", "é", "字", "x" * 8, "y" * 9, "z" * 30, "字" * 3, "é" * 5]),
    ),
    max_size=25,
).map("".join)


@examples(300)
@given(_TEXTS, st.integers(1, 40))
def test_only_what_is_too_long_is_left_out(text: str, block_size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "LONGEST_WORD", 8)
        patch.setattr(cutting, "_WINDOW", 4)
        pieces = list(cut(io.BytesIO(text.encode()), block_size))
    words = text.split()
    kept = [word for word in words if len(word.encode()) <= 8]
    assert b"".join(piece.data for piece in pieces).decode().split() == kept
    for piece in pieces:
        assert piece.data.decode()[-1:].isspace() or not piece.data
    left_out = [found for piece in pieces for found in piece.left_out]
    assert len(left_out) == len(words) - len(kept)
    for found, word in zip(left_out, (w for w in words if w not in kept), strict=True):
        start = word.encode()[:8]
        assert found.start.startswith(start)
        assert text.encode()[found.offset :].startswith(start)
    lines = [line.split() for line in text.split("\n")]
    data = b"".join(piece.data for piece in pieces).decode()
    assert [line.split() for line in data.split("\n")][: len(lines)] == [
        [word for word in line if word in kept] for line in lines
    ]


@pytest.mark.parametrize("size", [1 << 10, 1 << 17, 1 << 20])
def test_zeros_are_told_at_once(size: int) -> None:
    with pytest.raises(NulError) as caught:
        list(cut(io.BytesIO(b"a " + b"b" * 200_000 + bytes(10 * size)), size))
    assert caught.value.args[0] >= 200_002 - 2


def _text(word: str) -> bytes:
    return f"one two {word} three one\n{word} {LONGEST} two\n".encode() * 3


def test_a_training_leaves_it_out_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "text.gz"
    path.write_bytes(gzip.compress(_text("b" * (LONGEST_WORD + 1))))
    told: list[w2v.Event] = []
    with pytest.warns(UserWarning, match="words") as warned:
        model = w2v.train(
            path, min_count=1, epochs=1, vector_size=4, workers=1, on_event=told.append
        )
    [sentence] = [str(warning.message) for warning in warned if "Left out" in str(warning.message)]
    assert f"Left out 6 words of more than 65,536 bytes, the first at byte 8 of {path}" in sentence
    assert ": base64, other data or text without white space rather than a word." in sentence
    assert sorted(model.vectors.index_to_key) == sorted(["one", "two", "three", LONGEST])
    ledger = model.summary.ledger
    assert (ledger["read"], ledger["left_out"]) == (3 * 6, 6)
    [counted] = [event for event in told if isinstance(event, w2v.VocabularyCounted)]
    assert counted.left_out == 6
    model.vectors.save(tmp_path / "out.bin")
    assert LONGEST in w2v.load(tmp_path / "out.bin")


def test_a_corpus_of_one_endless_word(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"b" * (3 << 20))
    with pytest.raises(
        CorpusError, match=r"holds no words; .* Left out 1 word of more than .* byte 0"
    ):
        w2v.train(path)
    with pytest.raises(
        CorpusError, match=r"Word 2 of sentence 1 is 'bbb.* of more than 65,536 bytes"
    ):
        w2v.train([["a", "b" * (LONGEST_WORD + 1)]])


# --- memory, and what is typed -------------------------------------------------------------------

_SIZE = 256 << 20
_LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np
import w2v
from w2v.word_lists import read_word_list, read_words
from w2v.text.corpus import open_corpus
vectors = w2v.KeyedVectors(["a", "b"], np.eye(2, dtype=np.float32))
READERS = {
    "corpus": lambda: sum(len(block.data) for block in open_corpus(path).blocks()),
    "load": lambda: w2v.load(path),
    "info": lambda: w2v.describe_file(path).words,
    "check": lambda: sum(1 for _ in w2v.check_file(path)),
    "evaluate": lambda: w2v.evaluate(vectors, path),
    "words": lambda: read_word_list(Path(path)),
    "each": lambda: read_words(open(path, encoding="utf-8", errors="replace"), "it"),
    "index": lambda: w2v.load_index(path, vectors),
}
for line in open("/proc/self/status"):
    if line.startswith("VmSize:"):
        size = int(line.split()[1]) << 10
resource.setrlimit(resource.RLIMIT_AS, (size + (96 << 20), resource.RLIM_INFINITY))
for what, path in zip(sys.argv[1::2], sys.argv[2::2]):
    try:
        READERS[what]()
        print("answer")
    except w2v.W2VError:
        print("refused")
    except BaseException as error:
        print(repr(error))
"""


@pytest.fixture(scope="module")
def bombs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Small files of much content: zeros that take no room, and words and lines without end."""
    directory = tmp_path_factory.mktemp("bombs")
    paths = {name: directory / name for name in ("sparse", "word", "row", "words", "lines", "zip")}
    with paths["sparse"].open("wb") as stream:
        stream.truncate(4 << 30)
    for name, start, repeated in [
        ("word", b"", b"a" * (1 << 20)),
        ("row", b"good 1 2\n", b"a" * (1 << 20)),
        ("words", b"a 1 2\nbad ", b"1 " * (1 << 19)),
        ("lines", b"", b"a b c d\n" * (1 << 17)),
    ]:
        with zstd.open(paths[name], "wb") as stream:
            stream.write(start)
            for _ in range(_SIZE // len(repeated)):
                stream.write(repeated)
    with zipfile.ZipFile(paths["zip"], "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("text", b"a" * (64 << 20))
    return paths


_CASES = [
    ("corpus", "sparse"), ("corpus", "word"), ("corpus", "zip"), ("load", "sparse"),
    ("load", "row"), ("load", "words"), ("load", "word"), ("load", "zip"), ("info", "row"),
    ("info", "words"), ("check", "row"), ("check", "sparse"), ("evaluate", "sparse"),
    ("evaluate", "word"), ("evaluate", "lines"), ("words", "sparse"), ("each", "sparse"),
    ("index", "sparse"), ("index", "word"),
]  # fmt: skip


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is told by /proc")
def test_little_memory_is_enough(bombs: dict[str, Path]) -> None:
    asked = [part for what, name in _CASES for part in (what, str(bombs[name]))]
    command = [sys.executable, "-c", _LIMITED, *asked]
    # One arena of memory: that of every thread would map 64 MB in advance.
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1"}
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    outcomes = dict(zip(_CASES, ran.stdout.splitlines(), strict=True))
    assert {case: found for case, found in outcomes.items() if found == "answer"} == {
        ("corpus", "word"): "answer",
        ("corpus", "zip"): "answer",
        ("info", "row"): "answer",
        ("info", "words"): "answer",
        ("check", "row"): "answer",
    }
    assert set(outcomes.values()) == {"answer", "refused"}, outcomes


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    made = Shell(tmp_path, monkeypatch)
    Path("vectors.txt").write_text("2 2\na 1 2\nb 2 1\n")
    return made


def test_words_without_end_from_the_user(shell: Shell) -> None:
    word = "b" * (LONGEST_WORD + 1)
    sentence = shell.fail("similar", "--each", "-", "-v", "vectors.txt", text=f"a {word} b")
    assert (
        "Standard input holds a word of more than 65,536 letters, which starts with 'bbb"
        in sentence
    )
    long = f"{LONGEST[:40_000]} a\n" * 5
    result = shell("similar", "--each", "-", "-v", "vectors.txt", text=long)
    assert "is not in the vocabulary" in result.stderr.lower() or result.exit_code == 1
    Path("list").write_text(f"a\n{word}\n")
    sentence = shell.fail("similar", "a", "-v", "vectors.txt", "--words", "list")
    assert sentence == "list is not a list of words: the line at byte 2 has more than 65,536 bytes."
