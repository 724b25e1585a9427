"""Reading text from tables and from many small files, against the same text in one plain file.

    python benchmarks/input_formats.py wiki8-sentences.txt.xz --words 3M --files 100000

Each line of the text is a value in a column, or a file. Reading is counting; opening is all that
comes before, for files finding them too. The best of all runs counts, and the forms take turns.
Memory is what the process takes at most, read by itself in a process of its own.
"""

import argparse
import csv
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import w2v
from inputs import prepared
from settings import whole
from tables import markdown
from w2v.text.vocabulary import count_vocabulary

Form = Callable[[], w2v.Corpus]


def main() -> None:
    """Measure every form, and print the table."""
    arguments = parse_arguments()
    with prepared(arguments.corpus, arguments.words) as inputs:
        folder = inputs.text.parent / "forms"
        folder.mkdir()
        paths = written(inputs.text, folder, arguments.files)
        print(f"{inputs.name}, {inputs.words:,} words, {inputs.text.stat().st_size / 1e6:.0f} MB")
        w2v.train("toy", epochs=1)  # compiles the kernels
        forms = forms_of(paths)
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in forms}
        for _ in range(arguments.runs):
            for name, form in forms.items():
                found[name].append(seconds(form, arguments.workers))
        size = inputs.text.stat().st_size / 1e6
        rows = []
        for name, runs in found.items():
            opening, reading = np.min(runs, axis=0)
            memory = memory_of(paths[name]) if name in paths else ""
            rows.append(
                [name, f"{opening:.2f} s", f"{reading:.2f} s", f"{size / reading:.0f}", memory]
            )
    print(markdown(["text from", "opening", "reading", "MB of text/s", "memory at most"], rows))


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", help="a text with a sentence a line")
    parser.add_argument("--words", type=whole, help="its first so many words, as in 3M")
    parser.add_argument("--files", type=int, default=100_000, help="how many small files")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    return parser.parse_args(given)


def written(text: Path, folder: Path, files: int) -> dict[str, Path]:
    """Write the text in each form, and return the paths."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import feather, parquet  # noqa: PLC0415

    lines = text.read_text().splitlines()
    paths = {"a file": text}
    paths["JSON Lines"] = folder / "x.jsonl"
    with paths["JSON Lines"].open("w") as file:
        for number, line in enumerate(lines):
            file.write(json.dumps({"id": number, "text": line}) + "\n")
    paths["CSV"] = folder / "x.csv"
    with paths["CSV"].open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([["id", "text"], *enumerate(lines)])
    table = pa.table({"id": range(len(lines)), "text": lines, "words": [x.split() for x in lines]})
    paths["Parquet"] = folder / "x.parquet"
    parquet.write_table(table.select(["id", "text"]), paths["Parquet"])
    paths["Parquet, lists of words"] = folder / "words.parquet"
    parquet.write_table(table.select(["words"]), paths["Parquet, lists of words"])
    paths["Feather"] = folder / "x.feather"
    feather.write_feather(table.select(["id", "text"]), paths["Feather"])
    name = f"{files:,} small files"
    paths[name] = folder / "files"
    for place, some in enumerate(np.array_split(np.array(lines, dtype=object), files)):
        inside = paths[name] / f"{place // 1000:05}"
        inside.mkdir(parents=True, exist_ok=True)
        (inside / f"{place:07}.txt").write_text("".join(f"{line}\n" for line in some))
    return paths


def forms_of(paths: dict[str, Path]) -> dict[str, Form]:
    """Return the corpus of each form, as a function that opens it."""
    from pyarrow import parquet  # noqa: PLC0415

    forms: dict[str, Form] = {}
    for name, path in paths.items():
        forms[name] = lambda path=path: w2v.open_corpus(path)  # type: ignore[misc]
    tables: dict[str, Any] = {
        "a table of Arrow": parquet.read_table(paths["Parquet"]),
        "a table, lists of words": parquet.read_table(paths["Parquet, lists of words"]),
    }
    for name, table in tables.items():
        forms[name] = lambda table=table: w2v.open_corpus(table)  # type: ignore[misc]
    return forms


def seconds(form: Form, workers: int) -> tuple[float, float]:
    """Return how long opening and reading take."""
    start = time.perf_counter()
    corpus = form()
    opened = time.perf_counter()
    count_vocabulary(corpus, min_count=5, workers=workers)
    return opened - start, time.perf_counter() - opened


def memory_of(path: Path) -> str:
    """Return the most memory that a process takes to read this, without counting."""
    code = f"import w2v\nfor block in w2v.open_corpus({str(path)!r}).blocks(): pass"
    code += (
        "\nprint(next(x for x in open('/proc/self/status') if x.startswith('VmHWM')).split()[1])"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return f"{int(run.stdout) / 1024:.0f} MB"


if __name__ == "__main__":
    main()
