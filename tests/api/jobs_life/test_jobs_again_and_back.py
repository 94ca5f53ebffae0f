"""Jobs that are tried again, and jobs whose work is taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from datasets_app.models import Dataset, Field, Sample, Value, ValueHistory
from datasets_app.values import delete_values
from jobs_app import starting, tasks
from jobs_app.ledger import DatabaseLedger
from jobs_app.models import Job, JobField, SampleError
from samplecase.contracts.jobs import SampleResult
from samplecase.contracts.states import OnExisting, Outcome, Source
from samplecase.web.accounts.models import User
from tests.api.jobs_life.working import (
    SUBJECT_OF,
    act,
    answers,
    assert_counters_equal_rows,
    assert_field_counters_equal_rows,
    claim,
    commit,
    undone,
    work,
    write,
)

pytestmark = pytest.mark.django_db


# Retry ---------------------------------------------------------------------------------------------------------------


def test_a_finished_job_tries_its_failed_samples_again_and_no_other(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job()
    bad = [samples[1], samples[5]]
    work(ledger, failing=bad)
    revisions = dict(Value.objects.values_list("sample", "revision"))
    shown = act(owner_api, job, "retry")
    assert (shown["state"], shown["done"], shown["failed"]) == ("running", 8, 0)
    assert shown["finished_at"] is None
    assert not SampleError.objects.exists()
    assert_counters_equal_rows(job)
    assert work(ledger, failing=bad[1:]) == bad
    assert_counters_equal_rows(job)
    assert (job.state, job.done, job.failed) == ("finished", 9, 1)
    assert dict(Value.objects.values_list("sample", "revision")) == revisions | {bad[0]: 1}
    act(owner_api, job, "retry")
    assert work(ledger) == bad[1:]
    assert act(owner_api, job, "retry", 409)["error"]["message"].startswith("No sample")


@pytest.mark.parametrize("end", ["cancelled", "failed"])
def test_a_job_that_was_ended_does_what_it_had_left(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job], end: str
) -> None:
    job = make_job()
    held = claim(ledger)
    assert commit(ledger, held, answers(held, failing=samples[:1])[:3])
    if end == "cancelled":
        act(owner_api, job, "cancel")
    else:
        ledger.fail_job(job=job.pk, code="model_not_started", message="no torch")
    shown = act(owner_api, job, "retry")
    assert (shown["state"], shown["reason"], shown["error"], shown["cancelled"]) == ("running", "", None, 0)
    assert not commit(ledger, held, answers(held, label="late"))
    assert work(ledger) == [samples[0], *samples[3:]]
    assert_counters_equal_rows(job)
    assert (job.state, job.done) == ("finished", 10)
    assert set(Value.objects.values_list("label", flat=True)) == {"3"}


def test_a_job_is_not_retried_while_another_one_writes_its_field(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job()
    work(ledger, failing=samples[:1])
    other = make_job(on_existing=OnExisting.REPLACE)
    for action in ("retry", "undo"):
        assert act(owner_api, job, action, 409)["error"]["code"] == "field_busy"
        assert job.state == "finished"
        assert_counters_equal_rows(job)
    act(owner_api, other, "cancel")
    act(owner_api, job, "retry")
    assert work(ledger) == samples[:1]


# Undo ----------------------------------------------------------------------------------------------------------------


PROVENANCE = ("sample", "data", "label", "source", "job", "model_version", "origin", "editor", "written_at")


def standing(field: Field) -> list[Any]:
    return sorted(Value.objects.filter(field=field).values_list(*PROVENANCE), key=lambda row: row[0])


def test_undo_leaves_the_field_as_it_was_before_the_job(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    dataset: Dataset,
    samples: list[int],
    make_job: Callable[..., Job],
    owner: User,
) -> None:
    field = Field.objects.create(dataset=dataset, name="digits", type="classification")
    write(field, samples[0], "imported", Source.IMPORT)
    write(field, samples[1], "human", Source.HUMAN, owner)
    write(field, samples[2], "emptied", Source.IMPORT)
    first = make_job(samples=samples[3:6], on_existing=OnExisting.REPLACE)
    work(ledger, label="first")
    before = standing(field)
    revisions = dict(Value.objects.values_list("sample", "revision"))
    job = make_job(on_existing=OnExisting.REPLACE)
    Value.objects.filter(job=first.pk).update(origin="another model")
    before = [(*row[:6], "another model", *row[7:]) if row[4] == first.pk else row for row in before]
    while found := ledger.claim_chunk(executor="here", lease_seconds=30):
        results = [
            SampleResult(
                each.id, Outcome.DONE, {"predictions": None if each.id == samples[2] else SUBJECT_OF}
            )
            for each in found.samples
        ]
        assert commit(ledger, found, results)
    assert Value.objects.filter(job=job.pk).count() == 8
    shown = undone(owner_api, job)
    assert shown["undo"] == {"restored": 9, "kept": 0}
    assert standing(field) == before
    again = dict(Value.objects.values_list("sample", "revision"))
    assert all(again[sample] > revisions[sample] for sample in (samples[0], *samples[3:6]))
    assert again[samples[1]] == revisions[samples[1]]
    assert_field_counters_equal_rows(field)
    assert_counters_equal_rows(job)
    assert not JobField.objects.filter(is_open=True).exists()
    assert undone(owner_api, first)["undo"] == {"restored": 3, "kept": 0}
    assert [row[0] for row in standing(field)] == samples[:3]


def test_undo_keeps_and_counts_what_others_have_changed_since(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    samples: list[int],
    make_job: Callable[..., Job],
    owner: User,
) -> None:
    job = make_job()
    work(ledger)
    field = Field.objects.get(name="digits")
    write(field, samples[0], "corrected", Source.HUMAN, owner)
    delete_values(field=field, samples=[samples[1]], acting_user=owner)
    later = make_job(samples=samples[2:4], on_existing=OnExisting.REPLACE)
    Value.objects.update(origin="")
    work(ledger, label="later")
    shown = undone(owner_api, job)
    assert shown["undo"] == {"restored": 6, "kept": 4}
    assert dict(Value.objects.values_list("sample", "label")) == {
        samples[0]: "corrected",
        samples[2]: "later",
        samples[3]: "later",
    }
    assert_field_counters_equal_rows(field)
    assert ValueHistory.objects.filter(field=field, job=job.pk).count() == 10
    assert undone(owner_api, later)["undo"] == {"restored": 2, "kept": 0}
    assert dict(Value.objects.values_list("sample", "label")) == {
        samples[0]: "corrected",
        samples[2]: "3",
        samples[3]: "3",
    }


def test_a_field_that_the_job_made_goes_with_it_unless_something_else_is_in_it(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    samples: list[int],
    make_job: Callable[..., Job],
    owner: User,
) -> None:
    job = make_job(outputs={"predictions": "digits", "score": "score"})
    while found := ledger.claim_chunk(executor="here", lease_seconds=30):
        values = {"predictions": SUBJECT_OF, "score": 0.5}
        assert commit(ledger, found, [SampleResult(each.id, Outcome.DONE, values) for each in found.samples])
    write(Field.objects.get(name="digits"), samples[0], "mine", Source.HUMAN, owner)
    assert undone(owner_api, job)["undo"] == {"restored": 19, "kept": 1}
    assert list(Field.objects.values_list("name", "value_count")) == [("digits", 1)]


def test_a_deleted_field_comes_back_without_the_work_of_a_job_that_was_undone(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    dataset: Dataset,
    samples: list[int],
    make_job: Callable[..., Job],
) -> None:
    job = make_job()
    work(ledger)
    Field.objects.update(deleted_at=timezone.now())
    undone(owner_api, job)
    Field.with_deleted.update(deleted_at=None)
    assert_field_counters_equal_rows(Field.objects.get(name="digits"))
    assert not Value.objects.exists()


def test_an_undo_goes_on_where_it_was_and_its_lost_doorbell_is_rung_again(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    samples: list[int],
    make_job: Callable[..., Job],
    monkeypatch: pytest.MonkeyPatch,
) -> None:

    job = make_job()
    work(ledger)
    act(owner_api, job, "undo")
    monkeypatch.setattr("jobs_app.stretches.STRETCH", 0)
    rung: list[int] = []
    monkeypatch.setattr("jobs_app.doorbell.ring_undo", rung.append)
    tasks.undo(job.pk)
    job.refresh_from_db()
    assert (job.state, job.undo_restored, rung) == ("undoing", 4, [job.pk])
    assert starting.sweep() == 0
    Job.objects.update(updated_at=timezone.now() - timedelta(minutes=2))
    assert starting.sweep() == 1
    assert rung == [job.pk] * 2
    Sample.objects.filter(pk=samples[9]).delete()
    for _ in range(3):
        tasks.undo(job.pk)
    job.refresh_from_db()
    assert (job.state, job.undo_restored, job.undo_kept) == ("undone", 9, 0)
    tasks.undo(job.pk)
    assert not Value.objects.exists()
