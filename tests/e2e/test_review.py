"""A review in a real browser: the least confident samples, by keyboard alone, beside somebody else who has others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.walking import shoot, sign_in
from tests.e2e.worlds import CLASSES, SCENES, boxes_of, guess_of, pictured
from tests.fixtures_server import Installation

pytestmark = pytest.mark.browser

MAKE_ANNOTATOR = """
import django; django.setup()
from samplecase.web.accounts.models import ApiToken, User
user = User.objects.create_user("ann", "", "correct horse battery")
print(ApiToken.objects.create(user, name="test")[1])
"""
GUESSES = {index: guess for index in range(SCENES) if (guess := guess_of(index))}
# The numbers of the scenes, the least confident first.
UNSURE = sorted(GUESSES, key=lambda index: (GUESSES[index]["confidence"], index))


@pytest.fixture
def served(installation: Installation) -> Installation:
    """An installation whose server runs; nothing here needs a job."""
    installation.start("web", "--port", str(installation.port))
    installation.wait_until_up()
    return installation


@pytest.fixture
def dataset(served: Installation) -> int:
    """A dataset of known guesses, which everyone may label."""
    with served.api() as api:
        made = pictured(api)
        sharing = {"everyone": "label", "users": [], "groups": []}
        api.put(f"/datasets/{made}/sharing/", json=sharing).raise_for_status()
        return made


def test_ten_of_the_least_confident_are_reviewed_by_keyboard_alone(
    walker: Page, served: Installation, dataset: int, artefacts: Path
) -> None:
    page = walker
    sign_in(page, served)
    page.goto(f"{served.url}/datasets/{dataset}")
    expect(page.get_by_role("button", name="Open scene-000.png")).to_be_visible()
    _press(page, page.get_by_role("button", name="Review", exact=True))
    expect(page.get_by_text("No reviews yet.")).to_be_visible()
    _press(page, page.get_by_role("button", name="New review"))
    form = page.get_by_role("dialog", name="New review")
    expect(form.get_by_role("combobox", name="Labels to review")).to_have_value("cnn (classification)")
    expect(form.get_by_label("Write to")).to_have_value("cnn_reviewed")
    expect(form.get_by_role("combobox", name="Order")).to_have_value("Least confident first")
    shoot(page, artefacts, "review-new")
    form.get_by_label("Name", exact=True).focus()
    page.keyboard.press("Enter")
    _shows(page, UNSURE[0])
    expect(_review(page).get_by_role("region", name="Classes")).to_contain_text("owl")
    shoot(page, artefacts, "review-classes")

    token = served.manage("-c", MAKE_ANNOTATOR)
    headers = {"Authorization": f"Token {token}"}
    with served.api() as api, httpx.Client(base_url=f"{served.url}/api/v1", headers=headers) as other:
        path = f"/datasets/{dataset}/reviews/{_reviews(api, dataset)[0]['id']}"
        theirs = other.post(f"{path}/claims/", json={"count": 5}).raise_for_status().json()["results"]
        assert [each["name"] for each in theirs] == [_name(index) for index in UNSURE[5:10]]
        mine = [*UNSURE[:5], *UNSURE[10:15]]
        held = {"sample": _ids(api, dataset)[_name(mine[1])], "decision": "accept"}
        refused = other.post(f"{path}/decisions/", json=held)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "claimed")

        expected: dict[str, Any] = {}
        page.keyboard.press("ArrowRight")
        _shows(page, mine[1])
        page.keyboard.press("ArrowLeft")
        for place, index in enumerate(mine):
            _shows(page, index)
            guess, others = (
                GUESSES[index]["label"],
                [each for each in CLASSES if each != GUESSES[index]["label"]],
            )
            if place == 2:
                page.keyboard.press("r")
                continue
            expected[_name(index)] = {"label": guess}
            if place in {3, 7}:  # by its digit
                page.keyboard.press(str(CLASSES.index(others[0]) + 1))
                expected[_name(index)] = {"label": others[0]}
            elif place == 4:  # by a part of its name
                page.keyboard.press("c")
                chooser = page.get_by_role("dialog", name="What is it?")
                expect(chooser.get_by_label("Class", exact=True)).to_be_focused()
                page.keyboard.type(others[1][:2])
                expect(chooser.get_by_role("option").first).to_have_text(others[1])
                page.keyboard.press("Enter")
                expect(chooser).to_be_hidden()
                expected[_name(index)] = {"label": others[1]}
            elif place == 5:  # in error, and taken back
                page.keyboard.press("r")
                _shows(page, mine[6])
                page.keyboard.press("u")
                expect(page.get_by_text(f"Taken back: {_name(index)}.")).to_be_visible()
                _shows(page, index)
                page.keyboard.press("Enter")
            else:
                page.keyboard.press("a")
        _shows(page, UNSURE[15])
        expect(_progress(page)).to_have_text("10 done, 40 left, 5 with others")
        shoot(page, artefacts, "review-progress")
        assert _values(api, dataset, "cnn_reviewed") == expected
        assert _values(api, dataset, "cnn") == {_name(index): guess for index, guess in GUESSES.items()}
        [made] = _reviews(api, dataset)
        assert {key: made["counts"][key] for key in ("accepted", "rejected", "corrected")} == {
            **{"accepted": 6, "rejected": 1, "corrected": 3},
        }

        page.reload()
        _shows(page, UNSURE[15])
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text(
            "Accept what the model says"
        )
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
        page.keyboard.press("Escape")
        expect(_review(page)).to_be_hidden()
        _press(page, page.get_by_role("button", name="Review", exact=True))
        expect(page.get_by_role("list", name="Reviews")).to_contain_text("10 done, 40 left, 5 with others")
        shoot(page, artefacts, "review-menu")

        only = {"field": "name", "op": "in", "value": [_name(index) for index in UNSURE[20:23]]}
        body = {"name": "Three", "source": "cnn", "filter": only}
        three = api.post(f"/datasets/{dataset}/reviews/", json=body).raise_for_status().json()["id"]
        page.goto(f"{served.url}/datasets/{dataset}?review={three}")
        for index, key in zip(UNSURE[20:23], ("a", "r", "a"), strict=True):
            _shows(page, index)
            page.keyboard.press(key)
        expect(page.get_by_role("heading", name="All reviewed")).to_be_visible()
        expect(_review(page)).to_contain_text("2 accepted, 1 rejected.")
        shoot(page, artefacts, "review-end")
        _press(page, page.get_by_role("button", name="Show the 2 accepted"))
        expect(page.get_by_test_id("sample-count")).to_contain_text("2 samples")
        expect(page.get_by_role("button", name=f"Open {_name(UNSURE[22])}")).to_be_visible()


def test_the_boxes_of_a_sample_are_corrected_as_one(
    walker: Page, served: Installation, dataset: int, artefacts: Path
) -> None:
    page = walker
    with served.api() as api:
        only = {"field": "name", "op": "in", "value": [_name(1), _name(3)]}
        body = {"name": "Boxes", "source": "boxes", "filter": only, "order": "name"}
        made = api.post(f"/datasets/{dataset}/reviews/", json=body).raise_for_status().json()["id"]
        sign_in(page, served)
        page.goto(f"{served.url}/datasets/{dataset}?review={made}")
        _shows(page, 1)
        page.keyboard.press("c")
        objects = _review(page).get_by_role("region", name="Objects")
        expect(objects.get_by_role("listitem")).to_have_count(2)
        shoot(page, artefacts, "review-boxes")
        expect(_review(page).get_by_role("application")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Delete")
        expect(objects.get_by_role("listitem")).to_have_count(1)
        page.keyboard.press("Control+z")
        expect(objects.get_by_role("listitem")).to_have_count(2)
        page.keyboard.press("Control+Shift+z")
        expect(objects.get_by_role("listitem")).to_have_count(1)
        page.keyboard.press("Control+Enter")
        _shows(page, 3)
        page.keyboard.press("a")
        expect(page.get_by_role("heading", name="All reviewed")).to_be_visible()
        expect(_review(page)).to_contain_text("1 accepted, 1 corrected.")
        kept = _values(api, dataset, "boxes_reviewed")
        assert {name: [each["label"] for each in boxes] for name, boxes in kept.items()} == {
            **{_name(1): ["other"], _name(3): ["thing", "other"]},
        }
        assert not any("confidence" in each for boxes in kept.values() for each in boxes)
        said = _values(api, dataset, "boxes")[_name(1)]
        assert [each["confidence"] for each in said] == [each["confidence"] for each in boxes_of(1)]


def _press(page: Page, button: Locator) -> None:
    button.focus()
    page.keyboard.press("Enter")


def _review(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Reviewing", exact=True)


def _progress(page: Page) -> Locator:
    return _review(page).get_by_test_id("review-progress")


def _shows(page: Page, index: int) -> None:
    expect(_review(page).get_by_test_id("review-sample")).to_have_text(_name(index))


def _name(index: int) -> str:
    return f"scene-{index:03}.png"


def _reviews(api: httpx.Client, dataset: int) -> list[Any]:
    return list(api.get(f"/datasets/{dataset}/reviews/").json()["results"])


def _samples(api: httpx.Client, dataset: int) -> list[Any]:
    return list(api.get(f"/datasets/{dataset}/samples/", params={"limit": 100}).json()["results"])


def _ids(api: httpx.Client, dataset: int) -> dict[str, int]:
    return {each["name"]: each["id"] for each in _samples(api, dataset)}


def _values(api: httpx.Client, dataset: int, field: str) -> dict[str, Any]:
    """Sample name -> what the server has in the field, where it has something."""
    found = _samples(api, dataset)
    return {each["name"]: each["values"][field] for each in found if field in each["values"]}
