"""Looking at a dataset in a real browser: overlays, filters, saved views, two fields compared, many samples changed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.walking import rest, shoot, sign_in
from tests.e2e.worlds import NUMBER, pictured
from tests.fixtures_server import Installation

pytestmark = pytest.mark.browser

COUNT = "sample-count"


@pytest.fixture
def served(installation: Installation) -> Installation:
    """An installation whose server runs; nothing here needs a job."""
    installation.start("web", "--port", str(installation.port))
    installation.wait_until_up()
    return installation


@pytest.fixture
def dataset(served: Installation) -> int:
    """A dataset with fields of many types, of known content."""
    with served.api() as api:
        return pictured(api)


@pytest.fixture
def viewer(walker: Page, served: Installation, dataset: int) -> Page:
    """The dataset's page."""
    sign_in(walker, served)
    walker.goto(f"{served.url}/datasets/{dataset}")
    expect(_tile(walker, 0)).to_be_visible()
    return walker


def test_boxes_lines_and_points_lie_on_the_pictures_and_go_with_their_checkbox(
    viewer: Page, artefacts: Path
) -> None:
    overlay = _tile(viewer, 0).locator("canvas")
    expect(overlay).to_be_visible()
    assert _inked(overlay) > 0
    shoot(viewer, artefacts, "viewer-overlays")
    with_boxes = _inked(overlay)
    viewer.get_by_role("checkbox", name="Show boxes on the pictures").uncheck()
    rest(viewer)
    assert 0 < _inked(overlay) < with_boxes
    for field in ("lanes", "joints"):
        viewer.get_by_role("checkbox", name=f"Show {field} on the pictures").uncheck()
    expect(overlay).to_have_count(0)
    viewer.get_by_role("checkbox", name="Show boxes on the pictures").check()
    viewer.get_by_role("button", name="Colour by field").click()
    expect(viewer).to_have_url(re.compile("colour=field"))
    shoot(viewer, artefacts, "viewer-by-field")


def test_a_box_is_drawn_where_it_is(viewer: Page, dataset: int) -> None:
    for field in ("lanes", "joints"):
        viewer.get_by_role("checkbox", name=f"Show {field} on the pictures").uncheck()
    canvas = _tile(viewer, 0).locator("canvas")
    # The first picture has one box, from 10 % to 60 % of its width and from 20 % to 70 % of its height.
    left, top, right, bottom = _inked_bounds(canvas)
    assert (left, right) == (pytest.approx(0.1, abs=0.03), pytest.approx(0.6, abs=0.03))
    assert (top, bottom) == (pytest.approx(0.2, abs=0.04), pytest.approx(0.7, abs=0.04))


def test_a_filter_is_saved_as_a_view_and_the_same_after_a_reload(
    viewer: Page, served: Installation, dataset: int, artefacts: Path
) -> None:
    _labels(viewer, "truth").get_by_role("button", name=re.compile("^cat")).click()
    expect(viewer.get_by_test_id(COUNT)).to_have_text("20 samples of 60")
    viewer.get_by_role("combobox", name="Sort by").click()
    viewer.get_by_role("option", name="cnn: least confident first").click()
    viewer.get_by_role("checkbox", name="Show lanes on the pictures").uncheck()
    _save_view(viewer, "unsure cats")
    first = _first_name(viewer)
    address = viewer.url
    viewer.reload()
    expect(viewer.get_by_test_id(COUNT)).to_have_text("20 samples of 60")
    expect(_bookmark(viewer, "unsure cats")).to_be_visible()
    assert (viewer.url, _first_name(viewer)) == (address, first)
    shoot(viewer, artefacts, "viewer-view")

    # Somebody who opens it from nothing sees the same.
    viewer.goto(f"{served.url}/datasets/{dataset}")
    expect(viewer.get_by_test_id(COUNT)).to_have_text("60 samples")
    viewer.get_by_role("checkbox", name="Show lanes on the pictures").check()
    _bookmark(viewer, "Views").click()
    viewer.get_by_role("list", name="Views").get_by_role("button", name="unsure cats", exact=True).click()
    expect(viewer.get_by_test_id(COUNT)).to_have_text("20 samples of 60")
    expect(viewer.get_by_role("checkbox", name="Show lanes on the pictures")).not_to_be_checked()
    assert _query(viewer) == _query_of(address)


