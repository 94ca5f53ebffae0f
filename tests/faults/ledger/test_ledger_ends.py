"""How jobs end: cancelled, failed, or with what they work on gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from datasets_app.models import Dataset, Field, Value
from jobs_app import lifecycle, steering, turns
from jobs_app.ledger import LOG_LENGTH
from jobs_app.models import Job
from samplecase.contracts.states import OnExisting
from samplecase.runtime.ledger import Ledger
from tests.faults.ledger.working import (
    assert_counters_equal_rows,
    claim,
    commit,
    let_leases_lapse,
    results,
    run_to_the_end,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("moment", ["queued", "running", "claimed", "half", "lapsed"])
def test_after_a_cancel_nothing_is_written(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job], owner: Any, moment: str
) -> None:
    job = make_job(is_started=moment != "queued")
    held = claim(ledger) if moment in {"claimed", "half", "lapsed"} else None
    if held and moment == "half":
        assert commit(ledger, held, results(held)[:2])
    if moment == "lapsed":
        let_leases_lapse()
    written = Value.objects.count()
    ended = steering.cancel(job=job, acting_user=owner)
    assert ended.state == "cancelled"
    if held:
        assert not commit(ledger, held)
        assert ledger.renew(claims=[(held.chunk, held.fence)], lease_seconds=30) == set()
        ledger.release(chunk=held.chunk, fence=held.fence)
    ledger.fail_job(job=job.pk, code="late", message="too late")
    assert ledger.claim_chunk(executor="here", lease_seconds=30) is None
    assert Value.objects.count() == written
    assert_counters_equal_rows(job)
    assert (job.state, job.cancelled, job.open_chunks) == ("cancelled", 10 - written, 0)
    assert steering.cancel(job=job, acting_user=owner).state == "cancelled"
    make_job(on_existing=OnExisting.SKIP)  # its field is free again


def test_a_failed_job_keeps_what_is_done_and_says_why(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job()
    held = claim(ledger)
    assert commit(ledger, held)
    ledger.fail_job(job=job.pk, code="cannot_start", message="ImportError: no module\0")
    assert_counters_equal_rows(job)
    assert (job.state, job.done, job.cancelled) == ("failed", 4, 6)
    assert (job.reason, job.error_code, job.error_message) == (
        "cannot_start", "cannot_start", "ImportError: no module�",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ("inactive", "rights"),
        ("label", "rights"),
        ("run", "rights"),
        ("stopped", "deployment_stopped"),
        ("failed", "deployment_failed"),
        ("deleted", "deployment_gone"),
        ("field", "field_gone"),
        ("unsandboxed", "sandbox"),
    ],
)
def test_a_job_fails_at_the_next_claim_when_it_may_no_longer_run(
    ledger: Ledger,
    dataset: Dataset,
    model: Any,
    ready_deployment: Any,
    samples: list[int],
    make_job: Callable[..., Job],
    collaborator: Any,
    grant: Callable[[Any, Any, str], None],
    trouble: str,
    code: str,
) -> None:
    from guardian.shortcuts import remove_perm

    grant(dataset, collaborator, "label")
    grant(model, collaborator, "run")
    job = make_job(user=collaborator)
    assert claim(ledger).job == job.pk
    match trouble:
        case "inactive":
            type(collaborator).objects.filter(pk=collaborator.pk).update(is_active=False)
        case "label":
            remove_perm("datasets_app.label_dataset", collaborator, dataset)
        case "run":
            remove_perm("models_app.run_model", collaborator, model)
        case "stopped" | "failed":
            type(ready_deployment).objects.update(state=trouble)
        case "deleted":
            ready_deployment.delete()
        case "field":
            Field.objects.update(deleted_at=timezone.now())
        case "unsandboxed":
            type(ready_deployment).objects.update(sandbox="none")
    assert ledger.claim_chunk(executor="here", lease_seconds=30) is None
    assert_counters_equal_rows(job)
    assert (job.state, job.error_code) == ("failed", code)
    assert job.error_message


def test_a_job_waits_while_its_deployment_is_checked_again(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job], ready_deployment: Any
) -> None:
    job = make_job()
    type(ready_deployment).objects.update(state="pending")
    assert ledger.claim_chunk(executor="here", lease_seconds=30) is None
    type(ready_deployment).objects.update(state="ready")
    assert claim(ledger).job == job.pk


def test_a_field_that_is_deleted_while_the_model_works_fails_the_job(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job()
    held = claim(ledger)
    Field.objects.update(deleted_at=timezone.now())
    assert not commit(ledger, held)
    assert_counters_equal_rows(job)
    assert (job.state, job.error_code) == ("failed", "field_gone")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="on PostgreSQL writers take no turns")
def test_a_job_that_a_commit_fails_is_failed_in_its_turn_to_write(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_job()
    held, fail, seen = claim(ledger), lifecycle.fail, []

    def watched(**facts: Any) -> bool:
        seen.append(turns.writing.locked())
        return fail(**facts)

    monkeypatch.setattr(lifecycle, "fail", watched)
    Field.objects.update(deleted_at=timezone.now())
    assert not commit(ledger, held)
    assert seen == [True]


def test_a_field_that_is_renamed_while_the_model_works_gets_the_values(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    make_job()
    Field.objects.update(name="figures")
    run_to_the_end(ledger)
    assert Value.objects.filter(field__name="figures").count() == 10


@pytest.mark.parametrize("change", [{"name": "other"}, {"deleted_at": timezone.now()}])
def test_a_field_that_the_model_reads_and_that_goes_fails_the_job_and_is_no_sample_s_error(
    ledger: Ledger,
    dataset: Dataset,
    samples: list[int],
    make_job: Callable[..., Job],
    ready_deployment: Any,
    change: dict[str, Any],
) -> None:
    inputs = {"image_paths": {"type": "local"}, "hint": {"type": "classification"}}
    schema = ready_deployment.version.schema | {"inputs": {"type": "object", "properties": inputs}}
    type(ready_deployment.version).objects.update(schema=schema)
    ready_deployment.version.refresh_from_db()
    truth = Field.objects.create(dataset=dataset, name="truth", type="classification")
    job = make_job(inputs={"hint": "truth"})
    assert commit(ledger, claim(ledger))
    Field.objects.filter(pk=truth.pk).update(**change)
    assert ledger.claim_chunk(executor="here", lease_seconds=30) is None
    assert_counters_equal_rows(job)
    assert (job.state, job.error_code, job.failed) == ("failed", "field_gone", 0)
    assert "“truth”" in job.error_message


def test_a_dataset_that_is_deleted_under_a_job_takes_it_along(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job], dataset: Dataset
) -> None:
    make_job()
    held = claim(ledger)
    dataset.delete()
    assert not commit(ledger, held)
    assert ledger.renew(claims=[(held.chunk, held.fence)], lease_seconds=30) == set()
    ledger.append_job_log(job=held.job, text="late")
    ledger.fail_job(job=held.job, code="late", message="late")
    assert not Job.objects.exists()


def test_the_end_of_the_log_is_kept(ledger: Ledger, samples: list[int], make_job: Callable[..., Job]) -> None:
    job = make_job()
    ledger.append_job_log(job=job.pk, text="first\n")
    ledger.append_job_log(job=job.pk, text="second\0\n")
    job.refresh_from_db()
    assert job.log == "first\nsecond�\n"
    ledger.append_job_log(job=job.pk, text="x" * LOG_LENGTH + "end")
    job.refresh_from_db()
    assert len(job.log) == LOG_LENGTH
    assert job.log.endswith("end")
