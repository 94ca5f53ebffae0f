"""The page for those who use no mouse or no eyes: what axe finds on each page and dialog, and the ways by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.walking import rest, sign_in
from tests.fixtures_server import Installation
from tests.worlds import FIRST_WIDTH, deployed, images, package, submitted

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SERIOUS = {"serious", "critical"}

MODEL = """
class Model:
    def predict(self, image_paths):
        return {"predictions": [self.one(path) for path in image_paths]}

    def one(self, path):
        with open(path, "rb") as file:
            width = int.from_bytes(file.read(20)[16:], "big")  # a PNG says it there
        if width == NARROW:
            return ValueError("this picture is too narrow to be judged")
        return {"label": "even" if width % 2 == 0 else "odd", "confidence": 0.75}
"""


@pytest.fixture
def api(served: Installation) -> Iterator[httpx.Client]:
    """Of an installation with a dataset, one that is empty, a model and a job with failures."""
    with served.api() as client:
        facts = {"name": "pictures", "description": "Small and dark", "tags": ["dark"]}
        dataset = client.post("/datasets/", json=facts).json()["id"]
        client.post("/datasets/", json={"name": "empty"}).raise_for_status()
        files = [("files", (name, content, "image/png")) for name, content in images(24).items()]
        client.post(f"/datasets/{dataset}/samples/", files=files).raise_for_status()
        packed = package(MODEL.replace("NARROW", str(FIRST_WIDTH)))
        deployment = deployed(served, client, packed, "parity", mini_batch=4)
        job = submitted(served, client, dataset=dataset, deployment=deployment)
        assert (job["done"], job["failed"]) == (22, 2)
        yield client


@pytest.mark.timeout(600)  # some fifty looks, each until all has faded, in two colour schemes
def test_axe_finds_no_serious_fault_on_any_page_or_dialog(
    walker: Page, served: Installation, api: httpx.Client
) -> None:
    page = walker
    seen: list[str] = []

    def look(where: str) -> None:
        seen.extend(_faults(page, where))

    page.goto(f"{served.url}/login/")
    look("sign in")
    sign_in(page, served)
    look("datasets")
    with _dialog(page, "New dataset", "New dataset"):
        look("new dataset")
    _go(page, "Datasets", "empty")
    look("an empty dataset")
    _go(page, "Datasets", "pictures")
    expect(page.get_by_role("button", name=re.compile("^Open .*picture-0000"))).to_be_visible()
    look("filters")
    for button, title in (
        ("Share", "Share pictures"),
        ("Edit name, description and tags", "Edit dataset"),
        ("Upload", "Upload images"),
        ("Keyboard shortcuts", "Keyboard shortcuts"),
        ("Tag samples", "Tag samples"),
        ("Label samples", "Label samples"),
        ("Delete samples", "Delete samples"),
    ):
        with _dialog(page, button, title):
            look(title)
    _look_at_the_panel(page, look)
    page.get_by_role("button", name=re.compile("^Open .*picture-0001")).click()
    expect(page.get_by_label("Fields of the sample").get_by_label("predictions")).to_contain_text("odd")
    look("a sample")
    _look_at_annotating(page, look)
    page.keyboard.press("Escape")
    _look_at_reviewing(page, look)
    with _dialog(page, "Run models on samples", "Run models on samples") as dialog:
        _try_parity(page, dialog)
        look("the suitcase with a dry run")
    page.get_by_role("tab", name="Execution").click()
    job = page.get_by_role("listitem", name=re.compile(r"^Job \d+: parity")).last
    job.get_by_role("button", name="2 failed").click()
    job.get_by_role("button", name="Log").click()
    expect(job.get_by_role("list", name=re.compile("^Errors of job")).get_by_role("button")).to_have_count(2)
    look("execution")
    with _dialog(page, "Outputs", re.compile("^Dry run of parity")):
        look("the outputs of a dry run")
    _go(page, "Models", None)
    look("models")
    with _dialog(page, "Create Model", "Create Model"):
        look("create model")
    _go(page, "Models", "parity")
    look("a model")
    for button, title in (
        ("Upload", "Upload a version of parity"),
        ("Deploy", "Deploy parity"),
        ("Share", "Share parity"),
    ):
        with _dialog(page, button, title):
            look(title)
    for address, heading in (("account", "Account"), ("people", "People"), ("audit", "Audit log")):
        page.goto(f"{served.url}/{address}")
        expect(page.get_by_role("table").first).to_be_visible()
        look(heading)
    page.goto(f"{served.url}/datasets/99999")
    expect(page.get_by_text("Nothing here")).to_be_visible()
    look("nothing here")
    assert seen == []


def _look_at_the_panel(page: Page, look: Callable[[str], None]) -> None:
    """Every filter open, a view saved, samples selected, distributions."""
    page.get_by_role("list", name="Labels of predictions").get_by_role(
        "button", name=re.compile("^odd")
    ).click()
    for name in ("Added", "Width"):
        page.get_by_role("button", name=f"Filter by {name}").click()
    page.get_by_label("Who wrote predictions").get_by_text(re.compile("^Job")).click()
    look("all filters")
    with _dialog(page, "Views", "Views") as views:
        look("no saved views")
        views.get_by_role("textbox", name="Name of the new view").fill("odd ones")
        views.get_by_role("button", name="Save").click()
        expect(page.get_by_role("button", name="odd ones", exact=True).first).to_be_visible()
    with _dialog(page, "odd ones", "odd ones"):
        look("saved views")
    page.get_by_role("button", name="Colour by field").click()
    page.get_by_role("tab", name="Distributions").click()
    expect(page.get_by_role("list", name="Distribution of predictions")).to_be_visible()
    look("distributions")
    page.get_by_role("tab", name="Filters").click()
    page.get_by_role("button", name="Reset all filters").click()
    page.get_by_role("button", name=re.compile("^Open .*picture-0001")).click(modifiers=["Control"])
    page.get_by_role("button", name="1 sample selected").click()
    expect(page.get_by_role("menuitem", name="Tag…")).to_be_visible()
    look("a selection")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="1 sample selected")).to_be_hidden()


def test_the_suitcase_by_keyboard_alone(walker: Page, served: Installation, api: httpx.Client) -> None:
    page = walker
    sign_in(page, served)
    _tab_to(page, page.get_by_role("link", name="pictures"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^Open .*picture-0000"))).to_be_visible()
    opener = page.get_by_role("button", name="Run models on samples")
    _tab_to(page, opener)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Run models on samples")
    expect(dialog.get_by_role("combobox", name="Model")).to_be_visible()
    _stays_inside(page, dialog)
    _tab_to(page, dialog.get_by_role("combobox", name="Model"))
    page.keyboard.type("parity")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    _tab_to(page, dialog.get_by_role("button", name="Add"))
    page.keyboard.press("Enter")
    _tab_to(page, dialog.get_by_role("combobox", name="Field for predictions"))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("by_keyboard")
    page.keyboard.press("Escape")  # closes the list of names, not the dialog
    _tab_to(page, dialog.get_by_role("button", name="Try on 8 samples"))
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Tried the model on 8 samples, 1 failed")).to_be_visible(timeout=60_000)
    expect(dialog.get_by_role("region", name="Dry run")).to_be_focused()
    _stays_inside(page, dialog)
    _tab_to(page, dialog.get_by_role("button", name="Submit"))
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    job = page.get_by_role("listitem", name=re.compile(r"^Job \d+: parity")).first
    expect(job.get_by_text("Finished", exact=True)).to_be_visible(timeout=60_000)
    _tab_to(page, job.get_by_role("button", name="2 failed"))
    page.keyboard.press("Enter")
    failures = job.get_by_role("list", name=re.compile("^Errors of job")).get_by_role("button")
    expect(failures).to_have_count(2)
    _tab_to(page, failures.first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Sample")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Sample")).to_be_hidden()
    expect(failures.first).to_be_focused()


def test_a_dialog_keeps_the_keyboard_and_gives_it_back(
    walker: Page, served: Installation, api: httpx.Client
) -> None:
    page = walker
    sign_in(page, served)
    page.get_by_role("link", name="pictures").click()
    for button, title in (
        ("Run models on samples", "Run models on samples"),
        ("Share", "Share pictures"),
        ("Upload", "Upload images"),
        ("Edit name, description and tags", "Edit dataset"),
        ("Keyboard shortcuts", "Keyboard shortcuts"),
        ("Tag samples", "Tag samples"),
        ("Label samples", "Label samples"),
        ("Delete samples", "Delete samples"),
        ("Views", "Views"),
        ("Review", "Review"),
    ):
        opener = page.get_by_role("button", name=button, exact=True)
        opener.focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name=title)
        expect(dialog).to_be_visible()
        _stays_inside(page, dialog)
        # On a combobox the first Escape would close its list.
        while page.evaluate("document.activeElement.getAttribute('role')") == "combobox":
            page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(opener).to_be_focused()


def test_the_grid_by_keyboard_alone(walker: Page, served: Installation, api: httpx.Client) -> None:
    page = walker
    sign_in(page, served)
    page.get_by_role("link", name="pictures").click()
    tiles = page.get_by_role("button", name=re.compile(r"^Open .*picture-\d+"))
    _tab_to(page, tiles.first)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name=re.compile("^Open .*picture-0001"))).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_role("button", name="1 sample selected")).to_be_visible()
    page.keyboard.press("Enter")
    sample = page.get_by_role("dialog", name="Sample")
    expect(sample.get_by_text("picture-0001.png").first).to_be_visible()
    page.keyboard.press("f")
    expect(sample.get_by_text("picture-0002.png").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(sample).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="1 sample selected")).to_be_hidden()


def _look_at_annotating(page: Page, look: Callable[[str], None]) -> None:
    """The open sample's other mode, with the dialogs that belong to it."""
    sample = page.get_by_role("dialog", name="Sample", exact=True)
    sample.get_by_text("Annotate", exact=True).click()
    sample.get_by_role("button", name="New label field").click()
    dialog = page.get_by_role("dialog", name="New label field")
    dialog.get_by_label("Name", exact=True).fill("boxes")
    dialog.get_by_role("combobox", name="Type").click()
    page.get_by_role("option", name="Boxes and masks").click()
    dialog.get_by_label("Classes").fill("left, right")
    dialog.get_by_label("Classes").press("Enter")
    dialog.get_by_role("button", name="Add an attribute").click()
    dialog.get_by_label("Name of attribute 1").fill("occluded")
    look("new label field")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_be_hidden()
    expect(sample.get_by_role("button", name="Box", exact=True)).to_be_visible()
    look("annotating boxes")
    sample.get_by_role("combobox", name="Label", exact=True).click()
    page.get_by_role("option", name="predictions", exact=True).click()
    sample.get_by_role("button", name="even").click()
    with_model = page.get_by_role("dialog", name="This value was written by a model")
    expect(with_model).to_be_visible()
    look("correcting a model")
    with_model.get_by_role("button", name="Leave it as it is").click()
    expect(with_model).to_be_hidden()
    sample.get_by_text("Explore", exact=True).click()
    sample.get_by_label("Close the sample").focus()