def test_a_view_is_changed_renamed_and_deleted_and_says_when_it_no_longer_fits(
    viewer: Page, served: Installation, dataset: int, artefacts: Path
) -> None:
    _labels(viewer, "truth").get_by_role("button", name=re.compile("^cat")).click()
    _save_view(viewer, "cats")
    _labels(viewer, "truth").get_by_role("button", name=re.compile("^dog")).click()
    _bookmark(viewer, "cats (changed)").click()
    _of_view(viewer, "cats", "Update to what is shown")
    expect(_bookmark(viewer, "cats")).to_be_visible()
    _of_view(viewer, "cats", "Rename")
    viewer.get_by_role("textbox", name="New name of cats").fill("cats and dogs")
    viewer.keyboard.press("Enter")
    expect(viewer.get_by_role("button", name="Change the view cats and dogs")).to_be_visible()
    with served.api() as api:
        [view] = api.get(f"/datasets/{dataset}/views/").json()["results"]
        assert view["filter"] == {"field": "truth.label", "op": "in", "value": ["cat", "dog"]}
        api.patch(f"/datasets/{dataset}/fields/truth/", json={"name": "gold"}).raise_for_status()
    viewer.goto(f"{served.url}/datasets/{dataset}")
    _bookmark(viewer, "Views").click()
    expect(viewer.get_by_text(re.compile("no field “truth”"))).to_be_visible()
    shoot(viewer, artefacts, "viewer-views")
    _of_view(viewer, "cats and dogs", "Delete")
    expect(viewer.get_by_text("No views yet", exact=False)).to_be_visible()


def test_two_fields_compared_filter_to_where_they_disagree(viewer: Page, artefacts: Path) -> None:
    viewer.get_by_role("button", name="Compare two fields").click()
    compared = viewer.get_by_role("list", name="truth and cnn")
    for name, number in (("Agree", 40), ("Disagree", 10), ("Only truth", 10), ("Only cnn", 0)):
        expect(compared.get_by_role("button", name=re.compile(f"^{name}"))).to_contain_text(str(number))
    compared.get_by_role("button", name=re.compile("^Disagree")).click()
    expect(viewer.get_by_test_id(COUNT)).to_have_text("10 samples of 60")
    viewer.get_by_role("button", name="Most disagreeing first").click()
    expect(viewer).to_have_url(re.compile("sort=-compare"))
    expect(viewer.get_by_role("combobox", name="Sort by")).to_have_value(re.compile("most disagreeing first"))
    shoot(viewer, artefacts, "viewer-compare")
    compared.get_by_role("button", name=re.compile("^Disagree")).click()
    expect(viewer.get_by_test_id(COUNT)).to_have_text("60 samples")


def test_selected_samples_are_tagged_and_the_undo_takes_it_back(
    viewer: Page, served: Installation, dataset: int, artefacts: Path
) -> None:
    _tile(viewer, 0).hover()
    viewer.keyboard.press("x")
    _opener(viewer, 4).click(modifiers=["Shift"])
    viewer.get_by_role("button", name="5 samples selected").click()
    viewer.get_by_role("menuitem", name="Tag…").click()
    dialog = viewer.get_by_role("dialog", name="Tag samples")
    expect(dialog.get_by_text("5 selected")).to_be_visible()
    dialog.get_by_label("Tags").fill("blurred")
    shoot(viewer, artefacts, "viewer-tag")
    dialog.get_by_role("button", name="Add tags").click()
    expect(viewer.get_by_text("5 samples tagged “blurred”.")).to_be_visible()
    tags = viewer.get_by_role("list", name="Labels of tags")
    expect(tags.get_by_role("button", name=re.compile("^blurred"))).to_contain_text("5")
    viewer.get_by_role("alert").get_by_role("button", name="Undo", exact=True).click()
    expect(viewer.get_by_text("5 samples as before.")).to_be_visible()
    expect(viewer.get_by_text("No sample is tagged.")).to_be_visible()
    with served.api() as api:
        assert [sample["tags"] for sample in _samples(api, dataset)] == [[]] * 60


