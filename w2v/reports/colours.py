"""The colours of trainings and of the parts of a flow; page.css has the same, and dark ones."""

TRAININGS = (
    "#1f6fb4", "#c2560c", "#23803c", "#7a4cba", "#c22f4c", "#0b7f84", "#86600f", "#5c6470",
)  # fmt: skip
FATES = {
    "trained": "#1f6fb4",
    "subsampled": "#b9770e",
    "held out": "#0b7f84",
    "out of vocabulary": "#7a8491",
}


def run_class(run: int) -> str:
    """Return the class of a training on the page; a ninth one has the colour of the first."""
    return f"run{run % len(TRAININGS)}"
