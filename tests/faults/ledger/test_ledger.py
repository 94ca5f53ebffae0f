"""The chunk ledger: every sample of a job ends exactly once, whoever comes late, twice or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from datasets_app.models import Dataset, Value
from jobs_app.models import Chunk, Job, JobField, SampleError
from samplecase.contracts.jobs import SampleResult
from samplecase.contracts.states import Outcome
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


def test_a_job_ends_with_every_sample_written_once(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job()
    run_to_the_end(ledger)
    assert_counters_equal_rows(job)
    assert (job.state, job.done, job.open_chunks) == ("finished", 10, 0)
    assert job.finished_at is not None
    values = Value.objects.filter(field__name="digits")
    assert sorted(values.values_list("sample", flat=True)) == samples
    assert set(values.values_list("source", "job", "model_version")) == {("model", job.pk, job.version_id)}
    assert not JobField.objects.filter(is_open=True).exists()


def test_a_claim_says_all_that_a_replica_needs(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job], ready_deployment: Any, owner: Any
) -> None:
    job = make_job()
    found = claim(ledger)
    assert [each.id for each in found.samples] == samples[:4]
    first = found.samples[0]
    assert (first.name, first.extension, first.inputs) == ("00000.png", ".png", {})
    assert (found.job, found.fence, found.outputs) == (job.pk, 1, {"predictions": "digits"})
    spec = found.spec
    assert (spec.deployment, spec.package_sha256) == (ready_deployment.pk, ready_deployment.version.sha256)
    assert (spec.owner, spec.sandbox, spec.mini_batch) == (owner.pk, "bwrap", 1)


@pytest.mark.parametrize(
    ("mime", "extension"), [("image/jpeg", ".jpg"), ("image/webp", ".webp"), ("image/x-unheard-of", "")]
)
def test_files_are_named_by_their_real_format(
    ledger: Ledger,
    dataset: Dataset,
    add_samples: Callable[..., list[int]],
    make_job: Callable[..., Job],
    mime: str,
    extension: str,
) -> None:
    add_samples(dataset, 1, mime=mime)
    make_job()
    assert claim(ledger).samples[0].extension == extension


def test_a_chunk_is_claimed_once_until_its_lease_is_over(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    make_job(samples=samples[:4])
    first = claim(ledger)
    assert ledger.claim_chunk(executor="there", lease_seconds=30) is None
    let_leases_lapse()
    second = claim(ledger)
    assert (second.chunk, second.fence) == (first.chunk, first.fence + 1)


def test_whoever_lost_his_lease_writes_nothing(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job(samples=samples[:4])
    late = claim(ledger)
    let_leases_lapse()
    now = claim(ledger)
    assert not commit(ledger, late, results(late, "late"))
    assert ledger.renew(claims=[(late.chunk, late.fence)], lease_seconds=30) == set()
    ledger.release(chunk=late.chunk, fence=late.fence)
    assert commit(ledger, now, results(now, "now"))
    assert not commit(ledger, late, results(late, "late"))
    assert set(Value.objects.values_list("label", flat=True)) == {"now"}
    assert_counters_equal_rows(job)


def test_a_lease_that_lapsed_unnoticed_still_holds(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    make_job(samples=samples[:4])
    held = claim(ledger)
    let_leases_lapse()
    assert ledger.renew(claims=[(held.chunk, held.fence)], lease_seconds=30) == {(held.chunk, held.fence)}
    assert ledger.claim_chunk(executor="there", lease_seconds=30) is None
    assert commit(ledger, held)


def test_a_clock_that_was_set_back_takes_no_chunk_from_who_lives(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    make_job(samples=samples[:4])
    held = claim(ledger)
    Chunk.objects.update(lease_until=timezone.now() + timedelta(hours=1))
    assert ledger.renew(claims=[(held.chunk, held.fence)], lease_seconds=30) == {(held.chunk, held.fence)}
    assert ledger.claim_chunk(executor="there", lease_seconds=30) is None
    assert commit(ledger, held)


def test_a_commit_whose_answer_was_lost_may_be_repeated(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job(samples=samples[:4])
    held = claim(ledger)
    half = results(held)[:2]
    bad = SampleResult(held.samples[2].id, Outcome.ERROR, reason="exception", message="no")
    assert commit(ledger, held, [*half, bad])
    revisions = list(Value.objects.values_list("sample", "revision"))
    assert commit(ledger, held, [*half, bad])
    assert list(Value.objects.values_list("sample", "revision")) == revisions
    assert_counters_equal_rows(job)
    assert (job.done, job.failed, job.state) == (2, 1, "running")


def test_a_chunk_is_continued_where_its_last_holder_stopped(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job(samples=samples[:4])
    first = claim(ledger)
    assert commit(ledger, first, results(first)[:3])
    ledger.release(chunk=first.chunk, fence=first.fence)
    second = claim(ledger)
    assert [each.id for each in second.samples] == samples[3:4]
    assert commit(ledger, second)
    assert_counters_equal_rows(job)
    assert job.state == "finished"


def test_results_of_samples_that_are_not_in_the_chunk_are_passed_over(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job(samples=samples[:4])
    held = claim(ledger)
    foreign = SampleResult(samples[9], Outcome.DONE, {"predictions": {"label": "1"}})
    assert commit(ledger, held, [foreign])
    assert not Value.objects.exists()
    assert_counters_equal_rows(job)


def test_errors_name_sample_and_reason_and_hold_any_text(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job(samples=samples[:1])
    held = claim(ledger)
    message = "ValueError: \0 \ud800 bad"
    assert commit(
        ledger, held, [SampleResult(samples[0], Outcome.ERROR, reason="exception", message=message)]
    )
    error = SampleError.objects.get(job=job)
    assert (error.sample, error.name, error.reason) == (samples[0], "00000.png", "exception")
    assert error.message == "ValueError: � ? bad"
    assert_counters_equal_rows(job)
    assert (job.state, job.reason, job.failed) == ("paused", "error_threshold", 1)


def test_nothing_found_is_done_and_leaves_no_value(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job(samples=samples[:1])
    assert commit(ledger, claim(ledger), [SampleResult(samples[0], Outcome.DONE, {"predictions": None})])
    assert_counters_equal_rows(job)
    assert (job.done, job.state) == (1, "finished")
    assert not Value.objects.exists()


# Jobs take turns -----------------------------------------------------------------------------------------------------


def test_running_jobs_are_served_in_turn(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    jobs = [make_job(outputs={"predictions": f"field_{index}"}).pk for index in range(3)]
    served = [claim(ledger).job for _ in range(6)]
    assert served == jobs * 2


def test_busy_jobs_are_passed_over(ledger: Ledger, samples: list[int], make_job: Callable[..., Job]) -> None:
    first, second = (make_job(outputs={"predictions": name}).pk for name in ("a", "b"))
    assert claim(ledger, busy_jobs=[first]).job == second
    assert ledger.claim_chunk(executor="here", lease_seconds=30, busy_jobs=[first, second]) is None


def test_a_queued_job_is_not_claimed(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    make_job(is_started=False)
    assert ledger.claim_chunk(executor="here", lease_seconds=30) is None


def test_a_job_that_nobody_rang_for_is_started_by_the_sweep(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job(is_started=False)
    assert ledger.sweep() == 0
    Job.objects.update(created_at=timezone.now() - timedelta(seconds=6))
    assert ledger.sweep() == 1
    job.refresh_from_db()
    assert job.state == "running"
    assert ledger.sweep() == 0
