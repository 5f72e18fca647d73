from __future__ import annotations

from pathlib import Path

from documents.parse_process import memory
from documents.parse_process.memory import MIB, ParseMemory


def test_half_of_the_memory_is_divided_among_the_worker_processes() -> None:
    assert memory.divide(24 * 1024 * MIB, 2) == ParseMemory(4, 1536 * MIB)
    assert memory.divide(3 * 1024 * MIB, 2) == ParseMemory(1, 768 * MIB)


def test_a_small_machine_parses_one_document_at_once() -> None:
    assert memory.divide(512 * MIB, 2) == ParseMemory(1, 640 * MIB)


def test_a_process_gets_4_gib_at_most() -> None:
    assert memory.divide(256 * 1024 * MIB, 1) == ParseMemory(4, 4096 * MIB)


def test_the_smallest_limit_of_the_containing_cgroups_counts(tmp_path: Path) -> None:
    membership = tmp_path / "cgroup"
    membership.write_text("5:memory:/a\n1:cpu:/\n0::/pod/container\n")
    root = tmp_path / "fs"
    (root / "pod" / "container").mkdir(parents=True)
    (root / "memory" / "a").mkdir(parents=True)
    (root / "pod" / "container" / "memory.max").write_text("max\n")
    (root / "pod" / "memory.max").write_text("3000\n")
    (root / "memory" / "a" / "memory.limit_in_bytes").write_text("4000\n")
    assert sorted(memory._cgroup_limits(root, membership)) == [3000, 4000]


def test_a_system_without_cgroups_has_no_such_limit(tmp_path: Path) -> None:
    assert memory._cgroup_limits(tmp_path, tmp_path / "missing") == []
