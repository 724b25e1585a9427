"""The epochs of a training as a list, which a notebook shows as a table."""

from w2v.tables import NOT_KNOWN, html_table, number
from w2v.training.events import EpochEnded

_MOST = 20  # rows at the beginning and at the end


class History(list[EpochEnded]):
    """The epochs of a training, in order: a list, which pandas.DataFrame takes as it is."""

    def __repr__(self) -> str:
        if not self:
            return "History(no epochs)"
        first, last = (number(self[place].loss, 3) for place in (0, -1))
        return f"History({len(self)} epochs, loss {first} to {last})"

    def _repr_html_(self) -> str:
        """Return a table with a row for each epoch."""
        header = ["epoch", "loss", "trained", "subsampled", "saturated", "seconds"]
        is_held_out = any(epoch.held_out_loss is not None for epoch in self)
        if is_held_out:
            header.insert(2, "held out")
        rows = [
            [
                str(epoch.epoch), number(epoch.loss),
                *([number(epoch.held_out_loss)] if is_held_out else []),
                f"{epoch.trained:,}", f"{epoch.subsampled:,}", _percent(epoch.saturated),
                number(epoch.seconds, 1),
            ]
            for epoch in self
        ]  # fmt: skip
        if len(rows) > 2 * _MOST:
            rows[_MOST:-_MOST] = [["…", *[""] * (len(header) - 1)]]
        return html_table(f"{len(self)} epochs", rows, header, flush_left=0)


def _percent(share: float) -> str:
    shown = number(100 * share, 2)
    return shown if shown == NOT_KNOWN else f"{shown} %"
