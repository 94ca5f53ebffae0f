"""Labelling in a real browser: by mouse and by keyboard, over a killed tab, beside somebody else, and back again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.walking import rest, shoot, sign_in
from tests.fixtures_server import Installation, wait_for
from tests.scenes import scenes
from tests.worlds import deployed, package, submitted

pytestmark = pytest.mark.browser

COUNT = 24
# It says both by turns, so that both are known classes of its field; of the first sample, "rain".
MODEL = """
class Model:
    def predict(self, image_paths):
        said = [("rain", "sun")[place % 2] for place in range(len(image_paths))]
        return {"predictions": [{"label": label, "confidence": 0.6} for label in said]}
"""


@pytest.fixture
def api(served: Installation) -> Iterator[httpx.Client]:
    """Of an installation with a dataset that has a field of each kind, and nothing labelled."""
    with served.api() as client:
        client.post("/datasets/", json={"name": "scenes"}).raise_for_status()
        files = [("files", (name, content, "image/png")) for name, content in scenes(COUNT).items()]
        client.post("/datasets/1/samples/", files=files).raise_for_status()
        for name, kind, classes in (
            ("weather", "classification", ["sun", "rain", "snow"]),
            ("things", "detections", ["car", "bus", "person"]),
            ("outlines", "polylines", ["road", "roof"]),
        ):
            facts = {"name": name, "type": kind, "classes": classes}
            client.post("/datasets/1/fields/", json=facts).raise_for_status()
        yield client


def test_a_box_is_drawn_by_mouse_and_named_by_a_digit(
    walker: Page, served: Installation, api: httpx.Client, artefacts: Path
) -> None:
    page = walker
    _annotate(page, served, "scene-0000.png", "things")
    _drag(page, (0.2, 0.25), (0.5, 0.75))
    page.keyboard.press("2")
    _saved(page)
    [label] = _values(api, "things")["scene-0000.png"]
    assert label["label"] == "bus"
    assert label["bounding_box"] == pytest.approx([0.2, 0.25, 0.3, 0.5], abs=0.01)
    shoot(page, artefacts, "annotate-box")

    page.keyboard.press("v")
    _drag(page, (0.35, 0.5), (0.45, 0.5))
    _saved(page)
    [moved] = _values(api, "things")["scene-0000.png"]
    assert moved["id"] == label["id"]
    assert moved["bounding_box"] == pytest.approx([0.3, 0.25, 0.3, 0.5], abs=0.01)
    page.keyboard.press("Control+d")
    page.keyboard.press("3")
    _saved(page)
    assert [each["label"] for each in _values(api, "things")["scene-0000.png"]] == ["bus", "person"]
    page.keyboard.press("Delete")
    page.keyboard.press("Control+z")
    _saved(page)
    assert len(_values(api, "things")["scene-0000.png"]) == 2
    page.keyboard.press("b")
    _drag(page, (0.7, 0.3), (0.85, 0.6))
    _saved(page)
    painted = _values(api, "things")["scene-0000.png"][-1]
    assert painted["mask"]["size"] == [240, 320]
    shoot(page, artefacts, "annotate-mask")
    page.reload()
    expect(_sample(page).get_by_role("region", name="Objects").get_by_role("listitem")).to_have_count(3)


def test_a_polygon_closes_at_its_first_point(
    walker: Page, served: Installation, api: httpx.Client, artefacts: Path
) -> None:
    page = walker
    _annotate(page, served, "scene-0001.png", "outlines")
    page.keyboard.press("2")
    for x, y in ((0.2, 0.2), (0.6, 0.25), (0.4, 0.7), (0.2, 0.2)):
        _drag(page, (x, y), (x, y))
    _saved(page)
    [roof] = _values(api, "outlines")["scene-0001.png"]
    assert (roof["label"], roof["closed"], len(roof["points"][0])) == ("roof", True, 3)
    page.keyboard.press("z")
    shoot(page, artefacts, "annotate-polygon")


def test_twenty_samples_are_labelled_by_keyboard_alone(
    walker: Page, served: Installation, api: httpx.Client, artefacts: Path
) -> None:
    page = walker
    sign_in(page, served)
    page.goto(f"{served.url}/datasets/1")
    tile = page.get_by_role("button", name="Open scene-0000.png")
    expect(tile).to_be_visible()
    tile.focus()
    page.keyboard.press("Enter")
    expect(_sample(page)).to_be_visible()
    page.keyboard.press("a")
    expect(_sample(page).get_by_role("region", name="Classes")).to_contain_text("snow")
    for index in range(20):
        expect(_sample(page).get_by_text(f"scene-{index:04}.png").first).to_be_visible()
        page.keyboard.press(str(index % 3 + 1))
        page.keyboard.press("ArrowRight")
    _saved(page)
    names = ["sun", "rain", "snow"]
    stored = {name: value["label"] for name, value in _values(api, "weather").items()}
    assert stored == {f"scene-{index:04}.png": names[index % 3] for index in range(20)}
    page.keyboard.press("ArrowLeft")
    shoot(page, artefacts, "annotate-classes")


def test_undo_goes_back_to_the_sample_before(walker: Page, served: Installation, api: httpx.Client) -> None:
    page = walker
    _annotate(page, served, "scene-0000.png", "weather")
    page.keyboard.press("1")
    page.keyboard.press("f")
    expect(_sample(page).get_by_text("scene-0001.png").first).to_be_visible()
    page.keyboard.press("Control+z")
    expect(_sample(page).get_by_text("scene-0000.png").first).to_be_visible()
    expect(page.get_by_text("Undone: “sun” given on scene-0000.png")).to_be_visible()
    _saved(page)
    assert _values(api, "weather") == {}
    page.keyboard.press("Control+Shift+z")
    _saved(page)
    assert _values(api, "weather")["scene-0000.png"]["label"] == "sun"


def test_a_killed_tab_s_change_is_found_again(
    page: Page, served: Installation, api: httpx.Client, artefacts: Path
) -> None:
    _annotate(page, served, "scene-0002.png", "things")
    context = page.context
    context.set_offline(True)  # what a route holds back may still get through when its page is closed
    _drag(page, (0.1, 0.1), (0.4, 0.4))
    expect(_sample(page).get_by_text("Offline: kept here")).to_be_visible()
    shoot(page, artefacts, "annotate-offline")
    page.close(run_before_unload=False)
    context.set_offline(False)
    assert _values(api, "things") == {}

    again = context.new_page()
    again.set_viewport_size({"width": 1280, "height": 800})
    again.goto(f"{served.url}/datasets/1")
    offer = again.get_by_role("region", name="Unsaved changes")
    expect(offer).to_contain_text("1 unsaved change from")
    expect(offer).to_contain_text("scene-0002.png")
    shoot(again, artefacts, "drafts-offered")
    offer.get_by_role("button", name="Restore").click()
    expect(offer).to_be_hidden()
    wait_for(lambda: "scene-0002.png" in _values(api, "things"), seconds=20, what="the restored change")
    [label] = _values(api, "things")["scene-0002.png"]
    assert label["bounding_box"] == pytest.approx([0.1, 0.1, 0.3, 0.3], abs=0.01)
    again.reload()
    expect(again.get_by_role("button", name="Open scene-0002.png")).to_be_visible()
    expect(offer).to_be_hidden()


def test_a_change_of_an_ended_session_is_offered_after_signing_in(
    page: Page, served: Installation, api: httpx.Client
) -> None:
    _annotate(page, served, "scene-0005.png", "things")
    page.context.clear_cookies()
    _drag(page, (0.1, 0.1), (0.4, 0.4))
    expect(page).to_have_url(re.compile("/login/"))
    assert _values(api, "things") == {}
    page.get_by_label("Username").fill("owner")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    offer = _sample(page).get_by_role("region", name="Unsaved changes")
    expect(offer).to_contain_text("scene-0005.png")
    offer.get_by_role("button", name="Restore").click()
    _saved(page)
    assert len(_values(api, "things")["scene-0005.png"]) == 1


def test_a_model_s_value_is_corrected_where_somebody_says(
    walker: Page, served: Installation, api: httpx.Client, artefacts: Path
) -> None:
    page = walker
    deployment = deployed(served, api, package(MODEL), "guesser", mini_batch=8)
    submitted(served, api, dataset=1, deployment=deployment)
    _annotate(page, served, "scene-0000.png", "predictions")
    page.keyboard.press("2")
    dialog = page.get_by_role("dialog", name="This value was written by a model")
    expect(dialog).to_be_visible()
    shoot(page, artefacts, "correct-a-model")
    dialog.get_by_text("In another field").click()
    dialog.get_by_role("combobox", name="The other field").click()
    page.get_by_role("option", name="weather", exact=True).click()
    dialog.get_by_role("button", name="Correct it").click()
    expect(dialog).to_be_hidden()
    expect(_sample(page).get_by_role("combobox", name="Label", exact=True)).to_have_value("weather")
    _saved(page)
    sample = api.get("/datasets/1/samples/", params={"limit": 1}).json()["results"][0]
    assert sample["values"]["weather"]["label"] == "sun"
    assert sample["values"]["predictions"]["label"] == "rain"
    sources = {field: facts["source"] for field, facts in sample["provenance"].items()}
    assert sources == {"weather": "human", "predictions": "model"}


def test_two_people_on_one_sample_lose_neither_version(
    walker: Page, served: Installation, api: httpx.Client, browser: Browser, artefacts: Path
) -> None:
    page = walker
    _annotate(page, served, "scene-0003.png", "things")
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    other = context.new_page()
    _annotate(other, served, "scene-0003.png", "things")
    _drag(page, (0.1, 0.1), (0.3, 0.3))
    _saved(page)
    _drag(other, (0.6, 0.6), (0.9, 0.9))
    dialog = other.get_by_role("dialog", name="Somebody else changed this first")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("region", name="Yours")).to_contain_text("car")
    expect(dialog.get_by_role("region", name=re.compile("^Theirs"))).to_contain_text("car")
    shoot(other, artefacts, "conflict")
    assert len(_values(api, "things")["scene-0003.png"]) == 1
    dialog.get_by_role("button", name="Merge: both").click()
    expect(dialog).to_be_hidden()
    _saved(other)
    boxes = [each["bounding_box"] for each in _values(api, "things")["scene-0003.png"]]
    assert sorted(round(box[0], 1) for box in boxes) == [0.1, 0.6]
    context.close()


def test_a_digit_in_the_grid_labels_what_is_selected(
    walker: Page, served: Installation, api: httpx.Client, artefacts: Path
) -> None:
    page = walker
    sign_in(page, served)
    page.goto(f"{served.url}/datasets/1")
    page.get_by_role("button", name="Open scene-0000.png").click(modifiers=["ControlOrMeta"])
    page.get_by_role("button", name="Open scene-0004.png").click(modifiers=["Shift"])
    expect(page.get_by_role("button", name="5 samples selected")).to_be_visible()
    page.keyboard.press("2")
    expect(page.get_by_text("labelled “rain”: 5 samples")).to_be_visible()
    expect(page.get_by_test_id("save-state")).to_have_text("Saved")
    stored = {name: value["label"] for name, value in _values(api, "weather").items()}
    assert stored == {f"scene-{index:04}.png": "rain" for index in range(5)}
    shoot(page, artefacts, "grid-digit")
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Undone: labelled “rain”: 5 samples")).to_be_visible()
    expect(page.get_by_test_id("save-state")).to_have_text("Saved")
    assert _values(api, "weather") == {}


def test_a_field_is_made_and_given_classes_while_annotating(
    walker: Page, served: Installation, api: httpx.Client, artefacts: Path
) -> None:
    page = walker
    _annotate(page, served, "scene-0000.png", "weather")
    _sample(page).get_by_role("button", name="New label field").click()
    dialog = page.get_by_role("dialog", name="New label field")
    dialog.get_by_label("Name", exact=True).fill("time_of_day")
    dialog.get_by_label("Classes").fill("day, night")
    dialog.get_by_label("Classes").press("Enter")
    shoot(page, artefacts, "new-field")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_be_hidden()
    expect(_sample(page).get_by_role("region", name="Classes")).to_contain_text("night")
    page.keyboard.press("2")
    _saved(page)
    assert _values(api, "time_of_day")["scene-0000.png"]["label"] == "night"


def test_a_mask_is_painted_filled_taken_back_and_found_again(
    walker: Page, served: Installation, api: httpx.Client, artefacts: Path
) -> None:
    page = walker
    _annotate(page, served, "scene-0000.png", "weather")
    _sample(page).get_by_role("button", name="New label field").click()
    dialog = page.get_by_role("dialog", name="New label field")
    dialog.get_by_label("Name", exact=True).fill("ground")
    dialog.get_by_role("combobox", name="Type").click()
    page.get_by_role("option", name="Mask: a class for each pixel").click()
    dialog.get_by_label("Classes").fill("road, sky")
    dialog.get_by_label("Classes").press("Enter")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_be_hidden()
    _sample(page).get_by_label("Close the sample").focus()
    page.keyboard.press("2")
    _drag(page, (0.2, 0.5), (0.8, 0.5))
    _saved(page)
    stroke = _mask(api, "ground", "scene-0000.png")
    assert stroke.shape == (240, 320)
    assert (stroke[120, 64:256] == 2).all()
    assert set(stroke[[100, 140]].ravel()) == {0}

    page.keyboard.press("1")
    page.keyboard.press("p")
    for x, y in ((0.1, 0.6), (0.9, 0.6), (0.9, 0.95), (0.1, 0.95), (0.1, 0.6)):
        _drag(page, (x, y), (x, y))
    page.keyboard.press("g")
    _drag(page, (0.5, 0.1), (0.5, 0.1))
    page.keyboard.press("e")
    _drag(page, (0.5, 0.8), (0.5, 0.8))
    _saved(page)
    shoot(page, artefacts, "annotate-segmentation")
    filled = _mask(api, "ground", "scene-0000.png")
    assert [int(filled[row, 160]) for row in (10, 120, 180, 192, 235)] == [1, 2, 1, 0, 1]
    for _ in range(3):
        page.keyboard.press("Control+z")
    _saved(page)
    assert (_mask(api, "ground", "scene-0000.png") == stroke).all()
    page.keyboard.press("Control+Shift+z")
    _saved(page)

    page.reload()
    painted = _sample(page).get_by_role("region", name="Painted")
    expect(painted.get_by_role("listitem")).to_have_text([re.compile(r"^road28\.\d"), re.compile("^sky")])
    page.keyboard.press("b")
    page.keyboard.press("2")
    _drag(page, (0.5, 0.8), (0.5, 0.8))
    _saved(page)
    again = _mask(api, "ground", "scene-0000.png")
    assert [int(again[row, 160]) for row in (10, 120, 180, 192)] == [0, 2, 1, 2], (
        "what was painted before stays"
    )
    page.keyboard.press("Control+z")
    _saved(page)
    assert _mask(api, "ground", "scene-0000.png")[192, 160] == 1, "a stored mask comes back by its address"
    expect(painted).not_to_contain_text("Reading the mask")
    _drag(page, (0.05, 0.05), (0.05, 0.05))
    _saved(page)
    last = _mask(api, "ground", "scene-0000.png")
    assert (last[12, 16], last[192, 160]) == (2, 1)


def test_two_people_on_one_mask_lose_neither_version(
    walker: Page, served: Installation, api: httpx.Client, artefacts: Path
) -> None:
    page = walker
    facts = {"name": "ground", "type": "segmentation", "classes": ["background", "road", "sky"]}
    api.post("/datasets/1/fields/", json=facts).raise_for_status()
    _annotate(page, served, "scene-0000.png", "ground")
    _drag(page, (0.2, 0.2), (0.4, 0.2))
    _saved(page)
    theirs = {"size": [240, 320], "runs": f"2 {240 * 320}"}
    entry = {"sample": 1, "value": theirs}
    api.put("/datasets/1/values/", json={"field": "ground", "values": [entry]}).raise_for_status()
    _drag(page, (0.2, 0.8), (0.4, 0.8))
    dialog = page.get_by_role("dialog", name="Somebody else changed this first")
    expect(dialog.get_by_role("region", name="Yours")).to_contain_text("320 × 240 pixels")
    expect(dialog.get_by_role("region", name=re.compile("^Theirs"))).to_contain_text("320 × 240 pixels")
    shoot(page, artefacts, "conflict-of-masks")
    dialog.get_by_role("button", name="Take theirs").click()
    expect(dialog).to_be_hidden()
    expect(_sample(page).get_by_role("region", name="Painted")).to_contain_text("100.0")
    _drag(page, (0.5, 0.5), (0.5, 0.5))
    _saved(page)
    assert set(_mask(api, "ground", "scene-0000.png")[[10, 120], [10, 160]]) == {1, 2}


def test_tags_are_given_and_taken(walker: Page, served: Installation, api: httpx.Client) -> None:
    page = walker
    _annotate(page, served, "scene-0000.png", "Tags")
    _sample(page).get_by_label("New tag").fill("blurred")
    _sample(page).get_by_label("New tag").press("Enter")
    _saved(page)
    tags = lambda: api.get("/datasets/1/samples/1/").json()["tags"]  # noqa: E731
    assert tags() == ["blurred"]
    given = _sample(page).get_by_role("button", name="blurred")
    expect(given).to_have_attribute("aria-pressed", "true")
    _sample(page).get_by_label("Close the sample").focus()
    page.keyboard.press("1")
    expect(given).to_have_attribute("aria-pressed", "false")
    _saved(page)
    assert tags() == []


def test_a_key_is_chosen_anew_with_a_warning(walker: Page, served: Installation, api: httpx.Client) -> None:
    page = walker
    _annotate(page, served, "scene-0000.png", "things")
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keyboard shortcuts")
    help_.get_by_title("Change the key of “Box”").click()
    page.keyboard.press("f")
    expect(help_.get_by_role("alert")).to_contain_text("already means “Next sample”")
    help_.get_by_role("button", name="Leave it").click()
    help_.get_by_title("Change the key of “Box”").click()
    page.keyboard.press("n")
    expect(help_.get_by_title("Change the key of “Box”")).to_have_text("n")
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    page.keyboard.press("v")
    page.keyboard.press("n")
    expect(_sample(page).get_by_role("button", name="Box", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.reload()
    expect(_sample(page).get_by_role("button", name="Box", exact=True)).to_be_visible()
    page.keyboard.press("?")
    expect(help_.get_by_title("Change the key of “Box”")).to_have_text("n")


def _annotate(page: Page, served: Installation, name: str, field: str) -> None:
    sign_in(page, served)
    page.goto(f"{served.url}/datasets/1")
    page.get_by_role("button", name=f"Open {name}").click()
    _sample(page).get_by_text("Annotate", exact=True).click()
    chooser = _sample(page).get_by_role("combobox", name="Label", exact=True)
    chooser.click()
    page.get_by_role("option", name=field, exact=True).click()
    expect(chooser).to_have_value(field)
    _sample(page).get_by_label("Close the sample").focus()


def _sample(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Sample", exact=True)


def _drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From one place of the picture to another, each in shares of it."""
    rest(page)
    box = _sample(page).get_by_role("application").locator("img").bounding_box()
    assert box is not None
    (x, y), (to_x, to_y) = (
        (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)
    )
    page.mouse.move(x, y)
    page.mouse.down()
    if start != end:
        page.mouse.move((x + to_x) / 2, (y + to_y) / 2)
        page.mouse.move(to_x, to_y)
    page.mouse.up()


def _saved(page: Page) -> None:
    expect(_sample(page).get_by_test_id("save-state")).to_have_text("Saved")


def _values(api: httpx.Client, field: str) -> dict[str, Any]:
    """Sample name -> what the server has in the field, where it has something."""
    page = api.get("/datasets/1/samples/", params={"limit": 100}).json()
    return {each["name"]: each["values"][field] for each in page["results"] if field in each["values"]}


def _mask(api: httpx.Client, field: str, name: str) -> np.ndarray[Any, Any]:
    """The class of each pixel, as the server has it."""
    url = _values(api, field)[name]["url"].removeprefix("/api/v1")
    found = api.get(f"{url}&as=runs").raise_for_status().json()
    numbers = np.array(found["runs"].split(" "), dtype=int)
    return np.repeat(numbers[::2], numbers[1::2]).reshape(found["size"])
