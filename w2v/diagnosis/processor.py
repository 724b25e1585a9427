"""Cores, memory and vector instructions."""

import os

from w2v.diagnosis.findings import Finding
from w2v.machine import available_cores, available_memory, core_bounds, memory_size

_GIGABYTE = 1e9
_VECTOR_BITS = {"avx512f": 512, "avx2": 256, "avx": 256}


def find_cores() -> Finding:
    """Return the cores that this process may use, and what limits them."""
    usable, bounds = available_cores(), core_bounds()
    bounds["machine"] = os.cpu_count() or usable
    below = [name for name, cores in bounds.items() if cores < bounds["machine"]]
    by = f" (limited by its {' and its '.join(below)})" if below else ""
    text = f"{usable} of {bounds['machine']} for this process{by}"
    return Finding("cores", text, {"usable": usable, **bounds})


def find_memory() -> Finding:
    """Return the memory that is available."""
    free, total = available_memory(), memory_size()
    text = f"{free / _GIGABYTE:.1f} of {total / _GIGABYTE:.1f} GB available"
    return Finding("memory", text, {"available": free, "total": total})


def find_vectors() -> Finding:
    """Return how many bits the vector instructions take; without FMA, training is slow."""
    from llvmlite import binding  # noqa: PLC0415

    name = os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name()
    features = {feature for feature, has_it in binding.get_host_cpu_features().items() if has_it}
    bits = max((_VECTOR_BITS.get(feature, 128) for feature in features), default=128)
    text = f"{bits} bits ({name})"
    values = {"bits": bits, "processor": name}
    if bits == 256 and "fma" not in features:
        return Finding(
            "vectors", text, values, fault="the processor shows no FMA, so training is slow",
            cure="on a virtual machine, choose the host's own processor model",
        )  # fmt: skip
    return Finding("vectors", text, values)
