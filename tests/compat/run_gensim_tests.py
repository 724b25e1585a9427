"""Runs the tests inside the installed gensim package against the classes of w2v.compat.

    python tests/compat/run_gensim_tests.py [FILE...] [--only PATTERN...] [--results FILE]

FILE is word2vec, keyedvectors or phrases: gensim/test/test_FILE.py. A PATTERN chooses tests by
name, as `'*online*'` does. The import is swapped, so that the tests find our classes under gensim's
names; nothing of gensim is copied. `--original` leaves the import alone, for comparison.

expected.txt, beside this file, says which tests cannot pass or do not count, and why. The exit code
is 1 if another test fails or one of those passes.
"""

import argparse
import fnmatch
import importlib
import json
import logging
import os
import signal
import sys
import tempfile
import time
import traceback
import types
import unittest
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from typing import Any

FILES = ("word2vec", "keyedvectors", "phrases")
EXPECTED = Path(__file__).with_name("expected.txt")
SECONDS = 240  # longest that one test may take
_MODULES = ("", ".word2vec", ".keyedvectors", ".phrases", ".callbacks")
_OTHER_NAMES = {"FrozenPhrases": "Phraser"}  # gensim's names that ours goes by
# Why a test in expected.txt does not count: it opens a pickle of an old gensim, it looks into
# gensim's insides, or it passes without touching one of the classes.
UNCOUNTED = ("pickle", "internal", "elsewhere")


@dataclass(frozen=True)
class Expectation:
    """A line of expected.txt: `elsewhere` passes, every other group fails."""

    group: str
    reason: str


@dataclass(frozen=True)
class Outcome:
    """How one test of gensim went."""

    test: str
    status: str  # passed, failed or skipped
    seconds: float
    message: str = ""


class Outcomes(unittest.TestResult):
    """Collects an Outcome for each test; a test that takes too long fails."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Outcome] = []
        self._started = 0.0
        signal.signal(signal.SIGALRM, self._overdue)

    def _overdue(self, *_: object) -> None:
        raise TimeoutError(f"more than {SECONDS} s")

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        super().startTest(test)
        self._started = time.perf_counter()
        signal.alarm(SECONDS)

    def stopTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        signal.alarm(0)
        super().stopTest(test)

    def _add(self, test: unittest.TestCase, status: str, message: str = "") -> None:
        seconds = round(time.perf_counter() - self._started, 2)
        self.found.append(Outcome(name_of(test), status, seconds, message))

    def addSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802
        self._add(test, "passed")

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:  # noqa: N802
        self._add(test, "failed", "".join(traceback.format_exception(*err)))

    addError = addFailure  # noqa: N815

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:  # noqa: N802
        self._add(test, "skipped", reason)


def name_of(test: unittest.TestCase) -> str:
    """word2vec.TestWord2VecModel.test_vocab, of gensim.test.test_word2vec."""
    return test.id().removeprefix("gensim.test.test_")


def swap_imports() -> None:
    """Put our classes in the place of gensim's, wherever its tests find them."""
    compat = importlib.import_module("w2v.compat")
    ours = {name: name for name in compat.__all__} | _OTHER_NAMES
    for module in (importlib.import_module(f"gensim.models{end}") for end in _MODULES):
        for theirs, name in ours.items():
            if hasattr(module, theirs) and available(compat, name):
                setattr(module, theirs, getattr(compat, name))


def available(module: types.ModuleType, name: str) -> bool:
    """Return whether a name can be imported from a module that imports lazily."""
    try:
        return hasattr(module, name)
    except ModuleNotFoundError:
        return False


class _LogCapture(logging.Handler):
    """The messages logged meanwhile; its text holds them all."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())

    def __str__(self) -> str:
        return "\n".join(self.messages)


def _log_capture() -> Any:
    """`log_capture` of testfixtures, the one thing of it that gensim's tests use."""

    def decorate(test: Any) -> Any:
        @wraps(test)
        def run(self: unittest.TestCase) -> Any:
            capture, root = _LogCapture(), logging.getLogger()
            level = root.level
            root.addHandler(capture)
            root.setLevel(logging.DEBUG)
            try:
                return test(self, capture)
            finally:
                root.setLevel(level)
                root.removeHandler(capture)

        return run

    return decorate


