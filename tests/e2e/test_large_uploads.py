"""A large package in a real browser: the network goes and comes, the page is left, and the file arrives whole."""

from __future__ import annotations

import hashlib
import re
import secrets
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
UPWARDS = 12 * MIB  # bytes a second that the network carries


@pytest.fixture
def api(served: Installation) -> Iterator[httpx.Client]:
    with served.api() as made:
        yield made


class Network:
    """What lies between the page and the server."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Network.enable")
        self.set(is_there=True)

    def set(self, *, is_there: bool, upwards: float = UPWARDS) -> None:
        facts = {"offline": not is_there, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upwards}
        self._session.send("Network.emulateNetworkConditions", facts)


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
    walker: Page, served: Installation, api: httpx.Client, artefacts: Path, tmp_path: Path
) -> None:
    model = api.post("/models/", json={"name": "large"}).json()["id"]
    path, page = large_package(tmp_path), walker
    sign_in(page, served)
    page.goto(f"{served.url}/models/{model}")
    network = Network(page)

    dialog = opened(page, path)
    dialog.get_by_role("button", name="Upload", exact=True).click()
    has_come(api)
    expect(dialog.get_by_role("status")).to_contain_text(
        re.compile(r"\d+ % · .*MB of 42 MB · .*MB/s · .* left")
    )
    shoot(page, artefacts, "large-upload")
    network.set(is_there=False)
    expect(dialog.get_by_role("status")).to_contain_text("the connection is lost")
    shoot(page, artefacts, "large-upload-lost")
    before = only_upload(api)
    network.set(is_there=True, upwards=4 * MIB)
    dialog.get_by_role("button", name="Try now").click()
    expect(dialog.get_by_role("button", name="Pause")).to_be_visible()

    dialog.get_by_role("button", name="Pause").click()
    expect(dialog.get_by_role("status")).to_contain_text("paused")
    shoot(page, artefacts, "large-upload-paused")

    # The page is left; the same file goes on where it was.
    page.goto(f"{served.url}/account")
    expect(page.get_by_role("region", name="Uploads under way")).to_contain_text("large.zip")
    shoot(page, artefacts, "large-upload-account")
    page.goto(f"{served.url}/models/{model}")
    again = opened(page, path)
    network.set(is_there=True)
    again.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("button", name="v1.0.0", exact=True)).to_be_visible(timeout=60_000)
    assert only_upload(api) == {"offset": 0}, "used"
    assert api.get(f"/uploads/{before['id']}/").json()["complete"] is True
    made = api.get(f"/models/{model}/versions/1.0.0/").json()
    assert made["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_zip_of_images_and_a_table_come_in_pieces_too_and_can_be_stopped(
    walker: Page, served: Installation, api: httpx.Client, artefacts: Path, tmp_path: Path
) -> None:
    dataset = api.post("/datasets/", json={"name": "pictures"}).json()["id"]
    padded, page = tmp_path / "padded.zip", walker
    padded.write_bytes(zipped({**images(3), "notes.bin": secrets.token_bytes(40 * MIB)}))
    sign_in(page, served)
    page.goto(f"{served.url}/datasets/{dataset}")
    network = Network(page)
    network.set(is_there=True, upwards=4 * MIB)
    page.get_by_role("button", name="Upload").first.click()
    dialog = page.get_by_role("dialog", name="Upload images")
    dialog.locator("input[type=file]").set_input_files(padded)
    dialog.get_by_role("button", name="Upload", exact=True).click()
    wait_for(lambda: "id" in only_upload(api), seconds=30, what="the upload to begin")
    dialog.get_by_role("button", name="Stop").click()
    expect(dialog.get_by_text("The upload was stopped.")).to_be_visible()
    wait_for(lambda: "id" not in only_upload(api), seconds=30, what="the server to forget it")

    network.set(is_there=True, upwards=-1)
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
