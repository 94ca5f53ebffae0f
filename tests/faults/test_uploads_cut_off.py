"""Uploads that break off in the middle: nothing half of it is visible, and no file of it stays behind."""

from __future__ import annotations

import io
import json
import os
import secrets
import signal
import socket
import time
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.fault_world import MODEL, SCHEMA, World
from tests.fixtures_server import wait_for
from tests.worlds import package

BOUNDARY = "a-boundary"
FIRST = (120, 80)


def noise(width: int, height: int, kind: str = "PNG") -> bytes:
    """An image that cannot be compressed."""
    made = io.BytesIO()
    Image.frombytes("RGB", (width, height), secrets.token_bytes(3 * width * height)).save(made, kind)
    return made.getvalue()


def form(**files: bytes) -> bytes:
    """A multipart body with a file for each name."""
    made = b""
    for name, content in files.items():
        field, _, ending = name.partition("_")
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}.{ending[:3]}"\r\n'
        made += head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n"
    return made + f"--{BOUNDARY}--\r\n".encode()


def begin(world: World, path: str, body: bytes, *, sent: int) -> socket.socket:
    """A connection over which only the first `sent` bytes of a POST's body came."""
    head = (
        f"POST /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1:{world.port}\r\nAuthorization: Token {world.token}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", world.port), timeout=30)
    connection.sendall(head.encode() + body[:sent])
    return connection


def answer_to(connection: socket.socket) -> tuple[int, str]:
    """The status and the code of the error."""
    answer = HTTPResponse(connection)
    answer.begin()
    code = json.loads(answer.read())["error"]["code"]
    connection.close()
    return answer.status, code


def spooled(world: World) -> list[Path]:
    return list((world.data / "uploads").iterdir())


def stored(world: World) -> int:
    """How many samples and versions there are."""
    tables = ("datasets_app_sample", "models_app_version")
    return sum(int(world.query(f"SELECT count(*) FROM {table}")[0][0]) for table in tables)


@pytest.fixture
def places(world: World) -> dict[str, str]:
    """Where images and where packages are uploaded to; both empty."""
    name = secrets.token_hex(4)
    with world.api() as api:
        dataset = api.post("/datasets/", json={"name": name}).raise_for_status().json()["id"]
        model = api.post("/models/", json={"name": name}).raise_for_status().json()["id"]
    return {"files": f"/datasets/{dataset}/samples/", "package": f"/models/{model}/versions/"}


def two_images() -> bytes:
    """A whole image before the one that breaks off."""
    return form(files_png=noise(*FIRST), files_bmp=noise(1400, 1000, "BMP"))


@pytest.mark.parametrize("is_reset", [False, True])
def test_images_whose_upload_breaks_off_are_not_there(
    world: World, places: dict[str, str], is_reset: bool
) -> None:
    before, body = stored(world), two_images()
    connection = begin(world, places["files"], body, sent=len(body) - 500_000)
    wait_for(lambda: spooled(world), seconds=30, what="the upload to be under way")
    if is_reset:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
    else:
        connection.shutdown(socket.SHUT_WR)
        assert answer_to(connection) == (400, "cut_off")
    wait_for(lambda: not spooled(world), seconds=30, what=f"no file to be left; {world.logs()}")
    assert stored(world) == before
    with world.api() as api:
        assert api.get(places["files"].removesuffix("samples/")).json()["sample_count"] == 0
        # The same upload once more is taken as if nothing had been.
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        again = api.post(places["files"], content=body, headers=headers)
    assert again.json() == {"added": 2, "skipped": []}, again.text


def test_a_package_whose_upload_breaks_off_is_no_version(world: World, places: dict[str, str]) -> None:
    before = stored(world)
    body = form(package_zip=package(MODEL, schema=SCHEMA) + secrets.token_bytes(5_000_000))
    connection = begin(world, places["package"], body, sent=4_000_000)
    wait_for(lambda: spooled(world), seconds=30, what="the upload to be under way")
    connection.shutdown(socket.SHUT_WR)
    assert answer_to(connection) == (400, "cut_off")
    wait_for(lambda: not spooled(world), seconds=30, what=f"no file to be left; {world.logs()}")
    assert stored(world) == before


def test_the_file_of_an_upload_whose_server_was_killed_is_removed_with_the_next(
    world: World, places: dict[str, str]
) -> None:
    before, body = stored(world), form(files_bmp=noise(1400, 1000, "BMP"))
    connection = begin(world, places["files"], body, sent=3_000_000)
    (left,) = wait_for(lambda: spooled(world), seconds=30, what="the upload to be under way")
    _end(world, connection)
    assert left.exists()
    world.bring_up()
    assert left.exists(), "a young file may be one that is just being opened"
    an_hour_ago = time.time() - 3600
    os.utime(left, (an_hour_ago, an_hour_ago))
    following = begin(world, places["files"], body, sent=3_000_000)
    (current,) = wait_for(lambda: set(spooled(world)) - {left}, seconds=30, what="another upload")
    assert not left.exists()
    # One that is held stays, however old it is: the client may be slow.
    os.utime(current, (an_hour_ago, an_hour_ago))
    third = begin(world, places["files"], body, sent=3_000_000)
    wait_for(lambda: set(spooled(world)) - {current}, seconds=30, what="a third upload")
    assert current.exists()
    for each in (following, third):
        each.close()
    wait_for(lambda: not spooled(world), seconds=30, what="no file to be left")
    assert stored(world) == before


def _end(world: World, connection: Any) -> None:
    assert world.web is not None
    os.killpg(world.web.pid, signal.SIGKILL)
    world.web.wait(timeout=30)
    connection.close()
