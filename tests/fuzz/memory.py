"""How much memory and time hostile files take: `python tests/fuzz/memory.py` prints a table.

Each file is read in a child process of its own; what it takes is the growth of that process's peak
of resident memory. Where the file is small, the process may not even map more than the bound
beyond what it has at the start: an allocation above raises MemoryError, used or not.
"""

import json
import os
import resource
import signal
import struct
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from contents import COMPRESSORS, in_zip
from fasttext_files import entry, header, matrix
from readers import READERS, answers

MEGABYTE = 1 << 20
CONSTANT, FACTOR = 64 * MEGABYTE, 4  # the bound: bytes, and so many times the uncompressed size
SECONDS = 20  # of processor time, of one reading
# There is one arena, since each thread's own would map 64 MB in advance. The thresholds are those
# that glibc starts with. Left alone it raises them by what was freed, and large arrays that grow
# leave holes: the same file took 110 to 153 MB, as the threads happened to run, and takes 112 now.
_MALLOC = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(128 << 10),
    "MALLOC_TRIM_THRESHOLD_": str(128 << 10),
}
_PATIENCE = 600  # seconds by the clock: one that waits for ever takes no processor time


@dataclass(frozen=True)
class Case:
    """A hostile file: for which reader, its uncompressed content, and how to pack that."""

    reader: str
    content: Callable[[], bytes]
    pack: str = "plain"


@dataclass(frozen=True)
class Outcome:
    """What became of a case.

    result: "answer", "refused", or what else went wrong. bound, peak: bytes.
    """

    name: str
    result: str
    seconds: float
    size: int
    bound: int
    peak: int


def _safetensors(header: str, size: int = 0) -> bytes:
    return struct.pack("<Q", size or len(header)) + header.encode()


def _huge_tensor(shape: list[int], end: int) -> bytes:
    tensor = {"dtype": "F32", "shape": shape, "data_offsets": [0, end]}
    return _safetensors(json.dumps({"vectors": tensor})) + bytes(64)


def _npy(shape: tuple[int, int], by_columns: bool = False) -> bytes:
    """Return the header of a matrix."""
    said = f"{{'descr': '<f4', 'fortran_order': {by_columns}, 'shape': {shape}, }}"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(said)) + said.encode()


def _rows(size: int, count: int) -> bytes:
    """Return text rows of so many numbers."""
    numbers = b" 0.123456" * size
    return b"".join(b"word%d%s\n" % (row, numbers) for row in range(count))


def _distinct(count: int) -> bytes:
    return b" ".join(b"word%d" % number for number in range(count))


_MOST = 1 << 30  # bytes that may be mapped for any file
_LONG = 8 * MEGABYTE
_ABSURD: dict[str, bytes] = {
    "a header of 10^9 x 1000": b"1000000000 1000\n",
    "a header of 10^17 x 10^17": b"1%s 1%s\n" % (b"0" * 17, b"0" * 17),
    "a header of 10^9 x 1 and some text": b"1000000000 1\na 1\nb 2\n",
    "a header of 10^9 x 1 and some bytes": b"1000000000 1\na \0\0\0\0b \0\0\0\0",
    "a header of 1 x 10^9 and some text": b"1 1000000000\na 1 2 3\n",
}
_MODELS: dict[str, bytes] = {
    "10^12 rows": _huge_tensor([10**12, 100], 4 * 10**14),
    "10^12 rows, offsets that do not say so": _huge_tensor([10**12, 100], 64),
    "a shape that overflows": _huge_tensor([2**40, 2**40], 64),
    "a header length of 2^62": _safetensors("{}", 2**62),
    "a header length of 10^8": _safetensors("{", 10**8),
    "many dimensions": _huge_tensor([1] * 100_000, 4),
    "many tensors": _safetensors(
        json.dumps(
            {
                f"{number}": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}
                for number in range(50_000)
            }
        )
    ),
    "deep JSON": _safetensors('{"a":' + "[" * 10**6),
}


def _fasttext(words: list[bytes], buckets: int, **settings: int) -> bytes:
    """Return a model of these words with vectors of one number."""
    start = header(len(words), vector_size=1, buckets=buckets, **settings)
    rows = np.ones((len(words) + buckets, 1), dtype=np.float32)
    return start + b"".join(map(entry, words)) + matrix(rows) + matrix(rows[:0])


