"""A text larger than memory: is what training takes flat, and how fast is it?

    python benchmarks/past_memory.py wiki8-sentences.txt.xz --size 2000 --beyond 700

The text is repeated up to --size megabytes, its lines shuffled anew each time, with a `min_count`
as many times as high, so that the vocabulary stays the same. It is trained in a process that may
take the matrices and --beyond megabytes more of addresses (RLIMIT_AS). Ids and sentences then lie
in files. Its memory is sampled twice a second. A text of --small megabytes is trained beside it,
in the same way, for the speed. What Python, NumPy, Numba and LLVM take is reported by itself.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import w2v
from processes import request
from settings import whole
from tables import markdown

_MEGABYTE = 10**6
_PERIOD = 0.5  # seconds


class Sample(NamedTuple):
    """The memory of a process at a time, in megabytes."""

    seconds: float
    addresses: float
    resident: float


def main() -> None:
    """Make both texts, train on each, and print what was measured."""
    asked = parse_arguments()
    compile_kernels()
    rows, speeds = [], []
    with tempfile.TemporaryDirectory(dir=asked.directory) as directory:
        lines = read_lines(asked.corpus)
        for size in (asked.small, asked.size):
            path = Path(directory) / f"{size}.txt"
            repeated = write_repeated(lines, path, size * _MEGABYTE)
            samples, found = trained(path, max(5, round(5 * repeated)), asked)
            rows += [row(f"{size:,} MB", *part) for part in stages(samples, found)]
            print_over_time(samples, found, size)
            speeds.append(found["words_per_second"])
            path.unlink()
    print(markdown(["text", "while", "seconds", "addresses, MB", "resident, MB"], rows))
    print(f"\nBefore training: {found['imported']:,.0f} MB of addresses for Python and libraries.")
    print(f"Limit: {found['limit']:,.0f} MB, of which {found['matrices']:,.0f} MB are matrices.")
    print(f"Words a second: {speeds[0]:,.0f} and {speeds[1]:,.0f}, {speeds[1] / speeds[0]:.1%}.")


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="a text, a sentence a line")
    parser.add_argument("--size", type=whole, default=2000, help="megabytes of the large text")
    parser.add_argument("--small", type=whole, default=100, help="megabytes of the other")
    parser.add_argument("--beyond", type=whole, default=700, help="megabytes beside the matrices")
    parser.add_argument("--counting-memory", type=whole, default=200, help="megabytes for counting")
    parser.add_argument("--workers", type=whole, default=2)
    parser.add_argument("--epochs", type=whole, default=1)
    parser.add_argument("--directory", type=Path, help="where the texts and the ids are written")
    return parser.parse_args(arguments)


def read_lines(path: Path) -> list[bytes]:
    """Return the lines of a text."""
    text = b"".join(block.data for block in w2v.open_corpus(path).blocks())
    return text.splitlines(keepends=True)


def write_repeated(lines: list[bytes], path: Path, size: int) -> float:
    """Write lines, shuffled, again and again up to a size; return how often they are there."""
    written = times = 0
    with path.open("wb") as file:
        while written < size:
            order = np.random.default_rng(times).permutation(len(lines))
            for number in order.tolist():
                written += file.write(lines[number])
                if written >= size:
                    break
            times += 1
    return written / sum(map(len, lines))


def compile_kernels() -> None:
    """Compile what both trainings need, so that they find it on disk: LLVM takes much memory."""
    code = (
        "import w2v; from w2v.text import encoding; encoding.MEMORY_SHARE = 10**18;"  # in files
        "w2v.train('toy', epochs=1)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def trained(path: Path, min_count: int, asked: argparse.Namespace) -> tuple[list[Sample], Any]:
    """Train in a process of its own; return its memory over time and what it printed."""
    wanted = {
        "path": str(path), "min_count": min_count, "beyond": asked.beyond,
        "counting_memory": asked.counting_memory, "workers": asked.workers, "epochs": asked.epochs,
    }  # fmt: skip
    # Each thread's own arena of the C allocator takes 64 MB of addresses.
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1"}
    if asked.directory is not None:
        environment["TMPDIR"] = str(asked.directory)
    command = [sys.executable, __file__, json.dumps(wanted)]
    samples = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        while process.poll() is None:
            sample = sample_of(process.pid)
            if sample is not None:
                samples.append(sample)
            time.sleep(_PERIOD)
        assert process.stdout is not None
        output = process.stdout.read()
    if process.returncode:
        sys.exit("The training failed, as said above.")
    return samples, json.loads(output.splitlines()[-1])


def sample_of(process: int) -> Sample | None:
    """Return the memory of a process now; None where it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return None
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}
    if "VmSize" not in sizes:
        return None
    return Sample(time.time(), sizes["VmSize"] / 1000, sizes["VmRSS"] / 1000)


