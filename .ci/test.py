"""Every test: the page's, and the Python ones in both worlds. Each part runs even if one before failed.

`.ci/test.py [-m "not long"] [-n 2]`. The last lines are the totals: one for each part, and their sum.
"""

from __future__ import annotations

import argparse
import os
import re
import select
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What talks to the database and the blob store inside this process. The faults choose their world by themselves.
IN_BOTH_WORLDS = ["tests/api", "tests/faults/ledger", "tests/faults/test_lost_executors.py"]
ABSENT = 77  # tests.real_parts: there is no PostgreSQL or no S3 here
KINDS = ("failed", "error", "passed", "skipped", "xfailed", "xpassed")
COUNT = re.compile(r"(\d+) (failed|error|passed|skipped|xfailed|xpassed)s?\b")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Part:
    """Some of the tests, and what came of them."""

    name: str
    command: Sequence[str]
    totals: Counter[str] = field(default_factory=Counter)
    failures: Sequence[str] = ()
    note: str = ""
    seconds: float = 0
    code: int = 0

    def run(self) -> None:
        begin = time.monotonic()
        print(f"== {self.name}", flush=True)
        self.code, output = shown(self.command)
        self.seconds = time.monotonic() - begin
        lines = COLOURS.sub("", output).splitlines()
        self.failures = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
        if self.code == ABSENT:
            self.note = lines[-1]
            self.totals["skipped"] = 1
            self.code = int(os.environ.get("CI") == "true")
            return
        counted = [
            line for line in lines if COUNT.search(line) and not line.lstrip().startswith("Test Files")
        ]
        for number, kind in COUNT.findall(counted[-1]) if counted else ():
            self.totals[kind] += int(number)
        if self.code and not self.totals["failed"] + self.totals["error"]:
            self.totals["error"] += 1  # it ended before it could count

    @property
    def line(self) -> str:
        return f"{self.name:20} {listed(self.totals)} in {self.seconds:.2f}s {self.note}".rstrip()


def shown(command: Sequence[str]) -> tuple[int, str]:
    """Run a command with its output shown as it comes; return its code and that output."""
    ours, theirs = os.pipe()
    process = subprocess.Popen(command, cwd=ROOT, stdout=theirs, stderr=theirs)
    os.close(theirs)
    kept = []
    # Not until the pipe is closed: a process that the tests have left behind would keep it open.
    while True:
        is_over = process.poll() is not None
        ready = select.select([ours], [], [], 0 if is_over else 0.5)[0]
        block = os.read(ours, 65536) if ready else b""
        if is_over and not block:
            break
        sys.stdout.buffer.write(block)
        sys.stdout.buffer.flush()
        kept.append(block)
    os.close(ours)
    return process.returncode, b"".join(kept).decode(errors="replace")


def listed(totals: Counter[str]) -> str:
    return ", ".join(f"{totals[kind]} {kind}" for kind in KINDS if totals[kind]) or "nothing ran"


def parts(chosen: argparse.Namespace) -> list[Part]:
    pytest = [sys.executable, "-m", "pytest", "-q", "-n", str(chosen.n), "--dist", "loadfile"]
    # In the order of the folders: the long walks and faults begin early, and the short unit tests fill the end.
    pytest += ["--no-loadscope-reorder"]
    pytest += ["--durations", "15", "--durations-min", "5"]
    pytest += ["-m", chosen.m] if chosen.m else []
    real_parts = [sys.executable, "-m", "tests.real_parts"]
    return [
        Part("page", ["npm", "--prefix", "frontend", "run", "--silent", "test"]),
        Part("PostgreSQL and S3", [*real_parts, *pytest, *IN_BOTH_WORLDS]),
        Part("SQLite and a folder", pytest),
    ]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("-m", default="", help="only the tests with these marks")
    options.add_argument("-n", type=int, default=2, help="how many at once")
    every = parts(options.parse_args())
    for part in every:
        part.run()
    print("\n== totals")
    for failure in (line for part in every for line in part.failures):
        print(failure)
    for part in every:
        print(part.line)
    total = sum((part.totals for part in every), Counter[str]())
    print(f"{listed(total)} in {sum(part.seconds for part in every):.2f}s", flush=True)
    return int(any(part.code for part in every))


if __name__ == "__main__":
    sys.exit(main())