def _look_at_reviewing(page: Page, look: Callable[[str], None]) -> None:
    """The list of reviews, a new one, and its first sample."""
    with _dialog(page, "Review", "Review"):
        look("no reviews yet")
    page.get_by_role("button", name="Review", exact=True).click()
    page.get_by_role("button", name="New review").click()
    form = page.get_by_role("dialog", name="New review")
    expect(form.get_by_role("button", name="Start reviewing")).to_be_visible()
    look("new review")
    form.get_by_role("button", name="Start reviewing").click()
    reviewing = page.get_by_role("dialog", name="Reviewing", exact=True)
    expect(reviewing.get_by_role("region", name="Classes")).to_contain_text("even")
    look("reviewing")
    page.keyboard.press("c")
    chooser = page.get_by_role("dialog", name="What is it?")
    expect(chooser).to_be_visible()
    look("any class")
    page.keyboard.press("Escape")
    expect(chooser).to_be_hidden()
    page.keyboard.press("Escape")
    expect(reviewing).to_be_hidden()


def _faults(page: Page, where: str) -> list[str]:
    """The serious faults that axe finds in either colour scheme, each with the place and the first element."""
    found: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        rest(page)  # until what fades has faded: axe measures the colours of the moment
        page.evaluate(AXE.read_text())
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        report: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
        for fault in report["violations"]:
            if fault["impact"] in SERIOUS:
                first = fault["nodes"][0]
                found.append(
                    f"{where}, {scheme}: {fault['id']}: {first['html'][:300]} {first['failureSummary']}"
                )
    page.emulate_media(color_scheme="light")
    return found


