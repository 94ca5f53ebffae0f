"""An import's worker is killed with SIGKILL half-way; another goes on where it was, and nothing is there twice."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures_server import Installation, wait_for
from tests.worlds import images, zipped

COUNT = 1_500


def job_of(api: httpx.Client, pk: int) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/jobs/{pk}/").json()
    return found


@pytest.mark.long
@pytest.mark.timeout(420)
def test_what_a_killed_worker_began_is_finished_by_the_next(installation: Installation) -> None:
    installation.start("web", "--port", str(installation.port))
    worker = installation.start("worker")
    installation.wait_until_up()
    with installation.api() as api:
        dataset = api.post("/datasets/", json={"name": "many"}).json()["id"]
        packed = zipped({f"train/cat/{name}": content for name, content in images(COUNT).items()})
        files = {"file": ("many.zip", packed, "application/zip")}
        made = api.post(f"/datasets/{dataset}/imports/", files=files).json()
        wait_for(lambda: job_of(api, made["job"])["done"] >= 128, seconds=60, what="the first group")
        os.killpg(worker.pid, signal.SIGKILL)
        for each in installation.members():
            if b"worker" in Path(f"/proc/{each}/cmdline").read_bytes():
                os.kill(each, signal.SIGKILL)
        worker.wait()
        before = job_of(api, made["job"])
        assert before["state"] == "running", before
        assert 0 < before["done"] < COUNT
        installation.start("worker")
        wait_for(
            lambda: job_of(api, made["job"])["state"] == "finished", seconds=240, what="the import's end"
        )
        after = job_of(api, made["job"])
        assert (after["done"], after["skipped"], after["total"]) == (COUNT, 0, COUNT)
        rows = api.get(f"/datasets/{dataset}/imports/{made['id']}/report/?as=json").json()["results"]
        assert [row["outcome"] for row in rows] == ["added"] * COUNT
        assert api.get(f"/datasets/{dataset}/").json()["sample_count"] == COUNT
    with sqlite3.connect(installation.data / "samplecase.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM datasets_app_value").fetchone() == (COUNT,)
