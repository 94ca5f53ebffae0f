"""The demo from its first line to its last."""

from __future__ import annotations

import signal
import tempfile
import time
from pathlib import Path
from types import FrameType

from samplecase.cli import local, progress
from samplecase.cli.demo import classification, detection, digits, scenes
from samplecase.cli.demo.serving import RunningServer, running_server
from samplecase.client import Client


def run(*, check: bool, port: int) -> int:
    """Do the main job; then serve until Ctrl-C, or stop if it is only a check. 0 when all is as it should be."""
    signal.signal(signal.SIGTERM, interrupt)
    console = progress.to_stderr()
    began = time.monotonic()
    with running_server(port) as server:
        console.print(
            f"The server runs at {server.url}, its data lies in {local.data_dir()}", highlight=False
        )
        with Client(server.url, token=server.token) as client:
            faults = main_job(client)
        console.print(f"The main job took {time.monotonic() - began:.0f} s.", highlight=False)
        for fault in faults:
            console.print(f"{fault} The server's log is {server.log}", highlight=False)
        if not check:
            serve(server)
    return 1 if faults else 0


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main_job(client: Client) -> list[str]:
    """Classification and detection, each on its dataset; returns what is not as it should be, in sentences."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images = digits.images(folder / "digits")
        drawn = scenes.scenes(folder / "scenes", images)
        return [*classification.show(client, images), *detection.show(client, drawn)]


def serve(server: RunningServer) -> None:
    """Say how to get in, and wait for Ctrl-C."""
    admin = local.administrator()
    link = local.login_link(server.url, admin.username)
    local.leave_database()
    print(
        f"\nOpen this link once, within 15 minutes, to sign in as {admin.username}:\n{link}\n\nCtrl-C ends the server."
    )
    try:
        server.wait()
    except KeyboardInterrupt:
        return