def test_all_matches_of_a_filter_are_labelled_and_deleted(viewer: Page, artefacts: Path) -> None:
    viewer.get_by_role("button", name="Filter by split").click()
    _labels(viewer, "split").get_by_role("button", name=re.compile("^test")).click()
    expect(viewer.get_by_test_id(COUNT)).to_have_text("15 samples of 60")
    viewer.get_by_role("button", name="Label samples").click()
    dialog = viewer.get_by_role("dialog", name="Label samples")
    expect(dialog.get_by_text("All 15 matches of the filter")).to_be_visible()
    dialog.get_by_label("Field").fill("reviewed")
    viewer.keyboard.press("Tab")
    dialog.get_by_label("Label").fill("seen")
    viewer.keyboard.press("Tab")
    shoot(viewer, artefacts, "viewer-label")
    dialog.get_by_role("button", name="Set label").click()
    expect(viewer.get_by_text("15 samples labelled “seen” in reviewed.")).to_be_visible()
    expect(viewer.get_by_role("checkbox", name="Show reviewed on the pictures")).to_be_visible()
    viewer.get_by_role("button", name="Delete samples").click()
    question = viewer.get_by_role("dialog", name="Delete samples")
    shoot(viewer, artefacts, "viewer-delete")
    question.get_by_role("button", name="Delete 15 samples").click()
    expect(viewer.get_by_text("15 samples deleted.")).to_be_visible()
    expect(viewer.get_by_text("No sample matches")).to_be_visible()
    viewer.get_by_role("button", name="Reset all filters").last.click()
    expect(viewer.get_by_test_id(COUNT)).to_have_text("45 samples")


def test_counts_follow_the_other_filters_and_each_is_reset_by_itself(viewer: Page, artefacts: Path) -> None:
    _labels(viewer, "truth").get_by_role("button", name=re.compile("^cat")).click()
    expect(viewer.get_by_test_id(COUNT)).to_have_text("20 samples of 60")
    # The labels beside the picked one stay; another field is counted among the cats.
    viewer.get_by_role("button", name="Filter by boxes").click()
    expect(_labels(viewer, "truth").get_by_role("button", name=re.compile("^dog"))).to_contain_text("20")
    expect(_labels(viewer, "boxes").get_by_role("button", name=re.compile("^thing"))).to_contain_text("20")
    viewer.get_by_role("button", name="Filter by score").click()
    viewer.get_by_role("button", name="Filter by cnn").click()
    slider = viewer.get_by_role("slider", name="cnn.confidence from")
    slider.focus()
    for _ in range(5):
        viewer.keyboard.press("ArrowRight")
    expect(viewer.get_by_text("cnn.confidence ≥ 0.05")).to_be_visible()
    shoot(viewer, artefacts, "viewer-filters")
    viewer.get_by_role("button", name="Reset the filter on truth").click()
    expect(_labels(viewer, "truth").get_by_role("button", name=re.compile("^cat"))).to_have_attribute(
        "aria-pressed", "false"
    )
    viewer.get_by_role("button", name="Reset all filters").click()
    expect(viewer.get_by_test_id(COUNT)).to_have_text("60 samples")


