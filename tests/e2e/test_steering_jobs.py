"""A job from its try to its undoing, in a real browser: tried, submitted, paused, resumed, retried and taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.walking import shoot, sign_in
from tests.fixtures_server import Installation, wait_for
from tests.worlds import FIRST_WIDTH, deployed, images, package, submitted

pytestmark = pytest.mark.browser

BEFORE = """
class Model:
    def predict(self, image_paths):
        return {"predictions": ["before" for _ in image_paths]}
"""
CAREFUL = """
import time


class Model:
    def setup(self, device):
        print("the careful model is ready")

    def predict(self, image_paths, threshold):
        return {"predictions": [self.one(*each) for each in zip(image_paths, threshold)]}

    def one(self, path, threshold):
        time.sleep(threshold / 90)  # so that a test may choose how long it takes
        with open(path, "rb") as file:
            width = int.from_bytes(file.read(20)[16:], "big")  # a PNG says it there
        if width == NARROW:
            return ValueError("this picture is too narrow to be judged")
        return {"label": "wide" if width > threshold else "slim", "confidence": 0.75}
"""
CAREFUL_SCHEMA = {
    "inputs": {
        "type": "object",
        "properties": {"image_paths": {"type": "local"}, "threshold": {"type": "number"}},
        "required": ["image_paths", "threshold"],
    },
    "outputs": {"type": "object", "properties": {"predictions": {"type": "classification"}}},
}
SAMPLES = 40
NARROW = [0, 12, 24, 36]  # places of the pictures that the model refuses
THRESHOLD = 22.5
UNSET = [5, 6, 7]  # places of those for which nobody has set the threshold yet


@dataclass
class World:
    """A dataset whose field `verdict` an earlier model has filled, and a slower, more careful model."""

    api: httpx.Client
    dataset: int
    samples: list[dict[str, Any]]

    def verdicts(self) -> list[str]:
        page = self.api.get(f"/datasets/{self.dataset}/samples/", params={"limit": 200}).json()
        return [each["values"]["verdict"]["label"] for each in page["results"]]

    def set_threshold(self, places: list[int], value: float = THRESHOLD) -> None:
        values = [{"sample": self.samples[place]["id"], "value": value} for place in places]
        body = {"field": "threshold", "values": values}
        assert self.api.put(f"/datasets/{self.dataset}/values/", json=body).status_code == 200


@pytest.fixture
def world(served: Installation) -> Iterator[World]:
    with served.api() as api:
        dataset = api.post("/datasets/", json={"name": "pictures"}).json()["id"]
        files = [("files", (name, content, "image/png")) for name, content in images(SAMPLES).items()]
        assert api.post(f"/datasets/{dataset}/samples/", files=files).json()["added"] == SAMPLES
        samples = api.get(f"/datasets/{dataset}/samples/", params={"limit": 200}).json()["results"]
        made = World(api, dataset, samples)
        field = {"name": "threshold", "type": "number"}
        assert api.post(f"/datasets/{dataset}/fields/", json=field).status_code == 201
        made.set_threshold([place for place in range(SAMPLES) if place not in UNSET])
        before = deployed(served, api, package(BEFORE), "before")
        job = submitted(served, api, dataset=dataset, deployment=before, field="verdict")
        assert (job["state"], job["done"]) == ("finished", SAMPLES)
        careful = package(CAREFUL.replace("NARROW", str(FIRST_WIDTH)), schema=CAREFUL_SCHEMA)
        deployed(served, api, careful, "careful", mini_batch=2)
        yield made


def test_tried_submitted_paused_resumed_retried_and_undone(
    walker: Page, served: Installation, world: World, artefacts: Path
) -> None:
    sign_in(walker, served)
    walker.get_by_role("link", name="pictures").click()
    dialog = _pack(walker)
    _try(walker, dialog, artefacts)
    assert world.verdicts() == ["before"] * SAMPLES  # a dry run writes no field
    dialog.get_by_role("button", name="Submit").click()
    expect(dialog).to_be_hidden()

    job = walker.get_by_role("listitem", name=re.compile(r"^Job \d+: careful")).first
    _pause_and_resume(walker, job, world, artefacts)
    _look_at_the_failures(walker, job, artefacts)
    _retry(walker, job, world, artefacts)
    _undo(walker, job, artefacts)
    assert world.verdicts() == ["before"] * SAMPLES


def test_a_dry_run_is_stopped_from_its_dialog(walker: Page, served: Installation, world: World) -> None:
    world.set_threshold(list(range(8)), value=1_000)  # it does not end by itself before it is stopped
    sign_in(walker, served)
    walker.get_by_role("link", name="pictures").click()
    dialog = _pack(walker)
    dialog.get_by_role("button", name="Try on 8 samples").click()
    dialog.get_by_role("button", name="Stop the dry run").click()
    expect(dialog.get_by_text(re.compile(r"^Stopped after \d of 8"))).to_be_visible(timeout=30_000)
    expect(dialog.get_by_role("button", name="Try on 8 samples")).to_be_enabled()
    job = world.api.get("/jobs/", params={"dataset": world.dataset}).json()["results"][0]
    assert (job["dry_run"], job["state"]) == (8, "cancelled")


def test_a_job_in_which_everything_fails_pauses_and_says_what_resuming_does(
    walker: Page, served: Installation, world: World, artefacts: Path
) -> None:
    narrow = [world.samples[place]["id"] for place in NARROW]
    entry = {
        "deployment": _deployment(world, "careful"),
        "inputs": {"threshold": {"constant": 20}},
        "outputs": {"predictions": "hopeless"},
    }
    order = {"dataset": world.dataset, "samples": narrow, "entries": [entry]}
    assert world.api.post("/jobs/", json=order).status_code == 201
    sign_in(walker, served)
    walker.get_by_role("link", name="pictures").click()
    walker.get_by_role("tab", name=re.compile("^Execution")).click()
    job = walker.get_by_role("listitem", name=re.compile(r"^Job \d+: careful")).first
    expect(job.get_by_text("Paused", exact=True)).to_be_visible(timeout=60_000)
    expect(job.get_by_text("Every sample failed, 4 in all, so the job paused.", exact=False)).to_be_visible()
    shoot(walker, artefacts, "job-paused-by-itself")
    job.get_by_role("button", name="Resume").click()
    expect(job.get_by_text("Finished", exact=True)).to_be_visible(timeout=30_000)
    expect(job.get_by_role("button", name="Retry failed")).to_be_visible()
    job.get_by_role("button", name="Log").click()
    expect(job.get_by_label(re.compile(r"^Log of job"))).to_contain_text("the careful model is ready")


def _deployment(world: World, name: str) -> int:
    models = {each["name"]: each["id"] for each in world.api.get("/models/").json()["results"]}
    rows = world.api.get("/deployments/", params={"model": models[name]}).json()["results"]
    return int(rows[0]["id"])


def _pack(page: Page) -> Locator:
    """The careful model into the suitcase, to replace what stands in `verdict`."""
    page.get_by_role("button", name="Run models on samples").click()
    dialog = page.get_by_role("dialog", name="Run models on samples")
    expect(dialog.get_by_role("button", name="Try on 8 samples")).to_be_disabled()
    dialog.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name=re.compile("^careful")).click()
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_role("combobox", name="Where threshold comes from")).to_have_value("Field")
    dialog.get_by_role("combobox", name="Field for predictions").fill("verdict")
    dialog.get_by_role("combobox", name="Where a value exists").click()
    page.get_by_role("option", name="Replace").click()
    return dialog


def _try(page: Page, dialog: Locator, artefacts: Path) -> None:
    dialog.get_by_role("button", name="Try on 8 samples").click()
    expect(dialog.get_by_role("region", name="Dry run")).to_be_visible()
    expect(dialog.get_by_role("progressbar", name="Progress of the dry run")).to_be_visible()
    expect(dialog.get_by_text("Tried the model on 8 samples, 2 failed")).to_be_visible(timeout=60_000)
    samples = dialog.get_by_role("list", name="Outputs per sample").get_by_role("listitem")
    expect(samples).to_have_count(8)
    first, second, third = (samples.nth(place) for place in range(3))
    expect(first).to_contain_text("this picture is too narrow to be judged")
    expect(second).to_contain_text("An input is missing")
    expect(third.get_by_label("predictions of picture-0011.png")).to_contain_text(
        re.compile(r"wide.*75\.0 %")
    )
    assert third.locator("img").evaluate("image => image.complete && image.naturalWidth > 0")
    third.get_by_text("JSON", exact=True).click()
    expect(third.get_by_label("Outputs of picture-0011.png as JSON")).to_contain_text('"confidence": 0.75')
    third.get_by_text("JSON", exact=True).click()
    shoot(page, artefacts, "dry-run")


def _pause_and_resume(page: Page, job: Locator, world: World, artefacts: Path) -> None:
    expect(job.get_by_text(re.compile(r"^[1-9]\d* / 40"))).to_be_visible(timeout=60_000)
    job.get_by_role("button", name="Pause").click()
    expect(job.get_by_text("Paused", exact=True)).to_be_visible()
    done = _newest(world)
    assert done["state"] == "paused"
    assert done["done"] + done["failed"] < SAMPLES
    page.wait_for_timeout(1_000)
    assert _newest(world)["done"] == done["done"]  # nothing is written while it rests
    job.get_by_role("button", name="Resume").click()
    shoot(page, artefacts, "job-running")
    expect(job.get_by_text("Finished", exact=True)).to_be_visible(timeout=60_000)
    expect(job.get_by_text(re.compile(r"^40 / 40"))).to_be_visible()


def _look_at_the_failures(page: Page, job: Locator, artefacts: Path) -> None:
    job.get_by_role("button", name="7 failed").click()
    reasons = job.get_by_role("list", name=re.compile(r"^Reasons of job"))
    expect(reasons.get_by_role("button", name=re.compile(r"The model raised an error\s*4"))).to_be_visible()
    missing = reasons.get_by_role("button", name=re.compile(r"An input is missing\s*3"))
    failures = job.get_by_role("list", name=re.compile(r"^Errors of job")).get_by_role("button")
    expect(failures).to_have_count(7)
    shoot(page, artefacts, "job-failures")
    missing.click()
    expect(failures).to_have_count(3)
    expect(failures.first).to_contain_text("picture-0005.png")
    failures.first.click()
    sample = page.get_by_role("dialog", name="Sample")
    expect(sample.get_by_text("picture-0005.png").first).to_be_visible()
    expect(sample.get_by_label("Fields of the sample").get_by_label("verdict")).to_contain_text("before")
    page.keyboard.press("Escape")
    expect(sample).to_be_hidden()
    missing.click()
    expect(failures).to_have_count(7)


def _retry(page: Page, job: Locator, world: World, artefacts: Path) -> None:
    world.set_threshold(UNSET)
    job.get_by_role("button", name="Retry failed").click()
    expect(job.get_by_role("button", name="4 failed")).to_be_visible(timeout=60_000)
    expect(job.get_by_text("Finished", exact=True)).to_be_visible(timeout=60_000)
    wait_for(lambda: _newest(world)["state"] == "finished", seconds=30, what="the end of the retry")
    done = _newest(world)
    assert (done["done"], done["failed"]) == (SAMPLES - len(NARROW), len(NARROW))
    expected = ["before" if place in NARROW else "judged" for place in range(SAMPLES)]
    found = ["before" if each == "before" else "judged" for each in world.verdicts()]
    assert found == expected
    shoot(page, artefacts, "job-retried")


def _undo(page: Page, job: Locator, artefacts: Path) -> None:
    job.get_by_role("button", name="Undo").click()
    question = page.get_by_role("dialog", name="Undo this job?")
    question.get_by_role("button", name="Undo the job").click()
    expect(job.get_by_text("Undone", exact=True)).to_be_visible(timeout=30_000)
    expect(job.get_by_text("36 values were taken back.")).to_be_visible()
    shoot(page, artefacts, "job-undone")
    page.get_by_role("tab", name="Filters").click()
    counts = page.get_by_label("Labels of verdict")
    expect(counts.get_by_text("before")).to_be_visible()
    expect(counts.get_by_text("wide")).to_be_hidden()


def _newest(world: World) -> dict[str, Any]:
    jobs: list[dict[str, Any]] = world.api.get("/jobs/", params={"dataset": world.dataset}).json()["results"]
    return jobs[0]
