"""The benchmarks: inputs and results are kept, and tables and a figure made of known results."""

import json
import statistics

import numpy as np
import pytest

from compare_speed import parse_arguments, readers
from figure import draw
from german_set import pairs
from inputs import prepared
from libraries import Trained
from one_run import score_trained
from report import BEGIN, END, replace_between, report
from results import Results
from search_tables import gain_table, loss_table, mean_table, read_lines
from selection import VARIANT_NAMES, clock_speed, fastest, races, select, words_per_second
from settings import VARIANTS, classical_alpha, whole
from tables import quality_table, race_table, speed_table, task_table

SPEEDS = {  # million words a second
    "w2v": [7.2, 8.1, 3.1, 5.2],
    "gensim": [0.4, 0.9, 0.38, 0.75],
    "fasttext": [0.19, 0.6, 0.3, 0.9],
}
WORDS = 17_000_000
SCORED = {"questions-words.txt": "analogies", "wordsim353.tsv": "similarities"}


def train_run(task, library, variant, speed, *, epochs=1, seed=1, workers=2, reader="text"):
    """A run as compare_speed.py writes it, of a known speed, with two seconds beside training."""
    settings = {
        "corpus": "wiki8", "words": WORDS, "library": library, "variant": variant,
        "vector_size": 100, "workers": workers, "epochs": epochs, "seed": seed, "reader": reader,
    }  # fmt: skip
    made = epochs or (12 if library == "w2v" else 5)
    seconds = WORDS * made / speed
    result = {
        "epochs": made, "words_per_second": speed, "train_seconds": seconds,
        "process_seconds": seconds + 2, "memory": {"peak": 300.0, "above": 90.0}, "scores": {},
    }  # fmt: skip
    return {"task": task, "settings": settings, "result": result}


def scored(run, accuracy):
    """The run with scores on both sets."""
    numbers = {"questions-words.txt": accuracy, "wordsim353.tsv": accuracy + 0.25}
    run["result"]["scores"] = {
        name: {"kind": kind, "score": numbers[name], "of": 100} for name, kind in SCORED.items()
    }
    return run


@pytest.fixture
def runs():
    """What a whole benchmark leaves, with figures made up."""
    found = []
    for library, speeds in SPEEDS.items():
        for variant, speed in zip(VARIANT_NAMES, speeds, strict=True):
            for seed, factor in enumerate([0.9, 1.0, 1.2], start=1):
                run = train_run("speed", library, variant, speed * factor * 1e6, seed=seed)
                found.append(run)
    for variant, speed in zip(VARIANT_NAMES, SPEEDS["w2v"], strict=True):
        found.append(train_run("speed", "w2v", variant, speed * 1e6, epochs=4))
    found.append(train_run("speed", "w2v", "skipgram-negative", 4e6, workers=1))
    found.append(train_run("speed", "gensim", "skipgram-negative", 0.1e6, reader="text8"))
    for seed in (1, 2, 3):
        for library in ("w2v", "gensim"):
            run = train_run("quality", library, "cbow-negative", 1e6, epochs=5, seed=seed)
            found.append(scored(run, 0.38 + seed / 100))
    race = [("gensim", None, 0.387, 0.4e6), ("w2v", None, 0.46, 7e6)]
    race += [("w2v", epochs, 0.45 - 0.3 / (epochs + 1), 7e6) for epochs in range(1, 6)]
    for library, epochs, accuracy, speed in race:
        run = train_run("accuracy", library, "skipgram-negative", speed, epochs=epochs)
        found.append(scored(run, accuracy))
    for size, speed, accuracy in ((200, 4e6, 0.48), (300, 3e6, 0.49), (800, 0.9e6, 0.52)):
        larger = train_run("accuracy", "w2v", "skipgram-negative", speed, epochs=None)
        larger["settings"]["vector_size"] = size
        found.append(scored(larger, accuracy))
    return found + other_runs()


def other_runs():
    """The tasks around training."""
    corpus = {"corpus": "wiki8", "words": WORDS}
    timed = {
        "counting": ({**corpus, "reader": "text"}, 0.5, 6.0),
        "loading": ({"rows": 400_000, "vector_size": 300}, 0.5, 3.0),
        "cold_start": (corpus, 0.25, 1.25),
        "evaluation": ({**corpus, "set": "questions-words.txt"}, 0.5, 10.0),
    }
    found = [
        {"task": task, "settings": {**settings, "library": name}, "result": {"seconds": seconds}}
        for task, (settings, *both) in timed.items()
        for name, seconds in zip(("w2v", "gensim"), both, strict=True)
    ]
    slower = {**corpus, "reader": "text8", "library": "gensim"}
    found.append({"task": "counting", "settings": slower, "result": {"seconds": 9.0}})
    rates = {"gigaflops": {"step": 60.0, "sgemm": 120.0}, "share": 0.5}
    found.append({"task": "arithmetic", "settings": {"vector_size": 100}, "result": rates})
    start = {"seconds": 0.8, "compiled": 0}
    return [*found, {"task": "second_start", "settings": corpus, "result": start}]


