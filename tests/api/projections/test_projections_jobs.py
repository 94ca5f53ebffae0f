"""The jobs that make projections: in slices, killed, cancelled, paused, failing."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from rest_framework.test import APIClient

from datasets_app.models import Field, Projection, ProjectionPart
from jobs_app import projecting
from jobs_app.models import Job
from jobs_app.tasks import project, start_job, sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun(owner_api: APIClient, url: str, samples: list[int]) -> dict[str, Any]:
    made: dict[str, Any] = owner_api.post(url, {"field": "vector"}).json()
    start_job(made["job"])
    OrmQ.objects.all().delete()
    return made


def test_slices_that_come_twice_are_placed_once(begun: dict[str, Any], small_slices: None) -> None:
    for _ in range(3):
        assert projecting._slice(begun["job"])
    job = Job.objects.get()
    assert (job.done, job.total, job.state) == (10, 12, "running")
    stale = Job.objects.select_related("projection__field", "projection__dataset").get()
    assert not projecting._slice(begun["job"])
    assert not projecting._place(stale, stale.projection)
    project(begun["job"])
    job.refresh_from_db()
    assert (job.done, job.total, job.state) == (12, 12, "finished")
    assert (Projection.objects.get().samples, ProjectionPart.objects.count()) == (12, 3)


def test_a_long_projection_hands_over_to_the_next_task(
    begun: dict[str, Any], small_slices: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs_app.stretches.STRETCH", -1)
    rounds = 0
    while rounds == 0 or OrmQ.objects.exists():
        assert {each.func() for each in OrmQ.objects.all()} <= {"jobs_app.tasks.project"}
        OrmQ.objects.all().delete()
        project(begun["job"])
        rounds += 1
    assert rounds == 4
    assert Job.objects.get().state == "finished"


def test_a_projection_whose_worker_was_killed_is_rung_for_again(begun: dict[str, Any]) -> None:
    assert sweep() == 0
    Job.objects.update(updated_at=timezone.now() - timedelta(minutes=2))
    assert sweep() == 1
    assert sweep() == 0
    assert [each.func() for each in OrmQ.objects.all()] == ["jobs_app.tasks.project"]


def test_a_cancelled_projection_goes_no_further(
    owner_api: APIClient, begun: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = projecting.fit

    def cancelled_meanwhile(*arguments: Any, **named: Any) -> Any:
        assert owner_api.post(f"/api/v1/jobs/{begun['job']}/cancel/").status_code == 200
        return original(*arguments, **named)

    monkeypatch.setattr(projecting, "fit", cancelled_meanwhile)
    project(begun["job"])
    job = Job.objects.get()
    assert (job.state, job.done, job.cancelled) == ("cancelled", 0, 12)
    assert not ProjectionPart.objects.exists()


def test_a_paused_projection_goes_on_where_it_was(
    owner_api: APIClient, begun: dict[str, Any], small_slices: None
) -> None:
    projecting._slice(begun["job"])
    projecting._slice(begun["job"])
    assert owner_api.post(f"/api/v1/jobs/{begun['job']}/pause/").json()["state"] == "paused"
    project(begun["job"])
    assert Job.objects.get().done == 5
    assert owner_api.post(f"/api/v1/jobs/{begun['job']}/resume/").json()["state"] == "running"
    project(begun["job"])
    assert (Job.objects.get().state, Projection.objects.get().samples) == ("finished", 12)


def test_a_field_that_is_deleted_meanwhile_fails_the_projection(
    owner_api: APIClient, url: str, begun: dict[str, Any]
) -> None:
    Field.objects.filter(name="vector").update(deleted_at=timezone.now())
    project(begun["job"])
    shown = owner_api.get(f"{url}{begun['id']}/").json()
    assert shown["state"] == "failed"
    assert "was deleted" in shown["error"]


def test_a_failing_fit_fails_the_job_with_its_reason(
    owner_api: APIClient, url: str, begun: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samplecase.projection.fitting.SECONDS", -1)
    monkeypatch.setattr("samplecase.projection.fitting.BEAT", 0)
    project(begun["job"])
    shown = owner_api.get(f"{url}{begun['id']}/").json()
    assert shown["state"] == "failed"
    assert "narrow it down" in shown["error"]


def test_vectors_that_a_killed_worker_left_are_removed(
    begun: dict[str, Any], settings: Any, tmp_path: Path
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    for name in ("projection-old", "projection-new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "vectors.npy").write_bytes(b"0")
    os.utime(tmp_path / "projection-old", (0, 0))
    project(begun["job"])
    assert [each.name for each in tmp_path.iterdir()] == ["projection-new"]


def test_the_same_key_makes_one_projection(owner_api: APIClient, url: str, samples: list[int]) -> None:
    order, key = {"field": "vector"}, {"HTTP_IDEMPOTENCY_KEY": "once"}
    first = owner_api.post(url, order, **key)
    again = owner_api.post(url, order, **key)
    assert (first.status_code, again.status_code, again.json()) == (202, 202, first.json())
    assert Projection.objects.count() == 1
    other = owner_api.post(url, order | {"method": "pca"}, **key)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")
    assert owner_api.post(url, order, HTTP_IDEMPOTENCY_KEY="").status_code == 400


def test_one_user_s_unfinished_jobs_are_bounded(
    owner_api: APIClient, url: str, samples: list[int], settings: Any
) -> None:
    settings.MAX_JOBS_PER_USER = 1
    assert owner_api.post(url, {"field": "vector"}).status_code == 202
    answer = owner_api.post(url, {"field": "vector"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "too_many_jobs")
