"""Events of trainings that nobody trained, as a log holds them."""

WORDS = 1000  # of the text


def progress(words, seconds=1.0, **changes):
    """A line of progress."""
    return {
        "event": "progress", "epoch": 1, "epochs": 4, "done": words / (4 * WORDS), "words": words,
        "words_per_second": words, "loss": 2.0, "interval_loss": 2.0,
        "held_out_loss": None, "learning_rate": 0.05, "seconds": seconds, "seconds_left": 1,
        **changes,
    }  # fmt: skip


def epoch(number, loss=2.0, **changes):
    """An epoch that has ended."""
    return {
        "event": "epoch", "epoch": number, "loss": loss, "loss_pairs": 9, "held_out_loss": None,
        "trained": 600, "without_context": 1, "subsampled": 300, "saturated": 0.0, "seconds": 1.0,
        **changes,
    }  # fmt: skip


BEGIN = [
    {"event": "vocabulary", "corpus_words": WORDS, "distinct_words": 90, "vocabulary": 50,
     "tokens": 900, "replaced": 0, "left_out": 0, "seconds": 0.1},
    {"event": "encoded", "tokens": 900, "sentences": 9, "held_out": 0, "seconds": 0.1},
]  # fmt: skip
RESUMED = {"event": "resumed", "path": "x", "words": 1500, "passed_over": []}

SECTION = [{"name": "family", "asked": 9, "answered": 8, "correct": 6}]


def run(rate):
    """The events of a training whose loss falls at this rate."""
    events = [*BEGIN]
    for number in (1, 2, 3):
        words = 1000 * number
        events += [progress(words - 500, number - 0.5), progress(words, number)]
        events.append(epoch(number, 3 - rate * number, held_out_loss=3.2 - rate * number))
        events.append(
            {"event": "evaluated", "words": words, "scores": {"a": 0.2 * number, "b": 0.5},
             "held_out_loss": None, "seconds": 1, "sections": {"a": SECTION}}
        )  # fmt: skip
    return events


RUNS = [run(0.3), run(0.5)]