def test_speed_table_has_medians_ratios_and_the_clock(runs):
    lines = speed_table(runs).splitlines()
    assert lines[2].startswith("| skip-gram, negative sampling, one worker | 4.00 M |")
    cells = [cell.strip() for cell in lines[3].strip("|").split("|")]
    assert cells[:5] == ["skip-gram, negative sampling", "7.20 M", "0.400 M", "0.190 M", "18.0 ×"]
    assert cells[5:] == ["7.20 M", "300 MB", "90 MB", "300 MB"]
    assert len(lines) == 2 + 4 + 1


def test_the_clock_takes_what_is_beside_training_away(runs):
    chosen = select(runs, "speed", library="w2v", variant="cbow-negative")
    assert clock_speed(chosen) == pytest.approx(8.1e6)
    assert WORDS / chosen[1]["result"]["process_seconds"] < 5e6


def test_the_faster_reader_counts(runs):
    gensim = select(runs, "speed", library="gensim", variant="skipgram-negative")
    assert {run["settings"]["reader"] for run in gensim} == {"text", "text8"}
    chosen = fastest(gensim, words_per_second)
    assert [run["settings"]["reader"] for run in chosen] == ["text"] * 3
    assert statistics.median(map(words_per_second, chosen)) == 0.4e6


@pytest.mark.parametrize(
    ("options", "library", "expected"),
    [
        ([], "gensim", ("lines", "text8")),
        (["--reader", "text8"], "gensim", ("text8",)),
        (["--score", "questions-words.txt"], "gensim", ("lines",)),
        (["--reader", "text8"], "w2v", ("text",)),
    ],
)
def test_how_a_library_reads(options, library, expected):
    assert readers(library, parse_arguments(["toy", *options])) == expected


def test_task_table(runs):
    table = task_table(runs)
    assert "d=100, one core | 60 GFLOP/s | OpenBLAS sgemm 120 | 50 % |" in table
    assert "sampling | 7.20 M words/s | one worker 4.00 M | 1.8 × |" in table
    assert "encoding 17.0 M words | 0.50 s | gensim 6.00 s | 12.0 × |" in table
    assert "loading 400,000 × 300 from `.bin` | 0.50 s | gensim 3.00 s | 6.0 × |" in table
    assert "questions-words.txt over 30,000 words | 0.50 s | gensim 10.00 s | 20.0 × |" in table
    assert "0.80 s | nothing compiled |" in table


def test_quality_is_the_mean_over_seeds(runs):
    row = quality_table(runs).splitlines()[2]
    assert row.startswith("| CBOW, negative sampling | 40.0 % ± 1.0 | 40.0 % ± 1.0 | 0.650 ± 0.010")


def test_the_race_ends_at_the_fewest_epochs_that_are_as_accurate(runs):
    ((_, found),) = races(runs)
    assert {key: part[0]["settings"]["epochs"] for key, part in found.items()} == {
        "gensim": None, "own": None, "larger": None, "reached": 4,
    }  # fmt: skip
    table = race_table(runs)
    assert "w2v, as accurate as gensim: skip-gram, negative sampling | 4 |" in table
    assert "vectors: skip-gram, negative sampling, d=300 | 12 | 68.0 s | 0.32 | 49.0 %" in table


def test_a_larger_corpus_hides_a_smaller_one(runs):
    small = train_run("speed", "w2v", "cbow-negative", 1.0)
    small["settings"]["words"] = 1000
    assert small not in select([*runs, small], "speed")


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_figure_is_drawn(runs, tmp_path, kind):
    path = tmp_path / f"speed.{kind}"
    draw(runs, path)
    drawn = path.read_bytes()
    assert drawn.startswith(b"\x89PNG" if kind == "png" else b"<?xml")
    draw(runs, path)
    assert path.read_bytes() == drawn
    draw(select(runs, "speed"), path)
    assert path.read_bytes() != drawn


def test_the_report_goes_between_the_marks(runs):
    content = {"machine": Results(None).machine, "versions": {"w2v": "1"}, "runs": runs}
    text = report(content, [])
    assert sum(line.startswith("| ---") for line in text.splitlines()) == 4
    replaced = replace_between(f"before\n{BEGIN}\nyesterday\n{END}\nafter\n", text)
    assert replaced.startswith("before\n") and replaced.endswith("after\n")
    assert "yesterday" not in replaced and text in replaced
    assert replace_between(replaced, text) == replaced
    with pytest.raises(SystemExit, match="no marks"):
        replace_between("without", text)


