"""The page of a map: one HTML file with its data, its style, its script and its renderer inside.

Words come from users, so they travel as JSON in which no "<" is left, and the script shows them as
text alone. A policy in the page forbids every request.
"""

import base64
import html
import json
import re
from importlib.resources import files
from typing import Any

import numpy as np

from w2v.maps.colours import INK, NONE, PAPER, palette
from w2v.maps.contents import MapContents

# The script, in the order in which it stands in the page.
_SCRIPTS = (
    "data.js", "view.js", "sheet.js", "labels.js", "picking.js", "points.js", "overlay.js",
    "search.js", "panels.js", "controls.js", "main.js",
)  # fmt: skip
_STEPS = 10_000  # similarities travel as whole ten-thousandths, as 'w2v similar' prints them


def page_of(shown: MapContents, title: str) -> bytes:
    """Return the page as UTF-8."""
    script = "\n".join(map(_part, _SCRIPTS))
    parts = {
        "title": html.escape(title),
        "style": _part("style.css"),
        "licences": _part("renderer-licences.txt"),
        "renderer": _part("renderer.js"),
        "script": f'(() => {{\n"use strict";\n{script}\n}})();',
        "data": _json(_data(shown, title)),
    }
    # One pass, so that nothing that was put in is looked at again.
    page = re.sub(r"\{\{(\w+)\}\}", lambda mark: parts[mark[1]], _part("page.html"))
    # A word may hold half of a surrogate pair, which UTF-8 cannot; in JSON \udc80 stands for it.
    return page.encode("utf-8", "backslashreplace")


def _part(name: str) -> str:
    return (files("w2v.maps") / "page" / name).read_text(encoding="utf-8")


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _data(shown: MapContents, title: str) -> dict[str, Any]:
    """Return all that the script reads."""
    groups = shown.groups
    row_type = "<u2" if len(shown.words) <= 1 << 16 else "<u4"
    return {
        "title": title,
        "method": shown.method,
        "words": shown.words,
        "counts": None if shown.counts is None else shown.counts.tolist(),
        "positions": _packed(shown.positions, "<f4"),
        "groups": _packed(groups.numbers, "<i4"),
        "groupNames": groups.names,
        "groupsAreGiven": groups.are_given,
        "neighboursEach": shown.neighbours.shape[1],
        "neighbours": _packed(shown.neighbours, row_type),
        "similarities": _packed(np.rint(shown.similarities * _STEPS), "<i2"),
        "colours": {theme: palette(len(groups.names), theme) for theme in PAPER},
        "none": NONE,
        "paper": PAPER,
        "ink": INK,
    }


def _packed(numbers: Any, dtype: str) -> str:
    return base64.b64encode(np.ascontiguousarray(numbers, dtype=dtype).tobytes()).decode("ascii")
