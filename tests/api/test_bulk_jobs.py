"""Bulk actions over more samples than one request takes: as jobs, with progress, and undone group by group."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from datasets_app.models import BulkAction, Field, Sample, Value
from jobs_app import bulk
from jobs_app.models import BulkChunk, Job
from jobs_app.tasks import change_samples, start_job, undo
from samplecase.web.accounts.models import AuditEntry
from tests.fixtures_datasets import assert_counters_are_right

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 4)
    monkeypatch.setattr(bulk, "GROUP", 3)


@pytest.fixture
def samples(dataset: Any, make_samples: Any, make_field: Any, write: Any) -> list[Sample]:
    found: list[Sample] = make_samples(dataset, 8)
    write(make_field(dataset, "pred"), {each: {"label": "a"} for each in found[:5]}, job=5)
    return found


def begun(api: Any, dataset: Any, **body: Any) -> int:
    answer = api.post(f"/api/v1/datasets/{dataset.pk}/bulk/", body)
    assert answer.status_code == 202, answer.content
    shown = answer.json()
    assert (shown["changed"], shown["undo"]) == (0, None)
    start_job(shown["job"])
    return int(shown["job"])


def seen(api: Any, job: int) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/api/v1/jobs/{job}/").json()
    return found


EVERY = {"field": "id", "op": "exists"}


def test_tags_go_on_any_number_of_samples_and_come_off_again(
    owner_api: Any, dataset: Any, samples: list[Sample]
) -> None:
    Sample.objects.filter(pk=samples[0].pk).update(tags=["new"])
    job = begun(owner_api, dataset, action="tag", tags=["new"], filter=EVERY)
    assert seen(owner_api, job)["bulk"] == {"action": "tag", "tags": ["new"], "label": None}
    assert bulk._slice(job)
    half = seen(owner_api, job)
    assert (half["state"], half["total"], half["done"], half["skipped"]) == ("running", 8, 2, 1)
    change_samples(job)
    whole = seen(owner_api, job)
    assert (whole["state"], whole["done"], whole["skipped"], whole["can"]) == ("finished", 7, 1, ["undo"])
    assert set(Sample.objects.values_list("tags__0", flat=True)) == {"new"}
    assert not BulkChunk.objects.exists()
    Sample.objects.filter(pk=samples[7].pk).update(tags=[])
    assert owner_api.post(f"/api/v1/jobs/{job}/undo/").json()["state"] == "undoing"
    undo(job)
    undone = seen(owner_api, job)
    assert (undone["state"], undone["undo"]) == ("undone", {"restored": 6, "kept": 1})
    assert [each for each in Sample.objects.order_by("pk").values_list("tags", flat=True) if each] == [
        ["new"]
    ]
    assert not BulkAction.objects.exists()


def test_an_undo_hands_over_to_the_next_task_and_goes_on_where_it_was(
    owner_api: Any, dataset: Any, samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begun(owner_api, dataset, action="tag", tags=["new"], filter=EVERY)
    change_samples(job)
    owner_api.post(f"/api/v1/jobs/{job}/undo/")
    monkeypatch.setattr("jobs_app.stretches.STRETCH", -1)
    restored, rounds = [], 0
    while rounds == 0 or OrmQ.objects.exists():
        OrmQ.objects.all().delete()
        undo(job)
        restored.append(Job.objects.get(pk=job).undo_restored)
        rounds += 1
    assert restored == [2, 5, 8, 8]
    assert Job.objects.get(pk=job).state == "undone"


def test_labels_are_set_and_taken_back(owner_api: Any, dataset: Any, samples: list[Sample]) -> None:
    job = begun(owner_api, dataset, action="set_label", field="pred", label="b", filter=EVERY)
    Field.objects.filter(name="pred").update(name="renamed")
    change_samples(job)
    assert Value.objects.filter(label="b", source="human").count() == 8
    assert_counters_are_right(dataset)
    owner_api.post(f"/api/v1/jobs/{job}/undo/")
    undo(job)
    assert list(Value.objects.order_by("sample").values_list("label", "source")) == [("a", "model")] * 5
    assert_counters_are_right(dataset)


def test_the_samples_are_those_of_the_moment_of_the_order(
    owner_api: Any, dataset: Any, samples: list[Sample], make_samples: Any
) -> None:
    job = begun(owner_api, dataset, action="tag", tags=["x"], samples=[each.pk for each in samples])
    make_samples(dataset, 2, prefix="later")
    samples[1].delete()
    change_samples(job)
    found = seen(owner_api, job)
    assert (found["total"], found["done"], found["skipped"]) == (8, 7, 1)
    assert Sample.objects.filter(tags=[]).count() == 2


def test_a_deletion_needs_edit_until_its_end_and_is_final(
    owner_api: Any, collaborator_api: Any, collaborator: Any, dataset: Any, samples: list[Sample], grant: Any
) -> None:
    grant(dataset, collaborator, "edit")
    job = begun(collaborator_api, dataset, action="delete", filter=EVERY)
    assert bulk._slice(job)
    rights = {"everyone": "none", "users": [{"username": collaborator.username, "right": "label"}]}
    shared = owner_api.put(f"/api/v1/datasets/{dataset.pk}/sharing/", {**rights, "groups": []})
    assert shared.status_code == 200, shared.content
    change_samples(job)
    failed = seen(owner_api, job)
    assert (failed["state"], failed["done"], failed["cancelled"]) == ("failed", 3, 5)
    assert failed["can"] == []
    assert owner_api.post(f"/api/v1/jobs/{job}/undo/").status_code == 409
    assert Sample.objects.count() == 5
    assert_counters_are_right(dataset)


def test_it_is_cancelled_and_what_it_did_stands_until_it_is_undone(
    owner_api: Any, dataset: Any, samples: list[Sample]
) -> None:
    job = begun(owner_api, dataset, action="tag", tags=["x"], filter=EVERY)
    assert bulk._slice(job)
    assert owner_api.post(f"/api/v1/jobs/{job}/cancel/").json()["cancelled"] == 5
    change_samples(job)
    assert Sample.objects.exclude(tags=[]).count() == 3
    assert not BulkChunk.objects.exists()
    owner_api.post(f"/api/v1/jobs/{job}/undo/")
    undo(job)
    assert not Sample.objects.exclude(tags=[]).exists()


def test_a_field_that_is_deleted_meanwhile_fails_it(
    owner_api: Any, dataset: Any, samples: list[Sample]
) -> None:
    job = begun(owner_api, dataset, action="clear_label", field="pred", filter=EVERY)
    owner_api.delete(f"/api/v1/datasets/{dataset.pk}/fields/pred/")
    change_samples(job)
    found = seen(owner_api, job)
    assert (found["state"], found["error"]["code"]) == ("failed", "field_gone")
    assert not BulkChunk.objects.exists()


@pytest.mark.parametrize("many", [False, True])
def test_another_order_takes_no_way_back_from_a_job_that_is_on_it(
    owner_api: Any, dataset: Any, samples: list[Sample], many: bool
) -> None:
    job = begun(owner_api, dataset, action="tag", tags=["x"], filter=EVERY)
    change_samples(job)
    BulkAction.objects.update(created_at=timezone.now() - timedelta(days=2))
    owner_api.post(f"/api/v1/jobs/{job}/undo/")
    chosen = [each.pk for each in samples]
    order = {"action": "tag", "tags": ["y"], "samples": chosen if many else chosen[:1]}
    assert owner_api.post(f"/api/v1/datasets/{dataset.pk}/bulk/", order).status_code in {200, 202}
    undo(job)
    assert seen(owner_api, job)["undo"] == {"restored": 8, "kept": 0}


def test_the_order_is_in_the_audit_log_once(owner_api: Any, dataset: Any, samples: list[Sample]) -> None:
    job = begun(owner_api, dataset, action="tag", tags=["x"], filter=EVERY)
    change_samples(job)
    (row,) = AuditEntry.objects.filter(action="sample.bulk_tag")
    assert row.details == {"samples": 8, "job": job}
