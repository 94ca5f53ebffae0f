"""`samplecase up` is one thing: its processes start together, stop together, and none is left however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures_server import Installation, free_port, wait_for


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _named(installation: Any, name: str) -> list[int]:
    """The processes of one of its commands: `web`, `worker` or `executor`."""
    return [pid for pid in installation.members() if _command(pid).split()[4:5] == [name]]


def _start(installation: Any) -> Any:
    """`up` with every child started, the queue's own children included."""
    installation.up = installation.start("up", "--port", str(installation.port))
    installation.wait_until_up()
    wait_for(lambda: len(_named(installation, "worker")) >= 4, seconds=60, what="the queue's processes")
    wait_for(lambda: _named(installation, "executor"), seconds=60, what="the executor")
    return installation


@pytest.fixture
def to_be_ended(installation: Any) -> Any:
    return _start(installation)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One `up` for the tests that leave it running."""
    made = Installation(data=tmp_path_factory.mktemp("up"), port=free_port())
    yield _start(made)
    made.stop()


def test_the_start_says_where_the_data_lies_and_how_to_sign_in(running: Any) -> None:
    wait_for(lambda: "Data folder" in running.logs(), seconds=30, what="the greeting")
    text = running.logs()
    assert str(running.data) in text
    assert f"Samplecase runs at {running.url}" in text
    assert text.count("/welcome/") == 1, "the first start makes one link for the administrator"


def test_sigterm_ends_every_process(to_be_ended: Any) -> None:
    to_be_ended.up.terminate()
    assert to_be_ended.up.wait(timeout=30) == 0
    assert to_be_ended.members() == []


def test_a_kill_9_of_up_leaves_no_process_behind(to_be_ended: Any) -> None:
    os.kill(to_be_ended.up.pid, signal.SIGKILL)
    to_be_ended.up.wait()
    wait_for(lambda: not to_be_ended.members(), seconds=30, what="the orphans to end")


def test_a_child_that_dies_is_started_again(running: Any) -> None:
    (executor,) = _named(running, "executor")
    os.kill(executor, signal.SIGKILL)
    wait_for(lambda: set(_named(running, "executor")) - {executor}, seconds=20, what="another executor")
    assert "The executor ended with code -9" in running.logs()


def test_a_second_up_over_the_same_data_is_refused(running: Any) -> None:
    second = running.start("up", "--port", str(free_port()))
    assert second.wait(timeout=30) == 1
    assert f"already runs over {running.data}" in running.logs()


def test_a_taken_port_is_refused_with_a_sentence(running: Any) -> None:
    command = [*running.up.args[:3], "up", "--port", str(running.port)]
    done = subprocess.run(command, env=running.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "is taken" in done.stderr
    assert "Traceback" not in done.stderr
