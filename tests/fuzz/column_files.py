"""The same documents as plain text and in every format with columns, for tests."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

# A text may have lines of its own, quotation marks, separators and nothing at all.
TEXTS = [
    "the cat sat on the mat", 'a "quoted" word, or two;\tand a tab', "größe 日本語\nin two lines",
    "", "the last one",
]  # fmt: skip
LISTS = [["the", "cat", "sat"], ["größe", '"quoted"', "a,b"], ["one"]]
NUMBERS = [[42, 7, 1001], [7, -42], [13]]


def text_of(values: Sequence[Any]) -> str:
    """The plain text with the same words and sentences."""
    lines = (value if isinstance(value, str) else " ".join(map(str, value)) for value in values)
    return "".join(f"{line}\n" for line in lines)


def json_lines(values: Sequence[Any], name: str = "body") -> bytes:
    records = ({"id": number, name: value} for number, value in enumerate(values))
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def separated(values: Sequence[Any], delimiter: str = ",", name: str = "body") -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerow(["id", name])
    writer.writerows(enumerate(values))
    return stream.getvalue().encode()


def table(values: Sequence[Any], name: str = "body") -> Any:
    try:
        import pyarrow as pa
    except ImportError:
        import pytest

        pytest.skip("pyarrow is not installed")
    return pa.table({"id": range(len(values)), name: pa.array(values)})


def parquet(values: Sequence[Any], **options: Any) -> bytes:
    given = table(values)
    from pyarrow import parquet as format_

    stream = io.BytesIO()
    format_.write_table(given, stream, **options)
    return stream.getvalue()


def feather(values: Sequence[Any]) -> bytes:
    given = table(values)
    from pyarrow import feather as format_

    stream = io.BytesIO()
    format_.write_feather(given, stream, compression="uncompressed")
    return stream.getvalue()


def arrow_stream(values: Sequence[Any]) -> bytes:
    given = table(values)
    from pyarrow import ipc

    stream = io.BytesIO()
    with ipc.new_stream(stream, given.schema) as writer:
        writer.write_table(given, max_chunksize=2)
    return stream.getvalue()


WRITERS: dict[str, Callable[[Sequence[Any]], bytes]] = {
    ".jsonl": json_lines, ".csv": separated, ".tsv": lambda values: separated(values, "\t"),
    ".parquet": parquet, ".feather": feather, ".arrow": arrow_stream,
}  # fmt: skip
OF_LISTS = [suffix for suffix in WRITERS if suffix not in (".csv", ".tsv")]
EXTRA = (".parquet", ".feather", ".arrow")  # read by pyarrow
