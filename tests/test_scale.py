"""The cost model of larger clusters: its terms, and the benchmark that measures them."""

import importlib
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from w2v.kernels.state import POOL
from w2v.training.engines.round_shape import RoundShape
from w2v.training.sampling import keep_probabilities, noise_probabilities

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def scale():
    """The model of clusters, its rows, and the plan that is made with it; all need Dask."""
    pytest.importorskip("distributed", reason="this needs Dask")
    names = "scale_model", "scale_rows", "scale_plan"
    return tuple(importlib.import_module(name) for name in names)


def test_the_rows_of_a_stretch_are_those_of_independent_draws(scale):
    _, rows, _ = scale
    counts, tokens, window = np.rint(1e6 / np.arange(1, 501)), 4096, 5
    law = rows.Law(counts, 1e-3, window)
    kept = keep_probabilities(counts.astype(np.int64), 1e-3) * counts / counts.sum()
    noise = noise_probabilities(counts.astype(np.int64), 0.75)
    assert law.kept == pytest.approx(kept.sum())
    generator = np.random.default_rng(1)
    drawn = round(tokens * law.kept) + 2 * window
    found = []
    for _ in range(30):
        words = np.unique(generator.choice(500, drawn, p=kept / kept.sum()))
        pool = generator.choice(500, 2 * POOL, p=noise)
        found.append(len(words) + len(np.union1d(words, pool)))
    assert law.rows(tokens) == pytest.approx(np.mean(found), rel=0.01)
    # Classes of ranks that are alike touch as many.
    assert rows.zipf_law(500, 1.0, 1e-3, window, 1.0).rows(tokens) == pytest.approx(
        law.rows(tokens), rel=0.01
    )


def free_costs(model, cores):
    """Costs of nothing, in a machine of some cores, or in machines of their own."""
    return dict.fromkeys(model.Costs.__dataclass_fields__, 0.0) | {
        "crowding": 1.0, "merge_crowding": 1.0, "cores": cores,
    }  # fmt: skip


def test_a_round_on_one_machine_costs_what_its_terms_say(scale):
    model, rows, _ = scale
    law = rows.zipf_law(1000, 1.0, 1e-3, 5, 0.8)

    def a_round(workers, shards=8, laps=1, **costs):
        shape, still = RoundShape(shards, 2048, laps, 100), {2: 3.0}
        each = model.Costs(**{**free_costs(model, 4), **costs})
        return model.Model(each, law, 10, still).round(workers, shape)

    one, every = law.rows(2048), law.rows(8 * 2048)
    train = a_round(1, token=1.0).training
    assert train == pytest.approx(8 * 2048 * law.kept)
    assert a_round(3, token=1.0).training == pytest.approx(3 / 8 * train)
    assert a_round(8, token=1.0).training == pytest.approx(2 / 8 * train)  # on four cores
    assert a_round(9, token=1.0) == a_round(8, token=1.0)  # the ninth has no work
    assert a_round(2, token=1.0, crowding=1.5).training == pytest.approx(1.5 / 2 * train)
    # The slower one of two is 1 / √π standard deviations slower than their mean.
    slower = a_round(2, token=1.0, spread=0.1).waiting / (train / 2)
    assert slower == pytest.approx(0.1 / 2 / math.sqrt(math.pi))
    assert a_round(1, token=1.0, spread=0.1).waiting == 0
    assert a_round(2, commit=1.0).merging == pytest.approx(every)
    # Hot rows are merged after the first lap, at costs of their own.
    again = 200 + 4 * 200  # the rows, and their copies in four shards
    assert a_round(2, laps=2, commit=1.0).merging == pytest.approx(every)
    assert a_round(2, laps=2, hot_commit=1.0).merging == pytest.approx(again)
    assert a_round(2, laps=2, finish=1.0).merging == pytest.approx(every / 2)
    assert a_round(2, laps=3, hot_entry=1.0).merging == pytest.approx(2 * 4 * 200)
    assert a_round(2, laps=2, entry=1.0).merging == pytest.approx(4 * one)
    assert a_round(2, laps=2, look=1.0).merging == pytest.approx(8 * one + 8 * 200)
    assert a_round(2, entry=1.0, merge_crowding=2.0).merging == pytest.approx(2 * 4 * one)
    assert a_round(2, look=1.0).merging == pytest.approx(8 * one)
    assert a_round(2, planned=1.0, look=1.0).merging == pytest.approx(max(4 * 2048, 8 * one))
    assert a_round(4, planned=1.0, look=1.0).merging == pytest.approx(2 * 2048 + 8 * one)
    assert a_round(2, letter=1.0, latency=1.0).exchange == 3.0
    # Planning is in that, and has a term of its own; before an order it is waited for.
    assert a_round(2, planned=1e-4).exchange == pytest.approx(3.0 - 4 * 2048e-4)
    assert a_round(2, planned=1e-4, order=1.0).order == pytest.approx(1.0 + 4 * 2048e-4)
    assert a_round(2).sent == pytest.approx(4 * one * 16 + every / 2 * 72)
    assert a_round(1).sent == 0


