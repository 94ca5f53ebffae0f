"""What the benchmarks share: spread and ratio, the CPU seconds of a process tree, turns, machine, JSON out."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"
TICKS = os.sysconf("SC_CLK_TCK")


def spread(figures: Sequence[float]) -> dict[str, float]:
    return {
        "median": short(statistics.median(figures)),
        "least": short(min(figures)),
        "most": short(max(figures)),
        "runs": len(figures),
    }


def short(figure: float) -> float:
    """Five digits are more than any of these figures holds."""
    return float(f"{figure:.5g}")


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    """The spread of ours / theirs, pair by pair: each pair met the same neighbours."""
    return spread([mine / other for mine, other in zip(ours, theirs, strict=True)])


def turns(names: Sequence[str], runs: int) -> Iterator[tuple[int, str]]:
    """`(round, name)`: everybody once a round, and each round begins one further, so that nobody always follows one."""
    for turn in range(runs):
        shift = turn % len(names)
        for name in [*names[shift:], *names[:shift]]:
            yield turn, name


def cpu_seconds(root: int) -> float:
    """What `root` and all below it have used, user and system, including the children that they have waited for."""
    return sum(_seconds_of(pid) for pid in _tree(root))


def _tree(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def commands(root: int) -> list[str]:
    """The command lines of `root` and all below it."""
    found = []
    for pid in _tree(root):
        with contextlib.suppress(OSError):
            found.append(
                Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            )
    return found


def process_with(root: int, word: str) -> int:
    """The first process of the tree, from its root down, whose command line has `word` as an argument."""
    for pid in _tree(root):
        with contextlib.suppress(OSError):
            if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                return pid
    raise LookupError(f"no process of {root} has {word} in its command")


def resident_mib(pid: int) -> float:
    """Its resident set."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name; empty when the process has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _seconds_of(pid: int) -> float:
    """utime, stime, and both of the children that it has waited for."""
    return sum(map(int, _stat(pid)[11:15])) / TICKS


def settle(root: int, *, below: float = 0.05, patience_seconds: float = 120) -> None:
    """Wait until the tree uses less than `below` cores for a second; go on anyway when it never does."""
    deadline = time.monotonic() + patience_seconds
    used = cpu_seconds(root)
    while time.monotonic() < deadline:
        time.sleep(1)
        before, used = used, cpu_seconds(root)
        if used - before < below:
            return


def machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def write_results(file: Path, answer: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(answer, indent=2) + "\n")
