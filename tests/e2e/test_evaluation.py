"""An evaluation from the page: made in a dialog, a cell opens its samples, a corrected label moves the figures."""

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
from tests.fixtures_server import Installation, wait_for
from tests.worlds import images

pytestmark = pytest.mark.browser

SAMPLES = 60
ANIMALS = ["cat", "dog", "fox", "horse", "mouse", "owl"]


@dataclass
class World:
    """A dataset of animals: a truth, two fields of guesses, and boxes that were found more or less."""

    api: httpx.Client
    dataset: int
    samples: list[dict[str, Any]]

    def put(self, field: str, values: list[Any]) -> None:
        rows = [
            {"sample": sample["id"], "value": value}
            for sample, value in zip(self.samples, values, strict=False)
        ]
        body = {"field": field, "values": rows}
        assert self.api.put(f"/datasets/{self.dataset}/values/", json=body).status_code == 200

    def evaluate(self, predictions: str, ground_truth: str) -> dict[str, Any]:
        url = f"/datasets/{self.dataset}/evaluations/"
        made = self.api.post(url, json={"predictions": predictions, "ground_truth": ground_truth}).json()

        def finished() -> dict[str, Any] | None:
            facts: dict[str, Any] = self.api.get(f"{url}{made['id']}/").json()
            return facts if facts["state"] == "finished" else None

        found: dict[str, Any] = wait_for(finished, seconds=60, what="the evaluation")
        return found


@pytest.fixture
def world(served: Installation) -> Iterator[World]:
    choose = random.Random(4)
    with served.api() as api:
        dataset = api.post("/datasets/", json={"name": "animals"}).json()["id"]
        files = [("files", (name, content, "image/png")) for name, content in images(SAMPLES).items()]
        assert api.post(f"/datasets/{dataset}/samples/", files=files).json()["added"] == SAMPLES
        samples = api.get(f"/datasets/{dataset}/samples/", params={"limit": 200}).json()["results"]
        made = World(api, dataset, samples)
        types = {
            "ground_truth": "classification",
            "guess": "classification",
            "second_guess": "classification",
        }
        for name, type_ in {**types, "true_boxes": "detections", "found_boxes": "detections"}.items():
            field = {"name": name, "type": type_}
            assert api.post(f"/datasets/{dataset}/fields/", json=field).status_code == 201
        truth = [ANIMALS[place % len(ANIMALS)] for place in range(SAMPLES)]
        made.put("ground_truth", [{"label": label} for label in truth])
        for name, chance in (("guess", 0.75), ("second_guess", 0.85)):
            made.put(name, [_guess(choose, label, chance) for label in truth])
        boxes = [[_box(choose, label), _box(choose, choose.choice(ANIMALS))] for label in truth]
        made.put("true_boxes", boxes)
        made.put("found_boxes", [_found(choose, each) for each in boxes])
        yield made


def _guess(choose: random.Random, label: str, chance: float) -> dict[str, Any]:
    guessed = label if choose.random() < chance else choose.choice(ANIMALS)
    return {"label": guessed, "confidence": round(choose.uniform(0.4, 1), 3)}


def _box(choose: random.Random, label: str) -> dict[str, Any]:
    return {"label": label, "bounding_box": [choose.uniform(0, 0.5), choose.uniform(0, 0.5), 0.4, 0.4]}


def _found(choose: random.Random, boxes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for each in boxes:
        if choose.random() < 0.85:
            left, top, width, height = each["bounding_box"]
            moved = [left + choose.uniform(0, 0.08), top + choose.uniform(0, 0.08), width, height]
            guess = _guess(choose, each["label"], 0.8)
            found.append({**guess, "bounding_box": moved})
    if choose.random() < 0.3:
        found.append({**_box(choose, choose.choice(ANIMALS)), "confidence": 0.3})
    return found


def test_evaluate_then_look_behind_a_cell_then_correct_then_refresh(
    walker: Page, served: Installation, world: World, artefacts: Path
) -> None:
    page = walker
    sign_in(page, served)
    page.get_by_role("link", name="animals").click()
    page.get_by_role("link", name="Evaluations").click()
    expect(page.get_by_text("No evaluations yet")).to_be_visible()
    shoot(page, artefacts, "evaluations-none")
    _evaluate(page, artefacts)
    expect(page.get_by_text("Finished", exact=True)).to_be_visible(timeout=60_000)
    before = _figure(page, "accuracy")
    shoot(page, artefacts, "evaluation-of-labels")

    cell = _wrong_cell(page)
    number, actual, predicted = cell
    page.get_by_role("link", name=f"{number}: {actual} taken for {predicted}", exact=True).click()
    tiles = page.get_by_role("button", name=re.compile(r"^Open .*picture-\d+"))
    expect(tiles).to_have_count(number)
    expect(page.get_by_role("region", name="Filtered by")).to_contain_text(
        f"evaluation 1, actual {actual}, predicted {predicted}"
    )
    shoot(page, artefacts, "evaluation-cell-in-the-grid")
    names = [re.findall(r"picture-\d+\.png", tiles.nth(place).get_attribute("aria-label") or "")[0]
             for place in range(number)]  # fmt: skip

    # The guess was right after all: the truth is corrected.
    wrong = next(each for each in world.samples if each["name"] == names[0])
    body = {"field": "ground_truth", "values": [{"sample": wrong["id"], "value": {"label": predicted}}]}
    assert world.api.put(f"/datasets/{world.dataset}/values/", json=body).status_code == 200

    page.go_back()
    expect(page.get_by_role("alert").filter(has_text="Values have changed")).to_be_visible()
    assert _figure(page, "accuracy") == before
    shoot(page, artefacts, "evaluation-stale")
    page.get_by_role("button", name="Count again").click()
    expect(page.get_by_text("Values have changed")).to_be_hidden(timeout=60_000)
    expect(page.get_by_text("Finished", exact=True)).to_be_visible(timeout=60_000)
    expect(page.locator("[data-metric=accuracy]")).not_to_contain_text(before)
    assert float(_figure(page, "accuracy").split()[0]) > float(before.split()[0])


def test_boxes_have_a_column_for_what_was_missed_and_curves(
    walker: Page, served: Installation, world: World, artefacts: Path
) -> None:
    made = world.evaluate("found_boxes", "true_boxes")
    page = walker
    sign_in(page, served)
    page.goto(f"{served.url}/datasets/{world.dataset}/evaluations/{made['id']}")
    expect(page.get_by_role("img", name=re.compile("^Precision over recall"))).to_be_visible()
    shoot(page, artefacts, "evaluation-of-boxes")
    page.get_by_role("button", name=re.compile("^fox")).click()
    expect(page).to_have_url(re.compile("curve=fox"))
    page.get_by_role("button", name="F1", exact=True).click()
    expect(page).to_have_url(re.compile("sort=f1"))
    page.reload()
    expect(page.get_by_role("button", name=re.compile("^fox"))).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("columnheader", name="F1")).to_have_attribute("aria-sort", "ascending")

    missed = page.get_by_role("link", name=re.compile("missed$")).first
    leaf = {"evaluation": made["id"], "actual": _class_of(missed), "predicted": None}
    found = world.api.get(
        f"/datasets/{world.dataset}/samples/", params={"filter": _json(leaf), "limit": 100}
    ).json()["results"]
    assert found
    missed.click()
    expect(page.get_by_role("button", name=re.compile(r"^Open .*picture-\d+"))).to_have_count(len(found))


