"""A large package in a real browser: the network goes and comes, the page is left, and the file arrives whole."""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import socket
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.walking import shoot, sign_in
from tests.fixtures_server import Installation, wait_for
from tests.worlds import images, package, zipped

MODEL = """
class Model:
    def predict(self, image_paths):
        return {"predictions": ["wide" for _ in image_paths]}
"""
MIB = 2**20


@pytest.fixture
def served(installation: Installation) -> Installation:
    """The web server alone: nothing here needs more."""
    installation.start("web", "--port", str(installation.port))
    installation.wait_until_up()
    return installation


@pytest.fixture
def api(served: Installation) -> Iterator[httpx.Client]:
    with served.api() as made:
        yield made


class Line:
    """A connection to the server that carries only so much towards it, and can be cut and mended."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._changed = threading.Condition()
        self._left = 0
        self._is_cut = False
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def carry(self, most: int) -> None:
        """From now on so many bytes more."""
        with self._changed:
            self._left, self._is_cut = most, False
            self._changed.notify_all()

    def cut(self) -> None:
        with self._changed:
            self._is_cut = True
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            self._open.clear()
            self._changed.notify_all()

    def close(self) -> None:
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                with self._changed:
                    if self._is_cut:
                        near.close()
                        continue
                    far = socket.create_connection(("127.0.0.1", self._port))
                    self._open += [near, far]
                for source, target, is_bound in ((near, far, True), (far, near, False)):
                    threading.Thread(
                        target=self._pass_on, args=(source, target, is_bound), daemon=True
                    ).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_bound: bool) -> None:
        with contextlib.suppress(OSError), source, target:
            while block := source.recv(65536):
                if is_bound:
                    self._wait_for(len(block))
                target.sendall(block)

    def _wait_for(self, size: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._left > 0 or self._is_cut)
            self._left -= size


@pytest.fixture
def line(served: Installation) -> Iterator[Line]:
    made = Line(served.port)
    made.carry(5 * MIB)
    yield made
    made.close()


def large_package(folder: Path) -> Path:
    """Of 40 MiB that cannot be compressed."""
    made = folder / "large.zip"
    made.write_bytes(package(MODEL))
    with zipfile.ZipFile(made, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("weights/model.bin", secrets.token_bytes(40 * MIB))
    return made


def only_upload(api: httpx.Client) -> dict[str, Any]:
    found = api.get("/uploads/").json()["results"]
    assert len(found) <= 1, "it is one upload, however often it is gone on with"
    return found[0] if found else {"offset": 0}


def has_come(api: httpx.Client, beyond: int = 0) -> int:
    """How much the server has, once it is more."""

    def more() -> int:
        return int(only_upload(api)["offset"]) if only_upload(api)["offset"] > beyond else 0

    return int(wait_for(more, seconds=60, what="a piece to be stored"))


def opened(page: Page, path: Path) -> Locator:
    page.get_by_role("button", name="Upload", exact=True).first.click()
    dialog = page.get_by_role("dialog", name=re.compile("Upload a version"))
    dialog.locator("input[type=file]").first.set_input_files(path)
    return dialog


def test_a_large_package_arrives_over_a_bad_network(
    page: Page, served: Installation, line: Line, api: httpx.Client, artefacts: Path, tmp_path: Path
) -> None:
    model = api.post("/models/", json={"name": "large"}).json()["id"]
    path = large_package(tmp_path)
    page.set_viewport_size({"width": 1280, "height": 800})
    sign_in(page, Installation(data=served.data, port=int(line.url.rpartition(":")[2])))
    page.goto(f"{line.url}/models/{model}")

    line.carry(20 * MIB)
    dialog = opened(page, path)
    dialog.get_by_role("button", name="Upload", exact=True).click()
    has_come(api)
    expect(dialog.get_by_role("status")).to_contain_text(re.compile(r"\d+ % · .*MB of 42 MB"))
    shoot(page, artefacts, "large-upload")
    line.cut()
    expect(dialog.get_by_role("status")).to_contain_text("the connection is lost")
    expect(dialog.get_by_role("button", name="Try now")).to_be_visible()
    page.screenshot(path=artefacts / "large-upload-lost.png")
    before = only_upload(api)
    line.carry(2 * MIB)
    expect(dialog.get_by_role("button", name="Pause")).to_be_visible()

    dialog.get_by_role("button", name="Pause").click()
    expect(dialog.get_by_role("status")).to_contain_text("paused")
    page.screenshot(path=artefacts / "large-upload-paused.png")

    # The page is left; the same file goes on where it was.
    line.carry(100 * MIB)
    page.goto(f"{line.url}/account")
    expect(page.get_by_role("region", name="Uploads under way")).to_contain_text("large.zip")
    shoot(page, artefacts, "large-upload-account")
    page.goto(f"{line.url}/models/{model}")
    again = opened(page, path)
    again.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("button", name="v1.0.0", exact=True)).to_be_visible(timeout=60_000)
    assert only_upload(api) == {"offset": 0}, "used"
    assert api.get(f"/uploads/{before['id']}/").json()["complete"] is True
    made = api.get(f"/models/{model}/versions/1.0.0/").json()
    assert made["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_zip_of_images_and_a_table_come_in_pieces_too_and_can_be_stopped(
    page: Page, served: Installation, line: Line, api: httpx.Client, artefacts: Path, tmp_path: Path
) -> None:
    dataset = api.post("/datasets/", json={"name": "pictures"}).json()["id"]
    padded = tmp_path / "padded.zip"
    page.set_viewport_size({"width": 1280, "height": 800})
    padded.write_bytes(zipped({**images(3), "notes.bin": secrets.token_bytes(40 * MIB)}))
    sign_in(page, Installation(data=served.data, port=int(line.url.rpartition(":")[2])))
    page.goto(f"{line.url}/datasets/{dataset}")
    line.carry(20 * MIB)
    page.get_by_role("button", name="Upload").first.click()
    dialog = page.get_by_role("dialog", name="Upload images")
    dialog.locator("input[type=file]").set_input_files(padded)
    dialog.get_by_role("button", name="Upload", exact=True).click()
    wait_for(lambda: "id" in only_upload(api), seconds=30, what="the upload to begin")
    dialog.get_by_role("button", name="Stop").click()
    expect(dialog.get_by_text("The upload was stopped.")).to_be_visible()
    wait_for(lambda: "id" not in only_upload(api), seconds=30, what="the server to forget it")

    line.carry(100 * MIB)
    dialog.get_by_role("button", name="Upload more").click()
    dialog.locator("input[type=file]").set_input_files(padded)
    dialog.get_by_role("button", name="Upload", exact=True).click()
    expect(dialog.get_by_text("3 samples added")).to_be_visible(timeout=60_000)
    dialog.get_by_role("button", name="Done").click()

    table = tmp_path / "table.csv"
    table.write_text("name,kind.label\npicture-0000.png,cat\n")
    page.get_by_role("button", name="Import and export").click()
    page.get_by_role("menuitem", name="Import").click()
    dialog = page.get_by_role("dialog", name="Import labels and images")
    dialog.locator("input[type=file]").set_input_files(table)
    expect(dialog.get_by_label("Format")).to_have_value("CSV")
