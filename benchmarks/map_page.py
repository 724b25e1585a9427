"""How long the page of a map takes to open, and how smoothly it moves, in headless Chromium.

    python benchmarks/map_page.py                                made-up words
    python benchmarks/map_page.py --vectors wiki8.bin --words 20000 75000

Pixels are drawn in software, as on a machine without a graphics card, which is the slowest case.
Opening ends when the first picture is on the screen. Then the map is dragged in circles, whole and
zoomed in, and zoomed in and out with the wheel. The time from frame to frame is measured, over
eight frames at least.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

import w2v

_BROWSER = [
    "--no-sandbox", "--ignore-gpu-blocklist", "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]  # fmt: skip
_FRAMES = """
([movement, seconds]) => new Promise(done => {
  const found = [];
  const start = performance.now();
  let last = start;
  const stage = document.getElementById("stage");
  const send = (kind, x, y) => stage.dispatchEvent(new PointerEvent(kind, {
    pointerId: 1, isPrimary: true, button: 0, clientX: x, clientY: y, bubbles: true }));
  stage.setPointerCapture = () => {};
  const drag = turn => send("pointermove", 640 + 150 * Math.sin(turn), 400 + 100 * Math.cos(turn));
  const wheel = turn => stage.dispatchEvent(new WheelEvent("wheel", {
    deltaY: 40 * Math.sign(Math.cos(turn)), clientX: 640, clientY: 400, bubbles: true }));
  if (movement === "drag") send("pointerdown", 640, 400);
  const step = now => {
    found.push(now - last);
    last = now;
    (movement === "drag" ? drag : wheel)((now - start) / 300);
    if (now - start < 1000 * seconds || found.length < 8) return requestAnimationFrame(step);
    if (movement === "drag") send("pointerup", 0, 0);
    done(found.slice(2));
  };
  requestAnimationFrame(step);
})
"""

_MOVEMENTS = (("whole", 1, "drag"), ("zoomed in", 8, "drag"), ("while zooming", 8, "wheel"))


def main() -> None:
    """Open a page of each size, and print a line for each."""
    asked = parse_arguments()
    if asked.chromium is None:
        print("not run: Chromium is not installed")
        return
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=asked.chromium, args=_BROWSER)
        for count in asked.words:
            path = Path(directory) / f"{count}.html"
            started = time.perf_counter()
            made_map(asked.vectors, count).save(path)
            made = time.perf_counter() - started
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            print(f"{count:,} words, {path.stat().st_size / 1e6:.1f} MB, made in {made:.1f} s:")
            print("  " + "; ".join(measured(page, path, asked.seconds)), flush=True)
            page.close()
        browser.close()


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", help="word vectors; made up by default")
    parser.add_argument("--words", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--seconds", type=float, default=5, help="how long the map is dragged")
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="the browser")
    return parser.parse_args(arguments)


def made_map(file: str | None, count: int) -> w2v.WordMap:
    """Return a map of the commonest words of a file, or of made-up ones around 50 centres."""
    if file is not None:
        return w2v.load(file, limit=count).map(top=count)
    generator = np.random.default_rng(1)
    centres = generator.normal(size=(50, 16))
    matrix = centres[np.arange(count) % 50] + generator.normal(scale=0.5, size=(count, 16))
    return w2v.KeyedVectors([f"word{number}" for number in range(count)], matrix).map(top=count)


def measured(page: Page, path: Path, seconds: float) -> list[str]:
    """Return sentences about the opening and the frames of a page."""
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", timeout=120_000)
    opened = page.evaluate("performance.getEntriesByName('drawn')[0].startTime") / 1000
    found = [f"opened in {opened:.2f} s"]
    for name, zoom, movement in _MOVEMENTS:
        page.evaluate("zoom => { wordMap.view.zoom = zoom; }", zoom)
        frames: Any = page.evaluate(_FRAMES, [movement, seconds])
        slow = sorted(frames)[int(0.95 * len(frames))]
        middle = statistics.median(frames)
        found.append(f"{name}: a frame every {middle:.0f} ms, 95 % within {slow:.0f} ms")
    return found


if __name__ == "__main__":
    main()
