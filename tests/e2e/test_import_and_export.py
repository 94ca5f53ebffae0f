"""Labels of another tool are brought in with a class map, taken out again, and compared, in a real browser."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.walking import shoot, sign_in
from tests.fixtures_server import Installation
from tests.worlds import FIRST_WIDTH, images, zipped

pytestmark = pytest.mark.browser

COUNT = 12
CATEGORIES = {7: "zebra", 90: "dog", 4: "crowd"}


@pytest.fixture
def installation(installation: Installation, tmp_path: Path) -> Installation:
    """With two pictures in a folder that staff may import from."""
    folder = tmp_path / "server" / "cats"
    folder.mkdir(parents=True)
    for name, content in images(2).items():
        (folder / name).write_bytes(content)
    installation.settings["SAMPLECASE_IMPORT_ROOTS"] = f"photos={folder.parent}"
    return installation


def coco() -> dict[str, Any]:
    """Boxes on all pictures but the last, of three categories with sparse ids."""
    pictures = list(images(COUNT))
    return {
        "info": {"description": "pets"},
        "images": [
            {"id": 100 + n, "file_name": f"pictures/{name}", "width": FIRST_WIDTH + n % 12, "height": 16}
            for n, name in enumerate([*pictures, "elsewhere.png"])
        ],
        "annotations": [
            {
                **{"id": 5000 + n, "image_id": 100 + n, "category_id": [7, 90, 4][n % 3], "iscrowd": 0},
                **{"bbox": [2.0, 3.0, 8.0, 10.0], "area": 80.0},
            }
            for n in range(COUNT - 1)
        ],
        "categories": [{"id": pk, "name": name} for pk, name in CATEGORIES.items()],
    }


def boxes(found: dict[str, Any]) -> dict[str, list[Any]]:
    """File name → label and box, which is what two files have in common whatever their ids."""
    names = {each["id"]: each["file_name"].rpartition("/")[2] for each in found["images"]}
    labels = {each["id"]: each["name"] for each in found["categories"]}
    made: dict[str, list[Any]] = {}
    for each in found["annotations"]:
        made.setdefault(names[each["image_id"]], []).append([labels[each["category_id"]], each["bbox"]])
    return made


def test_coco_in_with_a_class_map_and_out_again(
    walker: Page, served: Installation, artefacts: Path, tmp_path: Path
) -> None:
    page = walker
    with served.api() as api:
        dataset = api.post("/datasets/", json={"name": "pets"}).json()["id"]
        files = {"files": ("pictures.zip", zipped(images(COUNT)), "application/zip")}
        assert api.post(f"/datasets/{dataset}/samples/", files=files).json()["added"] == COUNT
    source = tmp_path / "instances.json"
    source.write_text(json.dumps(coco()))
    sign_in(page, served)
    page.goto(f"{served.url}/datasets/{dataset}")

    page.get_by_role("button", name="Import and export").click()
    page.get_by_role("menuitem", name="Import…").click()
    page.get_by_label("Drop a file or a zip here").set_input_files(source)
    facts = page.get_by_role("status", name="What the file holds")
    expect(facts).to_contain_text(f"{COUNT + 1} samples")
    expect(facts).to_contain_text(f"{COUNT} matched")
    expect(facts).to_contain_text("1 without an image")
    page.get_by_role("combobox", name="dog becomes").fill("wolf")
    page.get_by_role("checkbox", name="crowd").uncheck()
    target = page.get_by_role("combobox", name="Field for ground_truth")
    target.fill("boxes")
    target.blur()
    expect(page.get_by_role("dialog")).to_be_visible()
    shoot(page, artefacts, "import-preview")
    page.get_by_role("button", name="Import", exact=True).click()

    card = page.get_by_role("listitem", name=re.compile("Import"))
    expect(card).to_contain_text("Finished", timeout=30_000)
    with page.expect_download() as report:
        card.get_by_role("link", name="Report").click()
    lines = report.value.path().read_text().splitlines()
    assert lines[0] == "name,sample,outcome,reason,message"
    assert sum(",matched," in line for line in lines) == 8
    assert [line.split(",")[3] for line in lines if "elsewhere.png" in line] == ["no_image"]

    page.get_by_role("button", name="Import and export").click()
    page.get_by_role("menuitem", name="Export…").click()
    page.get_by_role("combobox", name="Format").click()
    page.get_by_role("option", name="COCO").click()
    shoot(page, artefacts, "export-dialog")
    page.get_by_role("button", name="Export", exact=True).click()
    card = page.get_by_role("listitem", name=re.compile("Export"))
    expect(card).to_contain_text("Finished", timeout=30_000)
    shoot(page, artefacts, "exchange-execution")
    with page.expect_download() as download:
        card.get_by_role("link", name="Download").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        assert archive.testzip() is None
        assert sum(name.endswith(".png") for name in archive.namelist()) == COUNT
        found = json.loads(archive.read("annotations.json"))
    assert [each["name"] for each in found["categories"]] == ["zebra", "wolf"]
    renamed = {"zebra": "zebra", "dog": "wolf"}
    wanted = {
        name: [[renamed[label], box] for label, box in labels if label in renamed]
        for name, labels in boxes(coco()).items()
    }
    assert boxes(found) == {name: labels for name, labels in wanted.items() if labels}
    assert sorted(each["id"] for each in found["annotations"]) == [
        5000 + n for n in range(COUNT - 1) if n % 3 != 2
    ]


def test_what_is_no_dataset_is_refused_in_words_and_a_folder_of_the_server_is_taken(
    walker: Page, served: Installation, tmp_path: Path, artefacts: Path
) -> None:
    page = walker
    with served.api() as api:
        dataset = api.post("/datasets/", json={"name": "empty"}).json()["id"]
    odd = tmp_path / "odd.json"
    odd.write_text('{"nothing": 1}')
    sign_in(page, served)
    page.goto(f"{served.url}/datasets/{dataset}")
    page.get_by_role("button", name="Import and export").click()
    page.get_by_role("menuitem", name="Import…").click()
    page.get_by_label("Drop a file or a zip here").set_input_files(odd)
    expect(page.get_by_role("alert")).to_contain_text("none of the formats")
    expect(page.get_by_label("Drop a file or a zip here")).to_have_count(1)

    place = page.get_by_role("textbox", name="From the server")
    place.fill("photos/dogs")
    place.press("Enter")
    expect(page.get_by_text("“photos/dogs” cannot be opened: No such file")).to_be_visible()
    expect(place).to_have_value("photos/dogs")
    shoot(page, artefacts, "import-from-server")
    place.fill("photos/cats")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("status", name="What the file holds")).to_contain_text("2 samples")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("listitem", name=re.compile("Import"))).to_contain_text(
        "Finished", timeout=30_000
    )
    expect(page.get_by_role("button", name=re.compile("^Open .*picture"))).to_have_count(2)
