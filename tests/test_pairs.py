"""Two files that belong together are never mixed: neither by a crash nor by two who write them."""

import gzip
import io
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from command_line import Shell

import w2v
from w2v.errors import FormatError
from w2v.formats import npy, npy_header, npy_words
from w2v.places import check_writable

WORDS = ["one", "two", "three"]


def numbered(number: int) -> w2v.KeyedVectors:
    """A table whose words and numbers say which one it is."""
    words = [f"{word}{number}" for word in WORDS]
    return w2v.KeyedVectors(words, np.full((3, 4), number + 1, np.float32))


def is_whole(vectors: w2v.KeyedVectors) -> bool:
    number = int(vectors.vectors[0, 0]) - 1
    return vectors.index_to_key == numbered(number).index_to_key and bool(
        (vectors.vectors == number + 1).all()
    )


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A matrix of one pair with the words of another, of the same length."""
    for number in (1, 2):
        numbered(number).save(tmp_path / f"{number}.npy")
    shutil.copy(tmp_path / "2.vocab", tmp_path / "1.vocab")
    return tmp_path / "1.npy"


@pytest.mark.parametrize(
    "options", [{}, {"mmap": True}, {"limit": 1}, {"words": ["one2"]}, {"on_defect": "skip"}]
)
def test_a_mixture_is_refused(mixed: Path, options) -> None:
    with pytest.raises(FormatError, match=r"1\.vocab is not the vocabulary file that was written"):
        w2v.load(mixed, **options)
    assert is_whole(w2v.load(mixed.with_name("2.npy"), **{"mmap": options.get("mmap", False)}))


def test_a_mixture_is_refused_by_every_command(
    mixed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = Shell(tmp_path, monkeypatch)
    for command in (
        ("info", mixed),
        ("check", mixed),
        ("similar", "one2", "-v", mixed),
        ("convert", mixed, "o.bin"),
        ("train", "toy", "--init-from", mixed),
    ):
        result = shell(*command)
        assert result.exit_code == 1
        shown = result.stdout + result.stderr
        assert "is not the vocabulary file that was written together with" in shown
    assert shell.files() == []


def test_the_cure_for_words_that_were_changed_on_purpose(
    mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(mixed.parent)
    with pytest.raises(FormatError) as caught:
        w2v.load(mixed)
    advice = str(caught.value).partition("with NumPy: ")[2].removesuffix(".")
    exec(advice, {"np": np})
    assert w2v.load(mixed).index_to_key == numbered(2).index_to_key


@pytest.mark.parametrize("compressed", ["npy", "vocab", "both"])
def test_a_pair_may_be_compressed_by_others(tmp_path: Path, compressed: str) -> None:
    numbered(5).save(tmp_path / "x.npy")
    for kind in ("npy", "vocab"):
        path = tmp_path / f"x.{kind}"
        if compressed in (kind, "both"):
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
    [matrix] = tmp_path.glob("x.npy*")
    assert is_whole(w2v.load(matrix))


@pytest.mark.parametrize("shape", [(1, 1), (3, 300), (400_000, 300), (10**17, 2**20)])
@pytest.mark.parametrize("mark", [bytes(6), b"\xff" * 6, b"\x01\x80\x00\x0f\xa5\x00"])
def test_numpy_reads_the_header_with_the_mark(shape: tuple[int, int], mark: bytes) -> None:
    """In any case: also where the mark is all spaces, or all tabs."""
    header = npy_header.header(shape, mark)
    assert len(header) % 64 == 0
    stream = io.BytesIO(header)
    assert np.lib.format.read_magic(stream) == (1, 0)
    assert np.lib.format.read_array_header_1_0(stream) == (shape, False, np.dtype("<f4"))
    assert stream.read() == b""
    assert npy_header.read_layout(Path("x.npy"), io.BytesIO(header)).mark == mark


def test_other_tools_write_no_mark(tmp_path: Path) -> None:
    for dtype in ("<f4", "<f8"):
        for rows in (3, 10**4):
            np.save(tmp_path / "x.npy", np.zeros((rows, 2), dtype))
            with (tmp_path / "x.npy").open("rb") as stream:
                assert npy_header.read_layout(tmp_path / "x.npy", stream).mark is None


CRASH = """
import os, sys
from pathlib import Path
import numpy as np
import w2v
replace, done = Path.replace, []
def crash_before(self, target):
    if len(done) == int(sys.argv[2]):
        os._exit(9)
    done.append(target)
    return replace(self, target)
