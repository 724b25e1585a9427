"""How Sphinx builds the documentation: `sphinx-build -W --keep-going -n docs build/docs`."""

import re

import click
from sphinx.application import Sphinx

import w2v

project = "w2v"
author = "the authors of w2v"
copyright = author
release = version = w2v.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx_click",
    "sphinx_copybutton",
    "sphinx_design",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["build"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# References to other projects are not followed: their inventories lie on the network.
nitpick_ignore_regex = [("py:.*", r"(?!w2v\b).*")]

autodoc_member_order = "groupwise"
autodoc_typehints = "none"  # the docstrings have the types
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

# The sign before a command, and its output, are not copied with it.
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True

default_role = "code"  # of docstrings: names in single backticks
smartquotes = False  # two hyphens begin an option
html_theme = "furo"
html_title = "w2v"
html_copy_source = False
html_show_sourcelink = False
pygments_style = "friendly"
pygments_dark_style = "monokai"
html_static_path = ["static"]
html_css_files = ["w2v.css"]


def setup(app: Sphinx) -> None:
    """Keep the help of commands from being read as markup."""
    for part in ("description", "options", "arguments"):
        app.connect(f"sphinx-click-process-{part}", _escape)
    app.connect("sphinx-click-process-epilog", _as_it_is)


def _escape(_app: Sphinx, _context: click.Context, lines: list[str]) -> None:
    """Take the text as it is, and show defaults and choices as the help does."""
    for number, line in enumerate(lines):
        given = re.sub(r":default: ``'?(.*?)'?``", r"[default: \1]", line)
        given = re.sub(r":options: (.*)", lambda found: f"[{found[1].replace(' ', '')}]", given)
        lines[number] = re.sub(r"([*|])", r"\\\1", given)


def _as_it_is(_app: Sphinx, context: click.Context, lines: list[str]) -> None:
    """Show the examples below a command's help as they stand in a terminal."""
    lines[:] = [""]
    for part in (context.command.epilog or "").split("\b\n"):
        title, *rest = part.splitlines() or [""]
        if rest and rest[0].startswith("  "):
            lines += [f"**{title.rstrip(':')}**", "", ".. code-block:: text", "", *rest, ""]
        else:
            lines += [*(f"| {line}" for line in part.splitlines()), ""]
