"""Where training runs: the choice of a device, with Numba's simulator in the place of a card."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

import w2v
from w2v.errors import ConfigError
from w2v.training.config import TrainConfig

needs_numba_cuda = pytest.mark.skipif(
    importlib.util.find_spec("numba_cuda") is None, reason="numba-cuda is not installed"
)
PRELUDE = """
import json, sys
import numpy as np
import w2v
from w2v.kernels import cards
from w2v.training.config import TrainConfig
from w2v.training.devices import choose_device, fit_device

def sentence(function, *arguments, **settings):
    try:
        return function(*arguments, **settings)
    except (w2v.W2VError, cards.NoCardsError) as error:
        return str(error)

def choice(tokens=10**9, size=1000, **settings):
    config = TrainConfig(**settings)
    device = choose_device(config)
    return fit_device(device, config, size, tokens)
"""


def run(script, **environment):
    """What a script prints as JSON, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRELUDE + script],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("value", ["gpu", "cuda:", "cuda:-1", "CUDA", "", 0, "cuda:0 "])
def test_what_names_no_device(value):
    with pytest.raises(ConfigError, match=r"device must be 'auto', 'cpu', 'cuda' or, .*'cuda:N'"):
        TrainConfig(device=value)


def test_the_device_is_no_part_of_the_result():
    config = TrainConfig(device="cuda:1")
    assert config.on_card and not TrainConfig(device="auto").on_card
    assert config.as_dict() == TrainConfig().as_dict()
    assert TrainConfig.of(config.changed({"window": 3})).device == "cuda:1"
    assert TrainConfig.meant("gpu") == "device"


def test_a_checkpoint_goes_on_with_another_device(tmp_path):
    events = []
    settings = {"vector_size": 8, "epochs": 2, "workers": 1}
    first = w2v.train("toy", **settings, checkpoint=tmp_path / "checkpoints")
    again = w2v.train("toy", resume=tmp_path / "checkpoints", device="auto", on_event=events.append)
    assert (again.vectors.vectors == first.vectors.vectors).all()
    assert "device" not in first.summary.config
    chosen = [event for event in events if isinstance(event, w2v.DeviceChosen)]
    assert [(event.device, event.name) for event in chosen] == [("cpu", "the processor")]
    assert chosen[0].reason


def test_the_choice_is_one_line():
    said = []
    lines = w2v.ProgressLines(said.append)
    lines.show(w2v.DeviceChosen("cuda:1", "NVIDIA H100", ""))
    lines.show(w2v.DeviceChosen("cpu", "the processor", "no NVIDIA driver was found"))
    assert said == [
        "Training on NVIDIA H100 (cuda:1)",
        "Training on the processor: no NVIDIA driver was found",
    ]


