"""The colours of a report; page.css has the same, and dark ones."""

INK, SOFT, LINE = "#1b2430", "#566170", "#dfe4ea"  # texts, texts beside them, and rules
TINT, CHANGE, ALL = "#f4f6f8", "#fff3d6", "#8a94a1"  # cards, marked rows, and all words

TRAININGS = (
    "#1f6fb4", "#c2560c", "#23803c", "#7a4cba", "#c22f4c", "#0b7f84", "#86600f", "#5c6470",
)  # fmt: skip
FATES = {
    "trained": "#1f6fb4",
    "subsampled": "#b9770e",
    "held out": "#0b7f84",
    "out of vocabulary": "#7a8491",
}


def colour_of(run: int) -> str:
    """Return the colour of a training; a ninth one has that of the first."""
    return TRAININGS[run % len(TRAININGS)]


def run_class(run: int) -> str:
    """Return the class of a training on the page; a ninth one has the colour of the first."""
    return f"run{run % len(TRAININGS)}"