def test_samples_without_a_value_are_found(viewer: Page) -> None:
    viewer.get_by_role("button", name="Filter by cnn").click()
    presence = viewer.get_by_role("radiogroup", name="Samples with or without cnn")
    presence.get_by_text(re.compile("^Missing")).click()
    expect(viewer.get_by_test_id(COUNT)).to_have_text("10 samples of 60")
    presence.get_by_text("With value").click()
    expect(viewer.get_by_test_id(COUNT)).to_have_text("50 samples of 60")
    presence.get_by_text("Any", exact=True).click()
    expect(viewer.get_by_test_id(COUNT)).to_have_text("60 samples")


def test_a_bar_of_a_distribution_filters_and_a_second_click_leaves_it(viewer: Page, artefacts: Path) -> None:
    viewer.get_by_role("tab", name="Distributions").click()
    bars = viewer.get_by_role("list", name="Distribution of truth")
    shoot(viewer, artefacts, "viewer-distributions")
    bars.get_by_role("button", name=re.compile("^dog")).click()
    expect(viewer.get_by_test_id(COUNT)).to_have_text("20 samples of 60")
    bars.get_by_role("button", name=re.compile("^dog")).click()
    expect(viewer.get_by_test_id(COUNT)).to_have_text("60 samples")
    numbers = viewer.get_by_role("list", name="Histogram of score").get_by_role("button")
    numbers.first.click()
    # The first bar is of the two least of the scores.
    expect(viewer.get_by_test_id(COUNT)).to_have_text(f"{2 * 60 // NUMBER} samples of 60")
    numbers.first.click()
    expect(viewer.get_by_test_id(COUNT)).to_have_text("60 samples")


def _tile(page: Page, index: int) -> Locator:
    return page.get_by_role("listitem").filter(has=_opener(page, index))


def _opener(page: Page, index: int) -> Locator:
    return page.get_by_role("button", name=f"Open scene-{index:03}.png", exact=True)


def _labels(page: Page, field: str) -> Locator:
    return page.get_by_role("list", name=f"Labels of {field}")


def _first_name(page: Page) -> str | None:
    return page.get_by_role("button", name=re.compile("^Open scene-")).first.get_attribute("aria-label")


def _save_view(page: Page, name: str) -> None:
    _bookmark(page, "Views").click()
    page.get_by_role("textbox", name="Name of the new view").fill(name)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(_bookmark(page, name)).to_be_visible()


def _bookmark(page: Page, name: str) -> Locator:
    return page.get_by_role("toolbar", name="View").get_by_role("button", name=name, exact=True)


def _of_view(page: Page, name: str, item: str) -> None:
    page.get_by_role("button", name=f"Change the view {name}", exact=True).click()
    page.get_by_role("menuitem", name=item).click()


def _query(page: Page) -> dict[str, Any]:
    return _query_of(page.url)


def _query_of(url: str) -> dict[str, Any]:
    return parse_qs(urlsplit(url).query)


def _inked(canvas: Locator) -> int:
    """Pixels of a canvas that something is drawn on."""
    return int(
        canvas.evaluate(
            """canvas => {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                let inked = 0;
                for (let at = 3; at < data.length; at += 4) if (data[at]) inked += 1;
                return inked;
            }"""
        )
    )


def _inked_bounds(canvas: Locator) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is drawn, in shares of the canvas."""
    left, top, right, bottom = canvas.evaluate(
        """canvas => {
            const { width, height } = canvas;
            const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
            let [left, top, right, bottom] = [1, 1, 0, 0];
            for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) {
                if (!data[(y * width + x) * 4 + 3]) continue;
                left = Math.min(left, x / width); right = Math.max(right, (x + 1) / width);
                top = Math.min(top, y / height); bottom = Math.max(bottom, (y + 1) / height);
            }
            return [left, top, right, bottom];
        }"""
    )
    return left, top, right, bottom


def _samples(api: httpx.Client, dataset: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"/datasets/{dataset}/samples/", params={"limit": 500}).json()[
        "results"
    ]
    return found
