"""A chunk that kills its executors does not come back for ever: the sample to blame is found, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest

from datasets_app.models import Dataset, Sample, Value
from jobs_app import steering
from jobs_app.ledger import DatabaseLedger
from jobs_app.models import Chunk, Job, SampleError
from jobs_app.trials import MOST_LOSSES
from samplecase.runtime.ledger import Ledger
from tests.faults.ledger.working import assert_counters_equal_rows, claim, commit, let_leases_lapse, results

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger() -> Ledger:
    return DatabaseLedger()


def lose(ledger: Ledger, times: int) -> None:
    for _ in range(times):
        claim(ledger)
        let_leases_lapse()


def run_with_killers(ledger: Ledger, killers: Collection[int]) -> int:
    """Executors, one after another, that die with one of `killers` in hand; returns how many did."""
    deaths = 0
    while held := ledger.claim_chunk(executor=f"number {deaths}", lease_seconds=30):
        if killers & {each.id for each in held.samples}:  # type: ignore[operator]
            deaths += 1
            let_leases_lapse()
        else:
            commit(ledger, held)
    return deaths


@pytest.mark.parametrize("killers", [[0], [29], [63], [7, 8, 40]])
def test_samples_that_kill_executors_are_errors_and_the_others_are_done(
    ledger: Ledger,
    dataset: Dataset,
    add_samples: Callable[..., list[int]],
    make_job: Callable[..., Job],
    settings: Any,
    killers: list[int],
) -> None:
    settings.CHUNK_SIZE = 64
    samples = add_samples(dataset, 100)
    job = make_job()
    guilty = {samples[place] for place in killers}
    deaths = run_with_killers(ledger, guilty)
    assert_counters_equal_rows(job)
    assert (job.state, job.failed, job.done) == ("finished", len(guilty), 100 - len(guilty))
    errors = SampleError.objects.filter(job=job)
    assert set(errors.values_list("sample", flat=True)) == guilty
    assert set(errors.values_list("reason", flat=True)) == {"executor_lost"}
    assert "was lost 5 times in a row" in errors[0].message
    assert deaths <= 40 * len(guilty)


def test_a_lost_executor_or_two_cost_nothing(
    ledger: Ledger, dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job]
) -> None:
    add_samples(dataset, 10)
    job = make_job()
    lose(ledger, 1)
    held = claim(ledger)
    assert len(held.samples) == 10
    assert commit(ledger, held, results(held)[:1])
    assert Chunk.objects.get(job=job).losses == 0
    assert commit(ledger, held)
    assert_counters_equal_rows(job)
    assert job.state == "finished"


def test_losses_that_come_to_something_are_not_counted(
    ledger: Ledger, dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job]
) -> None:
    add_samples(dataset, 20)
    job = make_job()
    for _ in range(2 * MOST_LOSSES):
        held = claim(ledger)
        assert commit(ledger, held, results(held)[:1])
        let_leases_lapse()
    assert Chunk.objects.get(job=job).losses <= 1
    assert not SampleError.objects.exists()


def test_a_chunk_that_is_given_back_is_not_lost(
    ledger: Ledger,
    dataset: Dataset,
    add_samples: Callable[..., list[int]],
    make_job: Callable[..., Job],
    owner: Any,
) -> None:
    add_samples(dataset, 10)
    job = make_job()
    for _ in range(2 * MOST_LOSSES):
        held = claim(ledger)
        ledger.release(chunk=held.chunk, fence=held.fence)
        claim(ledger)
        steering.pause(job=job, acting_user=owner)
        steering.resume(job=job, acting_user=owner)
    assert Chunk.objects.get(job=job).losses == 0


def test_a_chunk_on_trial_is_held_alone(
    ledger: Ledger,
    dataset: Dataset,
    add_samples: Callable[..., list[int]],
    make_job: Callable[..., Job],
    settings: Any,
) -> None:
    settings.CHUNK_SIZE = 16
    samples = add_samples(dataset, 48)
    suspect = make_job(samples=samples[:16], outputs={"predictions": "suspect"})
    lose(ledger, 2)
    other = make_job(samples=samples[16:], outputs={"predictions": "other"})
    alone = claim(ledger)
    assert (alone.job, len(alone.samples)) == (suspect.pk, 2)
    assert ledger.claim_chunk(executor="here", lease_seconds=30) is None
    # Another executor is not kept from its work, but it takes no chunk on trial beside it.
    first = ledger.claim_chunk(executor="there", lease_seconds=30)
    assert first is not None
    assert first.job == other.pk
    Chunk.objects.filter(pk=alone.chunk).update(state="pending", lease_until=None)
    assert ledger.claim_chunk(executor="there", lease_seconds=30) is None
    assert commit(ledger, first)
    again = ledger.claim_chunk(executor="there", lease_seconds=30)
    assert again is not None
    assert again.chunk == alone.chunk
    assert commit(ledger, again)
    # Its part came through: it is no longer on trial, and held beside others.
    assert {claim(ledger).job for _ in range(2)} == {suspect.pk, other.pk}


def test_a_job_that_waits_for_its_deployment_keeps_nobody_from_others(
    ledger: Ledger,
    dataset: Dataset,
    add_samples: Callable[..., list[int]],
    make_job: Callable[..., Job],
    make_deployment: Callable[..., Any],
    model: Any,
    ready_deployment: Any,
) -> None:
    samples = add_samples(dataset, 8)
    make_job(samples=samples[:4], outputs={"predictions": "suspect"})
    lose(ledger, 2)
    other = make_job(samples=samples[4:], outputs={"predictions": "other"})
    elsewhere = make_deployment(model)
    Job.objects.filter(pk=other.pk).update(deployment=elsewhere, version=elsewhere.version)
    type(ready_deployment).objects.filter(pk=ready_deployment.pk).update(state="building")
    assert claim(ledger).job == other.pk


def test_a_retry_forgets_the_losses(
    ledger: Ledger,
    dataset: Dataset,
    add_samples: Callable[..., list[int]],
    make_job: Callable[..., Job],
    owner: Any,
) -> None:
    samples = add_samples(dataset, 4)
    job = make_job()
    run_with_killers(ledger, {samples[1]})
    job.refresh_from_db()
    assert job.failed == 1
    steering.retry(job=job, acting_user=owner)
    assert Chunk.objects.get(job=job).losses == 0
    held = claim(ledger)
    assert [each.id for each in held.samples] == [samples[1]]
    assert commit(ledger, held)
    assert_counters_equal_rows(job)
    assert (job.state, job.done, job.failed) == ("finished", 4, 0)
    assert Value.objects.count() == 4


def test_a_sample_on_trial_that_is_deleted_is_skipped(
    ledger: Ledger, dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job]
) -> None:
    samples = add_samples(dataset, 4)
    job = make_job()
    lose(ledger, MOST_LOSSES - 1)
    Sample.objects.filter(pk=samples[0]).delete()
    assert run_with_killers(ledger, set()) == 0
    assert_counters_equal_rows(job)
    assert (job.state, job.done, job.skipped) == ("finished", 3, 1)


def test_a_job_of_nothing_but_killers_is_paused_by_its_threshold(
    ledger: Ledger, dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job]
) -> None:
    samples = add_samples(dataset, 3)
    job = make_job()
    run_with_killers(ledger, set(samples))
    assert_counters_equal_rows(job)
    assert (job.state, job.reason, job.failed) == ("paused", "error_threshold", 3)