def test_results_are_kept_after_each_run_and_not_measured_twice(tmp_path):
    path = tmp_path / "results.json"
    Results(path).measure("speed", {"seed": 1}, lambda: {"seconds": 1.0})

    def interrupted():
        raise KeyboardInterrupt

    again = Results(path)
    assert again.measure("speed", {"seed": 1}, interrupted) == {"seconds": 1.0}
    with pytest.raises(KeyboardInterrupt):
        again.measure("speed", {"seed": 2}, interrupted)
    again.measure("other", {"seed": 1}, lambda: {"seconds": 2.0})
    stored = json.loads(path.read_text())
    assert [run["task"] for run in stored["runs"]] == ["speed", "other"]
    assert stored["versions"]["w2v"]


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("machine", {}, "another machine"),
        ("versions", {**Results(None).versions, "w2v": "0.0.1"}, "versions of w2v:"),
        ("versions", {"kernels": "0"}, "versions of kernels:"),
        ("versions", {}, "versions of kernels:"),
    ],
)
def test_results_of_two_states_are_not_mixed(tmp_path, part, value, message):
    path = tmp_path / "results.json"
    Results(path).measure("speed", {}, dict)
    path.write_text(json.dumps({**json.loads(path.read_text()), part: value}))
    with pytest.raises(SystemExit, match=message):
        Results(path)


def test_a_file_that_holds_no_results_is_a_sentence(tmp_path):
    (tmp_path / "results.json").write_text("[")
    with pytest.raises(SystemExit, match="not a file of benchmark results"):
        Results(tmp_path / "results.json")


def test_a_corpus_is_cut_and_put_into_lines(tmp_path):
    source = tmp_path / "text.txt"
    source.write_text("a  b\nc " + "d " * 2500)
    with prepared(str(source), 3) as inputs:
        assert (inputs.name, inputs.words) == ("text", 3)
        assert inputs.text.read_text() == "a  b\nc\n"
        assert inputs.lines.read_text() == "a b c\n"
    with prepared(str(source), None) as inputs:
        assert inputs.words == 2503
        assert [len(line.split()) for line in inputs.lines.read_text().splitlines()] == [
            1000,
            1000,
            503,
        ]
    assert not inputs.text.exists()


def test_numbers_of_words():
    assert [whole(text) for text in ("250", "250k", "1.5M")] == [250, 250_000, 1_500_000]
    assert [classical_alpha(variant) for variant in VARIANTS] == [0.025, 0.025, 0.05, 0.05]


def test_search_tables(tmp_path):
    scores = {0.025: (0.30, 0.32), 0.05: (0.40, 0.44), 0.1: None}
    lines = [
        {
            "corpus": "toy", "variant": "cbow-negative", "vector_size": 100, "epochs": 5,
            "alpha": alpha, "seed": seed, "seconds": 1.0,
            "scores": None if values is None else {"set": values[seed]},
        }
        for alpha, values in scores.items()
        for seed in (0, 1)
    ]  # fmt: skip
    rows = mean_table(lines).splitlines()[2:]
    assert [row.split("|")[-2].strip() for row in rows] == [
        "31.0 ± 1.4",
        "42.0 ± 2.8 *",
        "diverged",
    ]
    rows = loss_table(lines).splitlines()[2:]
    assert [row.split("|")[-2].strip() for row in rows] == ["11.0", "0.0", "42.0"]
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"corpus": "to')
    assert read_lines(path) == lines


def test_the_gain_of_the_defaults_is_of_the_first_set():
    def line(variant, epochs, alpha, seed, score):
        return {
            "corpus": "wiki8@4M", "variant": variant, "vector_size": 100, "epochs": epochs,
            "alpha": alpha, "seed": seed, "seconds": 1.0,
            "scores": score if score is None else {"first": score, "second": 0.9},
        }  # fmt: skip

    lines = [line("skipgram-negative", 5, 0.025, seed, 0.1 * seed) for seed in (1, 2, 3)]
    lines += [line("skipgram-negative", 12, 0.05, seed, 0.5) for seed in (1, 2)]
    lines += [line("cbow-hierarchical", 12, 0.025, 1, None), line("cbow-negative", 7, 0.05, 1, 1)]
    row = gain_table(lines).splitlines()[2]
    assert row == "| 4M words of wiki8, d=100 | 20.0 → 50.0 (2) | – → – | – → – | – → diverged |"


def test_german_pairs_are_alike_as_often_as_not():
    found = pairs()
    assert sorted(found) == sorted(set(found))
    assert sum(score for *_, score in found) == 10 * len(found) / 2
    assert all(first != second for first, second, _ in found)


def test_all_libraries_are_scored_in_one_order_of_words(tmp_path):
    """Only the first 30,000 words are asked for, and libraries order equal counts as they like."""
    words = [f"word{k}" for k in range(30_001)]
    text, questions = tmp_path / "text.txt", tmp_path / "questions.txt"
    text.write_text((" ".join(words) + "\n") * 5)
    questions.write_text(": first words\nword0 word1 word2 word3\n")
    vectors = np.random.default_rng(1).random((len(words) + 1, 4), dtype=np.float32)
    trained = Trained({}, ["</s>", *reversed(words)], vectors)
    scores = score_trained(trained, text, 5, [str(questions)])
    assert scores["questions.txt"]["of"] == 1
    assert score_trained(trained, text, 5, []) == {}
