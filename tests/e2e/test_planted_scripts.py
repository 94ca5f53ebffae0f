"""Text that would be a script, planted wherever people or models may write: every page shows it, none runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.walking import sign_in
from tests.fixtures_server import Installation, wait_for
from tests.worlds import FIRST_WIDTH, SCHEMA, images, submitted, zipped

pytestmark = pytest.mark.browser

# Each shape of them: in text, out of an attribute, in Markdown, in a template of the administration.
SEED = """<img src=x onerror="window.fired=1">"""
OUT = """"'><svg onload="window.fired=1">"""
MARKDOWN = f"""# {SEED}

{OUT}

[a](javascript:window.fired=1) ![b](javascript:window.fired=1)

<script>window.fired=1</script>

```html
</code></pre><script>window.fired=1</script>
```
"""
SHORT = "<b id=planted>"  # where a text has few characters
CODE = f"""
class Model:
    def predict(self, image_paths):
        print({SEED!r})
        return {{"predictions": [self.one(path) for path in image_paths]}}

    def one(self, path):
        with open(path, "rb") as file:
            width = int.from_bytes(file.read(20)[16:], "big")  # a PNG says it there
        return ValueError({SEED!r}) if width == {FIRST_WIDTH} else {{"label": {OUT!r}, "confidence": 0.5}}
"""
MAKE_PERSON = f"""
import django; django.setup()
from samplecase.web.accounts.models import ApiToken, User
User.objects.create_user("planted", first_name={SEED!r}, last_name={OUT!r})
ApiToken.objects.create(User.objects.get(username="owner"), name={OUT!r})
"""
# What the seeds would have made of the page, had one been read as markup.
TRACES = "img[src='x'], svg[onload], [onerror], #planted, a[href^='javascript'], img[src^='javascript']"
DATASET_VIEWS: list[dict[str, Any]] = [
    {},
    {"panel": "execution"},
    {"panel": "distributions"},
    {"colour": "field"},
    {"compare": ["truth", "predictions"]},
    {"embeddings": 0},
]
ADMIN = [
    *("accounts/user", "accounts/auditentry", "auth/group"),
    *("datasets_app/dataset", "models_app/model", "models_app/deployment", "jobs_app/job"),
]


@pytest.fixture
def api(served: Installation) -> Iterator[httpx.Client]:
    with served.api() as made:
        yield made


@pytest.fixture
def planted(served: Installation, api: httpx.Client) -> dict[str, int]:
    """The ids of a dataset, a sample, a model and an evaluation in which every text is a seed."""

    def post(path: str, **body: Any) -> Any:
        answer = api.post(path, json=body)
        assert answer.status_code < 300, (path, answer.text)
        return answer.json()

    dataset = post("/datasets/", name=f"d {SEED}", description=MARKDOWN, tags=[SHORT, OUT])["id"]
    home = f"/datasets/{dataset}"
    names = [f"{index} {SEED}.png" for index in range(6)]
    files = [
        ("files", (name, data, "image/png")) for name, data in zip(names, images(6).values(), strict=True)
    ]
    api.post(f"{home}/samples/", files=files).raise_for_status()
    samples = api.get(f"{home}/samples/").json()["results"]
    assert len(samples) == 6
    api.patch(f"{home}/samples/{samples[0]['id']}/", json={"tags": [SHORT]}).raise_for_status()
    post(f"{home}/fields/", name="truth", type="classification", classes=[SEED, OUT])
    post(f"{home}/fields/", name="note", type="string")
    post(f"{home}/fields/", name="anything", type="object")
    for field, value in (("truth", {"label": SEED}), ("note", OUT), ("anything", {SEED: [OUT]})):
        rows = [{"sample": each["id"], "value": value} for each in samples]
        api.put(f"{home}/values/", json={"field": field, "values": rows}).raise_for_status()
    post(f"{home}/views/", name=SEED, filter={"field": "name", "op": "contains", "value": OUT})

    model = post("/models/", name=f"m {SEED}", description=MARKDOWN, tags=[SHORT])["id"]
    facts = {
        **{"format": 1, "name": "planted", "version": "1.0.0", "entrypoint": "model:Model", "schema": SCHEMA},
        **{"license": OUT, "description": MARKDOWN, "classes": [SEED]},
    }
    package = {
        "model.json": json.dumps(facts),
        "model.py": CODE,
        "README.md": MARKDOWN,
        "CHANGELOG.md": MARKDOWN,
    }
    sent = {"package": ("p.zip", zipped(package), "application/zip")}
    answer = api.post(f"/models/{model}/versions/", files=sent)
    assert answer.status_code == 201, answer.text
    deployment = post("/deployments/", model=model, name=f"x {OUT}", mini_batch=6)["id"]

    def settled() -> dict[str, Any] | None:
        found: dict[str, Any] = api.get(f"/deployments/{deployment}/").json()
        return found if found["state"] in {"ready", "failed"} else None

    found = wait_for(settled, seconds=90, what="the deployment")
    assert found["state"] == "ready", found["reason"]
    job = submitted(served, api, dataset=dataset, deployment=deployment)
    assert job["failed"], job
    compared = post(f"{home}/evaluations/", predictions="predictions", ground_truth="truth")
    post(f"{home}/reviews/", name=SEED, source="predictions")
    served.manage("-c", MAKE_PERSON)
    return {"dataset": dataset, "sample": samples[0]["id"], "model": model, "evaluation": compared["id"]}


def test_no_planted_script_runs_on_any_page(
    walker: Page, served: Installation, planted: dict[str, int]
) -> None:
    page = walker
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    sign_in(page, served)

    def look(where: str) -> None:
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.fired") is None, where
        assert page.locator(TRACES).count() == 0, where

    def visit(path: str, search: dict[str, Any] | None = None, shows: str | None = SEED) -> None:
        query = "&".join(f"{name}={json.dumps(value)}" for name, value in (search or {}).items())
        page.goto(f"{served.url}{path}" + (f"?{query}" if query else ""))
        if shows:
            # It is there, as the text that it is.
            expect(page.get_by_text(shows).locator("visible=true").first).to_be_visible()
        look(f"{path} {search}")

    home = f"/datasets/{planted['dataset']}"
    visit("/datasets")
    for search in DATASET_VIEWS:
        visit(home, search)
    for search in ({"sample": planted["sample"]}, {"sample": planted["sample"], "annotate": True}):
        visit(home, search)
    visit(f"{home}/evaluations", shows=None)
    visit(f"{home}/evaluations/{planted['evaluation']}")
    visit("/models")
    visit(f"/models/{planted['model']}")
    for tab in page.get_by_role("tab").all():
        tab.click()
        look(f"a tab of the model: {tab.inner_text()}")
    visit("/account", shows=OUT)
    visit("/people")
    visit("/audit")
    for table in ADMIN:
        visit(f"/admin/{table}/", shows=None)
