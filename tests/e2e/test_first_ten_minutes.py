"""A newcomer's walk in a real browser: from the one-time link to a new field on every sample."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.walking import rest, shoot, sign_in_by_link
from tests.fixtures_server import Installation
from tests.worlds import SCHEMA, images, package

pytestmark = pytest.mark.browser

MODEL = """
class Model:
    def setup(self, device):
        pass

    def predict(self, image_paths):
        widths = [int.from_bytes(open(path, "rb").read(20)[16:], "big") for path in image_paths]
        return {"predictions": [
            {"label": "even" if width % 2 == 0 else "odd", "confidence": 0.5 + width / 100} for width in widths
        ]}
"""


def test_from_the_one_time_link_to_a_new_field(
    walker: Page, served: Installation, tmp_path: Path, artefacts: Path
) -> None:
    _sign_in_by_link(walker, served)
    _make_dataset(walker, tmp_path)
    _describe_the_dataset(walker, served)
    shoot(walker, artefacts, "dataset")
    _make_model(walker, tmp_path, artefacts)
    _deploy(walker, artefacts)
    _share(walker)
    _run_the_suitcase(walker, artefacts)
    _look_at_a_sample(walker, artefacts)
    _filter(walker, artefacts)
    _undo(walker, artefacts)
    _sign_out(walker, served)


def test_a_used_link_signs_nobody_in(walker: Page, served: Installation) -> None:
    link = _sign_in_by_link(walker, served)
    _sign_out(walker, served)
    walker.goto(link)
    expect(
        walker.get_by_text("no longer", exact=False).or_(walker.get_by_text("used", exact=False)).first
    ).to_be_visible()
    walker.goto(f"{served.url}/datasets")
    expect(walker).to_have_url(re.compile(r"/login/\?next=/datasets"))


def _sign_in_by_link(page: Page, served: Installation) -> str:
    link = sign_in_by_link(page, served)
    expect(page.get_by_text("No datasets yet")).to_be_visible()
    return link


def _make_dataset(page: Page, folder: Path) -> None:
    archive = folder / "pictures.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for index, (name, content) in enumerate(images(40).items()):
            zipped.writestr(f"{'left' if index < 25 else 'right'}/{name}", content)
        zipped.writestr("left/notes.png", "this is no picture")
    page.get_by_role("button", name="Create the first dataset").click()
    dialog = page.get_by_role("dialog", name="New dataset")
    dialog.get_by_label("Name").fill("pictures")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_text("No samples yet")).to_be_visible()

    page.get_by_role("button", name="Upload").first.click()
    dialog = page.get_by_role("dialog", name="Upload images")
    dialog.locator("input[type=file]").set_input_files(archive)
    dialog.get_by_label("Folder names are labels").check()
    dialog.get_by_role("button", name=re.compile("^Upload")).click()
    expect(dialog.get_by_text(re.compile("40 samples? (were )?added|Added 40|40 added"))).to_be_visible()
    expect(dialog.get_by_text("notes.png", exact=False)).to_be_visible()
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_role("button", name=re.compile("^Open .*picture-0000.png"))).to_be_visible()
    expect(page.get_by_text("40 samples").first).to_be_visible()


def _describe_the_dataset(page: Page, served: Installation) -> None:
    with served.api() as api:
        api.post("/datasets/", json={"name": "taken"}).raise_for_status()
    page.get_by_role("button", name="Edit name, description and tags").click()
    dialog = page.get_by_role("dialog", name="Edit dataset")
    expect(dialog.get_by_label("Name")).to_have_value("pictures")
    dialog.get_by_label("Name").fill("taken")
    dialog.get_by_label("Description").fill("Of even and odd widths\n\nmade for a walk")
    dialog.get_by_label("Tags").fill("small")
    dialog.get_by_label("Tags").press("Enter")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text(re.compile("taken|already|exists", re.I)).last).to_be_visible()
    dialog.get_by_label("Name").fill("pictures of widths")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("heading", name="pictures of widths")).to_be_visible()
    expect(page.get_by_text("small", exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="Dataset")).to_have_value("pictures of widths")
    page.get_by_role("button", name="Edit name, description and tags").click()
    expect(dialog.get_by_label("Description")).to_have_value("Of even and odd widths\n\nmade for a walk")
    dialog.get_by_label("Name").fill("pictures")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="pictures", exact=True)).to_be_visible()


def _make_model(page: Page, folder: Path, artefacts: Path) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Models").click()
    page.get_by_role("button", name="Create Model").first.click()
    dialog = page.get_by_role("dialog", name="Create Model")
    dialog.get_by_label("Name").fill("parity")
    dialog.get_by_label("Description").fill("Tells even from odd widths")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="parity")).to_be_visible()
    expect(page.get_by_text("No version yet")).to_be_visible()

    page.get_by_role("link", name="Models").last.click()
    page.get_by_role("button", name="Create Model").click()
    dialog = page.get_by_role("dialog", name="Create Model")
    dialog.get_by_label("Name").fill("parity")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_text(re.compile("taken|already", re.I))).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("link", name="parity").click()

    packed = folder / "parity.zip"
    packed.write_bytes(_without_schema(package(MODEL)))
    page.get_by_role("button", name="Upload").first.click()
    dialog = page.get_by_role("dialog", name="Upload a version of parity")
    dialog.locator("input[type=file]").first.set_input_files(packed)
    editor = dialog.get_by_role("textbox", name="Schema")
    editor.click()
    wrong = json.dumps(SCHEMA, indent=2).replace('"local"', '"locl"')
    page.keyboard.insert_text(wrong)
    line = next(number for number, text in enumerate(wrong.splitlines(), 1) if "locl" in text)
    expect(dialog.get_by_text(re.compile(rf"Line {line}: .*locl"))).to_be_visible()
    rest(page)
    page.screenshot(path=artefacts / "schema-editor.png")
    expect(dialog.get_by_role("button", name="Upload")).to_be_disabled()
    editor.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(json.dumps(SCHEMA, indent=2))
    expect(dialog.get_by_text(re.compile("Line "))).to_have_count(0)
    dialog.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("button", name="v1.0.0", exact=True)).to_be_visible()


def _deploy(page: Page, artefacts: Path) -> None:
    page.get_by_role("button", name="Deploy").first.click()
    dialog = page.get_by_role("dialog", name="Deploy parity")
    expect(dialog.get_by_label("Deploy Name")).to_have_value("parity")
    expect(dialog.get_by_role("combobox", name="Model Type")).to_have_value("Inference")
    expect(dialog.get_by_label("Mini Batch")).to_have_value("1")
    expect(dialog.get_by_label("Num Replicas")).to_have_value("1")
    expect(dialog.get_by_role("combobox", name="Num gpus")).to_have_value("0")
    expect(dialog.get_by_label("Install Custom Conda Env")).not_to_be_checked()
    shoot(page, artefacts, "deploy-dialog")
    dialog.get_by_label("Install Custom Conda Env").check()
    dialog.get_by_role("button", name="Deploy").click()
    expect(dialog.get_by_text(re.compile("environment.yml|requirements.txt")).last).to_be_visible()
    dialog.get_by_label("Install Custom Conda Env").uncheck()
    dialog.get_by_label("Mini Batch").fill("8")
    dialog.get_by_role("button", name="Deploy").click()
    table = page.get_by_role("table", name="Deployments")
    expect(table.get_by_text("ready")).to_be_visible(timeout=60_000)
    shoot(page, artefacts, "model")


def _share(page: Page) -> None:
    page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share parity")
    dialog.get_by_role("combobox", name="Right of everyone").click()
    page.get_by_role("option", name="can run").click()
    dialog.get_by_placeholder("Username").fill("nobody-of-that-name")
    dialog.get_by_placeholder("Username").press("Enter")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("nobody-of-that-name")
    dialog.get_by_label("Take the right from nobody-of-that-name").click()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("combobox", name="Right of everyone")).to_have_value("can run")
    page.keyboard.press("Escape")


def _run_the_suitcase(page: Page, artefacts: Path) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Datasets").click()
    page.get_by_role("link", name="pictures").click()
    page.get_by_role("button", name="Run models on samples").click()
    dialog = page.get_by_role("dialog", name="Run models on samples")
    for _ in range(2):
        dialog.get_by_role("combobox", name="Model").click()
        page.get_by_role("option").first.click()
        dialog.get_by_role("button", name="Add").click()
    fields = dialog.get_by_role("combobox", name="Field for predictions")
    fields.first.fill("parity_predictions")
    fields.last.fill("parity_predictions")
    dialog.get_by_role("button", name="Submit").click()
    expect(dialog.get_by_text(re.compile("two|twice|same field|already", re.I)).first).to_be_visible()
    fields.last.fill("parity_again")
    shoot(page, artefacts, "suitcase")
    dialog.get_by_role("button", name="Submit").click()
    expect(dialog).to_be_hidden()

    # The panel turns to the jobs by itself, and what they wrote shows without a reload.
    expect(page.get_by_role("listitem", name=re.compile(r"^Job \d+: parity"))).to_have_count(2)
    expect(page.get_by_text(re.compile("^Finished$", re.I))).to_have_count(2, timeout=60_000)
    shoot(page, artefacts, "execution")
    page.get_by_role("tab", name="Filters").click()
    panel = page.get_by_label("Labels", exact=True)
    expect(panel.get_by_text("parity_again")).to_be_visible()
    tile = page.get_by_role("button", name=re.compile("^Open .*picture-0000.png"))
    expect(tile.locator("xpath=..").get_by_text("even").first).to_be_visible()


def _look_at_a_sample(page: Page, artefacts: Path) -> None:
    page.get_by_role("button", name=re.compile("^Open .*picture-0000.png")).click()
    sample = page.get_by_role("dialog", name="Sample")
    sidebar = sample.get_by_label("Fields of the sample")
    expect(sidebar.get_by_label("parity_predictions")).to_contain_text("even")
    expect(sidebar.get_by_label("ground_truth")).to_contain_text("left")
    shoot(page, artefacts, "sample")
    page.keyboard.press("ArrowRight")
    expect(sidebar.get_by_label("parity_predictions")).to_contain_text("odd")
    page.keyboard.press("j")
    expect(
        sample.get_by_text('"bounding_box"').or_(sample.get_by_text(re.compile('"values"'))).first
    ).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(sample).to_be_hidden()


def _filter(page: Page, artefacts: Path) -> None:
    page.get_by_label("Labels of parity_predictions").get_by_text("odd").click()
    expect(page.get_by_text(re.compile(r"20\b.*(of 40|samples)")).first).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Open .*picture-0000.png"))).to_be_hidden()
    shoot(page, artefacts, "filtered")
    page.reload()
    expect(page.get_by_role("button", name=re.compile("^Open .*picture-0001.png"))).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Open .*picture-0000.png"))).to_be_hidden()


def _undo(page: Page, artefacts: Path) -> None:
    page.get_by_role("tab", name="Execution").click()
    job = page.get_by_role("listitem", name=re.compile(r"^Job \d+: parity")).filter(has_text="parity_again")
    job.get_by_role("button", name="Undo").click()
    question = page.get_by_role("dialog", name="Undo this job?")
    question.get_by_role("button", name="Undo the job").click()
    expect(job.get_by_text("Undone")).to_be_visible(timeout=30_000)
    expect(job.get_by_text("40 values were taken back.")).to_be_visible()
    shoot(page, artefacts, "undone")
    page.get_by_role("tab", name="Filters").click()
    expect(page.get_by_label("Labels", exact=True).get_by_text("parity_again")).to_be_hidden()


def _sign_out(page: Page, served: Installation) -> None:
    page.get_by_role("button", name=re.compile("owner|account", re.I)).first.click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page).to_have_url(f"{served.url}/login/")
    assert page.request.get(f"{served.url}/api/v1/datasets/").status == 401


def _without_schema(packed: bytes) -> bytes:
    """The same package, for which the schema comes beside it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "model.json":
                manifest: dict[str, Any] = json.loads(content)
                del manifest["schema"]
                content = json.dumps(manifest).encode()
            target.writestr(name, content)
    return buffer.getvalue()
