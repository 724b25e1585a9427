"""The colours of groups, on light and on dark paper."""

import colorsys

# Twelve hues of like weight, told apart also by most who are colour-blind: lightness alternates
# between neighbours.
_HUES = [
    "#3f74c9", "#e0792f", "#2f9a6d", "#c94a4a", "#8b62c4", "#a3714d",
    "#d765a9", "#a89414", "#25a0b4", "#79a03a", "#5a5fd0", "#b2557a",
]  # fmt: skip
_GOLDEN = 0.618034  # of a turn: hues that follow each other so are far apart
NONE = {"light": "#9aa3ad", "dark": "#77808c"}  # of words that belong to no group
PAPER = {"light": "#fbfbfa", "dark": "#14171c"}
INK = {"light": "#1d232b", "dark": "#e8ebef"}
_LIGHTER = 0.3  # share of white in the colours for dark paper


def palette(groups: int, theme: str) -> list[str]:
    """Return a colour, as #rrggbb, for each of a number of groups."""
    found = (_HUES + [_further(number) for number in range(len(_HUES), groups)])[:groups]
    return [mixed(colour, "#ffffff", _LIGHTER) for colour in found] if theme == "dark" else found


def mixed(colour: str, other: str, share: float) -> str:
    """Return a colour with a share of another in it."""
    parts = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(one * (1 - share) + two * share):02x}" for one, two in parts)


def _parts(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def _further(number: int) -> str:
    """Return the colour of a group beyond the twelve."""
    red, green, blue = colorsys.hls_to_rgb(number * _GOLDEN % 1, 0.48, 0.45)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
