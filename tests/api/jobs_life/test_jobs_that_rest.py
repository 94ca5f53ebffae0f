"""Jobs that are paused, by people or because nothing succeeds, and go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from datasets_app.models import Dataset, Field, Value
from datasets_app.values import NewValue, write_values
from jobs_app import starting, tasks
from jobs_app.ledger import DatabaseLedger
from jobs_app.models import Job, JobField
from samplecase.contracts.states import Source
from samplecase.web.accounts.models import AuditEntry, User
from tests.api.jobs_life.working import (
    URL,
    act,
    answers,
    assert_counters_equal_rows,
    claim,
    commit,
    work,
)

pytestmark = pytest.mark.django_db


# Pause and resume ----------------------------------------------------------------------------------------------------


def test_after_a_pause_nothing_is_written_and_after_resuming_nothing_is_missing(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job()
    held = claim(ledger)
    assert commit(ledger, held, answers(held)[:2])
    assert act(owner_api, job, "pause")["state"] == "paused"
    assert ledger.claim_chunk(executor="here", lease_seconds=30) is None
    assert not commit(ledger, held, answers(held, label="late"))
    assert ledger.renew(claims=[(held.chunk, held.fence)], lease_seconds=30) == set()
    ledger.fail_job(job=job.pk, code="late", message="late")
    assert_counters_equal_rows(job)
    assert (job.state, job.done) == ("paused", 2)
    assert act(owner_api, job, "resume")["state"] == "running"
    assert not commit(ledger, held, answers(held, label="late"))
    given = work(ledger)
    assert given == samples[2:]
    assert not commit(ledger, held, answers(held, label="late"))
    assert_counters_equal_rows(job)
    assert (job.state, job.done) == ("finished", 10)
    assert set(Value.objects.values_list("label", flat=True)) == {"3"}
    assert (
        list(AuditEntry.objects.filter(action__startswith="job.").values_list("action", flat=True)).count(
            "job.pause"
        )
        == 1
    )


def test_a_paused_job_keeps_its_field(
    owner_api: APIClient, samples: list[int], make_job: Callable[..., Job]
) -> None:
    from samplecase.contracts.errors import Conflict

    job = make_job()
    act(owner_api, job, "pause")
    with pytest.raises(Conflict) as refused:
        make_job()
    assert refused.value.code == "field_busy"


def test_a_queued_job_that_was_paused_starts_when_it_is_resumed(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job(is_started=False)
    act(owner_api, job, "pause")
    assert not tasks.start_job(job.pk)
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert starting.sweep() == 0
    shown = act(owner_api, job, "resume")
    assert (shown["state"], shown["started_at"] is None) == ("running", False)
    assert len(work(ledger)) == 10


@pytest.mark.parametrize(
    ("trouble", "code"), [("stopped", "deployment_stopped"), ("inactive", "rights"), ("field", "field_gone")]
)
@pytest.mark.parametrize("action", ["resume", "retry"])
def test_what_may_no_longer_run_is_not_set_to_work_and_stays_as_it_is(
    superuser_api: APIClient,
    ledger: DatabaseLedger,
    samples: list[int],
    make_job: Callable[..., Job],
    ready_deployment: Any,
    owner: User,
    trouble: str,
    code: str,
    action: str,
) -> None:
    job = make_job()
    act(superuser_api, job, {"resume": "pause", "retry": "cancel"}[action])
    before = job.state
    match trouble:
        case "stopped":
            type(ready_deployment).objects.update(state="stopped")
        case "inactive":
            User.objects.filter(pk=owner.pk).update(is_active=False)
        case "field":
            Field.objects.update(deleted_at=timezone.now())
    refused = act(superuser_api, job, action, 409)["error"]
    assert refused["code"] == code
    assert refused["message"]
    assert job.state == before
    assert_counters_equal_rows(job)
    assert JobField.objects.filter(is_open=True).exists() == (before == "paused")


def test_a_job_without_its_deployment_cannot_go_on(
    owner_api: APIClient, samples: list[int], make_job: Callable[..., Job], ready_deployment: Any
) -> None:
    job = make_job()
    act(owner_api, job, "pause")
    ready_deployment.delete()
    assert owner_api.get(f"{URL}{job.pk}/").json()["can"] == ["cancel"]
    assert "deleted" in act(owner_api, job, "resume", 409)["error"]["message"]
    assert act(owner_api, job, "cancel")["can"] == ["undo"]


def test_a_job_that_was_paused_says_the_rate_since_it_goes_on(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job()
    found = claim(ledger)
    assert commit(ledger, found, answers(found))
    act(owner_api, job, "pause")
    act(owner_api, job, "resume")
    assert owner_api.get(f"{URL}{job.pk}/").json()["rate"] is None
    found = claim(ledger)
    assert commit(ledger, found, answers(found))
    job.refresh_from_db()
    Job.objects.update(
        started_at=job.updated_at - timedelta(hours=1), resumed_at=job.updated_at - timedelta(seconds=2)
    )
    assert owner_api.get(f"{URL}{job.pk}/").json()["rate"] == 2


def test_an_evaluation_is_paused_and_goes_on_where_it_was(
    owner_api: APIClient, dataset: Dataset, samples: list[int], owner: User
) -> None:
    from jobs_app.evaluating import evaluate

    for name in ("guess", "truth"):
        field = Field.objects.create(dataset=dataset, name=name, type="classification")
        rows = [NewValue(sample, {"label": "1"}) for sample in samples]
        write_values(field=field, rows=rows, source=Source.IMPORT)
    job = evaluate(dataset=dataset, predictions="guess", ground_truth="truth", acting_user=owner)
    assert starting.start(job.pk)
    assert act(owner_api, job, "pause")["can"] == ["resume", "cancel"]
    tasks.evaluate(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == ("paused", 0)
    assert act(owner_api, job, "resume")["state"] == "running"
    tasks.evaluate(job.pk)
    shown = owner_api.get(f"{URL}{job.pk}/").json()
    assert (shown["state"], shown["done"], shown["can"]) == ("finished", 10, [])
    assert act(owner_api, job, "retry", 409)


# The error threshold -------------------------------------------------------------------------------------------------


def test_a_job_whose_first_samples_all_fail_is_paused_and_resuming_goes_on_without_the_threshold(
    owner_api: APIClient,
    ledger: DatabaseLedger,
    settings: Any,
    samples: list[int],
    make_job: Callable[..., Job],
) -> None:
    settings.ERROR_THRESHOLD = 6
    job = make_job()
    assert work(ledger, failing=samples) == samples[:8]
    assert_counters_equal_rows(job)
    shown = owner_api.get(f"{URL}{job.pk}/").json()
    assert (shown["state"], shown["reason"], shown["failed"]) == ("paused", "error_threshold", 8)
    assert act(owner_api, job, "resume")["reason"] == ""
    assert work(ledger, failing=samples) == samples[8:]
    assert_counters_equal_rows(job)
    assert (job.state, job.failed) == ("finished", 10)


def test_a_small_job_of_which_all_samples_fail_is_paused_and_finished_by_resuming(
    owner_api: APIClient, ledger: DatabaseLedger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job(samples=samples[:3])
    work(ledger, failing=samples)
    job.refresh_from_db()
    assert (job.state, job.reason, job.open_chunks) == ("paused", "error_threshold", 0)
    assert act(owner_api, job, "resume")["state"] == "finished"
    assert not JobField.objects.filter(is_open=True).exists()


def test_one_sample_that_is_done_keeps_a_job_going(
    ledger: DatabaseLedger, settings: Any, samples: list[int], make_job: Callable[..., Job]
) -> None:
    settings.ERROR_THRESHOLD = 2
    job = make_job()
    work(ledger, failing=samples[1:])
    job.refresh_from_db()
    assert (job.state, job.done, job.failed) == ("finished", 1, 9)


def test_a_threshold_of_zero_pauses_nothing(
    ledger: DatabaseLedger, settings: Any, samples: list[int], make_job: Callable[..., Job]
) -> None:
    settings.ERROR_THRESHOLD = 0
    job = make_job()
    work(ledger, failing=samples)
    job.refresh_from_db()
    assert (job.state, job.failed) == ("finished", 10)
