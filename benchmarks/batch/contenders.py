"""Who runs over the images in turn: timed from outside, with the CPU seconds of all that it started."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from benchmarks.measuring import cpu_seconds


@dataclass(frozen=True)
class Run:
    """One pass over all images: from files on disk to what is kept of them."""

    seconds: float
    cpu: float
    labels: list[str]
    facts: dict[str, float]


class Contender(Protocol):
    """Anything that can be asked for a run; between its runs it must leave the cores alone."""

    name: str

    def run(self, files: Path, count: int) -> Run: ...

    def close(self) -> None: ...


class Unusable(Exception):
    """It cannot run here, and this is why."""


class Child:
    """A contender in a process of its own, started by its first run and warmed up before it is timed.

    One that does not rest between its runs (daemons) is ended after each.
    """

    def __init__(
        self, name: str, python: Path, script: Path, told: dict[str, Any], *, log: Path, rests: bool = True
    ) -> None:
        self.name = name
        self._command = [str(python), str(script), json.dumps(told)]
        self._log = log
        self._rests = rests
        self.starts_soon = python == Path(sys.executable)
        self._process: subprocess.Popen[str] | None = None

    def run(self, files: Path, count: int) -> Run:
        process = self._process or self._start()
        self._ask(process, {"files": str(files)})
        before, began = cpu_seconds(process.pid), time.perf_counter()
        done = self._ask(process, {"begin": True})
        seconds, cpu = time.perf_counter() - began, cpu_seconds(process.pid) - before
        labels = self._answer(process)["labels"]
        if len(labels) != count:
            raise Unusable(f"{len(labels)} labels of {count} images")
        if not self._rests:
            self.close()
        facts = done["facts"]  # a contender whose start is not its fault says what to leave out
        cpu -= facts.get("start_cpu_seconds", 0.0)
        return Run(facts.pop("seconds", seconds), cpu, labels, facts)

    def _start(self) -> subprocess.Popen[str]:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self._answer(self._process)
        return self._process

    def _ask(self, process: subprocess.Popen[str], question: dict[str, Any]) -> dict[str, Any]:
        assert process.stdin is not None
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        return self._answer(process)

    def _answer(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            self.close()
            end = "\n".join(self._log.read_text(errors="replace").splitlines()[-12:])
            raise Unusable(f"it ended:\n{end}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
