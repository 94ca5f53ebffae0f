"""SIGKILL ends the executor in the middle of a job; another one ends the job: every sample exactly once."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

from tests.fixtures_server import wait_for
from tests.worlds import deployed, followed, images, package, started

MODEL = """
import time

class Model:
    def setup(self, device):
        pass

    def predict(self, image_paths):
        time.sleep(0.02 * len(image_paths))
        return {"predictions": [{"label": path.rsplit("/", 1)[1].split(".")[0]} for path in image_paths]}
"""

COUNT_ROWS = """
import json, django; django.setup()
from datasets_app.models import LabelClass, LabelIndex, Value, ValueHistory
from jobs_app.models import Chunk
values = list(Value.objects.filter(field__name="predictions").values_list("sample", "label", "revision"))
print(json.dumps({
    "values": values,
    "history": ValueHistory.objects.count(),
    "outcomes": "".join(Chunk.objects.order_by("index").values_list("outcomes", flat=True)),
    "attempts": list(Chunk.objects.order_by("index").values_list("attempt", flat=True)),
    "labels": LabelIndex.objects.count(),
    "counted": sum(LabelClass.objects.filter(field__name="predictions").values_list("count", flat=True)),
}))
"""


def test_every_sample_has_its_value_exactly_once(installation: Any) -> None:
    installation.settings["SAMPLECASE_CHUNK_SIZE"] = "64"
    installation.start("web", "--port", str(installation.port))
    installation.start("worker")
    first = installation.start("executor")
    installation.wait_until_up()
    with installation.api() as api:
        dataset = api.post("/datasets/", json={"name": "many"}).json()["id"]
        files = [("files", (name, content, "image/png")) for name, content in images(300).items()]
        assert api.post(f"/datasets/{dataset}/samples/", files=files).json()["added"] == 300
        deployment = deployed(installation, api, package(MODEL), mini_batch=8, num_replicas=2)
        job = started(api, dataset=dataset, deployment=deployment)

        def half_way() -> bool:
            return 60 <= api.get(f"/jobs/{job}/").json()["done"] < 300

        wait_for(half_way, seconds=60, what=f"the job to be half way; {installation.logs()}")
        before = set(installation.members())
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        gone = {each for each in before if each not in installation.members()}
        assert first.pid in gone
        installation.start("executor")
        ended = followed(installation, api, job)

    assert (ended["state"], ended["done"], ended["failed"], ended["skipped"]) == ("finished", 300, 0, 0)
    rows = json.loads(installation.manage("-c", COUNT_ROWS))
    assert len(rows["values"]) == 300
    assert len({sample for sample, _, _ in rows["values"]}) == 300
    assert all(label == str(sample) and revision == 1 for sample, label, revision in rows["values"])
    assert rows["history"] == 0
    assert rows["outcomes"] == "d" * 300
    assert max(rows["attempts"]) > 1, "no chunk was claimed again, so nothing was interrupted"
    assert rows["labels"] == rows["counted"] == 300
    # The killed executor's replicas went with it.
    orphans = [
        pid for pid in installation.members() if _parent(pid) == 1 and pid not in _started(installation)
    ]
    assert orphans == []


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return -1


def _started(installation: Any) -> set[int]:
    return {process.pid for process in installation.processes}
