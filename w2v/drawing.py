"""Matplotlib as every picture uses it: letters of any script, and no text that is a formula."""

import contextlib
import warnings
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

# Matplotlib takes a letter from the first of these that is installed and has it. Each has the
# beginning of the names of its files.
_FONTS = {
    "DejaVu Sans": "DejaVuSans", "Noto Sans": "NotoSans-", "Noto Sans CJK JP": "NotoSansCJK",
    "Noto Sans CJK SC": "NotoSansCJK", "Noto Sans Arabic": "NotoSansArabic",
    "Noto Sans Hebrew": "NotoSansHebrew", "Noto Sans Devanagari": "NotoSansDevanagari",
    "Noto Sans Thai": "NotoSansThai", "Arial Unicode MS": "Arial Unicode",
}  # fmt: skip


@contextlib.contextmanager
def drawing(settings: Mapping[str, Any] | None = None) -> Generator[None]:
    """Set what every picture needs of Matplotlib, for as long as one is drawn.

    Parameters
    ----------
    settings : mapping, optional
        More of Matplotlib's settings (rcParams).
    """
    import matplotlib as mpl  # noqa: PLC0415  (an extra, and slow to import)

    common: dict[str, Any] = {
        "font.family": _families(),
        "text.parse_math": False,  # a word may hold dollar signs
        "text.usetex": False,  # and anything that TeX cannot read
    }
    chosen: Any = {**common, **(settings or {})}
    with mpl.rc_context(chosen), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no installed font has some letter
        yield


def _families() -> list[str]:
    """Return those of the fonts that are installed.

    Matplotlib's own list of fonts is made once; those installed since then are added here.
    """
    from matplotlib.font_manager import findSystemFonts, fontManager  # noqa: PLC0415

    there = set(fontManager.get_font_names())
    missing = tuple(file for name, file in _FONTS.items() if name not in there)
    known = {font.fname for font in fontManager.ttflist}
    for path in findSystemFonts():
        if Path(path).name.startswith(missing) and path not in known:
            with contextlib.suppress(OSError, RuntimeError):  # a file that is not a font
                fontManager.addfont(path)
    there = set(fontManager.get_font_names())
    return [name for name in _FONTS if name in there]
