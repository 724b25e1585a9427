"""Texts that the workers of a cluster count, and what a training reports of them."""

import gzip
import warnings

import numpy as np
import pytest

import w2v
from w2v.text import dividing

pytest.importorskip("distributed")
from w2v.training.cluster import counting

QUICK = {"vector_size": 8, "epochs": 1, "shards": 4, "min_count": 2, "sample": 0.01}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(dividing, "PIECE_BYTES", (5_000, 5_000))


def zipf_text(words, seed=5):
    generator = np.random.default_rng(seed)
    ids = generator.zipf(1.3, words).clip(max=300).tolist()
    ends = generator.choice([" ", "\n"], words, p=[0.9, 0.1])
    return "".join(f"W{each}é,{end}" for each, end in zip(ids, ends, strict=True))


def write_texts(folder):
    """Write small and large files, one that is packed, and one with columns; return the folder."""
    for number in range(9):
        (folder / f"{number}.txt").write_text(zipf_text(300, seed=number))
    (folder / "large.txt").write_text(zipf_text(6_000))
    (folder / "packed.txt.gz").write_bytes(gzip.compress(zipf_text(500, seed=10).encode()))
    (folder / "rows.jsonl").write_text('{"text": "W1é W2é"}\n{"text": null}\n' * 40)
    return folder


def note_counting(monkeypatch):
    """A list that says of each training whether its corpus was given to the workers."""
    given = []

    def spread(corpus, connection):
        result = counting_spread(corpus, connection)
        given.append(isinstance(result, counting.SpreadCorpus))
        return result

    counting_spread = counting.spread
    monkeypatch.setattr(counting, "spread", spread)
    return given


def trained(corpus, see=lambda event: None, **settings):
    """A training, and what it reports of its text; `see` is called with each event."""
    reported = []

    def listen(event):
        see(event)
        if event.event in ("vocabulary", "encoded", "summary"):
            reported.append({**event.as_dict(), "seconds": 0})

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        model = w2v.train(corpus, on_event=listen, **{**QUICK, **settings})
    *text, summary = reported
    said = [str(each.message) for each in warned if each.filename == __file__]
    return model, [*text, summary["ledger"], said]


def assert_same(found, expected):
    (model, reported), (other, other_reported) = found, expected
    assert model.vectors.index_to_key == other.vectors.index_to_key
    np.testing.assert_array_equal(model.vectors.vectors, other.vectors.vectors)
    np.testing.assert_array_equal(model.output, other.output)
    assert reported == other_reported