Path.replace = crash_before
w2v.KeyedVectors(["new", "words", "three"], np.ones((3, 4))).save(sys.argv[1])
"""


def run(script: str, *arguments: object) -> int:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, check=False).returncode


@pytest.mark.parametrize("renamed", [0, 1])
def test_a_crash_between_the_renames_is_found_out(tmp_path: Path, renamed: int) -> None:
    for name in ("x.npy", "vectors.tsv"):
        numbered(1).save(tmp_path / name)
        assert run(CRASH, tmp_path / name, renamed) == 9
    with pytest.raises(FormatError, match="there is no vocabulary file"):
        w2v.load(tmp_path / "x.npy")
    assert not (tmp_path / "metadata.tsv").exists()
    # Then both are written again, though neither old file was whole.
    for name in ("x.npy", "vectors.tsv"):
        numbered(2).save(tmp_path / name)
    assert is_whole(w2v.load(tmp_path / "x.npy"))
    assert (tmp_path / "metadata.tsv").read_text() == "one2\ntwo2\nthree2\n"


WRITE = """
import sys
import threading
import numpy as np
import w2v
first = int(sys.argv[2])
for number in range(first, first + 40, 2):
    words = [f"{word}{number}" for word in ("one", "two", "three")]
    vectors = w2v.KeyedVectors(words, np.full((3, 4), number + 1, np.float32))
    vectors.save(f"{sys.argv[1]}/x.npy")
    vectors.save(f"{sys.argv[1]}/vectors.tsv")
"""


def test_two_processes_that_write_one_pair(tmp_path: Path) -> None:
    """Every pair that is read is whole, or refused; the one at the end is whole."""
    numbered(0).save(tmp_path / "x.npy")
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE, tmp_path, str(first)]) for first in (0, 1)
    ]
    seen, refused = set(), 0
    while any(writer.poll() is None for writer in writers):
        try:
            found = w2v.load(tmp_path / "x.npy")
        except FormatError as error:
            assert "vocabulary file" in str(error)
            refused += 1
        else:
            assert is_whole(found)
            seen.add(found.index_to_key[0])
    assert [writer.wait() for writer in writers] == [0, 0]
    assert len(seen) > 3, refused
    assert is_whole(w2v.load(tmp_path / "x.npy"))
    number = int(np.loadtxt(tmp_path / "vectors.tsv")[0, 0]) - 1
    assert (tmp_path / "metadata.tsv").read_text().split() == numbered(number).index_to_key
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize("names", [("x.npy", "x.vocab"), ("vectors.tsv", "metadata.tsv")])
def test_renames_of_two_writers_do_not_alternate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, str]
) -> None:
    """One stops between its two renames until the other is done, or waits."""
    other = threading.Thread(target=lambda: numbered(2).save(tmp_path / names[0]))
    replace = Path.replace

    def stopping(self: Path, target: Path) -> Path:
        done = replace(self, target)
        if threading.current_thread() is not other and target.name == names[0]:
            other.start()
            other.join(0.2)
        return done

    monkeypatch.setattr(Path, "replace", stopping)
    numbered(1).save(tmp_path / names[0])
    other.join()
    monkeypatch.undo()
    alone = tmp_path / "alone"
    alone.mkdir()
    numbered(2).save(alone / names[0])
    for name in names:
        assert (tmp_path / name).read_bytes() == (alone / name).read_bytes()


def test_what_belongs_to_a_matrix(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    assert not npy_words.is_pair(path)
    npy.write(path, WORDS, np.ones((3, 2), np.float32))
    assert npy_words.is_pair(path)
    path.write_bytes(b"no matrix")
    assert not npy_words.is_pair(path)


@pytest.mark.parametrize("comes_back", [False, True])
@pytest.mark.parametrize("asked", range(8))
def test_a_file_that_another_removes_meanwhile_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: int, comes_back: bool
) -> None:
    """A second writer removes it before any of the questions about it."""
    target = tmp_path / "metadata.tsv"
    target.touch()
    before = iter(range(asked))

    def meanwhile(question):
        def answer(path, *arguments, **options):
            is_time = os.fspath(path) == str(target) and next(before, None) is None
            if not is_time:
                return question(path, *arguments, **options)
            monkeypatch.undo()
            target.rename(tmp_path / "old")
            try:
                return question(path, *arguments, **options)
            finally:
                if comes_back:
                    target.touch()

        return answer

    for name in ("stat", "access"):
        monkeypatch.setattr(os, name, meanwhile(getattr(os, name)))
    check_writable(target)
