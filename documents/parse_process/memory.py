"""The memory that parsing may use, derived from that of the machine or container."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

MIB = 1024 * 1024
MAX_PROCESSES = 4
"""Upper bound on the documents that a worker process parses at once."""
MIN_BYTES = 640 * MIB
"""Memory that a PDF or Office file may need, including the tokenizer."""
MAX_BYTES = 4096 * MIB
CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class ParseMemory:
    """How many documents a worker process parses at once, and the memory of each."""

    processes: int
    bytes_each: int


def divide(total: int, workers: int) -> ParseMemory:
    """Divide half of `total` bytes among the worker processes of this machine."""
    share = total // 2 // max(1, workers)
    processes = max(1, min(MAX_PROCESSES, share // MIN_BYTES))
    return ParseMemory(processes, min(MAX_BYTES, max(MIN_BYTES, share // processes)))


def per_process() -> ParseMemory:
    """Return the share of each worker process of this machine."""
    return divide(total_bytes(), settings.LIGHTRAG.server.workers)


@cache
def total_bytes() -> int:
    """Return the limit of the cgroup, or the memory of the machine if that is smaller."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([physical, *_cgroup_limits(CGROUP, Path("/proc/self/cgroup"))])


def _cgroup_limits(root: Path, membership: Path) -> list[int]:
    """Return the limits of this process's cgroup and of those that contain it."""
    limits = []
    try:
        lines = membership.read_text().splitlines()
    except OSError:  # not Linux
        return []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            folder, name = root, "memory.max"
        elif controllers == "memory":
            folder, name = root / "memory", "memory.limit_in_bytes"
        else:
            continue
        group = folder / path.strip("/")
        for parent in [group, *group.parents]:
            if parent.is_relative_to(folder):
                limits += _number(parent / name)
    return limits


def _number(file: Path) -> list[int]:
    """Return the number in a file; nothing if there is none, as in "max"."""
    try:
        return [int(file.read_text())]
    except (OSError, ValueError):
        return []
