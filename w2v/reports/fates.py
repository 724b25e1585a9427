"""The ledger as a flow: what became of the words that were read."""

from collections.abc import Sequence

from w2v.reports.charts import Flow
from w2v.reports.fields import Fields
from w2v.reports.runs import Training

_HEADING = ("epoch", "read", "out of vocabulary", "held out", "subsampled", "trained", "no context")


def fates(trainings: Sequence[Training]) -> list[Flow]:
    """Return the flow of each training that has ended an epoch."""
    title = "Ledger" if len(trainings) == 1 else "Ledger of {}"
    flows = (
        _flow(run, title.format(training.name), training) for run, training in enumerate(trainings)
    )
    return [flow for flow in flows if flow is not None]


def _flow(run: int, title: str, training: Training) -> Flow | None:
    ledger = training.summary.inside("ledger")
    epochs = [Fields(each) for each in ledger.items("epochs")] or [
        Fields(vars(epoch)) for epoch in training.epochs
    ]
    read = ledger.count("read") or training.corpus_words
    if not epochs or not read:
        return None
    held_out = ledger.count("held_out") or training.encoded.count("held_out")
    outside = ledger.count("out_of_vocabulary") or max(0, read - _tokens(training))
    subsampled = sum(epoch.count("subsampled") for epoch in epochs)
    trained = sum(epoch.count("trained") for epoch in epochs)
    parts = [
        ("out of vocabulary", outside * len(epochs)),
        ("held out", held_out * len(epochs)),
        ("subsampled", subsampled),
        ("trained", trained),
    ]
    total = read * len(epochs)
    about = f"{total:,} words read in {len(epochs):,} {'epoch' if len(epochs) == 1 else 'epochs'}."
    if sum(words for _, words in parts) != total:
        about += " The parts do not add up to them: the log is not complete."
    rows = [
        tuple(
            f"{number:,}"
            for number in (
                epoch.count("epoch"), read, outside, held_out, epoch.count("subsampled"),
                epoch.count("trained"), epoch.count("without_context"),
            )
        )
        for epoch in epochs
    ]  # fmt: skip
    return Flow(run, title, about, total, parts, [_HEADING, *rows])


def _tokens(training: Training) -> int:
    return training.text.count("tokens") or training.summary.count("tokens")
