"""The submit: jobs, their chunk ledgers, fields, doorbells and audit rows, in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from datasets_app.fields import create_field
from datasets_app.filters import parse_filter
from datasets_app.models import Dataset, Field, Sample
from jobs_app import doorbell
from jobs_app.idempotency import RequestKey
from jobs_app.limits import refuse_too_many
from jobs_app.mapping import Entry, EntryReader, Plan, Target
from jobs_app.models import Chunk, Job, JobField, Submission
from models_app.models import Deployment
from samplecase.contracts.errors import Conflict, ContractError, Fault, Forbidden, InvalidInput, NotFound
from samplecase.contracts.states import DatasetRight, JobKind, ModelRight, OnExisting, Outcome
from samplecase.web.accounts.models import User, record
from samplecase.web.errors import pointer

ROWS = 200  # chunks per statement
SAMPLES = 5_000  # ids per query


@dataclass(frozen=True)
class Order:
    """A submit as it was sent. Without `filter` and `samples`, it is for every sample of the dataset.

    With `dry_run`, for as many of these at most; no field is then made or written.
    """

    dataset: int
    entries: Sequence[Entry]
    filter: Mapping[str, Any] | None = None
    samples: Sequence[int] | None = None
    dry_run: int | None = None


class _AlreadyTaken(Exception):
    """The same key was used at the same moment, and the other request was first."""


def submit(*, order: Order, acting_user: User, key: RequestKey | None = None) -> Submission:
    """Submit one job per entry; the same `key` and body again returns what they submitted before.

    Raises `NotFound` and `Forbidden` for the dataset and the deployments, `InvalidInput` with every fault and its
    pointer, and `Conflict` when a field is busy (`field_busy`) or holds values (`field_has_values`), a deployment
    is not usable (`deployment_not_ready`), the user has too many unfinished jobs (`too_many_jobs`), or the key came
    with another body.
    """
    earlier = key.earlier() if key else None
    if earlier is not None:
        return earlier
    try:
        with transaction.atomic():
            submission = Submission.objects.create(owner=acting_user)
            if key and not key.take(submission):
                raise _AlreadyTaken
            _submit(submission, order)
            return submission
    except _AlreadyTaken:
        earlier = key.earlier() if key else None
        if earlier is None:
            raise Conflict("The same request was made at the same moment; repeat it.") from None
        return earlier


def _submit(submission: Submission, order: Order) -> None:
    """In the caller's transaction, once the key is ours.

    1. Everything that is named is found, may be used and fits; a faulty order ends here.
    2. The samples are frozen. 3. Jobs, fields and chunks are made. 4. The doorbells ring when all of it stands.
    """
    user = submission.owner
    refuse_too_many(owner=user, more=len(order.entries))
    dataset = Dataset.objects.require(pk=order.dataset, user=user, right=DatasetRight.LABEL)
    plans = _plans(order, dataset, user)
    samples = _frozen(order, dataset)
    if order.dry_run is not None:
        samples = spread(samples, order.dry_run)
    else:
        _refuse_filled(plans, dataset)
    jobs = [_job(submission, dataset, plan, order, len(samples)) for plan in plans]
    if order.dry_run is None:
        _take_fields(dataset, list(zip(jobs, plans, strict=True)))
    for job in jobs:
        Chunk.objects.bulk_create(_chunks(job, samples), batch_size=ROWS)
        record(
            actor=user,
            action="job.submit",
            subject=job,
            dataset=dataset.name,
            outputs=job.outputs,
            samples=job.total,
        )
        doorbell.ring_start(job.pk)


# What is asked for -----------------------------------------------------------------------------------------------


def _plans(order: Order, dataset: Dataset, user: User) -> list[Plan]:
    _hold([entry.deployment for entry in order.entries])
    deployments = [
        _deployment(entry.deployment, user, pointer("entries", place, "deployment"))
        for place, entry in enumerate(order.entries)
    ]
    fields = {field.name: field for field in Field.objects.filter(dataset=dataset)}
    plans, faults = [], []
    for place, (entry, deployment) in enumerate(zip(order.entries, deployments, strict=True)):
        reader = EntryReader(entry, at=pointer("entries", place), deployment=deployment, fields=fields)
        plans.append(reader.plan())
        faults += reader.faults
    faults += _doubled(plans)
    if faults:
        message = faults[0].message if len(faults) == 1 else f"{len(faults)} places are not valid."
        raise InvalidInput(message, details=faults)
    for place, deployment in enumerate(deployments):
        if reason := _unusable(deployment):
            at = pointer("entries", place, "deployment")
            raise Conflict(reason, code="deployment_not_ready", pointer=at)
    return plans


def _unusable(deployment: Deployment) -> str:
    if deployment.left_behind:
        return f"The deployment “{deployment}” is kept for jobs that began with its version, and takes no others."
    return deployment.usable_reason()


def _hold(deployments: Sequence[int]) -> None:
    """Nobody deletes them meanwhile. Locked in the order of ids, so that no two submits wait for each other."""
    rows = Deployment.objects.select_for_update(no_key=True).filter(pk__in=deployments)
    list(rows.order_by("pk").values_list("pk"))


def _deployment(pk: int, user: User, at: str) -> Deployment:
    """The deployment, if `user` may run its model."""
    try:
        found: Deployment = Deployment.objects.require(pk=pk, user=user, right=ModelRight.RUN)
    except (NotFound, Forbidden) as error:
        raise type(error)(error.message, code=error.code, pointer=at) from None
    return found


def _doubled(plans: Sequence[Plan]) -> Iterator[Fault]:
    seen: set[str] = set()
    for target in (target for plan in plans for target in plan.targets):
        if target.field_name in seen:
            yield Fault(
                target.pointer, f"Another output of this request goes to “{target.field_name}” already."
            )
        seen.add(target.field_name)


def _frozen(order: Order, dataset: Dataset) -> list[int]:
    """The ids of the samples, ascending. They are the job's, whatever is added or filtered later."""
    samples = Sample.objects.filter(dataset=dataset)
    if order.samples is not None:
        found = _named(order.samples, dataset)
    else:
        condition = parse_filter(order.filter, dataset)
        ids = samples.filter(condition).order_by("pk").values_list("pk", flat=True)
        found = list(ids.iterator(chunk_size=SAMPLES))
    if not found:
        at = (
            "/samples" if order.samples is not None else "/filter" if order.filter is not None else "/dataset"
        )
        raise InvalidInput("There is no sample to run over.", code="no_samples", pointer=at)
    return found


