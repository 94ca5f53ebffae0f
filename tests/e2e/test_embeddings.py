"""Embeddings in a real browser: laid out by a job, drawn around and tagged, and the nearest of one opened."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.test_accessibility import _faults
from tests.e2e.walking import shoot, sign_in
from tests.fixtures_server import Installation
from tests.worlds import images

pytestmark = pytest.mark.browser

GROUPS = {"west": (-40.0, 0.0), "east": (40.0, 0.0), "north": (0.0, 40.0)}
IN_GROUP = 12
WIDTH = 8


@dataclass
class World:
    """A dataset of three groups of samples, whose vectors lie far from those of the others."""

    api: httpx.Client
    dataset: int
    samples: list[dict[str, Any]]

    def put(self, field: str, type_: str, values: list[Any], **facts: Any) -> None:
        at = f"/datasets/{self.dataset}"
        self.api.post(f"{at}/fields/", json={"name": field, "type": type_, **facts}).raise_for_status()
        rows = [
            {"sample": sample["id"], "value": value}
            for sample, value in zip(self.samples, values, strict=True)
        ]
        self.api.put(f"{at}/values/", json={"field": field, "values": rows}).raise_for_status()

    def tagged(self, tag: str) -> set[int]:
        found = self.api.get(f"/datasets/{self.dataset}/samples/", params={"limit": 200}).json()["results"]
        return {sample["id"] for sample in found if tag in sample["tags"]}


@pytest.fixture
def world(served: Installation) -> Iterator[World]:
    choose = random.Random(2)
    with served.api() as api:
        dataset = api.post("/datasets/", json={"name": "groups"}).json()["id"]
        files = [
            ("files", (name, content, "image/png"))
            for name, content in images(IN_GROUP * len(GROUPS)).items()
        ]
        api.post(f"/datasets/{dataset}/samples/", files=files).raise_for_status()
        query = {"limit": 200, "sort": "name"}
        samples = api.get(f"/datasets/{dataset}/samples/", params=query).json()["results"]
        made = World(api, dataset, samples)
        groups = [name for name in GROUPS for _ in range(IN_GROUP)]
        made.put("group", "classification", [{"label": name} for name in groups])
        vectors = [
            [*(place + choose.gauss(0, 1) for place in GROUPS[name]), *(choose.gauss(0, 1) for _ in range(6))]
            for name in groups
        ]
        made.put("vector", "embedding", vectors, dimension=WIDTH)
        yield made


def test_embeddings_are_laid_out_drawn_around_tagged_and_their_nearest_opened(
    walker: Page, served: Installation, world: World, artefacts: Path
) -> None:
    page = walker
    sign_in(page, served)
    page.goto(f"{served.url}/datasets/{world.dataset}")
    expect(page.get_by_test_id("sample-count")).to_have_text("36 samples")
    page.get_by_role("button", name="Embeddings", exact=True).click()
    panel = page.get_by_role("region", name="Embeddings")
    expect(panel.get_by_role("radio", name="PCA")).to_be_checked()
    expect(panel.get_by_role("button", name="Compute")).to_be_enabled()
    shoot(page, artefacts, "embeddings-new")
    panel.get_by_role("button", name="Compute").click()
    plot = panel.get_by_role("application", name=re.compile("^Scatter plot: PCA of vector, 36 samples"))
    expect(plot).to_be_visible(timeout=60_000)
    expect(panel.get_by_role("list", name="Labels of group")).to_contain_text("west")
    _painted(panel)
    shoot(page, artefacts, "embeddings-points")
    assert _faults(page, "embeddings") == []

    # What is drawn around is in the grid, and nothing else.
    _draw(page, _where(world, page, plot, "east"))
    expect(panel.get_by_test_id("points-chosen")).to_have_text("12 chosen")
    expect(page.get_by_test_id("sample-count")).to_have_text("12 samples of 36")
    _draw(page, _where(world, page, plot, "north"), holding="Shift")
    expect(panel.get_by_test_id("points-chosen")).to_have_text("24 chosen")
    _draw(page, _where(world, page, plot, "east"), holding="Alt")
    expect(page.get_by_test_id("sample-count")).to_have_text("12 samples of 36")
    expect(page.get_by_label("Filtered by")).to_contain_text("drawn around in projection")
    shoot(page, artefacts, "embeddings-chosen")
    north = {sample["id"] for sample in world.samples[2 * IN_GROUP :]}

    # What can be done with a view can be done with it.
    page.get_by_role("button", name="Tag samples").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Tags", exact=True).fill("northern")
    dialog.get_by_role("button", name="Add tags").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("12 samples tagged “northern”", exact=False)).to_be_visible()
    assert world.tagged("northern") == north

    # By keys alone: all that is in sight.
    panel.get_by_role("button", name="Clear").click()
    expect(page.get_by_test_id("sample-count")).to_have_text("36 samples")
    plot.focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_test_id("points-chosen")).to_have_text("36 chosen")
    page.keyboard.press("Escape")
    expect(panel.get_by_test_id("points-chosen")).to_have_count(0)

    # The nearest of a sample, and one of them.
    page.get_by_role("button", name=re.compile("^Open .*picture-0000")).click()
    nearest = page.get_by_role("region", name="Nearest samples").get_by_role("button")
    expect(nearest).to_have_count(12)
    shoot(page, artefacts, "embeddings-nearest")
    name = re.sub(r"^Open (\S+),.*", r"\1", nearest.first.get_attribute("aria-label") or "")
    assert name in {sample["name"] for sample in world.samples[:IN_GROUP]}
    nearest.first.click()
    expect(
        page.get_by_role("dialog", name="Sample").get_by_role("img", name=name, exact=True)
    ).to_be_visible()


def _painted(panel: Locator) -> None:
    """Waits for the points themselves."""
    expect(panel.get_by_test_id("points")).to_be_visible()
    panel.page.wait_for_function(
        """() => {
            const canvas = document.querySelector("[data-testid=points]");
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            return pixels.some((value) => value > 0);
        }"""
    )


def _where(world: World, page: Page, plot: Locator, group: str) -> list[tuple[float, float]]:
    """Corners on the screen around a group's points, as the plot fits them into itself."""
    at = f"/datasets/{world.dataset}/projections/"
    projection = world.api.get(at).json()["results"][0]["id"]
    points = world.api.get(f"{at}{projection}/points/", params={"colour": "group"}).json()
    label = points["classes"].index(group)
    box = plot.bounding_box()
    assert box is not None
    west, south, east, north = points["extent"]
    margin = 18
    scale = min((box["width"] - 2 * margin) / (east - west), (box["height"] - 2 * margin) / (north - south))
    own = [place for place, each in enumerate(points["labels"]) if each == label]
    across = [box["x"] + box["width"] / 2 + (points["x"][i] - (west + east) / 2) * scale for i in own]
    down = [box["y"] + box["height"] / 2 - (points["y"][i] - (south + north) / 2) * scale for i in own]
    left, right, top, bottom = min(across) - 8, max(across) + 8, min(down) - 8, max(down) + 8
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _draw(page: Page, corners: list[tuple[float, float]], holding: str = "") -> None:
    if holding:
        page.keyboard.down(holding)
    page.mouse.move(*corners[0])
    page.mouse.down()
    for x, y in [*corners[1:], corners[0]]:
        page.mouse.move(x, y, steps=6)
    page.mouse.up()
    if holding:
        page.keyboard.up(holding)
