"""A store that refuses what is asked of it: jobs of the worker rest after some tries, and say why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs_app import stretches
from jobs_app.models import Job
from jobs_app.tasks import import_samples, start_job
from samplecase.storage.port import StorageRefused
from tests.api.exchanging import send, zipped
from tests.fixtures_datasets import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def refusing(settings: Any, tmp_path: Path) -> Path:
    """A store of a folder in which no media can be written: what stands for it is the kernel's."""
    settings.BLOB_URL = f"file://{tmp_path / 'blobs'}"
    (tmp_path / "blobs").mkdir()
    media = tmp_path / "blobs" / "media"
    media.symlink_to("/sys/kernel")
    return media


def tried(job: int) -> Job:
    with pytest.raises(StorageRefused):
        import_samples(job)
    found: Job = Job.objects.get(pk=job)
    return found


def test_an_import_rests_after_some_tries_and_goes_on_when_it_is_put_right(
    owner_api: Any, dataset: Any, refusing: Path
) -> None:
    pk = send(owner_api, dataset, "pets.zip", zipped({"a.png": picture()})).json()["job"]
    start_job(pk)
    for _ in range(stretches.MOST_REFUSALS - 1):
        assert tried(pk).state == "running"
    assert tried(pk).state == "paused"
    shown = owner_api.get(f"/api/v1/jobs/{pk}/").json()
    assert (shown["reason"], shown["error"]["code"]) == ("storage_refused", "storage_refused")
    assert "is refused: " in shown["error"]["message"]
    assert str(refusing) not in shown["error"]["message"]
    assert "resume" in shown["can"]
    import_samples(pk)  # a doorbell that comes late
    refusing.unlink()
    resumed = owner_api.post(f"/api/v1/jobs/{pk}/resume/").json()
    assert (resumed["state"], resumed["reason"], resumed["error"]) == ("running", "", None)
    import_samples(pk)
    job = Job.objects.get(pk=pk)
    assert (job.state, job.done, job.refusals) == ("finished", 1, 0)


def test_what_does_not_serve_for_a_while_is_tried_again_without_end(
    owner_api: Any, dataset: Any, refusing: Path
) -> None:
    refusing.unlink()
    refusing.touch()  # a disk that is not mounted
    pk = send(owner_api, dataset, "pets.zip", zipped({"a.png": picture()})).json()["job"]
    start_job(pk)
    for _ in range(stretches.MOST_REFUSALS + 1):
        with pytest.raises(stretches.PASSING):
            import_samples(pk)
    assert Job.objects.get(pk=pk).state == "running"