@contextmanager
def _dialog(page: Page, button: str, title: str | re.Pattern[str]) -> Iterator[Locator]:
    """A dialog that a button opens, for as long as it is looked at."""
    page.get_by_role("button", name=button, exact=True).first.click()
    found = page.get_by_role("dialog", name=title)
    expect(found).to_be_visible()
    yield found
    page.keyboard.press("Escape")
    expect(found).to_be_hidden()


def _go(page: Page, part: str, name: str | None) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name=part).click()
    expect(page.get_by_role("heading", name=part, exact=True)).to_be_visible()
    if name:
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def _try_parity(page: Page, dialog: Locator) -> None:
    dialog.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name=re.compile("^parity")).click()
    dialog.get_by_role("button", name="Add").click()
    dialog.get_by_role("combobox", name="Field for predictions").fill("tried")
    dialog.get_by_role("button", name="Try on 8 samples").click()
    expect(dialog.get_by_text("Tried the model on 8 samples, 1 failed")).to_be_visible(timeout=60_000)


def _tab_to(page: Page, target: Locator, *, most: int = 80) -> None:
    """Press Tab until `target` has the focus, as somebody without a mouse would."""
    expect(target).to_be_visible()
    for _ in range(most):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{most} times Tab do not lead to {target}")


def _stays_inside(page: Page, dialog: Locator) -> None:
    """Tab never leaves the dialog, in either direction, once it has taken the focus."""
    page.wait_for_function(
        "dialog => dialog.contains(document.activeElement)", arg=dialog.element_handle(), timeout=20_000
    )
    for key in ("Tab", "Shift+Tab"):
        for _ in range(30):
            page.keyboard.press(key)
            assert dialog.evaluate("dialog => dialog.contains(document.activeElement)"), key
