"""A real installation per test: its own data folder, and the product's own processes over it."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent

PASSWORD = "correct horse battery"
MAKE_OWNER = f"""
import django; django.setup()
from samplecase.web.accounts.models import ApiToken, User
user = User.objects.create_superuser("owner", "", {PASSWORD!r})
print(ApiToken.objects.create(user, name="test")[1])
"""


def wait_for(condition: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """The first true answer of `condition`; fails with `what` was awaited when none comes."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.1)
    pytest.fail(f"waited {seconds} s in vain for {what}")


@dataclass
class Installation:
    """A data folder, its settings, and the processes started over it."""

    data: Path
    port: int
    settings: dict[str, str] = field(default_factory=dict)
    code: Path = ROOT  # the checkout that is run
    through: Sequence[
        str
    ] = ()  # a module, with its arguments, that starts processes for which no other is named
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    token: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("SAMPLECASE_")},
            "PYTHONPATH": os.pathsep.join([str(self.code / "platform"), str(self.code)]),
            "DJANGO_SETTINGS_MODULE": "samplecase.web.settings",
            "SAMPLECASE_DATA_DIR": str(self.data),
            **self.settings,
        }

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=self.code, env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def create(self) -> None:
        """The database, and an owner with a token; one in SQLite is a copy, for making it takes seconds."""
        if self.code == ROOT and "SAMPLECASE_DATABASE_URL" not in self.settings:
            first = _first_of_its_kind()
            shutil.copytree(first.data, self.data, dirs_exist_ok=True)
            self.token = first.token
            return
        self._make()

    def _make(self) -> None:
        self.manage("manage.py", "migrate", "-v", "0")
        self.token = self.manage("-c", MAKE_OWNER)

    def start(self, *arguments: str, through: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        """One of the product's processes, in a process group of its own; `through` is a module that starts it."""
        log = (self.data / f"{arguments[0]}-{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", *(through or self.through or ["samplecase.cli"]), *arguments],
            cwd=self.code,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.close()
        self.processes.append(process)
        return process

    def wait_until_up(self) -> None:
        def answers() -> bool:
            try:
                return httpx.get(f"{self.url}/health/", timeout=5).status_code == 200
            except httpx.HTTPError:
                return False

        wait_for(answers, seconds=60, what=f"the server; {self.logs()}")

    def api(self) -> httpx.Client:
        headers = {"Authorization": f"Token {self.token}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=60)

    def logs(self) -> str:
        return "\n".join(
            f"--- {log.name}\n{log.read_text()[-4000:]}" for log in sorted(self.data.glob("*.log"))
        )

    def members(self) -> list[int]:
        """Every live process that was started over this data folder, children and orphans included."""
        mark = f"SAMPLECASE_DATA_DIR={self.data}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                owns = mark in (folder / "environ").read_bytes().split(b"\0")
                ended = (folder / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            except OSError:
                continue
            if owns and not ended:
                found.append(int(folder.name))
        return found

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=30)


@functools.cache
def _first_of_its_kind() -> Installation:
    """Never started: only copied."""
    folder = tempfile.mkdtemp(prefix="samplecase-first-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    first = Installation(data=Path(folder), port=0)
    first._make()
    return first


@contextmanager
def serving(data: Path, *, prepared: str = "", **settings: str) -> Iterator[Installation]:
    """An installation that several tests share, with its owner and what the code `prepared` makes, and `up` over it."""
    made = Installation(data=data, port=free_port(), settings=settings)
    made.create()
    if prepared:
        made.manage("-c", prepared)
    made.start("up", "--port", str(made.port))
    try:
        made.wait_until_up()
        yield made
    finally:
        made.stop()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    data = tmp_path / "data"
    data.mkdir()
    made = Installation(data=data, port=free_port(), settings={"SAMPLECASE_LEASE_SECONDS": "2"})
    made.create()
    yield made
    made.stop()
