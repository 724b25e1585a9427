"""What pyproject.toml cannot say: the README as a package index shows it.

There a link to a file of the project leads nowhere, so its words stand without the link, and a
picture that lies in the project is left out. Links to the web and within the page stay.
"""

import re
from pathlib import Path

from setuptools import setup


def for_an_index(readme: str) -> str:
    """Return the README without links to files and without pictures in files."""
    within = r"\((?![a-z]+:|#)[^)]*\)"
    return re.sub(rf"\[([^\]]*)\]{within}", r"\1", re.sub(rf"!\[[^\]]*\]{within}\n*", "", readme))


setup(
    long_description=for_an_index((Path(__file__).parent / "README.md").read_text("utf-8")),
    long_description_content_type="text/markdown",
)
