"""The pages of the documentation: what they run, and whether the output that they show is right.

A page is README.md or a Markdown file below docs/. Its fenced blocks run in reading order, in one
directory that is empty at first:

- `python` runs as a script. A `text` block directly below it is what it prints.
- `console` holds commands, each after `$ `, with what they print.
- `sh` holds commands without their output.
- A command goes on in the next line after a backslash.
- A block below the comment `<!-- not run: REASON -->` does not run. Nor do lines of `pip install`.
- A block that names wiki8 runs on a part of it, as a long test.

Outputs are compared line by line: words and whole numbers must be equal, numbers with a point may
differ by LEEWAY, times and speeds by anything. A line of `…` stands for any lines.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
LEEWAY = 0.02

_FENCE = re.compile(
    r"^(?P<fence>```+)(?P<kind>\w+)\n(?P<code>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL
)
_NOT_RUN = re.compile(r"<!-- not run: [^>]+ -->\s*\Z")
_MEASURED = re.compile(r"[\d.,]+ ?(?:[kM] )?(?=words/s)|[\d.,]+ ?(?:min|ms|s|h)\b")
_FRACTION = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
# What the first training on a machine says, and what a slow one says meanwhile.
_IN_PASSING = re.compile(r"Compiling the kernels|(Epoch \d+/\d+|Counting|Encoding)\b.*%")
_READING = "Reading "  # the file that a query reads: to be shown, or not


@dataclass(frozen=True)
class Block:
    """A fenced block: its kind, its content, its first line, and the output shown below it."""

    kind: str
    code: str
    line: int
    shown: str | None = None

    @property
    def is_long(self) -> bool:
        """Whether it is about wiki8."""
        return "wiki8" in self.code

    def commands(self) -> list[tuple[str, str | None]]:
        """Return the commands of a block for the shell, each with the output shown."""
        if self.kind == "sh":
            found: list[tuple[str, str | None]] = [(line, None) for line in _lines(self.code)]
        else:
            parts = re.split(r"^\$ ", self.code, flags=re.MULTILINE)[1:]
            found = [(_lines(part)[0], "\n".join(_lines(part)[1:])) for part in parts]
        return [(line, shown) for line, shown in found if not line.startswith("pip install")]


def pages() -> list[Path]:
    """Return the README and every page of docs/, in the order in which the long blocks run."""
    first = [ROOT / "README.md", DOCS / "guides" / "train.md"]
    return first + sorted(path for path in DOCS.rglob("*.md") if path not in first)


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page that run."""
    return list(blocks_of(page.read_text(encoding="utf-8")))


def blocks_of(text: str) -> Iterator[Block]:
    """Return the blocks of a text in Markdown that run."""
    found = list(_FENCE.finditer(text))
    for match, following in zip_longest(found, found[1:]):
        kind = match["kind"]
        if kind not in ("python", "console", "sh") or _NOT_RUN.search(text, 0, match.start()):
            continue
        shown = None
        if kind == "python" and following and following["kind"] == "text":
            between = text[match.end() : following.start()]
            shown = None if between.strip() else following["code"]
        yield Block(kind, match["code"], text.count("\n", 0, match.start()) + 1, shown)


def _lines(code: str) -> list[str]:
    """Return lines; one that ends with a backslash goes on in the next."""
    return code.replace("\\\n", "").splitlines()


def difference(shown: str, printed: str) -> str | None:
    """Return what is wrong with an output shown, given what was printed, or None."""
    wanted = [line.strip() for line in shown.splitlines() if line.strip()]
    got = [line.strip() for line in printed.splitlines() if line.strip()]
    got = [line for line in got if not _IN_PASSING.match(line)]
    if not any(line.startswith(_READING) for line in wanted):
        got = [line for line in got if not line.startswith(_READING)]
    if _same_lines(wanted, got):
        return None
    return "shown:\n" + "\n".join(wanted) + "\nprinted:\n" + "\n".join(got)


def _same_lines(wanted: list[str], got: list[str]) -> bool:
    if not wanted:
        return not got
    if wanted[0] == "…":
        return any(_same_lines(wanted[1:], got[start:]) for start in range(len(got) + 1))
    return bool(got) and _same_line(wanted[0], got[0]) and _same_lines(wanted[1:], got[1:])


def _same_line(wanted: str, got: str) -> bool:
    wanted, got = _MEASURED.sub("#", wanted), _MEASURED.sub("#", got)
    if [part.split() for part in _FRACTION.split(wanted)] != [
        part.split() for part in _FRACTION.split(got)
    ]:
        return False
    pairs = zip(_FRACTION.findall(wanted), _FRACTION.findall(got), strict=True)
    return all(_near(float(one), float(other)) for one, other in pairs)


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= LEEWAY * max(1.0, abs(one))
