"""The chunk ledger: claims, leases and commits, right on SQLite and PostgreSQL alike.

Whoever writes a chunk locks its job's row first, and then the fields in the order of their ids. So a cancelled job
is never written to, and no two of these transactions can wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.db.models import Q

from datasets_app import bulk
from datasets_app.images import EXTENSION_OF
from datasets_app.models import Field, Sample, Value
from datasets_app.value_rows import Stored, storing
from datasets_app.values import Author, NewValue, field_gone, samples_among, write_to_locked
from jobs_app import lifecycle, statements, trials
from jobs_app.clock import from_now
from jobs_app.inputs import Inputs, Origins
from jobs_app.models import Chunk, Job, Preview
from jobs_app.obstacles import looked_at, obstacle_to, waits
from jobs_app.recording import record
from jobs_app.specs import Specs
from jobs_app.statements import HeldChunk, HeldJob
from jobs_app.turns import turn_to_write
from samplecase.contracts.jobs import ChunkClaim, SampleRef, SampleResult
from samplecase.contracts.schema import Schema
from samplecase.contracts.states import ChunkState, OnExisting, Outcome, Source

SampleRow = tuple[int, str, str, str]  # id, name, digest of the media, format


def jobs_with_work(*, passing_over: Collection[int]) -> list[tuple[int, int]]:
    """`(owner, job)` of running jobs with a claimable chunk and no deployment that is still being checked."""
    return [(owner, job) for owner, job in statements.some_work() if job not in passing_over]


def claim(
    *, job_id: int, executor: str, lease_seconds: float, specs: Specs, chunk_id: int | None = None
) -> ChunkClaim | None:
    """Claim the job's next chunk, or the one named; None if there is none, or if the job has just ended or must wait.

    1. The job's row is locked, and fails here if its owner lost a right or its deployment is gone.
    2. The chunk gets the next fence and a lease.
    3. What needs no model is recorded at once: samples that are gone, that keep the values they have (because these
       are protected, or are what the model would answer), that lack a required input, or that are to blame for lost
       executors (see `trials`). The claim may so come back without samples; nothing of its chunk is then held.
    """
    with turn_to_write(), transaction.atomic():
        held = statements.hold_job(job_id)
        job = looked_at(job_id) if held else None
        if held is None or job is None:
            return None
        if obstacle := obstacle_to(job):
            lifecycle.fail(job_id=job.pk, code=obstacle.code, message=obstacle.message)
            return None
        deployment = job.deployment
        if deployment is None or waits(job):
            return None
        chunk = statements.take_chunk(
            job_id, executor=executor, lease_seconds=lease_seconds, chunk_id=chunk_id
        )
        if chunk is None:
            return None
        spec, schema = specs.of(deployment, owner=job.owner_id)
        rows, inputs = _to_predict(held, job, chunk, schema)
    return ChunkClaim(
        job=job.pk,
        chunk=chunk.pk,
        fence=chunk.fence,
        spec=spec,
        outputs=job.outputs,
        samples=[
            SampleRef(pk, name, media, EXTENSION_OF.get(mime, ""), inputs.of(pk))
            for pk, name, media, mime in rows
        ],
    )


def commit(*, chunk_id: int, fence: int, results: Sequence[SampleResult]) -> bool:
    """Record results: values, outcomes, errors and counters. False if the claim no longer holds.

    1. What does not depend on the database's state is made before its turn comes: values as they will stand there.
    2. The job's row is locked, if it still runs; the chunk must be held under this fence.
    3. Values are written, field by field. What a person (or `on_existing`) protects is left. A dry run writes none,
       and keeps what the model answered.
    4. Outcomes, errors and counters; with the last chunk the job is finished. A job whose first samples have all
       failed is paused.

    Raises `NotFound` (`field_gone`) when a field was deleted meanwhile, having written nothing.
    """
    found = statements.job_of(chunk_id)
    if found is None:
        return False
    job_id, types = found
    stored = _stored(types, results)
    with turn_to_write(), transaction.atomic():
        job = statements.hold_job(job_id)
        chunk = statements.held_chunk(chunk_id, fence)
        if job is None or chunk is None:
            return False
        pending = set(chunk.pending)
        fresh = {result.sample: result for result in results if result.sample in pending}
        outcomes = {sample: result.outcome for sample, result in fresh.items()}
        done = [each for each in fresh.values() if each.outcome == Outcome.DONE]
        outcomes |= _write(job, chunk, done, stored) if job.dry_run is None else _preview(job, done)
        errors = [each for each in fresh.values() if each.outcome == Outcome.ERROR]
        record(job, chunk, outcomes, errors)
        if outcomes and chunk.losses:
            trials.count_success(chunk)
        return True


def renew(*, claims: Collection[tuple[int, int]], lease_seconds: float) -> set[tuple[int, int]]:
    """Prolong the leases that still hold; return their `(chunk, fence)`.

    All are read, and those written of whose lease a third is over: reading waits for nobody's commit. So are those that
    end later than any given now: the clock was set back, and others may take them for lapsed. One statement per chunk:
    a transaction that holds several chunks could wait for a cancellation that waits for it.
    """
    is_due = Q(lease_until__lt=from_now(lease_seconds * 2 / 3)) | Q(lease_until__gt=from_now(lease_seconds))
    rows = Chunk.objects.filter(
        pk__in=[chunk for chunk, _ in claims], state=ChunkState.CLAIMED, job__in=Job.objects.running()
    ).annotate(is_due=is_due)
    held = {(chunk, fence): due for chunk, fence, due in rows.values_list("pk", "attempt", "is_due")}
    return {
        claim
        for claim in claims
        if claim in held and (not held[claim] or _prolong(*claim, lease_seconds=lease_seconds))
    }


def _prolong(chunk: int, fence: int, lease_seconds: float) -> bool:
    held = Chunk.objects.held(chunk=chunk, fence=fence).filter(job__in=Job.objects.running())
    return bool(held.update(lease_until=from_now(lease_seconds)))


def release(*, chunk_id: int, fence: int) -> None:
    """Give a chunk back, so that another need not wait for the end of its lease."""
    Chunk.objects.held(chunk=chunk_id, fence=fence).update(
        state=ChunkState.PENDING, lease_until=None, executor=""
    )


# What of a claim is for the model ----------------------------------------------------------------------------------


def _to_predict(held: HeldJob, job: Job, chunk: HeldChunk, schema: Schema) -> tuple[list[SampleRow], Inputs]:
    """The samples that the model is to see, with their inputs; what became of the others is recorded."""
    pending = trials.part(chunk, chunk.pending)
    samples = _samples(held.dataset, pending)
    outcomes = dict.fromkeys((pk for pk in pending if pk not in samples), Outcome.SKIPPED_GONE)
    inputs = Inputs(job, schema, samples)
    digests = inputs.digests(samples)
    if digests:
        Chunk.objects.filter(pk=chunk.pk).update(inputs=digests)
    outcomes |= _kept(held, samples, digests)
    errors = _hopeless(chunk, inputs, [pk for pk in pending if pk not in outcomes])
    outcomes |= {error.sample: Outcome.ERROR for error in errors}
    if outcomes:
        record(held, chunk, outcomes, errors)
    rows = [samples[pk] for pk in pending if pk not in outcomes]
    if not rows:
        trials.end_claim(chunk)
    return rows, inputs


def _samples(dataset: int, pks: Sequence[int]) -> dict[int, SampleRow]:
    """Those that are in the dataset."""
    columns = ("id", "name", "media_sha256", "mime")
    return {row[0]: row for row in bulk.chosen(Sample, pks, columns, {"dataset_id": dataset})}


def _hopeless(chunk: HeldChunk, inputs: Inputs, samples: Sequence[int]) -> list[SampleResult]:
    """The errors of samples that the model need not see: they lack an input, or are to blame for lost executors."""
    missing = {pk: names for pk in samples if (names := inputs.missing(pk))}
    blamed = samples if trials.is_over(chunk) else ()
    return [
        *(_missing_input(pk, names) for pk, names in missing.items()),
        *(trials.blamed(pk) for pk in blamed if pk not in missing),
    ]


def _missing_input(sample: int, names: Sequence[str]) -> SampleResult:
    message = f"The sample has no value for the required input {', '.join(names)}."
    return SampleResult(sample, Outcome.ERROR, reason="missing_input", message=message)


def _kept(job: HeldJob, samples: Collection[int], digests: Mapping[str, str]) -> dict[int, Outcome]:
    """The samples on which every field of the job keeps the value it has, so that the model need not run.

    With `replace` these are values of people, and those that the same version has made of the same media and inputs.
    """
    if not samples or not statements.is_touched(job.pk, min(samples), max(samples)):
        return {}
    outputs = dict(statements.outputs_of(job.pk))
    origins = {field: _origins(job, output, digests) for field, output in outputs.items()}
    standing = Value.objects.filter(field__in=outputs, sample__in=samples).exclude(job=job.pk)
    kept: dict[int, list[Outcome]] = {}
    for sample, field, source, made_from in standing.values_list("sample", "field", "source", "origin"):
        if source == Source.HUMAN:
            kept.setdefault(sample, []).append(Outcome.SKIPPED_HUMAN)
        elif job.on_existing != OnExisting.REPLACE:
            kept.setdefault(sample, []).append(Outcome.SKIPPED_EXISTING)
        elif made_from == origins[field].of(sample):
            kept.setdefault(sample, []).append(Outcome.SKIPPED_SAME)
    full = {sample: found for sample, found in kept.items() if len(found) == len(outputs)}
    return {
        sample: Outcome.SKIPPED_HUMAN if Outcome.SKIPPED_HUMAN in found else found[0]
        for sample, found in full.items()
    }


def _origins(job: HeldJob, output: str, digests: Mapping[str, str]) -> Origins:
    return Origins(version_sha256=job.version_sha256, output=output, digests=digests)


# What of a commit is kept ------------------------------------------------------------------------------------------


def _preview(job: HeldJob, results: Sequence[SampleResult]) -> dict[int, Outcome]:
    """Keep what the model answered; return the outcome of those samples that are gone."""
    found = Sample.objects.filter(dataset=job.dataset, pk__in=[result.sample for result in results])
    names = dict(found.values_list("pk", "name"))
    Preview.objects.bulk_create(
        (
            Preview(
                job_id=job.pk, sample=result.sample, name=names[result.sample], outputs=dict(result.values)
            )
            for result in results
            if result.sample in names
        ),
        ignore_conflicts=True,
    )
    return {result.sample: Outcome.SKIPPED_GONE for result in results if result.sample not in names}


def _stored(types: Mapping[str, str], results: Sequence[SampleResult]) -> dict[str, dict[int, Stored]]:
    """Of each output, the values as the database will have them."""
    found: dict[str, dict[int, Stored]] = {}
    for output, type_ in types.items():
        stored = storing(type_)
        values = ((each.sample, each.values.get(output)) for each in results)
        found[output] = {sample: stored(data) for sample, data in values if data is not None}
    return found


def _write(
    job: HeldJob,
    chunk: HeldChunk,
    results: Sequence[SampleResult],
    stored: Mapping[str, Mapping[int, Stored]],
) -> dict[int, Outcome]:
    """Write the values of `results`; return the outcome of those samples that kept all they had, or are gone."""
    if not results:
        return {}
    samples = [result.sample for result in results]
    present = samples_among(job.dataset, samples)
    author = Author(Source.MODEL, job=job.pk, model_version=job.version)
    written: set[int] = set()
    human: set[int] = set()
    existing: set[int] = set()
    for field, output in _held_fields(job):
        origins, ready = _origins(job, output, chunk.inputs), stored[output]
        report = write_to_locked(
            field=field,
            rows=[
                NewValue(sample, values.get(output), None, origins.of(sample), ready.get(sample))
                for sample, _, values, *_ in results
            ],
            author=author,
            on_existing=OnExisting(job.on_existing),
            present=present,
        )
        written.update(report.written)
        human |= report.kept_human
        existing |= report.kept_existing
    kept = {
        sample: Outcome.SKIPPED_HUMAN if sample in human else Outcome.SKIPPED_EXISTING
        for sample in (human | existing) - written
    }
    return kept | {sample: Outcome.SKIPPED_GONE for sample in samples if sample not in present}


def _held_fields(job: HeldJob) -> list[tuple[Field, str]]:
    """The fields that the job writes, locked, each with the output that goes to it."""
    outputs = dict(statements.outputs_of(job.pk))
    held = []
    for pk, dataset, name, type_, deleted_at in statements.hold_fields(job.pk):
        if deleted_at is not None:
            raise field_gone(name)
        held.append((Field(pk=pk, dataset_id=dataset, name=name, type=type_), outputs[pk]))
    return held
