"""Looks at the machine and at the installation.

Every probe stands alone: whatever is missing or broken is a finding, never an error.
"""

from collections.abc import Callable

from w2v.diagnosis import gpus, installation, processor
from w2v.diagnosis.findings import Diagnosis, Finding, described


def diagnose() -> Diagnosis:
    """Look at the machine and at the installation.

    Nothing is written but, for a moment, an empty file in each directory of a cache.

    Returns
    -------
    Diagnosis
        The findings: versions, cores, vectors, memory, caches and GPUs.
    """
    probes: list[tuple[str, Callable[[], Finding]]] = [
        ("w2v", installation.find_package),
        ("Python", installation.find_python),
        ("cores", processor.find_cores),
        ("memory", processor.find_memory),
        ("NumPy", installation.find_numpy),
        ("Numba", installation.find_numba),
        ("vectors", processor.find_vectors),
        ("kernels", installation.find_kernel_cache),
        ("corpora", installation.find_corpora),
        ("numba-cuda", gpus.find_numba_cuda),
        ("driver", gpus.find_driver),
    ]
    findings = [_guarded(name, probe) for name, probe in probes]
    return Diagnosis((*findings, *_guarded_cards()))


def _guarded(name: str, probe: Callable[[], Finding]) -> Finding:
    """Return what a probe finds; where it fails, that is the finding."""
    try:
        return probe()
    except Exception as error:  # a broken installation may fail in any way
        return Finding(
            name, "unknown", fault=f"looking at it failed ({described(error)})",
            cure="install w2v anew, in an environment of its own",
        )  # fmt: skip


def _guarded_cards() -> list[Finding]:
    """Return a finding for each GPU, or one that there is none."""
    try:
        return list(gpus.find_cards())
    except Exception as error:
        return [Finding("GPU", "none", fault=f"looking for one failed ({described(error)})",
                        cure="look whether `nvidia-smi` works")]  # fmt: skip