_MOST_INT = 2**31 - 1
_FASTTEXT: dict[str, Callable[[], bytes]] = {
    "2^31 words": lambda: header(_MOST_INT, vector_size=1) + entry(b"a") * 9,
    "2^31 buckets": lambda: (
        header(1, vector_size=1, buckets=_MOST_INT)
        + entry(b"a")
        + b"\0"
        + struct.pack("<2q", _MOST_INT + 1, 1)
    ),
    "2^31 numbers a row": lambda: (
        header(1, vector_size=_MOST_INT) + entry(b"a") + b"\0" + struct.pack("<2q", 1, _MOST_INT)
    ),
    "2^62 n-grams kept": lambda: header(1, vector_size=1, pruned=2**62) + entry(b"a"),
    "a long word": lambda: header(1, vector_size=1) + b"a" * _LONG,
    "a word too long": lambda: _fasttext([b"a" * _LONG], 9),
    "long words of many n-grams": lambda: _fasttext(
        [b"%d" % number * 1900 for number in range(10_000, 10_100)], 99, shortest=1, longest=50
    ),
    "one long vector": lambda: _zeros_model(1, 4 * MEGABYTE),
    "empty words": lambda: _fasttext([b""] * MEGABYTE, 0),
}


def _zeros_model(words: int, size: int) -> bytes:
    rows = np.zeros((words + 2, size), dtype=np.float32)
    start = header(words, vector_size=size, buckets=2) + entry(b"word") * words
    return start + matrix(rows) + matrix(rows[:0])


