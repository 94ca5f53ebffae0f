"""The demo's own server: `samplecase up` as a child that ends with the demo."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from samplecase.cli import local
from samplecase.cli.listening import answers, is_free
from samplecase.cli.supervisor import supervised
from samplecase.client import ApiError, Client
from samplecase.contracts.errors import Unavailable

START_SECONDS = 120.0
STOP_SECONDS = 30.0
TOKEN_NAME = "samplecase demo"  # noqa: S105 - a name, not a secret


@dataclass(frozen=True)
class RunningServer:
    """A server that answers, where its output goes, and a token of its administrator."""

    url: str
    log: Path
    token: str
    process: subprocess.Popen[bytes]

    def wait(self) -> int:
        return self.process.wait()


@contextlib.contextmanager
def running_server(port: int) -> Iterator[RunningServer]:
    """Start the server on `port`, or on a free one if that is taken; stop it and revoke the token at the end."""
    chosen = port if is_free("127.0.0.1", port) else some_free_port()
    url = f"http://127.0.0.1:{chosen}"
    local.start_django()
    log = local.data_dir() / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            supervised("up", "--quiet", "--port", str(chosen)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_until_it_answers(url, process, log)
        local.first_link(url)
        admin = local.administrator()
        token = local.short_token(admin, name=TOKEN_NAME, hours=2)
        local.leave_database()
        try:
            require_ours(url, token)
            yield RunningServer(url, log, token, process)
        finally:
            local.revoke_tokens(admin, name=TOKEN_NAME)
            local.leave_database()
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the server answers; raises `Unavailable` with the end of its log when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while not answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            end = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise Unavailable(f"The server did not start. The end of {log}:\n{end}")
        time.sleep(0.2)


def require_ours(url: str, token: str) -> None:
    """Raise `Unavailable` when what answers there is another server, that took the port in the same moment."""
    try:
        with Client(url, token=token) as client:
            client.me()
    except ApiError as error:
        raise Unavailable(
            f"Another server has taken {url} meanwhile. Try again, or choose --port."
        ) from error


def some_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
