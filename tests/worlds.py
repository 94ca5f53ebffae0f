"""Small worlds for the scenarios: pictures, packages, and a deployed model with a job on it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import httpx
from PIL import Image

from tests.fixtures_server import Installation, wait_for

SCHEMA = {
    "inputs": {"type": "object", "properties": {"image_paths": {"type": "local"}}},
    "outputs": {"type": "object", "properties": {"predictions": {"type": "classification"}}},
}
FIRST_WIDTH = 16
FINAL = {"finished", "failed", "cancelled"}


def images(count: int) -> dict[str, bytes]:
    """PNG files by name; each has another content, and the first dozen each another width."""
    made = {}
    for index in range(count):
        picture = Image.new("RGB", (FIRST_WIDTH + index % 12, 16))
        for x in range(picture.width):
            picture.putpixel((x, x % 16), (index % 256, index // 256, 7 * x % 256))
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        made[f"picture-{index:04}.png"] = buffer.getvalue()
    return made


def shaded_images(count: int) -> dict[str, bytes]:
    """As many dark PNG files as bright ones, by `dark/1.png` …; each has another content."""
    made = {}
    for label, shade in (("dark", 0), ("bright", 235)):
        for number in range(1, count + 1):
            buffer = io.BytesIO()
            Image.new("RGB", (16, 16), (shade + number, shade, shade)).save(buffer, "PNG")
            made[f"{label}/{number}.png"] = buffer.getvalue()
    return made


def package(code: str, *, schema: dict[str, Any] = SCHEMA, **manifest: Any) -> bytes:
    """A packed model of one module."""
    facts = {
        "format": 1,
        "name": "scenario",
        "version": "1.0.0",
        "entrypoint": "model:Model",
        "schema": schema,
    }
    return zipped({"model.json": json.dumps({**facts, **manifest}), "model.py": code})


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """The same files give the same bytes, whenever they are packed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


def deployed(
    installation: Installation, api: httpx.Client, packed: bytes, model_name: str = "scenario", **how: Any
) -> int:
    """The id of a ready deployment of a new model."""
    model = api.post("/models/", json={"name": model_name}).raise_for_status().json()["id"]
    files = {"package": ("scenario.zip", packed, "application/zip")}
    answer = api.post(f"/models/{model}/versions/", files=files)
    assert answer.status_code == 201, answer.text
    answer = api.post("/deployments/", json={"model": model, "name": "scenario", **how})
    assert answer.status_code == 201, answer.text
    deployment = int(answer.json()["id"])

    def settled() -> dict[str, Any] | None:
        facts: dict[str, Any] = api.get(f"/deployments/{deployment}/").json()
        return facts if facts["state"] in {"ready", "failed"} else None

    facts = wait_for(settled, seconds=90, what=f"the deployment; {installation.logs()}")
    assert facts["state"] == "ready", facts["reason"] + installation.logs()
    return deployment


def started(api: httpx.Client, *, dataset: int, deployment: int, field: str = "predictions") -> int:
    """The id of a job that was just submitted."""
    entry = {"deployment": deployment, "outputs": {"predictions": field}}
    answer = api.post(
        "/jobs/", json={"dataset": dataset, "entries": [entry]}, headers={"Idempotency-Key": field}
    )
    assert answer.status_code == 201, answer.text
    return int(answer.json()["jobs"][0]["id"])


def followed(installation: Installation, api: httpx.Client, job: int) -> dict[str, Any]:
    """The job when it has ended."""

    def ended() -> dict[str, Any] | None:
        facts: dict[str, Any] = api.get(f"/jobs/{job}/").json()
        return facts if facts["state"] in FINAL else None

    done: dict[str, Any] = wait_for(ended, seconds=120, what=f"the job to end; {installation.logs()}")
    return done


def submitted(installation: Installation, api: httpx.Client, **what: Any) -> dict[str, Any]:
    return followed(installation, api, started(api, **what))
