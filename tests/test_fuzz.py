"""Fuzzing: arbitrary and mutated files give every reader a right answer or a W2VError.

Nothing else: no other exception or warning, no hang, no memory beyond the bound. The readers, and
what a right answer is, stand in tests/fuzz/readers.py and beside it. W2V_FUZZ_EXAMPLES asks for so
many examples, random ones then; `python tests/fuzz/run.py` searches with coverage as its guide.
"""

import json
import os
import re
import signal
import struct
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from contents import COMPRESSORS, in_zip
from examples import scaled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory import CASES, CONSTANT, FACTOR
from mutations import mutated
from readers import READERS, answers

_EXAMPLES = os.environ.get("W2V_FUZZ_EXAMPLES")
_SECONDS = 20  # of processor time for one small file: a hang
_FUZZ = Path(__file__).parent / "fuzz"

fuzzing = settings(
    max_examples=int(_EXAMPLES or scaled(150)),
    derandomize=_EXAMPLES is None,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
# As Hypothesis marks tests of its own: `-m hypothesis` chooses all that try examples.
tries_examples = pytest.mark.hypothesis
_FILES = {name: reader.files() for name, reader in READERS.items()}
_EVERY_FILE = sorted({content for files in _FILES.values() for content in files})


@contextmanager
def no_hang() -> Iterator[None]:
    """Raise TimeoutError in what takes too long."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"reading took more than {_SECONDS} seconds")

    old = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, _SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "file"


def assert_reads_or_refuses(name: str, file: Path, content: bytes) -> bool:
    """Read a file, and watch time and memory; return whether there was an answer."""
    file.write_bytes(content)
    tracemalloc.start()
    try:
        with no_hang():
            answered = answers(READERS[name].check, file)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # None of these files inflates much, as the files of memory.py do.
    assert peak < CONSTANT + FACTOR * len(content)
    return answered


# --- contents --------------------------------------------------------------------------------

_KINDS = ("flip", "cut", "insert", "repeat", "overwrite", "splice")
_EDITS = st.lists(
    st.tuples(st.sampled_from(_KINDS), st.floats(0, 1), st.integers(0, 40), st.binary(max_size=9)),
    min_size=1,
    max_size=5,
)


def _edited(content: bytes, edits: list[tuple[str, float, int, bytes]], other: bytes) -> bytes:
    """Return the content with bits flipped, pieces cut out, inserted, repeated or exchanged."""
    data = bytearray(content)
    for kind, share, size, piece in edits:
        place = round(share * len(data))
        if kind == "flip" and place < len(data):
            data[place] ^= 1 << size % 8
        elif kind == "cut":
            del data[place : place + size]
        elif kind == "insert":
            data[place:place] = piece
        elif kind == "repeat":
            data[place:place] = data[place : place + size] * 3
        elif kind == "overwrite":
            data[place : place + len(piece)] = piece
        elif kind == "splice":
            data[place:] = other[round(share * len(other)) :]
    return bytes(data)


_NUMBERS = st.sampled_from(
    [0, 1, 2, 3, 6, 255, 2**16, 10**6, 2**31, 2**32 - 1, 10**12, 10**17, 2**63 - 1, 2**64, 10**20]
)
_BYTES = st.binary(max_size=200)
_TOKENS = st.lists(
    st.sampled_from(
        [
            b"a", b"cat", b"the", b"\xc3\xa9", b"\xc3", b"\xe2\x80\xa8", b"\xf0\x9f\x98\x80",
            b"\xff", b" ", b"\n", b"\t", b",", b"\r", b"\r\n", b"\0", b"\xc2\xa0", b"\xef\xbb\xbf",
            b":", b"#", b"0", b"1", b"-1.5", b"2 2\n", b"1e999", b"nan", b"inf", b".5e-50", b"1_0",
            b"\0\0\x80\x3f", b"\1\0\x80\x7f",  # 1 and a signalling NaN, as float32
        ]
    ),
    max_size=60,
).map(b"".join)  # fmt: skip


def _headed(words: int, size: int, rest: bytes) -> bytes:
    return b"%d %d\n" % (words, size) + rest


_SHAPES = st.lists(_NUMBERS, max_size=3)
_TENSOR = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F32", "I64", "U8", "F64", "BF16", "F16", "F8_E4M3", "BOOL"]),
        "shape": _SHAPES,
        "data_offsets": st.lists(_NUMBERS, min_size=2, max_size=2),
    }
)
_METADATA = st.fixed_dictionaries(
    {"format": st.just("w2v-model"), "version": st.just("1")},
    optional={
        name: st.sampled_from(["{}", "[]", "[{}]", '{"epochs": 1e400}', "null", "[" * 10_000, "x"])
        for name in ("config", "history", "summary")
    },
)


def _model(tensors: dict[str, Any], metadata: dict[str, str], rest: bytes, shift: int) -> bytes:
    header = json.dumps({"__metadata__": metadata, **tensors}).encode()
    return struct.pack("<Q", max(0, len(header) + shift)) + header + rest


def _zeros(shapes: dict[str, list[int]]) -> bytes:
    """Return a model with tensors of these shapes, all of them zeros where they are small."""
    kinds = {"vocab_utf8": ("U8", 1), "vocab_offsets": ("I64", 8), "counts": ("I64", 8)}
    tensors, used = {}, 0
    for name, shape in shapes.items():
        dtype, size = kinds.get(name, ("F32", 4))
        for length in shape:
            size *= length
        tensors[name] = {"dtype": dtype, "shape": shape, "data_offsets": [used, used + size]}
        used += size
    metadata = {"format": "w2v-model", "version": "1"}
    return _model(tensors, metadata, bytes(min(used, 1000)), 0)


_TENSOR_NAMES = ["vocab_utf8", "vocab_offsets", "counts", "vectors", "output", "more"]
_MODELS = st.one_of(
    st.builds(
        _model,
        st.dictionaries(st.sampled_from(_TENSOR_NAMES), _TENSOR),
        _METADATA,
        _BYTES,
        st.sampled_from([0, 0, 1, -1, 10**8, 2**62]),
    ),
    st.fixed_dictionaries(
        {
            "vocab_utf8": st.lists(st.integers(0, 3), min_size=1, max_size=1),
            "vocab_offsets": st.lists(st.integers(0, 3), min_size=1, max_size=1),
            "counts": st.lists(st.integers(0, 2), min_size=1, max_size=1),
            "vectors": st.lists(st.sampled_from([0, 1, 2, 10**12]), min_size=2, max_size=2),
            "output": st.lists(st.sampled_from([0, 1, 2, 10**12]), min_size=2, max_size=2),
        },
    ).map(_zeros),
)
_NEARLY_VALID = st.one_of(
    st.builds(_headed, _NUMBERS, _NUMBERS, st.one_of(_BYTES, _TOKENS)), _TOKENS, _MODELS
)


@st.composite
def _mutated(draw: st.DrawFn, name: str) -> bytes:
    content = draw(st.sampled_from(_FILES[name]))
    return _edited(content, draw(_EDITS), draw(st.sampled_from(_EVERY_FILE)))


def _packed(contents: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """The contents compressed, perhaps with damage, or several in one archive."""
    compressed = st.builds(
        lambda compress, content: compress(content),
        st.sampled_from(list(COMPRESSORS.values())),
        contents,
    )
    members = st.lists(contents, max_size=3).map(lambda parts: in_zip(*parts))
    whole = st.one_of(compressed, compressed, members)
    return st.one_of(whole, st.builds(_edited, whole, _EDITS, st.sampled_from(_EVERY_FILE)))


# --- the tests -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", READERS)
def test_sound_files_give_what_was_written(name: str, file: Path) -> None:
    for content in _FILES[name]:
        file.write_bytes(content)
        assert READERS[name].check(file) == READERS[name].answer


@tries_examples
@pytest.mark.parametrize("name", READERS)
def test_arbitrary_bytes(name: str, file: Path) -> None:
    @fuzzing
    @given(st.one_of(st.binary(max_size=3000), _TOKENS))
    def run(content: bytes) -> None:
        assert_reads_or_refuses(name, file, content)

    run()


@tries_examples
@pytest.mark.parametrize("name", READERS)
def test_mutated_files(name: str, file: Path) -> None:
    found = []

    @fuzzing
    @given(_mutated(name))
    def run(content: bytes) -> None:
        found.append(assert_reads_or_refuses(name, file, content))

    run()
    # The damage is neither too much nor too little. A fifth of the examples may miss what survives.
    assert sum(found) < len(found)
    assert any(found) or scaled(100) < 100


@tries_examples
@pytest.mark.parametrize("name", READERS)
def test_files_of_changed_structure(name: str, file: Path) -> None:
    """Headers, numbers in them and compressed layers changed, which bytes at random do not reach.

    The numbers of the generator are the examples: a failure names its own, `Random(number)`.
    """
    for number in range(int(_EXAMPLES or scaled(60))):
        generator = Random(number if _EXAMPLES is None else None)
        content = mutated(generator.choice(_FILES[name]), generator)
        try:
            assert_reads_or_refuses(name, file, content)
        except Exception as error:
            raise AssertionError(f"{name}, Random({number}): {content[:300]!r}") from error


@tries_examples
@pytest.mark.parametrize("name", READERS)
def test_files_that_are_almost_valid(name: str, file: Path) -> None:
    @fuzzing
    @given(_packed(st.one_of(_NEARLY_VALID, _mutated(name))))
    def run(content: bytes) -> None:
        assert_reads_or_refuses(name, file, content)

    run()


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, Any]]:
    """What each hostile file took, by its name."""
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("the peak of resident memory is read from /proc, which this system lacks")
    command = [sys.executable, str(_FUZZ / "memory.py")]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return {outcome["name"]: outcome for outcome in map(json.loads, lines)}


@pytest.mark.parametrize("name", CASES)
def test_hostile_files_take_little_memory_and_time(
    name: str, outcomes: dict[str, dict[str, Any]]
) -> None:
    outcome = outcomes[name]
    assert outcome["result"] in ("answer", "refused")
    assert outcome["peak"] <= outcome["bound"]


@pytest.mark.parametrize("name", ["pairs"])
def test_the_coverage_guided_run(name: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="coverage-guided fuzzing needs atheris")
    arguments = [name, "--seconds", "1", "--seed", "1", "--output", str(tmp_path)]
    command = [sys.executable, str(_FUZZ / "run.py"), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    tried = re.match(rf"{name}: ([\d,]+) inputs", ran.stdout)
    assert tried is not None
    assert int(tried[1].replace(",", "")) > 100