def _cases() -> dict[str, Case]:
    cases: dict[str, Case] = {}
    for pack in ("plain", "gzip", "zstandard"):
        for name, content in _FASTTEXT.items():
            cases[f"fasttext: {name}, {pack}"] = Case("fasttext", content, pack)
    for pack in COMPRESSORS:
        for name, content in _ABSURD.items():
            cases[f"load: {name}, {pack}"] = Case("load", lambda content=content: content, pack)  # type: ignore[misc]
    for name, content in _MODELS.items():
        for reader in ("load", "load_model"):
            cases[f"{reader}: {name}"] = Case(reader, lambda content=content: content)  # type: ignore[misc]
    for pack in ("plain", "gzip", "bzip2", "xz", "zstandard", "zip"):
        cases |= {
            f"load: zeros, {pack}": Case("load", lambda: bytes(_LONG), pack),
            f"load: a long word of text, {pack}": Case(
                "load", lambda: b"2 2\n" + b"a" * _LONG, pack
            ),
            f"load: a long word, binary, {pack}": Case(
                "load", lambda: b"2 2\n\1" + b"a" * _LONG, pack
            ),
            f"load: text rows, {pack}": Case("load", lambda: _rows(100, 20_000), pack),
            f"corpus: zeros, {pack}": Case("corpus", lambda: bytes(_LONG), pack),
            f"corpus: a long word, {pack}": Case("corpus", lambda: b"b " + b"a" * _LONG, pack),
        }
    return cases | {
        "load: one line of numbers": Case("load", lambda: b"a" + b" 1" * MEGABYTE + b"\n"),
        "load: one line of long numbers": Case(
            "load", lambda: b"a" + b" 0.123456" * MEGABYTE + b"\n"
        ),
        "load: a line too many": Case("load", lambda: b"1 2\n" * (2 * MEGABYTE)),
        "load: short lines that repeat": Case("load", lambda: b"a 2\n" * (2 * MEGABYTE)),
        "load: short lines that do not": Case(
            "load", lambda: b"".join(b"w%x 1\n" % number for number in range(200_000))
        ),
        "load: short lines without numbers": Case("load", lambda: b"9 1\n" + b"x\n" * 4 * MEGABYTE),
        "load: empty lines": Case("load", lambda: b"9 1\n" + b"\n" * (16 * MEGABYTE)),
        "load: spaces": Case("load", lambda: b"9000000 1\n" + b" " * (16 * MEGABYTE)),
        "load: binary, empty words": Case(
            "load", lambda: b"3000000 1\n" + b" \0\0\0\0" * (3 * MEGABYTE)
        ),
        "load: binary, long vectors": Case(
            "load", lambda: b"2 4000000\n" + 2 * (b"\1 " + bytes(16_000_000))
        ),
        "npy: 10^12 rows": Case("npy", lambda: _npy((10**12, 100))),
        "npy: 10^12 rows, gzip": Case("npy", lambda: _npy((10**12, 100)), "gzip"),
        "npy: 10^12 numbers a row": Case("npy", lambda: _npy((6, 10**12))),
        "npy: 10^12 numbers a row, gzip": Case("npy", lambda: _npy((6, 10**12)), "gzip"),
        "npy: 10^12 columns, by columns": Case("npy", lambda: _npy((6, 10**12), True)),
        "npy: many rows": Case("npy", lambda: _npy((2**21, 1)) + bytes(2**23)),
        "npy: many rows, gzip": Case("npy", lambda: _npy((2**21, 1)) + bytes(2**23), "gzip"),
        "npy: zeros by columns, gzip": Case(
            "npy", lambda: _npy((6, 2**18), True) + bytes(6 * 2**20), "gzip"
        ),
        "npy: a header of 4 GB": Case("npy", lambda: b"\x93NUMPY\2\0\xff\xff\xff\xff{"),
        "npy: deep parentheses": Case("npy", lambda: b"\x93NUMPY\1\0\x10\x27" + b"(" * 10_000),
        "vocabulary: a long line, gzip": Case("vocabulary", lambda: b"a" * _LONG, "gzip"),
        "vocabulary: spaces": Case("vocabulary", lambda: b" " * _LONG),
        "vocabulary: long words": Case("vocabulary", lambda: (b"a" * 2**19 + b" 1\n") * 20),
        "vocabulary: empty words": Case("vocabulary", lambda: b"\n" * (2**18)),
        "check: short lines that repeat": Case("check", lambda: b"a 2\n" * (2**19)),
        "check: binary, empty words": Case("check", lambda: b"300000 1\n" + b" \0\0\0\0" * 300_000),
        "check: one line of numbers": Case("check", lambda: b"a" + b" 1" * MEGABYTE + b"\n"),
        "check: binary, long vectors, gzip": Case(
            "check", lambda: b"2 4000000\n" + 2 * (b"\1 " + bytes(16_000_000)), "gzip"
        ),
        "check: 10^9 x 1000": Case("check", lambda: b"1000000000 1000\n\0\1"),
        "analogies: a long line": Case("analogies", lambda: b": a\n" + b"b" * _LONG),
        "analogies: many words": Case("analogies", lambda: b": a\n" + b"b " * (8 * MEGABYTE)),
        "analogies: empty lines": Case("analogies", lambda: b": a\n" * (MEGABYTE // 2)),
        "pairs: a long line, gzip": Case("pairs", lambda: b"a" * _LONG, "gzip"),
        "pairs: many commas": Case("pairs", lambda: b"a," * (8 * MEGABYTE)),
        "corpus: one letter a word": Case("corpus", lambda: b"a b " * (4 * MEGABYTE)),
        "corpus: one letter a line": Case("corpus", lambda: b"a\nb\n" * (2 * MEGABYTE)),
        "corpus: long words": Case("corpus", lambda: (b"a" * 2**20 + b" b") * 24),
        "corpus: a long word of wide letters": Case(
            "corpus", lambda: b"b " + "字".encode() * (_LONG // 3)
        ),
        "corpus: distinct words": Case("corpus", lambda: _distinct(200_000)),
        "corpus: many members": Case("corpus", lambda: in_zip(*[b"a b"] * 2_000)),
    }


CASES = _cases()


def measured(name: str) -> Outcome:
    """Read one hostile file in a child process; return the memory and time that it took."""
    case = CASES[name]
    content = case.content()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "file"
        path.write_bytes(COMPRESSORS[case.pack](content))
        size = max(len(content), path.stat().st_size)
        del content
        bound = CONSTANT + FACTOR * size
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            _be_child(case.reader, path, bound, write_end)
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            report = pipe.read()
        _, _, usage = os.wait4(child, 0)
        seconds = usage.ru_utime + usage.ru_stime
    result, _, peak = (report or f"ended after {seconds:.0f} s without a result\t0").partition("\t")
    return Outcome(name, result, round(seconds, 2), size, bound, int(peak))


def _be_child(reader: str, path: Path, bound: int, pipe: int) -> None:
    """Read the file, write what happened to the pipe and end the process."""
    # Either ends the process.
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.alarm(_PATIENCE)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is now what is resident now
    before = status("VmHWM")
    small = bound < CONSTANT + 4 * MEGABYTE
    limit = status("VmSize") + (bound if small else _MOST)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        result = "answer" if answers(READERS[reader].read, path) else "refused"
    except BaseException as error:
        result = f"{type(error).__name__}: {str(error)[:200]!r}"
    os.write(pipe, f"{result}\t{status('VmHWM') - before}".encode())
    os._exit(0)


def status(name: str) -> int:
    """Return a figure of this process in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) << 10
    raise LookupError(name)


def warm_up() -> None:
    """Import and compile all that the readers use, so that it does not count as theirs."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "file"
        for reader in READERS.values():
            for content in reader.files():
                path.write_bytes(content)
                answers(reader.read, path)
        # A table of words grows by a kernel of its own. Loading that took 20 MB in the child.
        path.write_bytes(_distinct(100_000))
        answers(READERS["corpus"].read, path)


def main() -> None:
    """Measure all cases, or those whose name holds the argument; one JSON object a line."""
    if not os.environ.items() >= _MALLOC.items():
        warm_up()  # what this compiles, the measured processes load
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **_MALLOC})
    warm_up()
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    for name in CASES:
        if wanted in name:
            print(json.dumps(asdict(measured(name))), flush=True)


if __name__ == "__main__":
    main()
