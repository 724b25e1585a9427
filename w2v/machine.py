"""The memory and processor cores that this process may use.

The system, the container and the limits of the process each set a bound; the smallest one counts.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

MOST_WORKERS = 1_024  # threads
_ASSUMED_MEMORY = 8 << 30  # bytes, if the system does not report a size
_ROOT = Path("/")
_UNIFIED = ("sys/fs/cgroup", "sys/fs/cgroup/unified")  # mounts of control groups, version 2


def memory_size() -> int:
    """Return the machine's memory in bytes; 8 GiB if the system does not report it."""
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError):
        return _ASSUMED_MEMORY
    return size if size > 0 else _ASSUMED_MEMORY


def available_memory(root: Path = _ROOT) -> int:
    """Return how much memory this process can still allocate.

    It is the smallest of three bounds: the machine's free memory and swap space, the rest that the
    container's control groups allow, and the rest that `ulimit -v` and `ulimit -d` allow.

    Parameters
    ----------
    root : Path
        The directory with /proc and /sys.

    Returns
    -------
    int
        Bytes, 0 or more.
    """
    rooms = [memory_size(), *_machine(root), *_groups(root), *_limits(root)]
    return max(0, min(rooms))


def available_cores(root: Path = _ROOT) -> int:
    """Return how many processor cores this process may use.

    It is the smallest of three bounds: the affinity mask (`taskset`), `PYTHON_CPU_COUNT` (from
    Python 3.13), and the processor time that the container's control groups allow, rounded up.

    Parameters
    ----------
    root : Path
        The directory with /proc and /sys.

    Returns
    -------
    int
        The number of cores, 1 or more.
    """
    return max(1, min(core_bounds(root).values()))


def core_bounds(root: Path = _ROOT) -> dict[str, int]:
    """Return the bounds of `available_cores` that exist, by their names.

    Parameters
    ----------
    root : Path
        The directory with /proc and /sys.

    Returns
    -------
    dict of str to int
        Cores: "affinity mask", which is that of Python's setting too, and "quota".
    """
    quotas = list(_quotas(root))
    return {"affinity mask": _process_cores(), **({"quota": min(quotas)} if quotas else {})}


def _process_cores() -> int:
    process_cpu_count = getattr(os, "process_cpu_count", None)
    if process_cpu_count is not None:
        return process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(root: Path) -> Iterator[int]:
    """Yield the number of cores that each control group allows, in versions 2 and 1."""
    for controllers, group in _memberships(root):
        if not controllers:
            for place in _UNIFIED:
                for directory in _and_around(root / place, group):
                    yield from _cores(*_words(directory / "cpu.max"))
        elif "cpu" in controllers.split(","):
            for place in {"cpu", controllers}:
                for directory in _and_around(root / "sys/fs/cgroup" / place, group):
                    names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
                    yield from _cores(
                        *(word for name in names for word in _words(directory / name))
                    )


def _cores(quota: str = "max", period: str = "0", *_: str) -> Iterator[int]:
    """Yield the cores that a quota of microseconds per period makes; nothing for "max" and -1."""
    with contextlib.suppress(ValueError):
        if int(quota) > 0 and int(period) > 0:
            yield -(-int(quota) // int(period))


def _words(path: Path) -> list[str]:
    with contextlib.suppress(OSError):
        return path.read_text().split()
    return []


def _machine(root: Path) -> Iterator[int]:
    fields = _fields(root / "proc/meminfo")
    if "MemAvailable" in fields:
        yield 1024 * (fields["MemAvailable"] + fields.get("SwapFree", 0))


def _groups(root: Path) -> Iterator[int]:
    """Yield the bytes that each control group of this process still allows, in versions 2 and 1."""
    for controllers, group in _memberships(root):
        if not controllers:
            for place in _UNIFIED:
                limits = ("memory.max", "memory.high")
                yield from _group_rooms(root / place, group, limits, "memory.current")
        elif "memory" in controllers.split(","):
            mount = root / "sys/fs/cgroup/memory"
            limit, usage = "memory.limit_in_bytes", "memory.usage_in_bytes"
            yield from _group_rooms(mount, group, (limit,), usage)


def _memberships(root: Path) -> Iterator[tuple[str, str]]:
    """Yield (controllers, name) of each control group of this process; "" is version 2."""
    with contextlib.suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, controllers, group = line.split(":", 2)
            yield controllers, group


def _and_around(mount: Path, group: str) -> Iterator[Path]:
    """Yield the directory of a group, and then of each group that contains it.

    In a container the group's name may be the one outside; its directory is then the mount itself.
    """
    path = mount / group.lstrip("/")
    for directory in (path, *path.parents):
        yield directory
        if directory == mount:
            return


def _group_rooms(mount: Path, group: str, limits: tuple[str, ...], usage: str) -> Iterator[int]:
    """Yield the bytes that a group still allows, and each group that contains it."""
    for directory in _and_around(mount, group):
        used = _number(directory / usage)
        if used is not None:
            fields = _fields(directory / "memory.stat")
            # The system drops cached files when memory runs short, so they do not count.
            prefix = "total_" if "total_inactive_file" in fields else ""
            kept = [fields.get(f"{prefix}{kind}_file", 0) for kind in ("active", "inactive")]
            for limit in filter(None, (_number(directory / name) for name in limits)):
                yield limit - used + sum(kept)


def _limits(root: Path) -> Iterator[int]:
    """Yield the bytes that the process limits still allow, for addresses and for data."""
    with contextlib.suppress(ImportError):  # Windows
        import resource  # noqa: PLC0415

        fields = _fields(root / "proc/self/status")
        for name, used in (("RLIMIT_AS", "VmSize"), ("RLIMIT_DATA", "VmData")):
            limit, _ = resource.getrlimit(getattr(resource, name))
            if limit != resource.RLIM_INFINITY:
                yield limit - 1024 * fields.get(used, 0)


def _fields(path: Path) -> dict[str, int]:
    """Return the numbers by name in a file with lines such as "MemAvailable:  1024 kB"."""
    fields = {}
    with contextlib.suppress(OSError):
        for line in path.read_text().splitlines():
            name, *values = line.split()[:2] or [""]
            if values and values[0].isdigit():
                fields[name.rstrip(":")] = int(values[0])
    return fields


def _number(path: Path) -> int | None:
    """Return the number in a file; None if there is no file or no number, but "max"."""
    with contextlib.suppress(OSError, ValueError):
        return int(path.read_text())
    return None
