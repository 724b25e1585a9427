"""How much memory this process can still get: from the system, its container and its limits."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_ASSUMED_MEMORY = 8 << 30  # bytes, on a system that does not tell
_ROOT = Path("/")


def memory_size() -> int:
    """Return the machine's memory in bytes, or 8 GB where the system does not tell."""
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError):
        return _ASSUMED_MEMORY
    return size if size > 0 else _ASSUMED_MEMORY


def available_memory(root: Path = _ROOT) -> int:
    """Return the bytes that this process can still allocate, 0 or more.

    The least of what the machine has free (swap space too), what the control groups of a
    container leave, and what the limits of the process (`ulimit -v`, `ulimit -d`) leave.

    root: where /proc and /sys are.
    """
    rooms = [memory_size(), *_machine(root), *_groups(root), *_limits(root)]
    return max(0, min(rooms))


def _machine(root: Path) -> Iterator[int]:
    fields = _fields(root / "proc/meminfo")
    if "MemAvailable" in fields:
        yield 1024 * (fields["MemAvailable"] + fields.get("SwapFree", 0))


def _groups(root: Path) -> Iterator[int]:
    """Yield what each control group leaves in which this process is, version 2 and 1."""
    with contextlib.suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, controllers, group = line.split(":", 2)
            if not controllers:
                for place in ("sys/fs/cgroup", "sys/fs/cgroup/unified"):
                    limits = ("memory.max", "memory.high")
                    yield from _group_rooms(root / place, group, limits, "memory.current")
            elif "memory" in controllers.split(","):
                mount = root / "sys/fs/cgroup/memory"
                limit, usage = "memory.limit_in_bytes", "memory.usage_in_bytes"
                yield from _group_rooms(mount, group, (limit,), usage)


def _group_rooms(mount: Path, group: str, limits: tuple[str, ...], usage: str) -> Iterator[int]:
    """Yield what a group leaves, and each one around it.

    Within a container the group may be named as seen from outside; its own is the mount then.
    """
    path = mount / group.lstrip("/")
    for directory in (path, *path.parents):
        used = _number(directory / usage)
        if used is not None:
            fields = _fields(directory / "memory.stat")
            # The copies of files in memory are given up when it runs short.
            prefix = "total_" if "total_inactive_file" in fields else ""
            kept = [fields.get(f"{prefix}{kind}_file", 0) for kind in ("active", "inactive")]
            for limit in filter(None, (_number(directory / name) for name in limits)):
                yield limit - used + sum(kept)
        if directory == mount:
            return


def _limits(root: Path) -> Iterator[int]:
    """Yield what the limits of the process leave of addresses, and of data."""
    with contextlib.suppress(ImportError):  # Windows
        import resource  # noqa: PLC0415

        fields = _fields(root / "proc/self/status")
        for name, used in (("RLIMIT_AS", "VmSize"), ("RLIMIT_DATA", "VmData")):
            limit, _ = resource.getrlimit(getattr(resource, name))
            if limit != resource.RLIM_INFINITY:
                yield limit - 1024 * fields.get(used, 0)


def _fields(path: Path) -> dict[str, int]:
    """Return the numbers of a file of lines such as "MemAvailable:  1024 kB"."""
    fields = {}
    with contextlib.suppress(OSError):
        for line in path.read_text().splitlines():
            name, *values = line.split()[:2] or [""]
            if values and values[0].isdigit():
                fields[name.rstrip(":")] = int(values[0])
    return fields


def _number(path: Path) -> int | None:
    """Return the number in a file; None where there is none, as in "max"."""
    with contextlib.suppress(OSError, ValueError):
        return int(path.read_text())
    return None
