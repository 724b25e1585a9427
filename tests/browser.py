"""A real browser for the tests of pages: headless Chromium, which draws WebGL in software."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = [
    "--no-sandbox", "--ignore-gpu-blocklist", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
PATIENCE = 60_000  # milliseconds; a machine may be busy
# What the console says of speed is no fault of a page. The first is advice that the tests' own
# reading of pixels gives rise to; the second is the driver's, once, when a busy machine made
# Chromium wait for a screenshot or for the one pixel that the drawing library reads at the start.
ADVICE = ("willReadFrequently", "GL Driver Message (OpenGL, Performance")


def chromium() -> str | None:
    """The path of Chromium, or None where it is not installed."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


@contextlib.contextmanager
def started() -> Iterator[Any]:
    """A browser; a test is skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="this needs playwright")
    path = chromium()
    if path is None:
        pytest.skip("this needs Chromium, as in apt-get install chromium")
    # Playwright's own server complains of a Node.js option that some environments set.
    environment = {name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"}
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS, env=environment)
        yield browser
        browser.close()


class Visit:
    """A page that was opened, and all that it said, failed at and asked the network for."""

    def __init__(self, page: Any, path: Path, query: str = "") -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.address = path.as_uri()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: self._hear(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(self.address + query)
        page.wait_for_selector("html[data-ready]")

    def _hear(self, text: str) -> None:
        if not any(advice in text for advice in ADVICE):
            self.complaints.append(text)

    def js(self, code: str, value: object = None) -> Any:
        """The value of an expression in the page."""
        return self.page.evaluate(code, value)

    def until(self, code: str) -> None:
        """Wait until an expression is true."""
        self.page.wait_for_function(code)


Opener = Callable[..., Visit]
