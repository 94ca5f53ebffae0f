"""A trained no-code package is deployed on a dataset: it is tuned, and its jobs run by the plan as well as before."""

from __future__ import annotations

import json
from typing import Any

import httpx

from samplecase.contracts.plans import Plan
from tests.fixtures_models import zip_of
from tests.fixtures_server import Installation, wait_for
from tests.trained import CLASSES, PREPROCESS, Trained, trained
from tests.worlds import SCHEMA, followed, started

TUNE_SECONDS = "8"
PATIENCE_SECONDS = 240  # replicas that import torch are started five times


def package(digits: Trained) -> bytes:
    name, weights = digits.saved_as("TorchScript")
    manifest = {
        "format": 1,
        "name": "digits",
        "version": "1.0.0",
        "entrypoint": "samplecase.builtin:TorchScript",
        "schema": SCHEMA,
        "classes": CLASSES,
        "preprocess": PREPROCESS,
        "postprocess": {"kind": "softmax"},
    }
    return zip_of({"model.json": json.dumps(manifest), name: weights})


def dataset_of(api: httpx.Client, digits: Trained) -> int:
    dataset = int(api.post("/datasets/", json={"name": "digits"}).raise_for_status().json()["id"])
    files = [("files", (f"{index:03}.jpg", data, "image/jpeg")) for index, data in enumerate(digits.images)]
    assert api.post(f"/datasets/{dataset}/samples/", files=files).json()["added"] == len(digits.images)
    return dataset


def ready(installation: Installation, api: httpx.Client, deployment: int) -> dict[str, Any]:
    def settled() -> dict[str, Any] | None:
        facts: dict[str, Any] = api.get(f"/deployments/{deployment}/").json()
        return facts if facts["state"] in {"ready", "failed"} else None

    what = f"the deployment; {installation.logs()}"
    facts: dict[str, Any] = wait_for(settled, seconds=PATIENCE_SECONDS, what=what)
    assert facts["state"] == "ready", facts["reason"] + installation.logs()
    return facts


def labels(api: httpx.Client, dataset: int, field: str) -> list[str]:
    page = api.get(f"/datasets/{dataset}/samples/", params={"limit": 500, "sort": "name"}).json()
    return [each["values"][field]["label"] for each in page["results"]]


def test_a_trained_package_is_tuned_and_its_job_is_as_good_as_before(installation: Installation) -> None:
    digits = trained()
    installation.settings["SAMPLECASE_TUNE_SECONDS"] = TUNE_SECONDS
    installation.start("up", "--port", str(installation.port))
    installation.wait_until_up()
    with installation.api() as api:
        dataset = dataset_of(api, digits)
        model = api.post("/models/", json={"name": "digits"}).raise_for_status().json()["id"]
        files = {"package": ("digits.zip", package(digits), "application/zip")}
        answer = api.post(f"/models/{model}/versions/", files=files)
        assert answer.status_code == 201, answer.text

        made = [
            api.post("/deployments/", json={"model": model, "name": name, "dataset": dataset, **how})
            for name, how in (("plain", {"tune": False}), ("tuned", {}))
        ]
        assert [each.status_code for each in made] == [201, 201], made[1].text
        plain, tuned = (ready(installation, api, each.json()["id"]) for each in made)

        assert "plan" not in plain["measured"]
        assert {"mini_batches", "proposed"} <= plain["measured"].keys()
        assert (tuned["mini_batch"], tuned["num_replicas"]) == (1, 1)  # as entered
        plan = Plan.of(tuned["measured"]["plan"])
        assert plan is not None, tuned["measured"]["tuning"]["why"]
        tuning = tuned["measured"]["tuning"]
        assert tuning["samples"] > 0
        assert tuning["tried"][0]["outcome"] == "kept"
        assert "Tuning ends after" in api.get(f"/deployments/{tuned['id']}/log/").json()["log"]

        for deployment, field in ((plain, "before"), (tuned, "after")):
            job = started(api, dataset=dataset, deployment=deployment["id"], field=field)
            done = followed(installation, api, job)
            assert (done["state"], done["done"]) == ("finished", len(digits.images)), done
        before, after = (digits.accuracy(labels(api, dataset, field)) for field in ("before", "after"))
        assert before > 0.9
        assert abs(after - before) <= 1.01 / len(digits.images)
        log = api.get(f"/jobs/{job}/log/").json()["log"]
        assert "cannot be applied" not in log
