"""The chunk ledger: every sample of a job ends exactly once, whoever comes late, twice or not at all."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from datasets_app.models import Dataset, Field, Sample, Value
from datasets_app.registry import delete_dataset
from datasets_app.values import NewValue, write_values
from jobs_app import lifecycle, steering, turns
from jobs_app.ledger import LOG_LENGTH, DatabaseLedger
from jobs_app.models import Chunk, Job, JobField, SampleError
from samplecase.contracts.jobs import ChunkClaim, DeploymentReport, SampleResult
from samplecase.contracts.plans import Plan, Tricks
from samplecase.contracts.states import OnExisting, Outcome, Sandbox, Source
from samplecase.runtime.ledger import Ledger, LedgerUnavailable

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger() -> Ledger:
    return DatabaseLedger()


@pytest.fixture(autouse=True)
def _small_chunks(settings: Any) -> None:
    settings.CHUNK_SIZE = 4


@pytest.fixture
def samples(dataset: Dataset, add_samples: Callable[..., list[int]]) -> list[int]:
    return add_samples(dataset, 10)


def claim(ledger: Ledger, **options: Any) -> ChunkClaim:
    found = ledger.claim_chunk(executor="here", lease_seconds=30, **options)
    assert found is not None
    return found


def results(found: ChunkClaim, label: str = "3") -> list[SampleResult]:
    value = {"label": label, "confidence": 0.5}
    return [SampleResult(each.id, Outcome.DONE, {"predictions": value}) for each in found.samples]


def commit(ledger: Ledger, found: ChunkClaim, what: list[SampleResult] | None = None) -> bool:
    return ledger.commit(
        chunk=found.chunk, fence=found.fence, results=results(found) if what is None else what
    )


def run_to_the_end(ledger: Ledger) -> None:
    while found := ledger.claim_chunk(executor="here", lease_seconds=30):
        assert commit(ledger, found)


def let_leases_lapse() -> None:
    Chunk.objects.filter(state="claimed").update(lease_until=timezone.now() - timedelta(seconds=1))


def assert_counters_equal_rows(job: Job) -> None:
    job.refresh_from_db()
    marks = Counter("".join(Chunk.objects.filter(job=job).values_list("outcomes", flat=True)))
    assert (job.done, job.failed, job.cancelled) == (marks["d"], marks["e"], marks["c"])
    assert job.skipped == marks["h"] + marks["x"] + marks["g"]
    assert job.total == marks.total()
    assert SampleError.objects.filter(job=job).count() == marks["e"]
    assert job.open_chunks == Chunk.objects.filter(job=job, state__in=["pending", "claimed"]).count()


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


# What is protected ---------------------------------------------------------------------------------------------------


def write(field: str, sample: int, label: str, source: Source, user: Any = None) -> None:
    found = Field.objects.get(name=field)
    write_values(field=found, rows=[NewValue(sample, {"label": label})], source=source, acting_user=user)


def test_a_persons_value_is_never_overwritten(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job], owner: Any
) -> None:
    job = make_job(samples=samples[:4], on_existing=OnExisting.REPLACE)
    write("digits", samples[0], "human", Source.HUMAN, owner)  # before the claim
    held = claim(ledger)
    assert [each.id for each in held.samples] == samples[1:4]
    write("digits", samples[1], "human", Source.HUMAN, owner)  # while the model works
    assert commit(ledger, held)
    assert dict(Value.objects.values_list("sample", "label")) == {
        samples[0]: "human", samples[1]: "human", samples[2]: "3", samples[3]: "3",
    }  # fmt: skip
    assert Chunk.objects.get(job=job).outcomes == "hhdd"
    assert_counters_equal_rows(job)
    assert (job.state, job.skipped) == ("finished", 2)


def test_skip_leaves_the_values_that_are_there_and_replace_does_not(
    ledger: Ledger, dataset: Dataset, samples: list[int], make_job: Callable[..., Job]
) -> None:
    Field.objects.create(dataset=dataset, name="digits", type="classification")
    write("digits", samples[0], "old", Source.IMPORT)
    job = make_job(samples=samples[:2], on_existing=OnExisting.SKIP)
    run_to_the_end(ledger)
    assert Chunk.objects.get(job=job).outcomes == "xd"
    Value.objects.update(origin="of another version")
    again = make_job(samples=samples[:2], on_existing=OnExisting.REPLACE)
    held = claim(ledger)
    assert commit(ledger, held, results(held, "new"))
    assert_counters_equal_rows(again)
    assert set(Value.objects.values_list("label", flat=True)) == {"new"}


def test_a_sample_is_done_if_one_of_its_fields_could_be_written(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job], owner: Any
) -> None:
    job = make_job(samples=samples[:1], outputs={"predictions": "digits", "score": "score"})
    write("digits", samples[0], "human", Source.HUMAN, owner)
    held = claim(ledger)
    value = {"predictions": {"label": "3"}, "score": 0.25}
    assert commit(ledger, held, [SampleResult(samples[0], Outcome.DONE, value)])
    assert_counters_equal_rows(job)
    assert job.done == 1
    assert dict(Value.objects.values_list("field__name", "data")) == {
        "digits": {"label": "human"}, "score": 0.25,
    }  # fmt: skip


def test_samples_that_are_deleted_meanwhile_are_skipped(
    ledger: Ledger, samples: list[int], make_job: Callable[..., Job]
) -> None:
    job = make_job(samples=samples[:3])
    Sample.objects.filter(pk=samples[0]).delete()
    held = claim(ledger)
    Sample.objects.filter(pk=samples[1]).delete()
    assert commit(ledger, held)
    assert Chunk.objects.get(job=job).outcomes == "ggd"
    assert_counters_equal_rows(job)
    assert job.state == "finished"


def test_a_job_whose_samples_all_keep_their_values_ends_without_a_model(
    ledger: Ledger, dataset: Dataset, samples: list[int], make_job: Callable[..., Job]
) -> None:
    Field.objects.create(dataset=dataset, name="digits", type="classification")
    for sample in samples:
        write("digits", sample, "old", Source.IMPORT)
    job = make_job(on_existing=OnExisting.SKIP)
    assert ledger.claim_chunk(executor="here", lease_seconds=30) is None
    assert_counters_equal_rows(job)
    assert (job.state, job.skipped) == ("finished", 10)


def test_inputs_come_from_fields_constants_and_defaults_and_a_missing_one_is_an_error(
    ledger: Ledger,
    dataset: Dataset,
    samples: list[int],
    make_job: Callable[..., Job],
    ready_deployment: Any,
) -> None:
    schema = ready_deployment.version.schema | {
        "inputs": {
            "type": "object",
            "required": ["hint"],
            "properties": {
                "image_paths": {"type": "local"},
                "hint": {"type": "classification"},
                "size": {"type": "integer"},
                "mode": {"type": "string", "default": "fast"},
            },
        }
    }
    type(ready_deployment.version).objects.update(schema=schema)
    ready_deployment.version.refresh_from_db()
    Field.objects.create(dataset=dataset, name="truth", type="classification")
    write("truth", samples[0], "7", Source.IMPORT)
    job = make_job(samples=samples[:2], inputs={"hint": "truth", "size": {"constant": 3}})
    held = claim(ledger)
    assert [(each.id, each.inputs) for each in held.samples] == [
        (samples[0], {"hint": {"label": "7"}, "size": 3, "mode": "fast"})
    ]
    assert commit(ledger, held)
    error = SampleError.objects.get(job=job)
    assert (error.sample, error.reason) == (samples[1], "missing_input")
    assert "hint" in error.message
    assert_counters_equal_rows(job)


# Ends ----------------------------------------------------------------------------------------------------------------


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


# Deployments ---------------------------------------------------------------------------------------------------------


def test_a_check_is_claimed_once_and_its_report_stands(ledger: Ledger, ready_deployment: Any) -> None:
    type(ready_deployment).objects.update(state="pending")
    found = ledger.claim_deployment(executor="here", lease_seconds=30)
    assert found is not None
    assert (found.deployment, found.fence, found.spec.package_sha256) == (
        ready_deployment.pk, 1, ready_deployment.version.sha256,
    )  # fmt: skip
    assert ledger.claim_deployment(executor="there", lease_seconds=30) is None
    assert ledger.renew_deployment(deployment=ready_deployment.pk, fence=1, lease_seconds=30)
    report = DeploymentReport(ready=True, measured={"load_seconds": 0.5})
    assert ledger.report_deployment(deployment=ready_deployment.pk, fence=1, report=report, log="fine")
    ready_deployment.refresh_from_db()
    assert (ready_deployment.state, ready_deployment.measured, ready_deployment.log) == (
        "ready",
        {"load_seconds": 0.5},
        "fine",
    )
    assert not ledger.report_deployment(deployment=ready_deployment.pk, fence=1, report=report, log="again")


def test_a_check_gets_samples_from_all_over_the_dataset_and_shows_its_log_as_it_goes(
    ledger: Ledger, ready_deployment: Any, dataset: Dataset, add_samples: Callable[..., list[int]]
) -> None:
    rows, ids = type(ready_deployment).objects, add_samples(dataset, 1000)
    rows.update(state="pending", dataset=dataset.pk, tune=True, allow_bf16=True)
    found = ledger.claim_deployment(executor="here", lease_seconds=30)
    assert found is not None
    asked = [sample.id for sample in found.samples]
    assert len(asked) == len(set(asked)) == 256
    assert asked[0] == ids[0]
    assert asked[-1] > ids[900]
    assert set(found.sizes.values()) == {(8, 8)}
    assert (found.tunes, found.allows_bf16, found.note) == (True, True, "")
    assert ledger.renew_deployment(deployment=ready_deployment.pk, fence=1, lease_seconds=30, log="so far\0")
    assert ledger.renew_deployment(deployment=ready_deployment.pk, fence=1, lease_seconds=30)
    ready_deployment.refresh_from_db()
    assert ready_deployment.log == "so far\N{REPLACEMENT CHARACTER}"

    rows.update(state="pending", tune=False)
    found = ledger.claim_deployment(executor="here", lease_seconds=30)
    assert found is not None
    assert (len(found.samples), found.tunes) == (16, False)


def test_a_check_gets_no_samples_of_a_dataset_that_who_deployed_may_not_view_any_more(
    ledger: Ledger, ready_deployment: Any, dataset: Dataset, stranger: Any, samples: list[int]
) -> None:
    rows = type(ready_deployment).objects
    for change in ({"created_by": stranger}, {"created_by": None}, {"dataset": None}):
        rows.update(**{"state": "pending", "dataset": dataset.pk, "tune": True, **change})
        found = ledger.claim_deployment(executor="here", lease_seconds=30)
        assert found is not None
        assert (found.samples, found.tunes) == ((), False)
        assert "may not view it any more" in found.note


def test_a_job_runs_by_the_plan_of_its_deployment_and_by_what_was_entered_without_one(
    ledger: Ledger, ready_deployment: Any, samples: list[int], make_job: Callable[..., Job]
) -> None:
    plan = Plan(Tricks(graph="frozen"), mini_batch=16, num_replicas=2, threads=1)
    make_job()
    type(ready_deployment).objects.update(measured={"plan": plan.as_json()}, mini_batch=3)
    spec = claim(ledger).spec
    assert (spec.tricks, spec.mini_batch, spec.num_replicas, spec.threads) == (plan.tricks, 16, 2, 1)
    ready_deployment.refresh_from_db()
    ready_deployment.stop()
    ready_deployment.start(sandbox=Sandbox.BWRAP)  # measures and tunes anew, beginning with the plain network
    found = ledger.claim_deployment(executor="here", lease_seconds=30)
    assert found is not None
    assert (found.spec.tricks, found.spec.mini_batch, found.spec.threads) == (None, 3, 0)


def test_a_lost_check_is_taken_over_and_the_late_report_is_refused(
    ledger: Ledger, ready_deployment: Any
) -> None:
    rows = type(ready_deployment).objects
    rows.update(state="pending")
    assert ledger.claim_deployment(executor="here", lease_seconds=30)
    rows.update(lease_until=timezone.now() - timedelta(seconds=1))
    second = ledger.claim_deployment(executor="there", lease_seconds=30)
    assert second is not None
    assert second.fence == 2
    failed = DeploymentReport(ready=False, reason="no \0 torch")
    assert not ledger.renew_deployment(deployment=ready_deployment.pk, fence=1, lease_seconds=30)
    assert not ledger.report_deployment(deployment=ready_deployment.pk, fence=1, report=failed, log="")
    assert ledger.report_deployment(deployment=ready_deployment.pk, fence=2, report=failed, log="")
    ready_deployment.refresh_from_db()
    assert (ready_deployment.state, ready_deployment.reason) == ("failed", "no � torch")


def test_the_report_on_a_stopped_deployment_is_refused(ledger: Ledger, ready_deployment: Any) -> None:
    type(ready_deployment).objects.update(state="pending")
    assert ledger.claim_deployment(executor="here", lease_seconds=30)
    assert ready_deployment.stop()
    report = DeploymentReport(ready=True)
    assert not ledger.renew_deployment(deployment=ready_deployment.pk, fence=1, lease_seconds=30)
    assert not ledger.report_deployment(deployment=ready_deployment.pk, fence=1, report=report, log="")
    ready_deployment.refresh_from_db()
    assert ready_deployment.state == "stopped"


def test_a_deployment_without_a_sandbox_is_checked_again_against_the_rule(
    ledger: Ledger, ready_deployment: Any, stranger: Any
) -> None:
    type(ready_deployment).objects.update(state="pending", sandbox="none")
    assert ledger.claim_deployment(executor="here", lease_seconds=30) is None
    ready_deployment.refresh_from_db()
    assert ready_deployment.state == "failed"
    assert "sandbox" in ready_deployment.reason


@contextmanager
def database_out_of_reach() -> Iterator[None]:
    """PostgreSQL: our connection is cut. SQLite: another process holds the file for longer than anyone waits."""
    if connection.vendor == "postgresql":
        other = connection.copy()
        with connection.cursor() as ours, other.cursor() as theirs:
            ours.execute("SELECT pg_backend_pid()")
            theirs.execute("SELECT pg_terminate_backend(%s)", ours.fetchone())
        other.close()
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
    finally:
        other.close()
        connection.close()


# The database --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_ledgers_racing_do_every_sample_once(
    dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job]
) -> None:
    add_samples(dataset, 80)
    jobs = [make_job(outputs={"predictions": name}) for name in ("a", "b")]
    faults: list[BaseException] = []

    def work() -> None:
        try:
            run_to_the_end(DatabaseLedger())
        except BaseException as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    for job in jobs:
        assert_counters_equal_rows(job)
        assert (job.state, job.done) == ("finished", 80)
        assert set(Chunk.objects.filter(job=job).values_list("attempt", flat=True)) == {1}
    assert Value.objects.count() == 160
    assert set(Value.objects.values_list("revision", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_a_thread_that_leaves_keeps_no_connection(
    ledger: Ledger, dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job]
) -> None:
    add_samples(dataset, 1)
    job = make_job()
    kept: list[bool] = []

    def last_words() -> None:
        ledger.append_job_log(job=job.pk, text="that was all")
        kept.append(connection.connection is not None)
        ledger.leave()
        kept.append(connection.connection is not None)

    thread = threading.Thread(target=last_words)
    thread.start()
    thread.join()
    assert kept == [True, False]


@pytest.mark.django_db(transaction=True)
def test_a_cancel_amid_commits_leaves_exact_counters(
    dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job], owner: Any
) -> None:
    add_samples(dataset, 600)  # more than gets done while the cancel waits for its turn to write
    job = make_job()
    under_way = threading.Event()

    def work() -> None:
        ledger = DatabaseLedger()
        try:
            while found := ledger.claim_chunk(executor="here", lease_seconds=30):
                commit(ledger, found)
                under_way.set()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert under_way.wait(60)
    ended = steering.cancel(job=job, acting_user=owner)
    written = Value.objects.count()
    for thread in threads:
        thread.join()
    assert ended.state == "cancelled"
    assert Value.objects.count() == written == ended.done
    assert_counters_equal_rows(job)


@pytest.mark.django_db(transaction=True)
def test_a_dataset_deleted_amid_commits_goes_and_nobody_waits_for_ever(
    dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job], owner: Any
) -> None:
    add_samples(dataset, 80)
    make_job(outputs={"predictions": "a"})
    make_job(outputs={"predictions": "b"})
    under_way = threading.Event()
    faults: list[BaseException] = []

    def work() -> None:
        ledger = DatabaseLedger()
        try:
            while found := ledger.claim_chunk(executor="here", lease_seconds=30):
                commit(ledger, found)
                under_way.set()
        except BaseException as error:
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert under_way.wait(60)
    delete_dataset(acting_user=owner, dataset=dataset)
    for thread in threads:
        thread.join()
    assert faults == []
    assert not Job.objects.exists()
    assert not Value.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_said_so_and_asked_again(
    ledger: Ledger, dataset: Dataset, add_samples: Callable[..., list[int]], make_job: Callable[..., Job]
) -> None:
    add_samples(dataset, 4)
    job = make_job()
    held = claim(ledger)
    with database_out_of_reach(), pytest.raises(LedgerUnavailable):
        commit(ledger, held)
    assert commit(ledger, held)
    assert_counters_equal_rows(job)
    assert job.state == "finished"
