"""`w2v doctor`: what there is for training, and what is wrong with it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import w2v
from w2v import machine
from w2v.diagnosis import installation, processor
from w2v.machine import core_bounds

NAMES = [
    "w2v", "Python", "cores", "memory", "NumPy", "Numba", "vectors", "kernels", "corpora",
    "numba-cuda", "driver", "GPU",
]  # fmt: skip


def doctor(before="pass", **environment):
    """The JSON of the command in a process where something was broken before, and its exit code."""
    script = f"import sys\n{before}\nfrom w2v_cli.commands import cli\ncli(['doctor', '--json'])"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in ran.stderr, ran.stderr
    found = json.loads(ran.stdout)
    assert found["can_train"] is (ran.returncode == 0)
    return {finding["name"]: finding for finding in found["findings"]}, ran.returncode


def test_a_line_for_everything_and_a_cure_for_every_fault(shell):
    result = shell.succeed("doctor")
    lines = result.stdout.splitlines()
    shown = [line.split("  ")[0] for line in lines if not line.startswith("!")]
    assert list(dict.fromkeys(shown)) == [*NAMES, "w2v can train here."]
    found = w2v.diagnose()
    assert found.can_train
    assert all(
        finding.text and bool(finding.fault) == bool(finding.cure) for finding in found.findings
    )
    assert [line[2:] for line in lines if line.startswith("!")] == found.advice
    assert str(found).splitlines()[0] == f"w2v: {found.findings[0].text}"


def test_the_numbers_are_those_that_training_uses(shell):
    found = json.loads(shell.succeed("doctor", "--json").stdout)
    by_name = {finding["name"]: finding for finding in found["findings"]}
    assert found["can_train"] is True
    assert by_name["w2v"]["version"] == w2v.__version__
    assert by_name["cores"]["usable"] == w2v.TrainConfig().workers
    assert by_name["vectors"]["bits"] in (128, 256, 512)
    assert by_name["memory"]["total"] == machine.memory_size()
    assert Path(by_name["kernels"]["path"]).is_dir() and by_name["kernels"]["writable"]
    assert by_name["corpora"]["path"] == str(shell.home / "cache" / "w2v")


def test_a_broken_compiler_is_what_training_needs():
    found, code = doctor("sys.modules['numba'] = None")
    assert code == 1
    assert found["Numba"]["fault"].startswith("it cannot compile (ModuleNotFoundError")
    assert found["Numba"]["cure"].startswith("install it anew")
    assert found["kernels"]["fault"] and found["NumPy"]["fault"] == ""


def test_a_compiler_that_is_switched_off():
    found, code = doctor(NUMBA_DISABLE_JIT="1")
    assert code == 0
    assert found["Numba"]["cure"] == "unset NUMBA_DISABLE_JIT"
    assert found["kernels"]["fault"] == ""


WITHOUT_CACHE = """
from numba.core.caching import NullCache
from w2v.kernels.chunk import train_listed
train_listed._cache = NullCache()
"""


def test_without_any_cache_training_works():
    found, code = doctor(WITHOUT_CACHE)
    assert code == 0
    assert found["kernels"]["text"] == "kept nowhere"
    assert found["kernels"]["cure"].startswith("set NUMBA_CACHE_DIR")


def test_directories_that_cannot_be_written(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nothing")
    corpora = installation.find_corpora()
    assert corpora.advice == (
        "corpora: /proc/nothing/w2v cannot be written, so nothing is downloaded; set"
        " XDG_CACHE_HOME to a directory that can be written."
    )
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("W2V_CORPORA", f"{tmp_path}{os.pathsep}{tmp_path / 'gone'}")
    assert (
        installation.find_corpora().fault
        == f"there is no directory {tmp_path / 'gone'} (W2V_CORPORA)"
    )
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(installation, "_is_writable", lambda directory: False)
    assert installation.find_kernel_cache().fault.startswith("no cache can be written")


def test_a_missing_numba_cuda_is_a_fault_only_beside_a_driver():
    missing = (
        "sys.modules['numba_cuda'] = None\n"
        "from w2v.kernels import cards\ncards.numba_cuda_version = lambda: None\n"
        "from pathlib import Path\nfrom w2v.diagnosis import gpus\n"
    )
    found, code = doctor(missing + "gpus._NVIDIA = ()")
    assert (code, found["numba-cuda"]["fault"], found["driver"]["fault"]) == (0, "", "")
    assert found["GPU"]["device"] is None
    found, code = doctor(missing + "gpus._NVIDIA = (Path('/'),)")
    assert (code, found["numba-cuda"]["fault"]) == (0, "numba-cuda is not installed")
    assert found["numba-cuda"]["cure"] == "install it with pip install 'w2v[cuda]'"


def test_a_broken_numba_cuda_breaks_nothing_else():
    pytest.importorskip("numba_cuda", reason="numba-cuda is not installed")
    found, code = doctor("sys.modules['numba.cuda'] = None")
    assert code == 0
    assert "cannot be loaded" in found["numba-cuda"]["fault"]
    assert found["GPU"]["text"] == "none; training runs on the processor"


def test_the_simulator_counts_as_a_card():
    pytest.importorskip("numba_cuda", reason="numba-cuda is not installed")
    found, code = doctor(NUMBA_ENABLE_CUDASIM="1")
    assert (code, found["GPU"]["device"], found["GPU"]["fault"]) == (0, "cuda:0", "")
    assert found["driver"]["text"] == "none is needed by the simulator"


def test_a_probe_that_fails_is_a_finding(monkeypatch):
    def broken():
        raise OSError("no\nluck")

    monkeypatch.setattr(processor, "find_cores", broken)
    found = w2v.diagnose()
    assert found.can_train
    assert found.findings[2].advice.startswith("cores: looking at it failed (OSError: no luck)")


def test_what_limits_the_cores(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "_process_cores", lambda: 16)
    assert core_bounds(tmp_path) == {"affinity mask": 16}
    for name, content in {
        "proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpu.max": "200000 100000\n",
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    assert core_bounds(tmp_path) == {"affinity mask": 16, "quota": 2}
    monkeypatch.setattr(processor, "core_bounds", lambda: {"affinity mask": 3, "quota": 2})
    monkeypatch.setattr(processor, "available_cores", lambda: 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert processor.find_cores().text == "2 of 3 for this process (limited by its quota)"
