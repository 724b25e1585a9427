"""Make the tables and the figure from a file of results.

    python benchmarks/report.py results.json --search defaults.jsonl \
        --page docs/guides/speed.md --figure benchmarks/speed.svg

The tables are printed; with --page they also replace the text between the two marks.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from results import read
from search_tables import Line, gain_table, read_lines
from tables import quality_table, race_table, speed_table, task_table
from w2v.files import atomic_write

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"


def report(content: dict[str, Any], searched: list[Line]) -> str:
    """Return the sentence about machine and versions, and every table that has runs.

    content: of a file of results. searched: the runs of search_defaults.py, if any.
    """
    runs = content["runs"]
    parts = [
        describe(content),
        titled("Training, medians", speed_table(runs)),
        titled("Everything else, medians", task_table(runs)),
        titled("Quality, means over the seeds", quality_table(runs)),
        titled("Time to accuracy, mean scores and median times over the seeds", race_table(runs)),
        titled(
            "word2vec.c's settings → w2v's defaults: analogies in %, for German 100 times the"
            " correlation with likeness; means over three seeds, or as many as are named",
            gain_table(searched),
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def titled(title: str, table: str) -> str:
    """Return a table below its title, or nothing for an empty one."""
    return f"{title}:\n\n{table.rstrip()}" if table else ""


def describe(content: dict[str, Any]) -> str:
    """Return the machine and the versions as a sentence."""
    machine = content["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in content["versions"].items())
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gigabytes']:.0f} GB,"
        f" {machine['system']}; {versions}."
    )


def replace_between(text: str, new: str) -> str:
    """Return a text with the part between the marks replaced."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"The file has no marks {BEGIN} and {END}, each on a line, in this order.")
    return f"{before}{begin}\n\n{new}\n\n{end}{after}"


def parse_arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--search", type=Path, help="add the runs of search_defaults.py")
    parser.add_argument("--page", type=Path, help="write the tables between this file's marks")
    parser.add_argument("--figure", type=Path, help="draw the figure: a name in .svg or .png")
    return parser.parse_args(given)


def main() -> None:
    """Print the tables, write them, and draw."""
    arguments = parse_arguments()
    content = read(arguments.results)
    if arguments.search and not arguments.search.exists():
        sys.exit(f"There is no file {arguments.search}; search_defaults.py writes it.")
    text = report(content, read_lines(arguments.search) if arguments.search else [])
    print(text)
    if arguments.page:
        page = replace_between(arguments.page.read_text(encoding="utf-8"), text)
        with atomic_write(arguments.page) as file:
            file.write(page.encode())
    if arguments.figure:
        draw_figure(content, arguments.figure)


def draw_figure(content: dict[str, Any], path: Path) -> None:
    """Draw the figure, or end with the name of the package that it needs."""
    try:
        from figure import draw  # noqa: PLC0415
    except ModuleNotFoundError as error:
        sys.exit(f"The figure needs {error.name}: pip install -e '.[benchmarks]'")
    draw(content["runs"], path)


if __name__ == "__main__":
    main()
