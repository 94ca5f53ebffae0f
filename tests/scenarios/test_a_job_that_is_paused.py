"""A job is paused in the middle, resumed, retried and undone, with the real worker, executor and replicas."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx

from tests.fixtures_server import wait_for
from tests.worlds import deployed, followed, images, package, started

MODEL = """
import time

class Model:
    def setup(self, device):
        pass

    def predict(self, image_paths):
        time.sleep(0.02 * len(image_paths))
        return {"predictions": [self.one(path) for path in image_paths]}

    def one(self, path):
        with open(path, "rb") as file:
            width = int.from_bytes(file.read(20)[16:], "big")  # a PNG says it there
        if width == 16:
            raise ValueError("too narrow")
        return {"label": str(width)}
"""

WHERE_IT_IS = """
import json, django; django.setup()
from collections import Counter
from datasets_app.models import Field, LabelClass, Value
from jobs_app.models import Chunk, Job, SampleError
job = Job.objects.get()
print(json.dumps({
    "counters": {"d": job.done, "e": job.failed, ".": job.remaining},
    "outcomes": Counter("".join(Chunk.objects.values_list("outcomes", flat=True))),
    "values": Value.objects.count(),
    "revisions": sorted(set(Value.objects.values_list("revision", flat=True))),
    "counted": sum(LabelClass.objects.values_list("count", flat=True)),
    "errors": SampleError.objects.count(),
    "fields": list(Field.objects.values_list("name", flat=True)),
}))
"""


def rows(installation: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(installation.manage("-c", WHERE_IT_IS))
    assert {mark: number for mark, number in found["counters"].items() if number} == found["outcomes"]
    assert found["values"] == found["counted"] == found["outcomes"].get("d", 0)
    assert found["errors"] == found["outcomes"].get("e", 0)
    return found


def act(api: httpx.Client, job: int, action: str) -> dict[str, Any]:
    answer = api.post(f"/jobs/{job}/{action}/")
    assert answer.status_code == 200, answer.text
    facts: dict[str, Any] = answer.json()
    return facts


def test_it_stands_still_goes_on_and_leaves_the_field_as_it_was(installation: Any) -> None:
    installation.settings["SAMPLECASE_CHUNK_SIZE"] = "64"
    installation.start("up", "--port", str(installation.port))
    installation.wait_until_up()
    with installation.api() as api:
        dataset = api.post("/datasets/", json={"name": "many"}).json()["id"]
        files = [("files", (name, content, "image/png")) for name, content in images(240).items()]
        assert api.post(f"/datasets/{dataset}/samples/", files=files).json()["added"] == 240
        deployment = deployed(installation, api, package(MODEL), mini_batch=8, num_replicas=2)
        job = started(api, dataset=dataset, deployment=deployment)
        for pauses in (1, 2):
            wait_for(
                lambda: 40 * pauses <= api.get(f"/jobs/{job}/").json()["done"] < 220,  # noqa: B023
                seconds=60,
                what=f"the job to get on; {installation.logs()}",
            )
            assert act(api, job, "pause")["state"] == "paused"
            at_once = rows(installation)
            time.sleep(1.5)  # replicas were at work: what they still answer is not written
            assert rows(installation) == at_once
            assert act(api, job, "resume")["state"] == "running"
        ended = followed(installation, api, job)
        assert (ended["state"], ended["done"], ended["failed"]) == ("finished", 220, 20)
        assert rows(installation)["revisions"] == [1]

        assert act(api, job, "retry")["failed"] == 0
        ended = followed(installation, api, job)
        assert (ended["state"], ended["done"], ended["failed"]) == ("finished", 220, 20)
        assert rows(installation)["revisions"] == [1]

        assert act(api, job, "undo")["state"] == "undoing"

        def undone() -> dict[str, Any] | None:
            facts: dict[str, Any] = api.get(f"/jobs/{job}/").json()
            return facts if facts["state"] == "undone" else None

        facts = wait_for(undone, seconds=60, what=f"the undo; {installation.logs()}")
        assert facts["undo"] == {"restored": 220, "kept": 0}
        assert api.get(f"/datasets/{dataset}/").json()["fields"] == []


def test_a_small_job_ends_beside_a_huge_one_of_another_field(installation: Any) -> None:
    """The huge one wants every replica; the small one has its own at once, and needs no end of the other."""
    installation.start("up", "--port", str(installation.port))
    installation.wait_until_up()
    with installation.api() as api:
        dataset = api.post("/datasets/", json={"name": "many"}).json()["id"]
        files = [("files", (name, content, "image/png")) for name, content in images(160).items()]
        assert api.post(f"/datasets/{dataset}/samples/", files=files).json()["added"] == 160
        slow = MODEL.replace("0.02", "0.4")
        deployment = deployed(installation, api, package(slow), mini_batch=2, num_replicas=4)
        huge = started(api, dataset=dataset, deployment=deployment, field="huge")
        wait_for(
            lambda: api.get(f"/jobs/{huge}/").json()["done"],
            seconds=60,
            what=f"the job; {installation.logs()}",
        )
        page = api.get(f"/datasets/{dataset}/samples/?limit=6").json()["results"]
        entry = {"deployment": deployment, "outputs": {"predictions": "small"}}
        order = {"dataset": dataset, "samples": [each["id"] for each in page], "entries": [entry]}
        small = api.post("/jobs/", json=order).json()["jobs"][0]["id"]
        assert followed(installation, api, small)["done"] == 5
        facts = api.get(f"/jobs/{huge}/").json()
        assert facts["state"] == "running"
        assert facts["done"] < 150
        act(api, huge, "cancel")