SIMULATED = """
found = {
    "first": choice(device="cuda").name,
    "named": choice(device="cuda:0").name,
    "auto": choice(device="auto").name,
    "processor": choice(device="cpu").event,
    "line": choice(device="auto").event.as_dict(),
    "short": choice(device="auto", tokens=1000).reason,
    "none": sentence(choice, device="cuda:3"),
    "deterministic": sentence(choice, device="cuda", deterministic=True),
    "rounds": choice(device="auto", deterministic=True).reason,
    "size": sentence(choice, device="cuda", vector_size=2000),
    "window": sentence(choice, device="cuda:0", window=101),
    "unused": choice(device="cuda", loss="hierarchical", negative=5).name,
    "baskets": choice(device="cuda", sentence_windows=True).name,
}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def simulated():
    return run(SIMULATED, NUMBA_ENABLE_CUDASIM="1")


@needs_numba_cuda
def test_a_card_is_chosen_once(simulated):
    for name in ("first", "named", "auto", "unused", "baskets"):
        assert simulated[name] == "cuda:0", name
    assert simulated["processor"] is None
    assert simulated["line"] == {
        "event": "device", "device": "cuda:0", "name": "simulated by Numba", "reason": "",
    }  # fmt: skip
    assert simulated["short"] == "a GPU is used from 5,000,000 words on, and the text has 1,000"


@needs_numba_cuda
def test_what_no_card_can_train_is_a_sentence(simulated):
    assert simulated["none"] == (
        "device='cuda:3' names no GPU of this machine; it has cuda:0 (simulated by Numba)."
    )
    assert simulated["deterministic"] == (
        "deterministic is for the processor alone, because a GPU adds up in any order; leave it"
        " out, or leave device='cuda' out."
    )
    assert simulated["rounds"].endswith("a GPU adds up in any order")
    assert simulated["size"] == (
        "vector_size is at most 1,024 on a GPU, not 2,000; lower it, or leave device='cuda' out."
    )
    assert simulated["window"].startswith("window is at most 100 on a GPU, not 101")


SMALL = """
import w2v.training.devices as devices
from w2v.training.memory_estimate import card_shortage
devices.free_memory = lambda card: (1_000_000_000, 1_000_000_000)
print(json.dumps([
    sentence(choice, device="cuda", size=2_000_000, vector_size=300),
    choice(device="auto", size=2_000_000, vector_size=300).reason,
    choice(device="cuda", size=200_000, vector_size=300).name,
    card_shortage(1000, TrainConfig(), 1 << 30),
    card_shortage(10**6, TrainConfig(loss="both", vector_size=512), 6 << 30),
]))
"""


@needs_numba_cuda
def test_a_card_of_too_little_memory_is_told_before_training():
    asked, reason, fits, enough, both = run(SMALL, NUMBA_ENABLE_CUDASIM="1")
    assert asked.startswith("cuda:0 (simulated by Numba) has too little memory: 2,000,000 vectors")
    assert "and 1.0 GB are free; choose a smaller vector_size" in asked
    assert reason.startswith("cuda:0 has too little memory: 2,000,000 vectors of 300 numbers take")
    assert fits == "cuda:0"
    assert enough is None
    assert "1,000,000 vectors of 512 numbers take 6." in both


OLD = """
from w2v.diagnosis import gpus
import w2v.training.devices as devices
old, new = cards.Card(0, "Old", (6, 1)), cards.Card(1, "New", (8, 0))
devices.find_cards = cards.find_cards = lambda: [old, new]
devices.free_memory = cards.free_memory = lambda card: (10**10, 10**10)
found = [
    sentence(choice, device="cuda"), choice(device="cuda:1").name, choice(device="auto").name,
    [finding.fault for finding in gpus.find_cards()],
]
devices.find_cards = lambda: [old]
print(json.dumps([*found, choice(device="auto").reason]))
"""


def test_a_card_that_is_too_old_is_passed_over_and_refused_by_name():
    why = "cuda:0 (Old) has compute capability 6.1, and 7.0 is needed"
    assert run(OLD) == [
        f"device='cuda' cannot be used: {why}; name another GPU, or leave device out to train on"
        " the processor.",
        "cuda:1", "cuda:1", [why, ""], why,
    ]  # fmt: skip


MISSING = """
sys.modules["numba_cuda"] = None
print(json.dumps([sentence(choice, device="cuda"), choice(device="auto").reason]))
"""
BROKEN = """
sys.modules["numba.cuda"] = None
cards.importlib.util.find_spec = lambda name: name
print(json.dumps([sentence(choice, device="cuda"), choice(device="auto").reason]))
"""


def test_a_missing_package_names_the_extra():
    asked, reason = run(MISSING)
    assert asked == (
        "device='cuda' cannot be used: numba-cuda is not installed; install it with pip install"
        " 'w2v[cuda]', or leave device out to train on the processor."
    )
    assert reason == "numba-cuda is not installed"


def test_a_broken_package_is_a_sentence():
    asked, reason = run(BROKEN)
    assert "cannot be loaded (" in reason and "Error: " in reason
    assert asked.endswith(
        "; install the release that w2v is tested with: pip install 'w2v[cuda]', or leave device"
        " out to train on the processor."
    )


@needs_numba_cuda
def test_a_machine_without_a_card_is_a_sentence():
    script = "print(json.dumps([sentence(choice, device='cuda'), sentence(cards.driver_version)]))"
    asked, _ = run(script, CUDA_VISIBLE_DEVICES="-1")
    assert "no NVIDIA driver was found" in asked or "may use no NVIDIA GPU" in asked
    assert asked.endswith(", or leave device out to train on the processor.")


WITHOUT_ROW_STACK = """
if hasattr(np, "row_stack"):
    del np.row_stack
cards.load_cuda()
import numba.cuda.np.arrayobj
print(json.dumps(hasattr(np, "row_stack")))
"""


@needs_numba_cuda
def test_numba_cuda_is_loaded_beside_a_numpy_without_row_stack():
    assert run(WITHOUT_ROW_STACK) is False


COMPILING = """
import contextlib, types
from w2v.kernels.numba_private import reporting_compilation

def ours(x):
    x[0] = 1

def theirs(x):
    x[0] = 2

ours.__module__, theirs.__module__ = "w2v.kernels.small", "other.small"
sys.modules[ours.__module__] = types.ModuleType(ours.__module__)
cuda, reports = cards.load_cuda(), []

def passes(function):
    # What comes after them needs libraries of CUDA that may be missing.
    with contextlib.suppress(Exception):
        cuda.compile(function, "void(float32[:])", cc=(8, 0))

with reporting_compilation(lambda: reports.append("begun")):
    passes(theirs)
    before = list(reports)
    passes(ours)
print(json.dumps([before, reports[:1]]))
"""


@needs_numba_cuda
def test_compiling_for_a_card_is_reported():
    assert run(COMPILING) == [[], ["begun"]]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("CUDA driver library cannot be found", "no NVIDIA driver was found"),
        ("[100] Call to cuInit results in CUDA_ERROR_NO_DEVICE", "this process may use no NVIDIA"),
        ("CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "the NVIDIA driver fails (CUDA_ERROR_SYSTEM_DRIVER"),
    ],
)
def test_what_is_wrong_with_a_driver(message, reason):
    from w2v.kernels.cards import _driver_fault

    fault = _driver_fault(message)
    assert str(fault).startswith(reason) and fault.cure
