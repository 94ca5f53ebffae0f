"""How much memory all processes and files of a box hold together: the limits of each single one do not bound that."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

from samplecase.runtime.sandbox import SHARED_MEMORY, Box

LOOK_SECONDS = 0.5
PAGE = os.sysconf("SC_PAGE_SIZE")
FILE_BYTES = 1024  # what the kernel keeps of a file besides its content, about


class TooMuchMemory(Exception):
    """A box holds more memory than it may."""


class BoxMemory:
    """Watches a box whose first process is `pid`; whoever would end it calls `check` often."""

    def __init__(self, pid: int, box: Box) -> None:
        self._pid = pid
        self._limit = box.limits.memory
        self._folders = (SHARED_MEMORY, *box.scratch)
        self._folder_bytes = -(-box.limits.scratch // PAGE) * PAGE
        self._next_look = 0.0

    def check(self) -> None:
        """Look, at most twice a second. Raises `TooMuchMemory`."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_SECONDS
        held = self.held()
        if held > self._limit:
            mebibytes, most = held // 2**20, self._limit // 2**20
            raise TooMuchMemory(
                f"its processes and the files in its scratch folders held {mebibytes} MiB of memory, "
                f"and {most} are allowed"
            )

    def held(self) -> int:
        """In bytes; what several processes share counts once when it comes to the limit."""
        family = descendants(self._pid)
        files = self._held_by_files(family[-1])
        resident = sum(_resident(pid) for pid in family)  # quick, and never too little
        if files + resident <= self._limit:
            return files + resident
        return files + sum(_proportional(pid) for pid in family)

    def _held_by_files(self, pid: int) -> int:
        return sum(self._held_in(f"/proc/{pid}/root{folder}") for folder in self._folders)

    def _held_in(self, folder: str) -> int:
        """Of one of the box's own file systems, which is known by its size: a box just begun has the host's yet."""
        try:
            facts = os.statvfs(folder)
        except OSError:
            return 0
        if facts.f_blocks * facts.f_frsize != self._folder_bytes:
            return 0
        return (facts.f_blocks - facts.f_bfree) * facts.f_frsize + (
            facts.f_files - facts.f_ffree
        ) * FILE_BYTES


def descendants(pid: int) -> Sequence[int]:
    """The process itself and those that come from it; a box's first process adopts all whose parents are gone."""
    family = [pid]
    for each in family:  # grows meanwhile
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{each}/task").iterdir():
                children = (thread / "children").read_text()
                family += map(int, children.split())
    return family


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def _proportional(pid: int) -> int:
    """What it holds alone, and its part of what it shares."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return _resident(pid)
    return _resident(pid)