def train_limited() -> None:
    """Train as the parent asked, and print what it needs to know: the process of `trained`."""
    asked = request()
    stages: dict[str, float] = {}
    imported = sample_of(os.getpid())
    assert imported is not None
    facts: dict[str, Any] = {}

    def listen(event: w2v.Event) -> None:
        stages.setdefault(event.event, time.time())
        if isinstance(event, w2v.VocabularyCounted):
            facts["vocabulary"], facts["dropped"] = event.vocabulary, event.dropped
            # The matrices are made later: 112 floats a row, of two for each word.
            matrices = 2 * 4 * 112 * event.vocabulary
            facts["matrices"] = matrices / _MEGABYTE
            limit = matrices + asked["beyond"] * _MEGABYTE
            facts["limit"] = limit / _MEGABYTE
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    # Counting has no matrices yet, and gets along without their share.
    room = asked["beyond"] * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (room, resource.RLIM_INFINITY))
    began = time.time()
    model = w2v.train(
        asked["path"], min_count=asked["min_count"], workers=asked["workers"],
        epochs=asked["epochs"], counting_memory=asked["counting_memory"], on_event=listen,
    )  # fmt: skip
    found = {
        **facts, "imported": imported.addresses, "began": began, "stages": stages,
        "ended": time.time(), "words_per_second": model.summary.words_per_second,
        "words": model.summary.corpus_words,
    }  # fmt: skip
    print(json.dumps(found))


def stages(samples: list[Sample], found: Any) -> list[tuple[str, float, list[Sample]]]:
    """Return the samples of each stage, with its seconds."""
    times = found["stages"]
    borders = [
        ("counting", found["began"], times["vocabulary"]),
        ("encoding", times["vocabulary"], times["encoded"]),
        ("training", times["encoded"], found["ended"]),
    ]
    return [
        (name, stop - start, [each for each in samples if start <= each.seconds <= stop])
        for name, start, stop in borders
    ]


def row(text: str, stage: str, seconds: float, samples: list[Sample]) -> list[str]:
    """Return a line of the table: the largest of each number."""
    if not samples:
        return [text, stage, f"{seconds:.1f}", "", ""]
    addresses = max(sample.addresses for sample in samples)
    resident = max(sample.resident for sample in samples)
    return [text, stage, f"{seconds:.1f}", f"{addresses:,.0f}", f"{resident:,.0f}"]


def print_over_time(samples: list[Sample], found: Any, size: int) -> None:
    """Print the memory at ten times from the beginning to the end."""
    chosen = samples[:: max(1, len(samples) // 10)]
    numbers = [
        f"{sample.seconds - found['began']:.0f} s: {sample.addresses:,.0f}/{sample.resident:,.0f}"
        for sample in chosen
        if sample.seconds >= found["began"]
    ]
    print(f"{size:,} MB, {found['words']:,} words, {found['vocabulary']:,} vectors;", end=" ")
    print(f"dropped up to {found['dropped']:,}; addresses/resident, MB: {', '.join(numbers)}")


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].startswith("{"):
        train_limited()
    else:
        main()