def test_two_evaluations_side_by_side(
    walker: Page, served: Installation, world: World, artefacts: Path
) -> None:
    first, second = world.evaluate("guess", "ground_truth"), world.evaluate("second_guess", "ground_truth")
    page = walker
    sign_in(page, served)
    page.goto(f"{served.url}/datasets/{world.dataset}/evaluations")
    rows = page.get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("by owner")
    shoot(page, artefacts, "evaluations")
    page.get_by_role("link", name="second_guess against ground_truth").click()
    page.get_by_role("combobox", name="Compare with").click()
    page.get_by_role("option", name=re.compile("^guess")).click()
    expect(page).to_have_url(re.compile(f"compare={first['id']}"))
    card = page.locator("[data-metric=accuracy]")
    by = (second["metrics"]["accuracy"] - first["metrics"]["accuracy"]) * 100
    expect(card).to_contain_text(f"{by:+.1f} pp".replace("-", "−"))
    expect(page.get_by_role("table", name=re.compile("^Confusion matrix"))).to_have_count(2)
    shoot(page, artefacts, "evaluations-compared")
    faults = _faults(page, "two evaluations")
    page.goto(f"{served.url}/datasets/{world.dataset}/evaluations")
    page.get_by_role("button", name="New evaluation").click()
    expect(page.get_by_role("dialog", name="New evaluation")).to_be_visible()
    faults += _faults(page, "new evaluation")
    boxes = world.evaluate("found_boxes", "true_boxes")
    page.goto(f"{served.url}/datasets/{world.dataset}/evaluations/{boxes['id']}")
    expect(page.get_by_role("img", name=re.compile("^Precision over recall"))).to_be_visible()
    assert faults + _faults(page, "an evaluation of boxes") == []


def test_the_matrix_by_keyboard_alone(walker: Page, served: Installation, world: World) -> None:
    made = world.evaluate("guess", "ground_truth")
    page = walker
    sign_in(page, served)
    page.goto(f"{served.url}/datasets/{world.dataset}/evaluations/{made['id']}")
    cells = page.get_by_role("table", name=re.compile("^Confusion matrix")).get_by_role("link")
    expect(cells.first).to_be_visible()
    assert cells.evaluate_all("all => all.filter(each => each.tabIndex === 0).length") == 1
    cells.first.focus()
    before = after = page.evaluate("document.activeElement.getAttribute('aria-label')")
    for key in ("ArrowDown", "ArrowRight"):  # where there is something in that direction
        page.keyboard.press(key)
        after = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert before != after
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile(r"^Open .*picture-\d+"))).to_have_count(
        int(after.split(":")[0])
    )


def _evaluate(page: Page, artefacts: Path) -> None:
    page.get_by_role("button", name="New evaluation").first.click()
    dialog = page.get_by_role("dialog", name="New evaluation")
    _choose(page, dialog, "Predictions", "guess (classification)")
    expect(dialog.get_by_role("combobox", name="Ground truth")).to_have_value("ground_truth (classification)")
    shoot(page, artefacts, "evaluation-new")
    dialog.get_by_role("button", name="Evaluate").click()
    expect(page.get_by_role("heading", name=re.compile("guess against ground_truth"))).to_be_visible()


def _choose(page: Page, dialog: Locator, label: str, option: str) -> None:
    dialog.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def _figure(page: Page, metric: str) -> str:
    """A metric as its card has it."""
    text = page.locator(f"[data-metric={metric}]").inner_text()
    return re.findall(r"[\d.]+ %", text)[0]


def _wrong_cell(page: Page) -> tuple[int, str, str]:
    label = page.get_by_role("link", name=re.compile(" taken for ")).first.get_attribute("aria-label") or ""
    found = re.fullmatch(r"(\d+): (.+) taken for (.+)", label)
    assert found, label
    return int(found[1]), found[2], found[3]


def _class_of(cell: Locator) -> str:
    return re.findall(r": (.+) missed", cell.get_attribute("aria-label") or "")[0]


def _json(document: Any) -> str:
    import json

    return json.dumps(document)
