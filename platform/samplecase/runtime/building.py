"""Runs the installers that build environments: in the box of models, but with network, a time limit and a log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from urllib.parse import unquote, urlsplit

from samplecase.contracts.states import Sandbox
from samplecase.runtime import sandbox
from samplecase.runtime.interpreter import host_interpreter
from samplecase.runtime.settings import ExecutorSettings

BUILD_BYTES = 64 * 1024**3
BUILD_PROCESSES = 512
MAX_LOG = 64 * 1024
QUERY_SECONDS = 60
LOOK_SECONDS = 0.2


class BuildFailed(Exception):
    """An environment could not be built; `log` is what the installer said."""

    def __init__(self, message: str, log: str) -> None:
        super().__init__(message)
        self.message = message
        self.log = log


_cancelled: ContextVar[threading.Event | None] = ContextVar("cancelled", default=None)


@contextmanager
def cancelled_by(event: threading.Event) -> Iterator[None]:
    """What this thread builds within is given up as soon as `event` is set."""
    token = _cancelled.set(event)
    try:
        yield
    finally:
        _cancelled.reset(token)


class Builder:
    """Starts installers, and stops those that still run when it is closed."""

    def __init__(self, settings: ExecutorSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._is_closed = False

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            for process in self._running:
                sandbox.kill(process)

    def check(self) -> None:
        """Raises `BuildFailed` when what this thread builds is not wanted any more."""
        event = _cancelled.get()
        if self._is_closed:
            raise BuildFailed("the executor is stopping", "")
        if event is not None and event.is_set():
            raise BuildFailed("the build was cancelled", "")

    def succeeds(self, command: Sequence[str]) -> bool:
        """Run a query of our own that installs nothing and needs no network."""
        finished = subprocess.run(
            command,
            capture_output=True,
            check=False,
            timeout=QUERY_SECONDS,
            stdin=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        )
        return finished.returncode == 0

    def run(self, command: Sequence[str], home: Path) -> str:
        """Run an installer that may write below `home` alone; return its log. Raises `BuildFailed`.

        What it leaves there is not to be trusted: it may be a link to anywhere.
        """
        level = sandbox.probe_sandbox().level
        user = sandbox.new_user() if level is Sandbox.BWRAP and os.geteuid() == 0 else None
        (home / "tmp").mkdir(exist_ok=True)
        _give(home, user)
        try:
            process = self._start(level, command, self._box(command, home), user)
            return self._finish(process, command)
        finally:
            _give(home, 0 if user is not None else None)

    def _start(
        self, level: Sandbox, command: Sequence[str], box: sandbox.Box, user: int | None
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            self.check()
            process = sandbox.start(level, command, box, stderr=subprocess.STDOUT, user=user)
            self._running.add(process)
            return process

    def _finish(self, process: subprocess.Popen[bytes], command: Sequence[str]) -> str:
        try:
            output = self._output(process)
        finally:
            with self._lock:
                self._running.discard(process)
        if process.returncode != 0:
            self.check()
            name, how = " ".join([Path(command[0]).name, *command[1:3]]), _ending(process.returncode)
            raise BuildFailed(f"the environment cannot be built: {name} {how}", _text(output))
        return _text(output)

    def _output(self, process: subprocess.Popen[bytes]) -> bytes:
        """All that it prints. It is killed when it takes too long, and when it is not wanted any more."""
        limit = self._settings.build_timeout_seconds
        end = time.monotonic() + limit
        while True:
            try:
                return process.communicate(timeout=max(0, min(LOOK_SECONDS, end - time.monotonic())))[0]
            except subprocess.TimeoutExpired:
                try:
                    self.check()
                    if time.monotonic() >= end:
                        raise BuildFailed(f"the environment was not built within {limit:g} seconds", "")
                except BuildFailed as failure:
                    sandbox.kill(process)
                    raise BuildFailed(failure.message, _text(process.communicate()[0])) from None

    def _box(self, command: Sequence[str], home: Path) -> sandbox.Box:
        mounts = [sandbox.Mount(path, str(path)) for path in self._readable(command)]
        temporary = str(home / "tmp")
        return sandbox.Box(
            limits=sandbox.Limits.of(memory=None, scratch=BUILD_BYTES, processes=BUILD_PROCESSES),
            mounts=[*mounts, sandbox.Mount(home, str(home), writable=True)],
            environment={
                "PATH": "/usr/bin:/bin",
                "HOME": temporary,
                "TMPDIR": temporary,
                "CONDA_PKGS_DIRS": f"{temporary}/packages",
                "MAMBA_ROOT_PREFIX": f"{temporary}/root",
                **self._settings.proxy_environment,
            },
            folder=str(home),
            network=True,
        )

    def _readable(self, command: Sequence[str]) -> Iterator[Path]:
        """The interpreter that environments are made from, the installer, and an index that is a folder."""
        held = host_interpreter(self._settings.python).folders
        yield from held
        if not any(Path(command[0]).is_relative_to(folder) for folder in held):
            yield from _folders_of(Path(command[0]))
        for address in (self._settings.index_url, self._settings.conda_mirror):
            parts = urlsplit(address or "")
            if parts.scheme == "file":
                yield Path(unquote(parts.path))
        for value in self._settings.proxy_environment.values():
            if value.startswith("/") and Path(value).is_file():
                yield Path(value)


def _folders_of(installer: Path) -> Sequence[Path]:
    """What an installer needs to run: itself, or where it is more than one file, its whole installation."""
    if str(installer) == sys.executable:
        return host_interpreter(installer).folders
    if installer.name in ("conda", "mamba"):
        return [installer.parent.parent, installer.resolve().parent.parent]
    return [installer]


def _give(folder: Path, user: int | None) -> None:
    """Make all of a folder a user's own; only root does this, and only root needs to."""
    if user is None:
        return
    os.chown(folder, user, user)
    for parent, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            os.lchown(Path(parent, name), user, user)


def _ending(code: int) -> str:
    if code >= 0:
        return f"failed with exit code {code}"
    return f"was ended by {signal.Signals(-code).name}"


def _text(output: bytes | None) -> str:
    return (output or b"").decode("utf-8", "replace").replace("\x00", "\ufffd")[-MAX_LOG:]