def test_a_round_on_separate_machines_costs_what_its_terms_say(scale):
    model, rows, _ = scale
    law = rows.zipf_law(1000, 1.0, 1e-3, 5, 0.8)

    def a_round(workers, shards=8, laps=1, **costs):
        each = model.Costs(**{**free_costs(model, None), **costs})
        return model.Model(each, law, 10).round(workers, RoundShape(shards, 2048, laps, 100))

    assert a_round(8, token=1.0).training == pytest.approx(2048 * law.kept)
    assert a_round(1, 8).sent == 0
    sent = 72 * (law.rows(4 * 2048) + law.rows(8 * 2048)) / 2
    assert a_round(2, byte=1.0).exchange == pytest.approx(sent)
    hot = 72 * 2 * 200 / 2  # of both matrices, there and back, of one worker
    assert a_round(2, laps=3).sent == pytest.approx(sent + 2 * hot)
    assert a_round(4, letter=1.0).exchange == pytest.approx(6)
    assert a_round(4, laps=3, letter=1.0).exchange == pytest.approx(18)
    assert a_round(2, latency=1.0).exchange == 2
    assert a_round(1, post=1.0).order == 8


def test_a_round_is_half_training_from_some_length_on(scale):
    model, rows, plan = scale
    law = rows.zipf_law(1000, 1.0, 1e-3, 5, 0.8)
    costs = model.Costs(**{**free_costs(model, None), "token": 1e-6, "latency": 0.02})
    stretch = plan.balanced_stretch(model.Model(costs, law, 10), 2, RoundShape(2, 2048))
    assert stretch / 2 * law.kept * 1e-6 < 0.04 <= stretch * law.kept * 1e-6


def test_what_a_larger_cluster_would_do(scale, tmp_path):
    script = str(ROOT / "benchmarks" / "scale.py")
    options = ["toy", "--workers", "1", "--shards", "2", "--vector-size", "300"]
    shown = subprocess.run(
        [sys.executable, script, *options], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert re.search(
        r"^\| 1 \| \d+\.\d\d M \| \d+\.\d\d M \| \S+ \| 0\.0 / 0\.0 \|", shown, re.MULTILINE
    )
    plan = shown.partition("EXTRAPOLATED")[2]
    assert len(re.findall(r"^\| (?:8|64|512) \|", plan, re.MULTILINE)) == 18


def test_a_part_of_a_merge_takes_what_is_left_of_its_stages(scale):
    costs = importlib.import_module("cluster_costs")
    shards, entries, rows, hot_entries, hot_rows = 4, 1000.0, 500.0, 80.0, 20.0
    look, entry, hot_entry, shard, finish, commit, hot_commit = 1.0, 7.0, 9.0, 0.5, 3.0, 2.0, 4.0
    joining = entries * (look + entry) + shards * rows * shard
    one = {
        "listing": 5 * entries, "hot listing": 6 * hot_entries, "entries": entries, "rows": rows,
        "hot entries": hot_entries, "hot rows": hot_rows, "looking": look * entries,
        "joining": joining, "many": joining + (512 - shards) * rows * shard,
        "finishing": joining + rows * finish, "committing": rows * commit,
        "hot finishing": hot_entries * (look + hot_entry) + shards * hot_rows * shard,
        "hot committing": (hot_entries + hot_rows) * hot_commit,
    }  # fmt: skip
    assert costs.merging_costs(one, shards) == pytest.approx({
        "listed": 5, "entry": entry, "hot_entry": hot_entry, "look": look, "shard": shard,
        "finish": finish, "commit": commit, "hot_commit": hot_commit,
    })  # fmt: skip
    # Of two workers, each looks at all entries, and writes all rows and the copies of its shards.
    many = {
        "listing": one["listing"] / 2, "hot listing": one["hot listing"] / 2,
        "finishing": (one["finishing"] + look * entries) / 2, "committing": one["committing"],
        "hot finishing": (one["hot finishing"] + look * hot_entries) / 2,
        "hot committing": (hot_entries / 2 + hot_rows) * hot_commit,
    }  # fmt: skip
    assert costs.merge_crowding(one, many, 2) == pytest.approx(1)
    slower = {name: 1.5 * seconds for name, seconds in many.items()}
    assert costs.merge_crowding(one, slower, 2) == pytest.approx(1.5)