def tests_in(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_in(test)
        else:
            yield test


def chosen_tests(files: list[str], patterns: list[str]) -> list[unittest.TestCase]:
    """Load the tests of those files whose names match one of the patterns."""
    fixtures: Any = types.ModuleType("testfixtures")
    fixtures.log_capture = _log_capture
    sys.modules["testfixtures"] = fixtures
    load = unittest.defaultTestLoader.loadTestsFromModule
    tests = []
    for file in files:
        tests += tests_in(load(importlib.import_module(f"gensim.test.test_{file}")))
    return [test for test in tests if any(fnmatch.fnmatch(name_of(test), one) for one in patterns)]


def read_expected() -> dict[str, Expectation]:
    """Read expected.txt: `name | group | reason`, one a line; `#` starts a comment."""
    expected = {}
    for line in EXPECTED.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, group, reason = (part.strip() for part in line.split("|", 2))
            expected[name] = Expectation(group, reason)
    return expected


def surprises(outcomes: list[Outcome], expected: dict[str, Expectation]) -> list[str]:
    """Return a sentence for each test that went otherwise than expected.txt says."""
    found = []
    for outcome in outcomes:
        about = expected.get(outcome.test)
        fails = about is not None and about.group != "elsewhere"
        if outcome.status == "failed" and not fails:
            found.append(f"{outcome.test} fails, but is not expected to:\n{outcome.message}")
        if outcome.status == "passed" and fails:
            found.append(f"{outcome.test} passes; take it out of {EXPECTED.name}.")
    return found


def share(outcomes: list[Outcome], expected: dict[str, Expectation]) -> tuple[int, int]:
    """Return how many of the tests that count passed, and how many count."""
    counted = [
        outcome
        for outcome in outcomes
        if outcome.status != "skipped"
        and not (outcome.test in expected and expected[outcome.test].group in UNCOUNTED)
    ]
    return sum(outcome.status == "passed" for outcome in counted), len(counted)


def about(outcome: Outcome, known: Expectation | None, verbose: bool) -> str:
    """Return a line about a test that did not pass: the reason, where it is known."""
    if verbose:
        return f"{outcome.status:8}{outcome.test}\n{outcome.message}"
    if known is not None:
        return f"{known.group:8}{outcome.test}: {known.reason}"
    return f"{outcome.status:8}{outcome.test}: {outcome.message.strip().splitlines()[-1]}"


def run(tests: list[unittest.TestCase]) -> list[Outcome]:
    """Run tests with their warnings, their logs and the files that they leave out of sight."""
    logging.getLogger().addHandler(logging.NullHandler())
    outcomes, here = Outcomes(), Path.cwd()
    with tempfile.TemporaryDirectory() as away, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.chdir(away)
        tempfile.tempdir = away
        for test in tests:
            test.run(outcomes)
        tempfile.tempdir = None
        os.chdir(here)
    return outcomes.found


def arguments() -> argparse.Namespace:
    about = str(__doc__)
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", metavar="FILE", default=list(FILES))
    parser.add_argument("--only", nargs="+", default=["*"], metavar="PATTERN")
    parser.add_argument("--original", action="store_true", help="run them against gensim")
    parser.add_argument("--verbose", action="store_true", help="print each traceback")
    parser.add_argument("--results", type=Path, help="write the outcomes here, as JSON")
    asked = parser.parse_args()
    if unknown := set(asked.files) - set(FILES):
        parser.error(f"FILE is one of {', '.join(FILES)}, not {', '.join(unknown)}.")
    return asked


def main() -> int:
    asked = arguments()
    if not asked.original:
        swap_imports()
    outcomes = run(chosen_tests(asked.files, asked.only))
    expected = read_expected()
    for outcome in outcomes:
        if outcome.status != "passed":
            print(about(outcome, expected.get(outcome.test), asked.verbose))
    passed, counted = share(outcomes, expected)
    seconds = sum(outcome.seconds for outcome in outcomes)
    print(
        f"{passed} of the {counted} tests that count pass ({passed / max(counted, 1):.0%});", end=""
    )
    print(f" {len(outcomes)} ran, in {seconds:.0f} s.")
    found = surprises(outcomes, expected)
    if asked.results is not None:
        report = {
            "outcomes": [asdict(outcome) for outcome in outcomes],
            "passed": passed, "counted": counted, "surprises": found,
        }  # fmt: skip
        asked.results.write_text(json.dumps(report, indent=1), encoding="utf-8")
    for surprise in found:
        print(surprise.partition("\n")[0])
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
