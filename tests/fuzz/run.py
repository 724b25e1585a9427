"""Fuzz readers with coverage as the guide: `python tests/fuzz/run.py [READER ...] --seconds 60`.

Needs atheris (`pip install -e ".[fuzz]"`). Each reader is fuzzed in a process of its own, which
starts from files that w2v itself writes. A file that makes a reader raise anything but a W2VError,
give a wrong answer, hang or take too much memory is kept, and named; `--file` reads it again.
"""

import argparse
import importlib.util
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

_INSTRUMENTED = ["w2v", "safetensors", "zipfile", "gzip", "bz2", "lzma", "_compression"]
_MEGABYTE = 1 << 20
_LONGEST = 4096  # bytes of an input
_SECONDS = 20  # of one reading, more is a hang
_MEMORY = 64 * _MEGABYTE + 4 * _LONGEST
_STACKS = 64 * _MEGABYTE  # what threads and the fuzzer itself map beside that
# What is unlikely to be found by chance, a signalling NaN among it.
_TOKENS = [
    "1f8b08", "504b0304", "504b0102", "504b0506", "28b52ffd", "fd377a585a00",
    "425a6839314159265359", "0100807f", "efbbbf", "c2a0", "c285", "e280a8", "e38080",
    "0d0a", "00", "ff", "203a20", "23",
    *(
        word.encode().hex()
        for word in (
            '"dtype":"', "F32", "I64", "U8", "BF16", '"shape":[', '"data_offsets":[', "vectors",
            "output", "vocab_utf8", "vocab_offsets", "counts", "__metadata__", "nan", "inf", "1e99",
            "1000000000 ",
        )
    ),
]  # fmt: skip


def _fuzz(name: str, arguments: list[str]) -> None:
    """Fuzz one reader; the process ends in here."""
    import atheris

    with atheris.instrument_imports(include=_INSTRUMENTED, exclude=_kernels()):
        import memory
        from readers import READERS, answers
    memory.warm_up()
    reader = READERS[name]
    tried = answered = 0
    with tempfile.TemporaryDirectory(dir=_memory_disk()) as directory:
        path = Path(directory) / "file"

        def try_one(content: bytes) -> None:
            nonlocal tried, answered
            path.write_bytes(content)
            mapped = memory.status("VmSize") + _MEMORY + _STACKS
            resource.setrlimit(resource.RLIMIT_AS, (mapped, resource.RLIM_INFINITY))
            try:
                answered += answers(reader.check, path)
            finally:
                resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
            tried += 1
            if tried % 100 == 0:
                counts.write_text(f"{tried} {answered}")

        counts = Path(os.environ["W2V_FUZZ_COUNTS"])
        atheris.Setup([sys.argv[0], *arguments], try_one, custom_mutator=_mutated)
        atheris.Fuzz()


def _mutated(content: bytes, longest: int, seed: int) -> bytes:
    """Change the structure of a file in one of three cases, else its bytes as libFuzzer does."""
    import atheris
    from mutations import mutated

    generator = Random(seed)
    if content and generator.random() < 0.33:
        return mutated(content, generator)[:longest]
    return atheris.Mutate(content, longest)


def _kernels() -> list[str]:
    """Return the names of the modules that Numba compiles: it needs their byte code as it is."""
    spec = importlib.util.find_spec("w2v")
    assert spec is not None and spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0]) / "kernels"
    return [f"w2v.kernels.{path.stem}" for path in folder.glob("*.py")]


def _memory_disk() -> str | None:
    """Return a directory in memory, where there is one: a file is written for every input."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _run(name: str, seconds: int, seed: int, output: Path) -> bool:
    """Fuzz one reader in a process of its own and print the results."""
    from readers import READERS

    with tempfile.TemporaryDirectory(dir=_memory_disk()) as directory:
        seeds, counts, tokens = (Path(directory) / part for part in ("seeds", "counts", "tokens"))
        seeds.mkdir()
        for number, content in enumerate(READERS[name].files()):
            (seeds / f"{number}").write_bytes(content)
        lines = ('"' + re.sub("(..)", r"\\x\1", token) + '"\n' for token in _TOKENS)
        tokens.write_text("".join(lines))
        arguments = [
            str(seeds), f"-dict={tokens}", f"-max_len={_LONGEST}", f"-max_total_time={seconds}",
            f"-timeout={_SECONDS}", "-rss_limit_mb=2048", f"-artifact_prefix={output}/{name}-",
            f"-seed={seed}", "-print_final_stats=1",
        ]  # fmt: skip
        # One arena: every thread's own would map 64 MB in advance.
        environment = {**os.environ, "MALLOC_ARENA_MAX": "1", "W2V_FUZZ_COUNTS": str(counts)}
        command = [sys.executable, __file__, name, "--child", *arguments]
        start = time.monotonic()
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, errors="replace", check=False
        )
        took = time.monotonic() - start
        tried, answered = map(int, counts.read_text().split()) if counts.exists() else (0, 0)
        exact = re.search(r"number_of_executed_units: (\d+)", done.stderr)
        tried = int(exact[1]) if exact else tried
    coverage = re.findall(r"cov: (\d+)", done.stderr)
    print(
        f"{name}: {tried:,} inputs in {took:.0f} s, {answered:,} of them with an answer, "
        f"coverage {coverage[-1] if coverage else 'unknown'}",
        flush=True,
    )
    if done.returncode == 0:
        return True
    print(done.stdout[-4000:] + done.stderr[-4000:])
    kept = re.search(r"Test unit written to (.*)", done.stderr)
    if kept:
        print(f"Read it again with: python tests/fuzz/run.py {name} --file {kept[1]}")
    return False


def main() -> None:
    """Parse the command line, and fuzz or read one file again."""
    if "--child" in sys.argv:
        _fuzz(sys.argv[1], sys.argv[3:])
    from readers import READERS, answers

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="*", metavar="READER", help=f"of {', '.join(READERS)}")
    parser.add_argument("--seconds", type=int, default=60, help="for each reader (60)")
    parser.add_argument("--seed", type=int, default=0, help="of the mutations; 0 is a random one")
    parser.add_argument("--file", type=Path, help="only read this file")
    parser.add_argument("--output", type=Path, default=Path(), help="directory of files found")
    options = parser.parse_args()
    names = options.readers or list(READERS)
    if unknown := set(names) - READERS.keys():
        parser.error(f"no reader is called {', '.join(unknown)}; there are {', '.join(READERS)}")
    if options.file:
        for name in names:
            answered = answers(READERS[name].check, options.file)
            print(f"{name}: {'an answer' if answered else 'refused'}")
        return
    try:
        import atheris  # noqa: F401
    except ImportError as error:
        sys.exit(f'atheris cannot be imported ({error}); install it with pip install -e ".[fuzz]".')
    results = [_run(name, options.seconds, options.seed, options.output) for name in names]
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
