"""One stage of work on a large vocabulary, timed in this process; see large_vocabulary.py."""

import json
import os
import resource
import time
from pathlib import Path

import large_file_stages
import large_query_stages
import large_text_stages
import large_vocabulary_stages
from large_inputs import Prepare
from processes import memory_now, memory_peak, request

_PARTS = (large_text_stages, large_file_stages, large_query_stages, large_vocabulary_stages)
STAGES: dict[str, Prepare] = {
    name: prepare for part in _PARTS for name, prepare in part.stage.all.items()
}
READS = {name: files for part in _PARTS for name, files in part.stage.reads.items()}
WRITES = {
    "inputs": ("words.txt", "text.txt"),
    "write_bin": ("vectors.bin",),
    "write_safetensors": ("vectors.safetensors",),
    "write_model": ("model.safetensors",),
    "write_vocabulary": ("vocabulary.txt",),
    "build_index": ("vectors.bin.index",),
}


def main() -> None:
    """Prepare the stage, and measure it alone."""
    asked = request()
    work, amount, unit = STAGES[asked["stage"]](asked)
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the peak starts again
    before = memory_now()
    began, began_cpu = time.perf_counter(), time.process_time()
    kept = work()  # what it returns is freed after the measurement
    seconds, processor = time.perf_counter() - began, time.process_time() - began_cpu
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    measured = {
        "seconds": seconds,
        "processor_seconds": processor + child.ru_utime + child.ru_stime,
        "amount": amount,
        "unit": unit,
        "before": before,
        "peak": max(memory_peak(), child.ru_maxrss / 1000),
    }
    print(json.dumps(measured), flush=True)
    del kept
    os._exit(0)


if __name__ == "__main__":
    main()
