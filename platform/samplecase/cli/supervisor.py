"""Several processes run as one: started together, restarted when one dies, stopped together without orphans."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import IO

GRACE_SECONDS = 15.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STEADY_SECONDS = 60.0  # one that lived this long did not die of its start


def supervised(*arguments: str) -> list[str]:
    """The command line of a `samplecase` command that dies with this process."""
    return [sys.executable, "-m", "samplecase.cli.supervised", str(os.getpid()), *arguments]


class Child:
    """One process in its own session, so that Ctrl-C reaches the supervisor alone and its group can be killed."""

    def __init__(self, name: str, command: Sequence[str], output: IO[bytes] | None) -> None:
        self.name = name
        self._command = command
        self._output = output
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._pause = FIRST_PAUSE
        self._again_at = 0.0

    def start(self) -> None:
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            start_new_session=True,
        )

    def look_after(self, say: Callable[[str], None]) -> None:
        """Notice that it died; start it again after a pause that doubles while it keeps dying young."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._again_at:
                self.start()
            return
        code = self._process.poll()
        if code is None:
            return
        self._kill_group()
        if now - self._started > STEADY_SECONDS:
            self._pause = FIRST_PAUSE
        say(f"The {self.name} ended with code {code}; it is started again in {self._pause:g} s.")
        self._process, self._again_at = None, now + self._pause
        self._pause = min(LONGEST_PAUSE, self._pause * 2)

    def ask_to_end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def end(self, *, until: float) -> None:
        """Wait until that moment, then kill whatever is left of the whole group."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, until - time.monotonic()))
        self._kill_group()
        self._process.wait()
        self._process = None

    def _kill_group(self) -> None:
        # Its processes may have outlived it: the group keeps the number as long as one of them lives.
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


class Supervisor:
    """Runs commands as children until it is told to stop by SIGINT, SIGTERM or `stop`."""

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        *,
        say: Callable[[str], None],
        output: IO[bytes] | None = None,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._children = [Child(name, command, output) for name, command in commands.items()]
        self._say = say
        self._grace = grace_seconds
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self, *, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Start everything and look after it; `meanwhile` is called at each look (five times a second)."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            for child in self._children:
                child.start()
            while not self._stopping.wait(0.2):
                for child in self._children:
                    child.look_after(self._say)
                meanwhile()
        finally:
            self._end_all()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stop()

    def _end_all(self) -> None:
        for child in self._children:
            child.ask_to_end()
        until = time.monotonic() + self._grace
        for child in self._children:
            child.end(until=until)