def spread(samples: Sequence[int], count: int) -> list[int]:
    """At most `count` of `samples`, evenly spread from the first to the last."""
    if count >= len(samples):
        return list(samples)
    gaps = max(1, count - 1)
    return [samples[place * (len(samples) - 1) // gaps] for place in range(count)]


def _named(named: Sequence[int], dataset: Dataset) -> list[int]:
    known: set[int] = set()
    unique = sorted(set(named))
    for start in range(0, len(unique), SAMPLES):
        part = Sample.objects.filter(dataset=dataset, pk__in=unique[start : start + SAMPLES])
        known.update(part.values_list("pk", flat=True))
    unknown = [place for place, pk in enumerate(named) if pk not in known][:20]
    if unknown:
        faults = [
            Fault(pointer("samples", place), f"The dataset has no sample {named[place]}.")
            for place in unknown
        ]
        raise InvalidInput("Some samples are not in the dataset.", details=faults)
    return unique


def _refuse_filled(plans: Sequence[Plan], dataset: Dataset) -> None:
    """`on_existing: fail` is refused when a field holds any value."""
    held = set(Field.objects.filter(dataset=dataset, value_count__gt=0).values_list("name", flat=True))
    faults = [
        Fault(
            target.pointer,
            f"The field “{target.field_name}” holds values; choose to skip or to replace them.",
        )
        for plan in plans
        if plan.on_existing == OnExisting.FAIL
        for target in plan.targets
        if target.field_name in held
    ]
    if faults:
        raise Conflict(faults[0].message, code="field_has_values", details=faults)


# What is made ----------------------------------------------------------------------------------------------------


def _job(submission: Submission, dataset: Dataset, plan: Plan, order: Order, samples: int) -> Job:
    version = plan.deployment.version
    job: Job = Job.objects.create(
        submission=submission,
        kind=JobKind.INFERENCE,
        dataset=dataset,
        version=version,
        version_sha256=version.digest,
        deployment=plan.deployment,
        owner=submission.owner,
        inputs=plan.inputs,
        outputs={target.output: target.field_name for target in plan.targets},
        on_existing=plan.on_existing,
        dry_run=order.dry_run,
        total=samples,
        open_chunks=-(-samples // settings.CHUNK_SIZE),
    )
    return job


def _take_fields(dataset: Dataset, jobs: Sequence[tuple[Job, Plan]]) -> None:
    """Make the fields that are missing and take all of them for their jobs.

    In the order of names, then of ids: two submits can then never wait for each other's fields.
    """
    pairs = [(job, target) for job, plan in jobs for target in plan.targets]
    pairs.sort(key=lambda pair: pair[1].field_name)
    found = [(_field(dataset, job, target), job, target) for job, target in pairs]
    for field, job, target in sorted(found, key=lambda each: each[0].pk):
        _take(field, job, target)


def _take(field: Field, job: Job, target: Target) -> None:
    try:
        with transaction.atomic():
            JobField.objects.create(job=job, field=field, output=target.output)
    except IntegrityError:
        raise _busy(target) from None


def _field(dataset: Dataset, job: Job, target: Target) -> Field:
    found = Field.objects.filter(dataset=dataset, name=target.field_name).first()
    if found is not None and (found.type, found.dimension) == (target.type, target.dimension):
        return found
    if found is not None:  # made since the order was checked
        raise Conflict(f"The field “{found.name}” is now of type {found.type}.", pointer=target.pointer)
    try:
        return create_field(
            acting_user=job.owner,
            dataset=dataset,
            name=target.field_name,
            type=target.type,
            dimension=target.dimension,
            created_by_job=job.pk,
        )
    except InvalidInput:  # its name was checked: another submit has made it at this very moment
        raise _busy(target) from None


def _busy(target: Target) -> ContractError:
    message = f"An unfinished job writes the field “{target.field_name}”."
    return Conflict(message, code="field_busy", pointer=target.pointer)


def _chunks(job: Job, samples: Sequence[int]) -> Iterator[Chunk]:
    size: int = settings.CHUNK_SIZE
    for index, start in enumerate(range(0, len(samples), size)):
        ids = samples[start : start + size]
        yield Chunk(job=job, index=index, sample_ids=ids, outcomes=Outcome.PENDING.value * len(ids))
