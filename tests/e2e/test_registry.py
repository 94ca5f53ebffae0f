"""The registry in a real browser: narrow the list, follow an alias, compare, and paste the lines of "Use it"."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.walking import shoot, sign_in
from tests.fixtures_server import Installation, wait_for
from tests.worlds import SCHEMA, deployed, images, package

MODEL = """
class Model:
    def predict(self, image_paths):
        return {"predictions": ["wide" for _ in image_paths]}
"""
DESCRIPTION = """# Tells **widths**

<script>window.broken = 1</script>

A [link](javascript:alert(1)), a ![picture](https://elsewhere.test/x.png)
"""
WIDER = {
    **SCHEMA,
    "outputs": {
        "type": "object",
        "properties": {**SCHEMA["outputs"]["properties"], "score": {"type": "number"}},
    },
}


@pytest.fixture
def api(served: Installation) -> Iterator[httpx.Client]:
    with served.api() as made:
        yield made


def upload(page: Page, name: str, content: bytes) -> None:
    page.get_by_role("button", name="Upload", exact=True).click()
    dialog = page.get_by_role("dialog", name=re.compile("Upload a version"))
    dialog.locator("input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "application/zip", "buffer": content}
    )


def test_versions_live_and_are_used(
    walker: Page, served: Installation, api: httpx.Client, artefacts: Path, tmp_path: Path
) -> None:
    dataset = api.post("/datasets/", json={"name": "it's pictures"}).json()["id"]
    files = [("files", (name, data, "image/png")) for name, data in images(4).items()]
    api.post(f"/datasets/{dataset}/samples/", files=files).raise_for_status()
    deployment = deployed(served, api, package(MODEL), "wide model")
    model = api.get(f"/deployments/{deployment}/").json()["model"]
    api.patch(f"/models/{model}/", json={"description": DESCRIPTION, "tags": ["size"]}).raise_for_status()
    api.post("/models/", json={"name": "another"}).raise_for_status()
    page = walker
    sign_in(page, served)

    narrow_the_list(page, served, artefacts)
    page.get_by_role("link", name="wide model").click()
    expect(page.get_by_role("heading", name="Tells widths")).to_be_visible()
    assert page.evaluate("window.broken") is None
    assert page.locator("a[href^='javascript']").count() == 0

    give_an_alias_and_follow_it(page)
    upload_what_is_proposed(page)
    page.get_by_role("button", name="Actions for v1.1.0").click()
    page.get_by_role("menuitem", name="Give it an alias").click()
    page.get_by_role("dialog").locator("input").first.fill("champion")
    page.keyboard.press("Tab")  # the choices close
    expect(page.get_by_text("1 deployment will be checked anew with v1.1.0: best")).to_be_visible()
    page.get_by_role("button", name="Set the alias").click()
    follower = page.get_by_role("row", name=re.compile("best.*v1.1.0.*follows champion"))
    expect(follower).to_be_visible()
    expect(follower.get_by_text("ready")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Actions for champion").click()
    page.get_by_role("menuitem", name="History").click()
    expect(page.get_by_text("v1.0.0 → v1.1.0")).to_be_visible()
    page.keyboard.press("Escape")

    page.get_by_role("tab", name="Compare").click()
    expect(page.get_by_text("Schema: minor")).to_be_visible()
    expect(page.get_by_text("/outputs/properties/score")).to_be_visible()
    shoot(page, artefacts, "registry")
    stop_archive_and_delete(page)
    paste(page, served, api, dataset, tmp_path)
    expect(page.get_by_role("region", name="Where it was run")).to_contain_text("it's pictures")


def narrow_the_list(page: Page, served: Installation, artefacts: Path) -> None:
    page.get_by_role("link", name="Models", exact=True).click()
    expect(page.get_by_role("link", name="another")).to_be_visible()
    page.get_by_role("button", name="Search for the tag size").click()
    expect(page.get_by_role("link", name="another")).to_be_hidden()
    page.get_by_role("combobox", name="Sort models").click()
    page.get_by_role("option", name="Newest").click()
    expect(page).to_have_url(re.compile(r"tags=.*size.*sort=-created|sort=-created.*tags=.*size"))
    page.reload()
    expect(page.get_by_role("link", name="wide model")).to_be_visible()
    expect(page.get_by_role("link", name="another")).to_be_hidden()
    page.get_by_text("Shared with me", exact=True).click()
    expect(page.get_by_text("No model matches")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("link", name="another")).to_be_visible()


def give_an_alias_and_follow_it(page: Page) -> None:
    page.get_by_role("button", name="Actions for v1.0.0").click()
    page.get_by_role("menuitem", name="Take to production").click()
    expect(page.get_by_role("table", name="Versions").get_by_text("production")).to_be_visible()
    page.get_by_role("button", name="Actions for v1.0.0").click()
    page.get_by_role("menuitem", name="Give it an alias").click()
    page.get_by_role("button", name="Set the alias").click()
    expect(page.get_by_role("region", name="Aliases").get_by_text("champion")).to_be_visible()
    page.get_by_role("button", name="Deploy", exact=True).click()
    page.get_by_label("Deploy Name").fill("best")
    page.get_by_role("combobox", name="Version").click()
    page.get_by_role("option", name="champion, now v1.0.0").click()
    page.get_by_role("dialog").get_by_role("button", name="Deploy", exact=True).click()
    expect(page.get_by_role("row", name=re.compile("best.*follows champion"))).to_be_visible()


def upload_what_is_proposed(page: Page) -> None:
    code = MODEL.replace(
        "for _ in image_paths]", 'for _ in image_paths], "score": [1.0 for _ in image_paths]'
    )
    upload(page, "wider.zip", package(code, schema=WIDER, version="9.0.0"))
    proposed = page.get_by_role("region", name="Proposed version")
    expect(proposed).to_contain_text("1.1.0, a minor step since v1.0.0; the package says 9.0.0")
    proposed.get_by_role("button", name="Take 1.1.0").click()
    page.get_by_role("dialog").get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("button", name="v1.1.0", exact=True)).to_be_visible()


def stop_archive_and_delete(page: Page) -> None:
    page.get_by_role("button", name="Actions for v1.0.0").click()
    page.get_by_role("menuitem", name="Archive").click()
    expect(page.get_by_text("Version 1.0.0 is deployed as scenario")).to_be_visible()
    page.get_by_role("button", name="Actions for scenario").click()
    page.get_by_role("menuitem", name="Stop").click()
    expect(page.get_by_role("row", name=re.compile("scenario.*stopped"))).to_be_visible()
    page.get_by_role("button", name="Actions for v1.0.0").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Delete the version").click()
    expect(page.get_by_role("button", name="v1.0.0", exact=True)).to_be_hidden()


def paste(page: Page, served: Installation, api: httpx.Client, dataset: int, home: Path) -> None:
    """Each snippet as it stands on the page, in a shell with a token and a `samplecase` in its path."""
    token = api.headers["Authorization"].removeprefix("Token ")
    command = home / "samplecase"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m samplecase.cli "$@"\n')
    command.chmod(0o755)
    surroundings = {
        **served.environment,
        "PATH": f"{home}:{os.environ['PATH']}",
        "SAMPLECASE_TOKEN": token,
        "XDG_CONFIG_HOME": str(home),
    }
    ways = {"Command line": ["bash", "-e"], "Python": [sys.executable, "-"], "REST": ["bash", "-e"]}
    for way, shell in ways.items():
        page.get_by_role("tab", name=way).click()
        text = page.get_by_role("region", name=f"{way} snippet").inner_text()
        done = subprocess.run(
            shell, input=text, env=surroundings, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, f"{way}: {text}\n{done.stdout}{done.stderr}"
        wait_for(partial(_all_over, api, dataset), seconds=60, what=f"the job of {way}")
    assert len(api.get("/jobs/", params={"dataset": dataset}).json()["results"]) == len(ways)
    values = api.get(f"/datasets/{dataset}/samples/").json()["results"]
    assert {each["values"]["wide_model_predictions"]["label"] for each in values} == {"wide"}


def _all_over(api: httpx.Client, dataset: int) -> bool:
    jobs = api.get("/jobs/", params={"dataset": dataset}).json()["results"]
    return bool(jobs) and all(job["state"] == "finished" for job in jobs)
