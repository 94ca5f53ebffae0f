"""Uploads in pieces whose server is killed: what was told to be stored is there, and the whole has the right digest."""

from __future__ import annotations

import hashlib
import os
import secrets
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from samplecase.client import ApiError, Client
from tests.fault_world import World
from tests.fixtures_server import wait_for
from tests.sending import OFFSET_TYPE, VERSION, metadata
from tests.worlds import images, zipped

MIB = 2**20
PART = 16 * MIB


def kill_web(world: World) -> None:
    """With all its processes."""
    assert world.web is not None
    os.killpg(world.web.pid, signal.SIGKILL)
    world.web.wait(timeout=30)


def stored(world: World, name: str) -> int:
    """How many bytes of the upload of this name count."""
    rows = world.query('SELECT "offset" FROM uploads_upload WHERE name = %s', name)
    return int(rows[0][0]) if rows else 0


def file_of(tmp_path: Path, size: int) -> tuple[Path, str, str]:
    """A zip of images that takes so many bytes at least, its name and its digest."""
    made = tmp_path / f"{secrets.token_hex(4)}.zip"
    made.write_bytes(zipped({**images(2), "padding.bin": secrets.token_bytes(size)}))
    return made, made.name, hashlib.sha256(made.read_bytes()).hexdigest()


def test_one_request_that_the_server_dies_in_goes_on_where_its_last_part_ended(
    world: World, tmp_path: Path
) -> None:
    path, name, digest = file_of(tmp_path, 40 * MIB)
    content = path.read_bytes()
    said = {
        **VERSION,
        "Upload-Length": str(len(content)),
        "Upload-Metadata": metadata(filename=name, sha256=digest),
    }
    with world.api() as api:
        begun = api.post("/uploads/", headers=said)
    address = begun.headers["Location"]
    head = (
        f"PATCH {address} HTTP/1.1\r\nHost: 127.0.0.1:{world.port}\r\nAuthorization: Token {world.token}\r\n"
        f"Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: {OFFSET_TYPE}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", world.port), timeout=60) as connection:
        connection.sendall(head.encode() + content[: 25 * MIB])
        wait_for(lambda: stored(world, name), seconds=60, what=f"a part to be stored; {world.logs()}")
        kill_web(world)
    world.bring_up()
    with world.api() as api:
        upload = f"/uploads/{begun.json()['id']}/"
        offset = int(api.head(upload, headers=VERSION).headers["Upload-Offset"])
        assert offset == PART, "what was recorded, and not the bytes of the part that was under way"

        def gone_on() -> bool:
            """The dead request holds the upload for some seconds."""
            there = {**VERSION, "Upload-Offset": str(offset), "Content-Type": OFFSET_TYPE}
            answer = api.patch(upload, content=content[offset:], headers=there)
            assert answer.status_code in {204, 423}, answer.text
            return answer.status_code == 204

        wait_for(gone_on, seconds=60, what="the upload to be free")
        assert api.get(upload).json()["sha256"] == digest
        dataset = api.post("/datasets/", json={"name": name}).json()["id"]
        added = api.post(f"/datasets/{dataset}/samples/", json={"upload": begun.json()["id"]})
        assert added.json()["added"] == 2, added.text


def test_the_client_goes_on_when_the_server_is_back(world: World, tmp_path: Path) -> None:
    path, name, digest = file_of(tmp_path, 60 * MIB)
    with Client(world.url, token=world.token) as client, ThreadPoolExecutor(1) as pool:
        sending = pool.submit(client.uploads.send, path)
        wait_for(lambda: stored(world, name) >= PART, seconds=60, what=f"a piece; {world.logs()}")
        kill_web(world)
        before = stored(world, name)
        world.bring_up()
        upload = sending.result(timeout=120)
        found = next(each for each in client.uploads.list() if each["id"] == upload)
    assert (found["sha256"], found["complete"]) == (digest, True)
    assert PART <= before <= path.stat().st_size


def test_another_process_sends_only_what_is_left(world: World, tmp_path: Path) -> None:
    path, name, digest = file_of(tmp_path, 40 * MIB)

    class Interrupted(Exception):
        """Ctrl-C."""

    def interrupts(_: str, phase: str, done: int, total: int) -> None:
        if phase == "sending" and done:
            raise Interrupted

    with Client(world.url, token=world.token) as client, pytest.raises(Interrupted):
        client.uploads.send(path, watch=interrupts)
    assert stored(world, name) == PART
    seen: list[int] = []
    with Client(world.url, token=world.token) as client:
        upload = client.uploads.send(
            path, watch=lambda _, phase, done, total: seen.append(done) if phase == "sending" else None
        )
        assert seen[0] == PART
        assert next(each for each in client.uploads.list() if each["id"] == upload)["sha256"] == digest
        # Whole already: not a byte is sent.
        seen.clear()
        assert client.uploads.send(path) == upload
        client.uploads.remove(upload)
        with pytest.raises(ApiError):
            client.uploads.remove(upload)


def test_an_answer_before_the_body_was_read_reaches_the_client(world: World, tmp_path: Path) -> None:
    content = secrets.token_bytes(24 * MIB)
    with world.api() as api:
        begun = api.post("/uploads/", headers={**VERSION, "Upload-Length": str(len(content))})
        there = {**VERSION, "Upload-Offset": "5", "Content-Type": OFFSET_TYPE}
        answer = api.patch(f"/uploads/{begun.json()['id']}/", content=content, headers=there)
        assert answer.status_code == 409, answer.text
        with pytest.raises(httpx.HTTPStatusError):
            api.patch(f"/uploads/{secrets.token_hex(16)}/", content=content, headers=there).raise_for_status()
